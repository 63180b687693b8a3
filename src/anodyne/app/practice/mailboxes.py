"""The way to each clearinghouse, and the secrets it takes: these are in a file, and never in the database."""

import contextlib
import fcntl
import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from anodyne.app.home import data_home
from anodyne.exchange.folder import Folder
from anodyne.exchange.mailbox import Mailbox
from anodyne.exchange.opened import open_mailbox
from anodyne.exchange.sftp import Sftp
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Clearinghouse

SECRETS: Final = "mailboxes.toml"
"""In the data directory: of each name a `password`, or a `private_key` as OpenSSH writes it."""
EXCHANGE: Final = "exchange"
"""The folder in the data directory that holds one for each practice."""
ROOTS: Final = "ANODYNE_EXCHANGE"
_PORT: Final = 22
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_KEY_MARK: Final = "-----BEGIN"

Opened = Callable[[Clearinghouse], AbstractContextManager[Mailbox]]
"""How a clearinghouse's mailbox is opened."""


def mailbox(house: Clearinghouse) -> AbstractContextManager[Mailbox]:
    """The mailbox of a clearinghouse, open until the block ends.

    Raises NotExchanged, or BadRequest for a secret that is not there or that others could read.
    """
    return open_mailbox(config_of(house))


def config_of(house: Clearinghouse) -> Folder | Sftp:
    """Where files for a clearinghouse are left and taken; raises BadRequest as `mailbox` does."""
    if house.carrier == "directory":
        root = allowed_folder(house)
        return Folder(root / house.outbox, root / house.inbox)
    host, _, port = (
        house.address.rpartition(":") if house.address.count(":") == 1 else (house.address, "", "")
    )
    secret = secret_of(house) if house.secret_name else {}
    return Sftp(
        host=host or house.address,
        port=int(port) if port.isdigit() else _PORT,
        user=house.user_name,
        host_keys=tuple(line.strip() for line in house.host_key.splitlines() if line.strip()),
        send_to=house.outbox,
        take_from=house.inbox,
        password=secret.get("password", ""),
        private_key=secret.get("private_key", ""),
        passphrase=secret.get("passphrase", ""),
    )


def allowed_folder(house: Clearinghouse) -> Path:
    """The folder of a clearinghouse; raises BadRequest where it is none that its practice may use.

    A practice may use its own folder under the data directory, and what who runs the server names in
    ANODYNE_EXCHANGE: `/srv/exchange` for all practices, `3=/srv/three` for the one of that key.
    """
    folder = Path(house.address).expanduser().resolve()
    for root in _roots(house.practice_id):
        if folder == root or root in folder.parents:
            return folder
    raise BadRequest(
        "this folder is none that the practice may use",
        where=f"clearinghouse {house.name}",
        fix=f"Name one under {_roots(house.practice_id)[0]}, or have ANODYNE_EXCHANGE name it.",
    )


def _roots(practice: int | None) -> list[Path]:
    own = [data_home() / EXCHANGE / str(practice)]
    for entry in filter(None, os.environ.get(ROOTS, "").split(os.pathsep)):
        key, _, path = entry.rpartition("=")
        if key in ("", str(practice)):
            own.append(Path(path))
    return [root.expanduser().resolve() for root in own]


def secret_of(house: Clearinghouse) -> Mapping[str, str]:
    """The password, or private key and passphrase, that is kept for a clearinghouse.

    Raises BadRequest where there is none, or the file can be read by others.
    """
    found = _all(_path()).get(_name(house))
    if not found:
        raise BadRequest(
            "no password or key is kept for it",
            where=f"clearinghouse {house.name}",
            fix="Enter it with the clearinghouse.",
        )
    return {key: found[key] for key in ("password", "private_key", "passphrase") if found.get(key)}


def has_secret(house: Clearinghouse) -> bool:
    """Whether something is kept for a clearinghouse."""
    with contextlib.suppress(BadRequest):
        return bool(house.secret_name and _all(_path()).get(_name(house)))
    return False


def keep_secret(house: Clearinghouse, secret: str, passphrase: str = "") -> None:
    """Keep a password, or a private key, in a file that its owner alone can read."""
    path = _path()
    with _alone(path):
        known = dict(_all(path))
        kind = "private_key" if secret.lstrip().startswith(_KEY_MARK) else "password"
        known[_name(house)] = {kind: secret, **({"passphrase": passphrase} if passphrase else {})}
        text = "\n".join(
            f"[{_quoted(one)}]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in rows.items())
            for one, rows in sorted(known.items())
        )
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


def _name(house: Clearinghouse) -> str:
    """The practice's own: no practice can name the secret of another."""
    return f"{house.practice_id}/{house.secret_name}"


def _path() -> Path:
    return data_home() / SECRETS


def _all(path: Path) -> Mapping[str, Mapping[str, str]]:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return {}
    if mode & _OTHERS:
        raise BadRequest(
            "others than its owner can read the secrets", where=str(path), fix=f"Run: chmod 600 {path}"
        )
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadRequest("the secrets are not TOML", where=str(path), fix="Enter them anew.") from None
    return {name: rows for name, rows in found.items() if isinstance(rows, dict)}


def _quoted(text: str) -> str:
    """`text` as a TOML string."""
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return (
        '"'
        + "".join(marks.get(one, one if one.isprintable() else f"\\u{ord(one):04x}") for one in text)
        + '"'
    )


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other process writes the secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
