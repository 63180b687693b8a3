"""The use case: what a summary counts, what is selected, and the order in which findings come."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.check import Report, Summary, _Tally, check
from anodyne.kernel.errors import BadRequest
from anodyne.model.frames import FINDINGS, empty
from anodyne.model.outcome import Outcome
from tests.claims import AS_OF, Claim, Line, file_of, reference

CHARGE = 300_00

Found = tuple[int | None, int | None, str, int]
"""A made-up finding: claim, line (none: the whole claim), outcome, cents at risk."""

MUSCLES = (Line("20553", charge=175_00), Line("20552", charge=140_00))
"""INJ-01 denies the second line."""
VISIT = (Line("99213", charge=135_00),)


def tally(*found: Found, claims: int = 2) -> Summary:
    """The summary of claims of 300 dollars about which this was found."""
    names = ("claim_key", "line_key", "outcome", "at_risk_cents")
    rows = pl.DataFrame(list(found), schema={name: FINDINGS[name] for name in names}, orient="row")
    tally = _Tally(reference())
    keys = pl.DataFrame({"claim_key": pl.Series(range(claims), dtype=pl.UInt32)})
    tally.count_findings(
        keys.with_columns(charge_cents=pl.lit(CHARGE, pl.Int64)),
        pl.concat([empty(FINDINGS), rows], how="diagonal"),
    )
    return tally.summary(rules=0, as_of=AS_OF, seconds=0.0)


@pytest.mark.parametrize(
    ("found", "at_risk", "audit"),
    [
        pytest.param([], 0, 0, id="nothing found"),
        pytest.param([(0, 1, "deny", 100_00)], 100_00, 0, id="one line"),
        pytest.param(
            [(0, 1, "deny", 100_00), (0, 1, "deny", 40_00)], 100_00, 0, id="two findings on one line"
        ),
        pytest.param([(0, 1, "reject", 40_00), (0, 1, "deny", 100_00)], 100_00, 0, id="reject and deny"),
        pytest.param([(0, 1, "deny", 100_00), (0, 2, "deny", 50_00)], 150_00, 0, id="two lines add up"),
        pytest.param([(0, 1, "deny", 100_00), (1, 3, "deny", 50_00)], 150_00, 0, id="two claims add up"),
        pytest.param([(0, None, "deny", 300_00), (0, 1, "deny", 100_00)], 300_00, 0, id="claim over line"),
        pytest.param([(0, None, "deny", 50_00), (0, 1, "deny", 100_00)], 100_00, 0, id="line over claim"),
        pytest.param([(0, None, "deny", 50_00), (0, None, "deny", 60_00)], 60_00, 0, id="two on the claim"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 99_99)], 299_99, 0, id="just below the charge"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 100_00)], 300_00, 0, id="at the charge"),
        pytest.param([(0, 1, "deny", 200_00), (0, 2, "deny", 100_01)], 300_00, 0, id="above the charge"),
        pytest.param([(0, 1, "audit", 100_00)], 0, 100_00, id="audit alone"),
        pytest.param(
            [(0, 1, "deny", 100_00), (0, 1, "audit", 100_00)], 100_00, 0, id="audit of a denied line"
        ),
        pytest.param(
            [(0, 1, "deny", 60_00), (0, 1, "audit", 100_00)], 60_00, 40_00, id="audit of more of it"
        ),
        pytest.param([(0, 1, "deny", 60_00), (0, 2, "audit", 100_00)], 60_00, 100_00, id="audit on top"),
        pytest.param([(0, 1, "ask", 100_00), (0, 2, "missed", 50_00)], 0, 0, id="asks and missed"),
        pytest.param([(None, None, "reject", 0)], 0, 0, id="the envelope"),
    ],
)
def test_each_cent_is_at_risk_once(found: list[Found], at_risk: int, audit: int) -> None:
    summary = tally(*found)
    assert (summary.at_risk_cents, summary.audit_cents) == (at_risk, audit)


def test_a_claim_counts_under_its_worst_outcome() -> None:
    summary = tally(
        (0, 1, "ask", 0), (0, 2, "deny", 1), (1, 3, "audit", 1), (1, 3, "ask", 0), (None, None, "reject", 0)
    )
    assert {name: count for name, count in summary.claims_by_outcome.items() if count} == {
        "deny": 1,
        "audit": 1,
    }
    assert summary.by_outcome == {"reject": 1, "deny": 1, "audit": 1, "ask": 2, "missed": 0}


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
    assert told(run(tmp_path, claims, select=("INJ",), ignore=("INJ",))) == []


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
    assert dict(known.select("claim_id", "payer_has_policy").iter_rows()) == {"A": True, "B": False}
