"""ICD-10-CM as its publisher issues it: order file, code list and tabular list."""

import datetime as dt
import gzip
from pathlib import Path

import polars as pl
import pytest

from anodyne.kernel.errors import UnreadableFile
from anodyne.reference.given import Given, opened
from anodyne.reference.icd10cm import described, numbers, widths
from anodyne.reference.published import Known, Mistaken
from anodyne.reference.publishers import icd10cm_list, icd10cm_order, icd10cm_tabular

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "reference"
real = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.exists(), reason="did not run: no ../shared/corpus beside the project"),
]

ORDER = """\
00001 A00     0 A heading                                                    A heading
00002 A000    1 A first disease                                              A first disease
00003 M256    0 Stiffness of joint                                           Stiffness of joint
00004 M2561   1 Stiff right knee                                             Stiffness of right knee
00005 M2562   1 Stiff left knee                                              Stiffness of left knee
00006 M2569   1 Stiff unsp knee                                              Stiffness of unspecified knee
"""
LIST = """\
A000    A first disease
G63     Polyneuropathy in diseases classified elsewhere
M545    Low back pain
"""
ALONE = "1\nA00-A09\nA00\nA000\nA001\nM25\nM256\nM2561\n"
TABULAR = """\
<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2026</version>
  <chapter><name>13</name><desc>Joints (M00-M99)</desc>
    <excludes2><note>injuries (S00-T88)</note></excludes2>
    <section id="M50-M54"><desc>Backs (M50-M54)</desc>
      <excludes1><note>some disc NOS (M46.4-)</note><note>injury - see injury of spine</note></excludes1>
      <diag><name>M54</name><desc>Dorsalgia</desc>
        <excludes1>
          <note>one (F45.41)</note><note>several (G00-G09, M51.1-)</note>
          <note>poisoning (T36-T50 with fifth or sixth character 5)</note>
        </excludes1>
        <diag><name>M54.1</name><desc>Radiculopathy</desc>
          <diag><name>M54.16</name><desc>Radiculopathy, lumbar region</desc></diag>
        </diag>
        <diag><name>M54.2</name><desc>Cervicalgia</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter><name>19</name><desc>Injury (S00-T88)</desc>
    <section id="S30-S39"><desc>Injuries (S30-S39)</desc>
      <diag><name>S33</name><desc>Sprain</desc>
        <notes>
          <note>7th characters S do not apply to codes in category S33 with 6th character 7 - why.</note>
        </notes>
        <sevenChrDef>
          <extension char="A">initial encounter</extension><extension char="S">sequela</extension>
        </sevenChrDef>
        <diag><name>S33.5</name><desc>Sprain of ligaments of lumbar spine</desc></diag>
        <diag><name>S33.6</name><desc>Sprain of joint</desc>
          <diag><name>S33.617</name><desc>Sprain, fatal</desc></diag>
          <diag><name>S33.618</name><desc>Sprain, right side</desc>
            <sevenChrDef><extension char="0">closed</extension></sevenChrDef>
          </diag>
        </diag>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""


def given(text: str, name: str, path: str | None = None) -> Given:
    data = text.encode()
    return Given(path or name, name, len(data), lambda: data, data[:65_536])


def codes(rows: pl.DataFrame) -> list[str]:
    return rows["code"].to_list()


@pytest.mark.parametrize(
    ("name", "path", "start"),
    [
        ("icd10cm_order_2026.txt", None, dt.date(2025, 10, 1)),
        ("icd10cm-order-April-2025.txt", None, dt.date(2025, 4, 1)),
        ("icd10cm_order_fy2021_january.txt", None, dt.date(2021, 1, 1)),
        ("icd10cm_order_2026.txt", "downloads/april-1-2026-code-descriptions.zip", dt.date(2026, 4, 1)),
        ("order.txt", "downloads/2024-code-descriptions.zip", dt.date(2023, 10, 1)),
        ("order.txt", None, None),
    ],
)
def test_an_edition_starts_on_the_day_that_its_name_tells(
    name: str, path: str | None, start: dt.date | None
) -> None:
    assert icd10cm_order.recognise(given(ORDER, name, path)) == Known(start)


def test_the_fiscal_year_of_the_tabular_list_is_its_version() -> None:
    assert icd10cm_tabular.recognise(given(TABULAR, "tabular.xml")) == Known(dt.date(2025, 10, 1))
    assert icd10cm_tabular.recognise(given(TABULAR, "tabular-April.xml")) == Known(dt.date(2026, 4, 1))


def test_an_order_file_gives_the_codes_marked_1_and_what_their_titles_say_of_sides() -> None:
    rows = icd10cm_order.read(given(ORDER, "icd10cm_order_2026.txt"))["dx_order"]
    assert codes(rows) == ["A000", "M2561", "M2562", "M2569"]
    assert rows["side"].to_list() == [None, "right", "left", None]
    assert rows["specific"].to_list() == [None, None, None, "M2561;M2562"]
    assert rows["vague"].to_list() == [False, False, False, True]
    assert rows["number"].is_sorted()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("00004 M2561   1", "00004 M2561   7", "line 4, column 15: 0 or 1"),
        ("00004 M2561   1", "00004 2561    1", "line 4, column 7 to 13: a code"),
        ("Stiffness of right knee", "", "line 4, column 78 on: the title"),
    ],
)
def test_a_bad_line_of_an_order_file_is_named(old: str, new: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        icd10cm_order.read(given(ORDER.replace(old, new), "icd10cm_order_2026.txt"))


def test_a_code_list_gives_codes_with_titles_or_alone() -> None:
    assert icd10cm_list.recognise(given(LIST, "icd10cm-codes-2026.txt")) == Known(dt.date(2025, 10, 1))
    rows = icd10cm_list.read(given(LIST, "icd10cm-codes-2026.txt"))["dx_list"]
    assert codes(rows) == ["A000", "G63", "M545"]
    assert rows["manifestation"].to_list() == [False, True, False]
    assert icd10cm_list.recognise(given(ALONE, "codes.txt")) == Known(None)
    assert codes(icd10cm_list.read(given(ALONE, "codes.txt"))["dx_list"]) == ["A000", "A001", "M2561"]
    with pytest.raises(UnreadableFile, match="line 9"):
        icd10cm_list.read(given(ALONE + "what is this\n", "codes.txt"))


def test_the_tabular_list_gives_codes_with_the_seventh_characters_they_take() -> None:
    rows = icd10cm_tabular.read(given(TABULAR, "tabular.xml"))["dx_tabular"]
    assert codes(rows) == ["M5416", "M542", "S335XXA", "S335XXS", "S33617A", "S336180"]


def test_notes_hold_for_codes_categories_blocks_and_chapters() -> None:
    notes = icd10cm_tabular.read(given(TABULAR, "tabular.xml"))["dx_notes"]
    told = set(notes.select("kind", "holder", "other").iter_rows())
    assert told == {
        ("excludes2", "M00-M99", "S00-T88"),
        ("excludes1", "M50-M54", "M464"),
        ("excludes1", "M54", "F4541"),
        ("excludes1", "M54", "G00-G09"),
        ("excludes1", "M54", "M511"),
    }
    row = notes.row(by_predicate=pl.col("holder") == "M50-M54", named=True)
    inside, outside = numbers(pl.Series(["M50", "M549"])), numbers(pl.Series(["M499", "M55"]))
    assert all(row["holder_first"] <= one < row["holder_end"] for one in inside)
    assert not any(row["holder_first"] <= one < row["holder_end"] for one in outside)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TABULAR[:900], "breaks off or is damaged"),
        (TABULAR.replace("<ICD10CM.tabular>", "<!DOCTYPE x><ICD10CM.tabular>", 1), "words of its own"),
        ("<ICD10CM.tabular><version>2026</version></ICD10CM.tabular>", "no codes"),
    ],
)
def test_a_tabular_list_that_cannot_be_trusted_is_refused(text: str, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        icd10cm_tabular.read(given(text, "tabular.xml"))


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?>\n<ICD10CM.index>\n',
        '<?xml version="1.0"?>\n<ICD10PCS.tabular xmlns:xsi="x">\n',
        f"00001 001     0 {'Central Nervous System':60} Central Nervous System\n",
        "0016070 Bypass of a part with a part, open approach\n",
    ],
)
def test_relatives_are_called_by_their_name(text: str) -> None:
    file = given(text, "icd10_2026.txt")
    told = [kind.recognise(file) for kind in (icd10cm_order, icd10cm_list, icd10cm_tabular)]
    assert sum(isinstance(one, Mistaken) for one in told) == 1
    assert not any(isinstance(one, Known) for one in told)


@pytest.mark.parametrize(
    "text", ["", "\n", "A0021,ambulance\n", "A0021 Ambulance service\nA0080 Transport\n"]
)
def test_other_files_are_left_alone(text: str) -> None:
    file = given(text, "x_2026.txt")
    assert not any(kind.recognise(file) for kind in (icd10cm_order, icd10cm_list, icd10cm_tabular))


def test_numbers_sort_as_codes_do() -> None:
    told = pl.Series(["A00", "A000", "M54", "M541", "M5416", "M54Z", "M55", "S335XXA"])
    found = numbers(told)
    assert (found[:-1] < found[1:]).all()
    assert found[2] < found[4] < found[5] < found[2] + widths(told)[2] <= found[6]


def test_both_sides_are_known_by_title_within_a_category() -> None:
    titles = {
        "M170": "Bilateral primary osteoarthritis of knee",
        "M1710": "Unilateral primary osteoarthritis, unspecified knee",
        "M1711": "Unilateral primary osteoarthritis, right knee",
        "M1712": "Unilateral primary osteoarthritis, left knee",
        "M4800": "Spinal stenosis, site unspecified",
        "M4801": "Spinal stenosis, occipito-atlanto-axial region",
        "M48061": "Spinal stenosis, lumbar region without neurogenic claudication",
        "I50814": "Right heart failure due to left heart failure",
        "I501": "Left ventricular failure, unspecified",
    }
    rows = described(pl.DataFrame({"code": list(titles), "title": list(titles.values())}))
    by_code = {row["code"]: row for row in rows.iter_rows(named=True)}
    assert [by_code[code]["side"] for code in ("M170", "M1710", "M1711", "M1712")] == [
        "both", None, "right", "left",
    ]  # fmt: skip
    assert (by_code["M1711"]["both"], by_code["M1712"]["both"]) == ("M170", "M170")
    assert by_code["M1710"]["specific"] == "M1711;M1712;M170"
    assert by_code["M4800"]["specific"] == "M4801;M48061"
    assert by_code["I501"]["side"] is by_code["I50814"]["side"] is None


class TestTheRealFiles:
    pytestmark = real

    @staticmethod
    def file(name: str, folder: Path) -> Given:
        path = folder / name
        path.write_bytes(gzip.decompress((CORPUS / f"{name}.gz").read_bytes()))
        return opened(str(path))[0]

    def test_the_tabular_list_gives_the_very_codes_of_the_order_file(self, tmp_path: Path) -> None:
        order = icd10cm_order.read(self.file("icd10cm_order_fy2021_january.txt", tmp_path))["dx_order"]
        tabular = icd10cm_tabular.read(self.file("icd10cm_tabular_fy2021.xml", tmp_path))["dx_tabular"]
        assert codes(order) == codes(tabular)
        assert len(order) == 72_621

    @pytest.mark.parametrize("release", ["fy2025_april", "fy2026_april"])
    def test_the_tabular_list_gives_the_very_codes_of_the_code_list(
        self, release: str, tmp_path: Path
    ) -> None:
        alone = icd10cm_list.read(self.file(f"icd10cm_codes_{release}.txt", tmp_path))["dx_list"]
        tabular = icd10cm_tabular.read(self.file(f"icd10cm_tabular_{release}.xml", tmp_path))["dx_tabular"]
        assert codes(alone) == codes(tabular)
