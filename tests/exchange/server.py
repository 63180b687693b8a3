"""A real SFTP server on this computer's loopback, and a wire to it that can be cut."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

USER, PASSWORD = "clinic", "not-a-real-password"
HOST = "127.0.0.1"


@dataclass
class Server:
    """A server that is running, and what it did."""

    port: int
    root: Path
    host_key: str
    signed_in: list[str] = field(default_factory=list)
    """The users who got in."""
    asked: list[str] = field(default_factory=list)
    """The users whose names it was told."""


Hooks = dict[str, Callable[..., object]]
"""By the name of a method of the SFTP server: what is done before it."""


@contextlib.contextmanager
def running(
    root: Path,
    *,
    hooks: Hooks | None = None,
    client_key: asyncssh.SSHKey | None = None,
    key_kind: str = "ssh-ed25519",
) -> Iterator[Server]:
    """A server of the files in `root`, until the block ends."""
    key = asyncssh.generate_private_key(key_kind)
    told = Server(0, root, key.export_public_key().decode().strip())
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    open_now: list[asyncssh.SSHServerConnection] = []

    class Door(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            open_now.append(conn)

        def begin_auth(self, username: str) -> bool:
            told.asked.append(username)
            return True

        def password_auth_supported(self) -> bool:
            return client_key is None

        def validate_password(self, username: str, password: str) -> bool:
            if (username, password) != (USER, PASSWORD):
                return False
            told.signed_in.append(username)
            return True

        def public_key_auth_supported(self) -> bool:
            return client_key is not None

        def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
            if username != USER or client_key is None or key != client_key.convert_to_public():
                return False
            told.signed_in.append(username)
            return True

    def files(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        served = asyncssh.SFTPServer(channel, chroot=str(root).encode())
        for name, hook in (hooks or {}).items():
            _hook(served, name, hook)
        return served

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            HOST, 0, server_factory=Door, server_host_keys=[key], sftp_factory=files, login_timeout=30
        )

    async def stop(acceptor: asyncssh.SSHAcceptor) -> None:
        acceptor.close()
        await acceptor.wait_closed()
        for connection in open_now:
            connection.abort()
            await connection.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=10) if others else None
        await asyncio.sleep(0.01)  # the loop closes its sockets a turn later

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
    told.port = acceptor.get_port()
    try:
        yield told
    finally:
        asyncio.run_coroutine_threadsafe(stop(acceptor), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def _hook(served: asyncssh.SFTPServer, name: str, hook: Callable[..., object]) -> None:
    real = getattr(served, name)

    def hooked(*args: object) -> object:
        hook(*args)
        return real(*args)

    setattr(served, name, hooked)


@dataclass
class Wire:
    """A relay to the server, and how many bytes went up to it and down from it."""

    port: int
    up: int = 0
    down: int = 0


@contextlib.contextmanager
def wire(port: int, up: int | None = None, down: int | None = None, *, hang: bool = False) -> Iterator[Wire]:
    """A relay to `port` that passes so many bytes up or down, and then cuts the connection, or `hang`s."""
    listener = socket.create_server((HOST, 0))
    told = Wire(listener.getsockname()[1])
    done = threading.Event()
    threads: list[threading.Thread] = []
    sockets: list[socket.socket] = [listener]

    def carry(source: socket.socket, target: socket.socket, most: int | None, *, upward: bool) -> None:
        left = most
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                if left is not None:
                    data, left = data[:left], left - len(data[:left])
                target.sendall(data)
                if upward:
                    told.up += len(data)
                else:
                    told.down += len(data)
                if left == 0:
                    if hang:
                        done.wait()
                    break
        for end in (source, target):
            _cut(end)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((HOST, port))
                sockets.extend((near, far))
                for source, target, most, upward in ((near, far, up, True), (far, near, down, False)):
                    thread = threading.Thread(
                        target=carry, args=(source, target, most), kwargs={"upward": upward}, daemon=True
                    )
                    threads.append(thread)
                    thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield told
    finally:
        done.set()
        for one in sockets:
            _cut(one)
            one.close()
        for thread in (acceptor, *threads):
            thread.join(10)


def _cut(end: socket.socket) -> None:
    """End a connection at once, as where a cable is pulled and the other side hears of it."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
