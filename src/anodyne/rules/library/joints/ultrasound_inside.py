"""Image guidance is inside a joint injection with ultrasound."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="INJ-05a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "20604, 20606 and 20611: ultrasound and a recorded image are in the code"),
        cite("ncci-ptp-2024q3", "pairs 20604, 20606, 20611 over 76942 and 77002, indicator 1"),
    ],
)
def guidance_with_ultrasound_joint() -> Check:
    """Image guidance is billed beside a joint code that includes ultrasound.

    20604, 20606 and 20611 are the injection, the ultrasound and its image in one. Silent where the guidance
    may belong to another procedure of the day.
    """
    return Check(
        subject=(pl.col("imaged_inside") == "us_inside") & (pl.col("imaged_group") == "joint_us"),
        violates=pl.col("guidance_home").is_null() & ~pl.col("mod_separate"),
        says=pl.format(
            "{} on {} includes its guidance: {} is not paid beside it", "imaged_code", "imaged_place", "code"
        ),
        fix=Drop(),
        codes=("imaged_code", "code"),
    )
