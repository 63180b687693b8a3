"""The use case: what is read and selected, and the order in which findings come."""

import dataclasses
import datetime as dt
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from anodyne.app import catalogue as catalogue_of_rules
from anodyne.app import check as check_of_files
from anodyne.app.catalogue import catalogue, claim_ids, entries
from anodyne.app.check import Report, check
from anodyne.app.reading import STANDARD_INPUT
from anodyne.kernel.errors import BadRequest
from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules import discover
from tests.claims import AS_OF, Claim, Line, file_of, reference

MUSCLES = (Line("20553", charge=175_00), Line("20552", charge=140_00))
"""INJ-01 denies the second line."""
VISIT = (Line("99213", charge=135_00),)


def run(
    folder: Path,
    *files: list[Claim],
    history: list[Claim] | None = None,
    as_of: dt.date = AS_OF,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
) -> Report:
    paths = []
    for number, its_claims in enumerate([*files, history or []]):
        if its_claims:
            path = folder / f"{number}.837"
            path.write_bytes(file_of(*its_claims))
            paths.append(str(path))
    return check(
        paths[: len(files)],
        history=paths[len(files) :],
        as_of=as_of,
        select=select,
        ignore=ignore,
        reference=reference(),
    )


def told(report: Report) -> list[tuple[str | None, int | None, str]]:
    with report:
        found = pl.concat([chunk.findings for chunk in report.chunks()])
    return list(found.select("claim", "line", "rule").iter_rows())


def test_claims_lines_payers_and_clean_claims_are_counted(tmp_path: Path) -> None:
    report = run(
        tmp_path,
        [
            Claim(MUSCLES, id="A"),
            Claim(VISIT, id="B", patient=2, payer="blue"),
            Claim(VISIT, id="C", patient=3),
        ],
    )
    with report:
        summary = report.summary
        assert report.worst() is Outcome.DENY
    assert (summary.claims, summary.lines, summary.payers, summary.clean) == (3, 4, 2, 2)
    assert summary.at_risk_cents == 140_00
    assert summary.claims_by_outcome["deny"] == 1


def test_nothing_found_is_no_outcome(tmp_path: Path) -> None:
    with run(tmp_path, [Claim(VISIT)]) as report:
        assert report.worst() is None
        assert report.summary.clean == report.summary.claims == 1


def test_history_is_not_counted(tmp_path: Path) -> None:
    with run(tmp_path, [Claim(VISIT, id="A")], history=[Claim(MUSCLES, id="H", patient=2)]) as report:
        assert (report.summary.claims, report.summary.lines, report.summary.clean) == (1, 1, 1)
        assert [file.claims for file in report.files] == [1]
        assert [name for chunk in report.chunks() for name in chunk.claims["claim_id"]] == ["A"]
        assert [code for chunk in report.chunks() for code in chunk.lines["code"]] == ["99213"]
    assert told(report) == []


def test_codes_that_no_table_knows_are_counted_by_line(tmp_path: Path) -> None:
    lines = (Line("99213"), Line("QQ999"), Line("QQ999"), Line("QQ998"))
    with run(tmp_path, [Claim(lines)]) as report:
        assert report.summary.unjudged_codes == (("QQ998", 1), ("QQ999", 2))


def test_lines_before_the_oldest_edition_are_counted(tmp_path: Path) -> None:
    oldest = reference().oldest("ptp")
    assert oldest is not None
    days = (oldest - dt.timedelta(days=1), oldest, oldest + dt.timedelta(days=1))
    with run(tmp_path, [Claim([Line("99213", on=day) for day in days], on=oldest)]) as report:
        assert report.summary.unjudged_lines == 1


def test_rules_are_selected_and_ignored_by_the_beginning_of_their_id(tmp_path: Path) -> None:
    claims = [Claim((Line("20553", units=2, charge=350_00), Line("20552", charge=140_00)))]
    assert {rule for _, _, rule in told(run(tmp_path, claims))} == {"INJ-01", "INJ-01a"}
    assert {rule for _, _, rule in told(run(tmp_path, claims, select=("inj",)))} == {"INJ-01", "INJ-01a"}
    assert {rule for _, _, rule in told(run(tmp_path, claims, select=("INJ-01a",)))} == {"INJ-01a"}
    assert {rule for _, _, rule in told(run(tmp_path, claims, ignore=("INJ-01a",)))} == {"INJ-01"}
    with pytest.raises(BadRequest, match="no rule is left"):
        run(tmp_path, claims, select=("INJ",), ignore=("INJ",))


@pytest.mark.parametrize("where", ["select", "ignore"])
def test_an_id_that_nothing_begins_with_is_refused(tmp_path: Path, where: str) -> None:
    with pytest.raises(BadRequest, match="QQ-99"):
        run(
            tmp_path,
            [Claim(VISIT)],
            select=("QQ-99",) if where == "select" else (),
            ignore=("QQ-99",) if where == "ignore" else (),
        )


def test_two_files_are_one_check_and_findings_come_in_their_order(tmp_path: Path) -> None:
    later = [Line("20553", units=2, charge=350_00), *MUSCLES[1:]]
    report = run(
        tmp_path,
        [Claim(later, id="Z"), Claim(MUSCLES, id="M", patient=2)],
        [Claim(VISIT, id="V", patient=4), Claim(MUSCLES, id="A", patient=3)],
    )
    assert [(file.claims, file.lines) for file in report.files] == [(2, 4), (2, 3)]
    assert report.summary.claims == 4
    assert told(report) == [("Z", 1, "INJ-01a"), ("Z", 2, "INJ-01"), ("M", 2, "INJ-01"), ("A", 2, "INJ-01")]


def test_whether_the_payer_has_a_policy_is_told_with_its_claim(tmp_path: Path) -> None:
    claims = [Claim(VISIT, id="A"), Claim(VISIT, id="B", patient=2, payer="blue")]
    with run(tmp_path, claims) as report:
        known = pl.concat([chunk.claims for chunk in report.chunks()])
    assert dict(known.select("claim_id", "payer_policy").iter_rows()) == {
        "A": "Medicare Part B, CGS J15",
        "B": None,
    }


REVISED = dt.date(2024, 8, 11)
"""The day on which the rule of two versions changes."""


@pytest.fixture
def _two_versions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """INJ-01 as a rule that was changed on REVISED."""
    known = dict(discover.all_rules())
    (key,) = [key for key in known if key.startswith("INJ-01@")]
    rule = known.pop(key)
    older = dataclasses.replace(rule, in_force=Span(rule.in_force.start, REVISED))
    newer = dataclasses.replace(rule, in_force=Span(REVISED))
    known |= {older.key: older, newer.key: newer}
    caches = (catalogue_of_rules.entries, catalogue, catalogue_of_rules.rests_on_policy)
    monkeypatch.setattr(catalogue_of_rules, "all_rules", lambda: known)
    claims = {key: rule for key, rule in known.items() if rule.of_claims}
    monkeypatch.setattr(check_of_files, "claim_rules", lambda: claims)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


@pytest.mark.usefixtures("_two_versions")
@pytest.mark.parametrize(
    ("day", "start"),
    [(REVISED - dt.timedelta(days=1), dt.date(2023, 1, 1)), (REVISED, REVISED)],
    ids=["the last day of the older version", "the first day of the newer one"],
)
def test_a_finding_names_the_version_of_its_rule_that_was_in_force(
    tmp_path: Path, day: dt.date, start: dt.date
) -> None:
    with run(tmp_path, [Claim(MUSCLES, on=day)], select=("INJ-01",), ignore=("INJ-01a",)) as report:
        (chunk,) = report.chunks()
    assert chunk.findings["rule"].to_list() == ["INJ-01"]
    (key,) = chunk.findings["rule_key"]
    span = entries()[key].in_force
    assert span is not None
    assert (span.start, day in span) == (start, True)


def test_the_version_of_a_structural_edit_is_its_id(tmp_path: Path) -> None:
    path = tmp_path / "day.837"
    path.write_bytes(file_of(Claim(VISIT)).replace(b"\nSE*", b"\nSE*9"))
    with check([str(path)], as_of=AS_OF, select=["X12"], reference=reference()) as report:
        (chunk,) = report.chunks()
    assert chunk.findings.select("rule", "rule_key").rows() == [("X12-COUNT", "X12-COUNT")]


@pytest.mark.usefixtures("_two_versions")
def test_a_rule_of_several_versions_counts_once(tmp_path: Path) -> None:
    assert len(catalogue()["INJ-01"]) == 2
    with run(tmp_path, [Claim(VISIT)], select=("INJ-01",), ignore=("INJ-01a", "INJ-01b")) as report:
        assert report.summary.rules == 1
    with run(tmp_path, [Claim(VISIT)]) as report:
        assert report.summary.rules == len(claim_ids())


@pytest.mark.parametrize("where", ["a file", "standard input"])
def test_the_form_of_history_is_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    day, earlier = tmp_path / "day.837", tmp_path / "history.837"
    raw = file_of(Claim(VISIT, id="H", patient=2)).replace(b"\nSE*", b"\nSE*9")
    day.write_bytes(file_of(Claim(VISIT, id="A")))
    earlier.write_bytes(raw)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    history = STANDARD_INPUT if where == "standard input" else str(earlier)
    assert told(check([str(day)], history=[history], as_of=AS_OF, reference=reference())) == []
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    found = told(check([history], as_of=AS_OF, reference=reference()))
    assert found == [(None, None, "X12-COUNT")]
