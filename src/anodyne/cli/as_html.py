"""A report as one page for a browser: the money at risk, then each claim as its form has it.

The page stands alone: no network, no file beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, BinaryIO, Final

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from anodyne.app import words
from anodyne.app.breakdown import breakdown, claim_money
from anodyne.app.catalogue import catalogue
from anodyne.app.check import Chunk, Report
from anodyne.app.reading import STANDARD_INPUT
from anodyne.app.summary import Summary
from anodyne.app.words import counted
from anodyne.cli.charts import Bar, bars
from anodyne.cli.page import printable
from anodyne.kernel.cite import Cite
from anodyne.kernel.money import dollars
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.model.outcome import Outcome

CLAIMS_SHOWN: Final = 2_000
"""A browser shows so many claims with ease; where there are more, those with the most money."""
BARS: Final = 12
LETTERS: Final = "ABCDEFGHIJKL"
_RANKS: Final = {outcome.value: outcome.rank for outcome in Outcome}
_CAUSES: Final = {"AA": "auto accident", "EM": "employment", "OA": "other accident"}
_OF_CLAIMS: Final = {"claims": "Claims", "found": "With findings"}

Cites = Callable[[str, int | None], tuple[Cite, ...]]
Told = dict[str, Any]
"""What the template shows of one thing, by the names that it uses."""


def write(report: Report, out: BinaryIO) -> None:
    """Write `report` to `out` as an HTML page in UTF-8."""
    places, with_findings = _most_money(report)
    claims = [claim for chunk in report.chunks() for claim in _claims(chunk, places, report.cites)]
    claims.sort(key=lambda claim: places[claim["key"]])
    of_files = [_finding(row, None) for row in _on_files(report)]
    environment = Environment(
        loader=PackageLoader("anodyne.cli", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html.j2").generate(
        style=_part("report.css"),
        script=_part("report.js"),
        as_of=words.day(report.as_of),
        files=list(_files(report)),
        by=f"Checked by {counted(report.summary.rules, 'rule')}",
        figures=list(_figures(report.summary)),
        reference=" · ".join(words.editions(report.summary.editions)),
        notes=list(_notes(report.summary, len(claims), with_findings)),
        charts=list(_charts(report)),
        of_files=of_files,
        claims=claims,
        outcomes=[o.value for o in Outcome if any(claim["worst"] == o.value for claim in claims)],
        choices=_choices(claims),
        rules=list(_rules({*(row["rule"] for row in of_files), *(r for c in claims for r in c["rules"])})),
    )
    out.writelines(part.encode() for part in page)


def _shown(value: object) -> object:
    """`value` as the page shows it: text of a file without what has no place on a page."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _part(name: str) -> Markup:
    """A part of the page that is written by us, and stands in it as it is."""
    return Markup(files("anodyne.cli").joinpath("pages", name).read_text("utf-8"))  # noqa: S704


def _most_money(report: Report) -> tuple[dict[int, int], int]:
    """The claims to show, by key, with their place on the page; and how many have findings."""
    found = pl.concat(claim_money(chunk).filter(pl.col("found") > 0) for chunk in report.chunks())
    shown = found.sort("lost_cents", "audit_cents", descending=True, maintain_order=True).head(CLAIMS_SHOWN)
    return {key: place for place, key in enumerate(shown["claim_key"])}, len(found)


def _on_files(report: Report) -> Iterator[Told]:
    """The findings that concern no claim but a file itself, each with its citations and its place."""
    for chunk in report.chunks():
        for row in chunk.findings.filter(pl.col("claim_key").is_null()).iter_rows(named=True):
            where = f"{row['file']}, segment {row['segment']}, byte {row['byte']}"
            message = f"{row['message']} ({where})"
            yield {**row, "message": message, "cites": report.cites(row["rule_key"], row["ruling"])}


def _files(report: Report) -> Iterator[str]:
    for file in report.files:
        path = "standard input" if file.path == STANDARD_INPUT else file.path
        yield f"{path}, {counted(file.claims, 'claim')}, {counted(file.lines, 'line')}"


def _figures(summary: Summary) -> Iterator[Told]:
    of = summary.claims_by_outcome
    numbers = (
        ("", "claims", summary.claims),
        ("clean", "clean", summary.clean),
        ("reject", "rejected", of.get(Outcome.REJECT, 0)),
        ("deny", "denied", of.get(Outcome.DENY, 0)),
        ("audit", "audit only", of.get(Outcome.AUDIT, 0)),
        ("ask", "question only", of.get(Outcome.ASK, 0)),
    )
    for kind, name, number in numbers:
        yield {"kind": kind, "name": name, "number": f"{number:,}", "money": False}
    yield {"kind": "deny", "name": "at risk", "number": dollars(summary.at_risk_cents), "money": True}
    yield {"kind": "audit", "name": "if audited", "number": dollars(summary.audit_cents), "money": True}


def _notes(summary: Summary, shown: int, with_findings: int) -> Iterator[str]:
    if shown < with_findings:
        yield (
            f"{shown:,} of the {with_findings:,} claims with findings are on this page, those with the "
            "most money; --format xlsx has them all."
        )
    if summary.unjudged_lines:
        yield (
            f"{counted(summary.unjudged_lines, 'line')} served before the oldest edition of the national "
            "edits loaded: not judged by them."
        )
    if summary.unjudged_codes:
        named = ", ".join(f"{code or 'no code'} ({lines:,})" for code, lines in summary.unjudged_codes)
        yield f"Codes outside what is loaded, with their lines: {named}."


def _charts(report: Report) -> Iterator[Told]:
    told = breakdown(report)
    titles = {rule: versions[0].title for rule, versions in catalogue().items()}
    yield from _chart("At risk by payer", "Payer", "payer", told.payers)
    yield from _chart(
        "At risk by rule",
        "Rule",
        "rule",
        told.rules.with_columns(
            pl.concat_str(
                "rule", pl.lit("  "), pl.col("rule").replace_strict(titles, return_dtype=pl.String)
            ).alias("beside")
        ),
        numbers={"findings": "Findings", "claims": "Claims"},
        note="A claim counts under each rule that found something on it.",
    )
    yield from _chart("At risk by provider", "Rendering NPI", "npi", told.providers)


def _chart(
    title: str,
    head: str,
    name: str,
    totals: pl.DataFrame,
    *,
    numbers: Mapping[str, str] = _OF_CLAIMS,
    note: str = "",
) -> Iterator[Told]:
    """One chart; none where no money hangs on anything."""
    money = totals.filter(pl.col("lost_cents") + pl.col("audit_cents") > 0)
    if money.is_empty():
        return
    drawn = money.head(BARS).select(pl.col(name).fill_null("not named"), "lost_cents", "audit_cents")
    if len(money) > BARS:
        note = f"The first {BARS} of {len(money)}; the table has all. {note}".strip()
    told = totals.with_columns(pl.coalesce("beside", name) if "beside" in totals.columns else pl.col(name))
    yield {
        "title": title,
        "head": head,
        "heads": [*numbers.values(), "At risk", "If audited"],
        "note": note,
        "svg": Markup(bars([Bar(*row) for row in drawn.iter_rows()])),  # noqa: S704  escaped by its maker
        "rows": [
            {
                "name": row[name] or "not named",
                "cells": [
                    *(f"{row[number]:,}" for number in numbers),
                    dollars(row["lost_cents"]),
                    dollars(row["audit_cents"]),
                ],
            }
            for row in told.iter_rows(named=True)
        ],
    }


def _claims(chunk: Chunk, places: Mapping[int, int], cites: Cites) -> Iterator[Told]:
    """What is shown of the claims of `chunk` that have a place on the page."""
    keys = pl.Series(list(places), dtype=pl.UInt32).implode()
    shown = pl.col("claim_key").is_in(keys)
    findings = chunk.findings.filter(shown).partition_by("claim_key", as_dict=True)
    lines = chunk.lines.filter(shown).partition_by("claim_key", as_dict=True)
    money = {row["claim_key"]: row for row in claim_money(chunk).filter(shown).iter_rows(named=True)}
    for claim in chunk.claims.filter(shown).iter_rows(named=True):
        key = (claim["claim_key"],)
        its_lines = lines[key].rows(named=True) if key in lines else []
        told = [
            {**row, "cites": cites(row["rule_key"], row["ruling"])} for row in findings[key].rows(named=True)
        ]
        yield _claim(claim, its_lines, told, money[claim["claim_key"]])


def _claim(claim: Told, lines: Sequence[Told], findings: Sequence[Told], money: Told) -> Told:
    by_line: dict[int | None, list[Told]] = {}
    of_line = {line["line_key"]: line for line in lines}
    for finding in sorted(findings, key=lambda f: _RANKS[f["outcome"]]):
        told = _finding(finding, of_line.get(finding["line_key"]))
        by_line.setdefault(finding["line_key"], []).append(told)
    days = [line["served_on"] for line in lines if line["served_on"] is not None]
    codes = " ".join(line["code"] or "" for line in lines)
    risk = [
        f"{dollars(cents)} {name}"
        for cents, name in ((money["lost_cents"], "at risk"), (money["audit_cents"], "if audited"))
        if cents
    ]
    return {
        "key": claim["claim_key"],
        "id": claim["claim_id"] or "claim without an id",
        "payer": money["payer"] or "payer not named",
        "npi": money["npi"] or "not named",
        "worst": min((f["outcome"] for f in findings), key=_RANKS.__getitem__),
        "rules": sorted({f["rule"] for f in findings}),
        "words": f"{claim['claim_id'] or ''} {codes}".upper(),
        "day": words.day(min(days)) if days else "no date of service",
        "place": words.place(claim["pos"]),
        "charge": _money(claim["charge_cents"]),
        "risk": " and ".join(risk),
        "boxes": list(_boxes(claim)),
        "findings": by_line.get(None, []),
        "lines": [_line(line, by_line.get(line["line_key"], [])) for line in lines],
    }


def _boxes(claim: Told) -> Iterator[Told]:
    """The boxes of the form that a biller looks at, as CMS-1500 numbers them."""
    diagnoses = [
        f"{letter} {_dotted(claim[name])}"
        for letter, name in zip(LETTERS, DIAGNOSES, strict=True)
        if claim[name]
    ]
    causes = [_CAUSES.get(claim[n], claim[n]) for n in ("cause1", "cause2", "cause3") if claim[n]]
    boxes: tuple[tuple[str, str, str | None], ...] = (
        (
            "10",
            "related to",
            " · ".join(filter(None, [*causes, claim["cause_state"]])),
        ),
        ("14", "onset or accident", _day(claim["accident_on"] or claim["onset_on"])),
        ("17b", "referring NPI", claim["referring_npi"]),
        ("22", "resubmission", _resubmission(claim)),
        ("23", "authorisation", claim["auth_number"]),
        ("24J", "rendering NPI", claim["rendering_npi"]),
        ("32a", "facility NPI", claim["facility_npi"]),
        ("33a", "billing NPI", claim["billing_npi"]),
    )
    yield {
        "number": "21",
        "name": "diagnoses",
        "text": "   ".join(diagnoses) or "none",
        "wide": True,
    }
    for number, name, text in boxes:
        if text:
            yield {"number": number, "name": name, "text": text, "wide": False}


def _resubmission(claim: Told) -> str:
    if claim["frequency"] in (None, "1") and not claim["original_ref"]:
        return ""
    return f"frequency {claim['frequency'] or 'not given'}, of {claim['original_ref'] or 'no claim named'}"


def _line(line: Told, findings: Sequence[Told]) -> Told:
    one_day = line["served_to"] in (None, line["served_on"])
    day = _day(line["served_on"]) or "no date"
    pointers = [
        p for p in (line["dx_pointers"] or "").split(":") if p.isdigit() and 1 <= int(p) <= len(LETTERS)
    ]
    minutes = " min" if line["unit_basis"] == "MJ" else ""
    return {
        "number": line["line"] if line["line"] is not None else "?",
        "day": day if one_day else f"{day} to {_day(line['served_to'])}",
        "pos": line["pos"] or "",
        "code": "-".join(filter(None, (line["code"] or "no code", *(line[name] for name in MODIFIERS)))),
        "label": line["label"] or "",
        "pointers": " ".join(LETTERS[int(pointer) - 1] for pointer in pointers),
        "charge": _money(line["charge_cents"]),
        "units": "?" if line["units"] is None else f"{line['units']:.10g}{minutes}",
        "npi": line["rendering_npi"] or "",
        "findings": findings,
    }


def _finding(finding: Told, line: Told | None) -> Told:
    fix = None
    if finding["fix"] is not None:
        code, *mods = (None,) if line is None else (line[name] for name in ("code", *MODIFIERS))
        fix = words.fix(finding["fix"], finding["line"], code, tuple(mods))
    money = finding["at_risk_cents"] and finding["outcome"] in words.RISK
    return {
        "rule": finding["rule"],
        "outcome": finding["outcome"],
        "message": finding["message"],
        "money": f"{dollars(finding['at_risk_cents'])} {words.RISK[finding['outcome']]}" if money else "",
        "fix": fix,
        "needs": " · ".join(finding["needs"]),
        "by": f"{finding['cites'][0].source}: {finding['cites'][0].section}",
    }


def _choices(claims: Sequence[Told]) -> list[Told]:
    return [
        {"title": "Payer", "name": "payer", "options": sorted({claim["payer"] for claim in claims})},
        {"title": "Rule", "name": "rule", "options": sorted({r for claim in claims for r in claim["rules"]})},
        {"title": "Provider", "name": "provider", "options": sorted({claim["npi"] for claim in claims})},
    ]


def _rules(named: Iterable[str]) -> Iterator[Told]:
    for rule in sorted(named):
        newest = catalogue()[rule][0]
        since = "" if newest.in_force is None else f"For services from {words.day(newest.in_force.start)}. "
        yield {
            "id": rule,
            "outcome": newest.outcome.value,
            "title": newest.title,
            "statement": newest.statement,
            "since": f"{since}{words.PREDICTS[newest.outcome].capitalize()}.",
            "cites": [
                {
                    "source": cite.source,
                    "section": cite.section,
                    "url": cite.url,
                    "read": words.day(cite.read),
                    "confidence": words.CONFIDENCE[cite.confidence],
                }
                for cite in newest.cites
            ],
        }


def _dotted(code: str) -> str:
    """A diagnosis as people write it.

    >>> _dotted("M5416"), _dotted("R52")
    ('M54.16', 'R52')
    """
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _day(value: Any) -> str:  # noqa: ANN401  a day, or nothing
    return "" if value is None else words.day(value)


def _money(cents: int | None) -> str:
    return "?" if cents is None else dollars(cents)
