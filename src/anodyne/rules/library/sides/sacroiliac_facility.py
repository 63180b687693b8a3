"""A surgical centre bills G0260 for the sacroiliac joint."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-12a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("w-sij-faq", "surgical centres bill G0260"),
        cite("article-a59257", "27096 by the practitioner, G0260 by the facility"),
    ],
)
def sacroiliac_facility() -> Check:
    """A surgical centre bills the sacroiliac joint with the code of the practitioner.

    27096 is not recognised on the claim of the facility, which bills G0260. The practitioner bills 27096 on
    a claim of their own.
    """
    return Check(
        subject=pl.col("code") == "27096",
        violates=pl.col("surgery_centre"),
        says=pl.lit("27096 is the practitioner's code: a surgical centre bills G0260"),
    )


@rule(
    id="INJ-12b",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("article-a59257", "27096 by the practitioner, G0260 by the facility"),
        cite("mpfs-rvu24c", "G0260: status E"),
    ],
)
def sacroiliac_practitioner() -> Check:
    """A practitioner bills the sacroiliac joint with the code of the facility.

    G0260 is the facility's code, which the fee schedule does not pay. The practitioner bills 27096, in a
    facility as in the office, with imaging.
    """
    return Check(
        subject=pl.col("code") == "G0260",
        violates=~pl.col("surgery_centre"),
        says=pl.lit("G0260 is the facility's code: the practitioner bills 27096, with imaging"),
    )
