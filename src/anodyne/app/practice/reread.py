"""A file on its way out, read and judged once more: what would keep it here."""

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from django.db.models import Max

from anodyne.app.judging import judge_book
from anodyne.app.practice.checking import HOLDING, policies_for, tables
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, DIAGNOSES, FINDINGS, LINES, MODIFIERS
from anodyne.rules.discover import claim_rules
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import (
    Claim,
    ClaimVersion,
    Waiver,
)
from anodyne.x12.read import read_stream

_SAME_CLAIM: Final = (
    "payer_id", "filing", "payer_rank", "member_id", "relationship", "birth_date", "billing_npi",
    "rendering_npi", "referring_npi", "frequency", "original_ref", "charge_cents", "auth_number", "pos",
    *DIAGNOSES,
)  # fmt: skip
_SAME_LINE: Final = (
    "line", "code", *MODIFIERS, "units", "unit_basis", "charge_cents", "served_on", "dx_pointers", "ndc",
)  # fmt: skip
"""What of a claim and of its lines must be the same in the file as in the database."""


@dataclass(frozen=True, slots=True)
class Left:
    """A claim that does not leave, and why: each reason in words, without anything of a patient."""

    claim: int
    claim_id: str
    reasons: tuple[str, ...]
    repeats: bool = False
    """Whether its only reason is that the same was sent before: a person may say why it goes again."""


Waived = Mapping[tuple[int, str], frozenset[int | None]]
"""By claim and rule, the lines that are waived; None is the claim as a whole."""


def waived(claims: Collection[int], as_of: dt.date) -> Waived:
    """What people let go of these claims on the day `as_of`."""
    found: dict[tuple[int, str], set[int | None]] = defaultdict(set)
    for one in Waiver.objects.filter(claim__in=claims, withdrawn_at=None).exclude(until__lt=as_of):
        found[one.claim_id, one.rule].add(one.line)
    return {key: frozenset(lines) for key, lines in found.items()}


def is_waived(given: Waived, claim: int, rule: str, line: int | None) -> bool:
    """Whether a finding of `rule` on that line of that claim is waived."""
    return line in given.get((claim, rule), ())


def refusals(
    data: bytes | None, kept: Shelf, keys: Mapping[int, Claim], *, as_of: dt.date, given: Waived
) -> list[Left]:
    """Why claims of a file may not go: what differs from the database, and what would be refused or denied.

    `data` is the file; None for paper, of which what was printed is judged.
    """
    claims, lines, structural = (kept.claims, kept.lines, None) if data is None else _read(data)
    rows = {(row.claim_id, row.rank): row for row in keys.values()}
    reasons: dict[int, list[str]] = defaultdict(list)
    if data is not None:
        for key, why in _differences(claims, lines, kept):
            reasons[rows[key].pk if key in rows else 0].append(why)
    found = _judged(claims, lines, kept, rows, as_of)
    if structural is not None:
        found = pl.concat([structural, found])
    names = dict(
        zip(claims["claim_key"], zip(claims["claim_id"], claims["payer_rank"], strict=True), strict=True)
    )
    for one in found.filter(pl.col("outcome").is_in(HOLDING)).iter_rows(named=True):
        row = rows.get(names.get(one["claim_key"], ("", "")))
        if row is None or not is_waived(given, row.pk, one["rule"], one["line"]):
            reasons[0 if row is None else row.pk].append(f"{one['rule']}: {one['message']}")
    by_key = {row.pk: row.claim_id for row in rows.values()}
    return [
        Left(key, by_key.get(key, "of the file"), tuple(dict.fromkeys(why)))
        for key, why in sorted(reasons.items())
    ]


def _read(data: bytes) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The claims, lines and structural findings of a file."""
    parts = [*read_stream(io.BytesIO(data), name="the file", structure=True)]
    return (
        pl.concat(part.claims for part in parts),
        pl.concat(part.lines for part in parts),
        pl.concat(part.findings for part in parts),
    )


def _differences(
    claims: pl.DataFrame, lines: pl.DataFrame, kept: Shelf
) -> Iterable[tuple[tuple[str, str], str]]:
    """Where a file that was read differs from what the database holds, by claim id and rank."""
    told, held = _comparable(claims, lines), _comparable(kept.claims, kept.lines)
    for key in sorted({*told, *held}):
        if key not in told:
            yield key, "it is not in the file"
        elif key not in held:
            yield key, "the file has it and the batch does not"
        else:
            for what, name in (("claim", 0), ("lines", 1)):
                if told[key][name] != held[key][name]:
                    yield key, f"its {what} in the file differ from the database"


def _comparable(claims: pl.DataFrame, lines: pl.DataFrame) -> dict[tuple[str, str], tuple[Any, Any]]:
    upper = [pl.col(n).str.strip_chars().str.to_uppercase() for n in _SAME_CLAIM if CLAIMS[n] == pl.String]
    others = [pl.col(n) for n in _SAME_CLAIM if CLAIMS[n] != pl.String]
    own = claims.select("claim_key", pl.col("claim_id").str.to_uppercase(), rank="payer_rank")
    of_claim = claims.select(*upper, *others).rows()
    text = [pl.col(n).str.strip_chars().str.to_uppercase() for n in _SAME_LINE if LINES[n] == pl.String]
    rest = [pl.col(n) for n in _SAME_LINE if LINES[n] != pl.String and n != "line"]
    by_claim: dict[int, list[Any]] = defaultdict(list)
    for key, *values in lines.sort("claim_key", "line").select("claim_key", *text, *rest).iter_rows():
        by_claim[key].append(tuple(values))
    return {
        (claim_id, rank): (values, by_claim[key])
        for (key, claim_id, rank), values in zip(own.iter_rows(), of_claim, strict=True)
    }


def _judged(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    kept: Shelf,
    rows: Mapping[tuple[str, str], Claim],
    as_of: dt.date,
) -> pl.DataFrame:
    """The findings of all rules on claims that were read, beside what else their patients had."""
    patients = {key: row.patient_id for key, row in rows.items()}
    people = [patients.get(key, 0) for key in zip(claims["claim_id"], claims["payer_rank"], strict=True)]
    judged = claims.with_columns(
        pl.Series("patient", people, dtype=CLAIMS["patient"]), judged=pl.lit(value=True)
    )
    past = shelf([], history=history_of(rows.values()))
    first_claim, first_line = len(judged), len(lines)
    book = Book(
        pl.concat([judged, past.claims.with_columns(pl.col("claim_key") + first_claim)]),
        pl.concat(
            [
                lines,
                past.lines.with_columns(pl.col("claim_key") + first_claim, pl.col("line_key") + first_line),
            ]
        ),
    )
    found = judge_book(
        book,
        rules=[*claim_rules().values()],
        reference=tables(),
        policies=policies_for(kept),
        as_of=as_of,
    )
    return found.select(FINDINGS.keys())


def history_of(claims: Iterable[Claim]) -> list[int]:
    """The last version of each other claim of the same patients, but for these claims to other payers."""
    rows = list(claims)
    own = {row.pk for row in rows} | {row.primary_id for row in rows if row.primary_id is not None}
    others = (
        Claim.objects.filter(patient__in={row.patient_id for row in rows})
        .exclude(pk__in=own)
        .exclude(primary__in=own)
        .annotate(last=Max("versions__number"))
        .values_list("pk", "last")
    )
    numbers = dict(others)
    found = ClaimVersion.objects.filter(claim__in=numbers).values_list("pk", "claim_id", "number")
    return [key for key, claim, number in found if numbers[claim] == number]
