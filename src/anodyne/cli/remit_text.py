"""Remittances as text, for the person who posts them: payment by payment, claim by claim, then a summary."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.reading import STANDARD_INPUT
from anodyne.app.remit_read import RemitFile, RemitsRead
from anodyne.app.words import counted, day
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.kernel.money import dollars
from anodyne.model.frames import MODIFIERS

ROWS: Final = 50
"""How many claims of a payment are told: of more, those first that do not add up, were denied or reversed."""
LINES: Final = 30
"""How many lines of a claim are told."""
DENIED: Final = "4"
REVERSED: Final = "22"
STATUSES: Final = MappingProxyType(
    {
        "1": "processed as primary",
        "2": "processed as secondary",
        "3": "processed as tertiary",
        "4": "denied",
        "19": "processed as primary, passed on",
        "20": "processed as secondary, passed on",
        "21": "processed as tertiary, passed on",
        "22": "taken back",
        "23": "not theirs, passed on",
        "25": "predetermined, nothing paid",
    }
)
"""What CLP02 says, in our own words."""
_CLAIM: Final = 22
_CODE: Final = 18
_MONEY: Final = 12
_REASONS_AT: Final = 5 + _CODE + 6 + 2 * _MONEY + 3
_INDENT: Final = 3
_NAME: Final = 12
"""How much of a payer's name is told at the least."""
_LEAST: Final = 30
"""How many columns reasons have at the least beside a line."""

Rows = Mapping[Any, list[dict[str, Any]]]


def write(found: RemitsRead, out: BinaryIO, page: Page) -> None:
    """Write `found` to `out` as UTF-8, every row within the width of `page`."""
    out.writelines(text.encode(errors="replace") for text in _Teller(found, page).told())


class _Teller:
    """Tells what files said, with the rows of each payment, claim and line at hand."""

    def __init__(self, found: RemitsRead, page: Page) -> None:
        self._found = found
        self._page = page
        said = found.remittance
        self._shown, self._left_out = _chosen(said.remits, found.identities)
        keys = self._shown.select("remit_key")
        of_shown = {
            name: getattr(said, name).join(keys, on="remit_key", how="semi", maintain_order="left")
            for name in ("lines", "adjustments", "remarks")
        }
        self._claims = _by(self._shown, "payment_key")
        self._lines = _by(of_shown["lines"], "remit_key")
        self._of_claim = {
            name: _by(of_shown[name].filter(pl.col("remit_line_key").is_null()), "remit_key")
            for name in ("adjustments", "remarks")
        }
        self._of_line = {
            name: _by(of_shown[name].filter(pl.col("remit_line_key").is_not_null()), "remit_line_key")
            for name in ("adjustments", "remarks")
        }
        self._taken = _by(said.provider_adjustments, "payment_key")
        broken = found.identities.filter(~pl.col("holds"), pl.col("must"))
        self._broken_payments = _by(broken.filter(pl.col("remit_key").is_null()), "payment_key")
        of_claims = broken.filter(pl.col("remit_key").is_not_null())
        self._broken_claims = _by(of_claims.filter(pl.col("remit_line_key").is_null()), "remit_key")
        self._broken_lines = _by(of_claims.filter(pl.col("remit_line_key").is_not_null()), "remit_line_key")

    def told(self) -> Iterator[str]:
        """Everything, row by row."""
        payments = self._found.payments.join(self._found.balanced, on="payment_key", maintain_order="left")
        first = 0
        for file in self._found.files:
            yield self._heading(file)
            for payment in payments.slice(first, file.payments).iter_rows(named=True):
                yield from self._payment(payment)
            first += file.payments
        yield from self._summary(payments)

    def _heading(self, file: RemitFile) -> str:
        parts = (
            counted(file.payments, "payment"),
            counted(file.claims, "claim"),
            counted(file.lines, "line"),
        )
        beside = f"   {' · '.join(parts)}"
        path = "standard input" if file.path == STANDARD_INPUT else printable(file.path)
        room = self._page.width - len(beside)
        if len(path) > room:
            path = f"…{path[1 - room :]}"
        return f"{self._page.ink('strong', path)}{beside}\n\n"

    def _payment(self, payment: dict[str, Any]) -> Iterator[str]:
        key = payment["payment_key"]
        payer = payment["payer_name"] or payment["payer_id"] or "a payer without a name"
        amount = f"{_money(payment['amount_cents'])} paid"
        told = [payment["method"], payment["trace"], payment["paid_on"] and day(payment["paid_on"])]
        how = " · ".join(printable(str(one)) for one in told if one)
        room = self._page.width - len(amount) - len(how) - 4
        name = shortened(printable(payer), max(room, _NAME))
        yield self._row_of(f"{self._page.ink('strong', name)}   {how}", len(name) + 3 + len(how), amount)
        for taken in self._taken.get(key, []):
            yield self._row(_taken(taken))
        for broken in self._broken_payments.get(key, []):
            yield self._does_not_add_up(broken, _INDENT)
        if payment["balanced"]:
            yield self._row("adds up")
        elif not self._broken_payments.get(key):
            yield self._row("does not add up: see the claims")
        yield "\n"
        for claim in self._claims.get(key, []):
            yield from self._claim(claim)
        more = self._left_out.get(key, 0)
        if more:
            rest = f"… and {counted(more, 'claim')} more, of which --format csv has all"
            yield self._page.ink("faint", rest) + "\n\n"

    def _claim(self, claim: dict[str, Any]) -> Iterator[str]:
        key = claim["remit_key"]
        status = STATUSES.get(claim["status"], f"status {claim['status'] or 'not told'}")
        sums = f"{_money(claim['charge_cents'])} billed  {_money(claim['paid_cents'])} paid"
        if claim["patient_cents"]:
            sums += f"  {_money(claim['patient_cents'])} patient"
        name = shortened(printable(claim["claim_id"] or "no claim id"), _CLAIM)
        style = "deny" if claim["status"] in {DENIED, REVERSED} else "faint"
        words = shortened(printable(status), self._page.width - _CLAIM - 1)
        left = f"{name:<{_CLAIM}} {self._page.ink(style, words)}"
        yield self._row_of(left, _CLAIM + 1 + len(words), sums)
        said = _said(self._of_claim, key)
        if said:
            yield self._beside(f"{'':{_INDENT}}whole claim", said)
        for broken in self._broken_claims.get(key, []):
            yield self._does_not_add_up(broken, _INDENT)
        lines = self._lines.get(key, [])
        for line in lines[:LINES]:
            yield from self._line(line)
        if len(lines) > LINES:
            yield self._row(f"… and {counted(len(lines) - LINES, 'line')} more")
        yield "\n"

    def _line(self, line: dict[str, Any]) -> Iterator[str]:
        units = "?" if line["units"] is None else f"{line['units']:g}"
        head = (
            f"{line['line']:>3}  {shortened(printable(_code(line, '')), _CODE - 1):<{_CODE}}{units:>5} "
            f"{_money(line['charge_cents']):>{_MONEY}}{_money(line['paid_cents']):>{_MONEY}}"
        )
        parts = [_said(self._of_line, line["remit_line_key"])]
        if line["submitted_code"] is not None or line["submitted_units"] is not None:
            units = "" if line["submitted_units"] is None else f" ×{line['submitted_units']:g}"
            parts.append(f"billed as {printable(_code(line, 'submitted_') or _code(line, ''))}{units}")
        yield self._beside(head, " · ".join(part for part in parts if part))
        for broken in self._broken_lines.get(line["remit_line_key"], []):
            yield self._does_not_add_up(broken, 5)

    def _does_not_add_up(self, broken: dict[str, Any], indent: int) -> str:
        if broken["missing"]:
            why = f"{broken['missing']} is not told, or no amount"
        else:
            left, right = broken["left_cents"], broken["right_cents"]
            why = f"{dollars(left)} is not {dollars(right)}, a difference of {dollars(left - right)}"
        mark = "does not add up"
        text = entry(f"{'':{indent}}{mark}", f"{broken['name']}: {why}", indent + len(mark) + 2, self._page)
        return text.replace(mark, self._page.ink("deny", mark), 1)

    def _row_of(self, left: str, length: int, right: str) -> str:
        """`left`, which shows as `length` characters, and `right` at the edge, if need be of the next row."""
        room = self._page.width - length
        if room > len(right):
            return f"{left}{right:>{room}}\n"
        return f"{left}\n{right:>{self._page.width}}\n"

    def _beside(self, head: str, text: str) -> str:
        """`text` beside `head`, below it on a page too narrow for both."""
        if not text:
            return f"{head}\n"
        if self._page.width - _REASONS_AT >= _LEAST:
            return entry(head, text, _REASONS_AT, self._page)
        return f"{head}\n{entry('', text, _INDENT + 2, self._page)}"

    def _row(self, text: str) -> str:
        return entry("", text, _INDENT, self._page)

    def _summary(self, payments: pl.DataFrame) -> Iterator[str]:
        if len(payments):
            paid = dollars(int(payments["amount_cents"].sum()))
            sums = ("charge_cents", "paid_cents", "patient_cents")
            remits = self._found.said.frame("remits", columns=[*sums, "status"])
            billed, told_paid, patient = (dollars(int(remits[name].sum())) for name in sums)
            denied, back = (int((remits["status"] == status).sum()) for status in (DENIED, REVERSED))
            yield f"{counted(len(payments), 'payment')} of {paid}\n"
            claims = counted(len(remits), "claim")
            told = f"{claims}: {billed} billed, {told_paid} paid, {patient} patient"
            yield entry("", f"{told} · {denied:,} denied · {back:,} taken back", 0, self._page)
            held = int((~payments["balanced"]).sum())
            yield self._page.ink("deny", f"{held:,} not adding up") + "\n" if held else "All add up\n"
        if self._found.repeated:
            again = ", ".join(printable(path) for path in self._found.repeated)
            yield entry("Counted once:", f"given more than once, {again}", 15, self._page)
        if self._found.errors:
            files = ", ".join(printable(error.where) for error in self._found.errors)
            yield entry("Not read:", files, 15, self._page)


def _chosen(remits: pl.DataFrame, identities: pl.DataFrame) -> tuple[pl.DataFrame, dict[int, int]]:
    """The claims to tell, and how many are left out of each payment: those that need a look least."""
    broken = identities.filter(~pl.col("holds"), pl.col("must"))["remit_key"].unique().drop_nulls()
    rank = (
        pl.when(pl.col("remit_key").is_in(broken.implode()))
        .then(0)
        .when(pl.col("status").is_in([DENIED, REVERSED]))
        .then(1)
        .otherwise(2)
    )
    ranked = remits.with_columns(rank=rank)
    place = pl.struct("rank", "remit_key").rank("ordinal").over("payment_key")
    shown = ranked.filter(place <= ROWS)
    left_out = ranked.filter(place > ROWS).group_by("payment_key").len()
    return shown, dict(left_out.iter_rows())


def _by(rows: pl.DataFrame, key: str) -> Rows:
    return {one: part.to_dicts() for (one,), part in rows.partition_by(key, as_dict=True).items()}


def _said(rows: Mapping[str, Rows], key: int) -> str:
    """What was adjusted and remarked of one claim or line."""
    parts = [
        f"{'-'.join(filter(None, (one['group'], one['reason'])))} {_money(one['cents'])}"
        + ("" if one["units"] is None else f" ×{one['units']:g}")
        for one in rows["adjustments"].get(key, [])
    ]
    codes = [one["code"] for one in rows["remarks"].get(key, [])]
    return printable(" · ".join([*parts, *codes]))


def _code(line: dict[str, Any], prefix: str) -> str:
    parts: Sequence[str | None] = [line[f"{prefix}{name}"] for name in ("code", *MODIFIERS)]
    return "-".join(part for part in parts if part)


def _taken(taken: dict[str, Any]) -> str:
    """What a payer took from a payment or added to it beside its claims."""
    reason = " ".join(printable(part) for part in (taken["reason"], taken["reference"]) if part)
    if taken["cents"] is None:
        return f"{reason}: an amount that cannot be read"
    did = "taken from" if taken["cents"] > 0 else "added to"
    return f"{reason}: {dollars(abs(taken['cents']))} {did} the payment"


def _money(cents: int | None) -> str:
    return "?" if cents is None else dollars(cents)
