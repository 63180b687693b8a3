"""The sessions before one, in the windows that payers count, and when the next may be.

A window of months or years reaches back to the same day of an earlier month or year, that day itself no
longer counted; a calendar year begins with 1 January.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts

_ORDINALS: Final = {
    1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh", 8: "eighth",
    9: "ninth",
}  # fmt: skip
_TOLD: Final = 8
_SERIES: Final = 2
"""So many sessions may fall within the months that relief must last: the first one may be repeated sooner."""

_YEAR: Final = {
    "epidural": "payer_epidural_sessions_year",
    "facet_diagnostic": "payer_facet_sessions_year",
    "facet_therapeutic": "payer_facet_sessions_year",
    "facet_rf": "payer_facet_rf_sessions_year",
    "sacroiliac_diagnostic": "payer_sacroiliac_diagnostic_sessions",
    "sacroiliac_therapeutic": "payer_sacroiliac_sessions_year",
    "trigger_point": "payer_trigger_point_sessions_year",
}
_HALF: Final = {"epidural": "payer_epidural_sessions_half_year"}
_DAYS: Final = {
    "epidural": "payer_epidural_days_apart",
    "facet_diagnostic": "payer_facet_diagnostic_days_apart",
    "trigger_point": "payer_trigger_point_days_apart",
}
_RELIEF: Final = {
    "facet_therapeutic": "payer_facet_relief_months",
    "facet_rf": "payer_facet_rf_relief_months",
    "sacroiliac_therapeutic": "payer_sacroiliac_relief_months",
}
_SERIES_MONTHS: Final = {"epidural": "payer_epidural_relief_months"}
_COUNTED: Final = {
    **dict.fromkeys(("before", "half_before", "series_before"), pl.UInt32),
    **dict.fromkeys(("earlier_year", "earlier_half"), pl.String),
    **dict.fromkeys(("last_session", "repeat_from", "eligible"), pl.Date),
    "days_since": pl.Int64,
    "same_side": pl.Boolean,
}
"""What is counted of the sessions before one: null where there are none."""
_WHOLE_REGION: Final = ("epidural", "trigger_point")
"""The kinds of which a session repeats an earlier one whichever side it was of."""

WINDOW_FACTS: Facts = {
    "sessions": Fact(
        pl.UInt32,
        "sessions of the kind and region in the payer's year that ends on the day, this one counted; "
        "of one side where the payer counts by side",
        values=("session_year", "sessions_by_side"),
    ),
    "half_year_sessions": Fact(
        pl.UInt32, "the same in the 6 months that end on the day", values=("sessions_by_side",)
    ),
    "over_limit": Fact(pl.Boolean, "whether either is more than the payer's policy covers"),
    "window": Fact(pl.String, "the window that holds too many, else the year: 12 months, 6 months, or 2026"),
    "session_ordinal": Fact(pl.String, "the number of the session in that window in words, as fifth"),
    "sessions_covered": Fact(pl.Int32, "how many sessions the payer covers in that window"),
    "earlier_sessions": Fact(
        pl.String, "the days of the earlier ones in that window, the latest eight, oldest first"
    ),
    "next_eligible": Fact(
        pl.String, "the first day on which one more would be within all of the payer's limits"
    ),
    "last_session": Fact(
        pl.Date, "the last earlier session of the kind and region, of a side in common where there are sides"
    ),
    "days_since": Fact(pl.Int32, "days from that session to this one"),
    "repeat_from": Fact(pl.Date, "the day until which relief from that session must have lasted"),
    "same_side": Fact(
        pl.Boolean,
        "whether that session was of the same side; null where either does not say",
        "the side treated, LT, RT or 50, on this claim and on the earlier one",
    ),
    "series": Fact(pl.UInt32, "sessions of the region in the months that relief must last, this one counted"),
}
"""What came before a session."""


def with_windows(rows: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """`rows`, one for each session, with the columns of WINDOW_FACTS; `lines` are the lines of all sessions.

    The next eligible day holds also where the book has sessions after the day: all others count for it.  What
    was stopped was no session: nothing counts it, and it is held to no limit.
    """
    by_side, calendar = "payer_sessions_by_side", (pl.col("payer_session_year") == "calendar")
    own = rows.select(
        "session", "kind_of", "kind", "day", "left", "right",
        year=_of_kind(_YEAR), half=_of_kind(_HALF), days=_of_kind(_DAYS), relief=_of_kind(_RELIEF),
        series_months=_of_kind(_SERIES_MONTHS), calendar=calendar.fill_null(value=False),
        by_side=pl.col(by_side).fill_null(value=False),
    )  # fmt: skip
    held = (
        lines.filter(~pl.col("stopped"))
        .group_by("kind_of", held_on="day")
        .agg(held_left=pl.col("left").any(), held_right=pl.col("right").any())
    )
    others = (
        own.filter(~rows["stopped"])
        .join(held, on="kind_of", how="inner")
        .filter(pl.col("held_on") != pl.col("day"))
    )
    rows = rows.hstack(own.select("year", "half", "calendar"))
    if others.is_empty():
        rows = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in _COUNTED.items())
    else:
        others = _by_side(others) if others["by_side"].any() else others.with_columns(arm=pl.lit("both"))
        rows = with_facts(rows, _worst(_count(others)), on="session")
    return _told(rows).drop("year", "half", "calendar")


def _of_kind(columns: Mapping[str, str]) -> pl.Expr:
    return pl.coalesce(pl.when(pl.col("kind") == kind).then(name) for kind, name in columns.items())


def _by_side(others: pl.DataFrame) -> pl.DataFrame:
    """`others` once for each side that its session treats, where the payer counts sides apart."""
    nowhere = ~(pl.col("left") | pl.col("right"))
    held_nowhere = ~(pl.col("held_left") | pl.col("held_right"))
    both = ~pl.col("by_side")
    arms = pl.concat_list(
        pl.when(both).then(pl.lit("both")),
        pl.when(~both & (pl.col("left") | nowhere)).then(pl.lit("left")),
        pl.when(~both & (pl.col("right") | nowhere)).then(pl.lit("right")),
    ).list.drop_nulls()
    return (
        others.with_columns(arm=arms)
        .explode("arm")
        .filter(
            (pl.col("arm") == "both")
            | held_nowhere
            | pl.when(pl.col("arm") == "left").then("held_left").otherwise("held_right")
        )
    )


def _count(others: pl.DataFrame) -> pl.DataFrame:
    """What came before each session and arm, in each window, and the first day after every window."""
    day, held_on = pl.col("day"), pl.col("held_on")
    sided = ~pl.col("kind").is_in(_WHOLE_REGION)
    common = (pl.col("left") & pl.col("held_left")) | (pl.col("right") & pl.col("held_right"))
    says = (pl.col("left") | pl.col("right")) & (pl.col("held_left") | pl.col("held_right"))
    new_year = pl.date(day.dt.year(), 1, 1)
    others = others.sort("held_on").with_columns(
        earlier=held_on < day,
        this_year=pl.when("calendar")
        .then((held_on >= new_year) & (held_on < day))
        .otherwise((held_on > day.dt.offset_by("-1y")) & (held_on < day)),
        half_year=(held_on > day.dt.offset_by("-6mo")) & (held_on < day),
        within_series=(held_on > day.dt.offset_by(pl.format("-{}mo", "series_months"))) & (held_on < day),
        same=~sided | common,
        maybe=~sided | common | ~says,
        told=pl.when(held_on.dt.year() == day.dt.year())
        .then(held_on.dt.strftime("%-d %b"))
        .otherwise(held_on.dt.strftime("%-d %b %Y")),
    )
    yearly = _latest("year")
    found = others.group_by("session", "arm", maintain_order=True).agg(
        before=pl.col("this_year").sum(),
        half_before=pl.col("half_year").sum(),
        series_before=pl.col("within_series").sum(),
        earlier_year=pl.col("told").filter("this_year").tail(_TOLD).str.join(", "),
        earlier_half=pl.col("told").filter("half_year").tail(_TOLD).str.join(", "),
        last_session=held_on.filter(pl.col("earlier") & pl.col("maybe")).last(),
        last_same=held_on.filter(pl.col("earlier") & pl.col("same")).last(),
        last_ever=held_on.filter("maybe").last(),
        year_frees=pl.when(pl.col("calendar").first())
        .then(pl.date(yearly.dt.year() + 1, 1, 1))
        .otherwise(_leaves(yearly, pl.lit("1y"))),
        half_frees=_leaves(_latest("half"), pl.lit("6mo")),
        series_frees=_leaves(
            pl.when(pl.len() >= _SERIES).then(held_on.get(-_SERIES, null_on_oob=True)),
            pl.format("{}mo", pl.col("series_months").first()),
        ),
        **{name: pl.col(name).first() for name in ("day", "days", "relief")},
    )
    relief = pl.format("{}mo", "relief")
    return found.with_columns(
        same_side=pl.when(pl.col("last_same") == pl.col("last_session")).then(pl.lit(value=True)),
        days_since=(pl.col("day") - pl.col("last_session")).dt.total_days(),
        repeat_from=pl.col("last_session").dt.offset_by(relief),
        eligible=pl.max_horizontal(
            "year_frees",
            "half_frees",
            "series_frees",
            pl.col("last_ever") + pl.duration(days="days"),
            pl.col("last_ever").dt.offset_by(relief),
        ),
    )


def _latest(limit: str) -> pl.Expr:
    """The session that must leave its window before one more is within `limit`; null where few were held."""
    most = pl.col(limit).first().cast(pl.Int64)
    held = pl.len().cast(pl.Int64)
    return pl.when(held >= most).then(pl.col("held_on").get(held - most, null_on_oob=True))


def _leaves(day: pl.Expr, window: pl.Expr) -> pl.Expr:
    """The first day from which a window of this length no longer holds `day`: a shorter month spills over."""
    later = day.dt.offset_by(window)
    return later + pl.duration(days=(later.dt.day() != day.dt.day()).cast(pl.Int8))


def _worst(found: pl.DataFrame) -> pl.DataFrame:
    """One row for each session: of its arms the one with most sessions, and the latest of their days."""
    found = found.select("session", *_COUNTED)
    if not found["session"].is_duplicated().any():
        return found
    latest = ["eligible"]
    return (
        found.sort("before", "half_before", descending=True)
        .group_by("session", maintain_order=True)
        .agg(pl.exclude(latest).first(), pl.col(latest).max())
    )


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with what is said of them."""
    rows = rows.with_columns(
        sessions=pl.col("before").fill_null(0) + 1,
        half_year_sessions=pl.col("half_before").fill_null(0) + 1,
        series=pl.col("series_before").fill_null(0) + 1,
    )
    over_year = (pl.col("sessions") > pl.col("year")).fill_null(value=False)
    over_half = (pl.col("half_year_sessions") > pl.col("half")).fill_null(value=False)
    rows = rows.with_columns(over_limit=over_year | over_half, of_half=over_half & ~over_year)

    def either(half: pl.Expr, year: pl.Expr) -> pl.Expr:
        return pl.when("of_half").then(half).otherwise(year)

    number = either(pl.col("half_year_sessions"), pl.col("sessions"))
    year = pl.when("calendar").then(pl.col("day").dt.strftime("%Y")).otherwise(pl.lit("12 months"))
    return rows.with_columns(
        window=either(pl.lit("6 months"), year),
        session_ordinal=number.replace_strict(
            _ORDINALS, default=pl.format("{}th", number), return_dtype=pl.String
        ),
        sessions_covered=either(pl.col("half"), pl.col("year")),
        earlier_sessions=either(pl.col("earlier_half"), pl.col("earlier_year")),
        next_eligible=pl.col("eligible").dt.strftime("%-d %b %Y"),
    )
