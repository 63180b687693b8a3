"""Services within the days that a surgery's payment covers."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.cite import Cite
from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_COUNTED: Final[Cite] = cite("global-surgery-booklet", "0, 10 and 90 days, how they are counted")
_PERIODS: Final[Cite] = cite("mpfs-rvu24c", "global period of each procedure")
_MODIFIERS: Final[Cite] = cite("w-global-modifiers", "24, 25, 57, 58, 78, 79")
_OF_SURGERY: Final = pl.format("{} of {}", "surgery_code", "surgery_on")


@rule(
    id="EM-14c",
    view=View.FOLLOWING,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_COUNTED, _MODIFIERS, _PERIODS],
)
def visit_after_surgery() -> Check:
    """A visit within the days after a surgery that its payment covers.

    10 days after a minor procedure of that kind (radiofrequency, leads, vertebral augmentation), 90 after
    major surgery, by the same practitioner or a colleague of one group and specialty: follow-up is paid.  The
    day of surgery is not counted.  24 says that the visit had nothing to do with it, 57 that it decided on
    other major surgery; 25 does not.
    """
    return Check(
        subject=pl.col("relation") == "visit_after",
        violates=pl.col("payer_global_surgery") & ~pl.col("mod_unrelated"),
        says=pl.format(
            "{} is within {} days after {} (to {}) and paid with it; 24 only if unrelated: ask the clinician",
            "code",
            "surgery_days",
            _OF_SURGERY,
            "surgery_until",
        ),
        asks=pl.format(
            "{} is within {} days after {}: does this payer pay follow-up with the surgery?",
            "code",
            "surgery_days",
            _OF_SURGERY,
        ),
        codes=("code", "surgery_code"),
    )


@rule(
    id="EM-14d",
    view=View.FOLLOWING,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_COUNTED, _MODIFIERS, _PERIODS],
)
def procedure_after_surgery() -> Check:
    """A procedure within the global period of an earlier one says by a modifier why it is paid.

    58 for one that was planned or goes further (the stimulator implanted after its trial), 78 for an
    unplanned return for a complication, 79 for one that has nothing to do with the first (the other side,
    another region).  The day of the first is not counted, and one with 78 starts no period of its own.
    """
    return Check(
        subject=pl.col("relation") == "procedure_after",
        violates=pl.col("payer_global_surgery") & ~pl.col("mod_staged"),
        says=pl.format(
            "{} is within {} days after {}: 58 if planned, 78 for a complication, 79 if unrelated: ask the "
            "clinician",
            "code",
            "surgery_days",
            _OF_SURGERY,
        ),
        asks=pl.format(
            "{} is within {} days after {}: does this payer want 58, 78 or 79 on it?",
            "code",
            "surgery_days",
            _OF_SURGERY,
        ),
        codes=("code", "surgery_code"),
    )


@rule(
    id="EM-14e",
    view=View.FOLLOWING,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_COUNTED, _MODIFIERS, _PERIODS],
)
def visit_before_major_surgery() -> Check:
    """A visit on the day before major surgery is paid with it unless it decided on the surgery.

    Major is a global period of 90 days; 57 says so.
    """
    return Check(
        subject=pl.col("relation") == "visit_before",
        violates=pl.col("payer_global_surgery") & ~pl.col("mod_decision"),
        says=pl.format(
            "{} is on the day before {} and paid with it; 57 only if it decided on it: ask the clinician",
            "code",
            _OF_SURGERY,
        ),
        asks=pl.format(
            "{} is on the day before {}: does this payer pay it with the surgery?", "code", _OF_SURGERY
        ),
        codes=("code", "surgery_code"),
    )


@rule(
    id="EM-14f",
    view=View.FOLLOWING,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "transitional care: not by who reports a procedure with 10 or 90 days"),
        _PERIODS,
    ],
)
def transition_after_surgery() -> Check:
    """Transitional care by the practitioner whose surgery covers the days after it.

    99495 and 99496 are not reported beside the global period of one's own procedure.
    """
    return Check(
        subject=pl.col("relation") == "transition_after",
        violates=pl.col("payer_global_surgery"),
        says=pl.format(
            "{} is within {} days after {} by the same practitioner, whose payment covers it",
            "code",
            "surgery_days",
            _OF_SURGERY,
        ),
        asks=pl.format(
            "{} is within {} days after {}: does this payer pay it beside the surgery?",
            "code",
            "surgery_days",
            _OF_SURGERY,
        ),
        codes=("code", "surgery_code"),
    )


@rule(
    id="EM-14g",
    view=View.FOLLOWING,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_COUNTED, _MODIFIERS],
)
def after_no_surgery() -> Check:
    """24, 58, 78 or 79 where there was no surgery whose period it could speak of.

    Said only where the claims read of this practitioner reach back 90 days, the longest period, and hold no
    procedure of 10 or 90 days, and none whose days are not known.
    """
    return Check(
        subject=pl.col("no_surgery"),
        violates=pl.col("no_surgery"),
        says=pl.format(
            "{} carries 24, 58, 78 or 79 with no surgery by this practitioner in 90 days: take it off",
            "code",
        ),
        at_risk_cents=pl.lit(0),
    )
