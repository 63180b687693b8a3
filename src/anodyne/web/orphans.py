"""A process of the application ends with the one that started it, however that ended."""

import os
import sys
import threading


def end_with_parent() -> None:
    """End this process when its standard input, a pipe from its parent, is closed."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True, name="parent").start()
