"""Interchanges that payers and the clearinghouse send: segments in, a whole file out."""

import datetime as dt
from collections.abc import Iterable, Sequence


def segment(*elements: object) -> str:
    """One segment, without the empty elements at its end.

    >>> segment("NM1", "PR", 2, "A PLAN", "", "")
    'NM1*PR*2*A PLAN'
    """
    return "*".join(map(str, elements)).rstrip("*")


def money(cents: int) -> str:
    """Dollars as X12 writes them, with no needless zero.

    >>> money(62500), money(7040), money(-5)
    ('625', '70.4', '-0.05')
    """
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' * (cents < 0)}{whole}.{rest:02d}".rstrip("0").rstrip(".")


def day(date: dt.date) -> str:
    """A date as X12 writes it."""
    return f"{date.year:04d}{date.month:02d}{date.day:02d}"


def interchange(
    transactions: Iterable[Sequence[str]],
    *,
    group: str,
    kind: str,
    version: str,
    sender: str,
    receiver: str,
    on: dt.date,
    control: int,
    guide: str = "",
    usage: str = "T",
) -> bytes:
    """A whole file of `transactions`, each without ST and SE; `guide` is ST03, empty for none."""
    body = []
    number = 0
    for number, segments in enumerate(transactions, 1):
        body += [segment("ST", kind, f"{number:04d}", guide), *segments]
        body.append(segment("SE", len(segments) + 2, f"{number:04d}"))
    made = f"{day(on)[2:]}*1815"
    head = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{sender:15}*ZZ*{receiver:15}*{made}*^*00501*{control:09d}*0*{usage}*:",
        segment("GS", group, sender, receiver, day(on), "1815", control, "X", version),
    ]
    tail = [segment("GE", number, control), segment("IEA", 1, f"{control:09d}")]
    return ("~\n".join((*head, *body, *tail)) + "~\n").encode("ascii")
