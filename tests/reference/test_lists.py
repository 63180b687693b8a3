"""Lists a practice may load beside the edits: its own code names, adjustment codes, places, NCD 30.3.3."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app.check import check
from anodyne.app.reference import load_files
from anodyne.kernel.errors import AnodyneError
from anodyne.reference.tables import Reference, load
from tests.claims import AS_OF, Claim, Line, file_of, told
from tests.reference import layouts

START = dt.date(2026, 1, 1)
OWN = (("code", "label"), ("20553", "our name for these points"), ("0232t", "a made-up name"))
REASONS = (
    ("Code", "Description", "Start Date", "Last Modified", "Stop Date"),
    ("18", "made-up words, of a duplicate", "01/01/1995", "06/02/2013", ""),
    ("P12", "made-up words", "11/01/2013", "", ""),
    ("B5", "made-up words", "01/01/1995", "", "03/01/2016"),
)
REMARKS = (
    REASONS[0],
    ("MA130", "made-up words", "01/01/1997", "", ""),
    ("N54", "words", "2000-01-01", "", ""),
)
PLACES = (
    ("Place of Service Code(s)", "Place of Service Name", "Place of Service Description"),
    ("1", "Pharmacy", "made up"),
    ("11", "Office", "made up"),
    ("28-30", "Unassigned", "N/A"),
)
NCD = (
    ("NCD: 30.3.3", ""),
    ("NCD Title: made up", ""),
    ("ICD-10 CM", "ICD-10 DX Description"),
    ("M54.50", "made up"),
    ("M99.03", "made up"),
)


def loaded(folder: Path, name: str, content: bytes, start: dt.date | None = START) -> Reference:
    load_files([layouts.written(folder / name, content)], home=folder / "home", start=start)
    return load(folder / "home")


def refused(folder: Path, name: str, content: bytes, *words: str, start: dt.date | None = START) -> None:
    with pytest.raises(AnodyneError) as failure:
        loaded(folder, name, content, start)
    assert all(word in str(failure.value) for word in words), str(failure.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("codes-2026.csv", layouts.commas(OWN)),
        ("codes-2026.tsv", layouts.tabbed(OWN)),
        ("codes-2026.xlsx", layouts.sheet(OWN)),
    ],
)
def test_a_practice_names_codes_in_its_own_words(tmp_path: Path, name: str, content: bytes) -> None:
    tables = loaded(tmp_path, name, content, None)
    assert tables.newest("own_labels") == START
    day = tmp_path / "day.837"
    day.write_bytes(file_of(Claim([Line("20553", units=2), Line("20552")])))
    with check([str(day)], as_of=AS_OF, reference=tables) as report:
        labels = {
            code: label
            for chunk in report.chunks()
            for code, label in chunk.lines.select("code", "label").iter_rows()
        }
    assert labels["20553"] == "our name for these points"
    assert labels["20552"] not in {None, ""}, "the built-in name"


def test_a_list_of_codes_is_refused_by_its_row(tmp_path: Path) -> None:
    wrong = (*OWN, ("2055", "too short"))
    refused(tmp_path, "codes-2026.csv", layouts.commas(wrong), "row 4", "five characters")
    refused(tmp_path, "codes-2026.csv", layouts.commas((*OWN, ("20552", ""))), "row 4", "label")
    refused(tmp_path, "codes.csv", layouts.commas(OWN), "--start", start=None)


def test_adjustment_codes_have_their_list_and_days(tmp_path: Path) -> None:
    tables = loaded(tmp_path, "lists.zip", layouts.zipped({"carc.csv": layouts.commas(REASONS)}))
    rows = tables.table("adjustment_codes").select("kind", "code", "until").rows()
    assert rows == [
        ("reason", "18", None),
        ("reason", "P12", None),
    ]
    other = tmp_path / "other"
    other.mkdir()
    remarks = loaded(other, "rarc.csv", layouts.commas(REMARKS)).table("adjustment_codes")
    assert remarks.select("kind", "code").rows() == [("remark", "MA130"), ("remark", "N54")]
    bad = (*REASONS, ("22", "words", "someday", "", ""))
    refused(tmp_path, "carc2.csv", layouts.commas(bad), "row 5", "a day")


def test_both_lists_are_one_table(tmp_path: Path) -> None:
    paths = [
        layouts.written(tmp_path / "carc.csv", layouts.commas(REASONS)),
        layouts.written(tmp_path / "rarc.csv", layouts.commas(REMARKS)),
    ]
    load_files(paths, home=tmp_path / "home", start=START)
    kinds = load(tmp_path / "home").table("adjustment_codes")["kind"].to_list()
    assert kinds == ["reason", "reason", "remark", "remark"]


def test_places_of_service(tmp_path: Path) -> None:
    tables = loaded(tmp_path, "pos.csv", layouts.commas(PLACES))
    assert tables.table("place_names").select("pos", "name").rows() == [("01", "Pharmacy"), ("11", "Office")]
    refused(tmp_path, "pos2.csv", layouts.commas((*PLACES, ("home", "Home", ""))), "row 5", "two digits")


def test_the_diagnoses_of_acupuncture(tmp_path: Path) -> None:
    claim = Claim([Line("97810")], dx=["M9903"])
    assert ("INJ-38", "deny", 1) in told(claim)
    tables = loaded(tmp_path, "NCD30.3.3.xlsx", layouts.sheet(NCD))
    assert ("INJ-38", "deny", 1) not in told(claim, tables=tables)
    assert ("INJ-38", "deny", 1) in told(Claim([Line("97810")], dx=["M5416"]), tables=tables)
    early = Claim([Line("97810")], dx=["M9903"], on=START - dt.timedelta(days=1))
    assert ("INJ-38", "deny", 1) in told(early, tables=tables)


def test_another_determination_is_named(tmp_path: Path) -> None:
    other = (("NCD: 110.18", ""), *NCD[1:])
    refused(tmp_path, "ncd.xlsx", layouts.sheet(other), "NCD 110.18", "30.3.3")
    refused(tmp_path, "ncd2.xlsx", layouts.sheet((*NCD, ("cLBP", ""))), "row 6", "diagnosis code")
