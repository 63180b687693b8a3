"""The made-up clearinghouse of `anodyne demo`: `python -m anodyne.web.clearinghouse FOLDER`.

It needs no database: files come and go as those of a real one do.  Under FOLDER each practice's
`outbound` and `inbound` are the folders that a clearinghouse has unless it is told otherwise.
"""

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from anodyne.exchange.folder import Folder, FolderMailbox
from anodyne.kernel.errors import AnodyneError, UnreadableFile
from anodyne.reference.tables import load
from anodyne.simulator.answering import adjudicated, answered
from anodyne.web.orphans import end_with_parent

OUTBOX, INBOX = "outbound", "inbound"
LOOKS_EVERY: Final = 2.0
"""Seconds."""
PAYS_AFTER: Final = dt.timedelta(days=3)
"""From the day a file came until its claims are paid."""
_DONE: Final = (".999", ".277", ".835")
_SECONDS_A_DAY: Final = 86_400


def main() -> None:
    """Answer what lies under the folder, until this process is ended, or the one that started it is gone."""
    end_with_parent()
    root = Path(sys.argv[1])
    seen: dict[Path, tuple[int, int]] = {}
    while True:
        look(root, seen, now=time.time())
        time.sleep(LOOKS_EVERY)


def look(root: Path, seen: dict[Path, tuple[int, int]], *, now: float) -> list[str]:
    """Answer every file under `root` that waits for it at `now`, in seconds since 1970; the names it wrote.

    An answer is dated by when its file came, so that it is the same whenever it is written; one that lies
    there already is not written again.  `seen` remembers from call to call what needs no second look.
    """
    written = []
    for outbox in sorted(root.glob(f"*/{OUTBOX}")):
        inbox = outbox.parent / INBOX
        if not inbox.is_dir():
            continue
        box = FolderMailbox(Folder(inbox, outbox))
        there = {entry.name for entry in os.scandir(inbox)}
        for listed in box.listing():
            path = outbox / listed.name
            age = int((now - listed.changed) // _SECONDS_A_DAY)
            if seen.get(path) == (listed.changed, age):
                continue
            try:
                for name, data in _answers(box.get(listed.name), listed.name, listed.changed, now, there):
                    box.put(name, data)
                    written.append(name)
            except AnodyneError as error:
                print(f"the made-up clearinghouse: {error}", file=sys.stderr)  # noqa: T201  its only log
                if not isinstance(error, UnreadableFile):
                    continue
            seen[path] = listed.changed, age
    return written


def _answers(data: bytes, name: str, came: int, now: float, there: set[str]) -> Iterator[tuple[str, bytes]]:
    """The answers to one file that are due and are not `there`, by their names."""
    acknowledged, told, paid = (f"{name}{ending}" for ending in _DONE)
    came_on = dt.datetime.fromtimestamp(came, dt.UTC).astimezone().date()
    if acknowledged not in there or told not in there:
        answers = answered(data, name=name, on=came_on)
        if acknowledged not in there:
            yield acknowledged, answers.acknowledgement
        if told not in there and answers.statuses is not None:
            yield told, answers.statuses
    pays_at = came + PAYS_AFTER.total_seconds()
    if now >= pays_at and paid not in there:
        pays_on = came_on + PAYS_AFTER
        payment = adjudicated(data, name=name, on=pays_on, reference=load())
        if payment is not None:
            yield paid, payment


if __name__ == "__main__":
    main()
