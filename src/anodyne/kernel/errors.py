"""What is raised when what was asked cannot be done.

AnodyneError
├── UnreadableFile      ANO-101  the file is not there, empty, or not what it should be
│   ├── NotX12          ANO-102  no interchange header where one must be
│   ├── WrongKind       ANO-103  readable X12, but not what was asked for, or not 5010
│   ├── Truncated       ANO-104  the file ends before what it opened is closed
│   └── BadTable        ANO-105  cells of a table are not what they should be
├── BadReference        ANO-201  a reference table or its sources do not hold together
├── BadRule             ANO-301  a rule or its case sheet is not well formed
├── BadRequest          ANO-401  the command or call asked for something that does not exist
│   ├── BadFields       ANO-402  what was entered is not what it should be, field by field
│   ├── Outdated        ANO-403  somebody else changed it since it was shown
│   └── BadFacts        ANO-404  fields of a session are not what they should be
└── NotExchanged        ANO-501  a file could not be handed over, or not fetched
    ├── HostRefused     ANO-502  the server is not the one that is known
    ├── SignInRefused   ANO-503  the server does not let us in
    ├── NameTaken       ANO-504  another file of the name is there
    └── Unreachable     ANO-505  the server does not answer, or no longer: to be tried again

A claim that breaks a rule is a finding, never one of these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an X12 file."""

    file: str
    segment: int
    """Counted from 1."""
    byte: int
    """Counted from 0."""

    def __str__(self) -> str:
        return f"{self.file}, segment {self.segment}, byte {self.byte}"


class AnodyneError(Exception):
    """Something could not be done: what, where, and what to do next."""

    code: ClassVar[str] = "ANO-000"

    def __init__(self, what: str, *, where: str | Place, fix: str) -> None:
        super().__init__(f"{self.code} {what} (at {where}). {fix}")
        self.what = what
        self.where = str(where)
        self.place = where if isinstance(where, Place) else None
        """Where in an X12 file, when it is there."""
        self.fix = fix


class UnreadableFile(AnodyneError):
    """The file is not there, empty, or not what it should be."""

    code = "ANO-101"


class NotX12(UnreadableFile):
    """No X12 interchange header stands where one must."""

    code = "ANO-102"


class WrongKind(UnreadableFile):
    """Readable X12, but not a transaction that was asked for."""

    code = "ANO-103"


class Truncated(UnreadableFile):
    """The file ends before what it opened is closed."""

    code = "ANO-104"


@dataclass(frozen=True, slots=True)
class BadCell:
    """One cell of a table that is not what it should be, told without what may be a patient's."""

    file: str
    row: int
    """As a spreadsheet counts: the header is row 1."""
    column: str
    """Empty where the whole row is meant."""
    message: str
    next_step: str

    @property
    def where(self) -> str:
        """The place, as a message names it."""
        place = f"{self.file}, row {self.row}"
        return f"{place}, column {self.column}" if self.column else place


class BadTable(UnreadableFile):
    """Cells of a table are not what they should be; nothing of its file is used."""

    code = "ANO-105"

    def __init__(self, cells: Sequence[BadCell]) -> None:
        first, more = cells[0], len(cells) - 1
        also = f"{more:,} more {'is' if more == 1 else 'are'} wrong, and nothing" if more else "Nothing"
        step = f"{first.next_step} {also} of the file is used."
        super().__init__(first.message, where=first.where, fix=step)
        self.cells = tuple(cells)
        """All of them, in the order of the file."""


class BadReference(AnodyneError):
    """A reference table or its sources do not hold together."""

    code = "ANO-201"


class BadRule(AnodyneError):
    """A rule or its case sheet is not well formed."""

    code = "ANO-301"


class BadRequest(AnodyneError):
    """The command or call asked for something that does not exist."""

    code = "ANO-401"


class BadFields(BadRequest):
    """What somebody entered is not what it should be, field by field."""

    code = "ANO-402"

    def __init__(self, fields: Mapping[str, str], *, where: str) -> None:
        """`fields`: by name, what is wrong and what to do, without the value."""
        first = next(iter(fields.items()))
        super().__init__(f"{first[0]}: {first[1]}", where=where, fix="Correct it and save again.")
        self.fields = dict(fields)


class Outdated(BadRequest):
    """Somebody else changed it since it was shown."""

    code = "ANO-403"


class NotExchanged(AnodyneError):
    """A file could not be handed over, or not fetched; nothing is half done."""

    code = "ANO-501"
    again: ClassVar[bool] = False
    """Whether the same may succeed later without anything being mended."""


class HostRefused(NotExchanged):
    """The server did not show a key that is known to be its own; nothing was told to it."""

    code = "ANO-502"


class SignInRefused(NotExchanged):
    """The server does not let us in with what it was shown."""

    code = "ANO-503"


class NameTaken(NotExchanged):
    """Another file of the name is there, or one that cannot be compared."""

    code = "ANO-504"


class Unreachable(NotExchanged):
    """The server does not answer, or no longer."""

    code = "ANO-505"
    again = True


@dataclass(frozen=True, slots=True)
class BadField:
    """One field that is not what it should be, told without its value."""

    where: str
    """As `procedures[0].side`."""
    message: str
    fix: str


class BadFacts(BadRequest):
    """Fields of a session are not what they should be; nothing is built of it."""

    code = "ANO-404"

    def __init__(self, fields: Sequence[BadField]) -> None:
        first, more = fields[0], len(fields) - 1
        also = f" {more:,} more {'is' if more == 1 else 'are'} wrong." if more else ""
        super().__init__(f"{first.where} {first.message}", where=first.where, fix=f"{first.fix}{also}")
        self.fields = tuple(fields)
        """All of them, in the order of the session."""
