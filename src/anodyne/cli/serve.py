"""`anodyne serve` and what keeps a practice's database: its practices, backups, and a made-up one."""

import datetime as dt
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from anodyne.app.home import data_home
from anodyne.kernel.errors import BadRequest

if TYPE_CHECKING:
    from anodyne.store.instance import Instance
    from anodyne.store.server import Server

HOST, PORT = "127.0.0.1", 8700
_PROCESSES: Final = {
    "web": "anodyne.web.server",
    "jobs": "anodyne.web.worker",
    "clearinghouse": "anodyne.web.clearinghouse",
}
_RESTS: Final = (0.5, 2, 5, 15, 60)
"""Seconds before a process that ended is started again: the more often it ended, the longer."""
_STEADY_SECONDS: Final = 120
"""After so long a process counts as steady, and its next end as its first."""
_LOOK_SECONDS: Final = 1
"""Between two looks at the database."""
_GRACE_SECONDS: Final = 20
_LETS_GO_SECONDS: Final = 5
"""In which the pages of a server that was killed end."""

practice = typer.Typer(name="practice", help="The practices of this installation.", rich_markup_mode=None)


def serve(
    *,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Where to listen; others reach it only behind HTTPS.")
    ] = HOST,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = PORT,
) -> None:
    """Serve the practice: pages, jobs and database, on this machine.

    The database is a PostgreSQL of its own under ANODYNE_HOME, unless DATABASE_URL names another.  Stop it
    with Ctrl-C; what was saved stays.
    """
    with _ready() as here:
        _demand_free(host, port)
        _say_who_may_come(f"http://{host}:{port}")
        _run(here, host, port)


def demo(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = PORT,
    patients: Annotated[int, typer.Option(min=1, max=20_000, help="How many patients are made up.")] = 40,
    only_make: Annotated[
        bool, typer.Option("--only-make", help="Make the practice, and do not serve it.")
    ] = False,
) -> None:
    """Serve a made-up practice with a year behind it, to be looked at and tried out.

    It has a database of its own under ANODYNE_HOME/demo, on this machine alone, whatever DATABASE_URL says,
    and a made-up clearinghouse that answers what is sent to it.
    """
    os.environ.pop("DATABASE_URL", None)
    home = data_home() / "demo"
    with _ready(home) as here:
        from anodyne.app.practice import demo as made_up  # noqa: PLC0415  needs the database

        if made_up.is_there():
            people = made_up.people()
        else:
            today = dt.datetime.now(dt.UTC).date()
            made = made_up.make_demo(home, as_of=today, patients=patients, told=_progress)
            people = made.people
            typer.echo(", ".join(f"{count:,} {name}" for name, count in made.counts.items()))
        typer.echo(f"\n{made_up.NAME}. Sign in with the password {made_up.PASSWORD!r} as")
        for role, name, email in people:
            typer.echo(f"  {role:14} {email:32} {name}")
        if not only_make:
            _demand_free(HOST, port)
            typer.echo(f"\nAnodyne serves at http://{HOST}:{port}")
            _run(here, HOST, port, answering=made_up.folder(home))


def _demand_free(host: str, port: int) -> None:
    """Raise BadRequest where somebody else listens there; one that was killed lets go within a moment."""
    until = time.monotonic() + _LETS_GO_SECONDS
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if time.monotonic() > until or error.errno != errno.EADDRINUSE:
                    raise BadRequest(
                        f"{host}:{port} cannot be listened on: {error.strerror}",
                        where="--host, --port",
                        fix="Is Anodyne running already? Else name another port.",
                    ) from error
            else:
                return
        time.sleep(0.3)


def _progress(told: str) -> None:
    if sys.stderr.isatty():
        typer.echo(told, err=True)


@practice.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The practice's name.")],
    *,
    admin: Annotated[str, typer.Option(metavar="EMAIL", help="Of its first administrator.")],
    admin_name: Annotated[str, typer.Option(metavar="NAME", help="The administrator's name.")],
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where the pages are served.")
    ] = f"http://{HOST}:{PORT}",
) -> None:
    """Add a practice with its first administrator, who sets a password through the link that is shown."""
    with _ready():
        from anodyne.app.practice.founding import found  # noqa: PLC0415  needs the database

        link = found(name, email=admin, person=admin_name)
        typer.echo(f"{name} is there. {admin_name} sets a password at\n\n    {address}{link}\n")
        typer.echo("The link works once. Start the pages with: anodyne serve")


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there.")],
) -> None:
    """Write everything in the database to one file, which holds patients' data: keep it as such."""
    with _ready() as here:
        from anodyne.store.backups import dump  # noqa: PLC0415

        size = dump(here, file)
        typer.echo(f"{file}  {size:,} bytes. Whoever can read it reads everything.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `anodyne backup` wrote.")],
) -> None:
    """Bring back what a backup holds, into a database in which no practice is."""
    with _ready() as here:
        from anodyne.store.backups import bring_back  # noqa: PLC0415

        counts = bring_back(here, file)
        typer.echo(", ".join(f"{count:,} {name}" for name, count in counts.items()))


@contextmanager
def _ready(home: Path | None = None) -> "Iterator[Instance]":
    """The installation, with its tables as this version wants them."""
    try:
        from anodyne.store.instance import instance  # noqa: PLC0415  only these commands need a database
    except ImportError as error:
        raise BadRequest(
            f"the practice needs more than is installed: {error.name}",
            where="anodyne serve",
            fix="Install anodyne[serve].",
        ) from error
    with instance(home or data_home()) as here:
        here.configure()
        from anodyne.store.setup import prepare  # noqa: PLC0415  needs the settings

        prepare()
        yield here


def _say_who_may_come(address: str) -> None:
    from anodyne.app.practice.founding import anybody  # noqa: PLC0415

    typer.echo(f"Anodyne serves at {address}")
    if not anybody():
        typer.echo(
            "No practice is there yet. Add one in another terminal:\n\n"
            '    anodyne practice add "Its name" --admin you@example.org --admin-name "Your Name"\n'
        )


@dataclass
class _Child:
    """A process of the application, started again when it ends."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    process: "subprocess.Popen[bytes] | None" = None
    ends: int = 0
    since: float = 0
    next_at: float = 0

    def tend(self, now: float) -> None:
        """Start it where it does not run and its rest is over."""
        if self.process is not None and self.process.poll() is not None:
            steady = now - self.since > _STEADY_SECONDS
            self.ends = 1 if steady else self.ends + 1
            rest = _RESTS[min(self.ends, len(_RESTS)) - 1]
            typer.echo(
                f"{self.name} ended ({self.process.returncode}); it starts again in {rest:g} s", err=True
            )
            self.process, self.next_at = None, now + rest
        if self.process is None and now >= self.next_at:
            self.process, self.since = self.start(), now


@dataclass
class _Database:
    """The database's own server, started again when it was killed."""

    server: "Server"
    next_at: float = 0

    def tend(self, now: float) -> None:
        """Look whether it runs, now and then."""
        if now < self.next_at:
            return
        from anodyne.store.server import revive  # noqa: PLC0415  needs what serving needs

        try:
            if revive(self.server):
                typer.echo("the database had ended; it was started again", err=True)
        except (OSError, subprocess.SubprocessError):
            typer.echo("the database ended and cannot be started yet; it is tried again", err=True)
        self.next_at = time.monotonic() + _LOOK_SECONDS


def _run(here: "Instance", host: str, port: int, *, answering: Path | None = None) -> None:
    """Run the processes until this one is asked to end; a made-up clearinghouse too, on a folder."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stopping.append(number))

    def starter(module: str, *arguments: str) -> Callable[[], "subprocess.Popen[bytes]"]:
        return lambda: subprocess.Popen(  # noqa: S603  our own modules
            [sys.executable, "-m", module, *arguments], env=here.environment(), stdin=subprocess.PIPE
        )

    children: list[_Child | _Database] = [] if here.server is None else [_Database(here.server)]
    children += [
        _Child("the web server", starter(_PROCESSES["web"], host, str(port))),
        _Child("the job worker", starter(_PROCESSES["jobs"])),
    ]
    if answering is not None:
        children.append(
            _Child("the made-up clearinghouse", starter(_PROCESSES["clearinghouse"], str(answering)))
        )
    while not stopping:
        for child in children:
            child.tend(time.monotonic())
        time.sleep(0.2)
    typer.echo("stopping", err=True)
    running = [child.process for child in children if isinstance(child, _Child) and child.process is not None]
    for process in running:
        process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
