"""A modifier tells image guidance apart from the only code it could guide."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-07b",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cpt-code-set", "codes that include image guidance"),
        cite("article-a60321", "59 on guidance beside codes that include it"),
    ],
)
def guidance_told_apart_from_nothing() -> Check:
    """A modifier separates image guidance from the only procedure it could have guided.

    59 or an X modifier says that the guidance was for another procedure, and the day shows none for which
    it may be billed. The payer computer lets it pass; a reviewer takes it back. Silent for a payer whose
    policy pays imaging beside epidurals.
    """
    return Check(
        subject=pl.col("imaged_code").is_not_null() & pl.col("mod_separate") & ~pl.col("imaging_paid"),
        violates=pl.col("guidance_home").is_null(),
        says=pl.format(
            "a modifier sets {} apart from {} on {}, but no other procedure of the day may have guidance",
            "code",
            "imaged_code",
            "imaged_place",
        ),
        codes=("imaged_code", "code"),
    )
