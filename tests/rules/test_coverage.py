"""Covered diagnoses, from the export of the Medicare Coverage Database and a claim to the finding."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app.reference import load_files
from anodyne.kernel.errors import AnodyneError
from anodyne.reference.tables import Reference, load
from tests.claims import DAY, Claim, Line, findings, told
from tests.reference import layouts

START = dt.date(2026, 10, 1)
OHIO, TEXAS = ("20", "9", "1"), ("30", "9", "2")
FILES: dict[str, list[tuple[str, ...]]] = {
    "article_x_hcpc_code.csv": [
        ("article_id", "article_version", "hcpc_code_id", "hcpc_code_version", "hcpc_code_group", "range"),
        ("50001", "3", "64493", "1", "1", ""),
        ("50001", "3", "64635", "1", "2", ""),
        ("50001", "2", "64490", "1", "1", ""),
        ("50002", "1", "64493", "1", "1", ""),
        ("50003", "1", "20553", "1", "1", ""),
        ("50004", "1", "J3301", "1", "1", ""),
        ("50004", "1", "62323", "1", "1", ""),
        ("50005", "1", "62323", "1", "1", ""),
    ],
    "article_x_icd10_covered.csv": [
        (
            "article_id", "article_version", "icd10_code_id", "icd10_code_version", "icd10_covered_group",
            "range", "description",
        ),
        ("50001", "3", "M47.816", "1", "1", "", "made up"),
        ("50001", "3", "M47.817", "1", "2", "", "made up"),
        ("50001", "2", "M54.16", "1", "1", "", "an earlier version"),
        ("50002", "1", "M54.16", "1", "1", "", "made up"),
        ("50003", "1", "XX000", "1", "1", "", "not applicable"),
        ("50004", "1", "M48.061", "1", "1", "", "made up"),
        ("50005", "1", "M54.16", "1", "1", "", "made up"),
    ],
    "article_x_contractor.csv": [
        ("article_id", "article_version", "contractor_id", "contractor_type_id", "contractor_version"),
        *((article, version, *OHIO) for article, version in (("50001", "3"), ("50003", "1"))),
        *((article, "1", *OHIO) for article in ("50004", "50005")),
        ("50002", "1", *TEXAS),
    ],
    "contractor_jurisdiction.csv": [
        ("contractor_id", "contractor_type_id", "contractor_version", "state_id", "active_date", "term_date"),
        (*OHIO, "36", "2011-01-01", ""),
        (*TEXAS, "44", "2012-01-01", ""),
        (*TEXAS, "36", "2004-01-01", "2011-01-01"),
    ],
    "state_lookup.csv": [("state_id", "state_abbrev"), ("36", "OH"), ("44", "TX")],
    "article.csv": [("article_id", "article_version", "title"), ("50001", "3", "made up")],
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("coverage")
    export = layouts.zipped({name: layouts.commas(rows) for name, rows in FILES.items()})
    path = layouts.written(folder / "current_article_csv.zip", export)
    load_files([path], home=folder / "home", start=START)
    return load(folder / "home")


def covered(tables: Reference, claim: Claim) -> set[tuple[str, str, int | None]]:
    return {finding for finding in told(claim, tables=tables) if finding[0] == "LCD-DX"}


DENIED = {("LCD-DX", "deny", 1)}


@pytest.mark.parametrize(
    ("dx", "pointers", "expected"),
    [
        (["M5416"], "1", DENIED),
        (["M47816"], "1", set()),
        (["M47817"], "1", set()),
        (["M5416", "M47816"], "1", DENIED),
        (["M5416", "M47816"], "1:2", set()),
        (["M5416", "M47816"], "2", set()),
    ],
)
def test_a_diagnosis_that_the_line_points_to_has_to_be_listed(
    tables: Reference, dx: list[str], pointers: str, expected: set[tuple[str, str, int | None]]
) -> None:
    assert covered(tables, Claim([Line("64493", dx=pointers)], dx=dx)) == expected


def test_the_finding_names_the_article(tables: Reference) -> None:
    found = findings(Claim([Line("64493")]), tables=tables).filter(rule="LCD-DX")
    assert found["message"].item() == (
        "64493 is not covered for M54.16 (A50001): is a listed diagnosis in the record? Ask the clinician"
    )


def test_the_list_is_that_of_the_contractor_of_the_state(tables: Reference) -> None:
    assert covered(tables, Claim([Line("64493")], state="TX")) == set()
    assert covered(tables, Claim([Line("64493")], state="TX", dx=["M47816"])) == DENIED
    assert covered(tables, Claim([Line("64493")], state="FL")) == set()


def test_other_payers_other_codes_and_lists_without_diagnoses_are_left_alone(tables: Reference) -> None:
    assert covered(tables, Claim([Line("64493")], payer="advantage")) == set()
    assert covered(tables, Claim([Line("20610")])) == set()
    assert covered(tables, Claim([Line("20553")])) == set()
    assert covered(tables, Claim([Line("64490")])) == set(), "only an earlier version names it"
    assert covered(tables, Claim([Line("J3301", units=4), Line("20610")])) == set()


def test_a_diagnosis_that_one_of_two_articles_lists_is_covered(tables: Reference) -> None:
    assert covered(tables, Claim([Line("62323")], dx=["M5416"])) == set()
    assert covered(tables, Claim([Line("62323")], dx=["M48061"])) == set()
    assert covered(tables, Claim([Line("62323")], dx=["M545"])) == DENIED


def test_days_before_the_export_are_not_judged(tables: Reference) -> None:
    assert covered(tables, Claim([Line("64493")], on=START)) == DENIED
    assert covered(tables, Claim([Line("64493")], on=START - dt.timedelta(days=1))) == set()


def test_the_export_is_loaded_as_downloaded_a_zip_in_a_zip(tmp_path: Path) -> None:
    inner = layouts.zipped({name: layouts.commas(rows) for name, rows in FILES.items()})
    outer = layouts.zipped({"current_article_csv.zip": inner, "readme.txt": b"made up"})
    path = layouts.written(tmp_path / "current_article.zip", outer)
    load_files([path], home=tmp_path / "home", start=START)
    assert covered(load(tmp_path / "home"), Claim([Line("64493")])) == DENIED
    torn = layouts.zipped({"current_article_csv.zip": inner[: len(inner) // 2]})
    path = layouts.written(tmp_path / "torn.zip", torn)
    with pytest.raises(AnodyneError, match=r"torn\.zip: current_article_csv\.zip"):
        load_files([path], home=tmp_path / "home", start=START)


def test_nothing_is_told_without_the_export() -> None:
    assert "LCD-DX" not in {rule for rule, _, _ in told(Claim([Line("64493")], on=DAY))}


def test_the_export_is_asked_for_its_day_and_a_bad_row_is_named(tmp_path: Path) -> None:
    rows = FILES["article_x_hcpc_code.csv"]
    path = layouts.written(tmp_path / "article_x_hcpc_code.csv", layouts.commas(rows))
    with pytest.raises(AnodyneError, match="--start"):
        load_files([path], home=tmp_path / "home")
    bad = [rows[0], ("A-1", *rows[1][1:])]
    path = layouts.written(tmp_path / "bad.csv", layouts.commas(bad))
    with pytest.raises(AnodyneError, match="row 2, column article_id"):
        load_files([path], home=tmp_path / "home", start=START)
