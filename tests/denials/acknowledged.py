"""Made-up acknowledgements as bytes: 999 and 277CA files that answer made-up claims."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """What a 277CA says of one claim."""

    claim: str
    codes: Sequence[str] = ("A2:20",)
    """STC01 of each STC."""
    action: str = "WQ"
    charge: str = "100"
    on: str = "20261123"
    member: str = "M00000001"
    served: str = "20261014"
    control: str = ""
    """REF*1K."""
    lines: Sequence[str] = ()
    """Segments of service lines, as they stand in a file."""


def claim_file(
    *statuses: Status,
    source: str = "PR",
    on: str = "20261123",
    received: str = "20261122",
    batch: str = "1",
    batch_status: str = "A1:19:PR",
    batch_action: str = "WQ",
    totals: Sequence[str] = (),
    provider: Sequence[str] = (),
) -> bytes:
    """A whole 277CA; `provider` are segments of the provider's level after its name."""
    body = [
        f"BHT*0085*08*277X1*{on}*1635*TH",
        "HL*1**20*1",
        f"NM1*{source}*2*MADE UP {'PLAN' if source == 'PR' else 'HOUSE'}*****46*S1",
        "TRN*1*SRC1",
        f"DTP*050*D8*{received}",
        f"DTP*009*D8*{on}",
        "HL*2*1*21*1",
        "NM1*41*2*MADE UP BILLING*****46*S1",
        f"TRN*2*{batch}",
        f"STC*{batch_status}*{on}*{batch_action}*1000",
        *totals,
        "HL*3*2*19*1",
        "NM1*85*2*MADE UP PAIN CLINIC*****XX*1000000418",
        *provider,
    ]
    for level, one in enumerate(statuses, 4):
        body += [
            f"HL*{level}*3*PT",
            f"NM1*QC*1*DOE*PAT****MI*{one.member}",
            f"TRN*2*{one.claim}",
            *(f"STC*{code}*{one.on}*{one.action}*{one.charge}" for code in one.codes),
            *([f"REF*1K*{one.control}"] if one.control else []),
            f"DTP*472*D8*{one.served}",
            *one.lines,
        ]
    return whole("HN", "277", "005010X214", body, on)


def file_file(*body: str, on: str = "20261122", group: str = "1", version: str = "005010X222A1") -> bytes:
    """A whole 999 that answers a group of claims."""
    return whole("FA", "999", "005010X231A1", [f"AK1*HC*{group}*{version}", *body], on)


def whole(kind: str, transaction: str, version: str, body: Sequence[str], on: str) -> bytes:
    """One interchange of one transaction."""
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYER':15}*ZZ*{'SENDER':15}*{on[2:]}*1200*^*00501*000000009*0*T*:",
        f"GS*{kind}*PAYER*SENDER*{on}*1200*9*X*{version}",
        f"ST*{transaction}*0001*{version}",
        *body,
        f"SE*{len(body) + 2}*0001",
        "GE*1*9",
        "IEA*1*000000009",
    ]
    return "".join(f"{segment}~\n" for segment in segments).encode()
