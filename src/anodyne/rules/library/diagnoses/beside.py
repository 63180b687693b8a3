"""Codes that want another beside them."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-06",
    view=View.DIAGNOSIS,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-guidelines", "I.C.6.b.5: with neoplasm related pain the neoplasm is coded too")],
)
def pain_of_no_neoplasm() -> Check:
    """Neoplasm related pain stands without a neoplasm.

    G89.3 says that a tumour causes the pain; the tumour is coded too, before it or after it.
    """
    return Check(
        subject=pl.col("code") == "G893",
        violates=pl.col("wants_beside"),
        says=pl.format("{} says that a neoplasm causes the pain, and none is coded", "named"),
    )


@rule(
    id="DX-11",
    view=View.DIAGNOSIS,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-fy2026", "tabular list at Z51.81: code also the long-term drug therapy, Z79.-")],
)
def monitoring_of_no_drug() -> Check:
    """Drug monitoring stands without the drug.

    With Z51.81 the long-term therapy that is monitored is coded too: Z79.891 for opioids.  Silent where the
    claim names use or dependence of a drug.
    """
    return Check(
        subject=pl.col("code") == "Z5181",
        violates=pl.col("wants_beside"),
        says=pl.format("{} monitors a drug that no diagnosis names: Z79.891 for opioids?", "named"),
        needs="chart: the drug that is monitored",
    )
