"""Radiofrequency of the sacroiliac joint."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-S3",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 3, 19)),
    cites=[
        cite("w-asipp-sij", "radiofrequency no longer a covered procedure"),
        cite("lcd-l39455", "radiofrequency of the joint not covered"),
    ],
)
def radiofrequency_not_covered() -> Check:
    """Radiofrequency of the nerves of the sacroiliac joint.

    The coverage policies of 2023 leave 64625 out. Contractors without such a policy, and payers that do not
    follow it, are not meant. Before the service the patient would have signed a notice (ABN).
    """
    return Check(
        subject=pl.col("payer_sacroiliac_lcd"),
        violates=pl.col("group").eq_missing("sacroiliac_nerve_rf"),
        says=pl.format("{}: radiofrequency of the sacroiliac joint is not covered", "code"),
    )
