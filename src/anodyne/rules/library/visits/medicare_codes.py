"""Visit codes that Medicare, or another payer, does not take."""

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
    cites=[cite("mpfs-rvu24c", "99242 to 99245 and 99252 to 99255, status I")],
)
def consultation() -> Check:
    """A consultation code for a payer that takes none.

    Medicare takes none, and many payers follow it. The visit is billed as what it was, in the office or the
    hospital.
    """
    takes = pl.col("payer_consultation_codes")
    return Check(
        subject=pl.col("group").is_in(["consultation", "hospital_consultation"]) & takes.is_not_null(),
        violates=~takes,
        says=pl.format("{} is a consultation, which this payer does not take: bill the visit it was", "code"),
    )
