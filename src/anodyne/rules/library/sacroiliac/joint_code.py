"""The sacroiliac joint billed as another joint."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="INJ-20",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-sij-codes", "27096 with imaging only; 20552 for the muscles; 20610 not for this joint")],
)
def joint_code_for_the_sacroiliac_joint() -> Check:
    """A large joint code points to the sacroiliac joint.

    27096 and 64451 are for this joint and hold their imaging. Without imaging what was reached are muscles,
    20552; 20610 and 20611 are for other joints. What was done is for the person who did it to say.
    """
    return Check(
        subject=pl.col("code").is_in(["20610", "20611"]),
        violates=pl.col("sacroiliac_pain").is_not_null(),
        says=pl.format(
            "{} points to {}, the sacroiliac joint: with imaging it is 27096, into muscles 20552",
            "code",
            "sacroiliac_pain",
        ),
    )
