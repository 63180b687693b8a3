"""What chronic pain is."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import plainly

_MORE_THAN_MONTHS: Final = 3


@rule(
    id="CPM-07",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-aapc-cpm", "persistent or recurrent pain lasting longer than three months")],
)
def pain_that_is_not_chronic() -> Check:
    """Chronic pain management of pain that is not chronic.

    The pain must have lasted, or come back, for more than three months.  No diagnosis is needed before the
    first visit: there the practitioner establishes it, confirms it or rejects it.
    """
    rejected = (pl.col("pain_finding") == "rejected").fill_null(value=False)
    return Check(
        subject=pl.col("program") == "cpm",
        violates=rejected | (pl.col("pain_months") <= _MORE_THAN_MONTHS),
        says=pl.when(rejected)
        .then(pl.lit("the first visit rejected chronic pain"))
        .otherwise(
            pl.format(
                "the pain had lasted {} months at enrolment; chronic is more than {}",
                plainly("pain_months"),
                pl.lit(_MORE_THAN_MONTHS),
            )
        ),
        asks=pl.lit("how long has the pain lasted?"),
        codes=("first_code",),
    )


@rule(
    id="CPM-07a",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-aapc-cpm", "the practitioner establishes, confirms or rejects chronic pain when first seen")
    ],
)
def finding_not_recorded() -> Check:
    """What the first visit found of chronic pain is not recorded.

    It does not hold the month back; an auditor will look for it in the note.
    """
    return Check(
        subject=(pl.col("program") == "cpm") & pl.col("earns"),
        violates=pl.col("pain_finding").is_null(),
        says=pl.lit(
            "the enrolment does not say whether the first visit established or confirmed chronic pain"
        ),
        codes=("first_code",),
    )
