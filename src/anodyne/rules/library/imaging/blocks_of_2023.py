"""Image guidance is inside seven nerve blocks since 2023."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Drop, View, cite, rule


@rule(
    id="INJ-09",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-codingahead-64415", "imaging inside 64415, 64416, 64417 since 2023"),
        cite("cpt-2023-blocks", "64415 to 64417 and 64445 to 64448: imaging counted inside"),
        cite("mpfs-rvu23a", "their work values rose with it"),
    ],
)
def guidance_with_blocks_of_2023() -> Check:
    """Image guidance is billed beside a nerve block that includes it since 2023.

    64415, 64416, 64417, 64445, 64446, 64447 and 64448 hold their imaging, though no NCCI pair says so.
    Silent where the guidance may belong to another procedure of the day.
    """
    return Check(
        subject=(pl.col("imaged_group") == "peripheral_block") & (pl.col("imaged_inside") == "inside"),
        violates=pl.col("guidance_home").is_null() & ~pl.col("mod_separate"),
        says=pl.format(
            "{} on {} includes its imaging since 2023: {} is not paid beside it",
            "imaged_code",
            "imaged_place",
            "code",
        ),
        fix=Drop(),
        codes=("imaged_code", "code"),
    )
