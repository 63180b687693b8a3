"""How often a course was held before a day, and when: the part of the course view that counts."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.days import DAY_FORMAT, day_told, ordinal

DRUG_TESTS: Final = ("drug_test_presumptive", "drug_test_definitive")
LEAD: Final = "stimulator_lead"
GENERATOR: Final = "stimulator_generator"
_IMPLANTS: Final = (LEAD, "stimulator_paddle", GENERATOR, "peripheral_stimulator")
_TOLD: Final = 8
"""The most days that a message names."""

COUNT_FACTS: Facts = {
    "times": Fact(pl.UInt32, "days of the course in book and history up to this one, this one counted"),
    "times_ordinal": Fact(pl.String, "that number in words"),
    "earlier_days": Fact(pl.String, "the earlier of them, the latest eight, oldest first"),
    "amount_of_life": Fact(pl.Float64, "the `amount` of them all", "units"),
    "days_since": Fact(pl.Int32, "days since the last of the earlier days"),
    "last_day": Fact(pl.String, "that day"),
    "programming_next": Fact(
        pl.String,
        "the first day far enough from it by the payer's least interval of programming",
        values=("programming_days",),
    ),
    "toxin_next": Fact(
        pl.String,
        "the first day far enough from it by the payer's least interval of botulinum toxin",
        values=("botulinum_days",),
    ),
    "repeat_on": Fact(
        pl.Date,
        "the first day on which a series may be repeated by the payer's months after the last day",
        values=("hyaluronate_repeat_months",),
    ),
    "since_implant": Fact(pl.Int32, "days since a stimulator was last implanted, where that is seen"),
    "high_number": Fact(
        pl.UInt32,
        "drug tests of the kind in the days of the highest risk, this one counted",
        values=("drug_test_high_days",),
    ),
    "high_days": Fact(
        pl.String, "the earlier of them, the latest eight, oldest first", values=("drug_test_high_days",)
    ),
    "high_next": Fact(
        pl.String,
        "the first day on which one more is within that limit",
        values=("drug_test_high_tests", "drug_test_high_days"),
    ),
    "moderate_number": Fact(
        pl.UInt32,
        "drug tests of the kind in the days of moderate risk, this one counted",
        values=("drug_test_moderate_days",),
    ),
    "moderate_days": Fact(
        pl.String, "the earlier of them, the latest eight, oldest first", values=("drug_test_moderate_days",)
    ),
}

_RISKS: Final = ("high", "moderate")
_OF_TESTS: Final = tuple(name for name in COUNT_FACTS if name.startswith(_RISKS))


def days_held(lines: pl.DataFrame) -> pl.DataFrame:
    """The days on which each course was held (`held_on`), each once, with its `amount` (`held`).

    A lead put in on the day of its generator is no trial, and counts for nothing.  Where two payers are
    billed the amount is that of the one with more of it.
    """
    permanent = lines.filter(course=GENERATOR)["patient_day"].unique()
    trial = (pl.col("course") != LEAD) | ~pl.col("patient_day").is_in(permanent.implode())
    return (
        lines.filter(trial)
        .group_by("whole", "payer", held_on="day")
        .agg(
            pl.col("patient", "course").first(),
            held=(pl.col("units").fill_null(0) * pl.col("each")).sum(),
        )
        .group_by("whole", "held_on")
        .agg(pl.col("patient", "course").first(), pl.col("held").max())
        .sort("whole", "held_on")
    )


def with_counts(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """`rows` with the columns of COUNT_FACTS, from the days on which courses were `held`."""
    rows = _since_implant(_ever(rows, held), held)
    if not rows["course"].is_in(DRUG_TESTS).any():
        return rows.with_columns(pl.lit(None, COUNT_FACTS[name].kind).alias(name) for name in _OF_TESTS)
    for risk in _RISKS:
        rows = _drug_tests(rows, held, risk)
    return rows


def earlier_days(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Each of `rows` with each earlier day of its course (`held_on`, in words `told`), oldest first."""
    return (
        rows.join(held.select("whole", "held_on", "held"), on="whole", how="inner")
        .filter(pl.col("held_on") < pl.col("day"))
        .sort("held_on")
        .with_columns(told=day_told("held_on", "day"))
    )


def told_days() -> pl.Expr:
    """The latest days of a group of `earlier_days` in words."""
    return pl.col("told").tail(_TOLD).str.join(", ")


def leaves(limit: str) -> pl.Expr:
    """Of a group of `earlier_days` the one that must leave the window to make room within `limit`."""
    return pl.col("held_on").get(pl.len().cast(pl.Int64) - pl.col(limit).first(), null_on_oob=True)


def _ever(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Add how often the course was held up to the day, and how long ago the last time was."""
    before = (
        earlier_days(rows.select("course_day", "whole", "day"), held)
        .group_by("course_day")
        .agg(
            earlier=pl.len(),
            earlier_days=told_days(),
            held_before=pl.col("held").sum(),
            last_on=pl.col("held_on").max(),
        )
    )
    times = pl.col("earlier").fill_null(0) + 1
    return with_facts(rows, before, on="course_day").with_columns(
        times=times,
        times_ordinal=ordinal(times),
        amount_of_life=pl.col("held_before").fill_null(0) + pl.col("amount"),
        days_since=(pl.col("day") - pl.col("last_on")).dt.total_days(),
        last_day=day_told("last_on", "day"),
        repeat_on=pl.col("last_on").dt.offset_by(
            pl.format("{}mo", pl.col("payer_hyaluronate_repeat_months"))
        ),
        programming_next=_days_after_the_last("payer_programming_days"),
        toxin_next=_days_after_the_last("payer_botulinum_days"),
    )


def _days_after_the_last(interval: str) -> pl.Expr:
    return (pl.col("last_on") + pl.duration(days=pl.col(interval))).dt.strftime(DAY_FORMAT)


def _since_implant(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Add the days since a stimulator was last implanted, where a stimulator is programmed."""
    implants = held.filter(pl.col("course").is_in(_IMPLANTS)).select("patient", "held_on")
    if implants.is_empty() or not rows["course"].eq("programming").any():
        return rows.with_columns(since_implant=pl.lit(None, pl.Int32))
    since = (
        rows.filter(course="programming")
        .select("course_day", "patient", "day")
        .join(implants, on="patient", how="inner")
        .filter(pl.col("held_on") <= pl.col("day"))
        .group_by("course_day")
        .agg(since_implant=(pl.col("day") - pl.col("held_on")).dt.total_days().min())
    )
    return with_facts(rows, since, on="course_day")


def _drug_tests(rows: pl.DataFrame, held: pl.DataFrame, risk: str) -> pl.DataFrame:
    """Add how many drug tests of the kind the payer's window for `risk` holds; it ends with the day."""
    names = (f"{risk}_number", f"{risk}_days", f"{risk}_next")
    tests = rows.filter(pl.col("course").is_in(DRUG_TESTS)).select(
        "course_day",
        "whole",
        "day",
        window=f"payer_drug_test_{risk}_days",
        limit=f"payer_drug_test_{risk}_tests",
    )
    before = (
        earlier_days(tests, held)
        .filter((pl.col("day") - pl.col("held_on")).dt.total_days() < pl.col("window"))
        .group_by("course_day")
        .agg(earlier=pl.len(), told_days=told_days(), leaves=leaves("limit"))
    )
    again = pl.col("leaves") + pl.duration(days=pl.col("window"))
    number, days, following = names
    found = with_facts(tests, before, on="course_day").select(
        "course_day",
        (pl.col("earlier").fill_null(0) + 1).alias(number),
        pl.col("told_days").alias(days),
        again.dt.strftime(DAY_FORMAT).alias(following),
    )
    return with_facts(rows, found, on="course_day")
