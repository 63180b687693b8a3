"""Remittance files of many weeks, with the share of claims that each week denies; everybody is made up."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.x12.remittances import bpr, group, interchange, transaction

FIRST = dt.date(2025, 1, 6)
AS_OF = dt.date(2025, 12, 1)
LAST_NAME = "PELLUCIDA"
MEMBER = "ZZQ4477"


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def drawn(seed: int, rates: Sequence[float], of: int) -> list[int]:
    rng = np.random.default_rng(seed)
    return [int(rng.binomial(of, rate)) for rate in rates]


def weeks_at(
    path: Path,
    hits: Sequence[int],
    of: int,
    *,
    payer: str = "P1",
    name: str = "JUNIPER PLAN",
    code: str = "64483",
    reason: str = "CO-150",
    paid_as: str | None = None,
) -> str:
    """A file with a payment each week, of whose `of` claims the first are hit.

    A hit is denied for `reason`; with `paid_as`, it is paid as that code instead.
    """
    made = []
    for number, hit in enumerate(hits):
        body: list[str] = ["LX*1"]
        paid = 0
        served = week(number) - dt.timedelta(days=21)
        for place in range(of):
            claim = f"{payer}W{number}N{place}{code}"
            is_hit = place < hit
            cents, lines = _line(code, reason, paid_as, served, is_hit=is_hit)
            paid += cents
            status = "4" if cents == 0 else "1"
            body += [
                f"CLP*{claim}*{status}*500*{cents}*0*12*ICN{claim}*11*1",
                f"NM1*QC*1*{LAST_NAME}*PAT****MI*{MEMBER}",
                *lines,
            ]
        head = (
            bpr(str(paid), day=f"{week(number) + dt.timedelta(days=2):%Y%m%d}"),
            f"TRN*1*{payer}{code}{number}*1512345678",
            f"N1*PR*{name}*XV*{payer}",
            "N1*PE*MADE UP PAIN CLINIC*XX*1100200306",
        )
        made.append(transaction(*body, head=head, control=f"{number + 1:04d}"))
    path.write_bytes(interchange(group(*made)))
    return str(path)


def _line(
    code: str, reason: str, paid_as: str | None, served: dt.date, *, is_hit: bool
) -> tuple[int, list[str]]:
    """The dollars paid, and the segments of the line."""
    day = f"DTM*472*{served:%Y%m%d}"
    if is_hit and paid_as is not None:
        return 300, [f"SVC*HC:{paid_as}*500*300**1*HC:{code}", day, "CAS*CO*45*200"]
    if is_hit:
        cause, _, number = reason.partition("-")
        return 0, [f"SVC*HC:{code}*500*0**1", day, f"CAS*{cause}*{number}*500"]
    return 400, [f"SVC*HC:{code}*500*400**1", day, "CAS*CO*45*100"]
