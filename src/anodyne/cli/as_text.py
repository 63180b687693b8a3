"""A report as text, for the person who corrects the claims: claim by claim, then a summary."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial
from itertools import groupby
from typing import Any, BinaryIO, Final, NamedTuple

import polars as pl

from anodyne.app import words
from anodyne.app.breakdown import breakdown
from anodyne.app.catalogue import entries
from anodyne.app.check import CheckedFile, Chunk, Report
from anodyne.app.reading import STANDARD_INPUT
from anodyne.app.summary import Summary
from anodyne.app.words import counted
from anodyne.cli import dry_run
from anodyne.cli.page import UNPRINTABLE, Page, entry, folded, printable, shortened
from anodyne.kernel.cite import Cite
from anodyne.kernel.money import dollars
from anodyne.model.frames import MODIFIERS
from anodyne.model.outcome import Outcome

GAP: Final = "   "
OUTCOME_AT: Final = 7
RULE_AT: Final = 15
MESSAGE_AT: Final = 24
LINE_WIDTH: Final = 38
"""Where the words beside a line begin: after its number, code with modifiers, units and charge."""
CLAIM_ID_WIDTH: Final = 38
PLACE_WIDTH: Final = 30
CODE_WIDTH: Final = 18
PAYER_WIDTH: Final = 8
"""How much of a payer's name is told at the least."""
CODES_TOLD: Final = 8
"""How many codes outside what is loaded are named."""
ROWS_KEPT: Final = 50_000
"""How many findings are kept as rows while a report is told."""
STRUCTURAL: Final = "X12-"
"""What the ids of structural findings begin with: their place in the file is told."""
_RANKS: Final = {outcome.value: outcome.rank for outcome in Outcome}
_SHORT_TITLE: Final = re.compile(r"[,:] | \(")
"""Where the beginning of a source's title ends."""


class _Told(NamedTuple):
    """What is told of a finding: the same for many of them, so that it is put into rows once."""

    rule: str
    outcome: str
    message: str
    needs: str
    fix: str | None
    at_risk_cents: int
    where: str | None
    line: int | None
    code: str | None
    mod1: str | None
    mod2: str | None
    mod3: str | None
    mod4: str | None


class _Found(NamedTuple):
    """One finding in its place."""

    claim_key: int | None
    line_key: int | None
    file: str
    rule_key: str
    ruling: int | None
    told: _Told


class _Teller:
    """Puts the findings of one report into rows, those that say the same once."""

    def __init__(self, report: Report, page: Page) -> None:
        self._authority = cache(partial(_authority, report, report.summary.aged(), page))
        self._rows = lru_cache(maxsize=ROWS_KEPT)(partial(_rows, page=page))

    def finding(self, found: _Found, cited: set[str]) -> str:
        """The rows of a finding, and its authority unless that is among those `cited` for its claim."""
        authority = self._authority(found.rule_key, found.ruling)
        if authority in cited:
            return self._rows(found.told)
        cited.add(authority)
        return self._rows(found.told) + authority


def write(report: Report, out: BinaryIO, page: Page) -> None:
    """Write `report` to `out` as UTF-8, every row within the width of `page`."""
    out.writelines(text.encode(errors="replace") for text in _told(report, page))


def _told(report: Report, page: Page) -> Iterator[str]:
    untold = {file.path: file for file in report.files}
    by = f"checked by {counted(report.summary.rules, 'rule')} in {report.summary.seconds:.1f} s"
    alone = len(report.files) == 1
    teller = _Teller(report, page)
    of_files = 0
    for chunk in report.chunks():
        of_files += chunk.findings["claim_key"].null_count()
        for path, blocks in _by_file(chunk, [file.path for file in report.files], teller, page):
            if path in untold:
                yield _heading(untold.pop(path), report.summary, by if alone else "", page)
            yield from blocks
    for file in untold.values():
        yield _heading(file, report.summary, by if alone else "", page)
    by = "" if alone else f"{counted(len(report.files), 'file')} {by}"
    if report.dry_run:
        yield from dry_run.rows(breakdown(report), page)
    yield from _summary(report.summary, of_files, by, page)
    if report.repeated:
        again = ", ".join(printable(path) for path in report.repeated)
        yield entry("Counted once:", f"given more than once, {again}", 15, page)


def _heading(file: CheckedFile, summary: Summary, right: str, page: Page) -> str:
    parts = [counted(file.claims, "claim"), counted(file.lines, "line")]
    if right:
        parts.append(counted(summary.payers, "payer"))
    left = f"{GAP}{' · '.join(parts)}"
    path = "standard input" if file.path == STANDARD_INPUT else printable(file.path)
    room = page.width - len(left)
    if len(path) > room:
        path = f"…{path[1 - room :]}"
    used = len(path) + len(left)
    if right:
        beside = used + len(right) + len(GAP) <= page.width
        right = right.rjust(page.width - used) if beside else f"\n{right}"
    return f"{page.ink('strong', path)}{left}{page.ink('faint', right)}\n\n"


def _by_file(
    chunk: Chunk, files: Iterable[str], teller: _Teller, page: Page
) -> Iterator[tuple[str, Iterator[str]]]:
    """The blocks of each file in which something was found: of the file itself, then of its claims."""
    found = _findings(chunk)
    on_files = [f for f in found if f.claim_key is None]
    on_claims: dict[int | None, list[_Found]] = {
        key: list(group) for key, group in groupby(found[len(on_files) :], lambda f: f.claim_key)
    }
    claims = chunk.claims.filter(
        pl.col("claim_key").is_in(pl.Series(list(on_claims), dtype=pl.UInt32).implode())
    )
    parts = {path: part for (path,), part in claims.partition_by("file", as_dict=True).items()}
    for path in dict.fromkeys(files):
        own = [f for f in on_files if f.file == path]
        part = parts.get(path)
        if own or part is not None:
            yield path, _blocks(own, part, chunk.lines, on_claims, teller=teller, page=page)


def _blocks(
    own: Collection[_Found],
    claims: pl.DataFrame | None,
    lines: pl.DataFrame,
    found: Mapping[int | None, list[_Found]],
    *,
    teller: _Teller,
    page: Page,
) -> Iterator[str]:
    cited: set[str] = set()

    def told(some: Iterable[_Found]) -> str:
        return "".join(teller.finding(f, cited) for f in some)

    if own:
        yield f"{page.ink('strong', 'The file itself')}\n{told(own)}\n"
    if claims is None:
        return
    lines = lines.join(claims.select("claim_key"), on="claim_key", how="semi", maintain_order="left")
    lines, claims = _dated(lines, claims)
    of_claim = {key: list(rows) for key, rows in groupby(_lines(lines, page), lambda row: row[0])}
    for key, header in _headers(claims, page):
        rows = [header]
        cited.clear()
        on_line: dict[int | None, list[_Found]] = {}
        for f in sorted(found[key], key=lambda f: _RANKS[f.told.outcome]):
            on_line.setdefault(f.line_key, []).append(f)
        rows.append(told(on_line.get(None, ())))
        for _, line_key, text, beside in of_claim.get(key, ()):
            rows.append(f"{text}{page.ink('faint', beside)}".rstrip() + "\n")
            rows.append(told(on_line.get(line_key, ())))
        rows.append("\n")
        yield "".join(rows)


def _findings(chunk: Chunk) -> list[_Found]:
    lines = chunk.lines.select("line_key", "code", *MODIFIERS)
    found = chunk.findings.join(lines, on="line_key", how="left", maintain_order="left").select(
        "claim_key",
        "line_key",
        "file",
        "rule_key",
        "ruling",
        "rule",
        "outcome",
        _printable(pl.col("message")),
        _printable(pl.col("needs").list.join(" · ")),
        "fix",
        "at_risk_cents",
        pl.when(pl.col("rule").str.starts_with(STRUCTURAL)).then(
            pl.format("segment {}, byte {}", "segment", "byte")
        ),
        "line",
        _printable(pl.col("code")),
        *(_printable(pl.col(name)) for name in MODIFIERS),
    )
    return [
        _Found(claim, line, file, key, ruling, _Told._make(told))
        for claim, line, file, key, ruling, *told in found.iter_rows()
    ]


def _dated(lines: pl.DataFrame, claims: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with the claim's first day of service and its place."""
    days = lines.group_by("claim_key").agg(claim_day=pl.col("served_on").min())
    claims = claims.join(days, on="claim_key", how="left", maintain_order="left")
    own = claims.select("claim_key", "claim_day", claim_pos="pos")
    return lines.join(own, on="claim_key", how="left", maintain_order="left"), claims


def _headers(claims: pl.DataFrame, page: Page) -> Iterator[tuple[int, str]]:
    """The first row of each claim: its id, payer, day and place, and what it bills."""
    told = claims.select(
        "claim_key",
        _cut(_printable(pl.col("claim_id")), CLAIM_ID_WIDTH).fill_null("claim without an id"),
        _printable(pl.coalesce("payer_name", "payer_id")).fill_null("payer not named"),
        _printable(pl.col("payer_policy")),
        _said(claims["claim_day"], words.day).fill_null("no date of service"),
        _cut(_printable(_said(claims["pos"], words.place)), PLACE_WIDTH).fill_null(words.place(None)),
        _said(claims["charge_cents"], dollars).fill_null("nothing"),
    )
    for key, claim_id, payer, policy, day, place, charge in told.iter_rows():
        right = f"{charge} billed"
        named, after = _of_policy(payer, policy), f" · {day} · {place}"
        room = page.width - len(claim_id) - len(GAP) - len(after) - len(right) - 2
        if len(payer) + len(named) <= room or policy is None:
            after, room = f"{named}{after}", room - len(named)
        left = shortened(
            f"{shortened(payer, max(room, PAYER_WIDTH))}{after}",
            page.width - len(claim_id) - len(GAP) - len(right) - 2,
        )
        gap = " " * (page.width - len(claim_id) - len(GAP) - len(left) - len(right))
        yield key, f"{page.ink('strong', claim_id)}{GAP}{left}{gap}{right}\n"


def _of_policy(payer: str, policy: str | None) -> str:
    """Which policy the payer was judged by, where that says more than its name."""
    if policy is None:
        return " (no policy loaded)"
    return "" if policy.casefold() == payer.casefold() else f" ({policy})"


def _lines(lines: pl.DataFrame, page: Page) -> Iterator[tuple[int, int, str, str]]:
    """Each service line as a biller knows it; faintly beside it another day or place, the code in words."""
    code = _printable(pl.concat_str("code", *MODIFIERS, separator="-", ignore_nulls=True))
    code = _cut(code, CODE_WIDTH)
    minutes = pl.when(pl.col("unit_basis") == "MJ").then(pl.lit(" min")).otherwise(pl.lit(""))
    one_day = pl.col("served_to").is_null() | (pl.col("served_to") == pl.col("served_on"))
    first, last = _said(lines["served_on"], words.day), _said(lines["served_to"], words.day)
    day = (
        pl.when(pl.col("served_on").is_null())
        .then(pl.lit("no date of service"))
        .when(~one_day)
        .then(pl.format("{} to {}", first, last))
        .when(pl.col("served_on") != pl.col("claim_day"))
        .then(first)
    )
    place = pl.when(pl.col("pos") != pl.col("claim_pos")).then(_printable(_said(lines["pos"], words.place)))
    beside = pl.concat_str(day, place, "label", separator=" · ", ignore_nulls=True)
    room = page.width - LINE_WIDTH - len(GAP)
    text = pl.concat_str(
        pl.col("line").cast(pl.String).fill_null("?").str.pad_start(3),
        pl.lit("  "),
        code.str.pad_end(14),
        pl.concat_str(_said(lines["units"], "{:.10g}".format).fill_null("?"), minutes).str.pad_start(6),
        pl.lit(" "),
        _said(lines["charge_cents"], dollars).fill_null("?").str.pad_start(12),
        pl.lit(GAP),
    )
    cut = _cut(beside, room)
    return lines.select("claim_key", "line_key", text.alias("text"), cut.alias("beside")).iter_rows()


def _rows(told: _Told, page: Page) -> str:
    """Outcome, rule, message and money; what mends it, what is missing, where it is."""
    start = f"{'':{RULE_AT}}{told.rule:<{MESSAGE_AT - RULE_AT - 2}}  "
    money = ""
    if told.at_risk_cents and told.outcome in words.RISK:
        money = f"{dollars(told.at_risk_cents)} {words.RISK[told.outcome]}"
    room = page.width - len(start) - (len(money) + 2 if money else 0)
    first, *more = folded(told.message, room, page.width - MESSAGE_AT)
    outcome = page.ink(told.outcome, told.outcome) + " " * (RULE_AT - OUTCOME_AT - len(told.outcome))
    row = f"{'':{OUTCOME_AT}}{outcome}{start[RULE_AT:]}{first}"
    if money:
        row += f"{' ' * (page.width - len(start) - len(first) - len(money))}{money}"
    rows = [row, *(f"{'':{MESSAGE_AT}}{text}" for text in more)]
    for name, text in _more(told):
        head, *tail = folded(text, page.width - MESSAGE_AT, page.width - MESSAGE_AT)
        gap = " " * (MESSAGE_AT - RULE_AT - len(name))
        rows.append(f"{'':{RULE_AT}}{page.ink('faint', name)}{gap}{page.ink(name, head)}")
        rows += (f"{'':{MESSAGE_AT}}{page.ink(name, part)}" for part in tail)
    return "\n".join(rows) + "\n"


def _more(told: _Told) -> Iterator[tuple[str, str]]:
    if told.fix is not None:
        yield "fix", words.fix(told.fix, told.line, told.code, (told.mod1, told.mod2, told.mod3, told.mod4))
    if told.needs:
        yield "needs", told.needs
    if told.where is not None:
        yield "where", told.where


def _authority(
    report: Report, aged: Mapping[str, dt.date], page: Page, rule_key: str, ruling: int | None
) -> str:
    """What a finding rests on first: the beginning of the source's title, and the section.

    Where the rule itself rests on an edition in `aged`, the newest loaded although a newer one is due: the
    day it is of, also where the payer's own word stands first.
    """
    own = entries()[rule_key].cites[0]
    first = report.cites(rule_key, ruling)[0]
    texts = [_cited(cite, aged) for cite in dict.fromkeys((first, own) if own.source in aged else (first,))]
    rows = []
    for number, text in enumerate(texts):
        name = "" if number else "by"
        told = shortened(printable(text), page.width - MESSAGE_AT)
        rows.append(f"{'':{RULE_AT}}{page.ink('faint', f'{name:<{MESSAGE_AT - RULE_AT}}{told}')}\n")
    return "".join(rows)


def _cited(cite: Cite, aged: Mapping[str, dt.date]) -> str:
    title = _SHORT_TITLE.split(cite.source, 1)[0]
    day = aged.get(cite.source)
    return f"{title}: {cite.section}" if day is None else f"{title} of {day}, the newest loaded"


def _summary(summary: Summary, of_files: int, by: str, page: Page) -> Iterator[str]:
    if any(summary.by_outcome.values()):
        note = "`anodyne rule ID` explains a rule."
        yield f"{page.ink('faint', note)}\n"
    yield entry("", " · ".join(_verdicts(summary, of_files)), 0, page)
    if by:
        yield entry("", by, 0, page)
    if summary.unjudged_codes:
        often = sorted(summary.unjudged_codes, key=lambda pair: (-pair[1], pair[0]))
        named = [f"{printable(code or 'no code')} ({lines:,})" for code, lines in often[:CODES_TOLD]]
        if len(often) > CODES_TOLD:
            named.append(f"and {len(often) - CODES_TOLD:,} more")
        yield entry(
            "Not judged:",
            f"{counted(len(often), 'code')} outside what is loaded (lines): {', '.join(named)}",
            12,
            page,
        )
    if summary.unjudged_lines:
        older = counted(summary.unjudged_lines, "line")
        yield entry(
            "Not judged:", f"{older} served before the oldest edition of the national edits loaded", 12, page
        )
    if summary.editions:
        yield entry("Reference:", " · ".join(words.editions(summary.editions)), 12, page)


def _verdicts(summary: Summary, of_files: int) -> Iterator[str]:
    worst = {outcome: summary.claims_by_outcome.get(outcome, 0) for outcome in Outcome}
    yield f"{counted(summary.clean, 'claim')} clean"
    lost = [
        f"{number:,} {word}"
        for number, word in ((worst[Outcome.REJECT], "rejected"), (worst[Outcome.DENY], "denied"))
        if number
    ]
    if lost:
        risk = f" ({dollars(summary.at_risk_cents)} at risk)" if summary.at_risk_cents else ""
        yield f"{' and '.join(lost)} as they stand{risk}"
    if worst[Outcome.AUDIT]:
        yield f"{worst[Outcome.AUDIT]:,} open to audit"
    if worst[Outcome.ASK]:
        yield counted(worst[Outcome.ASK], "question")
    if worst[Outcome.MISSED]:
        yield f"{worst[Outcome.MISSED]:,} earned but not billed"
    if summary.audit_cents:
        yield f"{dollars(summary.audit_cents)} more could be taken back"
    if of_files:
        yield f"{counted(of_files, 'finding')} on the file itself"


def _printable(text: pl.Expr | pl.Series) -> pl.Expr:
    return (pl.lit(text) if isinstance(text, pl.Series) else text).str.replace_all(UNPRINTABLE, "?")


def _cut(text: pl.Expr, width: int) -> pl.Expr:
    """`text` cut to `width`, which an ellipsis says."""
    short = pl.concat_str(text.str.head(width - 1), pl.lit("…"))
    return pl.when(text.str.len_chars() > width).then(short).otherwise(text)


def _said(column: pl.Series, say: Callable[[Any], str]) -> pl.Series:
    """`column` in words: each distinct value is put into words once."""
    known = column.drop_nulls().unique()
    return column.replace_strict(known, [say(value) for value in known], default=None, return_dtype=pl.String)
