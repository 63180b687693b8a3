"""The mailbox on an SFTP server: a real one, with a wire that is cut, and what it refuses."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from anodyne.exchange.mailbox import Listed, Mailbox, new
from anodyne.exchange.opened import open_mailbox
from anodyne.exchange.sftp import Sftp
from anodyne.kernel.errors import (
    BadRequest,
    HostRefused,
    NameTaken,
    NotExchanged,
    SignInRefused,
    Unreachable,
)
from tests.exchange.server import HOST, PASSWORD, USER, Hooks, Server, running, wire

WRONG = "wrong-secret"
DATA = b"ISA*00*made up~" * 9000
"""Some 130 kB: more than one packet, and more than one write."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(folders(tmp_path)) as told:
        yield told


def folders(root: Path) -> Path:
    for name in ("in", "out"):
        (root / name).mkdir()
    return root


def config(server: Server, **changes: Any) -> Sftp:
    told: dict[str, Any] = {
        "host": HOST,
        "port": server.port,
        "user": USER,
        "password": PASSWORD,
        "host_keys": (server.host_key,),
        "send_to": "in",
        "take_from": "out",
        "seconds": 5.0,
    }
    return Sftp(**{**told, **changes})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Putting


def test_a_file_arrives_whole_under_its_name_and_nothing_else(server: Server) -> None:
    with open_mailbox(config(server)) as mailbox:
        mailbox.put("day.837", DATA)
        mailbox.put("empty.837", b"")
    assert files(server.root / "in") == {"day.837": DATA, "empty.837": b""}


def test_the_same_again_has_the_effect_of_once(server: Server) -> None:
    for _ in range(2):
        with open_mailbox(config(server)) as mailbox:
            mailbox.put("day.837", DATA)
            before = (server.root / "in" / "day.837").stat().st_mtime_ns
            mailbox.put("day.837", DATA)
            assert (server.root / "in" / "day.837").stat().st_mtime_ns == before
    assert files(server.root / "in") == {"day.837": DATA}


@pytest.mark.parametrize("other", [b"", DATA[:-1], DATA[:-1] + b"!", DATA + b"!"])
def test_another_file_of_the_name_is_never_written_over(server: Server, other: bytes) -> None:
    (server.root / "in" / "day.837").write_bytes(other)
    with open_mailbox(config(server)) as mailbox, pytest.raises(NameTaken, match="another file of the name"):
        mailbox.put("day.837", DATA)
    assert files(server.root / "in") == {"day.837": other}


def test_another_file_that_comes_between_is_not_written_over(tmp_path: Path) -> None:
    target = folders(tmp_path) / "in" / "day.837"

    def come(*_: object) -> None:
        target.write_bytes(b"theirs")

    with running(tmp_path, hooks={"rename": come}) as told:
        with open_mailbox(config(told)) as mailbox, pytest.raises(NameTaken):
            mailbox.put("day.837", DATA)
        assert files(tmp_path / "in") == {"day.837": b"theirs"}


def test_two_who_put_the_same_at_once_leave_it_once(server: Server) -> None:
    failed: list[Exception] = []

    def put() -> None:
        try:
            with open_mailbox(config(server)) as mailbox:
                mailbox.put("day.837", DATA)
        except NotExchanged as error:
            failed.append(error)

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert files(server.root / "in") == {"day.837": DATA}
    assert len(failed) < len(threads)


def test_what_a_broken_attempt_left_is_swept_and_that_of_others_is_not(server: Server) -> None:
    with wire(server.port, up=60_000) as cut, pytest.raises(Unreachable):  # noqa: SIM117
        with open_mailbox(config(server, port=cut.port)) as mailbox:
            mailbox.put("day.837", DATA)
    (left,) = files(server.root / "in")
    assert left.startswith(".anodyne-")
    (server.root / "in" / ".anodyne-0-0.part").write_bytes(b"of another file")
    with open_mailbox(config(server)) as mailbox:
        assert mailbox.listing() == ()
        mailbox.put("day.837", DATA)
    assert files(server.root / "in") == {"day.837": DATA, ".anodyne-0-0.part": b"of another file"}


@pytest.mark.parametrize("direction", ["up", "down"])
def test_wherever_the_wire_is_cut_the_file_is_whole_or_not_there(server: Server, direction: str) -> None:
    with wire(server.port) as whole, open_mailbox(config(server, port=whole.port)) as mailbox:
        mailbox.put("first.837", DATA)
    most = whole.up if direction == "up" else whole.down
    outcomes = set()
    for number, at in enumerate((*range(0, most, most // 13 + 1), most + 4_000)):
        name = f"{direction}{number}.837"
        with wire(server.port, **{direction: at}) as cut:
            outcomes.add(attempt(config(server, port=cut.port), name))
        visible = {k: v for k, v in files(server.root / "in").items() if not k.startswith(".")}
        assert visible.get(name, DATA) == DATA
        with open_mailbox(config(server)) as mailbox:
            mailbox.put(name, DATA)
        assert (server.root / "in" / name).read_bytes() == DATA
    assert outcomes == {True, False}


def attempt(told: Sftp, name: str) -> bool:
    """Whether the file was put; if not, that is to be tried again."""
    try:
        with open_mailbox(told) as mailbox:
            mailbox.put(name, DATA)
    except Unreachable as error:
        return not (error.again and told.where in error.where)
    return True


def test_a_server_that_does_not_let_us_look_does_not_pass_for_the_same(tmp_path: Path) -> None:
    def no(*args: Any) -> None:
        if args[1] & 1 and not args[1] & 2:  # to read, not to write
            raise asyncssh.SFTPPermissionDenied("made up")

    (folders(tmp_path) / "in" / "day.837").write_bytes(DATA)
    with (
        running(tmp_path, hooks={"open": no}) as told,
        open_mailbox(config(told)) as mailbox,
        pytest.raises(NameTaken, match="cannot be read"),
    ):
        mailbox.put("day.837", DATA)


# A server that refuses


@pytest.mark.parametrize(
    ("hook", "error", "says"),
    [
        ("write", asyncssh.SFTPFailure("No space left on device: Doe"), "whether the folder is full"),
        ("write", OSError(28, "No space left on device"), "whether the folder is full"),
        ("open", asyncssh.SFTPPermissionDenied("Doe"), "what this user may do"),
        ("rename", asyncssh.SFTPPermissionDenied("Doe"), "what this user may do"),
        ("rename", asyncssh.SFTPFailure("Doe"), "whether the folder is full"),
    ],
)
def test_a_full_or_locked_server_leaves_nothing(
    tmp_path: Path, hook: str, error: Exception, says: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    with running(folders(tmp_path), hooks={hook: refuse}) as told:
        with open_mailbox(config(told)) as mailbox, pytest.raises(NotExchanged, match=says) as caught:
            mailbox.put("day.837", DATA)
        assert not caught.value.again
        assert caught.value.where == f"sftp://{HOST}:{told.port}/in"
        assert not {"Doe", PASSWORD, USER} & set(str(caught.value).replace(":", " ").split())
        assert files(tmp_path / "in") == {}


def test_a_folder_that_is_not_there(server: Server) -> None:
    with open_mailbox(config(server, send_to="no", take_from="no")) as mailbox:
        for act in (lambda: mailbox.put("a", b""), mailbox.listing):
            with pytest.raises(NotExchanged, match="Name a folder that is there"):
                act()


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "a\\b", ".hidden", "a\nb", "x" * 201])
def test_names_that_lead_elsewhere_are_refused(server: Server, name: str) -> None:
    with open_mailbox(config(server)) as mailbox:
        for act in (lambda: mailbox.put(name, b"x"), lambda: mailbox.get(name), lambda: mailbox.remove(name)):
            with pytest.raises(NotExchanged, match="Give the file another name"):
                act()
    assert files(server.root / "in") == {}


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False)])
def test_a_huge_file_is_neither_put_nor_fetched(server: Server, size: int, fits: bool) -> None:
    (server.root / "out" / "big").write_bytes(b"x" * size)
    with open_mailbox(config(server, largest_bytes=1000)) as mailbox:
        for act in (lambda: mailbox.put("big", b"x" * size), lambda: mailbox.get("big")):
            if fits:
                act()
            else:
                with pytest.raises(NotExchanged, match="big has more than 1,000 bytes"):
                    act()
        assert [one.size for one in mailbox.listing()] == [size]
    assert ("big" in files(server.root / "in")) == fits


# Fetching


def test_what_is_new_is_taken_and_left_where_it_is(server: Server) -> None:
    out = server.root / "out"
    seen: set[Listed] = set()

    def fetch() -> dict[str, bytes]:
        with open_mailbox(config(server)) as mailbox:
            fresh = new(mailbox.listing(), seen)
            taken = {one.name: mailbox.get(one.name) for one in fresh}
        seen.update(fresh)
        return taken

    assert fetch() == {}
    (out / "1.999").write_bytes(DATA)
    (out / "2.277").write_bytes(b"")
    assert fetch() == {"1.999": DATA, "2.277": b""}
    assert fetch() == {}
    (out / "1.999").write_bytes(b"another under the same name")
    assert fetch() == {"1.999": b"another under the same name"}
    assert set(files(out)) == {"1.999", "2.277"}


def test_only_plain_files_are_listed(server: Server) -> None:
    out = server.root / "out"
    (out / "folder").mkdir()
    (out / ".hidden").write_bytes(b"x")
    (out / "link").symlink_to(server.root / "in")
    (out / "b\nc").write_bytes(b"x")
    (out / "good").write_bytes(b"abc")
    os.utime(out / "good", (1_790_000_000, 1_790_000_000))
    with open_mailbox(config(server)) as mailbox:
        assert mailbox.listing() == (Listed("good", 3, 1_790_000_000),)


def test_a_name_that_cannot_be_read_is_told(server: Server) -> None:
    Path(os.fsdecode(os.fsencode(server.root / "out") + b"/caf\xe9")).write_bytes(b"x")
    with open_mailbox(config(server)) as mailbox, pytest.raises(NotExchanged, match="not UTF-8"):
        mailbox.listing()


def test_a_file_that_grows_while_it_is_fetched_is_not_given(tmp_path: Path) -> None:
    path = folders(tmp_path) / "out" / "day.835"
    path.write_bytes(DATA)

    def grow(*_: object) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with (
        running(tmp_path, hooks={"read": grow}) as told,
        open_mailbox(config(told)) as mailbox,
        pytest.raises(NotExchanged, match="still being written"),
    ):
        mailbox.get("day.835")


@pytest.mark.parametrize("at", [3_000, 20_000, 60_000, 120_000])
def test_a_fetch_that_is_cut_gives_nothing_and_can_be_tried_again(server: Server, at: int) -> None:
    (server.root / "out" / "day.835").write_bytes(DATA)
    with wire(server.port, down=at) as cut, pytest.raises(Unreachable):  # noqa: SIM117
        with open_mailbox(config(server, port=cut.port)) as mailbox:
            mailbox.get("day.835")
    with open_mailbox(config(server)) as mailbox:
        assert mailbox.get("day.835") == DATA


def test_deleting_is_asked_for_and_twice_is_once(server: Server) -> None:
    (server.root / "out" / "day.835").write_bytes(b"x")
    with open_mailbox(config(server)) as mailbox:
        mailbox.get("day.835")
        assert (server.root / "out" / "day.835").exists()
        mailbox.remove("day.835")
        mailbox.remove("day.835")
        assert mailbox.listing() == ()
        with pytest.raises(NotExchanged, match="Take what is listed"):
            mailbox.get("day.835")


# Who the server is, and who we are


def test_a_server_without_known_key_is_told_nothing(server: Server) -> None:
    refused(config(server, host_keys=()), HostRefused, "is not known: no key of it is given")
    assert server.asked == []


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
def test_a_server_with_another_key_is_told_nothing(server: Server, kind: str) -> None:
    other = asyncssh.generate_private_key(kind).export_public_key().decode().strip()
    told = refused(config(server, host_keys=(other,)), HostRefused, "shows another key than is known")
    assert server.asked == []
    if "SHA256:" in told:
        assert asyncssh.import_public_key(server.host_key).get_fingerprint("sha256") in told


def test_one_of_several_known_keys_is_enough(server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    rsa = asyncssh.generate_private_key("ssh-rsa").export_public_key().decode().strip()
    with open_mailbox(config(server, host_keys=(rsa, server.host_key))) as mailbox:
        assert mailbox.listing() == ()
    refused(config(server, host_keys=(rsa, other)), HostRefused, "another key")


@pytest.mark.parametrize("line", ["", "ssh-ed25519", "ssh-ed25519 !!!", "nonsense AAAA", "ssh-ed25519 AAAA"])
def test_a_known_key_that_is_none(server: Server, line: str) -> None:
    refused(config(server, host_keys=(line,)), BadRequest, "a host key is not of the form")
    assert server.asked == []


@pytest.mark.parametrize("changes", [{"password": WRONG}, {"user": "nobody"}, {"password": ""}])
def test_a_wrong_password(server: Server, changes: dict[str, str]) -> None:
    refused(config(server, **changes), SignInRefused, "does not accept the sign-in")
    assert server.signed_in == []


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
@pytest.mark.parametrize("passphrase", ["", "made-up-phrase"])
def test_sign_in_by_key(tmp_path: Path, kind: str, passphrase: str) -> None:
    key = asyncssh.generate_private_key(kind)
    text = key.export_private_key(passphrase=passphrase or None, rounds=1, ignore_few_rounds=True).decode()
    with running(folders(tmp_path), client_key=key) as told:
        known = {"password": "", "private_key": text}
        with open_mailbox(config(told, **known, passphrase=passphrase)) as mailbox:
            mailbox.put("day.837", b"x")
        if passphrase:
            refused(config(told, **known), SignInRefused, "the private key cannot be read")
            refused(config(told, **known, passphrase=WRONG), SignInRefused, "cannot be read")
        refused(config(told, password="", private_key="nonsense"), SignInRefused, "cannot be read")
        another = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
        refused(config(told, password="", private_key=another), SignInRefused, "does not accept")


def refused(told: Sftp, kind: type[Exception], says: str) -> str:
    with pytest.raises(kind, match=says) as caught, open_mailbox(told):
        pytest.fail("the door was open")
    text = str(caught.value)
    assert told.where in text
    for secret in (PASSWORD, WRONG, "made-up-phrase", told.private_key, told.user):
        assert not secret or secret not in text
    return text


def test_no_secret_shows_in_a_configuration(server: Server) -> None:
    told = config(server, private_key="KEY-TEXT", passphrase=WRONG)
    assert not any(secret in repr(told) for secret in (PASSWORD, "KEY-TEXT", WRONG))


def test_nothing_secret_and_no_name_of_a_file_s_content_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with open_mailbox(config(server)) as mailbox:
        mailbox.put("day.837", b"NM1*QC*1*DOE*PAT~")
    told = " ".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("asyncssh")
    )
    assert PASSWORD not in told
    assert "DOE" not in told


# Time


def test_nobody_there() -> None:
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    some = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    began = time.monotonic()
    refused(Sftp(HOST, USER, (some,), PASSWORD, port=port), Unreachable, "does not answer")
    refused(Sftp("nowhere.invalid", USER, (some,), PASSWORD), Unreachable, "does not answer")
    assert time.monotonic() - began < 20


def test_a_server_that_never_speaks(server: Server) -> None:
    with socket.create_server((HOST, 0)) as silent:
        told = config(server, port=silent.getsockname()[1], seconds=0.5)
        began = time.monotonic()
        refused(told, Unreachable, "does not answer")
        assert time.monotonic() - began < 10


@pytest.mark.parametrize("act", ["put", "get"])
def test_a_server_that_falls_silent(server: Server, act: str) -> None:
    (server.root / "out" / "day.835").write_bytes(DATA)
    limit = {"up": 60_000} if act == "put" else {"down": 60_000}
    began = time.monotonic()
    with wire(server.port, **limit, hang=True) as stuck, pytest.raises(Unreachable):  # noqa: SIM117
        with open_mailbox(config(server, port=stuck.port, seconds=1.0)) as mailbox:
            do(mailbox, act)
    assert time.monotonic() - began < 15
    assert not {name for name in files(server.root / "in") if not name.startswith(".")}


@pytest.mark.parametrize("act", ["put", "get", "listing"])
def test_a_server_that_drips(tmp_path: Path, act: str) -> None:
    (folders(tmp_path) / "out" / "day.835").write_bytes(DATA)

    def slow(*_: object) -> None:
        time.sleep(0.3)

    hooks: Hooks = {"read": slow, "write": slow, "scandir": slow}
    with running(tmp_path, hooks=hooks) as told:
        began = time.monotonic()
        whole = 0.2 if act == "listing" else 0.5
        with pytest.raises(Unreachable), open_mailbox(config(told, whole_seconds=whole)) as mailbox:
            do(mailbox, act)
        assert time.monotonic() - began < 15
        assert not {name for name in files(tmp_path / "in") if not name.startswith(".")}


def do(mailbox: Mailbox, act: str) -> None:
    match act:
        case "put":
            mailbox.put("day.837", DATA)
        case "get":
            mailbox.get("day.835")
        case "listing":
            mailbox.listing()
