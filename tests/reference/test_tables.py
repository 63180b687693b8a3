"""The tables as loaded, and what is in force on a day."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anodyne.kernel.errors import BadReference
from anodyne.reference.editions import MANIFEST, write_edition
from anodyne.reference.shapes import DATED, EDITIONS
from anodyne.reference.sources import sources
from anodyne.reference.tables import DATA, Reference, in_force, load, matches_in_force, pairs_in_force

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load()


def keys(code: str, *days: dt.date | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"code": [code] * len(days), "served_on": days}, schema={"code": pl.String, "served_on": pl.Date}
    )


def pairs(first: str | None, second: str | None, day: dt.date | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"code_1": [first], "code_2": [second], "served_on": [day]},
        schema={"code_1": pl.String, "code_2": pl.String, "served_on": pl.Date},
    )


BUILT_IN = sorted({path.parent.parent.name for path in DATA.glob(f"editions/*/*/{MANIFEST}")})


@pytest.mark.parametrize("name", [*BUILT_IN, *DATED])
def test_every_table_loads_and_has_rows(reference: Reference, name: str) -> None:
    assert reference.table(name).height > 0


@pytest.mark.parametrize("name", [*EDITIONS, *DATED])
def test_no_key_has_two_rows_on_any_edge_day(reference: Reference, name: str) -> None:
    rows = reference.table(name)
    key = ["pair"] if name == "ptp" else list((EDITIONS.get(name) or DATED[name]).key)
    starts = set(rows["from"].drop_nulls().to_list())
    ends = set(rows["until"].drop_nulls().to_list())
    for edge in sorted(starts | ends):
        for day in (edge - DAY, edge):
            live = rows.filter(
                (pl.col("from").is_null() | (pl.col("from") <= day))
                & (pl.col("until").is_null() | (pl.col("until") > day))
            )
            assert live.select(key).is_duplicated().sum() == 0, (name, day)


@pytest.mark.parametrize("name", BUILT_IN)
def test_editions_are_sorted_by_their_key(reference: Reference, name: str) -> None:
    first = "pair" if name == "ptp" else EDITIONS[name].key[0]
    assert all(part.rows[first].is_sorted() for part in reference.parts[name])


@pytest.mark.parametrize("name", DATED)
def test_every_cite_of_a_hand_kept_table_resolves(reference: Reference, name: str) -> None:
    assert set(reference.table(name)["cite"]) <= set(sources())


@pytest.mark.parametrize("name", EDITIONS)
def test_every_edition_names_a_source(reference: Reference, name: str) -> None:
    assert all(edition.source in sources() for edition in reference.editions(name))


def test_an_unknown_table_is_refused(reference: Reference) -> None:
    with pytest.raises(BadReference, match="no table nonsense"):
        reference.table("nonsense")
    with pytest.raises(BadReference, match="no table nonsense"):
        in_force(keys("20553", dt.date(2026, 1, 1)), reference, "nonsense")


def test_a_row_is_in_force_from_its_first_day_until_the_day_before_the_next(reference: Reference) -> None:
    edge = dt.date(2023, 1, 1)
    found = in_force(keys("64445", edge - DAY, edge, edge + DAY), reference, "code_traits")
    assert found["imaging"].to_list() == [None, "inside", "inside"]
    assert found["group"].to_list() == ["peripheral_block"] * 3


def test_the_last_day_of_a_code_is_the_day_before_until(reference: Reference) -> None:
    edge = dt.date(2024, 4, 1)
    asked = keys("J1030", edge - DAY, edge, edge + DAY).with_columns(system=pl.lit("hcpcs"))
    assert in_force(asked, reference, "code_life")["successors"].to_list() == ["J1010", None, None]


def test_an_open_start_reaches_back_without_end(reference: Reference) -> None:
    asked = keys("99201", dt.date(1999, 1, 1), dt.date(2021, 1, 1)).with_columns(system=pl.lit("hcpcs"))
    assert in_force(asked, reference, "code_life")["successors"].to_list() == ["99202", None]


def test_no_day_no_code_and_an_unknown_code_find_nothing(reference: Reference) -> None:
    asked = pl.concat([keys("20553", None), keys("ZZZZZ", dt.date(2026, 1, 1))])
    asked = pl.concat(
        [asked, pl.DataFrame({"code": [None], "served_on": [dt.date(2026, 1, 1)]}, schema=asked.schema)]
    )
    found = in_force(asked, reference, "mue")
    assert found["mue"].to_list() == [None, None, None]
    assert found.select(asked.columns).equals(asked)


def test_rows_keep_their_order_and_other_columns(reference: Reference) -> None:
    day = dt.date(2026, 1, 1)
    asked = pl.DataFrame({"line_key": [3, 1, 2], "code": ["G3003", "XXXXX", "G3002"], "served_on": [day] * 3})
    found = in_force(asked, reference, "mue")
    assert found.rows() == [
        (3, "G3003", day, 4, 3),
        (1, "XXXXX", day, None, None),
        (2, "G3002", day, 1, 2),
    ]


def test_a_day_before_the_oldest_edition_has_no_row_and_after_the_newest_the_newest(tmp_path: Path) -> None:
    oldest, newest = dt.date(2024, 7, 1), dt.date(2025, 1, 1)
    write_edition(
        pl.DataFrame({"code": ["G3002"], "mue": [3], "mai": [2]}, schema=EDITIONS["mue"].columns),
        tmp_path / "reference",
        table="mue",
        start=newest,
        publisher="made up",
        period="test",
        source="ncci-mue-2024q3",
        whole=False,
        expect_next=None,
    )
    reference = load(tmp_path)
    assert (reference.oldest("mue"), reference.newest("mue")) == (oldest, newest)
    asked = keys("G3002", oldest - DAY, oldest, newest - DAY, newest, dt.date(2030, 1, 1))
    assert in_force(asked, reference, "mue")["mue"].to_list() == [None, 1, 1, 3, 3]


def test_another_day_column_may_be_named(reference: Reference) -> None:
    asked = keys("G3002", dt.date(2026, 1, 1)).rename({"served_on": "received_on"})
    assert in_force(asked, reference, "mue", on="received_on")["mue"].to_list() == [1]


def test_matches_give_one_row_for_each_row_of_the_table(reference: Reference) -> None:
    asked = pl.DataFrame({"line_key": [1], "add_on": ["22512"], "served_on": [dt.date(2026, 1, 1)]})
    found = matches_in_force(asked, reference, "add_on", by=["add_on"])
    assert found.rows() == [
        (1, "22512", dt.date(2026, 1, 1), "22510", 1),
        (1, "22512", dt.date(2026, 1, 1), "22511", 1),
    ]


def test_overdue_names_what_should_have_come(reference: Reference) -> None:
    assert [e.table for e in reference.overdue(dt.date(2024, 9, 30))] == []
    assert [e.table for e in reference.overdue(dt.date(2024, 10, 1))] == [
        "add_on",
        "fee_schedule",
        "mue",
        "ptp",
    ]


def test_hand_kept_tables_have_no_editions_but_a_first_day(reference: Reference) -> None:
    assert reference.editions("drugs") == ()
    assert reference.newest("drugs") is None
    assert reference.oldest("drugs") == dt.date(2023, 1, 1)


def test_the_codes_that_some_table_knows_are_told_once(reference: Reference) -> None:
    asked = pl.Series("code", ["J7331", "20553", "12345", "G2058", None, "99350", "20553"])
    assert reference.known(asked).to_list() == ["20553", "99350", "G2058", "J7331"]
    assert reference.known(asked.clear()).to_list() == []


@pytest.mark.parametrize(
    ("first", "second", "indicator"),
    [
        ("20553", "20552", 0),
        ("20552", "20553", None),
        ("64451", "64493", 0),
        ("62323", "64483", 1),
        ("20610", "76942", 1),
        ("62323", "20553", None),
        ("G3002", "99213", None),
        (None, "20553", None),
        ("20553", None, None),
        ("", "20552", None),
        ("020553", "20552", None),
        ("ZZZZZ", "ZZZZZ", None),
        ("00000", "00000", None),
    ],
)
def test_a_pair_in_force(reference: Reference, first: str | None, second: str | None, indicator: int) -> None:
    found = pairs_in_force(pairs(first, second, dt.date(2026, 1, 1)), reference)
    assert found["indicator"].to_list() == [indicator]
    assert found["indicator"].dtype == pl.Int8


def test_a_pair_has_a_first_day_and_needs_a_day(reference: Reference) -> None:
    edge = dt.date(2024, 7, 1)
    asked = pl.concat(pairs("20553", "20552", day) for day in (edge - DAY, edge, None))
    assert pairs_in_force(asked, reference)["indicator"].to_list() == [None, 0, None]


def test_no_pairs_asked_none_found(reference: Reference) -> None:
    assert pairs_in_force(pairs("20553", "20552", None).clear(), reference).height == 0


def test_every_pair_of_the_pack_is_found_and_its_neighbours_are_not(reference: Reference) -> None:
    (part,) = reference.parts["ptp"]
    assert bool(np.all(np.diff(part.pairs.numbers // 10) > 0))
    assert set((part.pairs.numbers % 10).tolist()) == {0, 1}
