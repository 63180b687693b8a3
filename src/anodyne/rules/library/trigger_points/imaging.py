"""Imaging for trigger points."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-T1a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 3, 31)),
    cites=[
        cite("lcd-l36859", "ultrasound, fluoroscopy and MRI guidance excluded"),
        cite("lcd-l34211", "imaging guidance not covered"),
    ],
)
def guided_trigger_points() -> Check:
    """Image guidance of trigger-point injections.

    The pair edits let it pass, and the coverage policies leave it out. Silent where another procedure of the
    day may have been guided.
    """
    return Check(
        subject=pl.col("payer_trigger_point_lcd"),
        violates=pl.col("guidance_home_group").eq_missing("trigger_point"),
        says=pl.format(
            "{} guides {}, and trigger points are covered without imaging", "code", "guidance_home"
        ),
        codes=("guidance_home", "code"),
    )
