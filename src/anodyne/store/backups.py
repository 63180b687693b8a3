"""The whole database as one file, and back."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from anodyne.kernel.errors import BadRequest, UnreadableFile
from anodyne.store.instance import Instance
from anodyne.store.models import Claim, Patient, Practice, User
from anodyne.store.security import table_of
from anodyne.store.server import programs
from anodyne.store.setup import prepare

_MAGIC: Final = b"PGDMP"
COUNTED: Final = {"practices": Practice, "users": User, "patients": Patient, "claims": Claim}
"""What is counted to tell that it is all there."""


def dump(here: Instance, path: Path) -> int:
    """Write the database to `path`, whole or not at all; its size in bytes.

    Raises BadRequest where something is at `path` already, or the database cannot be read.
    """
    if path.exists():
        raise BadRequest("there is a file already", where=str(path), fix="Name another, or remove it.")
    fresh = path.with_name(f".{path.name}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            _run(["pg_dump", "--format=custom", "--no-owner", "--no-acl", here.owner_url], stdout=stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.stat().st_size


def bring_back(here: Instance, path: Path) -> dict[str, int]:
    """Bring back the database that `path` holds; how many practices, users, patients and claims there are.

    Raises UnreadableFile where it is no backup, BadRequest where a practice is in the database: nothing is
    written over.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(len(_MAGIC))
    except OSError as error:
        raise UnreadableFile(
            f"the backup cannot be read: {error.strerror}",
            where=str(path),
            fix="Look at its name and rights.",
        ) from error
    if start != _MAGIC:
        raise UnreadableFile("this is no backup", where=str(path), fix="Name a file of `anodyne backup`.")
    if _counts(here)["practices"]:
        raise BadRequest(
            "a practice is in the database, and a restore would lose it",
            where=str(here.home),
            fix="Restore with another ANODYNE_HOME, or into an empty database.",
        )
    with psycopg.connect(here.owner_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    _run(
        ["pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", "--dbname",
         here.owner_url, str(path)]
    )  # fmt: skip
    prepare()
    return _counts(here)


def _counts(here: Instance) -> dict[str, int]:
    with psycopg.connect(here.owner_url) as connection:
        counts = {}
        for name, model in COUNTED.items():
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table_of(model)))
            row = connection.execute(query).fetchone()
            counts[name] = row[0] if row else 0
    return counts


def _run(command: list[str], stdout: object = None) -> None:
    """Run one of PostgreSQL's programs: the system's where DATABASE_URL names its server, else our own."""
    own = programs() / command[0]
    program = str(own) if own.exists() else shutil.which(command[0])
    if program is None:
        raise BadRequest(
            f"{command[0]} is not there", where="PATH", fix="Install PostgreSQL's client programs."
        )
    done = subprocess.run(  # noqa: S603  a program of PostgreSQL, with our own arguments
        [program, *command[1:]],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,  # type: ignore[call-overload]
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise BadRequest(
            f"{command[0]} failed: {' '.join(last)}",
            where="the database",
            fix="See what it says, and try again.",
        )
