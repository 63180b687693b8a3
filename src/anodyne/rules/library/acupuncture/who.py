"""Who may bill Medicare for acupuncture."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="INJ-37c",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 1, 21)),
    payers=Payers.MEDICARE,
    cites=[
        cite("ncd-30-3-3", "who may furnish acupuncture"),
        cite("w-acupuncturists", "acupuncturists do not bill Medicare themselves"),
    ],
)
def billed_by_an_acupuncturist() -> Check:
    """Acupuncture billed to Medicare with an acupuncturist as the rendering provider.

    Medicare does not enrol acupuncturists.  What one does under supervision is billed by the physician, nurse
    practitioner or physician assistant who supervises.
    """
    return Check(
        subject=pl.col("course") == "acupuncture",
        violates=pl.col("acupuncturist"),
        says=pl.format(
            "{} rendered by an acupuncturist: Medicare wants the practitioner who supervised", "code"
        ),
    )
