"""Diagnosis codes by the days they are valid."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_LOW_BACK: Final = ("M545",)
_DISC: Final = ("M5136", "M5137")
_ENDED: Final = pl.col("last_used_on") >= pl.col("ended_on")
_LAST_DAY: Final = pl.col("ended_on").dt.offset_by("-1d")
_SAYS: Final = pl.when(pl.col("successors").is_not_null()).then(
    pl.format("{} ended {}; use the one the note supports: {}", "named", _LAST_DAY, "successors")
).otherwise(pl.format("{} ended {}", "named", _LAST_DAY))  # fmt: skip


@rule(
    id="DX-07",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-fy2025", "M54.50, M54.51, M54.59, and no M54.5"),
        cite("icd10cm-fy2021", "M54.5, while it could be billed"),
    ],
)
def low_back_pain() -> Check:
    """M54.5, low back pain, ended on 2021-09-30.

    Six characters took its place: M54.50 unspecified, M54.51 from the vertebrae, M54.59 other.
    """
    return Check(subject=pl.col("code").is_in(_LOW_BACK) & _ENDED.is_not_null(), violates=_ENDED, says=_SAYS)


@rule(
    id="DX-08",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-fy2025", "M51.360 to M51.379, and no M51.36 or M51.37"),
        cite("icd10cm-fy2021", "M51.36 and M51.37, while they could be billed"),
    ],
)
def lumbar_disc() -> Check:
    """M51.36 and M51.37, lumbar disc degeneration, ended on 2024-09-30.

    The sixth character says where it hurts: back, leg, both or neither.
    """
    return Check(subject=pl.col("code").is_in(_DISC) & _ENDED.is_not_null(), violates=_ENDED, says=_SAYS)


@rule(
    id="DX-15",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite(
            "icd10cm-guidelines",
            "a code is valid by the day of service; the year runs from October to September",
        ),
        cite("icd10cm-fy2026", "codes in force"),
    ],
)
def ended_diagnosis() -> Check:
    """A diagnosis code is valid by the day of service.

    The code set changes each 1 October, and at times on 1 April.
    """
    other = ~pl.col("code").is_in(_LOW_BACK + _DISC)
    return Check(subject=other & _ENDED.is_not_null(), violates=_ENDED, says=_SAYS)


@rule(
    id="DX-15a",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite(
            "icd10cm-guidelines",
            "a code is valid by the day of service; the year runs from October to September",
        )
    ],
)
def diagnosis_not_begun() -> Check:
    """A diagnosis code does not reach back to days before it was made."""
    early = pl.col("first_used_on") < pl.col("begins_on")
    return Check(
        subject=early.is_not_null(),
        violates=early,
        says=pl.format("{} begins {}; this service is of {}", "named", "begins_on", "first_used_on"),
    )
