"""Stimulator surgery that is not paid in an office."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-C2b",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 5, 13)),
    payers=Payers.MEDICARE,
    cites=[cite("article-a56876", "63655 not in an office; 63661 and 63663 not paid there")],
)
def stimulator_surgery_in_an_office() -> Check:
    """A paddle lead, or the removal or revision of leads, billed from an office.

    A paddle (63655) is laid through an open approach, which no office has.  Taking a trial lead out belongs
    to 63650, so that contractors with a policy do not pay 63661 and 63663 in an office.
    """
    paddle = pl.col("course") == "stimulator_paddle"
    revision = (pl.col("course") == "stimulator_revision") & pl.col("payer_spinal_stimulator_lcd")
    return Check(
        subject=paddle | revision.fill_null(value=False),
        violates=pl.col("office"),
        says=pl.when(paddle)
        .then(pl.format("{} is not done in an office (11): check the place of service", "code"))
        .otherwise(
            pl.format("{} is not paid in an office (11): taking a trial lead out is part of 63650", "code")
        ),
    )
