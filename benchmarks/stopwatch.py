"""Seconds, counts and memory of one piece of work, in a process of its own.

The standard library alone: the child's side also runs in the peers' environment.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Work:
    """What is timed, and how its result is counted afterwards, off the clock."""

    do: Callable[[Path], Any]
    count: Callable[[Any], tuple[int, int]]
    """Claims and service lines that the result holds."""


class Told(NamedTuple):
    """What a child that ends in `clocked` tells."""

    seconds: list[float]
    claims: int
    lines: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended well."""

    seconds: float
    """From its start to its end, interpreter and imports included."""
    peak_mb: float
    output: str

    @property
    def told(self) -> Told:
        """The output of a child that ends in `clocked`."""
        return Told(*json.loads(self.output))


class Failed(Exception):
    """A process that was to be measured did not end well, or did not do all of its work."""


def clocked(works: Mapping[str, Callable[[], Work]]) -> None:
    """Do the work that the first argument names, on the file of the second, and tell its seconds and counts.

    A third argument does it that many times.  Each of `works` imports what its work needs, off the clock.
    """
    name, path, *times = sys.argv[1:]
    work = works[name]()
    seconds = []
    for _ in range(int(times[0]) if times else 1):
        start = time.perf_counter()
        result = work.do(Path(path))
        seconds.append(time.perf_counter() - start)
    sys.stdout.write(json.dumps(Told(seconds, *work.count(result))))


def run(*command: str | Path) -> Ended:
    """Run `command` to its end; raises Failed, with its last words, where that is not exit status 0."""
    words = [str(part) for part in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(words, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Failed(f"{' '.join(words)}\nended with status {process.returncode}\n{_read(err)[-2000:]}")
        return Ended(seconds, usage.ru_maxrss * MAXRSS_BYTES / 1e6, _read(out))


def _read(file: Any) -> str:  # noqa: ANN401 (tempfile's wrapper has no name to write)
    file.seek(0)
    return str(file.read().decode(errors="replace"))
