"""Who is measured: in turn, round after round, each in a process of its own."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from stopwatch import Failed, run
from workload import FILES, HERE, Workload, peers_python, workload

READING = "anodyne, reading"
STRUCTURE = "anodyne, reading + structure"
CHECK = "anodyne check, the command"
SEGMENT_LISTS = "x12-edi-tools, segment lists"
CLAIM_DICTS = "openx12, dict per claim"
VALIDATING = "pyx12, validating read"
OURS = (READING, STRUCTURE, CHECK)
PEER_READERS = (SEGMENT_LISTS, CLAIM_DICTS)
PEERS = (*PEER_READERS, VALIDATING)

ANODYNE = Path(sys.executable).with_name("anodyne")
WRITTEN_ON = "2025-01-06"  # the day that the generated files bear
COLD_RUNS = 7
WARM_RUNS = 200


class Measured(NamedTuple):
    """One piece of work on one file."""

    work_seconds: float
    """Start-up and imports left out; the work of a command is its whole process."""
    whole_seconds: float
    peak_mb: float


class OneClaim(NamedTuple):
    """Seconds that a single claim costs."""

    help_cold: float
    check_cold: float
    check_warm_p95: float


Results = Mapping[tuple[int, str], Measured]
"""Medians, by number of claims and name."""

Contender = Callable[[Workload], Measured]


def measure(sizes: Sequence[int], peers_at: Sequence[int], rounds: int) -> dict[tuple[int, str], Measured]:
    """Medians of `rounds` rounds; every peer runs at `peers_at`, the fastest of them at the next size too."""
    contenders = {
        READING: child(sys.executable, "ours.py", "reading"),
        STRUCTURE: child(sys.executable, "ours.py", "structure"),
        CHECK: _check,
    }
    if peers_at:
        python = peers_python()
        for name in PEERS:
            contenders[name] = child(python, "peers.py", name.partition(",")[0])
    results: dict[tuple[int, str], Measured] = {}
    sizes = sorted(sizes)
    for size, before in zip(sizes, (0, *sizes), strict=False):
        names: tuple[str, ...] = OURS
        if size in peers_at:
            names += PEERS
        elif before in peers_at:
            names += (fastest(results, before, PEERS),)
        results |= _rounds(workload(size), {name: contenders[name] for name in names}, rounds)
    return results


def fastest(results: Results, size: int, names: Iterable[str]) -> str:
    """Who of `names` was measured at `size` with the fewest seconds of work."""
    return min(
        (name for name in names if (size, name) in results),
        key=lambda name: results[size, name].work_seconds,
    )


def one_claim() -> OneClaim:
    """Cold: medians of whole processes.  Warm: the same check again and again in one process."""
    single = workload(1)
    check = (ANODYNE, "check", single.path, "--as-of", WRITTEN_ON, "--fail-on", "never")
    warm = run(sys.executable, HERE / "ours.py", "check", single.path, str(WARM_RUNS)).told
    return OneClaim(
        help_cold=median(run(ANODYNE, "--help").seconds for _ in range(COLD_RUNS)),
        check_cold=median(run(*check).seconds for _ in range(COLD_RUNS)),
        check_warm_p95=quantiles(warm.seconds, n=20)[-1],
    )


def _rounds(
    file: Workload, contenders: Mapping[str, Contender], rounds: int
) -> dict[tuple[int, str], Measured]:
    seen: dict[str, list[Measured]] = {name: [] for name in contenders}
    for number in range(1, rounds + 1):
        for name, contender in contenders.items():
            print(f"{file.claims:,} claims, round {number} of {rounds}: {name}", file=sys.stderr)
            seen[name].append(contender(file))
    return {
        (file.claims, name): Measured(*map(median, zip(*runs, strict=True))) for name, runs in seen.items()
    }


def child(python: str | Path, script: str, name: str) -> Contender:
    """Who does the work `name` of `script`, in a process of its own."""

    def contender(file: Workload) -> Measured:
        ended = run(python, HERE / script, name, file.path)
        told = ended.told
        _all_there(name, file, told.claims, told.lines)
        return Measured(told.seconds[0], ended.seconds, ended.peak_mb)

    return contender


def _check(file: Workload) -> Measured:
    output = FILES / "check.json"
    try:
        ended = run(
            ANODYNE,
            "check",
            file.path,
            "--format",
            "json",
            "--output",
            output,
            "--as-of",
            WRITTEN_ON,
            "--fail-on",
            "never",
        )
        with output.open() as report:
            head = report.read(2000)
    finally:
        output.unlink(missing_ok=True)
    counts = re.search(r'"claims":\s*(\d+),\s*"lines":\s*(\d+)', head)
    _all_there("anodyne check", file, *(map(int, counts.groups()) if counts else (0, 0)))
    return Measured(ended.seconds, ended.seconds, ended.peak_mb)


def _all_there(name: str, file: Workload, claims: int, lines: int) -> None:
    if (claims, lines) != (file.claims, file.lines):
        raise Failed(
            f"{name} gave {claims:,} claims and {lines:,} lines of {file.path.name},"
            f" which holds {file.claims:,} and {file.lines:,}: its seconds would mean nothing"
        )
