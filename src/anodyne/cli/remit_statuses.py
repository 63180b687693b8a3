"""Where claims that were sent stand: rejections first, then what nobody answered, then proofs of filing."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.remit_statuses import StatusReport
from anodyne.app.words import counted, day
from anodyne.cli.page import Page, entry, printable, shortened
from anodyne.denials.standings import UNANSWERED
from anodyne.denials.status_words import Verdict
from anodyne.kernel.money import dollars

SCHEMA: Final = "anodyne.remit-status/1"
ROWS: Final = 50
"""How many claims of a standing are told before the rest is only counted."""
SLICE: Final = 20_000
_ID: Final = 24
_MONEY: Final = 13
_NAME_AT: Final = 3
_TEXT_AT: Final = 11
_DIGEST: Final = 16
"""How much of a file's digest is told: JSON has all."""
_PARTS: Final = (
    (Verdict.REJECTED.value, "Rejected: correct and send again", "reject"),
    (Verdict.NOT_FOUND.value, "Not found where they should be: ask, or send again", "ask"),
    (UNANSWERED, "No answer that says how these stand", "ask"),
    (Verdict.FORWARDED.value, "Passed on; the next in line has not answered", "strong"),
    (Verdict.RECEIVED.value, "Received; not yet accepted into adjudication", "strong"),
    (Verdict.ACCEPTED.value, "Accepted into adjudication", "missed"),
)
"""Standings in the order in which they are told, with their headings and colours."""


# ------------------------------------------------------------------------ text


def write_text(report: StatusReport, out: BinaryIO, page: Page) -> None:
    """Write `report` to `out` as UTF-8, for the person who follows up, within the width of `page`."""
    out.writelines(text.encode(errors="replace") for text in _told(report, page))


def _told(report: StatusReport, page: Page) -> Iterator[str]:
    for file in report.sent:
        told = f"   {counted(file.number, 'claim')} sent"
        yield f"{page.ink('strong', _fitting(file.path, page.width - len(told)))}{told}\n"
    for file in report.read:
        told = f"   {counted(file.number, 'answer')}"
        yield f"{page.ink('strong', _fitting(file.path, page.width - len(told)))}{told}\n"
    notes = _notes(report)
    for standing, heading, ink in _PARTS:
        rows = report.standings.filter(standing=standing)
        if rows.is_empty():
            continue
        yield f"\n{page.ink(ink, heading)}\n"
        for row in rows.head(ROWS).iter_rows(named=True):
            yield from _claim(row, notes.get(row["claim_key"], []), page)
        if len(rows) > ROWS:
            yield page.ink("faint", f"… and {counted(len(rows) - ROWS, 'claim')} more: --format json") + "\n"
    yield from _strays(report, page)
    yield from _proofs(report, page)
    yield "\n" + entry("", _summary(report), 0, page)
    if report.repeated:
        again = ", ".join(printable(path) for path in report.repeated)
        yield entry("Counted once:", f"given more than once, {again}", 15, page)


def _claim(row: dict[str, Any], notes: list[str], page: Page) -> Iterator[str]:
    amount = "" if row["charge_cents"] is None else dollars(row["charge_cents"])
    head = f"{shortened(printable(row['claim_id'] or 'no id'), _ID - 1):<{_ID}}{amount:>{_MONEY}}   "
    yield entry(head, _who(row), len(head), page) if row["told_on"] else f"{head.rstrip()}\n"
    if row["standing"] in {Verdict.REJECTED, Verdict.NOT_FOUND}:
        yield _named("why", row["says"], page)
    for note in notes:
        yield _named("note", note, page)
    if row["later_code"]:
        later = f"{row['later_code']} of {day(row['later_on'])} ({row['later_by']}) does not lift it"
        yield _named("later", later, page)
    if row["certainty"] == "likely":
        yield _named("match", "likely, not certain: see --format json", page)
    if row["resent_as"] is not None:
        yield _named("sent", "again later: see the claim of the same id", page)
    if row["proof"]:
        shown = "" if row["proof_on"] is None else f"{day(row['proof_on'])}, "
        place = f"segment {row['proof_segment']} of {row['proof_file']}"
        yield _named("proof", f"{shown}{place} · {row['proof']}", page)


def _who(row: dict[str, Any]) -> str:
    who = "its receiver" if row["by"] == "receiver" else f"the {row['by']}"
    name = f" ({row['by_name']})" if row["by_name"] else ""
    number = f" · its number {row['payer_control']}" if row["payer_control"] else ""
    return printable(f"by {who}{name} on {day(row['told_on'])}{number}")


def _named(name: str, text: str, page: Page) -> str:
    told = entry(f"{'':{_NAME_AT}}{name}", printable(text), _TEXT_AT, page)
    return told.replace(name, page.ink("where", name), 1)


def _notes(report: StatusReport) -> dict[int, list[str]]:
    """What is noted of claims: the segments of theirs that an acknowledgement names."""
    noted = report.answers.filter(pl.col("level").is_in(["segment", "element"])).sort("segment")
    notes: dict[int, list[str]] = {}
    for row in noted.iter_rows(named=True):
        place = "" if row["sent_segment"] is None else f" (segment {row['sent_segment']} of the file sent)"
        notes.setdefault(row["claim_key"], []).append(f"{row['says']}{place}")
    return notes


def _strays(report: StatusReport, page: Page) -> Iterator[str]:
    if report.strays.is_empty():
        return
    of_many = pl.col("level").is_in(["batch", "provider", "source"])
    rows, batches = report.strays.filter(~of_many), report.strays.filter(of_many)
    yield f"\n{page.ink('ask', 'Said of nothing known to be sent: for a person')}\n"
    if len(batches):
        yield entry(
            "", f"{counted(len(batches), 'answer')} on whole batches, whose numbers are not known", 0, page
        )
    for row in rows.head(ROWS).iter_rows(named=True):
        of = f"claim {row['claim_id']}: " if row["claim_id"] else f"{row['level']}: "
        head = f"{row['file']}, segment {row['segment']}"
        yield f"{printable(_fitting(head, page.width))}\n"
        yield _named("says", f"{of}{row['says']}", page)
        yield _named("why", row["reason"], page)
    if len(rows) > ROWS:
        yield page.ink("faint", f"… and {len(rows) - ROWS:,} more: --format json") + "\n"


def _proofs(report: StatusReport, page: Page) -> Iterator[str]:
    """The files that proofs rest on."""
    used = set(report.standings["proof_file"].drop_nulls())
    files = [file for file in report.read if file.path in used]
    if files:
        yield f"\n{page.ink('strong', 'Proof of filing rests on these files: keep them')}\n"
    for file in files:
        told = f"   SHA-256 {file.sha256[:_DIGEST]}…"
        yield f"{_fitting(file.path, page.width - len(told))}{page.ink('faint', told)}\n"


def _summary(report: StatusReport) -> str:
    parts = []
    for standing, _, _ in _PARTS:
        rows = report.standings.filter(standing=standing)
        if len(rows):
            cents = int(rows["charge_cents"].sum())
            amount = f" ({dollars(cents)})" if standing == Verdict.REJECTED and cents else ""
            parts.append(f"{len(rows):,} {standing.replace('_', ' ')}{amount}")
    if len(report.strays):
        parts.append(f"{counted(len(report.strays), 'answer')} to nothing that is known")
    return " · ".join(parts) or "no claim was sent"


def _fitting(text: str, room: int) -> str:
    text = printable(text)
    return text if len(text) <= room else f"…{text[1 - room :]}"


# ------------------------------------------------------------------------ JSON


def write_json(report: StatusReport, out: BinaryIO) -> None:
    """Write `report` to `out` as one object, `anodyne.remit-status/1`."""
    out.writelines(text.encode(errors="replace") for text in _document(report))


def _document(report: StatusReport) -> Iterator[str]:
    sent = [{"path": f.path, "sha256": f.sha256, "claims": f.number} for f in report.sent]
    read = [{"path": f.path, "sha256": f.sha256, "answers": f.number} for f in report.read]
    yield f'{{"schema": "{SCHEMA}",\n"sent": {_json(sent)},\n"files": {_json(read)},\n"claims": ['
    yield from _rows(_claims(report))
    yield '],\n"strays": ['
    yield from _rows(report.strays)
    numbers = dict(report.standings["standing"].value_counts().iter_rows())
    summary = {standing: numbers.get(standing, 0) for standing, _, _ in _PARTS}
    yield f'],\n"summary": {_json({**summary, "strays": len(report.strays)})}}}\n'


def _claims(report: StatusReport) -> pl.DataFrame:
    """Each claim with its proof, which is null where there is none, and all that was said of it."""
    proof = ("proof", "proof_on", "proof_file", "proof_segment", "proof_byte")
    digests = {file.path: file.sha256 for file in report.read}
    digest = pl.col("proof_file").replace_strict(digests, default=None, return_dtype=pl.String)
    names = [pl.col(proof[0]).alias("says"), *(pl.col(n).alias(n.removeprefix("proof_")) for n in proof[1:])]
    answers = report.answers.group_by("claim_key", maintain_order=True).agg(
        answers=pl.struct(pl.exclude("claim_key"))
    )
    told = report.standings.rename({"answers": "number"}).join(
        answers, on="claim_key", how="left", maintain_order="left"
    )
    return told.select(
        claim="claim_id",
        file="sent_file",
        segment="sent_segment",
        charge_cents="charge_cents",
        standing="standing",
        told_on="told_on",
        by="by",
        by_name="by_name",
        says="says",
        told_in=pl.when(pl.col("file").is_not_null()).then(pl.struct("file", "segment")),
        certainty="certainty",
        not_lifted_by=pl.when(pl.col("later_code").is_not_null()).then(
            pl.struct(code="later_code", on="later_on", by="later_by")
        ),
        resent_as="resent_as",
        key="claim_key",
        payer_control="payer_control",
        proof=pl.when(pl.col("proof").is_not_null()).then(pl.struct(*names, sha256=digest)),
        answers=pl.col("answers").fill_null([]),
    )


def _rows(frame: pl.DataFrame) -> Iterator[str]:
    """The rows of `frame` as objects, each on a line of its own."""
    before = "\n"
    for part in frame.iter_slices(SLICE):
        lines = part.select(pl.struct(pl.all()).struct.json_encode().str.join(",\n")).item()
        yield f"{before}{lines}"
        before = ",\n"
    yield "" if frame.is_empty() else "\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
