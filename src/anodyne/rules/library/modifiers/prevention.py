"""33, PT and QW on services they do not speak of."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="MOD-33",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("modifier-list-known", "33 preventive services; PT colorectal screening that became treatment")
    ],
)
def prevention_of_pain() -> Check:
    """33 or PT is on a procedure for pain: it takes the patient's share away, for prevention only."""
    return Check(
        subject=pl.col("kind").is_in(["procedure", "needling", "acupuncture", "anesthesia", "therapy"]),
        violates=pl.col("mod_preventive"),
        says=pl.format(
            "33 or PT on {}: no preventive service; take it off, the patient owes a share", "code"
        ),
    )


@rule(
    id="MOD-QW",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "QW: a test waived from laboratory inspection")],
)
def waived_test_of_no_laboratory() -> Check:
    """QW is on something that is no laboratory test."""
    return Check(
        subject=pl.col("kind").is_not_null() & (pl.col("kind") != "lab"),
        violates=pl.col("mod_qw"),
        says=pl.format("QW on {}: it is for waived laboratory tests only; take it off", "code"),
    )
