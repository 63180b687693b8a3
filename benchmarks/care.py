"""Measure how long closing a month takes as the log grows: `make bench` runs it after the claims."""

import argparse
import sys
from pathlib import Path
from statistics import median

from care_workload import MONTH, write
from stopwatch import Failed, run
from table import aligned, seconds
from workload import FILES

SECONDS = 20.0
MOST_MB = 2_000.0
LARGEST = 1_000_000
LINEAR_WITHIN = 1.25
ANODYNE = Path(sys.executable).with_name("anodyne")


def main() -> int:
    """Exit status: 0 measured, whatever came out; 1 what was measured failed."""
    asked = argparse.ArgumentParser(prog="benchmarks/care.py", description=__doc__)
    asked.add_argument("--sizes", default="10000,100000,1000000", help="numbers of entries (%(default)s)")
    asked.add_argument("--rounds", type=int, default=3, help="rounds to take medians of (%(default)s)")
    given = asked.parse_args()
    rows, measured = [], {}
    try:
        for size in map(int, given.sizes.split(",")):
            ended = [_closed(size) for _ in range(given.rounds)]
            took, peak = median(one[0] for one in ended), median(one[1] for one in ended)
            measured[size] = took, peak
            rows.append((f"{size:,}", seconds(took), f"{size / took:,.0f}", f"{peak:,.0f}"))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print("anodyne care close --format json, the whole command; medians")
    print(aligned(("entries", "whole s", "entries/s", "peak MB"), rows, words=1))
    if LARGEST in measured:
        took, peak = measured[LARGEST]
        reached = took < SECONDS and peak < MOST_MB
        print(f"{LARGEST:,} entries in under 20 s and 2 GB: {'reached' if reached else 'NOT reached'}")
    if {100_000, LARGEST} <= measured.keys():
        grows = measured[LARGEST][0] / LARGEST / (measured[100_000][0] / 100_000)
        linear = "reached" if grows <= LINEAR_WITHIN else "NOT reached"
        print(f"an entry of a million costs {grows:.2f} times one of a hundred thousand: {linear}")
    return 0


def _closed(size: int) -> tuple[float, float]:
    """Seconds and megabytes of closing a month of `size` entries."""
    folder = FILES / "care"
    time, enrolments = folder / f"time_{size}.csv", folder / f"enrolments_{size}.csv"
    if not enrolments.exists():
        write(size, folder)
    command = (
        ANODYNE, "care", "close", "--month", f"{MONTH:%Y-%m}", "--time", time, "--enrolments", enrolments,
        "--format", "json", "--output", folder / "closed.json", "--fail-on", "never",
    )  # fmt: skip
    (folder / "closed.json").unlink(missing_ok=True)
    ended = run(*command)
    return ended.seconds, ended.peak_mb


if __name__ == "__main__":
    raise SystemExit(main())
