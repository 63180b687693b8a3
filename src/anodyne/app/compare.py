"""What one edition of reference data changes for a practice's own claims, against another."""

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

import polars as pl

from anodyne.app.check import Report, check
from anodyne.app.reading import STANDARD_INPUT
from anodyne.app.reference import load_files
from anodyne.app.summary import LOST
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import FINDINGS, MODIFIERS, empty
from anodyne.reference.editions import Edition
from anodyne.reference.fees import is_facility
from anodyne.reference.frozen import Frozen
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Part, Reference, load

PRICES: Final = "fee_schedule"
MEDICARE: Final = "MB"
_COMPONENTS: Final = ("26", "TC", "53")
"""Modifiers for which a code has other relative values, which are not kept."""
_FINDING: Final = ("claim_key", "line_key", "rule", "outcome", "said_of", "at_risk_cents")
_SAME: Final = ("claim_key", "line_key", "rule", "outcome", "said_of")


@dataclass(frozen=True, slots=True)
class Shift:
    """Findings of one rule about the same codes that only one of the editions gives."""

    rule: str
    outcome: str
    codes: str
    claims: int
    findings: int
    at_risk_cents: int


@dataclass(frozen=True, slots=True)
class Price:
    """What Medicare pays for a code by two editions, for all its lines together."""

    code: str
    lines: int
    old_cents: int
    new_cents: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new edition of some tables changes, against an old one."""

    old: tuple[Edition, ...]
    new: tuple[Edition, ...]
    """By table, in the order of `old`."""
    claims: int
    lines: int
    now: tuple[Shift, ...]
    """What only the new editions find."""
    gone: tuple[Shift, ...]
    """What only the old editions found."""
    old_risk_cents: int
    new_risk_cents: int
    """What will not be paid of the claims as they stand, each cent once."""
    prices: tuple[Price, ...]
    """Codes whose price differs, where the fee schedule is compared; the largest difference first."""
    priced_lines: int
    """Lines of Medicare Part B that both fee schedules price."""
    old_cents: int
    new_cents: int
    unpriced_codes: tuple[tuple[str, int], ...]
    """Codes that the old fee schedule has and the new has not, with their lines."""


def compare(
    old: str,
    new: str,
    claims: Sequence[str],
    *,
    home: Path,
    history: Sequence[str] = (),
    as_of: dt.date,
    policies: Policies | None = None,
) -> Comparison:
    """Judge `claims` twice, by the editions that `old` and `new` name, and say what differs.

    An edition is named `ptp@2026-10-01`; a day names every table's edition in force on it; a file is loaded
    for this once.  Each edition is asked as if it were in force on every day of the claims; tables that only
    one side names, or that both have alike, stay as they are.

    Raises BadRequest for an unknown edition, or where nothing can be compared; UnreadableFile and its kinds
    as `check` and `load_files` do.
    """
    if STANDARD_INPUT in [*claims, *history]:
        raise BadRequest(
            "claims are read twice, and standard input can be read once",
            where="--claims",
            fix="Give it a file.",
        )
    base = load(home)
    with ExitStack() as stack:
        before, after = (stack.enter_context(_named(name, base)) for name in (old, new))
        tables = [
            table
            for table in before
            if table in after and before[table].edition.sha256 != after[table].edition.sha256
        ]
        if not tables:
            raise BadRequest(
                f"{old} and {new} have no table that differs",
                where="OLD and NEW",
                fix="Name two editions of one table; `anodyne reference status` tells what is loaded.",
            )
        first, second = (
            stack.enter_context(
                check(
                    claims,
                    history=history,
                    as_of=as_of,
                    reference=_with(base, side, tables),
                    policies=policies,
                    dry_run=True,
                )
            )
            for side in (before, after)
        )
        found = [_findings(report) for report in (first, second)]
        prices: list[Price] = []
        unpriced: tuple[tuple[str, int], ...] = ()
        if PRICES in tables:
            billed = _billed(first, base)
            prices = _prices(billed, before[PRICES].rows, after[PRICES].rows)
            unpriced = _unpriced(billed, before[PRICES].rows, after[PRICES].rows)
        return Comparison(
            old=tuple(before[table].edition for table in tables),
            new=tuple(after[table].edition for table in tables),
            claims=first.summary.claims,
            lines=first.summary.lines,
            now=_shifts(found[1], found[0]),
            gone=_shifts(found[0], found[1]),
            old_risk_cents=first.summary.at_risk_cents,
            new_risk_cents=second.summary.at_risk_cents,
            prices=tuple(price for price in prices if price.old_cents != price.new_cents),
            priced_lines=sum(price.lines for price in prices),
            old_cents=sum(price.old_cents for price in prices),
            new_cents=sum(price.new_cents for price in prices),
            unpriced_codes=unpriced,
        )


@contextmanager
def _named(name: str, reference: Reference) -> Iterator[Mapping[str, Part]]:
    """The editions that `name` names, by table."""
    if Path(name).is_file():
        with tempfile.TemporaryDirectory(prefix="anodyne-") as folder:
            home = Path(folder)
            kept = load_files([name], home=home)
            loaded = load(home)
            yield {
                one.edition.table: next(
                    part for part in _editions(loaded, one.edition.table) if part.edition == one.edition
                )
                for one in kept
            }
        return
    table, at, day = name.rpartition("@")
    try:
        start = dt.date.fromisoformat(day)
    except ValueError:
        raise _unknown(name, reference) from None
    if not at:
        found = {table: reference.in_force_on(table, start) for table in reference.parts}
        yield {table: part for table, part in found.items() if part is not None}
        return
    part = next((part for part in _editions(reference, table) if part.edition.start == start), None)
    if part is None:
        raise _unknown(name, reference)
    yield {table: part}


def _editions(reference: Reference, table: str) -> tuple[Part, ...]:
    """The editions of `table`, those that wait for parts last: one that is named is asked as it is."""
    return *reference.parts.get(table, ()), *reference.waiting.get(table, ())


def _unknown(name: str, reference: Reference) -> BadRequest:
    known = [f"{edition.table}@{edition.start}" for of in reference.published.values() for edition in of]
    return BadRequest(
        f"no edition, day or file is called {name}",
        where="OLD and NEW",
        fix=f"Name a file, a day as 2026-10-01, or one of {', '.join(sorted(known))}.",
    )


def _with(base: Reference, side: Mapping[str, Part], tables: Sequence[str]) -> Reference:
    frozen = {table: (Frozen(side[table]),) for table in tables}
    return replace(base, parts=MappingProxyType({**base.parts, **frozen}))


def _findings(report: Report) -> pl.DataFrame:
    parts = [empty(FINDINGS), *report.findings()]
    codes = pl.col("codes").list.join(" + ")
    return pl.concat(parts).with_columns(said_of=codes.fill_null("")).select(_FINDING)


def _shifts(found: pl.DataFrame, other: pl.DataFrame) -> tuple[Shift, ...]:
    """The findings in `found` that are not in `other`, by rule and codes; the most money first."""
    only = found.join(other, on=_SAME, how="anti", nulls_equal=True)
    told = only.group_by("rule", "outcome", "said_of").agg(
        claims=pl.col("claim_key").n_unique(),
        findings=pl.len(),
        cents=pl.when(pl.col("outcome").is_in(LOST)).then(pl.col("at_risk_cents")).fill_null(0).sum(),
    )
    ordered = told.sort("cents", "findings", "rule", "said_of", descending=[True, True, False, False])
    return tuple(
        Shift(*row)
        for row in ordered.select("rule", "outcome", "said_of", "claims", "findings", "cents").iter_rows()
    )


def _billed(report: Report, reference: Reference) -> pl.DataFrame:
    """What was billed to Medicare Part B as whole codes: lines and units by code, in a facility or not."""
    parts = []
    for chunk in report.chunks():
        medicare = chunk.claims.filter(filing=MEDICARE).select("claim_key", claim_pos="pos")
        lines = chunk.lines.join(medicare, on="claim_key").with_columns(pos=pl.coalesce("pos", "claim_pos"))
        component = pl.any_horizontal(pl.col(m).is_in(_COMPONENTS).fill_null(value=False) for m in MODIFIERS)
        whole = lines.filter(~component & (pl.col("unit_basis") == "UN"))
        facility = is_facility(whole, reference).fill_null(value=False)
        parts.append(whole.select("code", "units").with_columns(facility.alias("facility")))
    billed = (
        pl.concat(parts)
        if parts
        else pl.DataFrame(schema={"code": pl.String, "units": pl.Float64, "facility": pl.Boolean})
    )
    return billed.group_by("code", "facility").agg(lines=pl.len(), units=pl.col("units").sum())


def _cents(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """The national price of one unit of each code in cents, half a cent rounded up."""
    factor = pl.col("conversion_ten_thousandths").cast(pl.Int64)
    practice = pl.when("facility").then("pe_fac_hundredths").otherwise("pe_nonfac_hundredths")
    value = pl.col("work_hundredths") + practice + pl.col("mp_hundredths")
    both = rows.join(pl.DataFrame({"facility": [False, True]}), how="cross")
    return both.select("code", "facility", ((value.cast(pl.Int64) * factor + 5_000) // 10_000).alias(name))


def _prices(billed: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame) -> list[Price]:
    """The prices of what was billed, the largest difference first."""
    key = ["code", "facility"]
    priced = billed.join(_cents(old, "old"), on=key).join(_cents(new, "new"), on=key)
    priced = priced.filter((pl.col("old") > 0) | (pl.col("new") > 0))
    told = priced.group_by("code").agg(
        pl.col("lines").sum(),
        *((pl.col(name) * pl.col("units")).round().cast(pl.Int64).sum() for name in ("old", "new")),
    )
    ordered = told.sort((pl.col("new") - pl.col("old")).abs(), "code", descending=[True, False])
    return [Price(*row) for row in ordered.select("code", "lines", "old", "new").iter_rows()]


def _unpriced(billed: pl.DataFrame, old: pl.DataFrame, new: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    lost = billed.join(old, on="code", how="semi").join(new, on="code", how="anti")
    return tuple(lost.group_by("code").agg(pl.col("lines").sum()).sort("code").iter_rows())
