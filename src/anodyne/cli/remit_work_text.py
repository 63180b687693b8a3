"""The worklist of a remittance as text, for the biller who opens it in the morning: most urgent first."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.remit_check import Posting
from anodyne.app.remit_work import ANSWERS, Worked
from anodyne.app.words import counted, day
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.denials.downcode import Kind
from anodyne.kernel.money import dollars
from anodyne.model.denials import (
    ACTION_WORDS,
    EVIDENCE_WORDS,
    NOTHING_TO_WIN,
    OWNER_WORDS,
    Action,
)

ROWS: Final = 40
"""How much of each part is told before the rest is only counted."""
SOON: Final = 14
"""So many days before a deadline it is told in red."""
_RANK: Final = 4
_NAMED_AT: Final = 14
_SUMS: Final = 44
_KINDS: Final = {
    Kind.BUNDLED.value: "bundled",
    Kind.RESTATED.value: "restated",
    Kind.UNITS.value: "fewer units",
    Kind.EXPLICIT.value: "reduced",
    Kind.PRICED_DOWN.value: "priced down",
    Kind.BELOW.value: "below rate",
}


def write(found: Worked, out: BinaryIO, page: Page) -> None:
    """Write `found` to `out` as UTF-8, every row within the width of `page`."""
    out.writelines(text.encode(errors="replace") for text in _Teller(found, page).told())


class _Teller:
    def __init__(self, found: Worked, page: Page) -> None:
        self._found = found
        self._page = page
        remits = found.to_do("remits", ["remit_key", "payment_key", "payer_control"])
        self._payers = found.read.payments.select(
            "payment_key", payer_told=pl.coalesce("payer_name", "payer_id"), trace="trace", paid_on="paid_on"
        )
        self._claims = remits.join(self._payers, on="payment_key", how="left", maintain_order="left")
        disputed = pl.col("action") == Action.DISPUTE_UNDERPAYMENT.value
        told_below = pl.col("remit_line_key").is_in(found.downcodes["remit_line_key"].implode())
        below = (disputed & told_below).fill_null(value=False)
        work = found.work.join(
            self._claims.drop("payment_key"), on="remit_key", how="left", maintain_order="left"
        )
        self._deadlines = {row["remit_line_key"]: row for row in work.filter(below).iter_rows(named=True)}
        work = work.filter(~below)
        self._open = _together(work.filter(~pl.col("action").is_in(NOTHING_TO_WIN)))
        self._closed = _together(work.filter(pl.col("action").is_in(NOTHING_TO_WIN)))
        strange = pl.col("claim_key").is_null() & (found.strangers > 0)
        answers = found.to_do(ANSWERS, ["remit_key", "claim_key"]).filter(strange)
        self._strangers = set(answers["remit_key"])

    def told(self) -> Iterator[str]:
        yield from self._heading()
        yield "\n"
        yield from self._work()
        yield from self._underpaid()
        yield from self._quarantine()
        yield from self._given_up()
        yield from self._held()
        yield from self._summary()

    def _heading(self) -> Iterator[str]:
        title = f"What to do, {day(self._found.as_of)}"
        yield self._page.ink("strong", title) + "\n"
        for file in self._found.read.files:
            told = f"   {counted(file.payments, 'payment')} · {counted(file.claims, 'claim')}"
            yield f"{_fitting(file.path, self._page.width - len(told))}{told}\n"
        for sent in self._found.sent:
            told = f"   {counted(sent.number, 'claim')} sent"
            yield f"{_fitting(sent.path, self._page.width - len(told))}{told}\n"

    # ------------------------------------------------------------------------ denials

    def _work(self) -> Iterator[str]:
        rows = self._open
        if rows.is_empty():
            return
        cents = dollars(int(rows["at_stake_cents"].sum()))
        beside = f"{counted(len(rows), 'item')}, {cents} at stake"
        yield self._part("Denied or cut, most urgent first", beside)
        for number, row in enumerate(rows.head(ROWS).iter_rows(named=True), start=1):
            yield from self._item(number, row)
        yield from self._more(len(rows), "item")

    def _item(self, number: int, row: dict[str, Any]) -> Iterator[str]:
        left = f"{number:>3} {_what(row)}"
        yield self._ends(left, "strong", dollars(row["at_stake_cents"]), *_due(row))
        owner = OWNER_WORDS[row["owner"]]
        action = ACTION_WORDS[row["action"]]
        if row["action"] == Action.APPEAL and row["level_title"]:
            action += f": {row['level_title']}"
        yield self._named("do", f"{action} · {owner}", style="strong")
        if row["next"] and row["next"] != ACTION_WORDS[row["action"]]:
            yield self._named("how", row["next"])
        why = row["why"]
        if row["also"]:
            why += f"; also {', '.join(row['also'])}"
        yield self._named("why", why)
        if row["evidence"]:
            yield self._named("evidence", "; ".join(EVIDENCE_WORDS.get(one, one) for one in row["evidence"]))
        if row["needs"]:
            yield self._named("ask first", "; ".join(row["needs"]), style="ask")
        yield self._named("claim", self._where(row))
        yield "\n"

    def _where(self, row: dict[str, Any]) -> str:
        parts = [row["payer_told"] or "a payer without a name"]
        if row["payer_control"]:
            parts.append(f"its number {row['payer_control']}")
        if row["trace"]:
            parts.append(f"payment {row['trace']}")
        if row["remit_key"] in self._strangers:
            parts.append("matches nothing that was sent: see below")
        if row.get("stake_basis") == "charge":
            parts.append("its charge is at stake, for no rate is known")
        return " · ".join(parts)

    # ------------------------------------------------------------------------ underpayments

    def _underpaid(self) -> Iterator[str]:
        found = self._found
        if found.downcodes.is_empty():
            return
        lines = found.to_do("lines", ["remit_key", "remit_line_key", "line", "code", "served_on"])
        lines = lines.drop("remit_key")
        claims = found.to_do("remits", ["remit_key", "claim_id"])
        steps = found.lowered.select("remit_line_key", "steps")
        rows = (
            found.downcodes.join(lines, on="remit_line_key", how="left", maintain_order="left")
            .join(claims, on="remit_key", how="left", maintain_order="left")
            .join(self._claims, on="remit_key", how="left", maintain_order="left")
            .join(steps, on="remit_line_key", how="left", maintain_order="left")
            .sort("sure", "difference_cents", descending=True, nulls_last=True, maintain_order=True)
        )
        cents = dollars(int(rows["difference_cents"].sum()))
        yield self._part("Paid for less than was billed", f"{counted(len(rows), 'line')}, {cents} missing")
        for row in rows.head(ROWS).iter_rows(named=True):
            yield from self._lowered(row)
        yield from self._more(len(rows), "line")

    def _lowered(self, row: dict[str, Any]) -> Iterator[str]:
        missing = "no rate known" if row["difference_cents"] is None else dollars(row["difference_cents"])
        item = self._deadlines.get(row["remit_line_key"])
        due = _due(item) if item else ("", "faint")
        yield self._ends(f"{'':{_RANK}}{_what(row)}", "strong", missing, *due)
        change = f"{row['from']} → {row['to']}" if row["to"] else row["from"]
        sure = "" if row["sure"] else " · likely, not sure"
        yield self._named(_KINDS[row["kind"]], f"{change}: {row['how']}{sure}")
        if row["expected_cents"] is not None and row["kind"] != Kind.BUNDLED and row["steps"]:
            yield self._named("expected", "; ".join(row["steps"]))
        if row["owed_cents"] is not None and row["owed_cents"] != row["difference_cents"]:
            yield self._named(
                "of that", f"{dollars(row['owed_cents'])} from the payer, the rest from the patient"
            )
        yield self._named("claim", self._where(row))
        yield "\n"

    # ------------------------------------------------------------------------ quarantine and held

    def _quarantine(self) -> Iterator[str]:
        found = self._found
        if not found.strangers:
            return
        yield self._part(
            "Matches nothing that was sent: for a person",
            f"{counted(found.strangers, 'claim')}, {dollars(found.strangers_cents)} paid",
        )
        for row in islice(self._quarantined(), ROWS):
            sums = f"{_money(row['charge_cents'])} billed  {_money(row['paid_cents'])} paid"
            yield self._ends(f"{'':{_RANK}}{row['claim_id'] or 'no claim id'}", "strong", sums, "", "faint")
            yield self._named("why", row["reason"])
            if row["candidate_ids"]:
                likely = ", ".join(one or "a claim without an id" for one in row["candidate_ids"][:8])
                yield self._named("perhaps", likely)
            yield self._named("claim", self._where(row | {"remit_key": None}))
            yield "\n"
        yield from self._more(found.strangers, "claim")

    def _quarantined(self) -> Iterator[dict[str, Any]]:
        for part in self._found.quarantine_parts():
            rows = part.join(self._payers, on="payment_key", how="left", maintain_order="left")
            yield from rows.iter_rows(named=True)

    def _held(self) -> Iterator[str]:
        rows = self._found.held
        if rows.is_empty():
            return
        cents = dollars(int(rows["amount_cents"].sum()))
        yield self._part("Held: none of their claims is worked", f"{counted(len(rows), 'payment')}, {cents}")
        for row in rows.head(ROWS).iter_rows(named=True):
            payer = row["payer_name"] or row["payer_id"] or "a payer without a name"
            said = [row["trace"], row["paid_on"] and day(row["paid_on"]), counted(row["claims"], "claim")]
            left = f"{'':{_RANK}}{payer}   {' · '.join(str(one) for one in said if one)}"
            yield self._ends(left, "deny", _money(row["amount_cents"]), "", "faint")
            if row["posting"] == Posting.VERSIONS.value:
                yield self._named("why", "it is told in two versions: find out which holds")
            else:
                yield self._named(
                    "why", "it does not add up: anodyne remit check says which cents are missing"
                )
                yield self._named("do", "ask the payer to send it again; post nothing of it", style="strong")
            yield "\n"
        yield from self._more(len(rows), "payment")

    def _given_up(self) -> Iterator[str]:
        rows = self._closed.filter(pl.col("action") != Action.ACCEPT.value)
        if rows.is_empty():
            return
        cents = dollars(int(rows["at_stake_cents"].sum()))
        yield self._part("Nothing to win: write off, once approved", f"{counted(len(rows), 'item')}, {cents}")
        for row in rows.head(ROWS).iter_rows(named=True):
            yield self._ends(
                f"{'':{_RANK}}{_what(row)}", "strong", dollars(row["at_stake_cents"]), "", "faint"
            )
            yield self._named("why", row["why"])
        yield "\n"
        yield from self._more(len(rows), "item")

    # ------------------------------------------------------------------------ summary

    def _summary(self) -> Iterator[str]:
        found = self._found
        payments = found.checked.payments
        if len(payments):
            yield self._part("In dollars", "")
        for name, number, cents in self._sums():
            row = f"{'':{_RANK}}{name:<{_SUMS}}{number:>8,}{dollars(cents):>18}"
            yield (
                f"{row}\n"
                if len(row) <= self._page.width
                else f"{'':{_RANK}}{name}: {number:,}, {dollars(cents)}\n"
            )
        if len(payments):
            yield "\n"
        if not found.sent and len(payments):
            yield entry(
                "", "Nothing was matched: name the claims that were sent with --claims.", 0, self._page
            )
        if found.no_rate:
            told = "No rate is known of any line: name what payers should allow with --contracts."
            yield entry("", told, 0, self._page)
        if found.repeated:
            again = ", ".join(printable(path) for path in found.repeated)
            yield entry("Counted once:", f"given more than once, {again}", 15, self._page)
        if found.read.errors:
            files = ", ".join(printable(error.where) for error in found.read.errors)
            yield entry("Not read:", files, 15, self._page)
        if not found.anything and not found.read.errors:
            yield self._page.ink("missed", "Nothing to do.") + "\n"

    def _sums(self) -> Iterator[tuple[str, int, int]]:
        found = self._found
        payments = found.checked.payments
        if len(payments):
            paid = payments.filter(pl.col("posting") == Posting.POSTS.value)["amount_cents"]
            yield "paid, and adding up (payments)", len(paid), int(paid.sum())
        if len(found.held):
            yield "held (payments)", len(found.held), int(found.held["amount_cents"].sum())
        copies = payments.filter(pl.col("posting") == Posting.COPY.value)["amount_cents"]
        if len(copies):
            yield "told again, counted once (payments)", len(copies), int(copies.sum())
        by_action = (
            pl.concat([self._open, self._closed])
            .group_by("action", maintain_order=True)
            .agg(number=pl.col("number").sum(), cents=pl.col("at_stake_cents").sum())
        )
        for action, number, cents in by_action.sort("cents", descending=True).iter_rows():
            yield ACTION_WORDS[action], number, cents
        if len(found.downcodes):
            missing = found.downcodes["difference_cents"]
            yield "paid for less than was billed (lines)", len(missing), int(missing.sum())
        if found.strangers:
            yield "matching nothing that was sent (claims)", found.strangers, found.strangers_cents

    # ------------------------------------------------------------------------ rows

    def _part(self, title: str, beside: str) -> str:
        told = self._page.ink("strong", title)
        if len(title) + len(beside) + 3 > self._page.width:
            return f"{told}\n{beside}\n\n"
        return f"{told}{f'   {beside}' if beside else ''}\n\n"

    def _more(self, number: int, what: str) -> Iterator[str]:
        if number > ROWS:
            rest = f"… and {counted(number - ROWS, what)} more: --format xlsx has all"
            yield self._page.ink("faint", rest) + "\n\n"

    def _named(self, name: str, text: str, style: str = "where") -> str:
        told = entry(f"{'':{_RANK}}{name}", printable(text), _NAMED_AT + _RANK, self._page)
        return told.replace(name, self._page.ink(style, name), 1)

    def _ends(self, left: str, style: str, amount: str, due: str, due_style: str) -> str:
        """`left`, and at the edge what is at stake and until when, if need be on a row of their own."""
        room = self._page.width - len(amount) - (len(due) + 3 if due else 0)
        right = amount + (f"   {self._page.ink(due_style, due)}" if due else "")
        head = shortened(printable(left), self._page.width)
        if len(head) + 2 > room:
            return f"{self._page.ink(style, head)}\n{'':{max(room, 0)}}{right}\n"
        return f"{self._page.ink(style, head)}{'':{room - len(head)}}{right}\n"


def _together(work: pl.DataFrame) -> pl.DataFrame:
    """`work` in its order, the lines of a claim that want the same for the same reason as one item."""
    same = ("remit_key", "action", "why", "deadline", "next")
    taken = {"line", "code", "at_stake_cents", "score_cents"}
    placed = pl.col("line", "code").sort_by("line").cast(pl.String)
    text = placed.drop_nulls().unique(maintain_order=True).str.join(", ")
    return (
        work.sort("rank")
        .group_by(same, maintain_order=True)
        .agg(
            text,
            pl.col("at_stake_cents", "score_cents").sum(),
            pl.exclude(*same, *taken).first(),
            number=pl.len(),
        )
        .sort("score_cents", "rank", descending=[True, False])
    )


def _what(row: dict[str, Any]) -> str:
    """Which claim, lines, codes and day."""
    lines = str(row["line"] or "")
    parts: Sequence[str] = [
        str(row["claim_id"] or "no claim id"),
        f"line{'s' if ',' in lines else ''} {lines}" if lines else "whole claim",
        *([row["code"]] if row["code"] else []),
        *([day(row["served_on"])] if row["served_on"] else []),
    ]
    return " · ".join(parts)


def _due(row: dict[str, Any]) -> tuple[str, str]:
    """Until when, and in which colour."""
    if row["deadline"] is None:
        return "no deadline known", "faint"
    left = row["days_left"]
    if left < 0:
        return f"was due {day(row['deadline'])}", "deny"
    ends = "today" if left == 0 else counted(left, "day") + " left"
    return f"by {day(row['deadline'])}, {ends}", "deny" if left <= SOON else "audit"


def _money(cents: int | None) -> str:
    return "?" if cents is None else dollars(cents)


def _fitting(text: str, room: int) -> str:
    text = "standard input" if text == "-" else printable(text)
    return text if len(text) <= room else f"…{text[1 - room :]}"
