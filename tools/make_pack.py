"""Make the editions that ship with the package from the folder of facts, and the corpus beside it.

    python tools/make_pack.py ../shared/facts            write them
    python tools/make_pack.py ../shared/facts --check    exit 1 where what ships differs

The same facts always give the same bytes.
"""

import argparse
import datetime as dt
import filecmp
import gzip
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from anodyne.reference.editions import write_edition
from anodyne.reference.given import HEAD_BYTES, Given
from anodyne.reference.icd10cm import CATEGORY, PUBLISHER, due, period
from anodyne.reference.publishers import icd10cm_tabular
from anodyne.reference.shapes import EDITIONS, SPAN
from anodyne.reference.tables import DATA

SHIPPED = DATA / "editions"
CMS = "Centers for Medicare & Medicaid Services"
Q3_2024 = dt.date(2024, 7, 1)
Q4_2024 = dt.date(2024, 10, 1)

RELEASES = (
    (dt.date(2020, 10, 1), "icd10cm-fy2021", "fy2021"),
    (dt.date(2025, 4, 1), "icd10cm-fy2025", "fy2025_april"),
    (dt.date(2026, 4, 1), "icd10cm-fy2026", "fy2026_april"),
)
PAIN_CATEGORIES = """
B02 F11 F45 G43 G44 G50 G51 G52 G53 G54 G55 G56 G57 G58 G59 G60 G61 G62 G63 G89 G90 G95 G96 G97
M15 M16 M17 M18 M19 M25 M43 M45 M46 M47 M48 M49 M50 M51 M53 M54 M60 M61 M62 M65 M67 M70 M71 M72
M75 M76 M77 M79 M80 M81 M96 M99 R07 R10 R20 R26 R29 R51 R52 S13 S16 S23 S33 S34 S39 T85 Z45 Z46
Z51 Z79 Z96 Z98
"""

FACTOR_RVU24C = 332_875
"""The conversion factor of the release RVU24C in ten-thousandths of a dollar."""

ALONE = {
    "62370": "pump refill + reprogram, by physician",
    "99425": "single-condition mgmt practitioner +30",
    "99427": "single-condition mgmt staff +30",
    "99489": "complex care mgmt +30",
}
"""Labels that lean on the row above them in the facts, written so that they stand alone."""


@dataclass(frozen=True, slots=True)
class Made:
    """One edition to write: where its rows come from and what its manifest says."""

    table: str
    start: dt.date
    period: str
    source: str
    rows: pl.DataFrame
    publisher: str = CMS
    expect_next: dt.date | None = None


def facts(folder: Path, name: str) -> pl.DataFrame:
    """One file of facts, every column as text, an empty field null."""
    return pl.read_csv(folder / name, infer_schema=False)


def shaped(rows: pl.DataFrame, table: str, **columns: str) -> pl.DataFrame:
    """`rows` with the columns of `table`, each from the fact column named for it, in the order of the key."""
    shape = EDITIONS[table]
    wanted = [
        pl.col(columns.get(name, name)).cast(pl.Float64).cast(kind).alias(name)
        if kind in {pl.Int8, pl.Int32}
        else pl.col(columns.get(name, name)).cast(kind).alias(name)
        for name, kind in shape.columns.items()
    ]
    undated = [pl.lit(None, kind).alias(name) for name, kind in SPAN.items() if shape.dated_rows]
    return rows.select(*wanted, *undated).unique().sort(shape.key)


def hundredths(year: int) -> list[pl.Expr]:
    """The relative values of `year`, which are decimals, in whole hundredths."""
    return [
        (pl.col(f"{part}_{year}").cast(pl.Decimal(scale=2)) * 100).cast(pl.Int32).alias(f"{part}_hundredths")
        for part in ("work", "pe_nonfac", "pe_fac", "mp")
    ]


def fee_schedule(codes: pl.DataFrame) -> pl.DataFrame:
    """The fee schedule of 2024 of those of `codes` that it holds."""
    factor = pl.lit(FACTOR_RVU24C).alias("conversion_ten_thousandths")
    held = codes.filter(pl.col("status").is_not_null())
    return shaped(held.with_columns(*hundredths(2024), factor), "fee_schedule")


def relative_values(codes: pl.DataFrame) -> pl.DataFrame:
    """The relative values of 2025 of those of `codes` of which they are known."""
    held = codes.filter(pl.col("work_2025").is_not_null())
    return shaped(held.with_columns(*hundredths(2025)), "relative_values")


def diagnoses(corpus: Path) -> list[Made]:
    """The diagnosis codes of a pain practice by whole categories, and the notes among them: three years."""
    return [
        Made(
            table,
            start,
            period(start),
            source,
            rows.filter(
                pl.col(name).str.head(CATEGORY).is_in(PAIN_CATEGORIES.split())
                & ~pl.col(name).str.contains("-", literal=True)
                for name in EDITIONS[table].key
                if name != "kind"
            ),
            publisher=PUBLISHER,
            expect_next=due(start),
        )
        for start, source, release in RELEASES
        for table, rows in read_tabular(corpus / f"icd10cm_tabular_{release}.xml.gz").items()
    ]


def read_tabular(path: Path) -> Mapping[str, pl.DataFrame]:
    """The tables of the tabular list at `path`, which is compressed."""
    data = gzip.decompress(path.read_bytes())
    given = Given(str(path), path.stem, len(data), lambda: data, data[:HEAD_BYTES])
    return icd10cm_tabular.read(given)


def made(folder: Path) -> list[Made]:
    """Every edition of the pack, read from the facts in `folder`."""
    codes = facts(folder, "pain_codes_mpfs_mue_aoc.csv")
    pairs = facts(folder, "ptp_pain_active_2024q3.csv").filter(deletion_date="9999-12-31")
    labels = facts(folder, "pain_code_labels_own_words.csv")
    return [
        Made(
            "ptp",
            Q3_2024,
            "2024 Q3",
            "ncci-ptp-2024q3",
            shaped(pairs, "ptp", indicator="modifier_indicator"),
            expect_next=Q4_2024,
        ),
        Made(
            "mue",
            Q3_2024,
            "2024 Q3",
            "ncci-mue-2024q3",
            shaped(codes.filter(pl.col("mue_2024q3").is_not_null()), "mue", mue="mue_2024q3"),
            expect_next=Q4_2024,
        ),
        Made(
            "add_on",
            Q3_2024,
            "2024 Q3",
            "ncci-aoc-2024",
            shaped(
                facts(folder, "aoc_pain_2024q3.csv"),
                "add_on",
                add_on="add_on_code",
                primary="primary_code",
                kind="aoc_edit_type",
            ),
            expect_next=Q4_2024,
        ),
        Made(
            "fee_schedule",
            Q3_2024,
            "2024 July release (RVU24C)",
            "mpfs-rvu24c",
            fee_schedule(codes),
            expect_next=Q4_2024,
        ),
        Made(
            "relative_values",
            dt.date(2025, 1, 1),
            "2025, as of the October release",
            "mpfs-rvu25d",
            relative_values(codes),
            expect_next=dt.date(2026, 1, 1),
        ),
        Made(
            "code_labels",
            Q3_2024,
            "own words",
            "anodyne-own-words",
            shaped(labels, "code_labels", label="own_words_label").with_columns(
                label=pl.col("code").replace_strict(ALONE, default=pl.col("label"))
            ),
            publisher="Anodyne",
        ),
        *diagnoses(folder.parent / "corpus" / "reference"),
    ]


def write(folder: Path, home: Path) -> None:
    """Write every edition of the pack under `home`."""
    for edition in made(folder):
        write_edition(
            edition.rows,
            home,
            table=edition.table,
            start=edition.start,
            publisher=edition.publisher,
            period=edition.period,
            source=edition.source,
            whole=False,
            expect_next=edition.expect_next,
        )


def differing(folder: Path, shipped: Path = SHIPPED) -> list[str]:
    """The files under `shipped` that are not what the facts in `folder` give, or are missing or surplus."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        write(folder, home)
        names = {
            str(path.relative_to(root))
            for root in (home, shipped)
            for path in root.rglob("*")
            if path.is_file()
        }
        _, mismatch, errors = filecmp.cmpfiles(home, shipped, names, shallow=False)
    return sorted([*mismatch, *errors])


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pack; 1 where a check finds a difference."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("facts", type=Path, help="folder with the fact files")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the pack differs")
    asked = parser.parse_args(arguments)
    if not asked.check:
        write(asked.facts, SHIPPED)
        return 0
    wrong = differing(asked.facts)
    for name in wrong:
        print(f"differs: {name}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
