"""Bar charts of money as SVG, drawn here: a page shows them without a network or a script."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import altair as alt
import polars as pl
import vl_convert

from anodyne.cli.page import printable
from anodyne.kernel.money import dollars

LOST: Final = "#a3271f"
AUDIT: Final = "#b9770e"
INK: Final = "#1d2429"
WIDTH: Final = 420
BAR: Final = 22
FONT: Final = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
NAME_WIDTH: Final = 210


class Bar(NamedTuple):
    """One bar: what will not be paid, and what could be taken back, in cents."""

    name: str
    lost_cents: int
    audit_cents: int


def bars(rows: Sequence[Bar]) -> str:
    """`rows` as horizontal bars in their order, each with its money written beside it; an SVG element.

    A character that has no place on a page is shown as a question mark.
    """
    rows = [row._replace(name=printable(row.name)) for row in rows]
    parts = [
        {"name": row.name, "kind": kind, "dollars": cents / 100, "order": order}
        for row in rows
        for order, (kind, cents) in enumerate((("lost", row.lost_cents), ("audit", row.audit_cents)))
    ]
    totals = [
        {
            "name": row.name,
            "dollars": (row.lost_cents + row.audit_cents) / 100,
            "told": dollars(row.lost_cents + row.audit_cents),
        }
        for row in rows
    ]
    axis = alt.Axis(title=None, labelLimit=NAME_WIDTH, minExtent=NAME_WIDTH + 10, ticks=False, domain=False)
    names = alt.Y("name:N", sort=None, axis=axis)
    widest = max((row.lost_cents + row.audit_cents for row in rows), default=0) / 100
    money = alt.X(
        "dollars:Q", stack="zero", axis=None, scale=alt.Scale(domain=[0, max(widest, 1) * 1.45], nice=False)
    )
    drawn = (
        alt.Chart(pl.DataFrame(parts))
        .mark_bar(height=BAR - 8)
        .encode(
            y=names,
            x=money,
            order="order:Q",
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=["lost", "audit"], range=[LOST, AUDIT]), legend=None
            ),
        )
    )
    written = (
        alt.Chart(pl.DataFrame(totals))
        .mark_text(align="left", dx=5, color=INK)
        .encode(y=names, x=alt.X("dollars:Q"), text="told:N")
    )
    chart = (
        (drawn + written)
        .properties(width=WIDTH, height=max(1, len(rows)) * BAR, background="#ffffff")
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12.5, labelColor=INK)
        .configure_text(fontSize=12.5)
    )
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg
