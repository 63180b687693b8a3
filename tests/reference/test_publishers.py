"""Each publisher's file, in its own layout, becomes the rows it holds; a bad row is named."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import AnodyneError, UnreadableFile
from anodyne.reference.loading import Draft, drafts, recognised
from anodyne.reference.published import published_files
from anodyne.reference.shapes import EDITIONS
from tests.reference import layouts

OCTOBER = dt.date(2026, 10, 1)
PTP = (
    ("20553", "20552", "20020101", "*", "0"),
    ("62323", "77003", "20170101", "20261115", "1"),
    ("64493", "77003", "20261101", "*", "1"),
    ("00100", "0213T", "19960101", "20231231", "1"),
    ("0001A", "0591T", "20220101", "20220101", "9"),
)
MUE = (("20553", "1", 2), ("J3301", "16", 3), ("G0008", "0", 1))
AOC = (
    ("1", "64494", "", "64493", "", "2013091", ""),
    ("1", "64495", "", "64493", "2026305", "2013091", ""),
    ("2", "0054T", "", "CCCCC", "", "2026320", ""),
    ("3", "22525", "", "22523", "", "2013091", "2023365"),
)
RVU = (
    ("20553", "", "A", "0.75", "1.05", ".5", "0.09", "000"),
    ("72148", "", "A", "1.44", "5", "5", "0.1", "XXX"),
    ("72148", "26", "A", "1.44", "0.6", "0.6", "0.08", "XXX"),
)
GPCI = (("09102", "FL", "04", "1", "1.034", "2.614"), ("9202", "PR", "20", "1.000", "0.99", "0.5"))


def draft(tmp_path: Path, name: str, content: bytes, start: dt.date | None = None) -> Draft:
    path = layouts.written(tmp_path / name, content)
    (made,) = drafts(recognised(path, "", start))
    return made


def refused(tmp_path: Path, name: str, content: bytes, *words: str, start: dt.date | None = None) -> None:
    with pytest.raises(AnodyneError) as failure:
        draft(tmp_path, name, content, start)
    missing = [word for word in words if word not in str(failure.value)]
    assert not missing, str(failure.value)


def test_every_kind_of_file_makes_tables_that_exist_and_is_named_once() -> None:
    files = published_files().values()
    assert {"ptp", "mue", "add_on", "fee_schedule", "gpci"} <= {
        name for file in files for name in file.tables
    }
    assert len({file.title for file in files}) == len(files)
    assert all(set(file.tables) <= set(EDITIONS) for file in files)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ccipra-v323r0-f1.txt", layouts.tabbed(layouts.ptp(*PTP))),
        ("ccipra-v323r0-f1.TXT", layouts.tabbed(layouts.ptp(*PTP)).replace(b"\r\n", b"\n")),
        ("ccipra-v323r0-f1.csv", layouts.commas(layouts.ptp(*PTP))),
        ("ccipra-v323r0-f1.xlsx", layouts.sheet(layouts.ptp(*PTP))),
        ("medicare-ncci-2026q4-practitioner-ptp-edits-f1.txt", layouts.tabbed(layouts.ptp(*PTP))),
    ],
)
def test_pairs_have_their_own_days(tmp_path: Path, name: str, content: bytes) -> None:
    made = draft(tmp_path, name, content)
    assert (made.table, made.start, made.period, made.parts) == ("ptp", OCTOBER, "2026 Q4", frozenset({"f1"}))
    assert made.rows.rows() == [
        ("20553", "20552", 0, dt.date(2002, 1, 1), None),
        ("62323", "77003", 1, dt.date(2017, 1, 1), dt.date(2026, 11, 16)),
        ("64493", "77003", 1, dt.date(2026, 11, 1), None),
    ]


@pytest.mark.parametrize(
    ("version", "start"),
    [("v300r0", (2024, 1)), ("v313r1", (2025, 10)), ("v320r0", (2026, 1)), ("v323r0", (2026, 10))],
)
def test_the_version_of_the_pairs_tells_the_quarter(
    tmp_path: Path, version: str, start: tuple[int, int]
) -> None:
    made = draft(tmp_path, f"ccipra-{version}-f2.txt", layouts.tabbed(layouts.ptp(PTP[0])))
    assert made.start == dt.date(*start, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ccioph-v323r0-f1.txt", ["outpatient hospitals", "ccipra"]),
        ("medicaid-ncci-2026-q4-ptp-edits-practitioner-services.txt", ["Medicaid"]),
        ("medicare-ncci-2026q4-practitioner-quarterly-additions-deletions-revisions-ptp.txt", ["changes"]),
        ("edits.txt", ["for practitioners or for hospitals", "keep the name"]),
    ],
)
def test_pairs_that_are_not_for_practitioners_are_refused(
    tmp_path: Path, name: str, words: list[str]
) -> None:
    refused(tmp_path, name, layouts.tabbed(layouts.ptp(*PTP)), name, *words)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("2055", "20552", "20020101", "*", "0"), ["row 8", "Column 1", "five characters"]),
        (("20553", "", "20020101", "*", "0"), ["row 8", "Column 2"]),
        (("20553", "20552", "20021301", "*", "0"), ["row 8", "Effective Date", "YYYYMMDD"]),
        (("20553", "20552", "", "*", "0"), ["row 8", "Effective Date"]),
        (("20553", "20552", "20020101", "never", "0"), ["row 8", "Deletion Date", "or *"]),
        (("20553", "20552", "20020101", "*", "2"), ["row 8", "Modifier", "0, 1 or 9"]),
        (("20553", "20552", "20020101", "*", ""), ["row 8", "Modifier"]),
    ],
)
@pytest.mark.parametrize("written", [layouts.tabbed, layouts.commas, layouts.sheet])
def test_a_pair_that_cannot_be_read_is_named_as_a_person_counts(
    tmp_path: Path, edit: tuple[str, ...], words: list[str], written: Callable[[list[layouts.Row]], bytes]
) -> None:
    name = "ccipra-v323r0-f1.xlsx" if written is layouts.sheet else "ccipra-v323r0-f1.txt"
    refused(tmp_path, name, written(layouts.ptp(PTP[0], edit)), name, *words)


def test_a_pair_twice_on_one_day_is_refused_and_a_repeated_row_is_not(tmp_path: Path) -> None:
    again = ("20553", "20552", "20260101", "*", "1")
    name = "ccipra-v323r0-f1.txt"
    refused(tmp_path, name, layouts.tabbed(layouts.ptp(PTP[0], again)), "20553 20552", "one day")
    ended = ("20553", "20552", "20020101", "20261031", "0")
    after = ("20553", "20552", "20261101", "*", "1")
    made = draft(tmp_path, name, layouts.tabbed(layouts.ptp(ended, after, after)))
    assert made.rows["until"].to_list() == [dt.date(2026, 11, 1), None]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", layouts.commas(layouts.mue(*MUE))),
        ("MCR_MUE_PractitionerServices_Eff_10-01-2026.xlsx", layouts.sheet(layouts.mue(*MUE))),
        ("practitionerservicesmuetable-effective-10-01-2026.txt", layouts.tabbed(layouts.mue(*MUE)[1:])),
    ],
)
def test_unit_limits(tmp_path: Path, name: str, content: bytes) -> None:
    if name.endswith(".txt"):
        content = content.replace(b"HCPCS/\n", b"HCPCS/")
    made = draft(tmp_path, name, content)
    assert (made.table, made.start, made.period) == ("mue", OCTOBER, "2026 Q4")
    assert made.rows.rows() == [("20553", 1, 2), ("G0008", 0, 1), ("J3301", 16, 3)]


def test_a_notice_may_be_written_in_the_letters_of_windows(tmp_path: Path) -> None:
    plain = layouts.commas(layouts.mue(*MUE))
    name = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    marked = [plain.replace(b"CPT only", mark, 1) for mark in (b"CPT\xae only", "CPT® only".encode())]
    for content in (*marked, b"\xef\xbb\xbf" + plain):
        assert draft(tmp_path, name, content).rows.height == len(MUE)


def test_a_bad_row_in_a_zip_is_named_with_both_files(tmp_path: Path) -> None:
    inner = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    content = layouts.zipped({inner: layouts.commas(layouts.mue(("20553", "one", 2)))})
    refused(tmp_path, "mue-2026q4.zip", content, "mue-2026q4.zip", inner, "row 3", "MUE Values")


@pytest.mark.parametrize(
    ("services", "words"),
    [
        ("Outpatient Hospital Services", ["MUE table for outpatient hospital", "practitioner"]),
        ("DME Supplier Services", ["durable medical equipment", "practitioner"]),
    ],
)
def test_unit_limits_that_are_not_for_practitioners_are_refused(
    tmp_path: Path, services: str, words: list[str]
) -> None:
    content = layouts.commas(layouts.mue(*MUE, services=services))
    refused(tmp_path, "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", content, *words)


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (("2055", "1", 2), ["row 5", "HCPCS/CPT Code"]),
        (("20552", "", 2), ["row 5", "MUE Values", "whole number"]),
        (("20552", "1.5", 2), ["row 5", "MUE Values"]),
        (("20552", "-1", 2), ["row 5", "MUE Values"]),
        (("20552", "1", "4"), ["row 5", "Adjudication Indicator", "1, 2 or 3"]),
        (("20552", "1", "22"), ["row 5", "Adjudication Indicator"]),
    ],
)
def test_a_limit_that_cannot_be_read_is_named(
    tmp_path: Path, limit: tuple[object, ...], words: list[str]
) -> None:
    rows = [["A copyright line", "", "", ""], ["A title", "", "", ""], *layouts.mue(MUE[0], limit)[1:]]
    content = layouts.commas(rows).replace(b"HCPCS/\n", b"HCPCS/")
    refused(tmp_path, "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", content, *words)


def test_a_file_whose_period_nobody_tells_asks_for_it(tmp_path: Path) -> None:
    content = layouts.commas(layouts.mue(*MUE))
    refused(tmp_path, "mue.csv", content, "ANO-401", "mue.csv", "--start")
    refused(tmp_path, "mue_13-45-2026.csv", content, "--start")
    made = draft(tmp_path, "mue.csv", content, OCTOBER)
    assert (made.start, made.period) == (OCTOBER, "2026 Q4")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("AOC_V2026Q4_01-MCR.txt", layouts.tabbed(layouts.aoc(*AOC))),
        ("AOC_V2026Q4-MCR.xlsx", layouts.sheet(layouts.aoc(*AOC))),
        ("AOC_V2026Q4-F-MCR.txt", layouts.aoc_fixed(*AOC)),
    ],
)
def test_add_on_codes_have_their_own_days(tmp_path: Path, name: str, content: bytes) -> None:
    made = draft(tmp_path, name, content)
    april = dt.date(2013, 4, 1)
    assert (made.table, made.start, made.period) == ("add_on", OCTOBER, "2026 Q4")
    assert made.rows.rows() == [
        ("0054T", "CCCCC", 2, dt.date(2026, 11, 16), None),
        ("64494", "64493", 1, april, None),
        ("64495", "64493", 1, april, dt.date(2026, 11, 2)),
    ]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("4", "64494", "", "64493", "", "2013091", ""), ["row 4", "AOC_Edit_Type"]),
        (("1", "6449", "", "64493", "", "2013091", ""), ["row 4", "Add-On_Code"]),
        (("1", "64494", "", "644933", "", "2013091", ""), ["row 4", "Primary_Code"]),
        (("1", "64494", "", "64493", "", "2013367", ""), ["row 4", "AOC_Edit_EffDT", "YYYYDDD"]),
        (("1", "64494", "", "64493", "", "", ""), ["row 4", "AOC_Edit_EffDT"]),
        (("1", "64494", "soon", "64493", "", "2013091", ""), ["row 4", "add on ended"]),
        (("1", "64494", "", "64493", "", "2013091", "2026400"), ["row 4", "deletion"]),
    ],
)
def test_an_add_on_edit_that_cannot_be_read_is_named(
    tmp_path: Path, edit: tuple[str, ...], words: list[str]
) -> None:
    refused(tmp_path, "AOC_V2026Q4-MCR.txt", layouts.tabbed(layouts.aoc(AOC[0], edit)), *words)


def test_a_row_that_does_not_fit_the_fixed_widths_is_named(tmp_path: Path) -> None:
    content = layouts.aoc_fixed(AOC[0], AOC[1], AOC[2], ("1", "6449", "", "64493", "", "2013091", ""))
    refused(tmp_path, "AOC_V2026Q4-F-MCR.txt", content, "row 5", "Add-On_Code")


def test_the_medicaid_add_on_codes_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, "AOC_V2026Q4-MCD.txt", layouts.tabbed(layouts.aoc(*AOC)), "Medicaid", "MCR")


@pytest.mark.parametrize("name", ["PPRRVU2026_Oct_nonQPP.csv", "renamed.csv"])
def test_relative_values_are_exact_and_of_the_whole_code(tmp_path: Path, name: str) -> None:
    made = draft(tmp_path, name, layouts.rvu(*RVU))
    assert (made.table, made.start, made.period) == ("fee_schedule", OCTOBER, "2026 October release")
    assert made.rows.rows() == [
        ("20553", "A", "000", 2, 1, 1, 0, 75, 105, 50, 9, 334_009),
        ("72148", "A", "XXX", 2, 1, 1, 0, 144, 500, 500, 10, 334_009),
    ]


@pytest.mark.parametrize(
    ("name", "titles", "start"),
    [
        (
            "PPRRVU24_JUL.csv",
            b"NATIONAL PHYSICIAN FEE SCHEDULE RELATIVE VALUE FILE CALENDAR YEAR 2024",
            (2024, 7),
        ),
        ("PPRRVU25_JAN1.csv", b"A title", (2025, 1)),
        ("PPRRVU2026_Apr_nonQPP.csv", b"A title", (2026, 4)),
    ],
)
def test_a_release_that_its_title_does_not_tell_is_told_by_its_name(
    tmp_path: Path, name: str, titles: bytes, start: tuple[int, int]
) -> None:
    content = layouts.rvu(*RVU).replace(
        b"2026 National Physician Fee Schedule Relative Value File October Release", titles
    )
    assert draft(tmp_path, name, content).start == dt.date(*start, 1)


def test_a_workbook_of_relative_values_says_the_same(tmp_path: Path) -> None:
    content = layouts.rvu(*RVU)
    rows = [line.split(",") for line in content.decode().replace('"In words, made up"', "").splitlines()]
    made = draft(tmp_path, "PPRRVU2026_Oct.xlsx", layouts.sheet(rows))
    assert made.rows.equals(draft(tmp_path, "PPRRVU2026_Oct.csv", content).rows)


def test_the_values_for_alternative_payment_models_are_refused(tmp_path: Path) -> None:
    refused(tmp_path, "PPRRVU2026_Oct_QPP.csv", layouts.rvu(*RVU), "alternative payment", "nonQPP")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (("2055", "", "A", "1", "1", "1", "1", "000"), ["row 10", "HCPCS"]),
        (("20552", "", "", "1", "1", "1", "1", "000"), ["row 10", "STATUS CODE"]),
        (("20552", "", "A", "1.005", "1", "1", "1", "000"), ["row 10", "WORK RVU", "two decimals"]),
        (("20552", "", "A", "1", "NA", "1", "1", "000"), ["row 10", "PE NONFAC RVU"]),
        (("20552", "", "A", "1", "1", "", "1", "000"), ["row 10", "PE FAC RVU"]),
        (("20552", "", "A", "1", "1", "1", "-1", "000"), ["row 10", "MP RVU"]),
        (("20552", "", "A", "1", "1", "1", "1", "030"), ["row 10", "GLOB DAYS"]),
    ],
)
def test_a_relative_value_that_cannot_be_read_is_named(
    tmp_path: Path, code: tuple[str, ...], words: list[str]
) -> None:
    refused(tmp_path, "PPRRVU2026_Oct.csv", layouts.rvu(RVU[0], code), *words)
    refused(tmp_path, "PPRRVU2026_Oct.csv", layouts.rvu(*RVU, factor="33.40095"), "row 9", "CONV FACTOR")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("GPCI2026.csv", layouts.commas(layouts.gpci(*GPCI))),
        ("anything.xlsx", layouts.sheet(layouts.gpci(*GPCI))),
    ],
)
def test_cost_indices(tmp_path: Path, name: str, content: bytes) -> None:
    made = draft(tmp_path, name, content)
    assert (made.table, made.start, made.period) == ("gpci", dt.date(2026, 1, 1), "2026")
    assert made.rows.rows() == [
        ("09102", "04", "FL", 1000, 1034, 2614),
        ("09202", "20", "PR", 1000, 990, 500),
    ]


@pytest.mark.parametrize("floor", [4, 5], ids=["with its floor first", "without it first"])
def test_of_two_indices_of_work_the_one_with_its_floor_is_taken(tmp_path: Path, floor: int) -> None:
    header = list(layouts.gpci(year=2026)[2])
    row = ["05302", "MO", "01", "MADE UP", "1.000", "0.952", "0.994"]
    other = 9 - floor
    header.insert(other, "2026 PW GPCI (without 1.0 Floor)")
    row.insert(other, "0.974")
    made = draft(tmp_path, "GPCI2026.csv", layouts.commas([header, row]))
    assert made.rows.rows() == [("05302", "01", "MO", 1000, 952, 994)]


def test_a_file_with_the_index_of_work_without_its_floor_alone_is_not_taken(tmp_path: Path) -> None:
    header = list(layouts.gpci(year=2026)[2])
    header[4] = "2026 PW GPCI (without 1.0 Floor)"
    row = ["05302", "MO", "01", "MADE UP", "0.974", "0.952", "0.994"]
    with pytest.raises(UnreadableFile):
        draft(tmp_path, "GPCI2026.csv", layouts.commas([header, row]))


@pytest.mark.parametrize(
    ("locality", "words"),
    [
        (("ABC", "FL", "04", "1", "1", "1"), ["row 5", "Contractor"]),
        (("09102", "FLA", "04", "1", "1", "1"), ["row 5", "State"]),
        (("09102", "FL", "123", "1", "1", "1"), ["row 5", "Locality Number"]),
        (("09102", "FL", "03", "1", "1.0005", "1"), ["row 5", "PE GPCI", "three decimals"]),
    ],
)
def test_an_index_that_cannot_be_read_is_named(
    tmp_path: Path, locality: tuple[str, ...], words: list[str]
) -> None:
    refused(tmp_path, "GPCI2026.csv", layouts.commas(layouts.gpci(GPCI[0], locality)), *words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ISA*00*          *00*~GS*HC*A*B~ST*837*0001~", ["837 claim file"]),
        (b"ISA|00|          |00|~GS|HP|A|B~ST|835|0001~", ["835 remittance"]),
        (b"<!DOCTYPE html><html><head><title>License</title>", ["web page"]),
        (b"%PDF-1.7 something", ["PDF"]),
        (b"0016070 0 All of it\n0016071 1 Some of it\n", ["ICD-10-PCS"]),
        (b"00001 001     0 Central\n00002 0016070 1 Some\n00003 0016071 1 Some\n", ["ICD-10-PCS"]),
        (b"\xd0\xcf\x11\xe0 old workbook", ["older Excel"]),
        (b"name,age\nsomebody,50\n", ["no publisher's file"]),
        (b"\x00\x01\x02 nothing \xff", ["binary data"]),
        (b"\n\n\n", ["no publisher's file"]),
        (b"PK\x03\x04 not really a zip", ["damaged or not whole"]),
        (b"", ["empty"]),
    ],
)
def test_what_is_none_of_them_is_named(tmp_path: Path, content: bytes, words: list[str]) -> None:
    refused(tmp_path, "some.file", content, "some.file", *words)


def test_a_zip_packed_in_an_unknown_way_is_not_called_damaged(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("some.txt", "a,b\n1,2\n")
    content = bytearray(packed.getvalue())
    content[8] = content[content.index(b"PK\x01\x02") + 10] = 99
    refused(tmp_path, "some.zip", bytes(content), "packed in a way that cannot be opened", "Unpack the zip")


def test_a_header_without_rows_is_refused(tmp_path: Path) -> None:
    for name, content in (
        ("ccipra-v323r0-f1.txt", layouts.tabbed(layouts.ptp())),
        ("MCR_MUE_PractitionerServices_Eff_10-01-2026.csv", layouts.commas(layouts.mue())),
        ("AOC_V2026Q4-MCR.txt", layouts.tabbed(layouts.aoc())),
    ):
        refused(tmp_path, name, content, name, "no rows")


def test_a_table_of_nothing_in_force_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "ccipra-v323r0-f1.txt", layouts.tabbed(layouts.ptp(PTP[3])), "no row of it is in force")


def test_no_licensed_word_is_read(tmp_path: Path) -> None:
    for name, content in (
        ("PPRRVU2026_Oct.csv", layouts.rvu(*RVU)),
        ("ccipra-v323r0-f1.txt", layouts.tabbed(layouts.ptp(*PTP))),
    ):
        text = draft(tmp_path, name, content).rows.select(pl.col(pl.String)).write_csv()
        assert "ade up" not in text


def test_recognising_never_fails_on_any_bytes(tmp_path: Path) -> None:
    for n, content in enumerate(
        (b"\t" * 50, b'"' * 50, b",\n" * 50, bytes(range(256)), b"PK", b"a\tb\n" * 9)
    ):
        with pytest.raises(UnreadableFile):
            recognised(layouts.written(tmp_path / f"{n}.csv", content), "", OCTOBER)
