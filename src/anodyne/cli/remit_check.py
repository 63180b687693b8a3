"""`anodyne remit check`: what of remittances adds up, what does not and where, and what could be posted."""

import json
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.reading import STANDARD_INPUT
from anodyne.app.remit_check import Posting, RemitsChecked, check_files
from anodyne.app.words import counted, day
from anodyne.cli.out import opened
from anodyne.cli.outcomes import FOUND
from anodyne.cli.page import Page, entry, page_for, printable, shortened
from anodyne.cli.progress import watched
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.money import dollars
from anodyne.ledger.accounts import Account
from anodyne.ledger.balance import CLAIM, LINE, LINES_CHARGED, LINES_PAID, NEGATED, PATIENT, PAYMENT

SCHEMA: Final = "anodyne.remit-check/1"
FORMS: Final = ("text", "json")
FAILED: Final = 2
ROWS: Final = 50
"""How many places that do not add up are told of one payment; JSON has all."""
_INDENT: Final = 3
_NAME: Final = 12
"""How much of a payer's name is told at the least."""
_ACCOUNT: Final = 36
_GAP: Final = 3
_STANDS: Final = MappingProxyType(
    {
        Posting.POSTS.value: "adds up",
        Posting.HELD.value: "does not add up: nothing of it is posted",
        Posting.VERSIONS.value: "told in two versions: neither is posted until you know which holds",
        Posting.EMPTY.value: "tells nothing to post",
    }
)
_ACCOUNTS: Final = MappingProxyType(
    {
        Account.CHARGES: "charged",
        Account.RECEIVABLE: "sent and not answered",
        Account.CASH: "paid",
        Account.CONTRACTUAL: "written off by contract or law",
        Account.PATIENT: "owed by patients",
        Account.DENIED: "denied, for you to decide",
        Account.OTHER_PAYER: "for another payer to tell",
        Account.EXCESS: "told twice: a refund or reversal",
        Account.WITHHELD: "withheld",
        Account.INTEREST: "interest",
        Account.TAKE_BACK: "taken back, or still to be taken",
        Account.FORWARD: "moved to a later payment",
        Account.REFUNDED: "refunds that payers received",
        Account.FEES: "fees and penalties",
        Account.SUSPENSE: "of unknown reason, for you to say",
        Account.WRITTEN_OFF: "given up",
    }
)
"""What stands in an account, as a biller says it."""

_UNEXPLAINED: Final = (
    "{} of the charge is neither paid nor adjusted",
    "{} is paid or adjusted beyond the charge",
)
_MORE: Final = MappingProxyType(
    {
        LINE: _UNEXPLAINED,
        CLAIM: _UNEXPLAINED,
        LINES_CHARGED: ("the lines charge {} more than the claim", "the lines charge {} less than the claim"),
        LINES_PAID: (
            "the lines are paid {} more than the claim",
            "the lines are paid {} less than the claim",
        ),
        NEGATED: ("a reversal takes back, and must not charge {}",) * 2,
        PATIENT: ("{} more than PR explains", "{} less than PR explains"),
        PAYMENT: ("{} is paid that no claim or PLB explains", "claims and PLB explain {} more than is paid"),
    }
)
"""What an identity says where its left side is more, and where it is less."""
_BROKEN: Final = (
    "name",
    "must",
    "claim",
    "line",
    "segment",
    "left_cents",
    "right_cents",
    "difference_cents",
    "missing",
)
_TAKEN: Final = ("reason", "reference", "cents", "account", "claim")


def run(files: Sequence[str], form: str = "text", output: str = "-") -> tuple[RemitsChecked, int]:
    """Check the 835 `files` and write what holds to `output`; what was found, and the exit status.

    Status 0: all adds up; 1: something does not; 2: a file could not be read, which the caller tells of.
    Raises BadRequest for a form that is none of FORMS.
    """
    if form not in FORMS:
        raise BadRequest(f"no form is called {form}", where="--format", fix=f"Use {' or '.join(FORMS)}.")
    with opened(output) as out:
        with watched(files, then="adding up") as progress:
            found = check_files(files, progress=progress)
        if form == "json":
            write_json(found, out)
        else:
            write_text(found, out, page_for(output))
    if found.read.errors:
        return found, FAILED
    return found, 0 if found.all_hold else FOUND


def write_text(found: RemitsChecked, out: BinaryIO, page: Page) -> None:
    """Write `found` for the person who posts: payment by payment, then where the cents stand."""
    out.writelines(text.encode(errors="replace") for text in _text(found, page))


def write_json(found: RemitsChecked, out: BinaryIO) -> None:
    """Write one object, `anodyne.remit-check/1`."""
    counts, broken, taken = (_by_payment(rows) for rows in (found.read.counts, found.broken, found.taken))
    told = {
        "schema": SCHEMA,
        "files": [
            {"path": one.path, "sha256": one.sha256, "payments": one.payments, "claims": one.claims}
            for one in found.read.files
        ],
        "payments": [
            {
                "file": row["file"],
                "segment": row["segment"],
                "trace": row["trace"],
                "payer": row["payer_name"] or row["payer_id"],
                "method": row["method"],
                "paid_on": row["paid_on"] and row["paid_on"].isoformat(),
                "amount_cents": row["amount_cents"],
                "claims": row["claims"],
                "balanced": row["balanced"],
                "posting": row["posting"],
                "first_file": row["first_file"],
                "identities": _picked(counts.get(row["payment_key"], []), ("name", "must", "holds", "fails")),
                "broken": _picked(broken.get(row["payment_key"], []), _BROKEN),
                "provider_adjustments": _picked(taken.get(row["payment_key"], []), _TAKEN),
            }
            for row in found.payments.iter_rows(named=True)
        ],
        "accounts": found.accounts.to_dicts(),
        "errors": [
            {
                "file": one.file,
                "segment": one.segment,
                "byte": one.byte,
                "message": one.message,
                "next_step": one.next_step,
            }
            for one in (*found.read.errors, *found.read.damaged)
        ],
    }
    out.write(json.dumps(told, ensure_ascii=False, indent=1).encode(errors="replace") + b"\n")


def _by_payment(rows: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    return {key: part.to_dicts() for (key,), part in rows.partition_by("payment_key", as_dict=True).items()}


def _picked(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]


def _text(found: RemitsChecked, page: Page) -> Iterator[str]:
    broken, taken = _by_payment(found.broken), _by_payment(found.taken)
    first = 0
    for file in found.read.files:
        path = "standard input" if file.path == STANDARD_INPUT else printable(file.path)
        beside = f"   {counted(file.payments, 'payment')} · {counted(file.claims, 'claim')}"
        room = page.width - len(beside)
        path = path if len(path) <= room else f"…{path[1 - room :]}"
        yield f"{page.ink('strong', path)}{beside}\n\n"
        for payment in found.payments.slice(first, file.payments).iter_rows(named=True):
            key = payment["payment_key"]
            yield from _payment(payment, broken.get(key, []), taken.get(key, []), page)
        first += file.payments
    yield from _accounts(found, page)
    yield from _summary(found, page)


def _payment(
    payment: dict[str, Any], broken: list[dict[str, Any]], taken: list[dict[str, Any]], page: Page
) -> Iterator[str]:
    payer = printable(payment["payer_name"] or payment["payer_id"] or "a payer without a name")
    amount = "?" if payment["amount_cents"] is None else dollars(payment["amount_cents"])
    said = [payment["method"], payment["trace"], payment["paid_on"] and day(payment["paid_on"])]
    said.append(counted(payment["claims"], "claim"))
    how = " · ".join(printable(str(one)) for one in said if one)
    name = shortened(payer, max(page.width - len(amount) - len(how) - 4, _NAME))
    left = len(name) + 3 + len(how)
    gap = f"{amount:>{page.width - left}}" if page.width - left > len(amount) else f"\n{amount:>{page.width}}"
    yield f"{page.ink('strong', name)}   {how}{gap}\n"
    yield _standing(payment, page)
    must = [one for one in broken if one["must"]]
    only_told = [one for one in broken if not one["must"] and payment["posting"] != Posting.EMPTY]
    for one in must[:ROWS]:
        yield _difference(one, "deny", page)
    if len(must) > ROWS:
        yield entry("", f"… and {len(must) - ROWS:,} more: --format json has all", _INDENT, page)
    for one in only_told[:ROWS]:
        yield _difference(one, "audit", page)
    if len(only_told) > ROWS:
        yield entry("", f"… and {len(only_told) - ROWS:,} more: --format json has all", _INDENT, page)
    for one in taken:
        yield entry("", _taken(one), _INDENT, page)
    yield "\n"


def _standing(payment: dict[str, Any], page: Page) -> str:
    posting = payment["posting"]
    if posting == Posting.COPY.value:
        return entry("", f"told already in {printable(payment['first_file'])}: it counts once", _INDENT, page)
    text = entry("", _STANDS[posting], _INDENT, page)
    if posting in {Posting.HELD.value, Posting.VERSIONS.value}:
        return page.ink("deny", text.removesuffix("\n")) + "\n"
    return text


def _difference(one: dict[str, Any], style: str, page: Page) -> str:
    """What does not hold, where, and which cents are missing."""
    where = (
        "payment"
        if one["claim"] is None and one["remit_key"] is None
        else printable(one["claim"] or "a claim")
    )
    if one["line"] is not None:
        where += f", line {one['line']}"
    if one["missing"]:
        why = f"{one['missing']} is not told, or is no amount"
    else:
        left, right = one["left_cents"], one["right_cents"]
        words = _MORE[one["name"]][left < right]
        why = f"{dollars(left)} is not {dollars(right)}: {words.format(dollars(abs(left - right)))}"
    if not one["must"]:
        why += "; nothing rests on it"
    head = f"{where} (segment {one['segment']})"
    text = entry(f"{'':{_INDENT}}{head}", f"{one['name']}: {why}", _INDENT + len(head) + 2, page)
    return text.replace(head, page.ink(style, head), 1)


def _taken(one: dict[str, Any]) -> str:
    """What a payer took or gave beside its claims, and of which claim."""
    name = " ".join(printable(part) for part in (one["reason"], one["reference"]) if part)
    did = "taken from" if one["cents"] > 0 else "added to"
    claim = "" if one["claim"] is None else f", of claim {printable(one['claim'])}"
    account = _ACCOUNTS[Account(one["account"])]
    return f"{name}: {dollars(abs(one['cents']))} {did} the payment{claim} · {account}"


def _accounts(found: RemitsChecked, page: Page) -> Iterator[str]:
    """Where the cents of all that posts stand: two equal columns."""
    rows = found.accounts
    if rows.is_empty():
        return
    yield page.ink("strong", "Where the cents of what adds up stand") + "\n"
    total = int(rows["debit_cents"].sum())
    money = len(dollars(total)) + _GAP
    names = min(_ACCOUNT, page.width - 2 * money)
    for name, *sides in rows.iter_rows():
        told = "".join(f"{dollars(side) if side else '':>{money}}" for side in sides)
        yield f"{shortened(_ACCOUNTS[Account(name)], names):<{names}}{told}".rstrip() + "\n"
    yield page.ink("faint", f"{'':<{names}}{dollars(total):>{money}}{dollars(total):>{money}}") + "\n\n"


def _summary(found: RemitsChecked, page: Page) -> Iterator[str]:
    payments = found.payments
    numbers = dict(payments.group_by("posting").len().iter_rows())
    if len(payments):
        held = numbers.get(Posting.HELD.value, 0) + numbers.get(Posting.VERSIONS.value, 0)
        cents = payments.filter(pl.col("posting") == Posting.POSTS.value)["amount_cents"].sum()
        post = counted(numbers.get(Posting.POSTS.value, 0), "payment")
        parts = [f"{post} of {dollars(int(cents))} could be posted"]
        if held:
            parts.append(f"{held:,} held")
        if numbers.get(Posting.COPY.value):
            parts.append(f"{counted(numbers[Posting.COPY.value], 'copy', 'copies')} counted once")
        if numbers.get(Posting.EMPTY.value):
            parts.append(f"{numbers[Posting.EMPTY.value]:,} with nothing to post")
        yield entry("", " · ".join(parts), 0, page)
        if held:
            yield entry("", "Post nothing of what is held: ask the payer to send it again.", 0, page)
    if found.read.repeated:
        again = ", ".join(printable(path) for path in found.read.repeated)
        yield entry("Counted once:", f"given more than once, {again}", 15, page)
    if found.read.errors:
        files = ", ".join(printable(error.where) for error in found.read.errors)
        yield entry("Not read:", files, 15, page)
