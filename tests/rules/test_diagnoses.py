"""Diagnoses, from the bytes of a claim to the finding."""

import datetime as dt
from dataclasses import replace

import polars as pl

from anodyne.rules.rule import View
from anodyne.rules.views import build
from tests.claims import AS_OF, DAY, Claim, Line, book_from, findings, reference, told

ONE_DAY = dt.timedelta(days=1)


def diagnoses(claim: Claim) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(claim) if finding[0].startswith("DX-")}


def test_ended_codes_are_found_by_the_day_of_service_for_every_payer() -> None:
    lines = [Line("99213")]
    assert diagnoses(Claim(lines, dx=("M545",))) == {("DX-07", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M5416", "M5136"), payer="commercial")) == {("DX-08", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M5136",), on=dt.date(2024, 9, 30))) == set()
    assert diagnoses(Claim(lines, dx=("M5136",), on=dt.date(2024, 10, 1))) == {("DX-08", "deny", None)}
    assert diagnoses(Claim(lines, dx=("M51360",))) == set()
    assert diagnoses(Claim(lines, dx=("M51360",), on=dt.date(2024, 9, 30))) == {("DX-15a", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R102",))) == {("DX-15", "deny", None)}


def test_a_dot_or_small_letters_do_not_hide_a_code() -> None:
    assert diagnoses(Claim([Line("99213")], dx=("m54.5",))) == {("DX-07", "deny", None)}


def test_a_claim_that_spans_the_change_is_judged_by_the_lines_that_point_to_the_code() -> None:
    before, after = dt.date(2024, 9, 30), dt.date(2024, 10, 1)
    lines = [Line("99213", on=before, dx="1"), Line("99213", on=after, dx="2")]
    assert diagnoses(Claim(lines, on=before, dx=("M5136", "M51360"))) == set()
    assert diagnoses(Claim(lines, on=before, dx=("M51360", "M5136"))) == {
        ("DX-08", "deny", None),
        ("DX-15a", "deny", None),
    }


def test_the_charge_at_risk_is_that_of_the_lines_pointing_to_the_code() -> None:
    lines = [
        Line("99213", charge=100_00, dx="1"),
        Line("20553", charge=70_00, dx="1:2"),
        Line("J3301", charge=5_00),
    ]
    found = findings(Claim(lines, dx=("M5416", "M545")))
    assert found.filter(rule="DX-07").select("at_risk_cents", "codes").row(0) == (70_00, ["M545"])


def test_pain_unspecified_never_stands_beside_described_pain() -> None:
    lines = [Line("99213")]
    assert diagnoses(Claim(lines, dx=("G894", "R52"))) == {("DX-13", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R52", "M5450"))) == {("DX-13", "deny", None)}
    assert diagnoses(Claim(lines, dx=("R52",))) == set()
    assert diagnoses(Claim(lines, dx=("G894", "M5416"))) == set()


def test_a_side_can_be_named_from_the_day_that_the_table_says() -> None:
    claims = [Claim([Line("99213")], dx=("M25519",), on=on, id=f"A{on}") for on in (DAY, DAY + ONE_DAY)]
    table = reference().table("dx_unspecified_side").with_columns(pl.lit(DAY + ONE_DAY).alias("from"))
    later = replace(reference(), frames={**reference().frames, "dx_unspecified_side": table})
    view = build(book_from(*claims), later, as_of=AS_OF, wanted=[View.DIAGNOSIS])[View.DIAGNOSIS]
    assert view.sort("day")["siblings"].is_null().to_list() == [True, False]


def test_a_side_left_out_is_told_once_a_claim() -> None:
    lines = [Line("20526", ("RT",), dx="1"), Line("99213", ("25",), dx="1")]
    assert len(findings(Claim(lines, dx=("G5600", "G5600"))).filter(rule="DX-09")) == 1
    assert diagnoses(Claim(lines, dx=("G5601",))) == set()
