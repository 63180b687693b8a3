"""Measure reading remittances beside the Python peers, and working them: `make bench` runs it last.

linuxforhealth-x12 0.57 is not among them: it refuses the files, which have one PER of the payer.
"""

import argparse
import sys
from statistics import median

from contest import CLAIM_DICTS, SEGMENT_LISTS, VALIDATING, Measured, child
from stopwatch import Failed
from table import aligned, ratio, seconds
from workload import NotReady, peers_python, workload

READING = "anodyne, reading"
WORKED = "anodyne remit work, to JSON"
OBJECTS = "edi-835-parser, objects"
OURS = (READING, WORKED)
TIMES = 10
VALIDATED_UP_TO = 10_000
"""The validating peer takes minutes beyond."""
PEERS_UP_TO = 100_000
TIMED, SECONDS = 100_000, 30
WEIGHED, MB = 1_000_000, 1_500
"""So many claims are to be worked in so many seconds, and in so much memory."""


def main() -> int:
    """Exit status: 0 measured, whatever came out; 1 what was measured failed; 2 what it needs is missing."""
    asked = argparse.ArgumentParser(prog="benchmarks/remits.py", description=__doc__)
    asked.add_argument("--sizes", default="10000,100000", help="numbers of remitted claims (%(default)s)")
    asked.add_argument("--rounds", type=int, default=3, help="rounds to take medians of (%(default)s)")
    given = asked.parse_args()
    rows, told = [], []
    try:
        python = peers_python()
        contenders = {
            READING: child(sys.executable, "ours.py", "remittance"),
            WORKED: child(sys.executable, "ours.py", "worked"),
            SEGMENT_LISTS: child(python, "peers.py", "x12-edi-tools"),
            CLAIM_DICTS: child(python, "peers.py", "openx12"),
            OBJECTS: child(python, "peers.py", "edi-835-parser"),
            VALIDATING: child(python, "peers.py", "pyx12"),
        }
        for size in map(int, given.sizes.split(",")):
            file = workload(size, "835")
            workload(size, "837p")
            seen = {
                name: [one(file) for _ in range(given.rounds)]
                for name, one in contenders.items()
                if name in OURS or size <= (VALIDATED_UP_TO if name == VALIDATING else PEERS_UP_TO)
            }
            ours = median(one.work_seconds for one in seen[READING])
            for name, runs in seen.items():
                took, peak = median(one.work_seconds for one in runs), median(one.peak_mb for one in runs)
                more = "" if name in OURS else ratio(took / ours)
                rows.append((f"{size:,}", name, seconds(took), f"{size / took:,.0f}", f"{peak:,.0f}", more))
            if OBJECTS in seen:
                times = median(one.work_seconds for one in seen[OBJECTS]) / ours
                peer = OBJECTS.partition(",")[0]
                told.append(f"{size:,} claims, ≥ {TIMES}× {peer}: {ratio(times)}, {_reached(times >= TIMES)}")
            took, peak = (median(values) for values in zip(*map(_work_of, seen[WORKED]), strict=True))
            if size == TIMED:
                told.append(
                    f"{size:,} claims worked in < {SECONDS} s: {took:.1f} s, {_reached(took < SECONDS)}"
                )
            if size == WEIGHED:
                told.append(f"{size:,} claims worked in < {MB:,} MB: {peak:,.0f} MB, {_reached(peak < MB)}")
    except NotReady as missing:
        print(missing, file=sys.stderr)
        return 2
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print("835 files of made-up claims; medians; the last column is the peer's work s over ours")
    print(aligned(("claims", "what", "work s", "claims/s", "peak MB", "÷ reading"), rows, words=2))
    print("\n".join(told))
    return 0


def _work_of(one: Measured) -> tuple[float, float]:
    return one.work_seconds, one.peak_mb


def _reached(yes: bool) -> str:
    return "reached" if yes else "NOT reached"


if __name__ == "__main__":
    raise SystemExit(main())
