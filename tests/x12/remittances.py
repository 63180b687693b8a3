"""Remittances as bytes in any dress, written segment by segment; everybody in them is made up."""

import io

from anodyne.model.remittance import SCHEMAS, Remittance
from anodyne.x12.read_remits import read_remit_stream, remittance_of
from anodyne.x12.windows import WINDOW_BYTES
from tests.x12.interchanges import PLAIN, Dress, isa

NAME = "made-up.835"
VERSION = "005010X221A1"
PAYEE, ROE, POE = "1100200306", "1100200322", "1100200330"

HEAD = (
    "TRN*1*EFT0001*1512345678",
    "REF*EV*HOUSE",
    "DTM*405*20261001",
    "N1*PR*MADE UP PLAN*XV*P7",
    "N3*1 PLAN PLAZA",
    "N4*TAMPA*FL*336020008",
    "REF*2U*OTHER7",
    f"N1*PE*MADE UP PAIN CLINIC*XX*{PAYEE}",
    "REF*PQ*PIN9",
    "REF*TJ*310000001",
)


def bpr(amount: str = "80", method: str = "ACH", day: str = "20261002") -> str:
    return f"BPR*I*{amount}*C*{method}*CCP*01*061*DA*1*1512345678**01*063*DA*2*{day}"


def claim(claim_id: str = "A1", *own: str, status: str = "1", sums: str = "100*80*20") -> list[str]:
    """A claim without lines; `own` stands after the names."""
    return [
        f"CLP*{claim_id}*{status}*{sums}*12*ICN{claim_id}*11*1",
        "NM1*QC*1*DOE*PAT****MI*M1",
        f"NM1*82*1*ROE*SAM****XX*{ROE}",
        *own,
    ]


def line(*own: str, code: str = "HC:99214:25", sums: str = "100*80", rest: str = "**1") -> list[str]:
    return [f"SVC*{code}*{sums}{rest}", "DTM*472*20260901", *own]


def transaction(*body: str, head: tuple[str, ...] = (bpr(), *HEAD), control: str = "0001") -> list[str]:
    return [f"ST*835*{control}", *head, *body, f"SE*{len(head) + len(body) + 2}*{control}"]


def group(*transactions: list[str], control: int = 1, version: str = VERSION) -> list[str]:
    segments = [segment for each in transactions for segment in each]
    return [
        f"GS*HP*PLAN*CLINIC*20261002*1200*{control}*X*{version}",
        *segments,
        f"GE*{len(transactions)}*{control}",
    ]


def interchange(*groups: list[str], number: int = 1, dress: Dress = PLAIN) -> bytes:
    segments = [segment for each in groups for segment in each]
    body = "".join(map(dress.put_on, [*segments, f"IEA*{len(groups)}*{number:09d}"]))
    return (isa(number, dress) + body).encode("latin-1")


def file_of(*body: str, dress: Dress = PLAIN) -> bytes:
    """One interchange with one payment of `body`."""
    return interchange(group(transaction(*body)), dress=dress)


def read(data: bytes, size: int = WINDOW_BYTES, name: str = NAME) -> Remittance:
    parts = read_remit_stream(io.BytesIO(data), name=name, size=size)
    return remittance_of([part.remittance for part in parts])


def same(one: Remittance, other: Remittance, *, bytes_too: bool = True) -> bool:
    """Whether two remittances say the same, in places too."""
    left_out = () if bytes_too else ("byte",)
    return all(
        getattr(one, name)
        .drop(left_out, strict=False)
        .equals(getattr(other, name).drop(left_out, strict=False))
        for name in SCHEMAS
    )
