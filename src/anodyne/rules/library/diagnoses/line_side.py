"""The side of a line against the side of its diagnosis."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-09a",
    view=View.POINTED,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-laterality", "a condition of both sides keeps its code while one side is treated"),
        cite(
            "anthem-laterality-2024", "a line whose modifier names another side than its diagnosis is denied"
        ),
    ],
)
def other_side() -> Check:
    """A line names one side, and its diagnosis the other.

    Told by the first diagnosis that the line points to, where no other of them names the side of the line or
    both sides.
    """
    return Check(
        subject=pl.col("side").is_in(["right", "left"]) & pl.col("dx_side").is_in(["right", "left"]),
        violates=(pl.col("side") != pl.col("dx_side")) & ~pl.col("side_met"),
        says=pl.format(
            "{} on line {} is {}, and its diagnosis {} is {}: which side was it?",
            "code",
            "line",
            "side",
            "dx",
            "dx_side",
        ),
        codes=("code", "dx"),
    )


@rule(
    id="DX-09c",
    view=View.POINTED,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "I.B.13: a condition of both sides has a code that says so, or two"),
        cite("anthem-laterality-2024", "modifier and diagnosis must name the same side"),
    ],
)
def one_side_of_two() -> Check:
    """A line names both sides, and its diagnoses one."""
    return Check(
        subject=(pl.col("side") == "both") & pl.col("dx_side").is_in(["right", "left"]),
        violates=~pl.col("side_met"),
        says=pl.format(
            "{} on line {} is both sides, and its diagnosis {} only the {}", "code", "line", "dx", "dx_side"
        ),
        codes=("code", "dx"),
    )
