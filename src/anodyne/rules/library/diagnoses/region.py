"""Pain of one region of the spine, coded once."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-10",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-fy2021", "tabular list, exclusions of the first kind at M54.1 to M54.8 and M79.1"),
        cite("icd10cm-fy2025", "tabular list, exclusions of M51.36- and M51.37-"),
        cite("uhc-diagnosis-order", "codes that exclude each other are not reported together"),
    ],
)
def pain_of_the_same_region() -> Check:
    """Back pain, sciatica or radiculopathy is coded beside the disorder of the same region that holds it.

    A disc disorder or spondylosis with radiculopathy holds the radiculopathy and the sciatica, a displaced
    disc the low back pain, lumbago with sciatica both its parts, and fibromyalgia the myalgia.  Told only
    where both codes name the same region; elsewhere the conditions may be unrelated.
    """
    return Check(
        violates=pl.col("excludes_region").is_not_null(),
        says=pl.format(
            "{} is not coded beside {}, the same pain said twice: keep the one the note supports",
            "named",
            "excludes_region",
        ),
        codes=("code", "excludes_region"),
    )
