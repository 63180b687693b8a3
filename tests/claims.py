"""Made-up claims as 837P bytes, and the findings on them: what tests of rules are written in."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.book import Book
from anodyne.reference.policies import Policies, Policy, Said, Value
from anodyne.reference.policy_files import shipped
from anodyne.reference.tables import Reference, load
from anodyne.rules.discover import claim_rules
from anodyne.rules.engine import judge
from anodyne.rules.views import FACTS, build
from anodyne.x12.read import book_of, read_stream

AS_OF = dt.date(2026, 11, 21)
DAY = dt.date(2026, 10, 14)
PAIN_PHYSICIAN, NURSE_PRACTITIONER = "208VP0014X", "363LF0000X"

PAYERS = {
    "medicare": ("MEDICARE PART B OHIO", "15202", "MB"),
    "advantage": ("RIVERBEND ADVANTAGE", "RVADV", "16"),
    "commercial": ("CEDAR MUTUAL PPO", "CDR01", "CI"),
    "blue": ("BLUE PLAN OF NOWHERE", "BLU99", "BL"),
    "medicaid": ("STATE MEDICAID", "MCD00", "MC"),
    "workers": ("ATLAS WORKERS COMPENSATION", "AWC77", "WC"),
    "motor": ("LAKE MOTOR INSURANCE", "LMI08", "AM"),
    "liability": ("LAKE LIABILITY", "LLI09", "LM"),
}
CAUSES = {"WC": "EM", "AM": "AA:::OH", "LM": "OA"}


def npi(number: int) -> str:
    """A made-up NPI with a right check digit."""
    nine = f"1{number:08d}"
    total = 24
    for place, digit in enumerate(reversed(nine)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return nine + str(-total % 10)


@dataclass(frozen=True)
class Line:
    """A service line; `on` is the claim's day unless given."""

    code: str
    mods: Sequence[str] = ()
    units: float = 1
    charge: int = 100_00
    on: dt.date | None = None
    to: dt.date | None = None
    pos: str = ""
    dx: str = "1"
    rendering: str = ""
    taxonomy: str = PAIN_PHYSICIAN
    basis: str = "UN"
    description: str = ""
    ndc: str = ""
    ndc_qty: float | None = None
    """The units of the line where not given."""
    ndc_unit: str = "ML"


@dataclass(frozen=True)
class Claim:
    """One claim of a made-up patient; patients of one number are one person."""

    lines: Sequence[Line]
    payer: str = "medicare"
    id: str = "A100"
    patient: int = 1
    on: dt.date = DAY
    dx: Sequence[str] = ("M5416",)
    pos: str = "11"
    frequency: str = "1"
    original: str = ""
    auth: str = "A1B00000000001"
    """A tracking number, so that no programme of authorisation speaks."""
    injury: Sequence[str] = ("cause", "date", "number")
    """What the claim says of an injury, where it goes to an insurer of injuries."""
    cause: str = ""
    """CLM11 of any claim."""
    rank: str = "P"
    billing: int = 41
    billing_taxonomy: str = PAIN_PHYSICIAN
    rendering: str = field(default_factory=lambda: npi(52))
    taxonomy: str = PAIN_PHYSICIAN
    state: str = "OH"
    extra: Sequence[str] = ()
    """Segments put after the claim's own references, as they stand in a file."""


def file_of(*claims: Claim) -> bytes:
    """A whole 837P file of `claims`, valid but for what they say."""
    body: list[str] = [
        "BHT*0019*00*1*20261121*1200*CH",
        "NM1*41*2*MADE UP BILLING*****46*S1",
        "PER*IC*OFFICE*TE*6145550100",
        "NM1*40*2*MADE UP CLEARINGHOUSE*****46*R1",
    ]
    level = 0
    for claim in claims:
        level += 2
        body += _claim(claim, level)
    header = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'SENDER':15}*ZZ*{'RECEIVER':15}*261121*1200*^*00501*000000001*0*T*:",
        "GS*HC*SENDER*RECEIVER*20261121*1200*1*X*005010X222A1",
        "ST*837*0001*005010X222A1",
    ]
    trailer = [f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001"]
    return "".join(f"{segment}~\n" for segment in (*header, *body, *trailer)).encode()


def book_from(*claims: Claim, history: Sequence[Claim] = ()) -> Book:
    """The book of `claims`, with `history` as earlier claims."""
    parts = list(read_stream(io.BytesIO(file_of(*claims)), name="test.837"))
    used = sum(len(p.claims) for p in parts), sum(len(p.lines) for p in parts)
    if history:
        stream = io.BytesIO(file_of(*history))
        parts += read_stream(stream, name="history.837", judged=False, claim_key=used[0], line_key=used[1])
    return book_of(parts)


@cache
def reference() -> Reference:
    """The built-in reference data, read once for all tests."""
    return load()


def policies_of(payer: str, **values: Said) -> Policies:
    """The shipped policies, and one in which a practice says `values` of `payer`, of any day."""
    known = shipped()
    said = tuple(
        Value(name, value, Span(dt.date(2000, 1, 1)), "payer-contracts", "made up")
        for name, value in values.items()
    )
    own = Policy(
        "made-up", "Made up", {"payer_id": frozenset({PAYERS[payer][1]})}, said, "made-up.toml", own=True
    )
    return Policies([*known.policies, own], known.sources)


def findings(
    *claims: Claim,
    history: Sequence[Claim] = (),
    as_of: dt.date = AS_OF,
    policies: Policies | None = None,
    tables: Reference | None = None,
) -> pl.DataFrame:
    """What the rules find on `claims`: rule, outcome, line, codes, message, needs, fix, at_risk_cents."""
    book = book_from(*claims, history=history)
    rules = claim_rules().values()
    wanted = {rule.view for rule in rules}
    views = build(book, tables or reference(), as_of=as_of, wanted=wanted, policies=policies)
    found = judge(views, FACTS, rules)
    return found.join(book.lines.select("line_key", "line"), on="line_key", how="left").join(
        book.claims.select("claim_key", claim="claim_id"), on="claim_key", how="left"
    )


def told(
    *claims: Claim,
    history: Sequence[Claim] = (),
    as_of: dt.date = AS_OF,
    policies: Policies | None = None,
    tables: Reference | None = None,
) -> set[tuple[str, str, int | None]]:
    """The findings in short: rule, outcome and line number."""
    found = findings(*claims, history=history, as_of=as_of, policies=policies, tables=tables)
    return set(found.select("rule", "outcome", "line").iter_rows())


def _claim(claim: Claim, level: int) -> list[str]:
    name, payer, filing = PAYERS[claim.payer]
    day = claim.on.strftime("%Y%m%d")
    total = sum(line.charge for line in claim.lines)
    injury = claim.injury if filing in CAUSES else ()
    cause = claim.cause or (CAUSES[filing] if "cause" in injury else "")
    provider = [
        f"HL*{level - 1}**20*1",
        f"PRV*BI*PXC*{claim.billing_taxonomy}",
        f"NM1*85*2*MADE UP PAIN CLINIC*****XX*{npi(claim.billing)}",
        "N3*100 MAIN ST",
        f"N4*COLUMBUS*{claim.state}*432150001",
        "REF*EI*310000001",
    ]
    subscriber = [
        f"HL*{level}*{level - 1}*22*0",
        f"SBR*{claim.rank}*18*******{filing}",
        f"NM1*IL*1*DOE*PAT****MI*M{claim.patient:08d}",
        "N3*1 ELM ST",
        f"N4*COLUMBUS*{claim.state}*432150001",
        f"DMG*D8*{1950 + claim.patient % 50}0101*F",
        *(["REF*Y4*2026-0417"] if "number" in injury else []),
        f"NM1*PR*2*{name}*****PI*{payer}",
    ]
    diagnoses = "*".join(f"{'ABF' if n else 'ABK'}:{code}" for n, code in enumerate(claim.dx))
    own = [
        f"CLM*{claim.id}*{_dollars(total)}***{claim.pos}:B:{claim.frequency}*Y*A*Y*Y**{cause}".rstrip("*"),
        *(["DTP*439*D8*20260401"] if "date" in injury else []),
        *([f"REF*G1*{claim.auth}"] if claim.auth else []),
        *([f"REF*F8*{claim.original}"] if claim.original else []),
        *claim.extra,
        f"HI*{diagnoses}",
        f"NM1*82*1*ROE*SAM****XX*{claim.rendering}",
        f"PRV*PE*PXC*{claim.taxonomy}",
    ]
    lines = [segment for number, line in enumerate(claim.lines, 1) for segment in _line(line, number, day)]
    return [*provider, *subscriber, *own, *lines]


def _line(line: Line, number: int, day: str) -> list[str]:
    start = line.on.strftime("%Y%m%d") if line.on else day
    date = f"DTP*472*RD8*{start}-{line.to.strftime('%Y%m%d')}" if line.to else f"DTP*472*D8*{start}"
    code = ":".join(("HC", line.code, *line.mods))
    if line.description:
        code += ":" * (5 - len(line.mods)) + line.description
    segments = [
        f"LX*{number}",
        f"SV1*{code}*{_dollars(line.charge)}*{line.basis}*{line.units:g}*{line.pos}**{line.dx}",
        date,
        f"REF*6R*L{number}",
    ]
    if line.ndc:
        quantity = line.units if line.ndc_qty is None else line.ndc_qty
        segments += [f"LIN**N4*{line.ndc}", f"CTP****{quantity:g}*{line.ndc_unit}"]
    if line.rendering:
        segments += [f"NM1*82*1*POE*KIM****XX*{line.rendering}", f"PRV*PE*PXC*{line.taxonomy}"]
    return segments


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}".rstrip("0").rstrip(".")
