"""Visit codes that Medicare does not take."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_NOT_VALID: Final = pl.col("status") == "I"


@rule(
    id="EM-06",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("mpfs-rvu24c", "99417, status I"), cite("ncci-aoc-2024", "G2212 and its primaries")],
)
def prolonged_visit() -> Check:
    """Medicare counts a prolonged office visit with G2212, not 99417.

    The two start at different minutes, so one does not simply stand for the other.
    """
    return Check(
        subject=pl.col("code") == "99417",
        violates=_NOT_VALID.fill_null(value=False),
        says=pl.lit("99417 is not valid for Medicare: G2212, which starts later; check the minutes"),
    )


@rule(
    id="EM-08",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("mpfs-rvu24c", "99242 to 99245 and 99252 to 99255, status I")],
)
def consultation() -> Check:
    """Medicare takes no consultation codes.

    The visit is billed as what it was, in the office or the hospital.
    """
    return Check(
        subject=pl.col("group").is_in(["consultation", "hospital_consultation"]),
        violates=_NOT_VALID.fill_null(value=False),
        says=pl.format("{} is a consultation, which Medicare does not take: bill the visit it was", "code"),
    )
