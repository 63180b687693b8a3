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
    """Where files for a clearinghouse are left and taken."""
    if house.carrier == "directory":
        root = Path(house.address).expanduser()
        return Folder(root / house.outbox, root / house.inbox)
    host, _, port = (
        house.address.rpartition(":") if house.address.count(":") == 1 else (house.address, "", "")
    )
    secret = secret_of(house.secret_name) if house.secret_name else {}
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


def secret_of(name: str) -> Mapping[str, str]:
    """The password, or private key and passphrase, kept under `name`.

    Raises BadRequest where there is none, or the file can be read by others.
    """
    found = _all(_path()).get(name)
    if not found:
        raise BadRequest(
            f"no secret is kept under the name {name}", where=SECRETS, fix="Enter it with the clearinghouse."
        )
    return {key: found[key] for key in ("password", "private_key", "passphrase") if found.get(key)}


def has_secret(name: str) -> bool:
    """Whether something is kept under `name`."""
    with contextlib.suppress(BadRequest):
        return bool(_all(_path()).get(name))
    return False


def keep_secret(name: str, secret: str, passphrase: str = "") -> None:
    """Keep a password, or a private key, under `name`, in a file that its owner alone can read."""
    path = _path()
    with _alone(path):
        known = dict(_all(path))
        kind = "private_key" if secret.lstrip().startswith(_KEY_MARK) else "password"
        known[name] = {kind: secret, **({"passphrase": passphrase} if passphrase else {})}
        text = "\n".join(
            f"[{_quoted(one)}]\n" + "".join(f"{key} = {_quoted(value)}\n" for key, value in rows.items())
            for one, rows in sorted(known.items())
        )
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)


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
