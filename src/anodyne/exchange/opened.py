"""Opening a mailbox by what is known of it."""

import contextlib
from collections.abc import Iterator

from anodyne.exchange.folder import Folder, FolderMailbox
from anodyne.exchange.mailbox import Mailbox
from anodyne.exchange.sftp import Sftp, connected


@contextlib.contextmanager
def open_mailbox(config: Folder | Sftp) -> Iterator[Mailbox]:
    """The mailbox of `config`, open until the block ends."""
    match config:
        case Folder():
            yield FolderMailbox(config)
        case Sftp():
            with connected(config) as mailbox:
                yield mailbox
