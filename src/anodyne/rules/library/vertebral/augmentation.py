"""Augmentation of vertebrae: for which fractures, and how many at once."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2021, 7, 11))
_BOUND: Final = (pl.col("course") == "vertebral") & pl.col("payer_vertebral_lcd")


@rule(
    id="LCD-K1",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    cites=[
        cite("lcd-l34228", "osteoporotic fractures, shown by imaging"),
        cite("lcd-vertebral-diagnoses", "collapse, fracture, metastasis, myeloma, haemangioma"),
    ],
)
def augmentation_without_fracture() -> Check:
    """Vertebroplasty or kyphoplasty for a diagnosis that is no fracture of a vertebra.

    Covered are recent osteoporotic compression fractures and vertebrae that a tumour destroys.  How old the
    fracture is, how much it hurts and what the images show is for the record.
    """
    return Check(
        subject=_BOUND,
        violates=~pl.col("diagnosed"),
        says=pl.format(
            "{} for {}, which names no fractured or destroyed vertebra; look for the fracture's code",
            "code",
            "diagnosis",
        ),
        asks=pl.format("{} points to no diagnosis: which vertebra is broken?", "code"),
    )


@rule(
    id="LCD-K1a",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[cite("lcd-l34228", "more than three fractures at once argue against it")],
)
def augmentation_of_many() -> Check:
    """More vertebrae augmented in one session than coverage policies foresee."""
    limit = pl.col("payer_vertebral_levels_session")
    return Check(
        subject=_BOUND & limit.is_not_null(),
        violates=pl.col("amount") > limit,
        says=pl.format(
            "{} vertebrae augmented in one session; beyond {} the record must say why",
            pl.col("amount").cast(pl.String).str.strip_suffix(".0"),
            limit,
        ),
    )
