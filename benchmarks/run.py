"""Measure Anodyne beside its Python peers, in one run, and print what came out: `make bench`."""

import argparse
import datetime as dt
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

from contest import CHECK, OURS, READING, STRUCTURE, OneClaim, Results, measure, one_claim
from stopwatch import Failed
from table import aligned, ratio, seconds
from targets import targets
from workload import HERE, PEER_VERSIONS, NotReady

VERDICTS = {True: "reached", False: "NOT reached", None: "–"}


def main() -> int:
    """Exit status: 0 measured, whatever came out; 1 what was measured failed; 2 what it needs is missing."""
    asked = _arguments().parse_args()
    load = os.getloadavg()[0]
    try:
        one = one_claim()
        results = measure(asked.sizes, asked.peers, asked.rounds)
    except NotReady as missing:
        print(missing, file=sys.stderr)
        return 2
    except (Failed, subprocess.CalledProcessError) as failed:
        print(failed, file=sys.stderr)
        return 1
    text = "\n\n".join(_report(results, one, asked.rounds, load))
    print(text)
    if asked.write:
        command = shlex.join(["python", "benchmarks/run.py", *sys.argv[1:]])
        (HERE / "results.md").write_text(
            f"# Speed and memory\n\nWritten by `{command}`.\n\n```\n{text}\n```\n"
        )
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument(
        "--sizes",
        type=_sizes,
        default="1000,10000,100000,1000000",
        help="numbers of claims (default: %(default)s)",
    )
    parser.add_argument(
        "--peers",
        type=_sizes,
        default="1000,10000",
        help="sizes at which the peers run too, the fastest also at the next; or none (default: %(default)s)",
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds to take medians of (default: %(default)s)"
    )
    parser.add_argument("--write", action="store_true", help="also write benchmarks/results.md")
    return parser


def _sizes(text: str) -> list[int]:
    return [] if text == "none" else [int(part) for part in text.split(",")]


def _report(results: Results, one: OneClaim, rounds: int, load: float) -> Iterator[str]:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {load:.1f} before"
    versions = (f"{name} {version(name)}" for name in ("anodyne", "polars", "numpy"))
    yield (
        f"837P files of made-up claims; medians, rounds in turn: {rounds}; {dt.datetime.now(dt.UTC):%F}\n"
        f"{machine}; CPython {platform.python_version()}, {', '.join(versions)}\n"
        f"peers: {', '.join(PEER_VERSIONS.read_text().split())}"
    )
    yield _speeds(results)
    yield (
        "work s: without start-up and imports (a command's work is its whole process); whole s: with them\n"
        "÷ reading, ÷ structure: the peer's work s over ours; ÷ check: the peer's whole s over ours"
    )
    yield aligned(
        ("target", "to reach", "measured", ""),
        [(t.work, t.reach, t.measured, VERDICTS[t.reached]) for t in targets(results, one)],
        words=4,
    )


def _speeds(results: Results) -> str:
    head = (
        "claims",
        "what",
        "work s",
        "claims/s",
        "whole s",
        "peak MB",
        "÷ reading",
        "÷ structure",
        "÷ check",
    )
    rows = []
    for (claims, name), seen in results.items():
        times = ("", "", "")
        if name not in OURS:
            times = (
                ratio(seen.work_seconds / results[claims, READING].work_seconds),
                ratio(seen.work_seconds / results[claims, STRUCTURE].work_seconds),
                ratio(seen.whole_seconds / results[claims, CHECK].whole_seconds),
            )
        pace = f"{claims / seen.work_seconds:,.0f}"
        rows.append(
            (
                f"{claims:,}",
                name,
                seconds(seen.work_seconds),
                pace,
                seconds(seen.whole_seconds),
                f"{seen.peak_mb:,.0f}",
                *times,
            )
        )
    return aligned(head, rows, words=2)


if __name__ == "__main__":
    raise SystemExit(main())
