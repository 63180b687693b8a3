"""Editions on disk: written, read back, refused when they do not hold together."""

import datetime as dt
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anodyne.kernel.errors import BadReference
from anodyne.reference.editions import (
    ARRAY,
    CSV,
    MANIFEST,
    checksum,
    read_manifest,
    read_pairs,
    write_edition,
)
from anodyne.reference.pairs import pair_of
from anodyne.reference.shapes import EDITIONS
from anodyne.reference.tables import DATA, in_force, load, pairs_in_force

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "reference"
FULL = CORPUS / "ncci_ptp_practitioner_2024q3.csv.gz"
OCTOBER = dt.date(2026, 10, 1)


def table(name: str, *rows: tuple[object, ...]) -> pl.DataFrame:
    shape = EDITIONS[name]
    undated = [(*row, *[None] * (len(shape.stored) - len(row))) for row in rows]
    return pl.DataFrame(undated, schema=shape.stored, orient="row")


def put(home: Path, name: str, rows: pl.DataFrame, *, start: dt.date = OCTOBER, mapped: bool = False) -> Path:
    source = "ncci-ptp-2024q3" if name == "ptp" else "ncci-mue-2024q3"
    write_edition(
        rows,
        home / "reference",
        table=name,
        start=start,
        publisher="CMS",
        period="test",
        source=source,
        whole=True,
        expect_next=dt.date(2027, 1, 1),
        mapped=mapped,
    )
    return home / "reference" / name / str(start)


def asked(day: dt.date) -> pl.DataFrame:
    return pl.DataFrame({"code": ["20553"], "code_1": ["20553"], "code_2": ["20552"], "served_on": [day]})


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in DATA.glob(f"editions/*/*/{MANIFEST}")), ids=str
)
def test_the_pack_has_the_checksums_that_it_declares(folder: Path) -> None:
    assert checksum(folder) == read_manifest(folder / MANIFEST).sha256


def test_two_editions_and_the_day_picks(tmp_path: Path) -> None:
    put(tmp_path, "mue", table("mue", ("20553", 7, 3)))
    reference = load(tmp_path)
    assert [e.start for e in reference.editions("mue")] == [dt.date(2024, 7, 1), OCTOBER]
    day_before = OCTOBER - dt.timedelta(days=1)
    assert in_force(asked(day_before), reference, "mue")["mue"].to_list() == [1]
    assert in_force(asked(OCTOBER), reference, "mue")["mue"].to_list() == [7]
    assert in_force(asked(dt.date(2030, 1, 1)), reference, "mue")["mue"].to_list() == [7]


def test_an_edition_at_home_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    put(tmp_path, "mue", table("mue", ("20553", 7, 3)), start=dt.date(2024, 7, 1))
    reference = load(tmp_path)
    assert [e.whole for e in reference.editions("mue")] == [True]
    assert in_force(asked(OCTOBER), reference, "mue")["mue"].to_list() == [7]


@pytest.mark.parametrize("mapped", [False, True])
def test_pairs_of_a_later_edition_end_the_earlier_ones(tmp_path: Path, mapped: bool) -> None:
    put(tmp_path, "ptp", table("ptp", ("20552", "20551", 1)), mapped=mapped)
    reference = load(tmp_path)
    day_before = OCTOBER - dt.timedelta(days=1)
    assert pairs_in_force(asked(day_before), reference)["indicator"].to_list() == [0]
    assert pairs_in_force(asked(OCTOBER), reference)["indicator"].to_list() == [None]
    assert reference.table("ptp").filter(pl.col("from") == OCTOBER)["indicator"].to_list() == [1]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = table("ptp", ("20553", "20552", 0), ("20552", "20551", 1))
    for mapped in (False, True):
        one, two = tmp_path / f"one{mapped}", tmp_path / f"two{mapped}"
        first, second = put(one, "ptp", rows, mapped=mapped), put(two, "ptp", rows, mapped=mapped)
        assert (first / MANIFEST).read_bytes() == (second / MANIFEST).read_bytes()
        assert checksum(first) == checksum(second)


def test_a_mapped_table_and_a_csv_say_the_same(tmp_path: Path) -> None:
    rows = table("ptp", ("20553", "20552", 0), ("0213T", "J3301", 9), ("20552", "20551", 1))
    one = put(tmp_path / "one", "ptp", rows, mapped=False)
    two = put(tmp_path / "two", "ptp", rows, mapped=True)
    read = [read_pairs(folder, read_manifest(folder / MANIFEST)) for folder in (one, two)]
    assert read[0].frame().equals(read[1].frame())
    assert read[0].numbers.tolist() == sorted(read[0].numbers.tolist())


def test_pair_of_sorts_as_the_codes_do_and_needs_five_characters() -> None:
    codes = ["00100", "0213T", "20553", "99999", "A0021", "G3002", "V5364"]
    both = pl.DataFrame([(a, b) for a in codes for b in codes], schema=["a", "b"], orient="row")
    numbers = both.select(pair_of(pl.col("a"), pl.col("b"))).to_series()
    assert numbers.is_sorted()
    assert numbers.n_unique() == len(codes) ** 2
    odd = pl.DataFrame({"a": ["2055", "205533", "", None], "b": ["20552"] * 4})
    assert odd.select(pair_of(pl.col("a"), pl.col("b"))).to_series().to_list() == [None] * 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows = 1", 'rows = "many"'),
        ("rows = 1", "rows = true"),
        ("whole = true", "whole = 1"),
        ("start = 2026-10-01", 'start = "2026-10-01"'),
        ("expect_next = 2027-01-01", "expect_next = 2027"),
        ('publisher = "CMS"', "publisher = 1"),
        ('publisher = "CMS"', 'publisher = "CMS"\nmissing = [1]'),
        ('publisher = "CMS"', 'publisher = "CMS"\nmissing = 1'),
    ],
)
def test_a_manifest_with_a_value_of_another_kind_is_named(tmp_path: Path, old: str, new: str) -> None:
    folder = put(tmp_path, "mue", table("mue", ("20553", 7, 3)))
    text = (folder / MANIFEST).read_text()
    assert old in text
    (folder / MANIFEST).write_text(text.replace(old, new))
    with pytest.raises(BadReference, match=MANIFEST):
        load(tmp_path)


def broken(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (MANIFEST, "rows = 1", "rows = 2", "1 rows where 2 are declared"),
        (MANIFEST, 'source = "ncci-mue-2024q3"', 'source = "nowhere"', "no source nowhere"),
        (MANIFEST, 'period = "test"', 'period = "test"\nshape = "round"', "not a manifest"),
        (MANIFEST, 'period = "test"\n', "", "not a manifest"),
        (MANIFEST, 'table = "mue"', 'table = "moo"', "no table moo"),
        (MANIFEST, 'table = "mue"', 'table = "add_on"', "add_on of 2026-10-01"),
        (MANIFEST, "start = 2026-10-01", "start = 2026-10-02", "mue of 2026-10-02"),
        (MANIFEST, "start = 2026-10-01", "start = =", "not a manifest"),
        (CSV, "code,mue,mai", "code,mue,mai,why", "columns"),
        (CSV, "code,mue,mai", "mue,code,mai", "columns"),
        (CSV, "20553,7,3", "20553,seven,3", "wrong type"),
    ],
)
def test_an_edition_that_does_not_hold_together_is_refused(
    tmp_path: Path, name: str, old: str, new: str, says: str
) -> None:
    broken(put(tmp_path, "mue", table("mue", ("20553", 7, 3))), name, old, new)
    with pytest.raises(BadReference, match=says):
        load(tmp_path).table("mue")


def test_an_edition_with_no_rows_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "mue", table("mue"))
    with pytest.raises(BadReference, match="0 rows"):
        load(tmp_path).table("mue")


def test_a_mapped_table_of_another_kind_is_refused(tmp_path: Path) -> None:
    folder = put(tmp_path, "ptp", table("ptp", ("20553", "20552", 0)), mapped=True)
    np.save(folder / ARRAY, np.array([1.5]))
    with pytest.raises(BadReference, match="not the number of pairs"):
        load(tmp_path).table("ptp")


@pytest.mark.corpus
@pytest.mark.skipif(not FULL.exists(), reason="did not run: no ../shared/corpus/reference beside the project")
def test_the_whole_table_of_pairs_answers_at_once(tmp_path: Path) -> None:
    rows = (
        pl.read_csv(FULL, infer_schema=False)
        .filter(pl.col("deletion") == "9999-12-31")
        .select(
            col1="column1",
            col2="column2",
            indicator=pl.col("modifier").cast(pl.Int8),
            **{"from": pl.lit(None, pl.Date), "until": pl.lit(None, pl.Date)},
        )
        .unique()
    )
    put(tmp_path, "ptp", rows, mapped=True)
    begun = time.perf_counter()
    reference = load(tmp_path)
    loaded = time.perf_counter() - begun
    sample = rows.sample(12_000, seed=1, with_replacement=True)
    pairs = sample.select(code_1="col1", code_2="col2", served_on=pl.lit(OCTOBER))
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        found = pairs_in_force(pairs, reference)
        times.append(time.perf_counter() - begun)
        assert found["indicator"].to_list() == sample["indicator"].to_list()
    looked_up = min(times)
    assert loaded < 1, f"loading took {loaded:.3f} s"
    assert looked_up < 0.1, f"12,000 look-ups took {looked_up:.3f} s"
