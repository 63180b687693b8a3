"""Image guidance is inside the code."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="INJ-07",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "codes that include image guidance"),
        cite(
            "ncci-ptp-2024q3", "pairs of these codes over 76000, 76942, 77002, 77003 and 77012, indicator 1"
        ),
    ],
)
def guidance_inside() -> Check:
    """Image guidance is billed beside a code that includes it.

    Spinal injections with imaging, facet and sacroiliac procedures, vertebral augmentation, fascial plane
    and paravertebral blocks hold their guidance. That is what the code means, whoever pays. Silent where
    the guidance may belong to another procedure of the day, and for a payer whose policy pays it beside
    epidurals.
    """
    elsewhere = pl.col("imaged_group").is_in(["joint_us", "peripheral_block"])
    return Check(
        subject=pl.col("imaged_inside").is_in(["inside", "us_inside"]) & ~elsewhere & ~pl.col("imaging_paid"),
        violates=pl.col("guidance_home").is_null() & ~pl.col("mod_separate"),
        says=pl.format("{} is part of {} on {}", "code", "imaged_code", "imaged_place"),
        fix=Drop(),
        codes=("imaged_code", "code"),
    )
