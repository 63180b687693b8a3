"""A folder of this computer or of a share as a mailbox."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from anodyne.exchange.mailbox import (
    LARGEST_BYTES,
    MOST_FILES,
    Listed,
    check_name,
    check_size,
    is_plain,
    leftovers_of,
    taken,
    unfinished,
    unfinished_name,
)
from anodyne.kernel.errors import NotExchanged

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})
"""What is answered where a file cannot have two names."""
_NOT_LISTED: Final = frozenset({errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENXIO})
"""What is answered where a name is of no plain file."""
_STEPS: Final = {
    errno.EACCES: "Let this user read and write there.",
    errno.EPERM: "Let this user read and write there.",
    errno.EROFS: "Let this user read and write there.",
    errno.ENOSPC: "Make room there, then try again.",
    errno.EDQUOT: "Make room there, then try again.",
    errno.EFBIG: "Make room there, then try again.",
    errno.ENOENT: "Name a folder that is there.",
    errno.ENOTDIR: "Name a folder that is there.",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """Where files are left for others, and where theirs are taken; both may be one."""

    send_to: Path
    take_from: Path
    largest_bytes: int = LARGEST_BYTES


class FolderMailbox:
    """The mailbox of a `Folder`; NotExchanged where one of its folders is not there."""

    def __init__(self, config: Folder) -> None:
        self._config = config
        for folder in {config.send_to, config.take_from}:
            with _told(folder):
                os.scandir(folder).close()

    def put(self, name: str, data: bytes) -> None:
        """See `Mailbox.put`."""
        folder = self._config.send_to
        check_name(name, str(folder))
        check_size(len(data), self._config.largest_bytes, name, str(folder))
        with _told(folder):
            if self._is_there(folder / name, data):
                return
            part = folder / unfinished_name(name)
            try:
                _write(part, data)
                _rename(part, folder / name)
            except FileExistsError:
                self._is_there(folder / name, data)
            finally:
                part.unlink(missing_ok=True)
            _sweep(folder, name)
            _settle(folder)

    def listing(self) -> tuple[Listed, ...]:
        """See `Mailbox.listing`."""
        folder = self._config.take_from
        found = []
        with _told(folder), os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_FILES:
                    raise NotExchanged(
                        f"more than {MOST_FILES:,} files lie there",
                        where=str(folder),
                        fix="Move away those that were taken.",
                    )
                if is_plain(entry.name) and entry.is_file(follow_symlinks=False):
                    with contextlib.suppress(FileNotFoundError):
                        told = entry.stat(follow_symlinks=False)
                        found.append(Listed(entry.name, told.st_size, int(told.st_mtime)))
        return tuple(sorted(found, key=lambda one: one.name))

    def get(self, name: str) -> bytes:
        """See `Mailbox.get`."""
        folder = self._config.take_from
        check_name(name, str(folder))
        with _told(folder, name):
            handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                before = os.fstat(handle)
                if not stat.S_ISREG(before.st_mode):
                    raise NotExchanged(f"{name} is no file", where=str(folder), fix="Take what is listed.")
                check_size(before.st_size, self._config.largest_bytes, name, str(folder))
                data = file.read(before.st_size + 1)
                after = os.fstat(handle)
        if len(data) != before.st_size or (before.st_size, before.st_mtime_ns) != (
            after.st_size,
            after.st_mtime_ns,
        ):
            raise unfinished(name, str(folder))
        return data

    def remove(self, name: str) -> None:
        """See `Mailbox.remove`."""
        folder = self._config.take_from
        check_name(name, str(folder))
        with _told(folder, name):
            (folder / name).unlink(missing_ok=True)

    @staticmethod
    def _is_there(path: Path, data: bytes) -> bool:
        """Whether the file is there with `data`; NameTaken where it is there with something else."""
        try:
            told = path.lstat()
        except FileNotFoundError:
            return False
        same, compared = False, True
        try:
            same = stat.S_ISREG(told.st_mode) and told.st_size == len(data) and path.read_bytes() == data
        except PermissionError:
            compared = False
        if not same:
            raise taken(path.name, str(path.parent), compared=compared)
        return True


@contextlib.contextmanager
def _told(folder: Path, name: str = "") -> Iterator[None]:
    """Errors of the system in words."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        step = _STEPS.get(error.errno or 0, "Look after the folder, then try again.")
        if name and error.errno in _NOT_LISTED:
            step = "Take what is listed."
        where = str(folder / name) if name else str(folder)
        raise NotExchanged(f"the folder refuses: {reason}", where=where, fix=step) from error


def _write(path: Path, data: bytes) -> None:
    """Write all of a new file, and see that it is on the disk."""
    path.unlink(missing_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _rename(part: Path, path: Path) -> None:
    """Give a file its name; FileExistsError where another has it.

    Where a file cannot have two names at a time, one that appears between the look and the renaming is lost.
    """
    try:
        os.link(part, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
        part.rename(path)


def _sweep(folder: Path, name: str) -> None:
    """Remove what broken attempts at `name` left."""
    for path in folder.glob(f"{leftovers_of(name)}*"):
        path.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """See that the folder's entries are on the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
