"""A closed month for programs: one object, `anodyne.care/1`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Final

import polars as pl

from anodyne.app.care_month import Month, cites
from anodyne.kernel.errors import BadCell

if TYPE_CHECKING:
    from anodyne.app.care_proposals import Proposal, Told

SCHEMA: Final = "anodyne.care/1"
_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
_FINDING: Final = ("rule", "outcome", "message", "needs")


def write(
    month: Month, out: BinaryIO, *, schema: str = SCHEMA, about: Mapping[str, object] = _NOTHING
) -> None:
    """Write `month` to `out` as JSON: its keys in the order of the contract, then what is told `about` it."""
    out.writelines(_document(month, schema, about))


def write_errors(month: str, cells: Sequence[BadCell], out: BinaryIO, *, schema: str = SCHEMA) -> None:
    """Write to `out` why nothing of `month` was counted: the cells that could not be read."""
    errors = [
        {
            "file": cell.file,
            "row": cell.row,
            "column": cell.column,
            "message": cell.message,
            "next_step": cell.next_step,
        }
        for cell in cells
    ]
    told = {"schema": schema, "month": month, "results": [], "conflicts": [], "errors": errors}
    out.write(json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n")


def _document(month: Month, schema: str, about: Mapping[str, object]) -> Iterator[bytes]:
    yield f'{{"schema": {json.dumps(schema)},\n "month": "{month.month:%Y-%m}",\n "results": ['.encode()
    yield from _rows(_results(month))
    yield b'],\n "conflicts": ['
    yield from _rows(_conflicts(month.conflicts))
    yield b'],\n "errors": []'
    for name, value in {**about, **_about(month)}.items():
        yield f',\n "{name}": {json.dumps(value, ensure_ascii=False)}'.encode()
    yield b"}\n"


def _rows(frame: pl.DataFrame) -> Iterator[bytes]:
    """The rows of `frame` as objects, each on a line of its own."""
    if frame.is_empty():
        return
    lines = frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()
    yield b"\n  "
    yield lines.str.join(",\n  ").item(0).encode()


def _results(month: Month) -> pl.DataFrame:
    """One row a result, with what it holds laid inside."""
    entry = pl.struct("entry_id", "counted_seconds", "excluded_seconds", "why")
    entries = month.entries.group_by("month_key", maintain_order=True).agg(entries=entry)
    found = month.findings.with_columns(finding=pl.struct(_FINDING))
    told = found.group_by("month_key", maintain_order=True).agg(
        blockers=pl.col("finding").filter("blocks"), warnings=pl.col("finding").filter(~pl.col("blocks"))
    )
    goal = pl.struct(code="goal_code", seconds_short="goal_seconds")
    return (
        month.results.join(told, on="month_key", how="left", maintain_order="left")
        .join(entries, on="month_key", how="left", maintain_order="left")
        .select(
            "patient",
            "practitioner",
            "program",
            "counted_seconds",
            "codes",
            "status",
            pl.col("blockers").fill_null([]),
            pl.when(pl.col("goal_code").is_not_null()).then(goal).alias("next"),
            pl.col("entries").fill_null([]),
            pl.col("warnings").fill_null([]),
            "payer",
            "met_on",
            "pos",
            "allowed_cents",
            "patient_share_cents",
            next_cents="goal_cents",
        )
    )


def _conflicts(conflicts: pl.DataFrame) -> pl.DataFrame:
    return conflicts.select(
        rule=pl.lit("CPM-11"),
        entries=pl.concat_list("one", "other"),
        overlap_seconds="overlap_seconds",
        message="message",
    )


def _about(month: Month) -> dict[str, object]:
    """What the contract leaves open: files, zone, prices, and the authority of each rule named."""
    keys = dict(month.findings.select("rule", "rule_key").unique().sort("rule").iter_rows())
    told: dict[str, object] = {}
    if month.conflicts_left_out:
        told["conflicts_left_out"] = month.conflicts_left_out
    if month.proposals is not None:
        told["proposals"] = [*map(_proposal, month.proposals)]
    return {
        **told,
        "zone": month.zone,
        "files": [{"path": file.path, "sha256": file.sha256, "rows": file.rows} for file in month.files],
        "priced_by": month.priced_by,
        "rules": {rule: [*_cites(key)] for rule, key in keys.items()},
    }


def _proposal(one: "Proposal") -> dict[str, object]:
    """What could be chosen for marked entries; nothing of it is applied."""
    return {
        "patient": one.patient,
        "practitioner": one.practitioner,
        "why": one.why,
        "marked_by": one.marked_by,
        "logged": _choice(one.logged),
        "best": _choice(one.best),
        "alternatives": [{"all_to": program, **_choice(told)} for program, told in one.alternatives],
        "applied": False,
    }


def _choice(told: "Told") -> dict[str, object]:
    return {
        "codes": [{"code": code, "units": units} for code, units in told.codes.items()],
        "allowed_cents": told.cents,
        "moves": [{"entry_id": entry, "from": old, "to": new} for entry, old, new in told.moves],
    }


def _cites(rule_key: str) -> Iterable[dict[str, str]]:
    for cite in cites(rule_key):
        yield {
            "source": cite.source,
            "section": cite.section,
            "url": cite.url,
            "read": cite.read.isoformat(),
            "confidence": cite.confidence,
        }
