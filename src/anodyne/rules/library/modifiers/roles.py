"""AI and FS: whose visit it was."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="MOD-AI",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("modifier-list-known", "AI: the admitting physician, on the first visit of a stay")],
)
def admitting_physician_elsewhere() -> Check:
    """AI is on something other than a visit to a hospital or nursing facility.

    It names the physician who admitted the patient.
    """
    return Check(
        subject=pl.col("kind").is_not_null() & ~pl.col("group").is_in(["hospital_visit", "nursing_visit"]),
        violates=pl.col("mod_ai"),
        says=pl.format(
            "AI on {}: it goes on the admitting physician's first visit of a stay; take it off", "code"
        ),
        at_risk_cents=pl.lit(0),
    )


@rule(
    id="MOD-FS",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("noridian-fs", "not in an office or elsewhere outside a facility")],
)
def split_visit_outside_facility() -> Check:
    """A split or shared visit outside a facility.

    FS is for visits that physician and nurse practitioner or physician assistant share in a hospital or
    skilled nursing facility.  In an office the rules of services incident to a physician's hold.
    """
    return Check(
        subject=pl.col("kind") == "visit",
        violates=pl.col("mod_fs") & pl.col("pos").is_in(["11", "12", "20", "49"]),
        says=pl.format("{}-FS in place {}: a visit is split or shared in a facility only", "code", "pos"),
    )


@rule(
    id="MOD-FSa",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("noridian-fs", "visits that are split or shared")],
)
def split_service_of_no_visit() -> Check:
    """FS is on something that is no visit; a procedure is one practitioner's."""
    return Check(
        subject=pl.col("no_visit"),
        violates=pl.col("mod_fs"),
        says=pl.format("FS on {}: only visits are split or shared; bill who did it", "code"),
    )
