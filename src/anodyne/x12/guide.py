"""What a transaction is made of, as far as we read it: columns, each with the place it is read from."""

from dataclasses import dataclass
from typing import NamedTuple

from anodyne.x12.columns import Reading


@dataclass(frozen=True, slots=True)
class Source:
    """A segment told apart by the loop it stands in and, where needed, by its first element."""

    owner: str
    """Whose segment it is: `line`, `claim`, or that of a wider loop, such as `subscriber` or `payment`."""
    loops: tuple[str, ...]
    segment: str
    qualifiers: tuple[str, ...] = ()
    unless: int | None = None
    """An element that, where it is not empty, makes the segment somebody else's."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: an element (and component) of a source, read as a type."""

    name: str
    source: Source
    element: int
    read: Reading
    component: int | None = None
    when: tuple[int, str] | None = None
    """Read only where another element has this value, as an identifier under its qualifier."""


class Level(NamedTuple):
    """A loop above claims that stays open from claim to claim: what opens it."""

    segment: str
    element: int = 0
    """The element that tells it from the other levels of that segment; 0 where there is but one."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what tells it from others, and where it may be cut into windows."""

    group: str
    """GS01."""
    transaction: str
    """ST01."""
    versions: tuple[str, ...]
    """GS08, and ST03 where that is given."""
    words: str
    wanted: str
    """What to give instead of a file that is no X12."""
    ends: tuple[str, ...]
    """Segments at which a claim that was open ends, besides levels and the envelope; each of two letters or
    three."""
    levels: tuple[Level, ...]
    """The widest first: each ends where one at least as wide begins."""
