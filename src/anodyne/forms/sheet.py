"""One page of a form while it is filled in; what does not fit is refused, never cut."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

from anodyne.forms.layout import Field, layout
from anodyne.forms.spelled import amount, number

_LAST_LETTER: Final = 0x17F
"""The letters of Latin scripts, which the typeface has."""
_PHONE: Final = 10


class Refused:
    """What cannot stand on the forms, each thing once and in order; never a value."""

    def __init__(self) -> None:
        self.reasons: dict[str, None] = {}

    def add(self, owner: str, item: str, why: str) -> None:
        """Item `item` of `owner` cannot be filled in."""
        self.reasons[f"{owner}: item {item} {why}"] = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Text that begins at a place of the grid."""

    row: int
    column: int
    text: str = field(repr=False)


@dataclass(slots=True)
class Sheet:
    """What is put on one page of `owner`."""

    owner: str
    refused: Refused = field(repr=False)
    marks: list[Mark] = field(default_factory=list, repr=False)

    def put(self, name: str, text: str | None, line: int | None = None) -> None:
        """`text` in capitals from the first character of a field; nothing where there is none."""
        self._write(name, text or "", line, right=False)

    def check(self, name: str, *, when: bool = True) -> None:
        """A cross in a box."""
        if when:
            self.put(name, "X")

    def put_amount(self, name: str, cents: int | None, line: int | None = None) -> None:
        """An amount at the right end of a field; none stays blank, and 0 is an amount."""
        if cents is None:
            return
        if cents < 0:
            self.refuse(name, "would be less than nothing", line)
        else:
            self._write(name, amount(cents), line, right=True)

    def put_number(self, name: str, value: float | None, line: int | None = None) -> None:
        """A quantity."""
        if value is not None:
            try:
                self.put(name, number(value), line)
            except ValueError as error:
                self.refuse(name, str(error), line)

    def put_day(self, name: str, day: dt.date | None, line: int | None = None) -> None:
        """A day in its three fields, the year in two digits or four as its field has room."""
        if day is not None:
            year = self._field(f"{name}.year", line).width
            self.put(f"{name}.month", f"{day:%m}", line)
            self.put(f"{name}.day", f"{day:%d}", line)
            self.put(f"{name}.year", f"{day.year:04}"[-year:], line)

    def put_sex(self, name: str, sex: str | None) -> None:
        """A cross at M or F; neither where it is neither."""
        if sex in {"M", "F"}:
            self.check(f"{name}.{sex}")

    def put_phone(self, name: str, phone: str) -> None:
        """Ten digits, the area code by itself."""
        if not phone:
            return
        if len(phone) != _PHONE or not phone.isdigit():
            self.refuse(name, "has a telephone number that is not ten digits")
            return
        self.put(f"{name}.area", phone[:3])
        self.put(f"{name}.phone", phone[3:])

    def refuse(self, name: str, why: str, line: int | None = None) -> None:
        """The item of field `name` cannot be filled in."""
        owner = self.owner if line is None else f"{self.owner}, line {line + 1} of a page"
        self.refused.add(owner, name.partition(".")[0], why)

    def _field(self, name: str, line: int | None) -> Field:
        return layout().page[name] if line is None else layout().lines[line][name]

    def _write(self, name: str, text: str, line: int | None, *, right: bool) -> None:
        text = text.strip().upper()
        if not text:
            return
        place = self._field(name, line)
        if not (text.isprintable() and max(map(ord, text)) <= _LAST_LETTER):
            self.refuse(name, "holds a character that cannot be printed", line)
        elif len(text) > place.width:
            self.refuse(name, f"has {len(text)} characters where {place.width} fit", line)
        else:
            ahead = place.width - len(text) if right else 0
            self.marks.append(Mark(place.row, place.column + ahead, text))
