"""A folder as a mailbox."""

import os
import resource
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.exchange import folder as folders
from anodyne.exchange.folder import Folder
from anodyne.exchange.mailbox import Listed, Mailbox, is_plain, new
from anodyne.exchange.opened import open_mailbox
from anodyne.kernel.errors import NameTaken, NotExchanged

DATA = b"ISA*00*made up~" * 9000


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with open_mailbox(config(tmp_path)) as opened:
        yield opened


def config(root: Path, **changes: Any) -> Folder:
    for name in ("in", "out"):
        (root / name).mkdir(exist_ok=True)
    return Folder(root / "in", root / "out", **changes)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_arrives_whole_once_and_alone(tmp_path: Path, mailbox: Mailbox) -> None:
    for _ in range(2):
        mailbox.put("day.837", DATA)
        mailbox.put("empty.837", b"")
    assert files(tmp_path / "in") == {"day.837": DATA, "empty.837": b""}
    before = (tmp_path / "in" / "day.837").stat()
    mailbox.put("day.837", DATA)
    assert (tmp_path / "in" / "day.837").stat() == before


@pytest.mark.parametrize("other", [b"", DATA[:-1], DATA[:-1] + b"!", DATA + b"!"])
def test_another_file_of_the_name_is_never_written_over(
    tmp_path: Path, mailbox: Mailbox, other: bytes
) -> None:
    (tmp_path / "in" / "day.837").write_bytes(other)
    with pytest.raises(NameTaken, match="another file of the name"):
        mailbox.put("day.837", DATA)
    assert files(tmp_path / "in") == {"day.837": other}


def test_a_link_or_a_folder_of_the_name_is_not_followed(tmp_path: Path, mailbox: Mailbox) -> None:
    (tmp_path / "elsewhere").write_bytes(DATA)
    (tmp_path / "in" / "day.837").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "more.837").mkdir()
    for name in ("day.837", "more.837"):
        with pytest.raises(NameTaken):
            mailbox.put(name, DATA)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_comes_between_is_not_written_over(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    real = os.link

    def late(source: Path, target: Path, **rest: Any) -> None:
        if links or not target.exists():
            target.write_bytes(b"theirs")
        if not links:
            raise PermissionError(1, "no links here")
        real(source, target, **rest)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(NameTaken):
        mailbox.put("day.837", DATA)
    assert files(tmp_path / "in") == {"day.837": b"theirs"}


def test_a_share_without_links(tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    for _ in range(2):
        mailbox.put("day.837", DATA)
    assert files(tmp_path / "in") == {"day.837": DATA}


def test_a_full_disk_leaves_nothing_and_can_be_tried_again(tmp_path: Path, mailbox: Mailbox) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(DATA) // 2, hard))
    try:
        with pytest.raises(NotExchanged, match="Make room there") as caught:
            mailbox.put("day.837", DATA)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.where == str(tmp_path / "in")
    assert files(tmp_path / "in") == {}
    mailbox.put("day.837", DATA)
    assert files(tmp_path / "in") == {"day.837": DATA}


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(tmp_path).send_to.chmod(0o555)
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with open_mailbox(Folder(Path("in"), Path("out"))) as mailbox:
        assert without_rights(lambda: mailbox.put("day.837", DATA)) == "Let this user read and write there."
    assert files(tmp_path / "in") == {}


def without_rights(act: Callable[[], None]) -> str:
    """The next step that `act` tells, done in a child that is nobody where this is root."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads that the child has not
        child = os.fork()
    if not child:
        answer = "nothing was refused"
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            act()
        except NotExchanged as error:
            answer = error.fix
        finally:
            os.write(writing, answer.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def test_a_folder_that_is_not_there(tmp_path: Path, mailbox: Mailbox) -> None:
    with (
        pytest.raises(NotExchanged, match="Name a folder that is there"),
        open_mailbox(Folder(tmp_path / "no", tmp_path / "out")),
    ):
        pytest.fail("the folder was opened")
    (tmp_path / "in").rmdir()
    with pytest.raises(NotExchanged, match="Name a folder that is there"):
        mailbox.put("day.837", DATA)


def test_many_who_put_the_same_at_once_leave_it_once(tmp_path: Path, mailbox: Mailbox) -> None:
    failed: list[Exception] = []

    def put() -> None:
        try:
            mailbox.put("day.837", DATA)
        except NotExchanged as error:
            failed.append(error)

    threads = [threading.Thread(target=put) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert files(tmp_path / "in") == {"day.837": DATA}
    assert len(failed) < len(threads)


def test_what_a_broken_attempt_left_is_swept_and_that_of_others_is_not(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_rename", die)
        patch.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            mailbox.put("day.837", DATA)
    (left,) = files(tmp_path / "in")
    assert left.startswith(".anodyne-")
    (tmp_path / "in" / ".anodyne-0-0.part").write_bytes(b"of another file")
    mailbox.put("day.837", DATA)
    assert files(tmp_path / "in") == {"day.837": DATA, ".anodyne-0-0.part": b"of another file"}


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False)])
def test_a_huge_file_is_neither_put_nor_fetched(tmp_path: Path, size: int, fits: bool) -> None:
    with open_mailbox(config(tmp_path, largest_bytes=1000)) as mailbox:
        (tmp_path / "out" / "big").write_bytes(b"x" * size)
        for act in (lambda: mailbox.put("big", b"x" * size), lambda: mailbox.get("big")):
            if fits:
                act()
            else:
                with pytest.raises(NotExchanged, match="big has more than 1,000 bytes"):
                    act()
    assert ("big" in files(tmp_path / "in")) == fits


def test_only_plain_files_are_listed_and_fetched(tmp_path: Path, mailbox: Mailbox) -> None:
    out = tmp_path / "out"
    (out / "folder").mkdir()
    (out / ".hidden").write_bytes(b"x")
    (out / "link").symlink_to(tmp_path / "in")
    os.mkfifo(out / "pipe")
    (out / "good").write_bytes(b"abc")
    os.utime(out / "good", (1_790_000_000, 1_790_000_000))
    assert mailbox.listing() == (Listed("good", 3, 1_790_000_000),)
    assert mailbox.get("good") == b"abc"
    for name in ("folder", "link", "pipe", "gone"):
        with pytest.raises(NotExchanged, match="Take what is listed"):
            mailbox.get(name)


def test_what_is_new_is_taken_and_left_where_it_is(tmp_path: Path, mailbox: Mailbox) -> None:
    out = tmp_path / "out"
    (out / "1.999").write_bytes(b"first")
    seen = set(mailbox.listing())
    assert new(mailbox.listing(), seen) == []
    (out / "2.277").write_bytes(b"second")
    (fresh,) = new(mailbox.listing(), seen)
    assert mailbox.get(fresh.name) == b"second"
    assert set(files(out)) == {"1.999", "2.277"}
    mailbox.remove("1.999")
    mailbox.remove("1.999")
    assert set(files(out)) == {"2.277"}


@pytest.mark.parametrize("name", ["", ".", "..", "../up", "a/b", "a\\b", ".hidden", "a\nb", "x" * 201])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, mailbox: Mailbox, name: str) -> None:
    for act in (lambda: mailbox.put(name, b"x"), lambda: mailbox.get(name), lambda: mailbox.remove(name)):
        with pytest.raises(NotExchanged, match="Give the file another name"):
            act()
    assert files(tmp_path / "in") == {}


@given(st.text(max_size=30), st.binary(max_size=100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_put_under_a_plain_name_comes_out_the_same(
    tmp_path: Path, name: str, data: bytes
) -> None:
    with open_mailbox(Folder(tmp_path, tmp_path)) as mailbox:
        if is_plain(name):
            mailbox.remove(name)
            mailbox.put(name, data)
            assert mailbox.get(name) == data
        else:
            with pytest.raises(NotExchanged):
                mailbox.put(name, data)


listed = st.builds(Listed, st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 2))


@given(st.lists(listed), st.sets(listed))
def test_new_is_what_was_not_seen_each_once(listing: list[Listed], seen: set[Listed]) -> None:
    fresh = new(listing, seen)
    assert set(fresh) == set(listing) - seen
    assert len(fresh) == len(set(fresh))
    assert [one.changed for one in fresh] == sorted(one.changed for one in fresh)
    assert new(listing, seen | set(fresh)) == []
