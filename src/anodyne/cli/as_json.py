"""A report as JSON, `anodyne.check/1`: stable, for programs; one finding a row, written as it is made."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, Final

import polars as pl

from anodyne.app.breakdown import breakdown
from anodyne.app.check import Report
from anodyne.app.summary import Summary
from anodyne.cli import dry_run
from anodyne.kernel.cite import Cite

SCHEMA: Final = "anodyne.check/1"
SLICE: Final = 20_000
_PLAIN: Final = ("rule", "outcome", "file", "claim", "line", "segment", "byte", "codes", "message", "needs")


def write(report: Report, out: BinaryIO, fixes: Iterable[str] = ()) -> None:
    """Write `report` to `out` as UTF-8, and last `fixes`: the parts of an object, where there is one."""
    files = [{"path": f.path, "sha256": f.sha256, "claims": f.claims, "lines": f.lines} for f in report.files]
    out.write(f'{{"schema":"{SCHEMA}","as_of":"{report.as_of}",\n"files":{_json(files)},\n'.encode())
    out.write(b'"findings":[')
    before = "\n"
    for rows in _findings(report):
        out.write(before.encode())
        out.write(rows.encode())
        before = ",\n"
    out.write(b"\n],\n" if before == ",\n" else b"],\n")
    out.write(f'"summary":{_json(_summary(report.summary))}'.encode())
    if report.dry_run:
        out.write(f',\n"dry_run":{_json(dry_run.record(breakdown(report)))}'.encode())
    before = ',\n"fixes":'
    for part in fixes:
        out.write(f"{before}{part}".encode(errors="replace"))
        before = ""
    out.write(b"}\n")


def _findings(report: Report) -> Iterator[str]:
    """Findings as JSON objects divided by commas, a slice at a time: encoded by the frame, not one by one."""
    aged = report.summary.aged()
    cites = {"": ""}

    def cited(part: pl.DataFrame) -> pl.Series:
        """The citations of each finding as JSON, made once for each rule and ruling."""
        keys = part.select(
            pl.concat_str("rule_key", pl.col("ruling").cast(pl.String), separator=" ", ignore_nulls=True)
        )
        for key in keys.to_series().unique():
            if key not in cites:
                rule_key, _, ruling = key.partition(" ")
                told = report.cites(rule_key, int(ruling) if ruling else None)
                cites[key] = _json([_cite(cite, aged) for cite in told])
        return keys.to_series().replace_strict(cites, return_dtype=pl.String)

    encoded = pl.concat_str(
        pl.struct(_PLAIN).struct.json_encode().str.head(-1),
        pl.lit(',"fix":'),
        pl.col("fix").fill_null("null"),
        pl.lit(',"at_risk_cents":'),
        pl.col("at_risk_cents").cast(pl.String),
        pl.lit(',"cites":'),
        pl.col("cites"),
        pl.lit("}"),
    )
    for chunk in report.chunks():
        for part in chunk.findings.iter_slices(SLICE):
            yield part.with_columns(cites=cited(part)).select(encoded.str.join(",\n")).item()


def _cite(cite: Cite, aged: Mapping[str, dt.date]) -> Mapping[str, str]:
    """A citation; its section names the edition where that is the newest loaded and a newer one is due."""
    edition = f"; by the edition of {aged[cite.source]}, the newest loaded" if cite.source in aged else ""
    return {
        "source": cite.source,
        "section": f"{cite.section}{edition}",
        "url": cite.url,
        "read": cite.read.isoformat(),
        "confidence": cite.confidence,
    }


def _summary(summary: Summary) -> Mapping[str, Any]:
    return {
        "claims": summary.claims,
        "clean": summary.clean,
        "at_risk_cents": summary.at_risk_cents,
        "by_outcome": {outcome: count for outcome, count in summary.by_outcome.items() if count},
        "lines": summary.lines,
        "payers": summary.payers,
        "audit_cents": summary.audit_cents,
        "claims_by_outcome": {
            outcome: count for outcome, count in summary.claims_by_outcome.items() if count
        },
        "unjudged_codes": dict(summary.unjudged_codes),
        "unjudged_lines": summary.unjudged_lines,
        "rules": summary.rules,
        "editions": [
            {
                "name": edition.name,
                "publisher": edition.publisher,
                "period": edition.period,
                "start": edition.start.isoformat(),
                "overdue_since": edition.overdue_since and edition.overdue_since.isoformat(),
                "waiting": edition.waiting,
            }
            for edition in summary.editions
        ],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
