"""A claim in the database is the claim of the file, fact for fact."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

import anodyne
from anodyne.model.frames import CLAIMS, LINES
from anodyne.store.books import line_values, shelf, version_values
from anodyne.store.models import Claim, ClaimVersion, Line
from anodyne.store.scope import within
from tests.practice import DAY, make_practice

pytestmark = pytest.mark.usefixtures("database")
OWN = ("claim_key", "judged", "file", "segment", "byte", "patient")


def test_what_goes_in_comes_out_and_is_judged_the_same() -> None:
    given = anodyne.check("examples/day.837", as_of=dt.date(2026, 11, 21))
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        patients: dict[int, int] = {}
        versions = {}
        for row in given.claims.iter_rows(named=True):
            patient = one.patient if not patients else type(one.patient).objects.create(
                number=str(row["claim_key"]), last="SAMPLE", birth_date=DAY, sex="U"
            )  # fmt: skip
            patients.setdefault(row["patient"], patient.pk)
            claim = Claim.objects.create(
                claim_id=row["claim_id"], patient_id=patients[row["patient"]], payer=one.payer,
                billing=one.billing, state="held", served_on=DAY, served_to=DAY,
                charge_cents=row["charge_cents"],
            )  # fmt: skip
            versions[row["claim_key"]] = ClaimVersion.objects.create(claim=claim, **version_values(row))
        Line.objects.bulk_create(
            Line(version=versions[row["claim_key"]], **line_values(row))
            for row in given.lines.iter_rows(named=True)
        )
        kept = shelf([version.pk for version in versions.values()])
    assert kept.claims.drop(OWN).equals(given.claims.select(*CLAIMS).drop(OWN))
    placed = ("claim_key", "line_key", "segment", "byte")
    assert kept.lines.drop(placed).equals(given.lines.select(*LINES).drop(placed))
    again = anodyne.check(kept.claims, kept.lines, as_of=dt.date(2026, 11, 21))

    def told(found: anodyne.Findings) -> pl.DataFrame:
        of_rules = found.frame.filter(~pl.col("rule").str.starts_with("X12-"))
        return of_rules.select("claim", "line", "rule", "outcome", "message").sort(pl.all())

    assert told(again).equals(told(given))


def test_history_counts_and_is_not_judged() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        old, new = (one.claim(name).versions.get() for name in ("A1", "A2"))
        kept = shelf([new.pk], history=[old.pk])
        judged: dict[int, Any] = dict(zip(kept.versions, kept.claims["judged"], strict=True))
        assert judged == {old.pk: False, new.pk: True}
        assert shelf([]).claims.is_empty()


def test_versions_of_another_practice_are_not_there() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk):
        version = theirs.claim().versions.get()
    with within(ours.practice.pk):
        assert shelf([version.pk]).versions == ()
