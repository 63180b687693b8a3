"""A clearinghouse's SFTP server as a mailbox.

The server must show a key that is known to be its own before anything is told to it.  Nothing of a secret or
of a file's content is in an error or a log, nor are the server's own words.
"""

import base64
import contextlib
import errno
import hashlib
import io
import logging
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)
from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

from anodyne.exchange.mailbox import (
    LARGEST_BYTES,
    MOST_FILES,
    Listed,
    check_name,
    check_size,
    is_plain,
    leftovers_of,
    taken,
    unfinished,
    unfinished_name,
)
from anodyne.kernel.errors import BadRequest, HostRefused, NotExchanged, SignInRefused, Unreachable

_CHUNK: Final = 32 * 1024
_PORT: Final = 22
_LOG: Final = "anodyne.exchange"
logging.getLogger(_LOG).addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Sftp:
    """A server, how to know it, and how to sign in."""

    host: str
    user: str
    host_keys: tuple[str, ...]
    """The public keys that are its own, each as in a file of known hosts: `ssh-ed25519 AAAA…`."""
    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    """As OpenSSH writes it; used in place of a password where it is given."""
    passphrase: str = field(default="", repr=False)
    """Of the private key."""
    port: int = _PORT
    send_to: str = "."
    """Folder of the server where files are left."""
    take_from: str = "."
    """Folder of the server from which files are taken."""
    seconds: float = 30.0
    """How long any one answer may take."""
    whole_seconds: float = 900.0
    """How long one file, or one listing, may take."""
    largest_bytes: int = LARGEST_BYTES

    @property
    def where(self) -> str:
        """The server, as errors name it."""
        return f"sftp://{self.host}:{self.port}"


class _Unknown(Exception):
    """The server's key is not one that is known."""


class _Refuse(paramiko.MissingHostKeyPolicy):
    def missing_host_key(
        self,
        client: paramiko.SSHClient,  # noqa: ARG002 -- as paramiko calls it
        hostname: str,  # noqa: ARG002
        key: paramiko.PKey,
    ) -> None:
        raise _Unknown(_fingerprint(key))


@contextlib.contextmanager
def connected(config: Sftp) -> Iterator["SftpMailbox"]:
    """The mailbox on `config`'s server, for as long as the connection is open.

    Raises HostRefused for a server whose key is not known, SignInRefused, and Unreachable.
    """
    with contextlib.closing(paramiko.SSHClient()) as client:
        client.set_log_channel(_LOG)
        client.set_missing_host_key_policy(_Refuse())
        _know(client, config)
        _sign_in(client, config)
        try:
            session = client.open_sftp()
            channel = session.get_channel()
            if channel is not None:
                channel.settimeout(config.seconds)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise _gone(config) from error
        yield SftpMailbox(config, client, session)


def _know(client: paramiko.SSHClient, config: Sftp) -> None:
    """Tell the client the keys of the server."""
    name = config.host if config.port == _PORT else f"[{config.host}]:{config.port}"
    for told in config.host_keys:
        entry = None
        with contextlib.suppress(paramiko.SSHException, InvalidHostKey, ValueError):
            entry = HostKeyEntry.from_line(f"{name} {told}")
        if entry is None or entry.key is None:
            raise BadRequest(
                "a host key is not of the form of a file of known hosts",
                where=config.where,
                fix="Give its kind and its letters, as in: ssh-ed25519 AAAA…",
            )
        client.get_host_keys().add(name, entry.key.get_name(), entry.key)


def _sign_in(client: paramiko.SSHClient, config: Sftp) -> None:
    try:
        client.connect(
            config.host,
            config.port,
            config.user,
            password=None if config.private_key else config.password,
            pkey=_private(config),
            timeout=config.seconds,
            banner_timeout=config.seconds,
            auth_timeout=config.seconds,
            channel_timeout=config.seconds,
            allow_agent=False,
            look_for_keys=False,
        )
    except (_Unknown, paramiko.BadHostKeyException) as error:
        shown = str(error) if isinstance(error, _Unknown) else _fingerprint(error.key)
        what = (
            "shows another key than is known" if config.host_keys else "is not known: no key of it is given"
        )
        raise HostRefused(
            f"the server {what}; it shows {shown}",
            where=config.where,
            fix="Ask who runs it, by another way, for its key, and give that one only if it is the same.",
        ) from error
    except paramiko.AuthenticationException as error:
        transport = client.get_transport()
        if transport is None or not transport.is_active() or "timeout" in str(error):
            raise _gone(config) from error
        raise SignInRefused(
            "the server does not accept the sign-in",
            where=config.where,
            fix="Look after the user's name, and its password or key.",
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _gone(config) from error


def _private(config: Sftp) -> paramiko.PKey | None:
    """The key to sign in with; paramiko's own readers fail on some keys without a comment."""
    if not config.private_key:
        return None
    told, phrase = config.private_key.encode(), config.passphrase.encode() or None
    with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
        read = load_ssh_private_key if b"OPENSSH" in told else load_pem_private_key
        match read(told, phrase):
            case RSAPrivateKey() as key:
                return paramiko.RSAKey(key=key)
            case EllipticCurvePrivateKey() as key:
                return paramiko.ECDSAKey(vals=(key, key.public_key()))
            case Ed25519PrivateKey() as key:
                bare = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
                return paramiko.Ed25519Key.from_private_key(io.StringIO(bare.decode()))
    raise SignInRefused(
        "the private key cannot be read",
        where=config.where,
        fix="Give an Ed25519, ECDSA or RSA key as OpenSSH writes it, and its passphrase if it has one.",
    )


def _fingerprint(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _gone(config: Sftp) -> Unreachable:
    return Unreachable(
        "the server does not answer, or no longer",
        where=config.where,
        fix="Try again later; nothing is half done.",
    )


class SftpMailbox:
    """The mailbox of an open connection."""

    def __init__(self, config: Sftp, client: paramiko.SSHClient, session: paramiko.SFTPClient) -> None:
        self._config, self._client, self._session = config, client, session

    def put(self, name: str, data: bytes) -> None:
        """See `Mailbox.put`."""
        folder = self._config.send_to
        where = self._place(folder)
        check_name(name, where)
        check_size(len(data), self._config.largest_bytes, name, where)
        with self._told(folder):
            if self._is_there(folder, name, data):
                return
            part = f"{folder}/{unfinished_name(name)}"
            try:
                self._write(part, data)
                self._rename(part, folder, name, data)
            except BaseException:
                with contextlib.suppress(Exception):
                    self._session.remove(part)
                raise
            self._sweep(folder, name)

    def listing(self) -> tuple[Listed, ...]:
        """See `Mailbox.listing`."""
        folder = self._config.take_from
        with self._told(folder):
            found = [
                Listed(entry.filename, entry.st_size or 0, entry.st_mtime or 0)
                for entry in self._entries(folder)
                if is_plain(entry.filename) and stat.S_ISREG(entry.st_mode or 0)
            ]
        return tuple(sorted(found, key=lambda one: one.name))

    def get(self, name: str) -> bytes:
        """See `Mailbox.get`."""
        folder = self._config.take_from
        check_name(name, self._place(folder))
        with self._told(folder, name):
            return self._read(folder, name)

    def remove(self, name: str) -> None:
        """See `Mailbox.remove`."""
        folder = self._config.take_from
        check_name(name, self._place(folder))
        with self._told(folder, name), contextlib.suppress(FileNotFoundError):
            self._session.remove(f"{folder}/{name}")

    def _place(self, folder: str) -> str:
        return f"{self._config.where}/{folder.removeprefix('.').lstrip('/')}".rstrip("/")

    def _write(self, part: str, data: bytes) -> None:
        """Write all of a new file, and see that it has arrived."""
        with contextlib.suppress(FileNotFoundError):
            self._session.remove(part)
        with self._session.open(part, "wx") as file:
            for start in range(0, len(data), _CHUNK):
                file.write(data[start : start + _CHUNK])
        if self._session.stat(part).st_size != len(data):
            raise OSError(errno.EIO, "short")

    def _rename(self, part: str, folder: str, name: str, data: bytes) -> None:
        """Give the file its name, unless another file has it."""
        try:
            self._session.rename(part, f"{folder}/{name}")
        except OSError:
            if not self._is_there(folder, name, data):
                raise
            with contextlib.suppress(FileNotFoundError):
                self._session.remove(part)

    def _is_there(self, folder: str, name: str, data: bytes) -> bool:
        """Whether the file is there with `data`; NameTaken where it is there with something else."""
        try:
            told = self._session.lstat(f"{folder}/{name}")
        except FileNotFoundError:
            return False
        same, compared = False, True
        if stat.S_ISREG(told.st_mode or 0) and told.st_size == len(data):
            try:
                same = self._read(folder, name) == data
            except PermissionError:
                compared = False
        if not same:
            raise taken(name, self._place(folder), compared=compared)
        return True

    def _read(self, folder: str, name: str) -> bytes:
        where = self._place(folder)
        with self._session.open(f"{folder}/{name}", "rb") as file:
            before = file.stat()
            size = before.st_size or 0
            check_size(size, self._config.largest_bytes, name, where)
            chunks, got = [], 0
            while got <= size and (chunk := file.read(min(_CHUNK, size + 1 - got))):
                chunks.append(chunk)
                got += len(chunk)
            after = file.stat()
        if got != size or (before.st_size, before.st_mtime) != (after.st_size, after.st_mtime):
            raise unfinished(name, where)
        return b"".join(chunks)

    def _entries(self, folder: str) -> list[paramiko.SFTPAttributes]:
        """All of a folder: paramiko asks ahead, and nothing else may be asked before it is through."""
        found: list[paramiko.SFTPAttributes] = []
        for entry in self._session.listdir_iter(folder):
            if len(found) >= MOST_FILES:
                raise NotExchanged(
                    f"more than {MOST_FILES:,} files lie there",
                    where=self._place(folder),
                    fix="Have those that were taken moved away.",
                )
            found.append(entry)
        return found

    def _sweep(self, folder: str, name: str) -> None:
        """Remove what broken attempts at `name` left, where the server lets us."""
        with contextlib.suppress(OSError, NotExchanged):
            for entry in self._entries(folder):
                if entry.filename.startswith(leftovers_of(name)):
                    self._session.remove(f"{folder}/{entry.filename}")

    @contextlib.contextmanager
    def _told(self, folder: str, name: str = "") -> Iterator[None]:
        """Errors of the connection and the server in words; the connection ends when it takes too long."""
        where = self._place(f"{folder}/{name}" if name else folder)
        too_late = threading.Timer(self._config.whole_seconds, self._client.close)
        too_late.daemon = True
        too_late.start()
        try:
            yield
        except (paramiko.SSHException, EOFError, TimeoutError, ConnectionError) as error:
            raise _gone(self._config) from error
        except UnicodeError as error:
            raise NotExchanged(
                "a file there has a name that is not UTF-8",
                where=where,
                fix="Ask who runs the server to rename it.",
            ) from error
        except FileNotFoundError as error:
            step = "Take what is listed." if name else "Name a folder that is there."
            raise NotExchanged("it is not there", where=where, fix=step) from error
        except PermissionError as error:
            raise NotExchanged(
                "the server does not permit it",
                where=where,
                fix="Ask who runs the server what this user may do in that folder.",
            ) from error
        except OSError as error:
            transport = self._client.get_transport()
            if transport is None or not transport.is_active():
                raise _gone(self._config) from error
            raise NotExchanged(
                "the server could not do it",
                where=where,
                fix="Ask who runs the server whether the folder is full or locked, then try again.",
            ) from error
        finally:
            too_late.cancel()
