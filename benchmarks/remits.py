"""Measure how long reading remittances takes beside the Python peers: `make bench` runs it last.

linuxforhealth-x12 0.57 is not among them: it refuses the files, which have one PER of the payer.
"""

import argparse
import sys
from statistics import median

from contest import CLAIM_DICTS, SEGMENT_LISTS, VALIDATING, child
from stopwatch import Failed
from table import aligned, ratio, seconds
from workload import NotReady, peers_python, workload

READING = "anodyne, reading"
OBJECTS = "edi-835-parser, objects"
TIMES = 10
VALIDATED_UP_TO = 10_000
"""The validating peer takes minutes beyond."""


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
            SEGMENT_LISTS: child(python, "peers.py", "x12-edi-tools"),
            CLAIM_DICTS: child(python, "peers.py", "openx12"),
            OBJECTS: child(python, "peers.py", "edi-835-parser"),
            VALIDATING: child(python, "peers.py", "pyx12"),
        }
        for size in map(int, given.sizes.split(",")):
            file = workload(size, "835")
            seen = {
                name: [one(file) for _ in range(given.rounds)]
                for name, one in contenders.items()
                if name != VALIDATING or size <= VALIDATED_UP_TO
            }
            ours = median(one.work_seconds for one in seen[READING])
            for name, runs in seen.items():
                took, peak = median(one.work_seconds for one in runs), median(one.peak_mb for one in runs)
                more = "" if name == READING else ratio(took / ours)
                rows.append((f"{size:,}", name, seconds(took), f"{size / took:,.0f}", f"{peak:,.0f}", more))
            times = median(one.work_seconds for one in seen[OBJECTS]) / ours
            reached = "reached" if times >= TIMES else "NOT reached"
            told.append(f"{size:,} claims, ≥ {TIMES}× {OBJECTS.partition(',')[0]}: {ratio(times)}, {reached}")
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


if __name__ == "__main__":
    raise SystemExit(main())
