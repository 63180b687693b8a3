"""Claims of dependents, and to a second and third payer: what stands where, and what is refused."""

import io
from dataclasses import replace
from typing import Any, Final

import polars as pl
import pytest

from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import SCHEMAS, Coordination, coordination_of
from anodyne.model.parties import Address, Dependent, Insured, Organisation, Parties, Person, Subscriber
from anodyne.x12.compose import compose
from anodyne.x12.read import read_stream
from anodyne.x12.read_coordination import OtherKeys
from tests.claims import Claim, Line, book_from
from tests.x12.interchanges import PROVIDER, claim, file_of, line, subscriber
from tests.x12.seeds import WHOLE, told
from tests.x12.test_compose import INTERCHANGE, PARTIES

HOME: Final = Address("1 Elm St", "Parma", "OH", "44129")
AWAY: Final = Address("7 Hill Rd", "Erie", "PA", "16501")


def between(data: bytes, first: str, last: str) -> list[str]:
    """The segments from the one that starts with `first` up to the next that starts with `last`."""
    segments = data.decode().replace("\n", "").split("~")
    start = next(k for k, segment in enumerate(segments) if segment.startswith(first))
    stop = next(k for k, segment in enumerate(segments) if k > start and segment.startswith(last))
    return segments[start:stop]


def with_values(frame: pl.DataFrame, row: int, **values: Any) -> pl.DataFrame:
    rows = frame.rows(named=True)
    rows[row] |= values
    return pl.DataFrame(rows, frame.schema)


# Dependents

FAMILY_BOOK: Final = book_from(
    Claim([Line("20553")], id="F1", payer="commercial"),
    Claim([Line("20553")], id="F2", payer="commercial", patient=2),
    Claim([Line("20553")], id="F3", payer="commercial", patient=3),
    Claim([Line("99213")], id="F4", payer="commercial", patient=2),
)
OF_FAMILY: Final = {"F1": ("18", 1), "F2": ("19", 2), "F3": ("01", 3), "F4": ("19", 2)}
FAMILY: Final = FAMILY_BOOK.claims.with_columns(
    member_id=pl.lit("M00000001"),
    relationship=pl.Series([OF_FAMILY[name][0] for name in FAMILY_BOOK.claims["claim_id"]]),
    patient=pl.Series([OF_FAMILY[name][1] for name in FAMILY_BOOK.claims["claim_id"]], dtype=pl.UInt64),
)
WHO: Final = replace(
    PARTIES,
    subscribers={1: Subscriber(Person("Doe", "Lou"), HOME)},
    dependents={2: Dependent(Person("Doe", "Ann"), HOME), 3: Dependent(Person("Roe", "Rae"), AWAY)},
    insured={("CDR01", "M00000001"): Insured(Person("Doe", "Lou"), HOME)},
    payers={},
)


def heads(data: bytes) -> list[str]:
    """What tells of levels and who is in them, and the claims."""
    marks = ("HL*", "SBR*", "PAT*", "NM1*IL", "NM1*QC", "N3*", "DMG*", "CLM*")
    segments = data.decode().replace("\n", "").split("~")
    start = next(k for k, segment in enumerate(segments) if segment.startswith("HL*2*"))
    kept = [segment for segment in segments[start:] if segment.startswith(marks)]
    return [segment.split("***")[0] if segment.startswith("CLM*") else segment for segment in kept]


def test_dependents_stand_under_their_subscriber_each_once() -> None:
    data = compose(FAMILY, FAMILY_BOOK.lines, WHO, INTERCHANGE)
    assert heads(data) == [
        "HL*2*1*22*0",
        "SBR*P*18*******CI",
        "NM1*IL*1*DOE*LOU****MI*M00000001",
        "N3*1 ELM ST",
        "DMG*D8*19510101*F",
        "CLM*F1*100",
        "HL*3*1*22*1",
        "SBR*P********CI",
        "NM1*IL*1*DOE*LOU****MI*M00000001",
        "HL*4*3*23*0",
        "PAT*19",
        "NM1*QC*1*DOE*ANN",
        "N3*1 ELM ST",
        "DMG*D8*19520101*F",
        "CLM*F2*100",
        "CLM*F4*100",
        "HL*5*3*23*0",
        "PAT*01",
        "NM1*QC*1*ROE*RAE",
        "N3*7 HILL RD",
        "DMG*D8*19530101*F",
        "CLM*F3*100",
    ]
    assert told(data) == []


@pytest.mark.parametrize("relationship", ["18", "19"])
def test_twins_are_two_patients(relationship: str) -> None:
    claims = FAMILY.filter(pl.col("claim_id").is_in(["F2", "F3"])).with_columns(
        relationship=pl.lit(relationship), birth_date=FAMILY["birth_date"][0], sex=pl.lit("F")
    )
    lines = FAMILY_BOOK.lines.filter(pl.col("claim_key").is_in(claims["claim_key"].implode()))
    own = {2: Subscriber(Person("Doe", "Ann"), HOME), 3: Subscriber(Person("Doe", "Amy"), HOME)}
    twins = replace(WHO, subscribers=own, dependents={n: Dependent(one.name, HOME) for n, one in own.items()})
    data = compose(claims, lines, twins, INTERCHANGE)
    mark = "NM1*IL*1*DOE*A" if relationship == "18" else "NM1*QC*1*DOE*A"
    who = [one.split("*")[4] for one in heads(data) if one.startswith(mark)]
    assert who == ["ANN", "AMY"]
    assert told(data) == []


def test_an_employer_is_the_subscriber_of_an_injured_worker() -> None:
    book = book_from(Claim([Line("20553")], payer="workers"))
    claims = book.claims.with_columns(relationship=pl.lit("20"), patient=pl.lit(3, pl.UInt64))
    insured = {("AWC77", "M00000001"): Insured(Organisation("Made Up Mill"), AWAY)}
    data = compose(claims, book.lines, replace(WHO, insured=insured), INTERCHANGE)
    assert between(data, "SBR*", "HL*") == [
        "SBR*P********WC",
        "NM1*IL*2*MADE UP MILL*****MI*M00000001",
        "NM1*PR*2*ATLAS WORKERS COMPENSATION*****PI*AWC77",
    ]
    assert between(data, "PAT*", "CLM*")[-1] == "REF*Y4*2026-0417"
    assert told(data) == []


def test_a_dependent_with_more_claims_than_may_stand_there_comes_again() -> None:
    book = book_from(*(Claim([Line("20553")], id=f"B{n}", payer="commercial") for n in range(101)))
    claims = book.claims.with_columns(relationship=pl.lit("19"), patient=pl.lit(2, pl.UInt64))
    data = compose(claims, book.lines, WHO, INTERCHANGE)
    assert [one for one in heads(data) if one.startswith("HL*")] == [
        "HL*2*1*22*1",
        "HL*3*2*23*0",
        "HL*4*2*23*0",
    ]
    assert told(data) == []


# A second and a third payer

BOOK: Final = book_from(
    Claim(
        [Line("62323", charge=625_00), Line("99213", ("25",), charge=140_00)], id="S1", payer="blue", rank="S"
    ),
)
PRIMARY: Final = {
    "other_payer_key": 7,
    "claim_key": 0,
    "payer_id": "CDR01",
    "payer_name": "Cedar Mutual PPO",
    "filing": "CI",
    "payer_rank": "P",
    "relationship": "18",
    "group_number": "GRP1",
    "member_id": "W1",
    "paid_cents": 400_00,
    "benefits_assigned": "Y",
    "release": "Y",
    "remark1": "MA01",
    "payer_control": "ICN1",
}


def decided(
    key: int, line_key: int, paid: int, code: str, *, payer: str = "CDR01", left: int = 0
) -> dict[str, Any]:
    return {
        "adjudication_key": key,
        "line_key": line_key,
        "payer_id": payer,
        "paid_cents": paid,
        "code_system": "HC",
        "code": code,
        "units": 1.0,
        "patient_cents": left,
        "decided_on": INTERCHANGE.made_at.date(),
    }


def adjusted(
    key: int | None, group: str, reason: str, cents: int, *, payer: int | None = None
) -> dict[str, Any]:
    return {
        "other_payer_key": payer,
        "adjudication_key": key,
        "group": group,
        "reason": reason,
        "cents": cents,
    }


def others(*rows: list[dict[str, Any]]) -> Coordination:
    return Coordination(
        **{
            name: pl.DataFrame([dict.fromkeys(schema) | row for row in own], dict(schema))
            for (name, schema), own in zip(SCHEMAS.items(), rows, strict=True)
        }
    )


ADJUDICATIONS: Final = [decided(3, 0, 350_00, "62323", left=75_00), decided(1, 1, 50_00, "99212")]
ADJUSTMENTS: Final = [
    adjusted(3, "CO", "45", 200_00),
    adjusted(3, "PR", "2", 75_00),
    adjusted(1, "CO", "45", 85_00),
    adjusted(1, "OA", "23", 5_00),
]
BY_LINES: Final = others([PRIMARY], ADJUDICATIONS, ADJUSTMENTS)
LATER: Final = replace(
    PARTIES,
    subscribers=dict.fromkeys(BOOK.claims["patient"], Subscriber(Person("Doe", "Pat"), HOME)),
    dependents={},
    payers={"CDR01": AWAY},
)


def composed(others_: Coordination, parties: Parties = LATER, book: Book = BOOK) -> bytes:
    return compose(book.claims, book.lines, parties, INTERCHANGE, others_)


def refusal(others_: Coordination, parties: Parties = LATER) -> list[str]:
    with pytest.raises(BadRequest) as refused:
        composed(others_, parties)
    return refused.value.what.split("; ")[1:]


def test_what_the_first_payer_decided_of_lines() -> None:
    data = composed(BY_LINES)
    assert between(data, "SBR*P", "SE*") == [
        "SBR*P*18*GRP1******CI",
        "AMT*D*400",
        "OI***Y***Y",
        "MOA***MA01",
        "NM1*IL*1*DOE*PAT****MI*W1",
        "N3*1 ELM ST",
        "N4*PARMA*OH*44129",
        "NM1*PR*2*CEDAR MUTUAL PPO*****PI*CDR01",
        "N3*7 HILL RD",
        "N4*ERIE*PA*16501",
        "REF*F8*ICN1",
        "LX*1",
        "SV1*HC:62323*625*UN*1***1",
        "DTP*472*D8*20261014",
        "REF*6R*L1",
        "SVD*CDR01*350*HC:62323**1",
        "CAS*CO*45*200",
        "CAS*PR*2*75",
        "DTP*573*D8*20261121",
        "AMT*EAF*75",
        "LX*2",
        "SV1*HC:99213:25*140*UN*1***1",
        "DTP*472*D8*20261014",
        "REF*6R*L2",
        "SVD*CDR01*50*HC:99212**1",
        "CAS*CO*45*85",
        "CAS*OA*23*5",
        "DTP*573*D8*20261121",
        "AMT*EAF*0",
    ]
    assert told(data) == []


def test_what_it_decided_of_the_claim_as_a_whole() -> None:
    day = INTERCHANGE.made_at.date()
    payer = PRIMARY | {"patient_cents": 75_00, "decided_on": day}
    rows = [adjusted(None, "PR", "1", 75_00, payer=7), adjusted(None, "CO", "45", 290_00, payer=7)]
    data = composed(others([payer], [], rows))
    assert between(data, "SBR*P", "NM1*IL") == [
        "SBR*P*18*GRP1******CI",
        "CAS*PR*1*75",
        "CAS*CO*45*290",
        "AMT*D*400",
        "AMT*EAF*75",
        "OI***Y***Y",
        "MOA***MA01",
    ]
    assert "DTP*573*D8*20261121" in between(data, "NM1*PR*2*CEDAR", "LX*")
    assert "SVD*" not in data.decode()
    assert told(data) == []


def test_a_third_payer_is_told_of_both_before_it() -> None:
    second = PRIMARY | {
        "other_payer_key": 8,
        "payer_id": "BLU99",
        "payer_rank": "S",
        "relationship": "01",
        "member_id": "Q2",
        "paid_cents": 75_00,
    }
    more = [decided(4, 0, 75_00, "62323", payer="BLU99"), decided(5, 1, 0, "99213", payer="BLU99")]
    rows = [adjusted(4, "OA", "23", 550_00), adjusted(5, "OA", "23", 140_00)]
    book = Book(BOOK.claims.with_columns(payer_rank=pl.lit("T"), payer_id=pl.lit("MCD00")), BOOK.lines)
    parties = replace(LATER, insured={("BLU99", "Q2"): Insured(Person("Doe", "Lou"))})
    data = composed(others([PRIMARY, second], ADJUDICATIONS + more, ADJUSTMENTS + rows), parties, book)
    assert [one for one in data.decode().split("~\n") if one.startswith(("SBR*", "NM1*IL", "SVD*"))] == [
        "SBR*T*18*******BL",
        "NM1*IL*1*DOE*PAT****MI*M00000001",
        "SBR*P*18*GRP1******CI",
        "NM1*IL*1*DOE*PAT****MI*W1",
        "SBR*S*01*GRP1******CI",
        "NM1*IL*1*DOE*LOU****MI*Q2",
        "SVD*CDR01*350*HC:62323**1",
        "SVD*BLU99*75*HC:62323**1",
        "SVD*CDR01*50*HC:99212**1",
        "SVD*BLU99*0*HC:99213**1",
    ]
    assert told(data) == []


def test_a_dependents_own_plan_is_told_by_the_dependents_name() -> None:
    claims = BOOK.claims.with_columns(relationship=pl.lit("19"), patient=pl.lit(2, pl.UInt64))
    parties = replace(WHO, insured={("BLU99", "M00000001"): Insured(Person("Doe", "Lou"))})
    data = composed(BY_LINES, parties, Book(claims, BOOK.lines))
    assert between(data, "SBR*P", "LX*")[4:7] == [
        "NM1*IL*1*DOE*ANN****MI*W1",
        "N3*1 ELM ST",
        "N4*PARMA*OH*44129",
    ]
    assert told(data) == []


def test_more_reasons_than_a_segment_holds_go_on_in_another() -> None:
    rows = [adjusted(3, "CO", f"A{n}", 25_00) for n in range(1, 8)]
    rows += [adjusted(3, "PR", "2", 75_00), adjusted(3, "CO", "45", 25_00)]
    data = composed(others([PRIMARY], ADJUDICATIONS, [*rows, *ADJUSTMENTS[2:]]))
    assert between(data, "CAS*", "DTP*") == [
        "CAS*CO*A1*25**A2*25**A3*25**A4*25**A5*25**A6*25",
        "CAS*CO*A7*25**45*25",
        "CAS*PR*2*75",
    ]


def test_an_earlier_payer_that_has_not_decided_is_told_of_all_the_same() -> None:
    data = composed(others([PRIMARY | {"paid_cents": None, "uncovered_cents": 765_00}], [], []))
    assert between(data, "SBR*P", "NM1*IL") == [
        "SBR*P*18*GRP1******CI",
        "AMT*A8*765",
        "OI***Y***Y",
        "MOA***MA01",
    ]
    assert told(data) == []


@pytest.mark.parametrize(
    ("payer", "adjudication", "adjustment", "what"),
    [
        (
            {"paid_cents": 400_01},
            {},
            {},
            "claim S1, other payer 1: the other payer's coverage (X12-BALANCE-PAYER",
        ),
        ({}, {"paid_cents": 350_01}, {}, "claim S1, line 1, adjudication 1: paid_cents (X12-BALANCE-LINE: "),
        ({}, {}, {"cents": 199_99}, "claim S1, line 1, adjudication 1: paid_cents (X12-BALANCE-LINE: "),
        ({}, {"payer_id": "XX"}, {}, "claim S1, line 1, adjudication 1: payer_id (X12-PAYER-LINK: "),
        (
            {"payer_rank": "S"},
            {},
            {},
            "claim S1: payer_rank is S, and nothing is told of the payer of rank P",
        ),
        ({"payer_id": None}, {}, {}, "claim S1, other payer 1: payer_id is missing"),
        ({"payer_name": None}, {}, {}, "claim S1, other payer 1: payer_name is missing"),
        ({"relationship": None}, {}, {}, "claim S1, other payer 1: relationship is missing"),
        ({"member_id": None}, {}, {}, "claim S1, other payer 1: member_id is missing"),
        ({"benefits_assigned": None}, {}, {}, "claim S1, other payer 1: benefits_assigned is missing"),
        ({"release": None}, {}, {}, "claim S1, other payer 1: release is missing"),
        (
            {"relationship": "01"},
            {},
            {},
            "claim S1, other payer 1: member_id is not among the parties' insured",
        ),
        ({}, {"code": None}, {}, "claim S1, line 1, adjudication 1: code is missing"),
        ({}, {"units": None}, {}, "claim S1, line 1, adjudication 1: units is missing"),
        ({}, {"decided_on": None}, {}, "claim S1, line 1, adjudication 1: decided_on is missing"),
        ({}, {"paid_cents": None}, {}, "claim S1, line 1, adjudication 1: paid_cents is missing"),
        ({}, {}, {"group": None}, "claim S1, line 1, adjudication 1: group of an adjustment is missing"),
        ({}, {}, {"reason": None}, "claim S1, line 1, adjudication 1: reason of an adjustment is missing"),
        ({}, {}, {"cents": None}, "claim S1, line 1, adjudication 1: cents of an adjustment is missing"),
        (
            {},
            {},
            {"units": 0.0005},
            "claim S1, line 1, adjudication 1: units of an adjustment has more than three",
        ),
        (
            {},
            {},
            {"group": "XX"},
            "claim S1, line 1, adjudication 1: the line's adjudication's group of adjustments",
        ),
    ],
)
def test_what_is_wrong_with_another_payer_is_told_by_its_column(
    payer: dict[str, Any], adjudication: dict[str, Any], adjustment: dict[str, Any], what: str
) -> None:
    wrong = Coordination(
        with_values(BY_LINES.payers, 0, **payer),
        with_values(BY_LINES.adjudications, 0, **adjudication),
        with_values(BY_LINES.adjustments, 0, **adjustment),
    )
    assert [reason for reason in refusal(wrong) if reason.startswith(what)]


def test_a_payer_that_decided_of_some_lines_only_is_refused() -> None:
    some = others([PRIMARY | {"paid_cents": 350_00}], ADJUDICATIONS[:1], ADJUSTMENTS[:2])
    (reason,) = refusal(some)
    assert reason.startswith("claim S1, other payer 1: the other payer's coverage (X12-BALANCE-PAYER")


def test_a_payer_that_decided_on_no_day_is_refused() -> None:
    rows = [adjusted(None, "CO", "45", 365_00, payer=7)]
    (reason,) = refusal(others([PRIMARY], [], rows))
    assert reason.startswith("claim S1, other payer 1: the other payer's coverage (X12-PAYER-DATE")


def test_more_groups_than_may_stand_there_are_refused() -> None:
    rows = [adjusted(3, "CO", f"A{n}", 1_00) for n in range(31)]
    rows += [adjusted(3, "PR", "2", 244_00), *ADJUSTMENTS[2:]]
    (reason,) = refusal(others([PRIMARY], ADJUDICATIONS, rows))
    assert "(X12-SEG-REPEAT" in reason


def test_a_patient_who_is_not_among_the_parties_is_told_without_a_name() -> None:
    reasons = refusal(BY_LINES, replace(LATER, subscribers={}))
    assert reasons == [
        "claim S1: patient is not among the parties' subscribers",
        "claim S1, other payer 1: patient is not among the parties' subscribers or dependents",
    ]


def test_keys_that_do_not_hold_together_are_a_fault_of_the_program() -> None:
    twice = Coordination(pl.concat([BY_LINES.payers] * 2), BY_LINES.adjudications, BY_LINES.adjustments)
    astray = Coordination(BY_LINES.payers, BY_LINES.adjudications.head(1), BY_LINES.adjustments)
    elsewhere = Coordination(
        with_values(BY_LINES.payers, 0, claim_key=9), BY_LINES.adjudications, BY_LINES.adjustments
    )
    both = others([PRIMARY], ADJUDICATIONS, [*ADJUSTMENTS, adjusted(3, "CO", "45", 1, payer=7)])
    for wrong in (twice, astray, elsewhere):
        with pytest.raises(ValueError, match="that of none above them"):
            composed(wrong)
    with pytest.raises(ValueError, match="not of one other payer or of one adjudication"):
        composed(both)


def test_nobody_is_shown() -> None:
    shown = repr(WHO) + "".join(map(repr, [*WHO.dependents.values(), *WHO.insured.values(), BY_LINES]))
    assert not [name for name in ("Doe", "Ann", "Lou", "Elm", "W1") if name in shown]


# Read


def read_others(data: bytes, size: int = 1 << 20, keys: OtherKeys | None = None) -> Coordination:
    keys = keys or OtherKeys()
    parts = read_stream(io.BytesIO(data), name="made-up.837", size=size, coordination=True, other_keys=keys)
    return coordination_of(part.coordination for part in parts)


@pytest.mark.parametrize("size", [1, 700, 1 << 20])
def test_a_file_of_another_tells_of_its_other_payer(size: int) -> None:
    read_ = read_others(WHOLE.encode(), size, OtherKeys(5, 40))
    payer = read_.payers.row(0, named=True)
    assert len(read_.payers) == 1
    assert (payer["other_payer_key"], payer["claim_key"], payer["segment"]) == (5, 1, 84)
    assert WHOLE.encode()[payer["byte"] :].startswith(b"SBR*P*01*GRP9")
    assert {name: value for name, value in payer.items() if value is not None} == {
        "other_payer_key": 5,
        "claim_key": 1,
        "segment": 84,
        "byte": payer["byte"],
        "payer_id": "SB001",
        "payer_name": "SOUTH BLUE",
        "filing": "BL",
        "payer_rank": "P",
        "relationship": "01",
        "group_number": "GRP9",
        "member_id": "Z99001",
        "paid_cents": 190_00,
        "patient_cents": 10_00,
        "benefits_assigned": "Y",
        "release": "Y",
        "remark1": "N1",
        "decided_on": payer["decided_on"],
        "payer_control": "ICN778",
    }
    lines = read_.adjudications.select(
        "adjudication_key", "line_key", "segment", "payer_id", "paid_cents", "mod1"
    )
    assert lines.rows() == [(40, 3, 111, "SB001", 150_00, "LT"), (41, 4, 119, "SB001", 50_00, None)]
    assert read_.adjustments.rows() == [
        (5, None, 85, 1, "PR", "1", 10_00, None),
        (None, 40, 112, 1, "CO", "45", 40_00, None),
        (None, 40, 113, 1, "PR", "2", 10_00, None),
        (None, 41, 120, 1, "CO", "45", 50_00, None),
    ]


def test_a_file_with_one_payer_tells_of_no_other() -> None:
    data = file_of(*PROVIDER, *subscriber(), *claim(), *line())
    assert all(getattr(read_others(data), name).is_empty() for name in SCHEMAS)
    assert all(getattr(coordination_of([]), name).is_empty() for name in SCHEMAS)


def test_other_payers_are_read_only_where_they_are_asked_for() -> None:
    parts = read_stream(io.BytesIO(WHOLE.encode()), name="made-up.837")
    assert all(part.coordination.payers.is_empty() for part in parts)


def test_a_decision_of_a_line_that_is_of_no_claim_is_of_none() -> None:
    verdict = ("SVD*XX*100*HC:62323**1", "CAS*CO*45*1", "DTP*573*D8*20261020")
    data = file_of(*PROVIDER, *subscriber(), *line(), *verdict, *claim(), *line(2), *verdict)
    read_ = read_others(data)
    assert read_.adjudications.select("adjudication_key", "line_key").rows() == [(0, 0)]
    assert read_.adjustments["adjudication_key"].to_list() == [0]
