"""Whole cents, and how people read them."""


def dollars(cents: int) -> str:
    """Cents as people write them.

    >>> dollars(431000), dollars(-5), dollars(0)
    ('$4,310.00', '-$0.05', '$0.00')
    """
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}${whole:,}.{rest:02d}"
