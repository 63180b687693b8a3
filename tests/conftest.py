"""What tests of the practice share: its database."""

from collections.abc import Iterator

import pytest

from tests.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Database]:
    """The PostgreSQL server of this test process."""
    server = Database()
    yield server
    server.close()


@pytest.fixture
def database(postgres: Database) -> Iterator[Database]:
    """An empty database; Django's connections are to it."""
    yield postgres
    postgres.empty()
