"""What is raised when what was asked cannot be done.

AnodyneError
├── UnreadableFile      ANO-101  the file is not there, empty, or not what it should be
│   ├── NotX12          ANO-102  no interchange header where one must be
│   ├── WrongKind       ANO-103  readable X12, but not a 5010 professional claim
│   └── Truncated       ANO-104  the file ends before what it opened is closed
├── BadReference        ANO-201  a reference table or its sources do not hold together
├── BadRule             ANO-301  a rule or its case sheet is not well formed
└── BadRequest          ANO-401  the command or call asked for something that does not exist

A claim that breaks a rule is a finding, never one of these.
"""

from typing import ClassVar


class AnodyneError(Exception):
    """Something could not be done: what, where, and what to do next."""

    code: ClassVar[str] = "ANO-000"

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(f"{self.code} {what} (at {where}). {fix}")
        self.what = what
        self.where = where
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


class BadReference(AnodyneError):
    """A reference table or its sources do not hold together."""

    code = "ANO-201"


class BadRule(AnodyneError):
    """A rule or its case sheet is not well formed."""

    code = "ANO-301"


class BadRequest(AnodyneError):
    """The command or call asked for something that does not exist."""

    code = "ANO-401"
