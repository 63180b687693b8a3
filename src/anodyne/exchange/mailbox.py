"""A mailbox: a place where files are left for somebody, and one from which theirs are taken."""

import hashlib
import os
import socket
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

from anodyne.kernel.errors import NameTaken, NotExchanged

LARGEST_BYTES: Final = 256 * 1024 * 1024
"""Of a file, unless a mailbox is told otherwise."""
MOST_FILES: Final = 100_000
"""In one folder."""
_LONGEST_NAME: Final = 200
_PREFIX: Final = ".anodyne-"
_MARK: Final = 16
_turns: Final = count()


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as it is listed: another one under the same name is told apart by its size and time."""

    name: str
    size: int
    changed: int
    """Seconds since 1970, by the clock of where it lies."""


class Mailbox(Protocol):
    """Where files are put and taken; all of it raises NotExchanged, with place and next step."""

    def put(self, name: str, data: bytes) -> None:
        """Leave a file: whole under its name, or not at all; the same again has the effect of once.

        Raises NameTaken where another file of the name lies there.
        """

    def listing(self) -> tuple[Listed, ...]:
        """The files that can be taken, by name; hidden ones and those that are no plain files are not."""

    def get(self, name: str) -> bytes:
        """The whole of a file; NotExchanged where it is too large or still being written."""

    def remove(self, name: str) -> None:
        """Delete a file that can be taken; nothing happens where it is gone."""


def new(listing: Iterable[Listed], seen: Collection[Listed]) -> list[Listed]:
    """What of `listing` was not `seen` before, the oldest first.

    >>> was = Listed("1.999", 80, 1_790_000_000)
    >>> new([was, Listed("1.999", 95, 1_790_000_600), Listed("0.277", 70, 1_790_000_000)], {was})
    [Listed(name='0.277', size=70, changed=1790000000), Listed(name='1.999', size=95, changed=1790000600)]
    """
    unseen = {one for one in listing if one not in seen}
    return sorted(unseen, key=lambda one: (one.changed, one.name))


def is_plain(name: str) -> bool:
    r"""Whether `name` is a file's own, in no other folder, and not hidden.

    >>> [is_plain(name) for name in ("day.837", "", ".hidden", "../day.837", "a\\b", "a\nb")]
    [True, False, False, False, False, False]
    """
    fits = 0 < len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME
    return fits and name.isprintable() and not name.startswith(".") and not {"/", "\\"} & set(name)


def check_name(name: str, where: str) -> None:
    """Raises NotExchanged for a name that is not plain."""
    if not is_plain(name):
        raise NotExchanged(
            f"a file has a name that is hidden, of more than {_LONGEST_NAME} bytes, or not plain",
            where=where,
            fix="Give the file another name, without folders.",
        )


def check_size(size: int, largest: int, name: str, where: str) -> None:
    """Raises NotExchanged for a file that is too large."""
    if size > largest:
        raise NotExchanged(
            f"{name} has more than {largest:,} bytes",
            where=where,
            fix="Split the file, or raise the mailbox's limit.",
        )


def unfinished_name(name: str) -> str:
    """A hidden name for a file while it is written: no other process or thread writes under it now.

    One that lies there already is left over from a process that is gone.
    """
    who = f"{socket.gethostname()} {os.getpid()} {threading.get_ident()} {next(_turns)}"
    return f"{leftovers_of(name)}{_short(who)}.part"


def leftovers_of(name: str) -> str:
    """What the names of unfinished files of `name` begin with."""
    return f"{_PREFIX}{_short(name)}-"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK]


def taken(name: str, where: str, *, compared: bool) -> NameTaken:
    """What is raised where a file of the name lies there and is not the same, or cannot be `compared`."""
    what = "another file" if compared else "a file that cannot be read to compare it"
    return NameTaken(
        f"{what} of the name {name} lies there",
        where=where,
        fix="Look whether that one was sent; give this one another name.",
    )


def unfinished(name: str, where: str) -> NotExchanged:
    """What is raised for a file that is not whole yet."""
    return NotExchanged(f"{name} is still being written", where=where, fix="Take it later.")
