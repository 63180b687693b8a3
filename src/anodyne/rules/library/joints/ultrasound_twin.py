"""Ultrasound with a joint injection is another code, not 76942."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-05",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "20604, 20606 and 20611: ultrasound and a recorded image are in the code"),
        cite("ncci-ptp-2024q3", "pairs 20600, 20605, 20610 over 76942, indicator 1"),
    ],
)
def ultrasound_with_a_joint() -> Check:
    """A joint injected under ultrasound has a code of its own.

    20604, 20606 and 20611 say ultrasound with a recorded image; the codes without it are not joined by
    76942. Which of the two was done is for the person who did it to say. Silent where 76942 may belong to
    another procedure of the day.
    """
    return Check(
        subject=pl.col("imaged_inside") == "joint",
        violates=pl.col("guidance_home").is_null() & ~pl.col("mod_separate"),
        says=pl.format(
            "{} does not stand beside {} on {}: with ultrasound it is 20604, 20606 or 20611",
            "code",
            "imaged_code",
            "imaged_place",
        ),
        codes=("imaged_code", "code"),
    )
