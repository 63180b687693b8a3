"""Charts of rates by week and of codes billed and paid, as SVG drawn here: no network, no script."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple

import altair as alt
import polars as pl
import vl_convert

from anodyne.cli.charts import FONT, INK
from anodyne.cli.page import printable

RATE: Final = "#5d7486"
CHANGED: Final = "#a3271f"
BILLED: Final = "#0b5a78"
PAID: Final = "#b9770e"
WIDTH: Final = 340
HEIGHT: Final = 130
TICKS: Final = 4
ROW: Final = 34
_GRID: Final = "#e3e8ec"


class Week(NamedTuple):
    """The rate of one week."""

    week: dt.date
    rate: float


class Level(NamedTuple):
    """A rate that held from one week to another, both of them within it."""

    since: dt.date
    until: dt.date
    rate: float


class Code(NamedTuple):
    """How many lines were billed with a code, and how many were paid as it."""

    code: str
    billed: int
    paid: int


def rates(weeks: Sequence[Week], levels: Sequence[Level] = ()) -> str:
    """The rates of `weeks`, and over them the `levels` between which they changed; an SVG element."""
    every = [0.05, *(one.rate for one in weeks), *(one.rate for one in levels)]
    days = sorted({one.week for one in weeks})
    ticks = [days[round(place * (len(days) - 1) / (TICKS - 1))] for place in range(TICKS)] if days else []
    shown = [alt.DateTime(year=day.year, month=day.month, date=day.day) for day in sorted({*ticks})]
    x = alt.X(
        "week:T",
        title=None,
        axis=alt.Axis(format="%-d %b %Y", values=shown, grid=False, labelOverlap="greedy", labelFlush=True),
    )
    y = alt.Y(
        "rate:Q",
        title=None,
        axis=alt.Axis(format=".0%", tickCount=4, gridColor=_GRID, domain=False, ticks=False),
        scale=alt.Scale(domain=[0, min(1.0, max(every) * 1.1)], nice=True),
    )
    base = alt.Chart(pl.DataFrame(weeks, schema={"week": pl.Date, "rate": pl.Float64}, orient="row"))
    layers: list[alt.Chart] = [
        base.mark_line(color=RATE, strokeWidth=1, opacity=0.55).encode(x=x, y=y),
        base.mark_circle(color=RATE, size=20, opacity=1).encode(x=x, y=y),
    ]
    for place, level in enumerate(levels):
        ends = pl.DataFrame({"week": [level.since, level.until], "rate": [level.rate] * 2})
        layers.append(alt.Chart(ends).mark_line(color=CHANGED, strokeWidth=3).encode(x=x, y=y))
        # The number beside the line, so that nothing hangs on the colour; on white, so that no dot hides it.
        told = alt.Chart(ends.head(1).with_columns(told=pl.lit(f"{100 * level.rate:.1f} %")))
        for halo in (4, 0):
            text = told.mark_text(
                color=CHANGED,
                align="left",
                dx=4,
                dy=-10,
                fontWeight="bold",
                stroke="#ffffff",
                strokeWidth=halo,
            )
            layers.append(text.encode(x=x, y=y, text="told:N"))
        if place:
            cut = pl.DataFrame({"week": [level.since]})
            layers.append(alt.Chart(cut).mark_rule(color=CHANGED, strokeDash=[4, 3]).encode(x=x))
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, background="#ffffff"))


def mixes(codes: Sequence[Code]) -> str:
    """Lines billed with each code above those paid as it; an SVG element."""
    rows = pl.DataFrame(
        [
            (printable(one.code), kind, number)
            for one in codes
            for kind, number in (("billed", one.billed), ("paid", one.paid))
        ],
        schema={"code": pl.String, "kind": pl.String, "lines": pl.Int64},
        orient="row",
    ).with_columns(told=pl.format("{} {}", "lines", "kind"))
    most = max((max(one.billed, one.paid) for one in codes), default=1)
    y = alt.Y("code:N", sort=None, axis=alt.Axis(title=None, ticks=False, domain=False))
    offset = alt.YOffset("kind:N", sort=["billed", "paid"])
    x = alt.X("lines:Q", axis=None, scale=alt.Scale(domain=[0, max(most, 1) * 1.35], nice=False))
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["billed", "paid"], range=[BILLED, PAID]), legend=None
    )
    base = alt.Chart(rows)
    drawn = base.mark_bar().encode(y=y, yOffset=offset, x=x, color=colour)
    written = base.mark_text(align="left", dx=5, color=INK).encode(y=y, yOffset=offset, x=x, text="told:N")
    return _svg((drawn + written).properties(width=WIDTH, height=len(codes) * ROW, background="#ffffff"))


def _svg(chart: alt.LayerChart | alt.FacetChart) -> str:
    told = (
        chart.configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12.5, labelColor=INK)
        .configure_text(fontSize=12.5)
    )
    svg: str = vl_convert.vegalite_to_svg(told.to_dict())
    return svg
