"""The 1500 claim form, version 02/12: the data of claims, for printing on the pre-printed red form."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import polars as pl
import typst

from anodyne.forms.items import Row, completed, put_claim, put_line
from anodyne.forms.layout import CHARACTER_POINTS, POINTS, ROW_POINTS, Field, Layout, layout
from anodyne.forms.paper import Paper, Total
from anodyne.forms.sheet import Refused, Sheet
from anodyne.kernel.errors import BadRequest
from anodyne.model.coordination import ONE_PAYER, Coordination
from anodyne.model.frames import CLAIMS, LINES, checked
from anodyne.model.parties import Parties

_NOTHING_MORE: Final[Mapping[str, Paper]] = MappingProxyType({})
_BLANK: Final = Paper()
_FARTHEST: Final = POINTS / 2
"""Points that a page may be moved by: more is another form."""


def cms1500(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    parties: Parties,
    papers: Mapping[str, Paper] = _NOTHING_MORE,
    coordination: Coordination = ONE_PAYER,
    *,
    total: Total = Total.EACH_PAGE,
    guides: bool = False,
    nudge: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """One PDF with a page for each six lines of each claim, in the order of `claims`; the same for the same.

    It holds data alone, in capitals, ten characters and six rows to the inch, and is printed at its own size
    (100 %) on the red form.  `papers` adds by `claim_id` what neither frames nor parties hold.  What is not
    known stays blank.  Of `coordination` a claim shows its one other policy, and what earlier payers paid.
    `guides` draws thin boxes with the numbers of the items, to look at on plain paper.
    `nudge` moves everything right and down by so many points (1/72 inch), for a printer that is off.

    Raises BadRequest that lists, by claim id and item, all that does not fit or cannot be said on the form.
    """
    if max(map(abs, nudge)) > _FARTHEST:
        raise BadRequest(
            f"the page would be moved by more than {_FARTHEST:g} points",
            where="nudge",
            fix="Give points to the right and down, of which 72 are an inch.",
        )
    refused = Refused()
    by_key = _by_claim(checked(claims, CLAIMS), checked(lines, LINES))
    others: dict[int, list[Row]] = {key: [] for key in by_key}
    for other in coordination.payers.iter_rows(named=True):
        others.setdefault(other["claim_key"], []).append(other)
    sheets = [
        sheet
        for row in claims.iter_rows(named=True)
        for sheet in _pages(
            row,
            by_key[row["claim_key"]],
            others[row["claim_key"]],
            parties,
            papers.get(row["claim_id"] or "", _BLANK),
            total=total,
            refused=refused,
        )
    ]
    if not sheets:
        refused.add("the forms", "24", "would hold no claim")
    if refused.reasons:
        raise BadRequest(
            f"no form is made; {'; '.join(refused.reasons)}",
            where="the claims and parties given",
            fix="Shorten or give what is told, or send these claims as a file.",
        )
    return _printed(sheets, guides=guides, nudge=nudge)


def _by_claim(claims: pl.DataFrame, lines: pl.DataFrame) -> Mapping[int, Sequence[Row]]:
    """The lines of each claim in order; ValueError where keys do not hold together."""
    found: dict[int, list[Row]] = {key: [] for key in claims["claim_key"]}
    if len(found) < len(claims) or not lines["claim_key"].is_in(claims["claim_key"].implode()).all():
        raise ValueError("two claims have one key, or a line has that of none")
    for line in lines.sort("line", maintain_order=True).iter_rows(named=True):
        found[line["claim_key"]].append(line)
    return found


def _pages(
    row: Row,
    lines: Sequence[Row],
    others: Sequence[Row],
    parties: Parties,
    paper: Paper,
    *,
    total: Total,
    refused: Refused,
) -> Iterator[Sheet]:
    """The pages of one claim."""
    owner = f"claim {row['claim_id']}" if row["claim_id"] else "a claim without id"
    most = len(layout().lines)
    portions = [lines[k : k + most] for k in range(0, len(lines), most)]
    if not portions:
        refused.add(owner, "24", "has no line")
    whole = _sum(lines)
    if None not in {whole, row["charge_cents"]} and whole != row["charge_cents"]:
        refused.add(owner, "28", "is not the sum of the lines")
    paper = completed(Sheet(owner, refused), row, others, parties, paper)
    for at, some in enumerate(portions):
        sheet = Sheet(owner, refused)
        put_claim(sheet, row, lines, parties, paper)
        for place, line in enumerate(some):
            put_line(sheet, place, line, row, parties)
        is_last = at == len(portions) - 1
        if total is Total.EACH_PAGE:
            sheet.put_amount("28", _sum(some))
            sheet.put_amount("29", None if at else _paid(sheet, paper, _sum(some), several=not is_last))
        else:
            if len(portions) > 1:
                sheet.put("page", f"Page {at + 1} of {len(portions)}")
            if is_last:
                sheet.put_amount("28", whole)
                sheet.put_amount("29", paper.paid_cents)
            else:
                sheet.put("28", "Continued")
        yield sheet


def _sum(lines: Sequence[Row]) -> int | None:
    """What the lines come to; None where one has no charge."""
    charges = [line["charge_cents"] for line in lines]
    return None if None in charges else sum(charges)


def _paid(sheet: Sheet, paper: Paper, charged: int | None, *, several: bool) -> int | None:
    """What was paid, all of it on the first of several forms, if that one has charges enough."""
    paid = paper.paid_cents
    if several and paid is not None and charged is not None and paid > charged:
        sheet.refuse("29", "is more than the first form charges: add the forms up on the last page")
    return paid


def _printed(sheets: Sequence[Sheet], *, guides: bool, nudge: tuple[float, float]) -> bytes:
    form = layout()
    pages = [
        [[form.across(mark.column), form.down(mark.row), mark.text] for mark in sheet.marks]
        for sheet in sheets
    ]
    fonts = typst.Fonts(include_system_fonts=False)
    made = typst.Compiler(font_paths=fonts, ignore_system_fonts=True).compile(
        files("anodyne.forms").joinpath("cms1500.typ").read_bytes(),
        format="pdf",
        sys_inputs={
            "pages": json.dumps(pages, ensure_ascii=False),
            "guides": json.dumps(list(_guides(form)) if guides else []),
            "nudge": json.dumps(nudge),
            "pitch": str(CHARACTER_POINTS),
        },
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one run of bytes")
    return made


def _guides(form: Layout) -> Iterator[list[Any]]:
    """A box for each field, with the number of its item, if it has one, at its first field in a row."""
    told: set[tuple[str, int]] = set()
    for field in _fields(form):
        new = (field.item, field.row) not in told and field.item[0].isdigit()
        told.add((field.item, field.row))
        yield [
            form.across(field.column),
            form.top + (field.row - 1) * ROW_POINTS,
            field.width * CHARACTER_POINTS,
            ROW_POINTS,
            field.item if new else "",
        ]


def _fields(form: Layout) -> Iterator[Field]:
    yield from form.page.values()
    for line in form.lines:
        yield from line.values()
