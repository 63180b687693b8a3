"""Care management over time: what a month, thirty days or an episode holds already, and how it began."""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each, with_facts

_OF_OTHER_LINES: Final = (
    "period_last_code", "period_last_on", "period_next_on", "other_biller_code", "other_biller_on",
)  # fmt: skip
_IN_LEVELS: Final = ("tcm", "apcm")
"""Services of several levels, each with its code: one service all the same."""
_STARTS_WITH_A_VISIT: Final = ("ccm", "pcm", "apcm")

PERIOD_FACTS: Facts = {
    "limit_units": Fact(pl.Int32, "units of the code that a period allows, where it has such a limit"),
    "limit_period": Fact(
        pl.String,
        "the period: month of the calendar, days, ever, or episode: from the start of care to its end",
    ),
    "limit_days": Fact(pl.Int32, "how many days the period has, where it is counted in days"),
    "units_of_period": Fact(
        pl.Float64,
        "units of the code on other days of the period by the same practitioner: those already sent, and "
        "those that come before",
    ),
    "period_last_code": Fact(pl.String, "the code of the latest of them"),
    "period_last_on": Fact(pl.String, "its day, in words"),
    "period_next_on": Fact(pl.String, "the first day of the next period after it, where counted in days"),
    "other_biller_code": Fact(
        pl.String,
        "a code of the same programme that another practitioner billed in the period and comes before",
    ),
    "other_biller_on": Fact(pl.String, "its day, in words"),
    "new_episode": Fact(
        pl.Boolean,
        "for what is billed once in an episode and was billed before: whether a new one began; never known",
        "chart: whether the earlier episode of care had ended",
    ),
    "history_of_year": Fact(
        pl.Boolean, "whether the claims read of this practitioner reach back a year before the day"
    ),
    "begun_with_visit": Fact(
        pl.Boolean,
        "true where a visit in the year before, or an earlier month of the programme, is read; else null",
        "chart: a visit within the year before the programme began",
    ),
}
"""What the claims around a line of care management say of its period."""


def with_periods(lines: pl.DataFrame, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` of care management, with the columns of PERIOD_FACTS; `ground` has every line there is."""
    lines = lines.hstack(
        once_for_each(
            lines,
            ("code", "served_on"),
            lambda rows: in_force(rows, reference, "care_limits").select(
                "one_biller",
                limit_units="units",
                limit_period="period",
                limit_days="days",
            ),
        )
    )
    limited = lines.filter(pl.col("limit_units").is_not_null())
    if limited["group"].is_duplicated().any():
        lines = with_facts(with_facts(lines, _own(limited), on="line_key"), _others(limited), on="line_key")
    else:
        lines = lines.with_columns(
            units_of_period=pl.lit(0.0),
            **dict.fromkeys(_OF_OTHER_LINES, pl.lit(None, pl.String)),
        )
    lines = lines.with_columns(pl.col("units_of_period").fill_null(0.0), new_episode=pl.lit(None, pl.Boolean))
    return _beginnings(lines, ground, reference)


def _both(limited: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    """Each checked line beside each other one of `on` in its period that is counted before it."""
    own = limited.filter("judged")
    other = limited.select(
        *on,
        other_practitioner="practitioner",
        other_code="code",
        other_day="day",
        other_units="units",
        other_judged="judged",
        other_key="line_key",
    )
    apart = (pl.col("day") - pl.col("other_day")).dt.total_days().abs()
    before = ~pl.col("other_judged") | (
        (pl.col("other_day") < pl.col("day"))
        | ((pl.col("other_day") == pl.col("day")) & (pl.col("other_key") < pl.col("line_key")))
    )
    near = (
        pl.when(pl.col("limit_period") == "month")
        .then(pl.col("day").dt.month_start() == pl.col("other_day").dt.month_start())
        .when(pl.col("limit_period") == "days")
        .then(apart < pl.col("limit_days"))
        .otherwise(pl.col("other_day") < pl.col("day"))
    )
    return own.join(other, on=on, how="inner").filter(before, near)


def _own(limited: pl.DataFrame) -> pl.DataFrame:
    """What the same practitioner billed of the service on other days of the period, or of another level.

    Two levels of transitional care on one day are named by a pair edit, and left to it.
    """
    service = pl.when(pl.col("group").is_in(_IN_LEVELS)).then("group").otherwise("code")
    found = _both(limited.with_columns(service=service), ["patient", "practitioner", "payer", "service"])
    other_level = (pl.col("group") == "apcm") & (pl.col("other_code") != pl.col("code"))
    found = found.filter((pl.col("other_day") != pl.col("day")) | other_level).sort("other_day", "other_key")
    last = pl.col("other_day").last()
    return found.group_by("line_key").agg(
        units_of_period=pl.col("other_units").sum(),
        period_last_code=pl.col("other_code").last(),
        period_last_on=last.dt.strftime("%-d %b %Y"),
        period_next_on=(last + pl.duration(days=pl.col("limit_days").first())).dt.strftime("%-d %b %Y"),
    )


def _others(limited: pl.DataFrame) -> pl.DataFrame:
    """What another practitioner billed of the programme in the period, where only one may."""
    found = _both(limited.filter("one_biller"), ["patient", "payer", "group"])
    return (
        found.filter(pl.col("other_practitioner") != pl.col("practitioner"))
        .sort("other_day", "other_key")
        .unique("line_key", keep="first", maintain_order=True)
        .select(
            "line_key",
            other_biller_code="other_code",
            other_biller_on=pl.col("other_day").dt.strftime("%-d %b %Y"),
        )
    )


def _beginnings(lines: pl.DataFrame, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add whether a programme that begins with a visit is seen to have begun with one."""
    asked = lines.filter(
        pl.col("judged") & pl.col("group").is_in(_STARTS_WITH_A_VISIT) & pl.col("level").ne_missing("next")
    ).select("line_key", "patient", "practitioner", "group", "day")
    earlier = ground.filter(~pl.col("judged"))
    if asked.is_empty() or earlier.is_empty():
        return lines.with_columns(
            history_of_year=pl.lit(value=False), begun_with_visit=pl.lit(None, pl.Boolean)
        )
    year_before = pl.col("day").dt.offset_by("-1y")
    reach = earlier.group_by("practitioner").agg(read_from=pl.col("day").min())
    covered = asked.join(reach, on="practitioner", how="left").select(
        "line_key", history_of_year=(pl.col("read_from") <= year_before).fill_null(value=False)
    )
    visits = (
        reference.table("code_traits")
        .filter((pl.col("kind") == "visit") | (pl.col("group") == "tcm"))["code"]
        .unique()
    )
    seen = ground.filter(pl.col("code").is_in(visits.implode())).select("patient", seen_on="day")
    started = lines.select("patient", "group", seen_on="day")
    begun = pl.concat(
        [
            asked.join(seen, on="patient").filter(
                (pl.col("seen_on") <= pl.col("day")) & (pl.col("seen_on") >= year_before)
            ),
            asked.join(started, on=["patient", "group"]).filter(pl.col("seen_on") < pl.col("day")),
        ],
        how="diagonal",
    )["line_key"].unique()
    is_begun = pl.col("line_key").is_in(begun.implode())
    return with_facts(lines, covered, on="line_key").with_columns(
        pl.col("history_of_year").fill_null(value=False),
        begun_with_visit=pl.when(is_begun).then(pl.lit(value=True)),
    )
