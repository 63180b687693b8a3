"""A made-up month of time entries and the enrolments behind them, as large as asked for."""

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from anodyne.kernel.npi import DOUBLED, PREFIX_SUM

MONTH = dt.date(2026, 10, 1)
WORKDAYS = 22
PATIENTS_EACH = 25
STAFF_SHARE = 0.3
OFFSET = "-04:00"
DAY_SECONDS = 86_400
OPENS_AT = 8 * 3_600


def npi(number: int) -> str:
    """A made-up NPI with a right check digit."""
    nine = f"1{number:08d}"
    digits = [int(digit) for digit in nine]
    total = PREFIX_SUM + sum(digits[1::2]) + sum(DOUBLED[digit] for digit in digits[::2])
    return nine + str(-total % 10)


def entries(count: int, seed: int) -> pl.DataFrame:
    """`count` entries: each practitioner sees patients one after the other; one in a hundred overlaps."""
    rng = np.random.default_rng(seed)
    practitioners = max(1, count // 500)
    names = np.array([npi(number) for number in range(practitioners)])
    each = np.arange(count) // practitioners
    who = np.arange(count) % practitioners
    slots = -(-count // practitioners // WORKDAYS)
    day, slot = each // slots % WORKDAYS + 1, each % slots
    start = slot * 1_200 + rng.integers(0, 240, count)
    length = rng.integers(300, 960, count) + np.where(rng.random(count) < 0.01, 900, 0)
    patient = who * PATIENTS_EACH + rng.integers(0, PATIENTS_EACH, count)
    staff = rng.random(count) < STAFF_SHARE
    first = (MONTH - dt.date(1970, 1, 1)).days * DAY_SECONDS + OPENS_AT
    begun = first + (day - 1) * DAY_SECONDS + start
    stamp = f"%Y-%m-%dT%H:%M:%S{OFFSET}"
    programs = np.where(staff, "ccm", "cpm")
    return pl.DataFrame(
        {
            "entry_id": [f"E{number}" for number in range(count)],
            "patient": np.char.add("P", patient.astype(str)),
            "practitioner": names[who],
            "performer": np.where(staff, np.char.add("S", who.astype(str)), ""),
            "role": np.where(staff, "clinical_staff", "physician"),
            "start": pl.from_epoch(pl.Series(begun)).dt.strftime(stamp),
            "end": pl.from_epoch(pl.Series(begun + length)).dt.strftime(stamp),
            "program": programs,
            "mode": np.where(staff, "audio", "in_person"),
            "pos": np.where(staff, "", "11"),
            "elements": "assessment;treatment_management",
            "note": "",
        }
    )


def enrolments(time: pl.DataFrame) -> pl.DataFrame:
    """Every patient of `time` enrolled, with consent and visit in order, in the programmes logged."""
    who = time.select("patient", "practitioner", "program").unique(maintain_order=True)
    return who.with_columns(
        payer=pl.lit("MEDICARE_B"),
        state=pl.lit("OH"),
        consent_on=pl.lit("2026-06-02"),
        consent_mode=pl.lit("verbal"),
        consent_covers=pl.lit("purpose;frequency;cost_sharing"),
        pain_months=pl.lit("14"),
        pain_finding=pl.lit("confirmed"),
        conditions=pl.lit("2"),
        initiated_on=pl.lit("2026-06-02"),
        initiated_minutes=pl.lit("40"),
        initiated_mode=pl.lit("in_person"),
        initiated_pos=pl.lit("11"),
        plan_on=pl.lit("2026-06-02"),
        scale=pl.lit("PEG"),
        scale_score=pl.lit("6"),
        scale_on=pl.lit("2026-10-02"),
        prior_months=pl.lit("4"),
    )


def write(count: int, folder: Path, seed: int = 7) -> tuple[Path, Path]:
    """Write `count` entries and their enrolments into `folder`; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    time = entries(count, seed)
    paths = folder / f"time_{count}.csv", folder / f"enrolments_{count}.csv"
    time.write_csv(paths[0])
    enrolments(time).write_csv(paths[1])
    return paths


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("count", type=int)
    asked.add_argument("folder", type=Path)
    given = asked.parse_args()
    for path in write(given.count, given.folder):
        print(path)
