"""One installation: its data directory, its database, and the secrets with which its processes speak.

What is started from here gets all it needs in its environment; the web server and the jobs never get the
owner's address of the database.
"""

import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from anodyne.store.roles import make_role
from anodyne.store.server import Server, start

DATABASE_URL: Final = "DATABASE_URL"
SETTINGS: Final = "anodyne.web.settings"
_SECRETS: Final = "secrets.json"


@dataclass(frozen=True, slots=True)
class Instance:
    """An installation whose database answers."""

    home: Path
    owner_url: str = field(repr=False)
    app_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    server: Server | None = field(repr=False)
    """The server of its own, where DATABASE_URL names no other."""

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the application finds in its environment."""
        own = {name: value for name, value in os.environ.items() if name != DATABASE_URL}
        return {
            **own,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "ANODYNE_HOME": str(self.home),
            "ANODYNE_SECRET_KEY": self.secret_key,
            "ANODYNE_APP_URL": self.app_url,
            **more,
        }

    def configure(self) -> None:
        """Let this process be one of the owner's: Django set up, with `owner` beside `default`."""
        os.environ.update(self.environment(ANODYNE_OWNER_URL=self.owner_url))
        import django  # noqa: PLC0415  half a second that only these commands need

        django.setup()


@contextmanager
def instance(home: Path, *, database: str = "anodyne") -> Iterator[Instance]:
    """The installation under `home`, with `database` on the server of its own or at DATABASE_URL.

    Raises BadRequest where the database cannot be reached or made ready.
    """
    home.mkdir(parents=True, exist_ok=True)
    kept = _secrets(home / _SECRETS)
    url = os.environ.get(DATABASE_URL)
    server = None
    if url is None:
        server = start(home)
        _create(server.get_uri(), database)
        url = server.get_uri(database)
    try:
        app_url = make_role(url, kept["application_password"])
        yield Instance(home, url, app_url, kept["secret_key"], server)
    finally:
        if server is not None:
            server.cleanup()


def _create(url: str, database: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if known.fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _secrets(path: Path) -> Mapping[str, str]:
    """What is kept at `path`, which nobody else may read; made where it is not there."""
    if not path.exists():
        made = {"secret_key": secrets.token_urlsafe(48), "application_password": secrets.token_urlsafe(32)}
        fresh = path.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(made, stream)
        fresh.replace(path)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    told: dict[str, str] = json.loads(path.read_text())
    return told
