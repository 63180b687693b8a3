"""Image guidance beside a code that says there was none."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-07a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "62320, 62322, 62324 and 62326: without imaging"),
        cite("ncci-ptp-2024q3", "pairs of these codes over 76942, 77002, 77003 and 77012, indicator 1"),
    ],
)
def guidance_with_no_imaging_twin() -> Check:
    """Image guidance is billed beside an epidural code that says there was none.

    62320, 62322, 62324 and 62326 are epidurals without imaging; with it they are 62321, 62323, 62325 and
    62327. Which was done is for the person who did it to say. Silent where the guidance may belong to
    another procedure of the day.
    """
    return Check(
        subject=pl.col("imaged_inside") == "none_twin",
        violates=pl.col("guidance_home").is_null() & ~pl.col("mod_separate"),
        says=pl.format(
            "{} on {} says there was no imaging, {} that there was: with imaging it has another code",
            "imaged_code",
            "imaged_place",
            "code",
        ),
        codes=("imaged_code", "code"),
    )
