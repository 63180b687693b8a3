"""Frames become a file that gives them back, in which nothing is found wrong, or are refused by name."""

import datetime as dt
import io
import re
import string
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.app.check import check
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import SCHEMAS, Coordination, coordination_of
from anodyne.model.frames import ADJUDICATIONS, CLAIMS, DIAGNOSES, LINES, MODIFIERS, OTHER_PAYERS
from anodyne.model.parties import (
    Address,
    Billing,
    Contact,
    Dependent,
    Insured,
    Organisation,
    Parties,
    Person,
    Receiver,
    Site,
    Submitter,
    Subscriber,
)
from anodyne.x12 import compose_hierarchy, professional
from anodyne.x12.columns import text
from anodyne.x12.compose import compose
from anodyne.x12.compose_draft import Loop, Pen, Refused, fill
from anodyne.x12.compose_parties import DELIMITERS, Interchange
from anodyne.x12.compose_places import IN_PARTIES, frame_name
from anodyne.x12.delimiters import Delimiters
from anodyne.x12.guide import Column, Source
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.structure.codes import LISTS, PLACES
from tests.claims import Claim, Line, book_from, npi, reference
from tests.x12.interchanges import read
from tests.x12.seeds import told

NOT_WRITTEN: Final = ("claim_key", "line_key", "judged", "file", "segment", "byte", "patient")
CLINIC, ROE, POE, LAB, SITE = npi(41), npi(52), npi(77), npi(88), npi(99)
MADE_AT = dt.datetime(2026, 11, 21, 12, 0)  # noqa: DTZ001 -- of the practice's own wall clock
ICD_9_ENDS = dt.date(2015, 10, 1)
HOME = Address("1 Elm St", "Parma", "OH", "44129")
STREET = Address("100 Main St", "Columbus", "OH", "432150001", more="Suite 2")
ELSEWHERE = Address("7 Hill Rd", "Erie", "PA", "165010002")
PARTIES = Parties(
    Submitter("Made Up Billing", "S1", Contact("Office", "6145550100", "12", "office@example.org")),
    Receiver("Made Up House", "R1"),
    billing={
        CLINIC: Billing(Organisation("Made Up Pain Clinic"), STREET, "310000001"),
        ROE: Billing(
            Person("Roe", "Sam", "Q", "Jr"),
            STREET,
            "310000002",
            "SY",
            Contact("Desk", "6145550101"),
            pay_to=HOME,
        ),
    },
    practitioners={ROE: Person("Roe", "Sam"), POE: Person("Poe", "Kim"), LAB: Person("Poe")},
    subscribers=dict.fromkeys(range(4), Subscriber(Person("Doe", "Pat"), HOME)),
    dependents=dict.fromkeys(range(4), Dependent(Person("Doe", "Ann", "B"), HOME)),
    payers={"15202": ELSEWHERE},
)
INSURED = (
    Insured(Person("Doe", "Rae")),
    Insured(Person("Doe", "Lou", suffix="Sr"), ELSEWHERE),
    Insured(Organisation("Made Up Mill"), HOME),
)
INTERCHANGE = Interchange("SENDER", "RECEIVER", 7, MADE_AT, "T", line_breaks=True)

# What may stand in a frame

LETTERS = string.ascii_uppercase + string.digits + "!\"&'()+,/;?=%@[]_{}\\|<>#$` "
MARKS = ("*|^\x1d+", ":><\x1f&", "^}{\x1e\\", "~!'\x1c\n\r")
delimiters = (
    st.tuples(*map(st.sampled_from, MARKS))
    .filter(lambda marks: len(set(marks)) == len(marks))
    .map(lambda marks: Delimiters(*map(ord, marks)))
)
days = st.dates(dt.date(1900, 1, 1), dt.date(2200, 12, 31))
taxonomies = st.sampled_from(["208VP0014X", "363LF0000X"])
icd_codes = st.from_regex(r"[A-Z][0-9][A-Z0-9]{1,5}", fullmatch=True)
secondary = st.sampled_from(LISTS["secondary"].split())
relationships = st.sampled_from(["18", "18", "01", "19", "20", "21", "39", "40", "53", "G8"])
adjustment_groups = st.sampled_from(LISTS["adjustment"].split())
amounts = st.integers(-(10**12), 10**12)
thousandths = st.integers(1, 10**9).map(lambda number: number / 1000)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def texts(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    """Words without what any delimiter may be, and without blanks around them."""
    letters = "".join(sorted(set(LETTERS) - set("".join(MARKS))))
    words = st.text(letters, min_size=shortest, max_size=longest).map(str.strip)
    return words.filter(lambda word: len(word) >= shortest)


@st.composite
def claim_rows(draw: st.DrawFn, key: int, claim_id: str, first: dt.date, last: dt.date) -> dict[str, Any]:
    """A claim of services from `first` to `last`."""
    site = draw(st.booleans())
    place = ELSEWHERE if site else STREET
    rendering = draw(maybe(st.sampled_from([ROE, POE])))
    causes = draw(st.lists(st.sampled_from(["AA", "EM", "OA"]), unique=True, max_size=3))
    is_accident = not {"AA", "OA"}.isdisjoint(causes)
    pos = draw(st.sampled_from(PLACES.split()))
    attachment = draw(maybe(st.sampled_from(LISTS["attachment"].split())))
    codes = draw(st.lists(icd_codes, min_size=1, max_size=12, unique=True))
    before = st.dates(dt.date(1900, 1, 1), last)
    frequency = draw(st.sampled_from("178"))
    filing = draw(st.sampled_from(LISTS["filing"].split()))
    rank = draw(st.sampled_from("PPSTU"))
    return {
        "claim_key": key,
        "judged": True,
        "file": "made-up",
        "segment": 1,
        "byte": 0,
        "claim_id": claim_id,
        "payer_id": draw(texts(80, 2) | st.just("15202")),
        "payer_name": draw(texts(60)),
        "filing": filing,
        "payer_rank": rank,
        "insurance_type": draw(secondary if filing in ("MA", "MB") and rank != "P" else maybe(secondary)),
        "group_number": draw(maybe(texts(50))),
        "member_id": draw(texts(80, 2)),
        "patient": draw(st.integers(0, 3)),
        "relationship": draw(relationships),
        "birth_date": draw(st.dates(dt.date(1850, 1, 1), first)),
        "sex": draw(st.sampled_from("FMU")),
        "billing_npi": draw(st.sampled_from([CLINIC, ROE])),
        "billing_taxonomy": draw(maybe(taxonomies)),
        "rendering_npi": rendering,
        "rendering_taxonomy": draw(maybe(taxonomies)) if rendering else None,
        "referring_npi": draw(maybe(st.sampled_from([POE, LAB]))),
        "supervising_npi": draw(maybe(st.sampled_from([ROE, LAB]))),
        "facility_npi": draw(maybe(st.just(SITE))) if site else None,
        "state": place.state,
        "zip": place.zip,
        "pos": pos,
        "frequency": frequency,
        "original_ref": None if frequency == "1" else draw(texts(50)),
        **{
            name: draw(maybe(texts(50)))
            for name in (
                "auth_number",
                "referral_number",
                "clia",
                "medical_record",
                "property_claim",
            )
        },
        "charge_cents": 0,
        "assignment": draw(st.sampled_from("ABC")),
        "benefits_assigned": draw(st.sampled_from("NWY")),
        "release": draw(st.sampled_from("IY")),
        **{f"cause{n}": causes[n - 1] if n <= len(causes) else None for n in (1, 2, 3)},
        "cause_state": "OH" if "AA" in causes else draw(st.sampled_from([None, "PA"])) if causes else None,
        "onset_on": draw(maybe(before)),
        "initial_treatment_on": draw(maybe(days)),
        "last_seen_on": draw(maybe(days)),
        "accident_on": draw(before if is_accident else maybe(before)),
        "admitted_on": draw(days if pos == "21" else maybe(days)),
        "discharged_on": draw(maybe(days)),
        "attachment": attachment,
        "attachment_control": draw(maybe(texts(80, 2))) if attachment else None,
        "condition": draw(st.sampled_from([None, "75"])),
        "note": draw(maybe(texts(80))),
        **{name: codes[n] if n < len(codes) else None for n, name in enumerate(DIAGNOSES)},
        "dx_system": draw(st.sampled_from(["ABK", "BK"])) if last < ICD_9_ENDS else "ABK",
    }


@st.composite
def line_rows(
    draw: st.DrawFn, key: int, number: int, claim: dict[str, Any], served: tuple[dt.date, dt.date]
) -> dict[str, Any]:
    """A line of `claim` as reading gives it: what it has from the claim stands in it too."""
    own_rendering = draw(st.booleans())
    count = sum(claim[name] is not None for name in DIAGNOSES)
    pointers = draw(st.lists(st.integers(1, count), min_size=1, max_size=4, unique=True))
    drug = draw(st.booleans())

    def own(name: str, values: st.SearchStrategy[Any]) -> Any:
        return claim[name] if draw(st.booleans()) else draw(values if claim[name] else maybe(values))

    return {
        "line_key": key,
        "claim_key": claim["claim_key"],
        "segment": 1,
        "byte": 0,
        "line": number,
        "code_system": "HC",
        "code": draw(st.sampled_from(["62323", "G3002", "J1030", "0213T"])),
        **{name: draw(maybe(st.from_regex(r"[A-Z0-9]{2}", fullmatch=True))) for name in MODIFIERS},
        "description": draw(maybe(texts(80))),
        "units": draw(thousandths),
        "unit_basis": draw(st.sampled_from(["UN", "MJ"])),
        "charge_cents": draw(st.integers(0, 10**12)),
        "served_on": served[0],
        "served_to": served[1],
        "dx_pointers": ":".join(map(str, pointers)),
        "emergency": draw(st.sampled_from([None, "Y"])),
        "pos": own("pos", st.sampled_from(PLACES.split())),
        "rendering_npi": LAB if own_rendering else claim["rendering_npi"],
        "rendering_taxonomy": draw(maybe(taxonomies)) if own_rendering else claim["rendering_taxonomy"],
        "ndc": draw(st.from_regex(r"[0-9]{11}", fullmatch=True)) if drug else None,
        "ndc_qty": draw(thousandths) if drug else None,
        "ndc_unit": draw(st.sampled_from(["F2", "GR", "ME", "ML", "UN"])) if drug else None,
        "control_number": draw(maybe(texts(50))),
        "auth_number": own("auth_number", texts(50)),
        "clia": own("clia", texts(50)),
        "note": draw(maybe(texts(80))),
    }


@dataclass
class Others:
    """Rows of a coordination as they are drawn."""

    payers: list[dict[str, Any]] = field(default_factory=list)
    adjudications: list[dict[str, Any]] = field(default_factory=list)
    adjustments: list[dict[str, Any]] = field(default_factory=list)

    def frames(self) -> Coordination:
        return Coordination(
            **{
                name: pl.DataFrame(getattr(self, name), schema=dict(schema))
                for name, schema in SCHEMAS.items()
            }
        )

    def adjust(self, draw: st.DrawFn, name: str, key: int, due: int | None) -> int:
        """Adjustments of something, which come to `due` where it is given; gives what they come to."""
        some = draw(st.lists(amounts, min_size=0 if due in (None, 0) else 1, max_size=7))
        if due is not None and some:
            some[-1] = due - sum(some[:-1])
        for cents in some:
            row = {"other_payer_key": None, "adjudication_key": None, "segment": 1, "place": 1}
            reason = draw(texts(5))
            said = {"group": draw(adjustment_groups), "reason": reason, "cents": cents}
            self.adjustments.append(row | {name: key} | said | {"units": draw(maybe(thousandths))})
        return sum(some)

    def decide_line(self, draw: st.DrawFn, line: dict[str, Any], payer_id: str) -> int:
        """What a payer decided of a line, in one part or two; gives what it paid."""
        paid, left = 0, line["charge_cents"]
        parts = draw(st.integers(1, 2))
        for part in range(1, parts + 1):
            key, own = len(self.adjudications), draw(amounts)
            adjusted = self.adjust(draw, "adjudication_key", key, left - own if part == parts else None)
            own = left - adjusted if part == parts else own
            paid, left = paid + own, left - own - adjusted
            self.adjudications.append(
                {
                    "adjudication_key": key,
                    "line_key": line["line_key"],
                    "segment": 1,
                    "byte": 0,
                    "payer_id": payer_id,
                    "paid_cents": own,
                    "code_system": "HC",
                    "code": draw(st.sampled_from(["62321", "G3002"])),
                    **{
                        name: draw(maybe(st.from_regex(r"[A-Z0-9]{2}", fullmatch=True))) for name in MODIFIERS
                    },
                    "description": draw(maybe(texts(80))),
                    "units": draw(thousandths),
                    "bundled_line": draw(maybe(st.integers(1, 999_999))),
                    "patient_cents": draw(maybe(amounts)),
                    "decided_on": draw(days),
                }
            )
        return paid

    def add_payer(
        self, draw: st.DrawFn, claim: dict[str, Any], lines: list[dict[str, Any]], rank: str, payer_id: str
    ) -> None:
        key = len(self.payers)
        decided = draw(st.sampled_from(["no", "lines", "whole"]))
        paid, day = None, None
        if decided == "lines":
            by_lines = sum(self.decide_line(draw, line, payer_id) for line in lines)
            paid, day = by_lines - self.adjust(draw, "other_payer_key", key, None), draw(maybe(days))
        elif decided == "whole":
            whole = sum(line["charge_cents"] for line in lines)
            paid = whole - self.adjust(draw, "other_payer_key", key, None)
            day = draw(days)
        self.payers.append(
            {
                "other_payer_key": key,
                "claim_key": claim["claim_key"],
                "segment": 1,
                "byte": 0,
                "payer_id": payer_id,
                "payer_name": draw(texts(60)),
                "filing": draw(maybe(st.sampled_from(LISTS["filing"].split()))),
                "payer_rank": rank,
                "insurance_type": draw(maybe(secondary)),
                "relationship": draw(relationships),
                "group_number": draw(maybe(texts(50))),
                "member_id": draw(texts(80, 2)),
                "paid_cents": paid,
                "uncovered_cents": draw(maybe(amounts)),
                "patient_cents": draw(maybe(amounts)),
                "benefits_assigned": draw(st.sampled_from("NWY")),
                "release": draw(st.sampled_from("IY")),
                **{f"remark{n}": draw(maybe(texts(50))) for n in range(1, 6)},
                "decided_on": day,
                "payer_control": draw(maybe(texts(50))),
                "auth_number": draw(maybe(texts(50))),
                "referral_number": draw(maybe(texts(50))),
            }
        )


Batch = tuple[Book, Coordination, Parties]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """Some claims in any order with their lines and other payers, and all who are in them."""
    claims: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    others = Others()
    sites = {}
    for key, claim_id in enumerate(draw(st.lists(texts(38), min_size=1, max_size=4, unique=True))):
        begins = st.dates(dt.date(1900, 1, 1), MADE_AT.date() - dt.timedelta(days=40))
        served = [
            (first, first + dt.timedelta(days=more))
            for first, more in draw(st.lists(st.tuples(begins, st.integers(0, 40)), min_size=1, max_size=3))
        ]
        first, last = min(day for day, _ in served), max(day for _, day in served)
        claim = draw(claim_rows(key, claim_id, first, last))
        if claim["state"] == ELSEWHERE.state:
            sites[claim_id] = Site("Made Up Centre", ELSEWHERE)
        own = [draw(line_rows(len(lines) + n, n, claim, day)) for n, day in enumerate(served, 1)]
        claims.append(claim | {"charge_cents": sum(line["charge_cents"] for line in own)})
        lines += own
        before = {"S": ["P"], "T": ["P", "S"]}.get(claim["payer_rank"], [])
        ranks = draw(st.permutations([*before, *draw(st.sampled_from([[], ["A"], ["A", "U", "U"]]))]))
        ids = draw(st.lists(texts(80, 2), min_size=len(ranks), max_size=len(ranks), unique=True))
        for rank, payer_id in zip(ranks, ids, strict=True):
            others.add_payer(draw, claim, own, rank, payer_id)
    assert claims[0].keys() == CLAIMS.keys()
    assert lines[0].keys() == LINES.keys()
    book = Book(pl.DataFrame(claims, schema=dict(CLAIMS)), pl.DataFrame(lines, schema=dict(LINES)))
    insured = {
        (row["payer_id"], row["member_id"]): draw(st.sampled_from(INSURED))
        for row in (*claims, *others.payers)
    }
    return book, others.frames(), replace(PARTIES, sites=sites, insured=insured)


def in_order(book: Book) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All columns that a file says, in an order that does not depend on the file's."""
    named = book.claims.select("claim_key", "claim_id")
    lines = book.lines.join(named, on="claim_key").sort("claim_id", "line")
    return book.claims.sort("claim_id").drop(NOT_WRITTEN, strict=False), lines.drop(NOT_WRITTEN, strict=False)


def others_told(book: Book, told_: Coordination) -> list[Any]:
    """All that is told of other payers and their decisions by claim id and line, in order, without keys."""
    named = book.claims.select("claim_key", "claim_id")
    numbered = book.lines.join(named, on="claim_key").select("line_key", "claim_id", "line")
    kinds = (
        (told_.payers.join(named, on="claim_key", maintain_order="left"), "other_payer_key", ["claim_id"]),
        (
            told_.adjudications.join(numbered, on="line_key", maintain_order="left"),
            "adjudication_key",
            ["claim_id", "line"],
        ),
    )
    every = []
    for frame, key, order in kinds:
        for row in frame.sort(order, maintain_order=True).iter_rows(named=True):
            groups: dict[str, list[Any]] = {}
            own = told_.adjustments.filter(pl.col(key) == row[key])
            for group, *reason in own.select("group", "reason", "cents", "units").iter_rows():
                groups.setdefault(group, []).append(reason)
            left_out = {*NOT_WRITTEN, "other_payer_key", "adjudication_key"}
            every.append(
                ({name: value for name, value in row.items() if name not in left_out}, list(groups.items()))
            )
    return every


@settings(deadline=None)
@given(batches(), delimiters, st.booleans(), st.integers(1, 3_000))
def test_a_composed_file_gives_the_frames_back(
    batch: Batch, marks: Delimiters, breaks: bool, size: int
) -> None:
    book, others, parties = batch
    dressed = replace(INTERCHANGE, delimiters=marks, line_breaks=breaks)
    data = compose(book.claims, book.lines, parties, dressed, others)
    parts = list(read_stream(io.BytesIO(data), name="composed.837", size=size, coordination=True))
    back = book_of(parts)
    for one, given_ in zip(in_order(back), in_order(book), strict=True):
        assert one.equals(given_)
    assert others_told(back, coordination_of(part.coordination for part in parts)) == others_told(
        book, others
    )


@settings(deadline=None, max_examples=25)
@given(batches())
def test_nothing_is_found_wrong_in_a_composed_file(batch: Batch) -> None:
    book, others, parties = batch
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "composed.837"
        path.write_bytes(compose(book.claims, book.lines, parties, INTERCHANGE, others))
        with check([str(path)], as_of=MADE_AT.date(), select=("X12",), reference=reference()) as report:
            assert report.worst() is None
            assert report.summary.claims == len(book.claims)


@settings(deadline=None, max_examples=25)
@given(batches())
def test_equal_frames_give_equal_bytes(batch: Batch) -> None:
    book, others, parties = batch

    def again(frame: pl.DataFrame) -> pl.DataFrame:
        return pl.DataFrame(frame.rows(), frame.schema, orient="row")

    once = compose(book.claims, book.lines, parties, INTERCHANGE, others)
    same = Coordination(**{name: again(getattr(others, name)) for name in SCHEMAS})
    assert once == compose(again(book.claims), again(book.lines), parties, INTERCHANGE, same)


# One file

MONTH = book_from(
    Claim([Line("G3002"), Line("G3003", units=2, charge=50_50, rendering=POE)], taxonomy="208VP0014X"),
    Claim([Line("20553", to=dt.date(2026, 10, 15))], id="A2", patient=2, dx=("M5416", "M5417")),
    Claim([Line("J1030", ndc="00009307301", ndc_qty=1.5)], id="A3", auth=""),
)
WHO = replace(PARTIES, subscribers=dict.fromkeys(MONTH.claims["patient"], PARTIES.subscribers[0]), payers={})
MONTH_FILE = """\
ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*1200*^*00501*000000007*0*T*:~
GS*HC*SENDER*RECEIVER*20261121*1200*7*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*0000000070001*20261121*1200*CH~
NM1*41*2*MADE UP BILLING*****46*S1~
PER*IC*OFFICE*TE*6145550100*EX*12*EM*OFFICE@EXAMPLE.ORG~
NM1*40*2*MADE UP HOUSE*****46*R1~
HL*1**20*1~
PRV*BI*PXC*208VP0014X~
NM1*85*2*MADE UP PAIN CLINIC*****XX*1000000418~
N3*100 MAIN ST*SUITE 2~
N4*COLUMBUS*OH*432150001~
REF*EI*310000001~
HL*2*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*DOE*PAT****MI*M00000001~
N3*1 ELM ST~
N4*PARMA*OH*44129~
DMG*D8*19510101*F~
NM1*PR*2*MEDICARE PART B OHIO*****PI*15202~
CLM*A100*150.5***11:B:1*Y*A*Y*Y~
REF*G1*A1B00000000001~
HI*ABK:M5416~
NM1*82*1*ROE*SAM****XX*1000000525~
PRV*PE*PXC*208VP0014X~
LX*1~
SV1*HC:G3002*100*UN*1***1~
DTP*472*D8*20261014~
REF*6R*L1~
LX*2~
SV1*HC:G3003*50.5*UN*2***1~
DTP*472*D8*20261014~
REF*6R*L2~
NM1*82*1*POE*KIM****XX*1000000772~
PRV*PE*PXC*208VP0014X~
CLM*A3*100***11:B:1*Y*A*Y*Y~
HI*ABK:M5416~
NM1*82*1*ROE*SAM****XX*1000000525~
PRV*PE*PXC*208VP0014X~
LX*1~
SV1*HC:J1030*100*UN*1***1~
DTP*472*D8*20261014~
REF*6R*L1~
LIN**N4*00009307301~
CTP****1.5*ML~
HL*3*1*22*0~
SBR*P*18*******MB~
NM1*IL*1*DOE*PAT****MI*M00000002~
N3*1 ELM ST~
N4*PARMA*OH*44129~
DMG*D8*19520101*F~
NM1*PR*2*MEDICARE PART B OHIO*****PI*15202~
CLM*A2*100***11:B:1*Y*A*Y*Y~
REF*G1*A1B00000000001~
HI*ABK:M5416*ABF:M5417~
NM1*82*1*ROE*SAM****XX*1000000525~
PRV*PE*PXC*208VP0014X~
LX*1~
SV1*HC:20553*100*UN*1***1~
DTP*472*RD8*20261014-20261015~
REF*6R*L1~
SE*60*0001~
GE*1*7~
IEA*1*000000007~
"""


def test_a_month_as_a_file() -> None:
    assert compose(MONTH.claims, MONTH.lines, WHO, INTERCHANGE).decode() == MONTH_FILE


def test_without_line_breaks_it_is_the_same_file() -> None:
    data = compose(MONTH.claims, MONTH.lines, WHO, replace(INTERCHANGE, line_breaks=False))
    assert data.decode() == MONTH_FILE.replace("\n", "")


def test_what_a_line_has_from_its_claim_need_not_be_in_the_frame() -> None:
    bare = MONTH.lines.with_columns(
        *(
            pl.when(pl.col("claim_key") == 0).then(None).otherwise(name).alias(name)
            for name in ("pos", "auth_number", "clia", "line", "served_to")
        ),
        rendering_npi=pl.col("rendering_npi").replace({ROE: None}),
        rendering_taxonomy=pl.when(pl.col("rendering_npi") != ROE).then("rendering_taxonomy"),
    )
    claims = MONTH.claims.with_columns(state=pl.lit(None, pl.String), zip=pl.lit(None, pl.String))
    assert compose(claims, bare, WHO, INTERCHANGE).decode() == MONTH_FILE


def test_lines_stand_in_the_order_of_their_numbers() -> None:
    assert compose(MONTH.claims, MONTH.lines.reverse(), WHO, INTERCHANGE).decode() == MONTH_FILE


def test_text_is_put_in_capitals_without_blanks_around_it() -> None:
    claims = MONTH.claims.with_columns(payer_name=pl.lit("  Medicare part b Ohio "))
    assert compose(claims, MONTH.lines, WHO, INTERCHANGE).decode() == MONTH_FILE


def many(count: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """As many claims of one patient."""
    book = book_from(*(Claim([Line("20553")], id=f"B{n}") for n in range(count)))
    return book.claims, book.lines


def test_a_subscriber_with_more_claims_than_may_stand_there_comes_again() -> None:
    data = compose(*many(101), WHO, INTERCHANGE)
    assert re.findall(rb"HL\*\d+\*1\*22\*0", data) == [b"HL*2*1*22*0", b"HL*3*1*22*0"]
    assert read(data).claims["claim_id"].to_list() == [f"B{n}" for n in range(101)]


def test_a_transaction_with_more_claims_than_it_should_hold_is_followed_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compose_hierarchy, "MOST_CLAIMS", 2)
    data = compose(*many(5), WHO, INTERCHANGE)
    assert re.findall(rb"(?m)^(?:ST|GE)\*.*?\*.*?[*~]", data) == [
        b"ST*837*0001*",
        b"ST*837*0002*",
        b"ST*837*0003*",
        b"GE*3*7~",
    ]
    assert told(data) == []


def test_every_column_that_is_read_is_written() -> None:
    names = {
        *(("claim", c) for c in professional.CLAIM_COLUMNS),
        *(("line", c) for c in professional.LINE_COLUMNS),
        *(("other payer", c) for c in professional.OTHER_PAYER_COLUMNS),
        *(("adjudication", c) for c in professional.ADJUDICATION_COLUMNS),
    }
    frames = {"claim": CLAIMS, "line": LINES, "other payer": OTHER_PAYERS, "adjudication": ADJUDICATIONS}
    assert not [
        column.name
        for frame, column in names
        if column.name not in IN_PARTIES and frame_name(column) not in frames[frame]
    ]


def test_a_column_added_to_the_table_is_written() -> None:
    new = Column("ordering_npi", Source("line", ("2420E",), "NM1"), 9, text, when=(8, "XX"))
    refused = Refused()
    line = Loop("2420E", "a line")
    fill(line, [new], {"ordering_npi": POE}, refused)
    line.put("NM1", {2: "1", 3: "Poe"})
    (segment,) = Pen(DELIMITERS, refused).segments(line)
    assert segment.text == f"NM1*DK*1*POE*****XX*{POE}"
    assert not refused.reasons


# Refused

CLAIM_NEEDS = (
    *(
        "claim_id",
        "payer_id",
        "payer_name",
        "filing",
        "payer_rank",
        "member_id",
        "relationship",
        "birth_date",
    ),
    *("sex", "billing_npi", "pos", "frequency", "charge_cents", "assignment", "benefits_assigned"),
    *("release", "dx1", "dx_system"),
)
LINE_NEEDS = ("code_system", "code", "units", "unit_basis", "charge_cents", "served_on", "dx_pointers")


def refusal(
    claims: pl.DataFrame = MONTH.claims,
    lines: pl.DataFrame = MONTH.lines,
    parties: Parties = WHO,
    interchange: Interchange = INTERCHANGE,
) -> list[str]:
    with pytest.raises(BadRequest) as refused:
        compose(claims, lines, parties, interchange)
    head, _, reasons = refused.value.what.partition("; ")
    assert head == "no file is written"
    return reasons.split("; ")


def without(frame: pl.DataFrame, *names: str, key: int = 0) -> pl.DataFrame:
    here = pl.col("claim_key") == key
    return frame.with_columns(pl.when(~here).then(name).alias(name) for name in names)


def saying(frame: pl.DataFrame, key: int = 0, **values: object) -> pl.DataFrame:
    here = pl.col("claim_key") == key
    return frame.with_columns(
        pl.when(here).then(pl.lit(value, frame.schema[name])).otherwise(name).alias(name)
        for name, value in values.items()
    )


@pytest.mark.parametrize("column", CLAIM_NEEDS)
def test_what_a_claim_must_have_is_told_where_it_is_missing(column: str) -> None:
    owner = "the claim of row 1" if column == "claim_id" else "claim A100"
    assert refusal(without(MONTH.claims, column)) == [f"{owner}: {column} is missing"]


@pytest.mark.parametrize("column", LINE_NEEDS)
def test_what_a_line_must_have_is_told_where_it_is_missing(column: str) -> None:
    assert refusal(lines=without(MONTH.lines, column, key=1)) == [f"claim A2, line 1: {column} is missing"]


def test_all_that_is_missing_is_told_at_once() -> None:
    nobody = replace(WHO, submitter=replace(WHO.submitter, name=""), subscribers={}, practitioners={})
    told_ = refusal(without(MONTH.claims, "pos", "sex"), without(MONTH.lines, "code"), nobody)
    assert told_ == [
        "claim A100: patient is not among the parties' subscribers",
        "claim A100: rendering_npi is not among the parties' practitioners",
        "claim A100, line 2: rendering_npi is not among the parties' practitioners",
        "claim A2: patient is not among the parties' subscribers",
        "claim A2: rendering_npi is not among the parties' practitioners",
        "claim A3: patient is not among the parties' subscribers",
        "claim A3: rendering_npi is not among the parties' practitioners",
        "the file: the submitter's name is missing",
        "claim A100: sex is missing",
        "claim A100: pos is missing",
        "claim A100, line 1: code is missing",
        "claim A100, line 2: code is missing",
    ]


@pytest.mark.parametrize(
    ("parties", "what"),
    [
        ({"receiver": Receiver("", "R1")}, "the file: the receiver's name is missing"),
        (
            {"billing": {CLINIC: Billing(Organisation("X"), replace(STREET, city=""), "310000001")}},
            "claim A100: the billing provider's city is missing",
        ),
        (
            {"billing": {CLINIC: Billing(Organisation("X"), STREET, "")}},
            "claim A100: the billing provider's tax id is missing",
        ),
        ({"billing": {}}, "claim A100: billing_npi is not among the parties' billing providers"),
        (
            {"sites": {"A2": Site("X", replace(STREET, street=" "))}},
            "claim A2: the service facility's street is missing",
        ),
    ],
)
def test_what_the_parties_lack_is_told(parties: dict[str, Any], what: str) -> None:
    assert refusal(parties=replace(WHO, **parties)) == [what]


def test_an_address_abroad_has_no_state() -> None:
    abroad = Address("1 Rue X", "Lyon", "", "", country="FR")
    who = dict.fromkeys(WHO.subscribers, Subscriber(Person("Doe"), abroad))
    data = compose(MONTH.claims, MONTH.lines, replace(WHO, subscribers=who), INTERCHANGE)
    assert b"N4*LYON***FR~" in data


PLANTED = "SECRET"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (f"{PLANTED}É", "holds a character that X12 does not have"),
        (f"ß{PLANTED}", "holds a character that X12 does not have"),
        (f"{PLANTED}\n{PLANTED}", "holds a character that X12 does not have"),
        (f"{PLANTED}*", "holds a character that punctuates the file"),
        (f"A~{PLANTED}", "holds a character that punctuates the file"),
        (f"{PLANTED}:", "holds a character that punctuates the file"),
        (f"^{PLANTED}", "holds a character that punctuates the file"),
        (PLANTED * 20, "has a length of 120 where 1 to 80 may be"),
    ],
)
def test_text_that_cannot_be_written_is_refused_without_being_told(value: str, why: str) -> None:
    with pytest.raises(BadRequest) as refused:
        compose(MONTH.claims, saying(MONTH.lines, note=value), WHO, INTERCHANGE)
    assert f"claim A100, line 1: note {why}; claim A100, line 2: note {why}" in str(refused.value)
    assert PLANTED not in str(refused.value)


def test_a_person_is_not_told_either() -> None:
    who = dict.fromkeys(WHO.subscribers, Subscriber(Person(f"{PLANTED}*"), HOME))
    with pytest.raises(BadRequest) as refused:
        compose(MONTH.claims, MONTH.lines, replace(WHO, subscribers=who), INTERCHANGE)
    assert "claim A100: the subscriber's name holds a character that punctuates" in str(refused.value)
    assert PLANTED not in str(refused.value)


def test_a_claim_id_that_cannot_be_written_is_not_told() -> None:
    assert refusal(saying(MONTH.claims, claim_id=f"{PLANTED}*")) == [
        "the claim of row 1: claim_id holds a character that punctuates the file"
    ]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"relationship": "19"}, "patient is not among the parties' dependents"),
        (
            {"relationship": "19"},
            "member_id is not among the parties' insured, who go by payer id and member id",
        ),
        ({"payer_rank": "S"}, "payer_rank is S, and nothing is told of the payer of rank P before it"),
        ({"payer_rank": "T"}, "payer_rank is T, and nothing is told of the payer of rank P, S before it"),
        (
            {"frequency": "7"},
            "original_ref is missing: frequency 7 needs the payer's own number of the first claim",
        ),
        (
            {"frequency": "8"},
            "original_ref is missing: frequency 8 needs the payer's own number of the first claim",
        ),
        (
            {"original_ref": "ICN1"},
            "original_ref names a first claim, but frequency 1 says that this is one: 7 replaces, 8 voids",
        ),
        ({"state": "PA"}, "state is not that of the place of service among the parties"),
        ({"zip": "432150009"}, "zip is not that of the place of service among the parties"),
        ({"facility_npi": SITE}, "facility_npi is not among the parties' sites, which go by claim id"),
        ({"condition": "XX"}, "condition is none of the codes that the guide has there"),
        ({"referring_npi": SITE}, "referring_npi is not among the parties' practitioners"),
        ({"rendering_npi": None}, "rendering_npi is missing"),
        (
            {"charge_cents": 1},
            "charge_cents (X12-BALANCE: The claim's charge is not the sum of its lines)",
        ),
        ({"filing": "XX"}, "filing (X12-CODE: A value is none of the codes that the guide allows there)"),
        (
            {"cause1": "AA", "accident_on": dt.date(2026, 4, 1)},
            "cause1 (X12-ACCIDENT-STATE: The state of a motor accident is missing)",
        ),
        ({"dx2": "M5416"}, "dx2 (X12-DX-REPEAT: A diagnosis is given twice)"),
        ({"member_id": "M"}, "member_id has a length of 1 where 2 to 80 may be"),
    ],
)
def test_what_is_wrong_with_a_claim_is_told_by_its_column(values: dict[str, Any], what: str) -> None:
    lines = saying(MONTH.lines, rendering_npi=POE) if "rendering_npi" in values else MONTH.lines
    assert f"claim A100: {what}" in refusal(saying(MONTH.claims, **values), lines)


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"units": 0.0005}, "units has more than three decimals"),
        ({"units": float("nan")}, "units is no number"),
        ({"units": 0.0}, "units (X12-UNITS: The units of a service line are not more than zero)"),
        ({"dx_pointers": "1:1:1:1:1"}, "dx_pointers has more parts than there are places"),
        (
            {"dx_pointers": "2"},
            "dx_pointers (X12-DX-POINTER: A line points to a diagnosis that is not there)",
        ),
        (
            {"served_to": dt.date(2026, 10, 1)},
            "served_on (X12-RANGE: A range of dates ends before it begins)",
        ),
        ({"mod1": "9"}, "mod1 has a length of 1 where 2 may be"),
        ({"ndc": "00009307301"}, "ndc_qty is missing"),
        ({"ndc_unit": "ML"}, "ndc is missing"),
        ({"line": 2}, "line does not count the lines from 1"),
    ],
)
def test_what_is_wrong_with_a_line_is_told_by_its_column(values: dict[str, Any], what: str) -> None:
    owner = "claim A100" if "line" in values else "claim A100, line 1"
    assert f"{owner}: {what}" in refusal(lines=saying(MONTH.lines, **values))


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_claim_that_stands_for_another_names_it(frequency: str) -> None:
    again = saying(MONTH.claims, frequency=frequency, original_ref="ICN77")
    data = compose(again, MONTH.lines, WHO, INTERCHANGE)
    assert (
        f"CLM*A100*150.5***11:B:{frequency}*Y*A*Y*Y~\nREF*G1*A1B00000000001~\nREF*F8*ICN77~".encode() in data
    )
    assert read(data).claims.filter(claim_id="A100")["original_ref"].to_list() == ["ICN77"]


def test_a_claim_without_lines_is_refused() -> None:
    assert refusal(lines=MONTH.lines.filter(pl.col("claim_key") != 1)) == ["claim A2: it has no line"]


def test_more_lines_than_a_claim_holds_are_refused() -> None:
    book = book_from(Claim([Line("20553") for _ in range(51)]))
    assert refusal(book.claims, book.lines) == [
        "claim A100, line 51: the service line (X12-LOOP-REPEAT: A loop is repeated too often)"
    ]


def test_no_claims_make_no_file() -> None:
    assert refusal(MONTH.claims.clear(), MONTH.lines.clear()) == ["the file: it would hold no claim"]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"control_number": 0}, "the interchange: control_number is not from 1 to 999,999,999"),
        ({"sender": "S" * 16}, "the interchange: sender has not 1 to 15 characters"),
        ({"receiver": "R*"}, "the interchange: receiver holds a character that punctuates the file"),
        ({"usage": "X"}, "the interchange: ISA15 of the interchange header (X12-CODE: A value is none"),
        (
            {"delimiters": replace(DELIMITERS, component=ord("*"))},
            "the interchange: delimiters are not four different marks",
        ),
        (
            {"delimiters": replace(DELIMITERS, element=10)},
            "the interchange: delimiters are not four different marks",
        ),
        (
            {"delimiters": replace(DELIMITERS, element=ord("A"))},
            "the interchange: delimiters are not four different marks",
        ),
    ],
)
def test_an_envelope_that_cannot_be_is_refused(values: dict[str, Any], what: str) -> None:
    reasons = refusal(interchange=replace(INTERCHANGE, **values))
    assert any(reason.startswith(what) for reason in reasons)


def test_keys_that_do_not_hold_together_are_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="one key"):
        compose(pl.concat([MONTH.claims, MONTH.claims]), MONTH.lines, WHO, INTERCHANGE)
    with pytest.raises(ValueError, match="of none"):
        compose(MONTH.claims.head(1), MONTH.lines, WHO, INTERCHANGE)


def test_nobody_is_shown() -> None:
    shown = repr(WHO) + "".join(map(repr, [*WHO.billing.values(), *WHO.subscribers.values()]))
    shown += repr(Site("Doe's home", HOME)) + repr(WHO.submitter) + repr(PARTIES.practitioners[ROE])
    names = ("Doe", "Pat", "Roe", "Sam", "Elm", "Main", "44129", "310000", "614555", "Office")
    assert not [name for name in names if name in shown]
