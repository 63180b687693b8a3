"""Files of claims as they are given: each once, part by part."""

import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from anodyne.kernel.errors import BadRequest, UnreadableFile
from anodyne.x12.read import Part, read_claims, read_stream

STANDARD_INPUT: Final = "-"


def each_once(paths: Sequence[str], history: Sequence[str]) -> tuple[list[tuple[str, bool]], list[str]]:
    """The files to read, each with whether it is checked, and those left out: their bytes were given before.

    Raises BadRequest where standard input, which can be read once, is named twice.
    """
    if [*paths, *history].count(STANDARD_INPUT) > 1:
        raise BadRequest("standard input is named twice", where=STANDARD_INPUT, fix="Name it once.")
    given = [*((path, True) for path in paths), *((path, False) for path in history)]
    seen: set[bytes] = set()
    once, repeated = [], []
    for path, judged in given:
        digest = _digest(path) if len(given) > 1 else None
        if digest in seen:
            repeated.append(shown(path))
            continue
        if digest is not None:
            seen.add(digest)
        once.append((path, judged))
    return once, repeated


def _digest(path: str) -> bytes | None:
    """What stands for the bytes of the file at `path`; None where it cannot be read twice, or at all."""
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:
        return None


def shown(path: str) -> str:
    """`path` as text that can be written anywhere."""
    return os.fsencode(path).decode("utf-8", "replace")


def parts(
    path: str, structure: bool, *, name: str, judged: bool, claim_key: int, line_key: int
) -> Iterator[Part]:
    """The parts of the file at `path`, or of standard input; raises as `read_claims` does."""
    if path != STANDARD_INPUT:
        return read_claims(
            path, name=name, judged=judged, structure=structure, claim_key=claim_key, line_key=line_key
        )
    if sys.stdin is None:
        raise UnreadableFile("standard input is closed", where=path, fix="Give it a file, or name one.")
    return read_stream(
        sys.stdin.buffer,
        name=name,
        judged=judged,
        structure=structure,
        claim_key=claim_key,
        line_key=line_key,
    )
