"""Trends of remittances as one page for a browser: what changed, then charts, then tables.

The page stands alone and needs no script.  Nobody's claim is on it, only counts and sums.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anodyne.app import words
from anodyne.app.remit_trends import RemitTrends
from anodyne.app.words import counted
from anodyne.cli.charts import Bar, bars
from anodyne.cli.page import printable, shortened
from anodyne.cli.remit_trends import (
    action,
    cause,
    change_words,
    excess,
    family,
    level_words,
    names,
    notes,
    nothing_changed,
    percent,
    scope,
)
from anodyne.cli.trend_charts import Code, Level, Week, mixes, rates
from anodyne.kernel.money import dollars

if TYPE_CHECKING:
    import datetime as dt

CHANGES_SHOWN: Final = 24
PAYERS_SHOWN: Final = 8
RUNS_SHOWN: Final = 12
BARS: Final = 12
CAUSES_SHOWN: Final = 300
WEEKS_SHOWN: Final = 4_000
"""Rows of weeks; where there are more, the page has those of the payers with the most at stake."""
_NAME: Final = 32
_RUN: Final = ("payer", "family")

Told = dict[str, Any]
"""What the template shows of one thing, by the names that it uses."""


def write(trends: RemitTrends, out: BinaryIO) -> None:
    """Write `trends` to `out` as an HTML page in UTF-8."""
    environment = Environment(
        loader=PackageLoader("anodyne.cli", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    called = names(trends)
    changes = trends.changes.head(CHANGES_SHOWN)
    weeks = _weeks(trends, called)
    page = environment.get_template("remit_trends.html.j2").generate(
        style=_part("report.css") + _part("remit_trends.css"),
        as_of=words.day(trends.as_of),
        scope=scope(trends),
        changes=[_change(row, trends, called) for row in changes.iter_rows(named=True)],
        more_changes=len(trends.changes) - len(changes),
        nothing=nothing_changed(trends),
        levels=[_level(row, trends, called) for row in trends.lowered.iter_rows(named=True)],
        figures=list(_figures(trends)),
        notes=list(notes(trends)),
        payers=list(_payer_charts(trends)),
        runs=list(_run_charts(trends, called)),
        causes=_cause_bars(trends),
        tables=list(_tables(trends, called)),
        weeks=weeks,
        weeks_left_out=len(trends.weeks) - sum(len(table["rows"]) for table in weeks),
    )
    out.writelines(part.encode() for part in page)


def _shown(value: object) -> object:
    """`value` as the page shows it: text of a file without what has no place on a page."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _part(name: str) -> Markup:
    """A part of the page that is written by us, and stands in it as it is."""
    return Markup(files("anodyne.cli").joinpath("pages", name).read_text("utf-8"))  # noqa: S704


def _drawn(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704  escaped by its maker


# ---------------------------------------------------------------- what changed


def _change(row: Told, trends: RemitTrends, called: Mapping[str, str]) -> Told:
    weeks = trends.weeks.filter(pl.col("payer") == row["payer"], pl.col("family") == row["family"])
    return {
        "title": f"{called.get(row['payer'], row['payer'])}: {family(row['family'])}",
        "kind": "fell" if row["excess_cents"] < 0 else "rose",
        "money": excess(row),
        "words": change_words(row),
        "svg": _drawn(rates(_points(weeks), _steps(row, weeks, trends.changes))),
    }


def _steps(row: Told, weeks: pl.DataFrame, changes: pl.DataFrame) -> list[Level]:
    """The rate before a change, as far back as the change before it, and the rate after it."""
    earlier = changes.filter(
        pl.col("payer") == row["payer"], pl.col("family") == row["family"], pl.col("since") < row["since"]
    )["since"]
    before = weeks["week"].filter(weeks["week"] < row["since"])
    first: dt.date = max(earlier) if len(earlier) else before[0]
    return [
        Level(first, before[-1], row["before_rate"]),
        Level(row["since"], row["until"], row["after_rate"]),
    ]


def _points(weeks: pl.DataFrame) -> Sequence[Week]:
    return [Week(*row) for row in weeks.sort("week").select("week", "rate").iter_rows()]


def _level(row: Told, trends: RemitTrends, called: Mapping[str, str]) -> Told:
    mix = trends.mix.filter(pl.col("payer") == row["payer"], pl.col("family") == row["family"])
    codes = [Code(*one) for one in mix.select("code", "billed", "paid").iter_rows()]
    return {
        "title": f"{called.get(row['payer'], row['payer'])}: {row['family']}",
        "money": f"{percent(row['share'])} paid at a lower level",
        "words": level_words(row),
        "svg": _drawn(mixes(codes)),
    }


def _figures(trends: RemitTrends) -> Iterator[Told]:
    claims, hit, cents = (int(trends.payers[name].sum()) for name in ("claims", "hit", "cents"))
    share = f" ({percent(hit / claims)})" if claims else ""
    for kind, name, number in (
        ("", "claims answered", f"{claims:,}"),
        ("deny", "denied or cut", f"{hit:,}{share}"),
        ("deny", "at stake", dollars(cents)),
        ("audit", "changes of a rate", f"{len(trends.changes):,}"),
        ("audit", "levels lowered", f"{len(trends.lowered):,}"),
    ):
        yield {"kind": kind, "name": name, "number": number}


# ---------------------------------------------------------------------- charts


def _payer_charts(trends: RemitTrends) -> Iterator[Told]:
    for row in trends.payers.filter(pl.col("hit") > 0).head(PAYERS_SHOWN).iter_rows(named=True):
        weeks = trends.payer_weeks.filter(pl.col("payer") == row["payer"])
        if len(weeks):
            yield _chart(row["name"], row, weeks)


def _run_charts(trends: RemitTrends, called: Mapping[str, str]) -> Iterator[Told]:
    """The runs with the most at stake, those that stand above with their change aside."""
    drawn = trends.changes.head(CHANGES_SHOWN).select(*_RUN).unique()
    runs = _runs(trends).join(drawn, on=_RUN, how="anti", maintain_order="left").filter(pl.col("cents") > 0)
    for row in runs.head(RUNS_SHOWN).iter_rows(named=True):
        weeks = trends.weeks.filter(pl.col("payer") == row["payer"], pl.col("family") == row["family"])
        yield _chart(f"{called.get(row['payer'], row['payer'])}: {family(row['family'])}", row, weeks)


def _chart(title: str, row: Told, weeks: pl.DataFrame) -> Told:
    note = (
        f"{row['hit']:,} of {counted(row['claims'], 'claim')} denied or cut ({percent(row['rate'])}), "
        f"{dollars(row['cents'])} at stake"
    )
    return {"title": title, "note": note, "svg": _drawn(rates(_points(weeks)))}


def _runs(trends: RemitTrends) -> pl.DataFrame:
    return (
        trends.weeks.group_by(*_RUN)
        .agg(pl.col("claims", "hit", "cents").sum())
        .with_columns(rate=pl.col("hit") / pl.col("claims"))
        .sort(["cents", *_RUN], descending=[True, False, False])
    )


def _cause_bars(trends: RemitTrends) -> Told | None:
    """What is at stake by cause, over all payers and families."""
    by = (
        trends.causes.group_by("cause")
        .agg(pl.col("cents").sum())
        .sort(["cents", "cause"], descending=[True, False])
        .filter(pl.col("cents") > 0)
    )
    if by.is_empty():
        return None
    drawn = [Bar(shortened(cause(name), _NAME), cents, 0) for name, cents in by.head(BARS).iter_rows()]
    left = f"The first {BARS} of {len(by)}. " if len(by) > BARS else ""
    note = f"{left}The table below has each with its payer, its family of services and what to do."
    return {"note": note, "svg": _drawn(bars(drawn))}


# ---------------------------------------------------------------------- tables


def _tables(trends: RemitTrends, called: Mapping[str, str]) -> Iterator[Told]:
    if len(trends.causes):
        shown = trends.causes.head(CAUSES_SHOWN)
        left = len(trends.causes) - len(shown)
        yield {
            "title": "Root causes",
            "note": f"The first {CAUSES_SHOWN}; --format json has {left:,} more." if left else "",
            "heads": [
                ("Payer", False),
                ("Family", False),
                ("Cause", False),
                ("What to do", False),
                ("Claims", True),
                ("At stake", True),
                ("Of all", True),
            ],
            "rows": [
                [
                    called.get(row["payer"], row["payer"]),
                    family(row["family"]),
                    cause(row["cause"]),
                    action(row["action"]),
                    f"{row['claims']:,}",
                    dollars(row["cents"]),
                    percent(row["share"]),
                ]
                for row in shown.iter_rows(named=True)
            ],
        }
    numbers = [("Claims", True), ("Denied or cut", True), ("Rate", True), ("At stake", True)]
    if len(trends.payers):
        yield {
            "title": "Payers",
            "note": "",
            "heads": [("Payer", False), ("Id", False), *numbers],
            "rows": [
                [row["name"], row["payer"], *_numbers(row)] for row in trends.payers.iter_rows(named=True)
            ],
        }
    if len(trends.weeks):
        yield {
            "title": "Payers and families of services",
            "note": "A claim counts in each family that it has.",
            "heads": [("Payer", False), ("Family", False), *numbers],
            "rows": [
                [called.get(row["payer"], row["payer"]), family(row["family"]), *_numbers(row)]
                for row in _runs(trends).iter_rows(named=True)
            ],
        }
    if len(trends.levels):
        yield {
            "title": "Levels billed and paid",
            "note": "Told above where enough lines are lowered, and more than chance explains.",
            "heads": [
                ("Payer", False),
                ("Family", False),
                ("Paid lines", True),
                ("Lowered", True),
                ("Share", True),
                ("Other payers", True),
                ("Less than billed", True),
                ("Confidence", True),
            ],
            "rows": [
                [
                    called.get(row["payer"], row["payer"]),
                    row["family"],
                    f"{row['lines']:,}",
                    f"{row['lowered']:,}",
                    percent(row["share"]),
                    percent(row["others_share"]),
                    _less(row),
                    _confidence(row["confidence"]),
                ]
                for row in trends.levels.iter_rows(named=True)
            ],
        }


def _numbers(row: Told) -> list[str]:
    return [f"{row['claims']:,}", f"{row['hit']:,}", percent(row["rate"]), dollars(row["cents"])]


def _less(row: Told) -> str:
    """What lowered lines fell short of; nothing where no rate is known."""
    return (
        "no rate known"
        if row["lowered"] and not row["difference_cents"]
        else dollars(row["difference_cents"])
    )


def _confidence(confidence: float) -> str:
    return "> 99.9 %" if confidence > 0.999 else percent(confidence)


def _weeks(trends: RemitTrends, called: Mapping[str, str]) -> list[Told]:
    """The weeks of each payer, the one with the most at stake first, as many as a page holds."""
    found, room = [], WEEKS_SHOWN
    for (payer,), rows in (
        trends.payers.select("payer")
        .join(trends.weeks, on="payer", maintain_order="left_right")
        .partition_by("payer", as_dict=True, maintain_order=True)
        .items()
    ):
        if len(rows) > room:
            break
        room -= len(rows)
        name = called.get(payer, payer)
        found.append(
            {
                "title": f"Weeks of {shortened(printable(name), _NAME)}",
                "heads": [
                    ("Week", False),
                    ("Family", False),
                    ("Claims", True),
                    ("Denied or cut", True),
                    ("Rate", True),
                    ("At stake", True),
                ],
                "rows": [
                    [words.day(row["week"]), family(row["family"]), *_numbers(row)]
                    for row in rows.sort("week", "family").iter_rows(named=True)
                ],
            }
        )
    return found
