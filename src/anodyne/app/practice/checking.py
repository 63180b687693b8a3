"""The practice's claims judged, by the rules and tables that `anodyne check` judges files by."""

import datetime as dt
import json
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import polars as pl
from django.db.models import Max
from django.utils import timezone

from anodyne.app.catalogue import cites_of
from anodyne.app.home import data_home
from anodyne.app.judging import judge_book
from anodyne.app.summary import risk_of
from anodyne.model.book import Book
from anodyne.model.outcome import Outcome
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import OWN, load_policies
from anodyne.reference.tables import Reference, load
from anodyne.rules.discover import claim_rules
from anodyne.rules.rule import View
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import Claim, ClaimState, ClaimVersion, Finding, Payer, Waiver
from anodyne.store.rows import write_columns

HOLDING: Final = (Outcome.REJECT.value, Outcome.DENY.value)
"""What keeps a claim from leaving, unless a person waived it."""
AT_ONCE: Final = 2_000
"""So many claims are judged together."""
_JUDGED: Final = (ClaimState.HELD, ClaimState.READY)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules found of some versions."""

    shelf: Shelf
    findings: pl.DataFrame = field(repr=False)
    """Columns of `frames.FINDINGS`, of the claims of `shelf` that are judged."""
    due: Mapping[int, dt.date]
    """By `claim_key`, the last day on which the payer takes the whole claim, where its limit is known."""
    policies: Policies = field(repr=False)


def recheck(claims: Collection[int], *, as_of: dt.date) -> None:
    """Judge the open versions of these claims as on the day `as_of`, and write down what was found.

    A held or ready claim becomes the one or the other by it.  Claims without an open version, which have
    left, stay as they are.
    """
    keys = sorted(set(claims))
    for start in range(0, len(keys), AT_ONCE):
        _recheck(keys[start : start + AT_ONCE], as_of)


def _recheck(keys: Sequence[int], as_of: dt.date) -> None:
    rows = {
        claim.pk: claim
        for claim in Claim.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    }
    versions = {
        version.pk: version
        for version in ClaimVersion.objects.filter(claim__in=rows, closed_at=None).order_by("pk")
    }
    if not versions:
        return
    found = judged([*versions], _history(rows), as_of=as_of)
    Finding.objects.filter(version__in=versions).delete()
    standing = _write(found, versions, _waivers(versions.values(), as_of))
    risk = dict(risk_of(found.shelf.claims, standing).iter_rows())
    worst: dict[int, Outcome] = {}
    for claim_key, told in standing.select("claim_key", "outcome").unique().iter_rows():
        worst[claim_key] = min(Outcome(told), worst.get(claim_key, Outcome(told)), key=lambda one: one.rank)
    for claim_key, version_key in enumerate(found.shelf.versions):
        version = versions.get(version_key)
        if version is None:
            continue
        claim = rows[version.claim_id]
        claim.worst = worst[claim_key].value if claim_key in worst else ""
        claim.at_risk_cents = risk[claim_key]
        claim.file_by = found.due.get(claim_key)
        if claim.state in _JUDGED:
            claim.state = ClaimState.HELD if claim.worst in HOLDING else ClaimState.READY
    ClaimVersion.objects.filter(pk__in=versions).update(checked_at=timezone.now(), checked_by=_editions())
    write_columns([*rows.values()], ["worst", "at_risk_cents", "file_by", "state"])


def _history(claims: Mapping[int, Claim]) -> list[int]:
    """The last version of each other claim of the same patients."""
    patients = {claim.patient_id for claim in claims.values()}
    others = Claim.objects.filter(patient__in=patients).exclude(pk__in=claims)
    last = others.annotate(last=Max("versions__number")).values_list("pk", "last")
    numbers = dict(last)
    found = ClaimVersion.objects.filter(claim__in=numbers).values_list("pk", "claim_id", "number")
    return [key for key, claim, number in found if numbers[claim] == number]


def judged(versions: Sequence[int], history: Collection[int], *, as_of: dt.date) -> Judged:
    """What the rules find of `versions`, beside which those of `history` only count."""
    kept = shelf(versions, history=history)
    policies = _policies(_own_policies(kept), _state_of(data_home()))
    due: list[pl.DataFrame] = []

    def look(view: View, frame: pl.DataFrame) -> None:
        if view is View.LINE:
            due.append(frame.group_by("claim_key").agg(pl.col("due_on").min()).drop_nulls())

    found = judge_book(
        Book(kept.claims, kept.lines),
        rules=[*claim_rules().values()],
        reference=tables(),
        policies=policies,
        as_of=as_of,
        look=look,
    )
    return Judged(kept, found, {key: day for frame in due for key, day in frame.iter_rows()}, policies)


def _write(
    found: Judged, versions: Mapping[int, ClaimVersion], waivers: Mapping[tuple[int, str, int | None], Waiver]
) -> pl.DataFrame:
    """Write the findings down; those that no waiver covers."""
    rows, standing = [], []
    for row in found.findings.sort("claim_key", "line", "rule", nulls_last=False).iter_rows(named=True):
        version = versions.get(found.shelf.versions[row["claim_key"]])
        if version is None:
            continue
        waiver = waivers.get((version.claim_id, row["rule"], row["line"]))
        standing.append(waiver is None)
        rows.append(_finding(row, version, found, waiver))
    Finding.objects.bulk_create(rows)
    told = found.findings.sort("claim_key", "line", "rule", nulls_last=False)
    return told.filter(pl.Series(standing, dtype=pl.Boolean))


def _finding(row: Mapping[str, Any], version: ClaimVersion, found: Judged, waiver: Waiver | None) -> Finding:
    return Finding(
        version=version,
        line_id=None if row["line_key"] is None else found.shelf.line_rows[row["line_key"]],
        rule=row["rule"],
        rule_key=row["rule_key"],
        outcome=row["outcome"],
        message=row["message"],
        needs=list(row["needs"]),
        codes=list(row["codes"]),
        fix=None if row["fix"] is None else json.loads(row["fix"]),
        at_risk_cents=row["at_risk_cents"] or 0,
        cites=[
            {
                "source": cite.source,
                "section": cite.section,
                "url": cite.url,
                "read": cite.read.isoformat(),
                "confidence": cite.confidence,
            }
            for cite in cites_of(row["rule_key"], row["ruling"], found.policies)
        ],
        waiver=waiver,
    )


def _waivers(versions: Iterable[ClaimVersion], as_of: dt.date) -> dict[tuple[int, str, int | None], Waiver]:
    """The waivers that count on the day, by claim, rule and line."""
    claims = [version.claim_id for version in versions]
    given = Waiver.objects.filter(claim__in=claims, withdrawn_at=None).exclude(until__lt=as_of)
    return {(waiver.claim_id, waiver.rule, waiver.line): waiver for waiver in given}


def _editions() -> dict[str, str]:
    """The newest edition of each table, as a version remembers what it was judged by."""
    editions = tables().published
    return {name: rows[-1].start.isoformat() for name, rows in sorted(editions.items()) if rows}


def _own_policies(kept: Shelf) -> tuple[str, ...]:
    """What the practice wrote down of the payers of these claims."""
    ids = kept.claims["payer_id"].drop_nulls().unique().to_list()
    return tuple(
        Payer.objects.filter(payer_id__in=ids)
        .exclude(policy="")
        .order_by("payer_id")
        .values_list("policy", flat=True)
    )


def _state_of(home: Path) -> tuple[tuple[str, int], ...]:
    """What tells whether tables or policies were loaded since: the folders they lie in, and their times."""
    folders = [home / "reference", *(home / "reference").glob("*"), home / OWN, *(home / OWN).glob("*.toml")]
    return tuple((str(path), path.stat().st_mtime_ns) for path in folders if path.exists())


def tables() -> Reference:
    """The tables that are loaded and built in; read once, and again when something was loaded since."""
    return _tables(_state_of(data_home()))


@lru_cache(maxsize=1)
def _tables(state: tuple[tuple[str, int], ...]) -> Reference:
    del state
    return load(data_home())


@lru_cache(maxsize=64)
def _policies(own: tuple[str, ...], state: tuple[tuple[str, int], ...]) -> Policies:
    """The payers' policies, with those that a practice wrote down."""
    del state
    with tempfile.TemporaryDirectory(prefix="anodyne-") as folder:
        for number, text in enumerate(own):
            (Path(folder) / f"payer{number}.toml").write_text(text, encoding="utf-8")
        return load_policies([folder] if own else (), data_home())


def policies_for(kept: Shelf) -> Policies:
    """The payers' policies, with what the practice wrote down of the payers of these claims."""
    return _policies(_own_policies(kept), _state_of(data_home()))
