"""Segments back to bytes."""

from collections.abc import Iterable

from anodyne.x12.segments import Segments


def write(windows: Iterable[Segments]) -> bytes:
    """The file that `windows` were read from, byte for byte."""
    return b"".join(window.raw for window in windows)
