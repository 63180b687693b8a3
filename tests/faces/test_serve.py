"""`anodyne serve`, killed and started again; practices, backups and the made-up practice."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from anodyne.store.server import start

COMMAND = (sys.executable, "-c", "from anodyne.cli.main import run; run()")
PATIENCE = 120


def environment(home: Path) -> dict[str, str]:
    """Of a command whose data directory is `home`, and that knows no database."""
    own = (
        "ANODYNE_APP_URL",
        "ANODYNE_OWNER_URL",
        "ANODYNE_SECRET_KEY",
        "DJANGO_SETTINGS_MODULE",
        "DATABASE_URL",
    )
    kept = {name: value for name, value in os.environ.items() if name not in own}
    return {**kept, "ANODYNE_HOME": str(home)}


def anodyne(home: Path, *arguments: str, status: int = 0) -> str:
    """What a command says."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE * 4,
        check=False,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, path: str = "/health") -> int | None:
    """The status of a page; None where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def wait_for(what: str, holds: object) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if callable(holds) and holds():
            return
        time.sleep(0.2)
    raise AssertionError(f"{what} did not come")


@contextmanager
def serving(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`anodyne serve` once its pages answer."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("the pages", lambda: answers(port) == 200)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("practice")
    yield folder
    start(folder).cleanup()


def practices(home: Path) -> list[str]:
    server = start(home)
    try:
        with psycopg.connect(server.get_uri("anodyne")) as connection:
            return [name for (name,) in connection.execute("SELECT name FROM practices ORDER BY name")]
    finally:
        server.cleanup()


def test_killed_at_a_bad_moment_it_starts_again_with_everything(home: Path) -> None:
    port = free_port()
    said = anodyne(
        home, "practice", "add", "Lakeside Pain", "--admin", "dana@example.test", "--admin-name", "Dana"
    )
    link = next(line.strip() for line in said.splitlines() if "/accounts/" in line)
    with serving(home, port) as first:
        assert answers(port, "/accounts/login/") == 200
        assert "Is Anodyne running already?" in anodyne(home, "serve", "--port", str(port), status=2)
        assert answers(port, link.partition(":8700")[2]) == 200
        first.send_signal(signal.SIGKILL)
        wait_for("the end of its children", lambda: answers(port) is None)
    with serving(home, port) as second:
        assert answers(port, "/accounts/login/") == 200
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
    assert practices(home) == ["Lakeside Pain"]
    kept = home / "secrets.json"
    assert kept.stat().st_mode & 0o077 == 0


def test_a_database_that_is_killed_is_started_again(home: Path) -> None:
    port = free_port()
    with serving(home, port):
        process = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGKILL)
        wait_for(
            "another database",
            lambda: not (home / "postgres" / "postmaster.pid").read_text().startswith(f"{process}\n"),
        )
        wait_for("the pages", lambda: answers(port) == 200)


def test_a_practice_of_the_same_name_or_a_bad_address_is_refused(home: Path) -> None:
    again = ("practice", "add", "Lakeside Pain", "--admin", "x@example.test", "--admin-name", "X")
    assert "there is a practice Lakeside Pain" in anodyne(home, *again, status=2)
    wrong = ("practice", "add", "Other", "--admin", "nobody", "--admin-name", "X")
    assert "no e-mail address" in anodyne(home, *wrong, status=2)
    assert practices(home) == ["Lakeside Pain"]


def test_a_backup_brings_everything_back_elsewhere(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "practice.backup"
    anodyne(home, "backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert "there is a file already" in anodyne(home, "backup", str(file), status=2)
    other = tmp_path / "other"
    assert "1 practices, 1 users" in anodyne(other, "restore", str(file))
    assert practices(other) == ["Lakeside Pain"]
    assert "would lose it" in anodyne(other, "restore", str(file), status=2)
    broken = tmp_path / "broken"
    broken.write_bytes(b"no backup")
    assert "this is no backup" in anodyne(tmp_path / "third", "restore", str(broken), status=2)
    assert "cannot be read" in anodyne(tmp_path / "third", "restore", str(tmp_path / "none"), status=2)
    for folder in (other, tmp_path / "third"):
        start(folder).cleanup()


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    told = environment(tmp_path) | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    command = [*COMMAND, "backup", str(tmp_path / "x")]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 2
    assert "the database does not answer" in done.stderr
    assert not (tmp_path / "x").exists()
