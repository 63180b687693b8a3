"""Trends of remittances told: what changed first, in words with its dollars and how sure it is."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import numpy as np
import polars as pl

from anodyne.app.remit_trends import RemitTrends
from anodyne.app.words import counted, day
from anodyne.cli.care_tables import dollars_of
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.denials.levels import CONFIDENT
from anodyne.denials.trends import LEVEL
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.money import dollars
from anodyne.model.denials import ACTION_WORDS, CAUSE_WORDS

SCHEMA: Final = "anodyne.remit-trends/1"
FORMS: Final = ("html", "text", "json", "csv")
ROWS: Final = 15
"""How many causes and payers are told in text: the other forms have all."""
_MONEY: Final = 14
_SHARE: Final = 9
_INDENT: Final = 3
_FAMILIES: Final = MappingProxyType(
    {
        "apcm": "advanced primary care management",
        "apcm_behavioural": "behavioural add-on of primary care management",
        "bhi": "behavioural health integration",
        "ccm": "chronic care management",
        "ccm_planning": "planning of chronic care",
        "cocm": "collaborative care",
        "cpm": "chronic pain management",
        "epidural_interlaminar": "interlaminar epidural",
        "epidural_transforaminal": "transforaminal epidural",
        "facet_block_us": "facet block, ultrasound",
        "facet_rf": "facet radiofrequency",
        "genicular_rf": "genicular radiofrequency",
        "joint_us": "joint injection, ultrasound",
        "joint": "joint injection",
        "office_established": "office visit, established",
        "office_new": "office visit, new",
        "other": "other services",
        "pcm": "principal care management",
        "rpm": "remote physiologic monitoring",
        "rpm_device": "remote physiologic monitoring, device",
        "rpm_review": "remote physiologic monitoring, review",
        "rpm_setup": "remote physiologic monitoring, setup",
        "rtm": "remote therapeutic monitoring",
        "rtm_device": "remote therapeutic monitoring, device",
        "rtm_setup": "remote therapeutic monitoring, setup",
        "sacroiliac_nerve_rf": "sacroiliac nerve radiofrequency",
        "tcm": "care after discharge",
        "udt_definitive": "definitive drug test",
        "udt_presumptive": "presumptive drug test",
    }
)
"""Families of services as people call them, where that is more than a blank for a hyphen."""


def write(trends: RemitTrends, form: str, out: BinaryIO, page: Page) -> None:
    """Write `trends` to `out` as one of FORMS; `page` is what text is written on.

    Raises BadRequest for a form that is none of them.
    """
    match form:
        case "html":
            from anodyne.cli import remit_trends_page  # noqa: PLC0415  charts are slow to import

            remit_trends_page.write(trends, out)
        case "text":
            out.writelines(text.encode(errors="replace") for text in _told(trends, page))
        case "json":
            out.write(json.dumps(_document(trends), ensure_ascii=False, indent=1, default=_plain).encode())
            out.write(b"\n")
        case "csv":
            _table(trends).write_csv(out)
        case _:
            raise BadRequest(f"no form is called {form}", where="--format", fix=f"Use {', '.join(FORMS)}.")


# ----------------------------------------------------------------------- words


def family(name: str) -> str:
    """A family of services in words.

    >>> family("facet_rf"), family("trigger_point")
    ('facet radiofrequency', 'trigger point')
    """
    return _FAMILIES.get(name, name.replace("_", " "))


def cause(name: str) -> str:
    """A cause in words."""
    return CAUSE_WORDS.get(name, name.replace("_", " "))


def action(name: str) -> str:
    """What to do about it, in words."""
    return ACTION_WORDS.get(name, name.replace("_", " "))


def percent(rate: float | None) -> str:
    """A share as people read it.

    >>> percent(0.125), percent(None)
    ('12.5 %', '')
    """
    return "" if rate is None else f"{100 * rate:.1f} %"


def sure(confidence: float) -> str:
    """How sure it is, never rounded up to certainty.

    >>> sure(0.99987), sure(0.9959)
    ('more than 99.9 % sure', '99.5 % sure')
    """
    return "more than 99.9 % sure" if confidence > 0.999 else f"{np.floor(confidence * 1000) / 10:.1f} % sure"


def names(trends: RemitTrends) -> Mapping[str, str]:
    """What each payer is called."""
    return {row["payer"]: row["name"] for row in trends.payers.iter_rows(named=True)}


def excess(change: Mapping[str, Any]) -> str:
    """The dollars of a change."""
    cents = change["excess_cents"]
    return f"{dollars(abs(cents))} {'less' if cents < 0 else 'more'} at stake"


def change_words(change: Mapping[str, Any]) -> str:
    """A change of a rate in a sentence."""
    sum_ = f"Up to the week of {day(change['until'])}, that is {excess(change)} than at the old rate."
    return f"Denied or cut {change['told']}. {sum_}"


def level_words(row: Mapping[str, Any]) -> str:
    """What a payer lowers of a family, in sentences."""
    others = "" if row["others_share"] is None else f"; the other payers lower {percent(row['others_share'])}"
    lines = f"{row['lowered']:,} of {counted(row['lines'], 'paid line')}"
    told = f"{lines} at a lower level ({percent(row['share'])}){others}"
    parts = [f"{told}; {sure(row['confidence'])}."]
    if row["difference_cents"]:
        parts.append(f"{dollars(row['difference_cents'])} less than at the levels billed.")
    if row["rising_confidence"] >= CONFIDENT and row["earlier_share"] is not None:
        parts.append(
            f"Rising: {percent(row['earlier_share'])} of the earlier half, {percent(row['later_share'])} of "
            f"the later; {sure(row['rising_confidence'])}."
        )
    return " ".join(parts)


def nothing_changed(trends: RemitTrends) -> str:
    """What is said where no rate changed."""
    runs = trends.weeks.select("payer", "family").n_unique()
    if not runs:
        return "No remittance with a day was read: there is nothing to compare."
    looked = counted(runs, "payer and family", "payers and families")
    return f"No rate changed more than chance explains: {looked} looked at, at {LEVEL:.0%} confidence."


def scope(trends: RemitTrends) -> str:
    """What is counted, in a line."""
    parts = [counted(trends.files, "file"), counted(trends.payments, "payment")]
    if len(trends.weeks):
        first, last = _span(trends)
        parts.append(f"weeks of {day(first)} to {day(last)}" if first != last else f"week of {day(first)}")
    return " · ".join(parts)


def notes(trends: RemitTrends) -> Iterator[str]:
    """What is not counted, and why."""
    if trends.held:
        yield (
            f"{counted(trends.held, 'payment')} not counted: they do not add up or come in two versions. "
            "anodyne remit check tells which."
        )
    if trends.undated:
        yield f"{counted(trends.undated, 'claim')} of payments without a day: in the sums, but in no week."
    if trends.repeated:
        yield f"{counted(len(trends.repeated), 'file')} given more than once: counted once."
    if trends.errors:
        yield f"{counted(len(trends.errors), 'file')} could not be read: not counted."


def _span(trends: RemitTrends) -> tuple[dt.date, dt.date]:
    weeks = trends.weeks["week"].sort()
    return weeks[0], weeks[-1]


# ------------------------------------------------------------------------ text


def _told(trends: RemitTrends, page: Page) -> Iterator[str]:
    called = names(trends)
    yield page.ink("strong", f"Remittance trends as of {day(trends.as_of)}") + "\n"
    yield entry("", scope(trends), 0, page)
    yield f"\n{page.ink('strong', 'What changed')}\n"
    for row in trends.changes.iter_rows(named=True):
        yield _heading(called, row, page, excess(row), "missed" if row["excess_cents"] < 0 else "deny")
        yield entry("", printable(change_words(row)), _INDENT, page)
    if trends.changes.is_empty():
        yield entry("", nothing_changed(trends), 0, page)
    if len(trends.lowered):
        yield f"\n{page.ink('strong', 'Paid at a lower level than billed')}\n"
        for row in trends.lowered.iter_rows(named=True):
            yield _heading(called, row, page, f"{percent(row['share'])} lowered", "deny")
            yield entry("", level_words(row), _INDENT, page)
    yield from _causes(trends, called, page)
    yield from _payers(trends, page)
    more = list(notes(trends))
    if more:
        yield "\n"
    for note in more:
        yield entry("", note, 0, page)


def _heading(called: Mapping[str, str], row: Mapping[str, Any], page: Page, right: str, style: str) -> str:
    room = page.width - len(right) - 2
    left = shortened(printable(f"{called.get(row['payer'], row['payer'])} · {family(row['family'])}"), room)
    return f"{left:<{room}}  {page.ink(style, right)}\n"


def _causes(trends: RemitTrends, called: Mapping[str, str], page: Page) -> Iterator[str]:
    if trends.causes.is_empty():
        return
    yield f"\n{page.ink('strong', 'Root causes, by dollars at stake')}\n"
    at = _MONEY + _SHARE + 2
    for row in trends.causes.head(ROWS).iter_rows(named=True):
        head = f"{dollars(row['cents']):>{_MONEY}}{percent(row['share']):>{_SHARE}}"
        who = f"{called.get(row['payer'], row['payer'])} · {family(row['family'])}"
        what = f"{cause(row['cause'])}, {counted(row['claims'], 'claim')} → {action(row['action'])}"
        yield entry(head, printable(f"{who}: {what}"), at, page)
    left = len(trends.causes) - ROWS
    if left > 0:
        yield page.ink("faint", f"… and {left:,} more: --format html or json") + "\n"


def _payers(trends: RemitTrends, page: Page) -> Iterator[str]:
    if trends.payers.is_empty():
        return
    yield f"\n{page.ink('strong', 'Payers, by dollars at stake')}\n"
    for row in trends.payers.head(ROWS).iter_rows(named=True):
        head = f"{dollars(row['cents']):>{_MONEY}}{percent(row['rate']):>{_SHARE}}"
        told = f"{row['name']}: {row['hit']:,} of {counted(row['claims'], 'claim')} denied or cut"
        yield entry(head, printable(told), _MONEY + _SHARE + 2, page)
    left = len(trends.payers) - ROWS
    if left > 0:
        yield page.ink("faint", f"… and {left:,} more: --format html or json") + "\n"


# ---------------------------------------------------------------- JSON and CSV


def _document(trends: RemitTrends) -> dict[str, Any]:
    changes = [
        {**{name: value for name, value in row.items() if name != "told"}, "told": change_words(row)}
        for row in trends.changes.iter_rows(named=True)
    ]
    levels = [
        {**row, "says": level_words(row) if row["told"] else None}
        for row in trends.levels.drop("payer_name").iter_rows(named=True)
    ]
    return {
        "schema": SCHEMA,
        "as_of": trends.as_of,
        "files": trends.files,
        "payments": trends.payments,
        "payments_held": trends.held,
        "claims_without_day": trends.undated,
        "changes": changes,
        "levels": levels,
        "level_mix": trends.mix.to_dicts(),
        "causes": trends.causes.to_dicts(),
        "payers": trends.payers.to_dicts(),
        "payer_weeks": trends.payer_weeks.to_dicts(),
        "weeks": trends.weeks.to_dicts(),
        "errors": [
            {
                "code": e.code,
                "file": e.file,
                "segment": e.segment,
                "message": e.message,
                "next_step": e.next_step,
            }
            for e in trends.errors
        ],
    }


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _table(trends: RemitTrends) -> pl.DataFrame:
    """One row a payer, family and week; amounts in dollars."""
    called = trends.payers.select("payer", payer_name="name")
    return trends.weeks.join(called, on="payer", how="left", maintain_order="left").select(
        "payer",
        "payer_name",
        "family",
        "week",
        "claims",
        denied_or_cut="hit",
        rate=pl.col("rate").round(4),
        at_stake=dollars_of("cents"),
    )
