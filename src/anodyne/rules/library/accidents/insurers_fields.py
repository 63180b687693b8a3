"""What an insurer of injuries wants on the claim."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_INJURY: Final = pl.col("insurer").is_not_null()
_WHO: Final = (
    pl.when(pl.col("insurer") == "work")
    .then(pl.lit("workers' compensation"))
    .when(pl.col("insurer") == "motor")
    .then(pl.lit("the motor insurer"))
    .otherwise(pl.lit("the liability insurer"))
)
_CAUSE: Final = pl.when(pl.col("insurer") == "work").then(pl.lit("EM")).otherwise(pl.lit("AA"))


@rule(
    id="WC-02",
    view=View.CLAIM,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[
        cite("property-casualty-837", "REF*Y4 of the patient or the subscriber"),
        cite("x12-005010x222a1", "2010BA and 2010CA REF*Y4"),
    ],
)
def claim_number() -> Check:
    """A bill for an injury bears the insurer's own claim number.

    Workers' compensation, motor and liability insurers find the injury by their claim number, REF*Y4 of the
    patient or the subscriber. Whether one takes bills without it is for its policy to say.
    """
    return Check(
        subject=_INJURY & ~pl.col("has_claim_number"),
        violates=pl.col("payer_injury_claim_number"),
        says=pl.format("a bill to {} without its claim number (REF*Y4): ask the adjuster for it", _WHO),
        asks=pl.format("a bill to {} without its claim number (REF*Y4): does it take such bills?", _WHO),
        codes=("filing",),
    )


@rule(
    id="WC-02a",
    view=View.CLAIM,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[
        cite("property-casualty-837", "DTP*439 or DTP*431, the day of the injury"),
        cite("x12-005010x222a1", "2300 DTP*439"),
    ],
)
def injury_date() -> Check:
    """A bill for an injury bears the day of the injury.

    DTP*439, or the onset (DTP*431) of a disease of the work. Where CLM11 names an accident, a missing day is
    told by the structural edits. Whether an insurer takes bills without it is for its policy to say.
    """
    return Check(
        subject=_INJURY & ~pl.col("has_injury_date"),
        violates=pl.col("payer_injury_date"),
        says=pl.format("a bill to {} without the day of the injury (DTP*439)", _WHO),
        asks=pl.format(
            "a bill to {} without the day of the injury (DTP*439): does it take such bills?", _WHO
        ),
        codes=("filing",),
    )


@rule(
    id="WC-02b",
    view=View.CLAIM,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[
        cite("property-casualty-837", "CLM11: EM employment, AA motor accident, OA other accident"),
        cite("x12-005010x222a1", "2300 CLM11"),
    ],
)
def injury_cause() -> Check:
    """A bill for an injury says what caused it, and it is what the insurer answers for.

    CLM11 has EM for workers' compensation and AA for a motor insurer; any of the causes for liability.
    Whether an insurer takes bills without it is for its policy to say.
    """
    what = (
        pl.when(pl.col("insurer") == "liability")
        .then(pl.lit("CLM11 has no cause"))
        .otherwise(pl.format("CLM11 has no {}", _CAUSE))
    )
    return Check(
        subject=_INJURY & ~pl.col("matching_cause"),
        violates=pl.col("payer_injury_cause"),
        says=pl.format("a bill to {} and {}: name the cause of the injury", _WHO, what),
        asks=pl.format("a bill to {} and {}: does it take bills without it?", _WHO, what),
        codes=("filing",),
    )


@rule(
    id="WC-04",
    view=View.CLAIM,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2012, 1, 1)),
    cites=[
        cite("ny-wcb-cms-1500", "a bill is valid only with its narrative report"),
        cite("nysca-ny-wcb", "from 2022-07-01"),
    ],
)
def report() -> Check:
    """A bill to workers' compensation goes with its medical report, where the state or the payer says so.

    In New York a bill of 2022-07-01 or later is not valid without a narrative of work status, causal
    relationship and temporary impairment. PWK announces it, with the control number by which it is matched.
    What the report says is not on the claim.
    """
    return Check(
        subject=_INJURY & pl.col("payer_injury_report").is_not_null() & ~pl.col("has_report"),
        violates=pl.col("payer_injury_report"),
        says=pl.format("a bill to {} without its report: attach the narrative and announce it in PWK", _WHO),
        codes=("filing",),
    )
