"""What Medicare pays in a locality: golden values, how the locality is known, and where it is not."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anodyne.app.reference import load_files
from anodyne.app.remit_localities import localities_named
from anodyne.denials.downcode import downcodes
from anodyne.denials.expected import expected
from anodyne.denials.rates import Terms
from anodyne.kernel.errors import BadRequest
from anodyne.reference.tables import Reference, load
from tests.denials.paid import DAY, Claim, Line, commercial, contracts, remittance
from tests.reference import layouts
from tests.reference.test_fees import IN_2024, IN_2025, KNOWN, OF_2025

OHIO, ALASKA, SAINT_LOUIS, KANSAS_CITY = ("15202", "00"), ("02102", "01"), ("05302", "01"), ("05302", "02")
WASHINGTON, VIRGINIA, MIAMI, HAWAII = ("12202", "01"), ("11302", "00"), ("09102", "04"), ("01212", "01")
INDICES = {
    OHIO: ("OH", "1.000", "0.911", "1.033"),
    ALASKA: ("AK", "1.500", "1.081", "0.592"),
    SAINT_LOUIS: ("MO", "1.000", "0.952", "0.994"),
    KANSAS_CITY: ("MO", "1.000", "0.948", "0.992"),
    ("05302", "99"): ("MO", "1.000", "0.859", "0.974"),
    WASHINGTON: ("DC", "1.057", "1.192", "1.168"),
    VIRGINIA: ("VA", "1.002", "0.984", "0.755"),
    ("12302", "01"): ("MD", "1.020", "1.078", "1.309"),
    ("12302", "99"): ("MD", "1.012", "1.016", "0.973"),
    MIAMI: ("FL", "1.000", "1.027", "2.500"),
    ("09102", "99"): ("FL", "1.000", "0.940", "1.467"),
    HAWAII: ("HI", "1.000", "1.149", "0.561"),
}
"""State and indices, as published for 2024 and again for 2025: work with its floor, practice, malpractice."""

GOLDEN = {
    OHIO: {
        "99214": (123_01, 93_90, 120_16, 91_58),
        "64483": (230_76, 107_04, 221_22, 104_23),
        "64493": (166_74, 86_99, 161_78, 85_45),
        "64635": (413_24, 185_50, 393_78, 180_73),
        "G3002": (79_95, 71_76, 77_77, 70_40),
    },
    ALASKA: {
        "99214": (163_04, 128_49, 158_97, 125_05),
        "64483": (289_85, 143_04, 278_48, 139_66),
        "62323": (301_41, 128_69, 288_50, 125_56),
        "63650": (2544_07, 533_30, 2383_34, 520_32),
    },
    SAINT_LOUIS: {
        "99214": (125_27, 94_85, 122_36, 92_49),
        "64635": (425_96, 187_97, 405_87, 183_23),
        "G3002": (81_06, 72_50, 78_80, 71_10),
    },
    WASHINGTON: {"64483": (284_94, 123_05, 273_05, 119_97), "64493": (204_54, 100_18, 198_36, 98_50)},
    MIAMI: {"62323": (272_49, 108_40, 260_00, 105_19), "63650": (2368_70, 458_37, 2217_36, 447_41)},
    HAWAII: {"99214": (134_99, 98_27, 131_73, 95_68), "64635": (484_43, 197_19, 461_64, 192_93)},
}
"""By locality and code the cents of the second half of 2024, office and facility, and of 2025, worked out by
hand from the published values and indices, half a cent going up."""


def loaded(folder: Path, *years: int, indices: Any = None) -> Reference:
    """The built-in tables and the indices of `years`, of those given or of INDICES."""
    given = INDICES if indices is None else indices
    rows = [(mac, state, number, *parts) for (mac, number), (state, *parts) in given.items()]
    for year in years:
        content = layouts.commas(layouts.gpci(*rows, year=year))
        load_files([layouts.written(folder / f"GPCI{year}.csv", content)], home=folder / "home")
    return load(folder / "home")


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    return loaded(tmp_path_factory.mktemp("indices"), 2024, 2025)


def line(state: str | None = None, code: str = "99214", **more: Any) -> Line:
    """A line whose claim was sent for `state`; without one no claim is known."""
    known = {"sent_state": state, **more.pop("sent", {})} if state is not None else None
    return Line(code, 1_00, charge=more.pop("charge", 900_000), sent=known, **more)


def rows(reference: Reference, *lines: Line, told: Sequence[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    said, sent = remittance(*(Claim([one]) for one in lines))
    return expected(said, Terms(localities=tuple(told)), reference, sent).to_dicts()


def cents(
    reference: Reference, *lines: Line, told: Sequence[tuple[str, str]] = ()
) -> list[tuple[int | None, bool | None]]:
    """What Medicare should allow, and whether that is sure."""
    return [(row["expected_cents"], row["sure"]) for row in rows(reference, *lines, told=told)]


# --- golden values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locality", GOLDEN, ids="-".join)
def test_the_golden_values_of_a_locality_that_is_told(
    reference: Reference, locality: tuple[str, str]
) -> None:
    wanted = GOLDEN[locality]
    claims = [
        Claim([line(code=code, day=day)], pos=pos)
        for code in wanted
        for day in (IN_2024, IN_2025)
        for pos in ("11", "24")
    ]
    said, sent = remittance(*claims)
    frame = expected(said, Terms(localities=(locality,)), reference, sent)
    assert frame["expected_cents"].to_list() == [price for code in wanted for price in wanted[code]]
    assert frame["sure"].all()


@pytest.mark.parametrize(
    ("state", "locality"), [("OH", OHIO), ("AK", ALASKA), ("HI", HAWAII), ("DC", WASHINGTON)]
)
def test_the_golden_values_of_a_state_with_one_locality(
    reference: Reference, state: str, locality: tuple[str, str]
) -> None:
    wanted = GOLDEN[locality]
    claims = [
        Claim([line(state, code, day=day)], pos=pos)
        for code in wanted
        for day in (IN_2024, IN_2025)
        for pos in ("11", "24")
    ]
    said, sent = remittance(*claims)
    frame = expected(said, Terms(), reference, sent)
    assert frame["expected_cents"].to_list() == [price for code in wanted for price in wanted[code]]
    assert frame["sure"].all()


@pytest.mark.parametrize("code", KNOWN)
def test_without_a_locality_prices_stay_national(reference: Reference, code: str) -> None:
    claims = [
        Claim([line(code=code, day=day)], pos=pos) for day in (IN_2024, IN_2025) for pos in ("11", "24")
    ]
    said, sent = remittance(*claims)
    frame = expected(said, Terms(), reference, sent)
    assert frame["expected_cents"].to_list() == [price for year in KNOWN[code] for price in year]
    assert not frame["sure"].any()


# --- how it is known ----------------------------------------------------------------------------------------


def test_the_arithmetic_says_which_locality_and_how_it_is_known(reference: Reference) -> None:
    (told,) = rows(reference, line(), told=[SAINT_LOUIS])
    (step,) = told["steps"]
    books, _, arithmetic = step.partition(": ")
    assert books == f"{OF_2025}, GPCI 2025 of locality 05302-01 (told by the practice)"
    assert arithmetic == "RVU (1.92 × 1.000 + 1.80 × 0.952 + 0.15 × 0.994) × 32.3465 = 122.36"
    (claim,) = rows(reference, line("AK", "64483"))
    (step,) = claim["steps"]
    books, _, arithmetic = step.partition(": ")
    assert books == f"{OF_2025}, GPCI 2025 of locality 02102-01 (the only one of AK, by the claim)"
    assert arithmetic == "RVU (1.90 × 1.500 + 5.24 × 1.081 + 0.16 × 0.592) × 32.3465 = 278.48"
    (national,) = rows(reference, line("MO"))
    assert national["steps"] == [f"{OF_2025}: RVU 1.92 + 1.80 + 0.15 = 3.87 × 32.3465 = 125.18"]


@pytest.mark.parametrize("state", ["MO", "FL", "MD", "XX", "", "ON", None])
def test_a_state_of_several_localities_or_none_is_not_guessed(
    reference: Reference, state: str | None
) -> None:
    assert cents(reference, line(state)) == [(125_18, False)]


def test_a_claim_without_a_state_is_priced_nationally(reference: Reference) -> None:
    assert cents(reference, line("OH", sent={"sent_state": None})) == [(125_18, False)]


def test_a_state_is_known_however_it_is_written(reference: Reference) -> None:
    assert cents(reference, line(" oh ")) == [(120_16, True)]


def test_the_suburbs_of_washington_are_not_taken_for_virginia(reference: Reference) -> None:
    assert cents(reference, line("VA")) == [(125_18, False)]
    assert cents(reference, line("VA"), told=[WASHINGTON]) == [(140_72, True)]
    assert cents(reference, line("VA"), told=[VIRGINIA]) == [(123_18, True)]
    assert cents(reference, line("MD"), told=[WASHINGTON]) == [(140_72, True)]


def test_guam_is_priced_as_hawaii(reference: Reference) -> None:
    assert cents(reference, line("GU")) == [(131_73, True)]


def test_lines_of_one_run_are_in_different_localities(reference: Reference) -> None:
    states = ["OH", "AK", "MO", None, "OH"]
    assert cents(reference, *map(line, states)) == [
        (120_16, True), (158_97, True), (125_18, False), (125_18, False), (120_16, True),
    ]  # fmt: skip


def test_what_the_practice_told_decides_between_the_localities_of_a_state(reference: Reference) -> None:
    told = [SAINT_LOUIS, MIAMI]
    assert cents(reference, line("MO"), line("FL"), told=told) == [(122_36, True), (134_03, True)]
    # With two places told, nothing says in which of them a line without a claim was.
    assert cents(reference, line(), told=told) == [(125_18, False)]
    assert cents(reference, line("MO"), told=[SAINT_LOUIS, KANSAS_CITY]) == [(125_18, False)]


def test_a_claim_for_another_state_is_not_priced_where_the_practice_told(reference: Reference) -> None:
    told = [SAINT_LOUIS]
    assert cents(reference, line("OH"), line("FL"), line("XX"), line(), told=told) == [
        (120_16, True), (125_18, False), (125_18, False), (122_36, True),
    ]  # fmt: skip


def test_a_likely_claim_gives_the_price_and_is_not_sure(reference: Reference) -> None:
    likely = line("OH", sent={"sent_certain": False})
    assert cents(reference, likely) == [(120_16, False)]
    assert cents(reference, likely, told=[OHIO]) == [(120_16, True)]


# --- days and editions --------------------------------------------------------------------------------------


def test_without_an_edition_prices_are_national() -> None:
    assert cents(load(), line("OH"), line(), told=[OHIO]) == [(125_18, False)] * 2


def test_before_the_oldest_edition_prices_are_national(tmp_path: Path) -> None:
    tables = loaded(tmp_path, 2025)
    days = [dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
    lines = [line("OH", day=day) for day in days]
    assert cents(tables, *lines) == [(128_16, False), (120_16, True)]
    assert cents(tables, *(line(day=day) for day in days), told=[OHIO]) == [(128_16, False), (120_16, True)]


def test_a_line_without_a_day_has_no_price(reference: Reference) -> None:
    assert cents(reference, line("OH", day=None), told=[OHIO]) == [(None, False)]


def test_the_day_picks_the_edition_and_the_localities_of_the_state(tmp_path: Path) -> None:
    loaded(tmp_path, 2024, indices={OHIO: ("OH", "1.000", "0.900", "1.000")})
    split = {OHIO: ("OH", "1.000", "1.100", "1.000"), ("15202", "01"): ("OH", "1.000", "1.000", "1.000")}
    tables = loaded(tmp_path, 2025, indices=split)
    days = [dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
    early = ((192_000 + 179 * 900 + 14_000) * 332_875 + 5_000_000) // 10_000_000
    assert cents(tables, *(line("OH", day=day) for day in days)) == [(early, True), (125_18, False)]
    late = ((192_000 + 180 * 1100 + 15_000) * 323_465 + 5_000_000) // 10_000_000
    assert cents(tables, *(line("OH", day=day) for day in days), told=[OHIO]) == [(early, True), (late, True)]
    # The locality that begins in 2025 is told of nobody's line of 2024.
    later = [("15202", "01")]
    assert cents(tables, *(line("OH", day=day) for day in days), told=later) == [
        (early, True), (125_18, True),
    ]  # fmt: skip


def test_indices_of_another_year_are_not_sure(tmp_path: Path) -> None:
    tables = loaded(tmp_path, 2024)
    assert cents(tables, line("OH"), line(), told=[OHIO]) == [(120_16, False)] * 2


def test_many_lines_are_priced_as_one_is(reference: Reference) -> None:
    states = ["OH", "AK", "HI", "MO", "DC", "VA", None, "GU"]
    lines = [
        line(state, code, day=day)
        for state in states
        for code in ("99214", "64483")
        for day in (IN_2024, DAY)
    ]
    alone = [cents(reference, one)[0] for one in lines]
    assert cents(reference, *lines) == alone


# --- contracts and payers held to a price -------------------------------------------------------------------


def test_a_share_of_medicare_is_of_its_price_in_the_locality(reference: Reference) -> None:
    rates = contracts(("99214", "110 %", None))
    claims = [commercial(line(state)) for state in ("AK", "MO")]
    said, sent = remittance(*claims)
    frame = expected(said, Terms(contracts=rates), reference, sent)
    assert frame["expected_cents"].to_list() == [174_87, 137_70]
    assert frame["sure"].to_list() == [True, False]
    assert frame["steps"][0].to_list()[1:] == [
        "contract of 60054 from 2024-07-01: 110 % of Medicare = 174.87"
    ]


def test_an_amount_in_a_contract_has_no_locality(reference: Reference) -> None:
    said, sent = remittance(commercial(line("AK")))
    frame = expected(said, Terms(contracts=contracts(("99214", 150_00, None))), reference, sent)
    assert frame["expected_cents"].to_list() == [150_00]
    assert frame["sure"].all()


@pytest.mark.parametrize(("state", "found"), [("AK", [(33_79, True)]), ("MO", []), ("VA", [])])
def test_a_payer_is_held_to_the_price_of_a_locality_that_is_known(
    reference: Reference, state: str, found: list[tuple[int, bool]]
) -> None:
    """125.18 is the national price: in Alaska it is 33.79 too little, elsewhere nothing says that it is."""
    said, sent = remittance(Claim([Line("99214", 125_18, charge=900_00, sent={"sent_state": state})]))
    rows = downcodes(said, Terms(), reference, sent)
    assert rows.select("difference_cents", "sure").rows() == found


def test_a_lower_code_is_known_by_its_price_in_the_locality(reference: Reference) -> None:
    (level_3,) = cents(reference, line("AK", "99213"))
    assert level_3[0] == 112_20
    lowered = Line("99214", 112_20, charge=900_00, sent={"sent_state": "AK"})
    said, sent = remittance(Claim([lowered]))
    (row,) = downcodes(said, Terms(), reference, sent).to_dicts()
    assert (row["kind"], row["to"], row["difference_cents"]) == ("priced_down", "99213", 158_97 - 112_20)


def test_participants_of_alternative_models_are_priced_in_a_locality_too(tmp_path: Path) -> None:
    tables = loaded(tmp_path, 2025, 2026)
    for day, price in ((DAY, 77_77), (dt.date(2026, 3, 1), 80_70)):
        said, sent = remittance(Claim([line("OH", "G3002", day=day)]))
        frame = expected(said, Terms(apm=True), tables, sent)
        assert frame["expected_cents"].to_list() == [price]


# --- as the practice names them -----------------------------------------------------------------------------


def test_localities_are_named_by_contractor_and_number(reference: Reference) -> None:
    assert localities_named(["05302-01", " 15202-00", "05302-01"], reference) == (SAINT_LOUIS, OHIO)
    assert localities_named([], load()) == ()


@pytest.mark.parametrize(
    "name", ["", "05302", "05302-1", "0530201", "5302-01", "05302-001", "MO-01", "٠5302-01"]
)
def test_a_locality_written_otherwise_is_refused(reference: Reference, name: str) -> None:
    with pytest.raises(BadRequest, match=r"as 05302-01"):
        localities_named([name], reference)


def test_a_locality_of_no_table_is_refused_with_those_that_there_are(reference: Reference) -> None:
    with pytest.raises(BadRequest) as refused:
        localities_named(["05302-00"], reference)
    assert "05302-00 is no locality" in str(refused.value)
    assert "05302 has 05302-01 (MO), 05302-02 (MO), 05302-99 (MO)" in str(refused.value)
    with pytest.raises(BadRequest, match="no locality has the contractor 99999"):
        localities_named(["99999-00"], reference)


def test_without_a_table_the_way_to_load_one_is_told() -> None:
    with pytest.raises(BadRequest, match=r"anodyne reference load GPCI2026\.csv"):
        localities_named(["05302-01"], load())


def test_states_beyond_a_localitys_own_are_known_of_every_day(reference: Reference) -> None:
    table = reference.table("locality_states")
    assert table.select("state", "home").rows() == [("GU", "HI"), ("MD", "DC"), ("VA", "DC")]
    assert table["from"].null_count() == len(table)
    assert table.filter(pl.col("state") == pl.col("home")).is_empty()
