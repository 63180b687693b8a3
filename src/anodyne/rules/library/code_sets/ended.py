"""Procedure and drug codes that ended."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_DEPOT_STEROID: Final = ("J1020", "J1030", "J1040")
_LIDOCAINE: Final = ("J2001",)
_CHRONIC_CARE: Final = ("G2058",)
_PRINCIPAL_CARE: Final = ("G2064", "G2065")
_NAMED: Final = (*_DEPOT_STEROID, *_LIDOCAINE, *_CHRONIC_CARE, *_PRINCIPAL_CARE)

_ENDED: Final = pl.col("day") >= pl.col("code_until")
_LAST_DAY: Final = pl.col("code_until").dt.offset_by("-1d")
_SUCCESSORS: Final = pl.col("code_successors").str.replace_all(";", ", ", literal=True)
_SAYS: Final = pl.when(_SUCCESSORS.is_not_null()).then(
    pl.format("{} ended {}; in its place: {}", "code", _LAST_DAY, _SUCCESSORS)
).otherwise(pl.format("{} ended {}; find the code for what was done", "code", _LAST_DAY))  # fmt: skip


def _ended(codes: tuple[str, ...]) -> Check:
    return Check(
        subject=pl.col("code").is_in(codes) & pl.col("code_until").is_not_null(),
        violates=_ENDED,
        says=_SAYS,
    )


@rule(
    id="INJ-39",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 4, 1)),
    cites=[
        cite("w-j1010", "J1010 from 2024-04-01"),
        cite("hcpcs-2024q3", "J1020, J1030, J1040 ended; J1010 added"),
    ],
)
def depot_steroid() -> Check:
    """J1020, J1030 and J1040, methylprednisolone acetate, ended on 2024-03-31; J1010 counts each milligram.

    An injection of 40 mg was one unit of J1030 and is 40 units of J1010.  The charge is for the practice to
    set.
    """
    amount = (pl.col("units") * pl.col("per_amount")).round().cast(pl.Int64)
    ended = _ended(_DEPOT_STEROID)
    return Check(
        subject=ended.subject,
        violates=ended.violates,
        says=pl.coalesce(
            pl.format(
                "{} ended {}; J1010 counts each {}: {} {} are {} units",
                "code",
                _LAST_DAY,
                "per_unit",
                amount,
                "per_unit",
                amount,
            ),
            _SAYS,
        ),
    )


@rule(
    id="INJ-41",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2025, 1, 1)),
    cites=[cite("hcpcs-2025", "J2001 absent, J2003 and J2004 present")],
)
def lidocaine() -> Check:
    """J2001, lidocaine for infusion, ended on 2024-12-31; J2003 and J2004 count each milligram.

    Lidocaine that numbs the skin or makes a block is part of the procedure under any code.
    """
    return _ended(_LIDOCAINE)


@rule(
    id="CM-01",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 1, 1)),
    cites=[cite("hcpcs-2024q3", "G2058 ended"), cite("ncci-aoc-2024", "99439 added to 99490")],
)
def chronic_care_code() -> Check:
    """G2058, a further 20 minutes of chronic care management, ended on 2020-12-31; now 99439."""
    return _ended(_CHRONIC_CARE)


@rule(
    id="CM-02",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2022, 1, 1)),
    cites=[cite("hcpcs-2024q3", "G2064 and G2065 ended")],
)
def principal_care_code() -> Check:
    """G2064 and G2065, principal care management, ended on 2021-12-31; 99424 and 99426 took their place."""
    return _ended(_PRINCIPAL_CARE)


_CODE_SETS_SINCE: Final = Span(dt.date(2003, 10, 16))
"""The day from which claims must bear codes of the adopted sets, valid on the day of service."""
_LEVEL_II: Final = pl.col("code").str.contains(r"^[A-V]\d{4}$")


def _begun_later(of_set: pl.Expr) -> Check:
    return Check(
        subject=of_set & pl.col("code_from").is_not_null(),
        violates=pl.col("day") < pl.col("code_from"),
        says=pl.format("{} begins {}; this service is of {}", "code", "code_from", "day"),
    )


@rule(
    id="CODE-01",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=_CODE_SETS_SINCE,
    cites=[cite("cpt-code-set", "codes deleted by year")],
)
def ended_code() -> Check:
    """A CPT code is valid by the day of service: one that has ended is refused."""
    return Check(
        subject=~_LEVEL_II & pl.col("code_until").is_not_null(),
        violates=_ENDED,
        says=_SAYS,
    )


@rule(
    id="CODE-01a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=_CODE_SETS_SINCE,
    cites=[
        cite("hcpcs-file", "the day on which each code ended"),
        cite("hcpcs-2024q3", "codes that had ended by July 2024"),
    ],
)
def ended_level_ii_code() -> Check:
    """A HCPCS Level II code is valid by the day of service: one that has ended is refused."""
    return Check(
        subject=_LEVEL_II & ~pl.col("code").is_in(_NAMED) & pl.col("code_until").is_not_null(),
        violates=_ENDED,
        says=_SAYS,
    )


@rule(
    id="CODE-02",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=_CODE_SETS_SINCE,
    cites=[cite("cpt-code-set", "codes added by year")],
)
def code_not_begun() -> Check:
    """A CPT code does not reach back to days before it was made."""
    return _begun_later(~_LEVEL_II)


@rule(
    id="CODE-02a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=_CODE_SETS_SINCE,
    cites=[
        cite("hcpcs-file", "the day on which each code was added"),
        cite("hcpcs-2024q3", "codes that had been added by July 2024"),
    ],
)
def level_ii_code_not_begun() -> Check:
    """A HCPCS Level II code does not reach back to days before it was made."""
    return _begun_later(_LEVEL_II)
