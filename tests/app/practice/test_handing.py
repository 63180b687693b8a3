"""Files handed over once, whatever breaks on the way, to a folder and to a real SFTP server."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from anodyne.app.practice import handing
from anodyne.app.practice.handing import BEGUN, hand_over, kind_of, pick_up, to_hand_over, to_pick_up
from anodyne.app.practice.mailboxes import SECRETS, config_of, has_secret, keep_secret, secret_of
from anodyne.app.practice.sending import batch, release, withdraw
from anodyne.exchange.sftp import Sftp
from anodyne.kernel.errors import BadRequest, NameTaken, NotExchanged, Unreachable
from anodyne.store.models import Claim, ClaimState, Clearinghouse, Document, Practice, Submission, Task
from anodyne.store.scope import within
from tests.database import Database
from tests.denials.acknowledged import Status, claim_file
from tests.outward import AS_OF, MADE_AT, make_sending
from tests.practice import Small

pytestmark = pytest.mark.usefixtures("database")


def released(one: Small) -> int:
    with within(one.practice.pk, one.user.pk):
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        release(made.pk, as_of=AS_OF)
    return made.pk


def state_of(one: Small, key: int) -> tuple[str, str, set[str]]:
    with within(one.practice.pk):
        made = Submission.objects.get(pk=key)
        return made.state, made.problem, set(Claim.objects.values_list("state", flat=True))


def test_a_released_file_is_handed_over_once(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1", "A2")
    key = released(one)
    assert to_hand_over(one.practice.pk) == [key]
    assert hand_over(one.practice.pk, one.user.pk, key)
    assert not hand_over(one.practice.pk, one.user.pk, key)
    (file,) = (tmp_path / "outbound").iterdir()
    with within(one.practice.pk):
        assert file.read_bytes() == bytes(Submission.objects.get().document.content)
    assert state_of(one, key) == ("handed_over", "", {ClaimState.SENT})
    assert to_hand_over(one.practice.pk) == []


def test_what_was_not_released_stays(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    with within(one.practice.pk, one.user.pk):
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
    assert not hand_over(one.practice.pk, one.user.pk, made.pk)
    assert not list((tmp_path / "outbound").iterdir())


def test_an_outage_keeps_its_reason_and_the_next_try_does_it(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)
    (tmp_path / "outbound").rename(tmp_path / "gone")
    with pytest.raises(NotExchanged):
        hand_over(one.practice.pk, one.user.pk, key)
    state, problem, _ = state_of(one, key)
    assert state == "released"
    assert "Name a folder that is there" in problem
    with within(one.practice.pk), pytest.raises(BadRequest, match="has begun"):
        withdraw(key)
    (tmp_path / "gone").rename(tmp_path / "outbound")
    assert hand_over(one.practice.pk, one.user.pk, key)
    assert state_of(one, key)[:2] == ("handed_over", "")


def test_a_made_up_practice_calls_no_server(tmp_path: Path) -> None:
    one, place, _ = make_sending(tmp_path, "A1")
    key = released(one)
    with within(one.practice.pk):
        Practice.objects.filter(pk=one.practice.pk).update(is_demo=True)
        Clearinghouse.objects.update(carrier="sftp")
    with pytest.raises(BadRequest, match="made-up practice"):
        hand_over(one.practice.pk, None, key)
    with pytest.raises(BadRequest, match="made-up practice"):
        pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)


def test_another_file_of_the_name_is_not_written_over(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)
    (tmp_path / "outbound" / f"SUB01-{one.practice.pk}-000000001.837").write_bytes(b"something else")
    with pytest.raises(NameTaken):
        hand_over(one.practice.pk, one.user.pk, key)
    assert state_of(one, key)[0] == "released"


KILLED = """
    import os, signal, sys
    import django
    django.setup()
    from contextlib import contextmanager
    from anodyne.app.practice import handing
    from anodyne.app.practice.mailboxes import mailbox

    class Box:
        def __init__(self, box): self.box = box
        def put(self, name, data):
            self.box.put(name, data)
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def opened(house):
        with mailbox(house) as box:
            yield Box(box)

    handing.hand_over(int(sys.argv[1]), None, int(sys.argv[2]), opened=opened)
"""


def run(database: Database, code: str, *args: object, home: Path) -> int:
    """The exit status of a process that runs `code` on the database."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "anodyne.web.settings",
        "ANODYNE_SECRET_KEY": "made-up",
        "ANODYNE_APP_URL": database.url,
        "ANODYNE_HOME": str(home),
        "ANODYNE_EXCHANGE": str(home),
    }
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)], env=environment, check=False,
        capture_output=True, timeout=120,
    )  # fmt: skip
    assert done.returncode <= 0, done.stderr.decode()
    return done.returncode


def test_killed_between_the_file_and_its_record_and_run_again_it_is_there_once(
    tmp_path: Path, database: Database
) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)
    assert run(database, KILLED, one.practice.pk, key, home=tmp_path) == -signal.SIGKILL
    assert state_of(one, key) == ("released", BEGUN, {ClaimState.BATCHED})
    (file,) = (tmp_path / "outbound").iterdir()
    before = file.stat().st_mtime_ns, file.read_bytes()
    with within(one.practice.pk), pytest.raises(BadRequest, match="has begun"):
        withdraw(key)
    assert hand_over(one.practice.pk, one.user.pk, key)
    (file,) = (tmp_path / "outbound").iterdir()
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    assert state_of(one, key) == ("handed_over", "", {ClaimState.SENT})


BATCH_KILLED = """
    import datetime as dt, os, signal, sys
    import django
    django.setup()
    from anodyne.app.practice import sending
    from anodyne.store.scope import within
    real = sending.SubmissionClaim.objects.bulk_create

    def bulk_create(rows):
        real(rows)
        os.kill(os.getpid(), signal.SIGKILL)

    sending.SubmissionClaim.objects.bulk_create = bulk_create
    with within(int(sys.argv[1])):
        sending.batch(as_of=dt.date(2026, 11, 21), made_at=dt.datetime(2026, 11, 21, 15, 30, tzinfo=dt.UTC))
"""


def test_killed_in_the_middle_of_a_batch_nothing_is_half_done(tmp_path: Path, database: Database) -> None:
    one, _, _ = make_sending(tmp_path, *(f"A{n}" for n in range(5)))
    assert run(database, BATCH_KILLED, one.practice.pk, home=tmp_path) == -signal.SIGKILL
    with within(one.practice.pk, one.user.pk):
        assert not Submission.objects.exists()
        assert not Document.objects.exists()
        assert set(Claim.objects.values_list("state", flat=True)) == {ClaimState.READY}
        made = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk)
        assert made.submissions[0].control_number == 1
        assert made.submissions[0].claims.count() == 5


# ---------------------------------------------------------------------------- picked up


def test_what_cannot_be_read_is_kept_and_is_a_task_once(tmp_path: Path) -> None:
    one, place, _ = make_sending(tmp_path, "A1")
    (tmp_path / "inbound" / "report.txt").write_bytes(b"Have a nice day")
    for _ in range(2):
        found = pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)
    assert found.new == ()
    with within(one.practice.pk):
        assert Task.objects.get().title == "report.txt cannot be read: it is no 999, 277CA or 835"
        assert bytes(Document.objects.get(kind="unread").content) == b"Have a nice day"
    assert to_pick_up(one.practice.pk) == [place.pk]


def test_a_file_whose_work_was_broken_off_is_worked_by_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, place, _ = make_sending(tmp_path, "A1")
    hand_over(one.practice.pk, one.user.pk, released(one))
    answer = claim_file(Status("A1", charge="175", member="1EG4TE5MK72", served="20261117"))
    (tmp_path / "inbound" / "1.277").write_bytes(answer)
    (tmp_path / "inbound" / "2.txt").write_bytes(b"hello")

    def broken(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(handing, "read_answers", broken)
    with pytest.raises(OSError):  # noqa: PT011  the very one that was raised
        pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)
    with within(one.practice.pk):
        assert Document.objects.filter(kind="277CA").exists()
        assert Task.objects.get().title.startswith("2.txt cannot be read")
        assert Claim.objects.get().state == ClaimState.SENT
    monkeypatch.undo()
    pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)
    with within(one.practice.pk):
        assert Claim.objects.get().state == ClaimState.ACCEPTED


def test_a_changed_file_of_the_same_name_is_taken(tmp_path: Path) -> None:
    one, place, _ = make_sending(tmp_path, "A1")
    file = tmp_path / "inbound" / "report.txt"
    for text in (b"one", b"two"):
        file.write_bytes(text)
        os.utime(file, (time.time() + 5, time.time() + 5))
        pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)
    with within(one.practice.pk):
        assert Document.objects.filter(kind="unread").count() == 2


def test_files_are_told_apart_by_what_is_in_them() -> None:
    parties = f"*ZZ*{'A':15}*ZZ*{'B':15}".encode()
    head = b"ISA*00*          *00*          " + parties + b"*261121*1030*^*00501*000000001*0*T*:~"
    for number, kind in (("835", "835"), ("999", "999"), ("277", "277CA"), ("270", "unread")):
        body = f"GS*XX*A*B*20261121*1030*1*X*005010~ST*{number}*0001~".encode()
        assert kind_of(head + body) == kind
    assert kind_of(head[:50]) == "unread"
    assert kind_of(b"") == "unread"


# ---------------------------------------------------------------------------- secrets


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANODYNE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def house(practice: int = 1, name: str = "river", **more: Any) -> Clearinghouse:
    return Clearinghouse(practice_id=practice, secret_name=name, **more)


def test_secrets_are_in_a_file_of_their_owner_alone(home: Path) -> None:
    key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"
    keep_secret(house(), 'a "pass"\\word')
    keep_secret(house(name="lake"), key, "phrase")
    assert stat.S_IMODE((home / SECRETS).stat().st_mode) == 0o600
    assert secret_of(house()) == {"password": 'a "pass"\\word'}
    assert secret_of(house(name="lake")) == {"private_key": key, "passphrase": "phrase"}
    assert has_secret(house())
    assert not has_secret(house(name="sea"))
    with pytest.raises(BadRequest, match="no password or key is kept"):
        secret_of(house(name="sea"))
    (home / SECRETS).chmod(0o640)
    with pytest.raises(BadRequest, match="others than its owner"):
        secret_of(house())


def test_no_practice_can_name_the_secret_of_another(home: Path) -> None:
    assert home
    keep_secret(house(1), "ours")
    assert not has_secret(house(2))


def test_a_server_and_its_port_are_told_apart(home: Path) -> None:
    assert home
    keep_secret(house(), "x")
    told: dict[str, Any] = {"carrier": "sftp", "user_name": "us", "host_key": "ssh-ed25519 AAAA\n"}
    config = config_of(house(address="sftp.example.test:2222", **told))
    assert isinstance(config, Sftp)
    assert (config.host, config.port, config.user, config.password) == ("sftp.example.test", 2222, "us", "x")
    plain = config_of(house(address="sftp.example.test", **told))
    assert isinstance(plain, Sftp)
    assert (plain.host, plain.port) == ("sftp.example.test", 22)


def test_a_practice_uses_its_own_folders_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANODYNE_EXCHANGE", "/srv/all:2=/srv/two")

    def allowed(address: str, practice: int = 1) -> bool:
        try:
            return bool(config_of(house(practice, carrier="directory", address=address)))
        except BadRequest:
            return False

    assert allowed(f"{home}/exchange/1")
    assert allowed(f"{home}/exchange/1/river")
    assert not allowed(f"{home}/exchange/2")
    assert not allowed(f"{home}/exchange/1/../2")
    assert not allowed(str(home))
    assert not allowed("/etc")
    assert allowed("/srv/all/x")
    assert not allowed("/srv/two")
    assert allowed("/srv/two", 2)


# ---------------------------------------------------------------------------- a real SFTP server


SERVER = """
    import asyncio, sys
    import asyncssh
    root, key, ready = sys.argv[1:]

    class Auth(asyncssh.SSHServer):
        def begin_auth(self, username): return True
        def password_auth_supported(self): return True
        def validate_password(self, username, password): return (username, password) == ("us", "made-up")

    async def main():
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Auth, server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
        )
        with open(ready, "w") as file:
            file.write(str(server.get_port()))
        await asyncio.Event().wait()

    asyncio.run(main())
"""


@contextmanager
def sftp_server(root: Path, folder: Path) -> Iterator[tuple[int, str]]:
    """A server on loopback over `root`: its port and public key."""
    import asyncssh  # noqa: PLC0415

    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(folder / "host_key"))
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    code = textwrap.dedent(SERVER)
    server = subprocess.Popen([sys.executable, "-c", code, root, folder / "host_key", ready])
    try:
        deadline = time.monotonic() + 30
        while not (ready.exists() and ready.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        public = " ".join(key.export_public_key().decode().split()[:2])
        yield int(ready.read_text()), public
    finally:
        server.kill()
        server.wait()


def river(one: Small) -> Clearinghouse:
    return house(one.practice.pk)


def test_a_file_goes_to_a_real_server_and_its_answer_comes_back(tmp_path: Path, home: Path) -> None:
    assert home
    root = tmp_path / "server"
    one, place, _ = make_sending(root, "A1")
    key = released(one)
    with sftp_server(root, tmp_path) as (port, public):
        keep_secret(river(one), "made-up")
        with within(one.practice.pk, one.user.pk):
            Clearinghouse.objects.filter(pk=place.pk).update(
                carrier="sftp",
                address=f"127.0.0.1:{port}",
                user_name="us",
                secret_name="river",
                host_key=public,
            )
        assert hand_over(one.practice.pk, one.user.pk, key)
        (file,) = (root / "outbound").iterdir()
        assert b"CLM*A1*" in file.read_bytes()
        (root / "inbound" / "note.txt").write_bytes(b"hello")
        assert pick_up(one.practice.pk, None, place.pk, as_of=AS_OF).unread == ("note.txt",)
    with pytest.raises(Unreachable):
        pick_up(one.practice.pk, None, place.pk, as_of=AS_OF)


def test_a_server_that_is_down_is_tried_again(tmp_path: Path, home: Path) -> None:
    assert home
    root = tmp_path / "server"
    one, place, _ = make_sending(root, "A1")
    key = released(one)
    keep_secret(river(one), "made-up")
    with sftp_server(root, tmp_path) as (port, public):
        pass
    with within(one.practice.pk, one.user.pk):
        Clearinghouse.objects.filter(pk=place.pk).update(
            carrier="sftp", address=f"127.0.0.1:{port}", user_name="us", secret_name="river", host_key=public
        )
    with pytest.raises(Unreachable) as error:
        hand_over(one.practice.pk, one.user.pk, key)
    assert error.value.again
    assert "made-up" not in state_of(one, key)[1]
    assert state_of(one, key)[0] == "released"
