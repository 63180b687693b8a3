"""Loading into a data directory: zips, parts, a second time, other rows, and failures that leave nothing."""

import datetime as dt
import gzip
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.reference import faults, load_files, standings
from anodyne.kernel.errors import AnodyneError, BadRequest
from anodyne.reference import given, store
from anodyne.reference.editions import checksum
from anodyne.reference.loading import EARLIEST, LATEST, LeftOut
from anodyne.reference.store import How, Kept
from anodyne.reference.tables import Reference, in_force, load, matches_in_force, pairs_in_force
from tests.reference import layouts

OCTOBER = dt.date(2026, 10, 1)
DAY = dt.timedelta(days=1)
FIRST = ("20553", "20552", "20020101", "*", "0")
SECOND = ("62323", "77003", "20170101", "20261115", "1")
THIRD = ("64493", "77003", "20261101", "*", "1")
FOURTH = ("97810", "97813", "20050101", "*", "0")
LIMITS = (("20553", "1", 2), ("J3301", "16", 3))
MUE = "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"


def part(number: int, *edits: layouts.Row) -> tuple[str, bytes]:
    return f"ccipra-v323r0-f{number}.txt", layouts.tabbed(layouts.ptp(*edits))


PARTS = tuple(part(n, edit) for n, edit in enumerate((FIRST, SECOND, THIRD, FOURTH), start=1))


class Desk:
    """A folder of downloads and a data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"

    def put(self, name: str, content: bytes) -> str:
        return layouts.written(self.folder / name, content)

    def load(self, *paths: str, start: dt.date | None = None, replace: bool = False) -> list[Kept]:
        return load_files(paths, home=self.home, start=start, replace=replace)

    def refused(self, paths: Sequence[str], *words: str, replace: bool = False) -> None:
        before = self.files()
        with pytest.raises(AnodyneError) as failure:
            self.load(*paths, replace=replace)
        assert not [word for word in words if word not in str(failure.value)], str(failure.value)
        assert self.files() == before

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.home.rglob("*") if path.is_file() and path.name != store.LOCK)
        return {str(path): path.read_bytes() for path in found}

    def reference(self) -> Reference:
        return load(self.home)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def indicators(reference: Reference, first: str, second: str, *days: dt.date) -> list[int | None]:
    asked = pl.DataFrame({"code_1": [first] * len(days), "code_2": second, "served_on": days})
    return pairs_in_force(asked, reference)["indicator"].to_list()


def limits(reference: Reference, code: str, *days: dt.date) -> list[int | None]:
    asked = pl.DataFrame({"code": [code] * len(days), "served_on": days})
    return in_force(asked, reference, "mue")["mue"].to_list()


def test_a_pair_is_judged_by_its_own_days_within_the_edition(desk: Desk) -> None:
    (kept,) = desk.load(*(desk.put(*one) for one in PARTS))
    assert (kept.how, kept.edition.rows, kept.edition.whole, kept.edition.missing) == (How.NEW, 4, True, ())
    assert kept.edition.expect_next == dt.date(2027, 1, 1)
    reference = desk.reference()
    begins, ends = dt.date(2026, 11, 1), dt.date(2026, 11, 15)
    assert indicators(reference, "64493", "77003", OCTOBER, begins - DAY, begins, begins + DAY) == [
        None, None, 1, 1,
    ]  # fmt: skip
    assert indicators(reference, "62323", "77003", OCTOBER, ends, ends + DAY) == [1, 1, None]
    assert indicators(reference, "20553", "20552", OCTOBER - DAY, OCTOBER, dt.date(2030, 1, 1)) == [0, 0, 0]
    assert indicators(reference, "97810", "97813", OCTOBER - DAY, OCTOBER) == [None, 0]
    assert reference.table("ptp").filter(pl.col("from") == begins).height == 1


def test_an_add_on_edit_is_judged_by_its_own_days(desk: Desk) -> None:
    edits = [
        ("1", "64494", "", "64493", "", "2026305", ""),
        ("1", "64495", "", "64493", "", "2013091", "2026304"),
    ]
    desk.load(desk.put("AOC_V2026Q4-MCR.txt", layouts.tabbed(layouts.aoc(*edits))))
    november = dt.date(2026, 11, 1)
    asked = pl.DataFrame(
        {"add_on": ["64494", "64494", "64495", "64495"], "served_on": [november - DAY, november] * 2}
    )
    found = matches_in_force(asked, desk.reference(), "add_on", by=["add_on"])
    assert found.select("add_on", "served_on").rows() == [("64494", november), ("64495", november - DAY)]


def test_parts_are_one_edition_however_they_come(desk: Desk, tmp_path: Path) -> None:
    desk.load(*(desk.put(*one) for one in PARTS))
    piecewise = Desk(tmp_path / "piecewise")
    piecewise.folder.mkdir()
    whole = Desk(tmp_path / "whole")
    whole.folder.mkdir()
    (kept,) = whole.load(whole.put("all.zip", layouts.zipped(dict(PARTS))))
    told = []
    for one in (PARTS[2], PARTS[0], PARTS[3], PARTS[1]):
        (last,) = piecewise.load(piecewise.put(f"{one[0]}.zip", layouts.zipped({one[0]: one[1]})))
        told.append((last.how, last.edition.whole, last.edition.missing))
    assert told == [
        (How.NEW, False, ("f1", "f2", "f4")),
        (How.COMPLETED, False, ("f2", "f4")),
        (How.COMPLETED, False, ("f2",)),
        (How.COMPLETED, True, ()),
    ]
    assert last.edition.sha256 == kept.edition.sha256
    assert [file.part for file in last.edition.files] == ["f1", "f2", "f3", "f4"]


def test_parts_loaded_at_the_same_time_are_both_kept(desk: Desk) -> None:
    paths = [desk.put(*one) for one in PARTS]
    code = (
        "import sys; from pathlib import Path; from anodyne.app.reference import load_files;"
        "load_files(sys.argv[2:], home=Path(sys.argv[1]))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(desk.home), *some])
        for some in (paths[:2], paths[2:])
    ]
    assert [one.wait() for one in both] == [0, 0]
    assert desk.reference().editions("ptp")[-1].parts == ("f1", "f2", "f3", "f4")


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    path = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    desk.load(path)
    before = desk.files()
    again = desk.put("mue.zip", layouts.zipped({MUE: Path(path).read_bytes()}))
    assert [kept.how for kept in desk.load(path, path, again)] == [How.ALREADY] * 2
    one = desk.put("part.zip", layouts.zipped(dict(PARTS[:2])))
    desk.load(one)
    before = desk.files()
    assert [kept.how for kept in desk.load(desk.put(*PARTS[1]))] == [How.ALREADY]
    assert desk.files() == before


def test_other_rows_for_the_same_days_need_a_word(desk: Desk) -> None:
    desk.load(desk.put(MUE, layouts.commas(layouts.mue(*LIMITS))))
    other = desk.put(MUE, layouts.commas(layouts.mue(("20553", "2", 2), ("G3002", "1", 2))))
    desk.refused([other], "ANO-401", "1 more", "lacks 1", "differs in 1", "--replace")
    (kept,) = desk.load(other, replace=True)
    assert kept.how is How.REPLACED
    assert limits(desk.reference(), "20553", OCTOBER) == [2]
    assert limits(desk.reference(), "J3301", OCTOBER) == [None]
    assert {path.name for path in (desk.home / "reference").iterdir()} == {"mue", store.LOCK}


def test_another_file_of_the_same_part_needs_a_word(desk: Desk) -> None:
    more = ("20553", "20551", "20020101", "*", "0")
    desk.load(desk.put(*part(1, FIRST, more)), *(desk.put(*one) for one in PARTS[1:]))
    fewer = desk.put(*PARTS[0])
    desk.refused([fewer], "f1 of NCCI", "0 more", "lacks 1", "differs in 0", "--replace")
    (kept,) = desk.load(fewer, replace=True)
    assert (kept.how, kept.edition.rows, kept.edition.missing) == (How.REPLACED, 4, ())
    assert indicators(desk.reference(), "20553", "20551", OCTOBER) == [None]
    assert indicators(desk.reference(), "97810", "97813", OCTOBER) == [0]
    assert [kept.how for kept in desk.load(fewer, replace=True)] == [How.ALREADY]
    other = desk.put(*part(1, (*FIRST[:4], "1")))
    desk.refused([other], "0 more", "lacks 0", "differs in 1")


def test_a_part_is_replaced_alone_only_where_its_rows_are_told_apart(desk: Desk) -> None:
    between = part(1, FIRST, ("97811", "97813", "20050101", "*", "0"))
    desk.load(desk.put(*between), *(desk.put(*one) for one in PARTS[1:]))
    other = desk.put(*part(1, FIRST))
    (kept,) = desk.load(other, replace=True)
    assert kept.edition.rows == 4
    mixed = part(2, ("20553", "20551", "20020101", "*", "0"), FOURTH)
    desk.load(desk.put(*part(4, ("97811", "97813", "20050101", "*", "0"))), desk.put(*mixed), replace=True)
    changed = desk.put(*part(4, FOURTH))
    desk.refused([changed], "which rows", "in one command", "f1, f2, f3, f4", replace=True)


def test_until_every_part_is_there_the_excerpt_judges(desk: Desk) -> None:
    before = indicators(desk.reference(), "62323", "77003", OCTOBER)
    for one in PARTS[:3]:
        desk.load(desk.put(*one))
        assert indicators(desk.reference(), "62323", "77003", OCTOBER) == before
        assert indicators(desk.reference(), "20553", "01991", OCTOBER) == [0]
        assert [edition.start for edition in desk.reference().editions("ptp")] == [dt.date(2024, 7, 1)]
    desk.load(desk.put(*PARTS[3]))
    assert indicators(desk.reference(), "20553", "01991", OCTOBER) == [None]
    assert desk.reference().waiting == {}


def test_an_edition_takes_the_place_of_the_one_built_in(desk: Desk) -> None:
    july = dt.date(2024, 7, 1)
    desk.load(desk.put("mue.csv", layouts.commas(layouts.mue(("20553", "9", 2)))), start=july)
    assert limits(desk.reference(), "20553", july) == [9]


def test_a_zip_of_everything_gives_what_is_known_in_it(desk: Desk) -> None:
    values = layouts.rvu(("20553", "", "A", "0.75", "1.05", "0.5", "0.09", "000"))
    files = {
        "rvu26d/PPRRVU2026_Oct_nonQPP.csv": values,
        "rvu26d/PPRRVU2026_Oct_QPP.csv": values.replace(b"33.4009", b"33.5675"),
        "rvu26d/PPRRVU2026_Oct_nonQPP.xlsx": b"PK\x03\x04 never opened",
        "rvu26d/GPCI2026.csv": layouts.commas(layouts.gpci(("09102", "FL", "04", "1", "1", "2"))),
        "rvu26d/OPPSCAP_Oct.xlsx": b"PK\x03\x04 not a workbook",
        "rvu26d/26LOCCO.csv": b"Locality/County Crosswalk,,\n",
        "rvu26d/RVU26D.pdf": b"%PDF",
        "__MACOSX/rvu26d/._GPCI2026.csv": b"\x00",
    }
    kept = desk.load(desk.put("rvu26d.zip", layouts.zipped(files)))
    assert {one.edition.table for one in kept} == {"fee_schedule", "gpci"}
    assert desk.reference().table("fee_schedule")["conversion_ten_thousandths"].to_list()[-1] == 334_009


def test_a_zip_of_two_quarters_gives_both(desk: Desk) -> None:
    files = {
        f"MCR_MUE_PractitionerServices_Eff_{day}-2026.csv": layouts.commas(layouts.mue(*LIMITS))
        for day in ("07-01", "10-01")
    }
    files["MCR_MUE_PractitionerServices_Eff_10-01-2026.xlsx"] = layouts.sheet(layouts.mue(*LIMITS))
    kept = desk.load(desk.put("mue.zip", layouts.zipped(files)))
    assert [one.edition.start for one in kept] == [dt.date(2026, 7, 1), OCTOBER]


def test_a_workbook_that_cannot_be_read_is_named(desk: Desk) -> None:
    content = layouts.zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<nothing/>"})
    desk.refused([desk.put("MCR_MUE.xlsx", content)], "MCR_MUE.xlsx", "not a workbook")


def test_names_in_a_zip_lead_nowhere(desk: Desk) -> None:
    content = layouts.zipped({f"../../{MUE}": layouts.commas(layouts.mue(*LIMITS))})
    desk.folder = desk.folder / "a" / "b" / "c"
    desk.folder.mkdir(parents=True)
    desk.load(desk.put("mue.zip", content))
    assert list(desk.home.parent.rglob("*.csv")) == []


def test_a_zip_that_cannot_be_trusted_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    content = layouts.zipped({MUE: layouts.commas(layouts.mue(*LIMITS * 50))})
    desk.refused([desk.put("half.zip", content[: len(content) // 2])], "half.zip", "not whole")
    torn = bytearray(content)
    torn[60:90] = bytes(30)
    desk.refused([desk.put("torn.zip", bytes(torn))], "torn.zip", "not whole")
    locked = bytearray(content)
    central = content.index(b"PK\x01\x02")
    struct.pack_into("<H", locked, central + 8, 1)
    struct.pack_into("<H", locked, 6, 1)
    desk.refused([desk.put("locked.zip", bytes(locked))], "locked.zip", "password")
    many = layouts.zipped({f"{n}.txt": b"a" for n in range(given.MOST_MEMBERS + 1)})
    desk.refused([desk.put("many.zip", many)], "many.zip", "larger than any publisher's file")
    half = layouts.zipped({f"{n}.txt": b"a" for n in range(given.MOST_MEMBERS // 2 + 1)})
    nested = desk.put("nested.zip", layouts.zipped({"a.zip": half, "b.zip": half}))
    desk.refused([nested], "nested.zip", "larger than any publisher's file")
    desk.refused([desk.put("none.zip", layouts.zipped({}))], "none.zip")
    desk.refused([desk.put("other.zip", layouts.zipped({"a.txt": b"words"}))], "other.zip", "no publisher's")
    monkeypatch.setattr(given, "LARGEST_BYTES", 1_000)
    desk.refused([desk.put("bomb.zip", layouts.zipped({MUE: bytes(2_000)}))], "bomb.zip", "larger than")
    desk.refused([desk.put("large.csv", bytes(2_000))], "large.csv", "larger than")
    lying = bytearray(layouts.zipped({MUE: layouts.commas(layouts.mue(*LIMITS * 50))}))
    struct.pack_into("<I", lying, lying.index(b"PK\x01\x02") + 24, 10)
    desk.refused([desk.put("lying.zip", bytes(lying))], "lying.zip")


def test_what_a_zip_holds_beside_is_named(desk: Desk) -> None:
    files = {
        MUE: layouts.commas(layouts.mue(*LIMITS)),
        "MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv": b"HCPCS/CPT Code,Limit\n20553,1\n",
        "readme.pdf": b"%PDF",
        "broken.xlsx": b"PK\x03\x04 not a workbook",
        MUE.replace("csv", "xlsx"): layouts.sheet(layouts.mue(*LIMITS)),
    }
    told: list[LeftOut] = []
    path = desk.put("mue.zip", layouts.zipped(files))
    (kept,) = load_files([path], home=desk.home, left_out=told.append)
    assert kept.how is How.NEW
    assert {(one.name, one.seems) for one in told} == {
        ("MCR_MUE_OutpatientHospitalServices_Eff_10-01-2026.csv", None),
        ("readme.pdf", "a PDF"),
        ("broken.xlsx", "a workbook that cannot be read"),
    }


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("mue.csv", layouts.commas(layouts.mue(*LIMITS)).decode().encode("utf-16"), ["UTF-16", "CSV UTF-8"]),
        ("mue.csv.gz", gzip.compress(b"HCPCS", mtime=0), ["gzip", "Unpack it first"]),
        ("mue.dat", b"\x01\x00\x02" * 50, ["binary data"]),
        (
            "pprrvu.csv",
            b"hcpcs,mod,work_rvu,conv_factor,mp_used_for_opps_payment_amount\nG3002,,1,33.4,0\n",
            ["relative values of the physician fee schedule in another layout", "PPRRVU"],
        ),
        ("places.csv", b"Place Code,Place Name,Remark\n11,x,y\n", ["headed Place Code, Place Name (at"]),
        (
            "people.csv",
            b"Doe,Ann,1970-01-02\nRoe,Bob,1980-01-02\n",
            ["no publisher's file that Anodyne knows (at"],
        ),
    ],
)
def test_what_a_file_is_instead_is_said(desk: Desk, name: str, content: bytes, words: list[str]) -> None:
    desk.refused([desk.put(name, content)], "ANO-101", *words)


@pytest.mark.parametrize("day", [dt.date(1700, 1, 1), EARLIEST - DAY, LATEST + DAY, dt.date.max])
def test_a_first_day_of_no_edition_is_refused(desk: Desk, day: dt.date) -> None:
    path = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    with pytest.raises(BadRequest, match="from 1990-01-01 to 2099-12-31"):
        desk.load(path, start=day)
    for edge in (EARLIEST, LATEST):
        assert [kept.edition.start for kept in desk.load(path, start=edge)] == [edge]


def test_standard_input_is_refused(desk: Desk) -> None:
    desk.refused(["-"], "ANO-401", "not from standard input")


def test_what_is_damaged_is_told(desk: Desk) -> None:
    path = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    desk.load(path, *(desk.put(*one) for one in PARTS))
    assert faults(desk.home, verify=True) == []
    (desk.home / "reference" / "gpci" / "2026-01-01").mkdir(parents=True)
    array = desk.home / "reference" / "ptp" / "2026-10-01" / "table.npy"
    flipped = bytearray(array.read_bytes())
    flipped[-1] ^= 1
    array.write_bytes(flipped)
    assert [fault.folder.parent.name for fault in faults(desk.home)] == ["gpci"]
    assert [fault.folder.parent.name for fault in faults(desk.home, verify=True)] == ["gpci", "ptp"]
    desk.load(*(desk.put(*one) for one in PARTS), replace=True)
    assert [fault.folder.parent.name for fault in faults(desk.home, verify=True)] == ["gpci"]


def test_of_the_tables_of_diagnoses_the_one_used_is_told(desk: Desk) -> None:
    codes = (("M54", 0, "Dorsalgia"), ("M5450", 1, "Low back pain, unspecified"))
    lines = (f"{n:05} {code:<7} {mark} {title:<60} {title}" for n, (code, mark, title) in enumerate(codes))
    order = "\n".join(lines).encode()
    desk.load(desk.put("icd10cm_order_2027.txt", order))
    told = {one.table: one.instead for one in standings(desk.home, OCTOBER) if one.edition}
    assert told["dx_order"] is None
    assert {name: instead for name, instead in told.items() if instead} == {
        name: "ICD-10-CM order file" for name in ("dx_tabular", "dx_list") if name in told
    }


def test_one_bad_file_of_several_and_nothing_is_loaded(desk: Desk) -> None:
    good = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    bad = desk.put(*part(1, FIRST, ("x", "20552", "20020101", "*", "0")))
    desk.refused([good, bad], "ccipra-v323r0-f1.txt", "row 8", "Column 1")
    desk.refused([good, str(desk.folder / "gone.csv")], "gone.csv", "no such file")
    desk.refused([good, str(desk.folder)], "a folder, not a file")
    assert desk.files() == {}


def test_two_files_of_one_table_are_taken_only_where_they_say_the_same(desk: Desk) -> None:
    one = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    same = desk.put(MUE.replace("csv", "xlsx"), layouts.sheet(layouts.mue(*LIMITS)))
    other = desk.put("other_10-01-2026.csv", layouts.commas(layouts.mue(("G3002", "1", 2))))
    desk.refused([one, same, other], "two files of NCCI medically", MUE, "other_10-01-2026.csv")
    (kept,) = desk.load(one, same)
    assert len(kept.edition.files) == 2
    first = desk.put(*PARTS[0])
    again = desk.put("ccipra-v323r0-f1.csv", layouts.commas(layouts.ptp(SECOND)))
    desk.refused([first, again], "two files of NCCI procedure", "f1.txt", "f1.csv")
    unnumbered = desk.put("ccipra-v323r0.txt", layouts.tabbed(layouts.ptp(SECOND)))
    desk.refused([first, unnumbered], "two files of NCCI procedure")


def test_a_failing_disk_leaves_what_was_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(desk.put(MUE, layouts.commas(layouts.mue(*LIMITS))))
    other = desk.put("other.csv", layouts.commas(layouts.mue(("20553", "2", 2))))
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target.name == str(OCTOBER) and ".loading-" in str(self) and "before" not in self.name:
            raise OSError(28, "No space left on device")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    before = desk.files()
    with pytest.raises(BadRequest, match="No space left"):
        desk.load(other, start=OCTOBER, replace=True)
    assert desk.files() == before
    assert limits(desk.reference(), "20553", OCTOBER) == [1]


def test_a_place_that_cannot_be_written_is_named(desk: Desk) -> None:
    desk.home.write_text("a file, not a folder")
    with pytest.raises(BadRequest, match="ANODYNE_HOME"):
        desk.load(desk.put(MUE, layouts.commas(layouts.mue(*LIMITS))))


def test_what_is_kept_has_the_checksum_that_it_declares(desk: Desk) -> None:
    kept = desk.load(desk.put(MUE, layouts.commas(layouts.mue(*LIMITS))), *(desk.put(*one) for one in PARTS))
    for one in kept:
        folder = store.kept_in(desk.home, one.edition.table, one.edition.start)
        assert checksum(folder) == one.edition.sha256
        assert len(store.rows_of(folder, one.edition)) == one.edition.rows


def test_a_damaged_edition_says_what_to_do(desk: Desk) -> None:
    path = desk.put(MUE, layouts.commas(layouts.mue(*LIMITS)))
    desk.load(path)
    (desk.home / "reference" / "mue" / "2026-10-01" / "table.arrow").write_bytes(b"nothing")
    with pytest.raises(AnodyneError, match="--replace"):
        desk.reference().table("mue")
    other = desk.put("other_10-01-2026.csv", layouts.commas(layouts.mue(("20553", "2", 2))))
    desk.refused([other], "--replace")
    assert [kept.how for kept in desk.load(path, replace=True)] == [How.REPLACED]
    assert limits(desk.reference(), "20553", OCTOBER) == [1]
    assert [kept.how for kept in desk.load(path, replace=True)] == [How.ALREADY]


def test_what_is_in_force_is_told_for_a_day(desk: Desk) -> None:
    desk.load(desk.put(*PARTS[0]), desk.put(MUE, layouts.commas(layouts.mue(*LIMITS))))

    def told(day: dt.date) -> dict[str, tuple[dt.date | None, bool, dt.date | None]]:
        return {
            one.table: (one.edition.start if one.edition else None, one.loaded, one.overdue_since)
            for one in standings(desk.home, day)
        }

    july, january = dt.date(2024, 7, 1), dt.date(2027, 1, 1)
    assert told(OCTOBER)["mue"] == (OCTOBER, True, None)
    assert told(OCTOBER - DAY)["mue"] == (july, False, None)
    assert told(january - DAY)["mue"] == (OCTOBER, True, None)
    assert told(january)["mue"] == (OCTOBER, True, january)
    assert told(july - DAY)["mue"] == (None, False, None)
    assert told(OCTOBER)["add_on"] == (july, False, dt.date(2024, 10, 1))
    assert told(OCTOBER)["gpci"] == (None, False, None)
