"""Sedation in a facet session."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-F8b",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("article-a57826", "sedation and anesthesia care are not routinely necessary")],
)
def sedation_in_a_session() -> Check:
    """Sedation or anaesthesia on the day of a facet procedure.

    It is not routinely needed for facet procedures and pays where the record says why this patient needed it.
    Told once a day, and not where a pair edit stops it.
    """
    return Check(
        subject=pl.col("payer_facet_lcd"),
        violates=pl.col("sedated_facet").is_not_null(),
        says=pl.format(
            "{} with {}: sedation needs its reason for this patient in the record", "code", "sedated_facet"
        ),
        codes=("sedated_facet", "code"),
    )
