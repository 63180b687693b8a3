"""The role as which the application signs in to the database, which owns nothing there."""

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from anodyne.kernel.errors import BadRequest

APPLICATION: Final = "anodyne_app"
"""The role as which the web server and the jobs sign in."""
LEAST_VERSION: Final = 150_000


def make_role(owner_url: str, password: str) -> str:
    """The address at which the application signs in to the database at `owner_url`; makes its role.

    Raises BadRequest where the database cannot be reached, is too old, or the role cannot be made.
    """
    try:
        with psycopg.connect(owner_url, autocommit=True) as connection:
            if connection.info.server_version < LEAST_VERSION:
                raise BadRequest(
                    f"PostgreSQL {connection.info.server_version // 10_000} is too old",
                    where="DATABASE_URL",
                    fix="Use PostgreSQL 15 or newer.",
                )
            known = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [APPLICATION])
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(
                        sql.Identifier(APPLICATION)
                    )
                )
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(APPLICATION), sql.Literal(password)
                )
            )
    except psycopg.errors.InsufficientPrivilege as error:
        raise BadRequest(
            f"the user of the database may not make the role {APPLICATION}",
            where="DATABASE_URL",
            fix="Let a user with CREATEROLE do it.",
        ) from error
    except psycopg.OperationalError as error:
        raise BadRequest(
            "the database does not answer",
            where="DATABASE_URL",
            fix="Look whether it runs, and at its address.",
        ) from error
    return as_application(owner_url, password)


def as_application(owner_url: str, password: str) -> str:
    """`owner_url` with the application's role in place of the owner."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{APPLICATION}:{quote(password, safe='')}@{place}"))
