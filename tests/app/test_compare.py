"""What an edition changes for claims: pairs, units, prices, codes that went, as if in force on their days."""

import datetime as dt
from pathlib import Path

import pytest

from anodyne.app import compare as comparing
from anodyne.app.compare import Comparison, Price, Shift, compare
from anodyne.app.reference import load_files
from anodyne.kernel.errors import AnodyneError
from anodyne.reference.tables import load
from tests.claims import Claim, Line, file_of
from tests.reference import layouts

AS_OF = dt.date(2026, 11, 21)
SEPTEMBER = dt.date(2026, 9, 14)
PAIR = ("97110", "97012", "20261001", "*", "0")
LATER = ("97110", "97035", "20261115", "*", "0")
GONE = ("97110", "97010", "20200101", "20261231", "0")
DAY = Claim(
    [
        Line("97110", charge=100_00, on=SEPTEMBER),
        Line("97012", charge=50_00, on=SEPTEMBER),
        Line("97035", charge=40_00, on=SEPTEMBER),
    ]
)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"

    def claims(self, *claims: Claim) -> str:
        return layouts.written(self.folder / "day.837", file_of(*claims))

    def pairs(self, version: str, *edits: layouts.Row) -> str:
        parts = {
            f"ccipra-{version}-f{n}.txt": layouts.tabbed(
                layouts.ptp(*edits, ("00100", "00102", "20010101", "*", "0"))
            )
            for n in range(1, 5)
        }
        return layouts.written(self.folder / f"{version}.zip", layouts.zipped(parts))

    def values(self, release: str, *codes: layouts.Row, factor: str) -> str:
        content = layouts.rvu(*codes, release=release, factor=factor)
        return layouts.written(self.folder / f"PPRRVU2026_{release[:3]}.csv", content)

    def compared(self, old: str, new: str, *claims: Claim) -> Comparison:
        return compare(old, new, [self.claims(*claims)], home=self.home, as_of=AS_OF)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_pairs_that_now_bundle_and_no_longer_do(desk: Desk) -> None:
    load_files([desk.pairs("v322r0", GONE), desk.pairs("v323r0", PAIR, LATER)], home=desk.home)
    both = Claim([*DAY.lines, Line("97010", charge=20_00, on=SEPTEMBER)])
    found = desk.compared("ptp@2026-07-01", "ptp@2026-10-01", both)
    assert found.now == (
        Shift("NCCI-01", "deny", "97110 + 97012", 1, 1, 50_00),
        Shift("NCCI-01", "deny", "97110 + 97035", 1, 1, 40_00),
    )
    assert found.gone == (Shift("NCCI-01", "deny", "97110 + 97010", 1, 1, 20_00),)
    assert found.old_risk_cents < found.new_risk_cents <= 210_00
    assert (found.claims, found.lines, found.prices) == (1, 4, ())


def test_a_day_names_every_table_and_a_file_is_loaded_for_this_once(desk: Desk) -> None:
    load_files([desk.pairs("v322r0")], home=desk.home)
    new = desk.pairs("v323r0", PAIR)
    found = desk.compared("2026-07-01", new, DAY)
    assert [(edition.table, edition.period) for edition in (*found.old, *found.new)] == [
        ("ptp", "2026 Q3"),
        ("ptp", "2026 Q4"),
    ]
    assert [shift.codes for shift in found.now] == ["97110 + 97012"]
    assert not (desk.home / "reference" / "ptp" / "2026-10-01").exists()


def test_units_above_a_new_limit(desk: Desk) -> None:
    limits = {"07-01": "2", "10-01": "1"}
    paths = [
        layouts.written(
            desk.folder / f"MCR_MUE_PractitionerServices_Eff_{day}-2026.csv",
            layouts.commas(layouts.mue(("97110", most, 3))),
        )
        for day, most in limits.items()
    ]
    load_files(paths, home=desk.home)
    claim = Claim([Line("97110", units=2, charge=100_00, on=SEPTEMBER)])
    found = desk.compared("mue@2026-07-01", "mue@2026-10-01", claim)
    assert [shift.codes for shift in found.now] == ["97110"]
    assert found.gone == ()


def test_prices_are_exact_and_of_whole_codes_to_medicare(desk: Desk) -> None:
    old = ("97110", "", "A", "0.45", "0.40", "0.30", "0.02", "XXX")
    new = ("97110", "", "A", "0.50", "0.40", "0.30", "0.02", "XXX")
    ended = ("97012", "", "A", "0.25", "0.16", "0.16", "0.01", "XXX")
    load_files(
        [
            desk.values("July", old, ended, factor="33.4009"),
            desk.values("October", new, factor="33.4009"),
        ],
        home=desk.home,
    )
    claims = (
        Claim(
            [Line("97110", units=2, charge=100_00, on=SEPTEMBER), Line("97012", charge=50_00, on=SEPTEMBER)]
        ),
        Claim([Line("97110", charge=100_00, on=SEPTEMBER, pos="22")], id="A2", patient=2),
        Claim([Line("97110", ("26",), charge=100_00, on=SEPTEMBER)], id="A3", patient=3),
        Claim([Line("97110", charge=100_00, on=SEPTEMBER)], id="A4", patient=4, payer="blue"),
    )
    found = desk.compared("fee_schedule@2026-07-01", "fee_schedule@2026-10-01", *claims)
    office, office_new = 29_06, 30_73  # 0.87 and 0.92 at 33.4009
    hospital, hospital_new = 25_72, 27_39  # 0.77 and 0.82
    assert found.prices == (Price("97110", 2, 2 * office + hospital, 2 * office_new + hospital_new),)
    assert (found.priced_lines, found.old_cents, found.new_cents) == (
        2,
        2 * office + hospital,
        2 * office_new + hospital_new,
    )
    assert found.unpriced_codes == (("97012", 1),)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ptp@2026-07-01", "ptp@2024-07-01", ["no edition", "ptp@2026-07-01", "mue@2024-07-01"]),
        ("ptp@2024-07-01", "ptp@2024-07-01", ["no table that differs", "status"]),
        ("ptp@2024-07-01", "mue@2024-07-01", ["no table that differs"]),
        ("2026-10-01", "2026-10-02", ["no table that differs"]),
        ("yesterday", "2026-10-01", ["yesterday"]),
        ("nothing@2024-07-01", "2026-10-01", ["nothing@2024-07-01"]),
    ],
)
def test_what_cannot_be_compared_is_refused(desk: Desk, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(AnodyneError) as failure:
        desk.compared(old, new, DAY)
    assert not [word for word in words if word not in str(failure.value)], str(failure.value)


def test_standard_input_is_refused_as_claims_are_read_twice(desk: Desk) -> None:
    with pytest.raises(AnodyneError, match="standard input"):
        compare("2024-07-01", "2026-10-01", ["-"], home=desk.home, as_of=AS_OF)


def test_national_prices_of_2024_are_those_known_of_pain_codes() -> None:
    prices = comparing._cents(load().table("fee_schedule"), "cents")
    told = {(code, facility): cents for code, facility, cents in prices.iter_rows()}
    known = {
        "G3002": (82_55, 73_57),
        "G3003": (30_29, 25_63),
        "99214": (128_16, 96_20),
        "20553": (60_58, 41_61),
        "62323": (258_31, 98_53),
        "64493": (177_42, 89_88),
        "64635": (441_39, 191_40),
        "63650": (2273_54, 413_43),
        "22514": (5577_65, 472_02),
    }
    assert {code: (told[code, False], told[code, True]) for code in known} == known
