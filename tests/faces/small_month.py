"""A made-up month: claims that were sent, and what came back of them, right and wrong."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from tests.claims import Claim, Line, file_of
from tests.x12.remittances import bpr, group, interchange, transaction

SERVED, AS_OF = dt.date(2025, 11, 12), dt.date(2026, 1, 5)
DAY = SERVED.strftime("%Y%m%d")


@dataclass(frozen=True)
class Month:
    """Where its files are."""

    claims: str
    remits: str
    contracts: str


def written(folder: Path) -> Month:
    """The files of the month, in `folder`."""
    month = Month(*(str(folder / name) for name in ("sent.837", "month.835", "contracts.csv")))
    Path(month.claims).write_bytes(sent())
    Path(month.remits).write_bytes(REMITS)
    Path(month.contracts).write_text(CONTRACTS, "utf-8")
    return month


def sent(day: str = "20251113") -> bytes:
    """The claims, as a file that was sent on `day`."""
    return file_of(*CLAIMS).replace(b"20261121", day.encode()).replace(b"261121", day[2:].encode())


CLAIMS = (
    Claim([Line("99214", charge=200_00)], payer="commercial", id="P1", patient=1, on=SERVED),
    Claim([Line("99214", charge=200_00)], payer="commercial", id="P2", patient=2, on=SERVED),
    Claim([Line("99214", charge=200_00)], payer="commercial", id="P3", patient=3, on=SERVED),
    Claim([Line("62323", charge=625_00)], payer="medicare", id="P4", patient=4, on=SERVED),
    Claim([Line("99213", charge=150_00)], payer="commercial", id="P5", patient=5, on=SERVED),
)
CONTRACTS = """payer,code,modifier,pos_class,from,until,allowed,percent_of_medicare
CDR01,99214,,,2025-01-01,,130.00,
CDR01,99213,,,2025-01-01,,92.00,
"""


def claim_of(name: str, sums: str, status: str = "1", filing: str = "CI", member: int = 0) -> list[str]:
    return [f"CLP*{name}*{status}*{sums}*{filing}*ICN{name}*11*1", f"NM1*QC*1******MI*M{member:08d}"]


def line_of(code: str, sums: str, *own: str, rest: str = "**1") -> list[str]:
    return [f"SVC*HC:{code}*{sums}{rest}", f"DTM*472*{DAY}", *own, "REF*6R*L1"]


def payment_of(control: str, trace: str, amount: str, payer: str, *body: str) -> list[str]:
    head = (bpr(amount, day="20251211"), f"TRN*1*{trace}*1512345678", payer, "N1*PE*CLINIC*XX*1")
    return transaction("LX*1", *body, head=head, control=control)


CEDAR, MEDICARE = "N1*PR*CEDAR MUTUAL PPO*XV*CDR01", "N1*PR*MEDICARE PART B OHIO*XV*15202"
REMITS = interchange(
    group(
        payment_of(
            "0001", "EFT1", "384", CEDAR,
            *claim_of("P1", "200*130*0", member=1), *line_of("99214", "200*130", "CAS*CO*45*70"),
            *claim_of("P2", "200*92*0", member=2), *line_of("99214", "200*92", "CAS*CO*45*108"),
            *claim_of("P3", "200*92*0", member=3),
            *line_of("99213", "200*92", "CAS*CO*45*108", rest="**1*HC:99214"),
            *claim_of("STRANGER", "90*70*0", member=77), *line_of("99212", "90*70", "CAS*CO*45*20"),
        ),
        payment_of(
            "0002", "EFT2", "80", CEDAR,
            *claim_of("P5", "150*92*0", member=5), *line_of("99213", "150*92", "CAS*CO*45*58"),
        ),
        payment_of(
            "0003", "EFT3", "0", MEDICARE,
            *claim_of("P4", "625*0*0", status="4", filing="MB", member=4),
            *line_of("62323", "625*0", "CAS*CO*50*625", "LQ*HE*N115"),
        ),
    )
)  # fmt: skip
"""Of five claims: P1 paid as agreed, P2 at a lower code's price, P3 restated, P4 denied, P5 in a payment that
does not add up; and one that nobody sent."""
