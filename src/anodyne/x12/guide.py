"""What a transaction is made of, as far as we read it: columns, each with the place it is read from."""

from dataclasses import dataclass

from anodyne.x12.columns import Reading


@dataclass(frozen=True, slots=True)
class Source:
    """A segment told apart by the loop it stands in and, where needed, by its first element."""

    owner: str
    """Whose segment it is: `provider`, `subscriber`, `patient`, `claim` or `line`."""
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
