"""A real PostgreSQL for tests: one server and database a test process, emptied after each test.

It is made ready as `anodyne serve` makes it ready.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

import psycopg
from django.db import connections
from psycopg import sql

from anodyne.store.roles import make_role
from anodyne.store.server import Server, start
from anodyne.store.setup import prepare
from anodyne.web.settings import database_of

PASSWORD: Final = "made-up"
NAME: Final = "made_up"
KEPT: Final = ("django_migrations", "django_content_type", "auth_permission")
"""Tables whose rows come with the migrations."""


class Database:
    """The database of this test process, of which Django's connections are."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="anodyne-postgres-"))
        self.server: Server = start(self._folder)
        with psycopg.connect(self.server.get_uri(), autocommit=True) as root:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                root.execute(f"ALTER SYSTEM SET {setting} = off")
            root.execute("SELECT pg_reload_conf()")
            root.execute(f"CREATE DATABASE {NAME}")
        self.owner_url = self.server.get_uri(NAME)
        self.url = make_role(self.owner_url, PASSWORD)
        for alias, url in {"owner": self.owner_url, "default": self.url}.items():
            told = {**database_of(url), "CONN_MAX_AGE": 0}
            connections.settings[alias].update(told)
            connections[alias].settings_dict.update(told)
        prepare()
        connections.close_all()
        self._root = psycopg.connect(self.owner_url, autocommit=True)
        tables = self._root.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [sql.Identifier(name) for (name,) in tables if name not in KEPT]
        self._empty = sql.SQL(";").join(sql.SQL("DELETE FROM {}").format(name) for name in names)
        self._root.execute("SET session_replication_role = replica")

    def empty(self) -> None:
        """Remove all rows."""
        connections.close_all()
        self._root.execute(self._empty)

    def close(self) -> None:
        """Stop the server and remove its data."""
        self._root.close()
        self.server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
