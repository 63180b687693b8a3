"""The whole national tables, in the publishers' layouts: loaded in time, and asked at no cost."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from anodyne.app.reference import load_files
from anodyne.reference.store import Kept
from anodyne.reference.tables import Reference, in_force, load, matches_in_force, pairs_in_force
from tests.reference import layouts

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "reference"
JULY = dt.date(2024, 7, 1)
OPEN = "9999-12-31"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS.exists(), reason="did not run: no ../shared/corpus/reference"),
]


def corpus(name: str) -> pl.DataFrame:
    return pl.read_csv(CORPUS / f"{name}.csv.gz", infer_schema=False)


def pair_parts(folder: Path) -> Iterator[str]:
    """The pairs in four zips of tab-delimited text."""
    edits = corpus("ncci_ptp_practitioner_2024q3").sort("column1", "column2", "deletion")
    plain = pl.col("deletion").str.replace_all("-", "", literal=True)
    rows = edits.select(
        "column1",
        "column2",
        existed=pl.lit(""),
        effective=pl.when(modifier="9").then(plain).otherwise(pl.lit("20100101")),
        deleted=pl.when(deletion=OPEN).then(pl.lit("*")).otherwise(plain),
        modifier="modifier",
        rationale=pl.lit("Made up"),
    )
    size = -(-len(rows) // 4)
    for n in range(4):
        part = rows[n * size : (n + 1) * size]
        text = part.write_csv(
            separator="\t", include_header=False, quote_style="never", line_terminator="\r\n"
        )
        name = f"ccipra-v302r0-f{n + 1}"
        content = layouts.zipped({f"{name}.TXT": layouts.tabbed(layouts.PTP_HEADER) + text.encode()})
        yield layouts.written(folder / f"medicare-ncci-2024q3-practitioner-ptp-edits-{name}.zip", content)


def other_files(folder: Path) -> Iterator[str]:
    limits = corpus("ncci_mue_practitioner_2024q3").select("hcpcs_code", "mue_units", "mue_mai").rows()
    name = "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"
    yield layouts.written(folder / name, layouts.commas(layouts.mue(*limits)))
    edits = corpus("ncci_add_on_codes_2024").rows()
    rows = [(kind, add_on, "", primary, "", "2013091", "") for primary, add_on, kind in edits]
    yield layouts.written(folder / "AOC_V2024Q3-MCR.txt", layouts.tabbed(layouts.aoc(*rows)))
    values = corpus("pprrvu_rvu24c_jul").select(
        "hcpcs", pl.col("mod").fill_null(""), "status_code", "work_rvu", "non_fac_pe_rvu", "facility_pe_rvu",
        "mp_rvu", "glob_days",
    )  # fmt: skip
    content = layouts.rvu(*values.rows(), year=2024, release="July", factor="33.2875")
    yield layouts.written(folder / "rvu24c.zip", layouts.zipped({"PPRRVU24_JUL.csv": content}))


class Loaded:
    def __init__(self, home: Path, kept: list[Kept], seconds: float) -> None:
        self.home = home
        self.kept = {one.edition.table: one.edition for one in kept}
        self.seconds = seconds


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    folder = tmp_path_factory.mktemp("downloads")
    files = [*pair_parts(folder), *other_files(folder)]
    begun = time.process_time()
    kept = load_files(files, home=folder / "home")
    return Loaded(folder / "home", kept, time.process_time() - begun)


def test_all_of_them_load_in_time_and_lose_no_row(loaded: Loaded) -> None:
    rows = {table: edition.rows for table, edition in loaded.kept.items()}
    assert rows == {"ptp": 1_669_820, "mue": 14_677, "add_on": 7_465, "fee_schedule": 16_470}
    assert all(edition.whole for edition in loaded.kept.values())
    assert loaded.seconds < 60, f"loading took {loaded.seconds:.1f} s of processor"


def test_each_row_is_found_again(loaded: Loaded) -> None:
    reference = load(loaded.home)
    pairs = corpus("ncci_ptp_practitioner_2024q3").filter(deletion=OPEN).sample(20_000, seed=1)
    asked = pairs.select(code_1="column1", code_2="column2", served_on=pl.lit(JULY))
    found = pairs_in_force(asked, reference)["indicator"]
    assert found.to_list() == pairs["modifier"].cast(pl.Int8).to_list()
    limits = corpus("ncci_mue_practitioner_2024q3")
    keys = limits.select(code="hcpcs_code", served_on=pl.lit(JULY))
    assert in_force(keys, reference, "mue")["mue"].to_list() == limits["mue_units"].cast(pl.Int32).to_list()


def cost(reference: Reference) -> float:
    """Processor time in ms, the least of several times, to look up what one claim asks."""
    asked = pl.DataFrame({"code": ["62323", "77003", "99214"], "served_on": [JULY] * 3})
    both = asked.join(asked, on="served_on").select("served_on", code_1="code", code_2="code_right")
    times = []
    for _ in range(7):
        begun = time.process_time()
        pairs_in_force(both, reference)
        for table in ("fee_schedule", "mue"):
            in_force(asked, reference, table)
        matches_in_force(asked.rename({"code": "add_on"}), reference, "add_on", by=["add_on"])
        reference.known(asked["code"])
        times.append((time.process_time() - begun) * 1_000)
    return min(times)


def test_one_claim_does_not_feel_them(loaded: Loaded) -> None:
    excerpt, whole = cost(load()), cost(load(loaded.home))
    assert whole - excerpt < 5, f"{whole:.1f} ms in place of {excerpt:.1f}"


def test_opening_them_reads_none(loaded: Loaded) -> None:
    begun = time.process_time()
    load(loaded.home)
    assert time.process_time() - begun < 0.25
