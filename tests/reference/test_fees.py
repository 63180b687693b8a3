"""National prices: those known of pain codes, by what a day is priced, and what has no price."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.reference import load_files, standings
from anodyne.reference.fees import TABLES, is_facility, national_cents, priced_from
from anodyne.reference.tables import Reference, load
from tests.reference import layouts

DAY = dt.timedelta(days=1)
IN_2024 = dt.date(2024, 9, 30)
IN_2025 = dt.date(2025, 6, 30)
IN_2026 = dt.date(2026, 11, 2)
FIRST = dt.date(2024, 7, 1)
OF_2024 = "fee schedule 2024 July release (RVU24C)"
OF_2025 = "relative values 2025, as of the October release"

KNOWN = {
    "G3002": ((82_55, 73_57), (80_22, 72_13)),
    "G3003": ((30_29, 25_63), (29_44, 24_91)),
    "99213": ((90_87, 65_24), (88_95, 63_72)),
    "99214": ((128_16, 96_20), (125_18, 93_80)),
    "99204": ((167_10, 132_15), (163_35, 129_06)),
    "20552": ((52_59, 36_62), (50_78, 35_26)),
    "20553": ((60_58, 41_61), (58_55, 40_11)),
    "20610": ((65_24, 45_27), (63_40, 43_99)),
    "20611": ((99_53, 58_59), (96_39, 57_25)),
    "27096": ((164_11, 82_22), (159_14, 80_87)),
    "62321": ((262_64, 106_52), (251_01, 103_83)),
    "62323": ((258_31, 98_53), (246_80, 96_07)),
    "64405": ((75_56, 52_59), (73_43, 51_43)),
    "64483": ((246_33, 110_51), (236_13, 107_71)),
    "64484": ((111_18, 50_93), (106_10, 48_84)),
    "64490": ((192_73, 104_52), (186_32, 102_21)),
    "64493": ((177_42, 89_88), (172_08, 88_31)),
    "64494": ((90_87, 50_26), (87_98, 49_17)),
    "64624": ((388_13, 145_13), (370_69, 142_65)),
    "64633": ((437_73, 191_07), (416_95, 186_64)),
    "64635": ((441_39, 191_40), (420_50, 186_64)),
    "64636": ((239_67, 57_92), (226_43, 56_93)),
    "63650": ((2273_54, 413_43), (2127_11, 403_68)),
    "95972": ((56_59, 39_61), (54_99, 38_17)),
    "64615": ((154_45, 123_16), (148_79, 120_01)),
    "22514": ((5577_65, 472_02), (5182_23, 460_94)),
}
"""By code the cents of the second half of 2024 and of 2025: in the office, and in a facility."""


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


def keys(*rows: tuple[str | None, dt.date | None, bool | None]) -> pl.DataFrame:
    schema = {"code": pl.String, "served_on": pl.Date, "facility": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")


def priced(
    reference: Reference, *rows: tuple[str | None, dt.date | None, bool | None]
) -> list[tuple[int | None, str | None]]:
    return national_cents(keys(*rows), reference).select("allowed_cents", "priced_by").rows()


def values(
    folder: Path,
    work: str = "0.50",
    *,
    start: dt.date | None = None,
    year: int = 2026,
) -> Reference:
    """With a made-up fee schedule of October loaded: work, 0.40 in the office or 0.30, and 0.10."""
    content = layouts.rvu(("G3002", "", "A", work, "0.40", "0.30", "0.10", "XXX"), year=year)
    load_files([layouts.written(folder / "values.csv", content)], home=folder / "home", start=start)
    return load(folder / "home")


@pytest.mark.parametrize("code", KNOWN)
def test_the_prices_known_of_pain_codes(reference: Reference, code: str) -> None:
    asked = [(code, day, facility) for day in (IN_2024, IN_2025) for facility in (False, True)]
    (then, then_inside), (now, now_inside) = KNOWN[code]
    assert priced(reference, *asked) == [
        (then, OF_2024),
        (then_inside, OF_2024),
        (now, OF_2025),
        (now_inside, OF_2025),
    ]


def test_many_codes_at_once_are_priced_as_each_alone_and_keep_their_order(reference: Reference) -> None:
    rows = [
        (code, day, facility)
        for facility in (True, False)
        for day in (IN_2025, None, IN_2024)
        for code in (*KNOWN, "ZZZZZ", None)
    ]
    asked = keys(*rows).with_columns(n=pl.int_range(pl.len()), status=pl.lit("kept"))
    found = national_cents(asked, reference)
    assert found.columns == [*asked.columns, "allowed_cents", "priced_by"]
    assert found.select(asked.columns).equals(asked)
    assert found.schema["allowed_cents"] == pl.Int64
    alone = [one for row in rows for one in priced(reference, row)]
    assert found.select("allowed_cents", "priced_by").rows() == alone


def test_a_day_of_2026_has_its_own_factor_and_the_values_of_2025(reference: Reference) -> None:
    office, inside = priced(reference, ("G3002", IN_2026, False), ("G3002", IN_2026, True))
    assert office == (82_83, OF_2025)  # 2.48 at 33.4009
    assert inside == (74_48, OF_2025)  # 2.23


def test_the_year_turns_on_its_first_day(reference: Reference) -> None:
    last = dt.date(2024, 12, 31)
    assert priced(reference, ("G3002", last, False), ("G3002", last + DAY, False)) == [
        (82_55, OF_2024),
        (80_22, OF_2025),
    ]


@pytest.mark.parametrize(
    ("code", "day", "facility"),
    [
        ("G3002", FIRST - DAY, False),
        ("G3002", dt.date(2027, 1, 1), False),
        ("G3002", None, False),
        ("G3002", IN_2025, None),
        ("ZZZZZ", IN_2025, False),
        (None, IN_2025, False),
        ("76942", IN_2025, False),
        ("64999", IN_2024, False),
        ("64999", IN_2025, False),
        ("J3301", IN_2024, True),
        ("J2003", IN_2025, False),
        ("0275T", IN_2024, True),
        ("99417", IN_2024, False),
        ("22526", IN_2025, False),
    ],
    ids=[
        "before the first edition",
        "after the last factor",
        "no day",
        "no place",
        "unknown code",
        "no code",
        "not in the newest edition",
        "priced by the contractor",
        "the same, where no status is given",
        "drug",
        "drug without a status",
        "restricted, without values",
        "not valid for Medicare, with values",
        "not covered, with values",
    ],
)
def test_nothing_known_is_null(
    reference: Reference, code: str | None, day: dt.date | None, facility: bool | None
) -> None:
    assert priced(reference, (code, day, facility)) == [(None, None)]


def test_nothing_asked_nothing_priced(reference: Reference) -> None:
    found = national_cents(keys(), reference)
    assert found.schema == {
        **keys().schema,
        "allowed_cents": pl.Int64,
        "priced_by": pl.String,
    }
    assert found.is_empty()


def test_a_code_newer_than_the_fee_schedule_has_no_status_and_a_price(reference: Reference) -> None:
    assert priced(reference, ("G0556", IN_2025, False)) == [(15_20, OF_2025)]  # 0.47 at 32.3465


def test_half_a_cent_goes_away_from_zero(tmp_path: Path) -> None:
    loaded = values(tmp_path, "9.50", start=dt.date(2025, 1, 1))
    assert priced(loaded, ("G3002", IN_2025, False)) == [
        (323_47, "fee schedule 2025 January release")
    ]  # 323.465


@pytest.mark.parametrize("facility", [False, True])
def test_every_price_is_that_of_exact_decimals(reference: Reference, facility: bool) -> None:
    practice = "pe_fac_hundredths" if facility else "pe_nonfac_hundredths"
    rows = reference.table("relative_values").select("code", "work_hundredths", practice, "mp_hundredths")
    totals = {code: Decimal(sum(parts)) / 100 for code, *parts in rows.iter_rows()}
    found = priced(reference, *((code, IN_2025, facility) for code in totals))
    cent, factor = Decimal("0.01"), Decimal("32.3465")
    exact = [int((total * factor).quantize(cent, ROUND_HALF_UP) * 100) for total in totals.values()]
    assert [cents for cents, _ in found if cents] == [
        whole for whole, (cents, _) in zip(exact, found, strict=True) if cents
    ]
    assert sum(cents is not None for cents, _ in found) > 250


def test_the_newest_edition_of_either_table_prices_a_day(tmp_path: Path) -> None:
    loaded = values(tmp_path)
    day = dt.date(2026, 10, 1)
    assert priced(loaded, ("G3002", day - DAY, False), ("G3002", day, False), ("G3002", day, True)) == [
        (82_83, OF_2025),
        (33_40, "fee schedule 2026 October release"),
        (30_06, "fee schedule 2026 October release"),
    ]
    assert priced(loaded, ("20553", day, False)) == [(None, None)], "it does not hold that code"


def test_of_two_editions_of_one_day_the_fee_schedule_prices(tmp_path: Path) -> None:
    loaded = values(tmp_path, start=dt.date(2025, 1, 1))
    assert priced(loaded, ("G3002", IN_2025, False)) == [(32_35, "fee schedule 2025 January release")]


def test_relative_values_that_are_newer_than_a_fee_schedule_go_before_it(tmp_path: Path) -> None:
    loaded = values(tmp_path, year=2024)
    day = dt.date(2024, 12, 31)
    assert priced(loaded, ("G3002", day, False), ("G3002", day + DAY, False)) == [
        (33_29, "fee schedule 2024 October release"),
        (80_22, OF_2025),
    ]


def test_a_price_follows_the_factor_within_an_edition(tmp_path: Path) -> None:
    loaded = values(tmp_path, start=dt.date(2022, 1, 1))
    raised = dt.date(2024, 3, 9)
    days = [dt.date(2022, 1, 1), dt.date(2023, 1, 1), dt.date(2024, 1, 1), raised - DAY, raised]
    cents = [cents for cents, _ in priced(loaded, *(("G3002", day, False) for day in days))]
    assert cents == [34_61, 33_89, 32_74, 32_74, 33_29]


def test_which_edition_prices_a_day_is_told(reference: Reference, tmp_path: Path) -> None:
    days = (FIRST - DAY, FIRST, dt.date(2025, 1, 1), IN_2026)
    parts = [priced_from(reference, day) for day in days]
    assert [part and part.edition.table for part in parts] == [None, *TABLES, "relative_values"]
    (one,) = (one for one in standings(tmp_path, IN_2026) if one.table == "relative_values")
    assert (one.instead, one.overdue_since) == (None, dt.date(2026, 1, 1))
    values(tmp_path)
    (one,) = (one for one in standings(tmp_path / "home", IN_2026) if one.table == "relative_values")
    assert (one.instead, one.overdue_since) == ("fee schedule", None)


def test_every_day_from_2022_to_2026_has_one_conversion_factor(reference: Reference) -> None:
    rows = reference.table("conversion_factors")
    first, end = dt.date(2022, 1, 1), dt.date(2027, 1, 1)

    def live(kind: str, day: dt.date) -> list[int]:
        told = rows.filter((pl.col("kind") == kind) & (pl.col("from") <= day) & (day < pl.col("until")))
        return told["ten_thousandths"].to_list()

    found = {first + n * DAY: live("general", first + n * DAY) for n in range((end - first).days)}
    assert [day for day, factors in found.items() if len(factors) != 1] == []
    assert live("general", first - DAY) == live("general", end) == live("apm", end) == []
    assert live("apm", end - DAY) == live("apm", dt.date(2026, 1, 1)) == [335_675]
    assert live("apm", dt.date(2025, 12, 31)) == []
    assert rows["kind"].unique().sort().to_list() == ["apm", "general"]


@pytest.mark.parametrize(
    ("day", "factor"),
    [
        (dt.date(2022, 12, 31), 346_062),
        (dt.date(2023, 1, 1), 338_872),
        (dt.date(2024, 1, 1), 327_442),
        (dt.date(2024, 3, 8), 327_442),
        (dt.date(2024, 3, 9), 332_875),
        (dt.date(2024, 12, 31), 332_875),
        (dt.date(2025, 1, 1), 323_465),
        (dt.date(2026, 1, 1), 334_009),
        (dt.date(2026, 12, 31), 334_009),
        (dt.date(2027, 1, 1), None),
    ],
)
def test_the_factor_of_a_day(reference: Reference, day: dt.date, factor: int | None) -> None:
    row = reference.row_in_force("conversion_factors", ("general",), day)
    assert (row[0] if row else None) == factor


def test_the_factor_that_the_fee_schedule_gives_is_that_of_its_days(reference: Reference) -> None:
    for edition in reference.editions("fee_schedule"):
        given = reference.table("fee_schedule")["conversion_ten_thousandths"].unique().to_list()
        assert given == [*(reference.row_in_force("conversion_factors", ("general",), edition.start) or ())]


@pytest.mark.parametrize(
    ("pos", "day", "facility"),
    [
        *((pos, IN_2025, True) for pos in ("02", "19", "21", "22", "23", "24", "26", "31", "34", "52", "61")),
        *((pos, IN_2025, False) for pos in ("10", "11", "12", "20", "32", "49", "50", "72", "81", "99")),
        ("02", dt.date(2023, 12, 31), None),
        ("10", dt.date(2023, 12, 31), None),
        ("02", dt.date(2024, 1, 1), True),
        ("10", dt.date(2024, 1, 1), False),
        ("98", IN_2025, None),
        (None, IN_2025, None),
        ("11", None, None),
    ],
)
def test_places_and_the_amount_that_is_paid_there(
    reference: Reference, pos: str | None, day: dt.date | None, facility: bool | None
) -> None:
    places = pl.DataFrame({"pos": [pos], "served_on": [day]}, schema={"pos": pl.String, "served_on": pl.Date})
    assert is_facility(places, reference).to_list() == [facility]


def test_a_place_of_a_setting_that_is_a_facility_is_paid_as_one(reference: Reference) -> None:
    settings = reference.table("place_settings").select("pos", "setting")
    paid = reference.table("payment_places").select("pos", "facility").join(settings, on="pos")
    outside = {"telehealth", "health_centre", "rural_clinic"}
    assert paid.filter(~pl.col("facility"), ~pl.col("setting").is_in(outside)).is_empty()
    assert paid.filter("facility", pl.col("setting").is_in(outside))["pos"].to_list() == ["02"]
