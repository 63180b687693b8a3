"""How far reading has come, shown on standard error while a person waits."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LONG_BYTES: Final = 20_000_000


@contextmanager
def watched(paths: Sequence[str], *, then: str = "judging") -> Iterator[Callable[[int], None] | None]:
    """What to tell of the bytes read so far; None where nobody watches or the files are small.

    `then`: what is done once all is read.
    """
    total = sum(Path(path).stat().st_size for path in paths if Path(path).is_file())
    if total < LONG_BYTES or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415  only where a bar is shown
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415  the same

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total)

        def told(done: int) -> None:
            bar.update(task, completed=done, description=then if done >= total else "reading")

        yield told
