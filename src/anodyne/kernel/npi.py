"""National Provider Identifiers: ten digits, the last a check digit."""

from typing import Final

DIGITS: Final = 10
PREFIX_SUM: Final = 24
"""What the prefix 80840, of which the check digit is made too, adds to the sum."""
DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Each digit doubled, its own digits added up."""


def is_npi(text: str) -> bool:
    """Whether `text` is ten digits, the first 1 or 2, with the right check digit (ISO 7812, prefix 80840).

    >>> is_npi("1234567893"), is_npi("1234567890"), is_npi("3234567893"), is_npi("123456789")
    (True, False, False, False)
    """
    if len(text) != DIGITS or not (text.isascii() and text.isdigit()) or text[0] not in "12":
        return False
    digits = [int(digit) for digit in text]
    total = PREFIX_SUM + sum(digits[1::2]) + sum(DOUBLED[digit] for digit in digits[::2])
    return total % 10 == 0
