"""Diagnosis codes by edition: which are valid, what others lack, and what excludes what."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from anodyne.reference.diagnosis_codes import Form, code_books, exclusions, facts, odd_forms
from anodyne.reference.editions import write_edition
from anodyne.reference.icd10cm import described, due, numbers, widths
from anodyne.reference.tables import Reference, load

APRIL_2026, OCTOBER_2026 = dt.date(2026, 4, 1), dt.date(2026, 10, 1)
TODAY = dt.date(2026, 5, 14)
CODES = {
    "A000": "A disease",
    "M2561": "Stiffness of right knee",
    "M2562": "Stiffness of left knee",
    "M2569": "Stiffness of unspecified knee",
    "M5416": "Radiculopathy, lumbar region",
    "S335XXA": "Sprain, initial encounter",
    "S335XXS": "Sprain, sequela",
    "S82101A": "Fracture of right leg, initial",
    "S82102A": "Fracture of left leg, initial",
}


def written(
    home: Path, titles: Mapping[str, str], start: dt.date, *, table: str = "dx_tabular", whole: bool = True
) -> None:
    """An edition of diagnosis codes under `home`, where `load` finds it."""
    rows = described(pl.DataFrame({"code": list(titles), "title": list(titles.values())}))
    write_edition(
        rows,
        home / "reference",
        table=table,
        start=start,
        publisher="made up",
        period="made up",
        source="icd10cm-files",
        whole=whole,
        expect_next=due(start),
    )


def noted(home: Path, *notes: tuple[str, str, str], start: dt.date = APRIL_2026) -> None:
    """An edition of notes under `home`: kind, holder and what it names."""
    table = pl.DataFrame(notes, schema=["kind", "holder", "other"], orient="row").sort(
        "kind", "holder", "other"
    )
    ranges = {}
    for column in ("holder", "other"):
        ends = table[column].str.split("-")
        last = ends.list.last()
        ranges[f"{column}_first"] = pl.Series(numbers(ends.list.first()))
        ranges[f"{column}_end"] = pl.Series(numbers(last) + widths(last))
    write_edition(
        table.with_columns(**ranges),
        home / "reference",
        table="dx_notes",
        start=start,
        publisher="made up",
        period="made up",
        source="icd10cm-tabular-list",
        whole=True,
    )


def told(reference: Reference, *codes: str, on: dt.date = TODAY) -> dict[str, tuple[Form, tuple[str, ...]]]:
    """What is told of each code by the edition in force on a day; the newest told first."""
    books = code_books(reference, on, on)
    found: dict[str, tuple[Form, tuple[str, ...]]] = {}
    for one in odd_forms(codes, books):
        if one.start <= on:
            found.setdefault(one.code, (one.form, tuple(one.offers)))
    return {code: what for code, what in found.items() if what[0] is not Form.VALID}


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    written(tmp_path, CODES, APRIL_2026)
    return load(tmp_path)


@pytest.mark.parametrize(
    ("code", "form", "offers"),
    [
        ("M256", Form.INCOMPLETE, ("M2561", "M2562", "M2569")),
        ("M25", Form.INCOMPLETE, ("M2561", "M2562", "M2569")),
        ("S335", Form.SEVENTH_MISSING, ("S335XXA", "S335XXS")),
        ("S335X", Form.SEVENTH_MISSING, ("S335XXA", "S335XXS")),
        ("S335XX", Form.SEVENTH_MISSING, ("S335XXA", "S335XXS")),
        ("S8210", Form.INCOMPLETE, ("S82101A", "S82102A")),
        ("S82101", Form.SEVENTH_MISSING, ("S82101A",)),
        ("S335XXB", Form.SEVENTH_WRONG, ("S335XXA", "S335XXS")),
        ("S82101D", Form.SEVENTH_WRONG, ("S82101A",)),
        ("S335A", Form.PLACEHOLDER_MISSING, ("S335XXA",)),
        ("S335XA", Form.PLACEHOLDER_MISSING, ("S335XXA",)),
        ("S335B", Form.UNKNOWN, ("S335XXA", "S335XXS")),
        ("M5416A", Form.TOO_LONG, ("M5416",)),
        ("M54161XXA", Form.TOO_LONG, ("M5416",)),
        ("M5417", Form.UNKNOWN, ("M5416",)),
        ("M99", Form.UNKNOWN, ()),
        ("M259", Form.UNKNOWN, ()),
        ("Z", Form.UNKNOWN, ()),
        ("?", Form.UNKNOWN, ()),
    ],
)
def test_what_a_code_lacks(reference: Reference, code: str, form: Form, offers: tuple[str, ...]) -> None:
    assert told(reference, code) == {code: (form, offers)}


def test_every_code_of_an_edition_is_valid(reference: Reference) -> None:
    assert told(reference, *CODES) == {}


def test_before_the_oldest_edition_nothing_is_told() -> None:
    assert told(load(), "M256", on=dt.date(2020, 9, 30)) == {}
    assert told(load(), "M256", on=dt.date(2020, 10, 1)).keys() == {"M256"}


def test_after_the_newest_edition_the_newest_tells(reference: Reference) -> None:
    assert told(reference, "M5417", on=dt.date(2029, 1, 1)).keys() == {"M5417"}


def test_an_excerpt_tells_of_its_own_categories_and_leaves_others_to_the_whole_edition_before(
    tmp_path: Path,
) -> None:
    written(tmp_path, CODES, APRIL_2026)
    written(tmp_path, {"M5417": "Radiculopathy, lumbosacral region"}, OCTOBER_2026, whole=False)
    both = load(tmp_path)
    assert told(both, "M5416", "M256", on=OCTOBER_2026).keys() == {"M5416", "M256"}
    assert told(both, "M5416", on=OCTOBER_2026 - dt.timedelta(days=1)) == {}


def test_of_two_tables_of_one_day_the_order_file_is_asked_and_a_whole_one_before_an_excerpt(
    tmp_path: Path,
) -> None:
    written(tmp_path, CODES, OCTOBER_2026)
    written(tmp_path, {"M5418": "Radiculopathy, sacral region"}, OCTOBER_2026, table="dx_order")
    assert told(load(tmp_path), "M5418", on=OCTOBER_2026) == {}
    assert told(load(tmp_path), "M5416", on=OCTOBER_2026).keys() == {"M5416"}
    written(tmp_path, {"M5418": "Radiculopathy"}, OCTOBER_2026, table="dx_order", whole=False)
    assert told(load(tmp_path), "M5416", on=OCTOBER_2026) == {}


def test_where_editions_are_missing_the_later_tells_from_the_day_one_was_due(tmp_path: Path) -> None:
    for year in (2030, 2032):
        titles = CODES if year == 2030 else {**CODES, "M5419": "Radiculopathy, newly made"}
        written(tmp_path, titles, dt.date(year, 4, 1))
    both = load(tmp_path)
    assert told(both, "M5419", on=dt.date(2031, 1, 1)) == {}
    assert told(both, "M5419", on=dt.date(2030, 10, 1)) == {}
    assert told(both, "M5419", on=dt.date(2030, 9, 30)).keys() == {"M5419"}
    assert told(both, "M5419", on=dt.date(2030, 4, 1)).keys() == {"M5419"}
    assert told(both, "M5416", on=dt.date(2030, 4, 1)) == {}
    written(tmp_path, CODES, dt.date(2030, 10, 1))
    written(tmp_path, CODES, dt.date(2031, 4, 1))
    written(tmp_path, CODES, dt.date(2031, 10, 1))
    assert told(load(tmp_path), "M5419", on=dt.date(2031, 11, 1)).keys() == {"M5419"}


def test_facts_are_those_of_the_newest_edition_that_tells_them(tmp_path: Path) -> None:
    written(tmp_path, CODES, APRIL_2026)
    written(tmp_path, dict.fromkeys(CODES, ""), OCTOBER_2026, table="dx_list")
    both = load(tmp_path)
    books = code_books(both, APRIL_2026, OCTOBER_2026)
    known = facts(["M2561", "M2569", "A000", "Q99"], books)
    assert known.keys() == {"M2561", "M2569", "A000"}
    assert (known["M2561"].side, known["M2569"].specific) == ("right", "M2561;M2562")
    assert facts([], books) == {}


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ([("excludes1", "M25", "M54")], {("M2561", "M5416", "M25")}),
        ([("excludes1", "M541", "M00-M25")], {("M5416", "M2561", "M541")}),
        ([("excludes1", "M25", "M54"), ("excludes2", "M2561", "M5416")], set()),
        ([("excludes1", "M25", "M54"), ("excludes2", "M5416", "M2561")], set()),
        ([("excludes1", "M25", "M54"), ("excludes2", "M25", "A00")], {("M2561", "M5416", "M25")}),
        ([("excludes1", "M00-M25", "M54")], set()),
        ([("excludes1", "M26", "M54"), ("excludes1", "M25", "M55")], set()),
        ([("excludes1", "M25", "M25")], set()),
    ],
)
def test_a_note_excludes_what_it_names_beside_what_it_holds_for(
    tmp_path: Path, notes: list[tuple[str, str, str]], found: set[tuple[str, str, str]]
) -> None:
    noted(tmp_path, *notes)
    told = exclusions(["M2561", "M5416"], load(tmp_path), TODAY, TODAY)
    assert {one[:3] for one in told} == found
    assert all(one[3:] == (APRIL_2026, None) for one in told)


def test_a_note_holds_while_its_edition_does(tmp_path: Path) -> None:
    noted(tmp_path, ("excludes1", "M25", "M54"))
    noted(tmp_path, ("excludes1", "M25", "M55"), start=OCTOBER_2026)
    both = load(tmp_path)
    assert exclusions(["M2561", "M5416"], both, TODAY, OCTOBER_2026) == [
        ("M2561", "M5416", "M25", APRIL_2026, OCTOBER_2026)
    ]
    assert exclusions(["M2561"], both, TODAY, TODAY) == exclusions([], both, TODAY, TODAY) == []
