"""Where output goes: standard output, or a file that is whole or not there."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from anodyne.kernel.errors import BadRequest


def refuse_overwriting(output: str, inputs: Iterable[str | None], *, option: str = "--output") -> None:
    """Raise BadRequest where the file `output`, which `option` names, is one of `inputs`; None is no file."""
    path = Path(output)
    given = [Path(name) for name in inputs if name is not None]
    if output != "-" and path.is_file() and any(one.is_file() and path.samefile(one) for one in given):
        raise BadRequest(
            "what is written would overwrite a file that is read",
            where=option,
            fix="Write it somewhere else.",
        )


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A stream to write UTF-8 to; `-` is standard output, whose reader may leave early without a word.

    A file is written beside its place and moved there at the end: a failure leaves what was there before.
    Raises BadRequest where it cannot be written.
    """
    if path == "-":
        yield from _standard_output()
    else:
        yield from _file(Path(path))


def _standard_output() -> Iterator[BinaryIO]:
    if sys.stdout is None:
        raise BadRequest("standard output is closed", where="-", fix="Open it, or name a file with --output.")
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # What Python would still flush at its end goes nowhere: the reader has left, which is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise _unwritable(error, "-") from error


def _file(path: Path) -> Iterator[BinaryIO]:
    try:
        place = path.resolve()
        special = place.exists() and not place.is_file()
    except (OSError, RuntimeError) as error:
        raise _unwritable(error, str(path)) from error
    if place.is_symlink():  # still a link once resolved, as of Python 3.13: it leads in a circle
        raise _unwritable(RuntimeError(), str(path))
    if special:
        yield from _special(place, path)
        return
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with _open(draft, "xb", path) as stream:
            yield stream
        draft.replace(place)
    except OSError as error:
        raise _unwritable(error, str(path)) from error
    finally:
        draft.unlink(missing_ok=True)


def _special(place: Path, asked: Path) -> Iterator[BinaryIO]:
    """A device or a pipe: written to in place."""
    try:
        with _open(place, "wb", asked) as stream:
            yield stream
    except OSError as error:
        raise _unwritable(error, str(asked)) from error


def _open(place: Path, mode: str, asked: Path) -> BinaryIO:
    try:
        stream = place.open(mode)
    except OSError as error:
        raise _unwritable(error, str(asked)) from error
    return stream  # type: ignore[return-value]  # both modes are binary


def _unwritable(error: OSError | RuntimeError, where: str) -> BadRequest:
    reason = getattr(error, "strerror", None) or "its links lead in a circle"
    return BadRequest(
        f"the output cannot be written: {reason}",
        where=where,
        fix="Name a file in a folder that exists, with room, that you may write to.",
    )
