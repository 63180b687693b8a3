"""Interchanges as bytes in any dress, written segment by segment; everybody in them is made up."""

import io
from dataclasses import dataclass
from typing import Any

import polars as pl

from anodyne.model.book import Book
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.windows import WINDOW_BYTES

NAME = "made-up.837"
BILLING_1, BILLING_2, ROE, POE, FACILITY = (
    "1100200306",
    "1100200314",
    "1100200322",
    "1100200330",
    "1100200348",
)


@dataclass(frozen=True)
class Dress:
    """How an interchange is punctuated, and what stands after each terminator."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"
    after: str = "\n"

    def put_on(self, segment: str) -> str:
        table: dict[str, str | int | None] = {"*": self.element, ":": self.component, "^": self.repetition}
        return segment.translate(str.maketrans(table)) + self.terminator + self.after


PLAIN = Dress()

PROVIDER = (
    "HL*1**20*1",
    "PRV*BI*PXC*208VP0014X",
    f"NM1*85*2*MADE UP PAIN CLINIC*****XX*{BILLING_1}",
    "N3*100 MAIN ST",
    "N4*COLUMBUS*OH*432150001",
    "REF*EI*310000001",
)
PAYER = "NM1*PR*2*OHIO PART B*****PI*15202"


def subscriber(
    member: str = "M1", *, level: int = 2, birth: str = "19500101", sex: str = "F", own: bool = True
) -> list[str]:
    """A subscriber; the patient too where `own`."""
    return [
        f"HL*{level}*1*22*{0 if own else 1}",
        f"SBR*P*{'18' if own else ''}*GRP7******MB",
        f"NM1*IL*1*DOE*PAT****MI*{member}",
        "N3*1 ELM ST",
        "N4*PARMA*OH*44129",
        f"DMG*D8*{birth}*{sex}",
        PAYER,
    ]


def dependent(
    first: str = "ANN", *, level: int = 3, above: int = 2, birth: str = "20100203", sex: str = "F"
) -> list[str]:
    """A patient under a subscriber."""
    return [
        f"HL*{level}*{above}*23*0",
        "PAT*19",
        f"NM1*QC*1*DOE*{first}",
        "N3*1 ELM ST",
        "N4*PARMA*OH*44129",
        f"DMG*D8*{birth}*{sex}",
    ]


def claim(claim_id: str = "A1", *own: str, charge: str = "100", dx: str = "ABK:M5416") -> list[str]:
    """A claim without lines; `own` stands before its diagnoses."""
    return [
        f"CLM*{claim_id}*{charge}***11:B:1*Y*A*Y*Y",
        *own,
        f"HI*{dx}",
        f"NM1*82*1*ROE*SAM****XX*{ROE}",
        "PRV*PE*PXC*208VP0014X",
    ]


def line(
    number: int = 1, *own: str, code: str = "HC:62323", charge: str = "100", day: str = "D8*20261014"
) -> list[str]:
    """A service line; `own` stands after its date."""
    return [f"LX*{number}", f"SV1*{code}*{charge}*UN*1***1", f"DTP*472*{day}", *own]


def isa(number: int = 1, dress: Dress = PLAIN) -> str:
    blank, sender, receiver = " " * 10, f"{'SENDER':<15}", f"{'RECEIVER':<15}"
    parties = f"00*{blank}*00*{blank}*ZZ*{sender}*ZZ*{receiver}"
    return dress.put_on(f"ISA*{parties}*261121*1200*^*00501*{number:09d}*0*T*:")


def transaction(*body: str, control: str = "0001", version: str = "005010X222A1") -> list[str]:
    head = [
        "BHT*0019*00*1*20261121*1200*CH",
        "NM1*41*2*MADE UP BILLING*****46*S1",
        "NM1*40*2*MADE UP HOUSE*****46*R1",
    ]
    return [f"ST*837*{control}*{version}", *head, *body, f"SE*{len(body) + 5}*{control}"]


def group(*transactions: list[str], control: int = 1, version: str = "005010X222A1") -> list[str]:
    segments = [segment for each in transactions for segment in each]
    return [
        f"GS*HC*SENDER*RECEIVER*20261121*1200*{control}*X*{version}",
        *segments,
        f"GE*{len(transactions)}*{control}",
    ]


def interchange(*groups: list[str], number: int = 1, dress: Dress = PLAIN) -> bytes:
    segments = [segment for each in groups for segment in each]
    body = "".join(map(dress.put_on, [*segments, f"IEA*{len(groups)}*{number:09d}"]))
    return (isa(number, dress) + body).encode("latin-1")


def file_of(*body: str, dress: Dress = PLAIN) -> bytes:
    """One interchange with one transaction of `body`."""
    return interchange(group(transaction(*body)), dress=dress)


def simple(*claims: list[str], dress: Dress = PLAIN) -> bytes:
    """One billing provider, one subscriber who is the patient, and `claims` with their lines."""
    return file_of(*PROVIDER, *subscriber(), *(segment for each in claims for segment in each), dress=dress)


def read(data: bytes, size: int = WINDOW_BYTES, name: str = NAME) -> Book:
    return book_of(list(read_stream(io.BytesIO(data), name=name, size=size)))


def only_claim(data: bytes) -> dict[str, Any]:
    claims = read(data).claims
    assert len(claims) == 1
    return claims.row(0, named=True)


def only_line(data: bytes) -> dict[str, Any]:
    lines = read(data).lines
    assert len(lines) == 1
    return lines.row(0, named=True)


def told(frame: pl.DataFrame, *columns: str) -> list[Any]:
    """The values of `columns`, row by row; of one column the bare values."""
    rows = frame.select(columns).rows()
    return [row[0] for row in rows] if len(columns) == 1 else rows
