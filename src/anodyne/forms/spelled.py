"""How values are written on paper: capitals, no punctuation but where the form wants it."""

import math
from typing import Final

from anodyne.model.parties import Address, Organisation, Person

_THOUSANDTHS: Final = 1000
_LONG_ZIP: Final = 9
_PUNCTUATION: Final = str.maketrans(dict.fromkeys(".,#", ""))


def plain(text: str) -> str:
    """`text` without full stops, commas and number signs, which addresses have not.

    >>> plain("123 N. Main Street, #101")
    '123 N Main Street 101'
    """
    return " ".join(text.translate(_PUNCTUATION).split())


def listed_name(who: Person | Organisation) -> str:
    """A name as items 2, 4 and 9 have it: last name and suffix, first name, middle initial.

    >>> listed_name(Person("Doe", "Pat", "Quinn", "Jr."))
    'Doe Jr, Pat, Q'
    """
    if isinstance(who, Organisation):
        return plain(who.name)
    last = " ".join(part for part in (plain(who.last), plain(who.suffix)) if part)
    return ", ".join(part for part in (last, plain(who.first), plain(who.middle)[:1]) if part)


def spoken_name(who: Person | Organisation) -> str:
    """A name as items 17, 32 and 33 have it: in the order in which it is spoken.

    >>> spoken_name(Person("Roe", "Sam", "Quinn", "Jr."))
    'Sam Q Roe Jr'
    """
    if isinstance(who, Organisation):
        return plain(who.name)
    parts = (plain(who.first), plain(who.middle)[:1], plain(who.last), plain(who.suffix))
    return " ".join(part for part in parts if part)


def street(address: Address) -> str:
    """The street with its second line.

    >>> street(Address("100 Main St.", "Columbus", "OH", "43215", more="Suite 2"))
    '100 Main St Suite 2'
    """
    return plain(f"{address.street} {address.more}")


def town(address: Address) -> str:
    """City, state and ZIP code.

    >>> town(Address("100 Main St.", "Columbus", "OH", "432150001"))
    'Columbus OH 43215-0001'
    """
    return plain(f"{address.city} {address.state} {zip_code(address.zip)} {address.country}")


def zip_code(digits: str) -> str:
    """A ZIP code of nine digits with its hyphen.

    >>> zip_code("432150001")
    '43215-0001'
    """
    return f"{digits[:5]}-{digits[5:]}" if len(digits) == _LONG_ZIP and digits.isdigit() else digits


def amount(cents: int) -> str:
    """Dollars and cents with a blank where the form has its line.

    >>> amount(17500)
    '175 00'
    """
    dollars, rest = divmod(cents, 100)
    return f"{dollars} {rest:02}"


def number(value: float) -> str:
    """A quantity without needless zeros; ValueError where it is none, or has more than three decimals."""
    if not math.isfinite(value) or value < 0:
        raise ValueError("is no quantity")
    if round(value * _THOUSANDTHS) / _THOUSANDTHS != value:
        raise ValueError("has more than three decimals")
    return f"{value:.3f}".rstrip("0").rstrip(".")
