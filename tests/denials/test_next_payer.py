"""What a payer decided, out of its remittance into the claim to the next payer, to the cent or not at all."""

import io
from dataclasses import replace
from typing import Final

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anodyne.denials.matching import match
from anodyne.denials.next_payer import coordinated
from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.coordination import SCHEMAS, Coordination, coordination_of
from anodyne.model.parties import Parties, Person, Subscriber
from anodyne.model.remittance import Remittance
from anodyne.x12.compose import compose
from anodyne.x12.read import book_of, read_stream
from tests.claims import Claim, Line, book_from
from tests.x12 import remittances as made
from tests.x12.seeds import told
from tests.x12.test_compose import HOME, INTERCHANGE, PARTIES

SENT: Final = book_from(
    Claim(
        [Line("62323", charge=625_00), Line("99213", ("25",), charge=140_00), Line("J1030", charge=0)],
        id="S1",
        payer="commercial",
    )
)
FIRST: Final = (
    *("SVC*HC:62323*625*350**1", "DTM*472*20261014", "CAS*CO*45*200", "CAS*PR*2*75", "REF*6R*L1"),
    *(
        "SVC*HC:99212:25*140*50**1*HC:99213:25",
        "DTM*472*20261014",
        "CAS*CO*45*85*1**0*0",
        "CAS*OA*A1*5",
        "REF*6R*L2",
    ),
)
ANSWER: Final = (*made.claim("S1", "MOA***MA01*N115", sums="765*400*75"), *FIRST)
WHOLE: Final = made.claim("S1", "CAS*CO*45*290", "CAS*PR*1*75", sums="765*400*75")


def remitted(*body: str) -> Remittance:
    return made.read(made.file_of(*body))


def told_on(*body: str, sent: Book = SENT, **keys: int) -> Coordination:
    remittance = remitted(*body)
    matches = match(sent.claims, sent.lines, remittance.remits, remittance.lines)
    return coordinated(remittance, 0, sent, matches.lines, **keys)


def refusal(*body: str, sent: Book = SENT) -> list[str]:
    with pytest.raises(BadRequest) as refused:
        told_on(*body, sent=sent)
    assert refused.value.where == "made-up.835, segment 15, byte 446"
    head, _, reasons = refused.value.what.partition(": ")
    assert head == "the answer to claim S1 cannot be told to the next payer"
    return reasons.split("; ")


def to_next(book: Book, rank: str, payer: str = "BLU99") -> Book:
    """The claim as it goes to the payer after."""
    claims = book.claims.with_columns(
        payer_rank=pl.lit(rank), payer_id=pl.lit(payer), payer_name=pl.lit("BLUE PLAN"), filing=pl.lit("BL")
    )
    return Book(claims, book.lines)


def parties(book: Book) -> Parties:
    patients = dict.fromkeys(book.claims["patient"], Subscriber(Person("Doe", "Pat"), HOME))
    return replace(PARTIES, subscribers=patients, payers={})


def composed(book: Book, others: Coordination) -> bytes:
    return compose(book.claims, book.lines, parties(book), INTERCHANGE, others)


def without(segments: tuple[str, ...] | list[str], *marks: str) -> list[str]:
    return [segment for segment in segments if not segment.startswith(marks)]


def changed(was: str, becomes: str) -> list[str]:
    assert was in ANSWER
    return [becomes if segment == was else segment for segment in ANSWER]


# Told


def test_an_answer_by_lines_is_told_line_by_line() -> None:
    others = told_on(*ANSWER, other_payer_key=3, adjudication_key=8)
    payer = {name: value for name, value in others.payers.row(0, named=True).items() if value is not None}
    assert payer == {
        "other_payer_key": 3,
        "claim_key": 0,
        "payer_id": "CDR01",
        "payer_name": "CEDAR MUTUAL PPO",
        "filing": "CI",
        "payer_rank": "P",
        "relationship": "18",
        "member_id": "M00000001",
        "paid_cents": 400_00,
        "benefits_assigned": "Y",
        "release": "Y",
        "remark1": "MA01",
        "remark2": "N115",
        "payer_control": "ICNS1",
    }
    columns = (
        "adjudication_key",
        "line_key",
        "payer_id",
        "paid_cents",
        "code",
        "mod1",
        "units",
        "patient_cents",
    )
    assert others.adjudications.select(columns).rows() == [
        (8, 0, "CDR01", 350_00, "62323", None, 1.0, 75_00),
        (9, 1, "CDR01", 50_00, "99212", "25", 1.0, 0),
    ]
    assert [str(day) for day in others.adjudications["decided_on"]] == ["2026-10-02"] * 2
    said = others.adjustments.select(
        "other_payer_key", "adjudication_key", "group", "reason", "cents", "units"
    )
    assert said.rows() == [
        (None, 8, "CO", "45", 200_00, None),
        (None, 8, "PR", "2", 75_00, None),
        (None, 9, "CO", "45", 85_00, 1.0),
        (None, 9, "OA", "A1", 5_00, None),
    ]


def test_an_answer_without_lines_is_told_of_the_claim() -> None:
    others = told_on(*WHOLE)
    payer = others.payers.row(0, named=True)
    assert (payer["paid_cents"], payer["patient_cents"], str(payer["decided_on"])) == (
        400_00,
        75_00,
        "2026-10-02",
    )
    assert others.adjudications.is_empty()
    assert others.adjustments.select("other_payer_key", "group", "cents").rows() == [
        (0, "CO", 290_00),
        (0, "PR", 75_00),
    ]


def test_a_denial_is_told_as_well() -> None:
    lines = [
        "SVC*HC:62323*625*0**1",
        "CAS*CO*50*625",
        "REF*6R*L1",
        "SVC*HC:99213:25*140*0**1",
        "CAS*CO*97*140",
        "REF*6R*L2",
    ]
    others = told_on(*made.claim("S1", status="4", sums="765*0*0"), *lines)
    assert others.payers["paid_cents"].to_list() == [0]
    assert others.adjustments["cents"].to_list() == [625_00, 140_00]
    assert told(composed(to_next(SENT, "S"), others)) == []


def test_what_was_adjusted_of_the_claim_beside_lines_is_taken_from_the_payment() -> None:
    body = [*made.claim("S1", "CAS*PR*1*30", sums="765*370*105"), *FIRST]
    others = told_on(*body)
    assert others.payers.select("paid_cents", "patient_cents").rows() == [(370_00, None)]
    assert told(composed(to_next(SENT, "S"), others)) == []


def test_a_line_that_the_payer_split_is_told_in_its_parts() -> None:
    split = [
        "SVC*HC:99212*140*30**1*HC:99213:25",
        "CAS*CO*45*110",
        "REF*6R*L2",
        "SVC*HC:99211*0*20**1*HC:99213:25",
    ]
    body = [*made.claim("S1", sums="765*400*75"), *FIRST[:5], *split, "CAS*CO*94*-20", "REF*6R*L2"]
    remittance = remitted(*body)
    lines = pl.DataFrame(
        {"remit_line_key": [0, 1, 2], "line_key": [0, 1, 1]},
        schema_overrides=dict.fromkeys(("remit_line_key", "line_key"), pl.UInt32),
    )
    others = coordinated(remittance, 0, SENT, lines)
    assert others.adjudications.select("line_key", "code", "paid_cents").rows()[1:] == [
        (1, "99212", 30_00),
        (1, "99211", 20_00),
    ]
    assert told(composed(to_next(SENT, "S"), others)) == []


RANKS: Final = {"1": "P", "2": "S", "3": "TAH", "4": "PSTAH", "19": "P", "20": "S", "21": "TAH"}


@pytest.mark.parametrize("status", RANKS)
@pytest.mark.parametrize("rank", "PSTAHU")
def test_a_decision_is_of_a_payer_of_its_rank(status: str, rank: str) -> None:
    body = [*made.claim("S1", status=status, sums="765*400*75"), *FIRST]
    sent = Book(SENT.claims.with_columns(payer_rank=pl.lit(rank)), SENT.lines)
    if rank in (*RANKS[status], "U"):
        assert told_on(*body, sent=sent).payers["payer_rank"].to_list() == [rank]
    else:
        (reason,) = refusal(*body, sent=sent)
        assert reason.startswith(f"segment 15 (CLP): status {status} is not of a payer of rank {rank}")


def test_the_day_of_the_remittance_stands_in_for_that_of_payment() -> None:
    head = ("BPR*I*400*C*ACH", *made.HEAD)
    remittance = made.read(made.interchange(made.group(made.transaction(*WHOLE, head=head))))
    matches = match(SENT.claims, SENT.lines, remittance.remits, remittance.lines)
    assert [str(day) for day in coordinated(remittance, 0, SENT, matches.lines).payers["decided_on"]] == [
        "2026-10-01"
    ]


def test_a_third_payer_is_told_of_two_remittances() -> None:
    first = told_on(*ANSWER)
    second_sent = to_next(SENT, "S")
    body = [
        *made.claim("S1", status="2", sums="765*75*0"),
        *(
            "SVC*HC:62323*625*75**1",
            "CAS*OA*23*550",
            "REF*6R*L1",
            "SVC*HC:99213:25*140*0**1",
            "CAS*OA*23*140",
            "REF*6R*L2",
        ),
    ]
    second = told_on(*body, sent=second_sent, other_payer_key=1, adjudication_key=2)
    both = coordination_of([first, second])
    data = composed(to_next(SENT, "T", "MCD00"), both)
    assert [one.split("*")[1] for one in data.decode().split("~\n") if one.startswith("SBR*")] == [
        "T",
        "P",
        "S",
    ]
    assert told(data) == []


# Refused


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (
            changed("CAS*PR*2*75", "CAS*PR*2*74.99"),
            ["segment 19 (SVC): SVC02 is $625.00, but SVC03 and CAS come to $624.99"],
        ),
        (
            changed("CAS*PR*2*75", "CAS*PR*2*75.01"),
            ["segment 19 (SVC): SVC02 is $625.00, but SVC03 and CAS come to $625.01"],
        ),
        (
            [*made.claim("S1", sums="765*400.01*75"), *FIRST],
            ["segment 15 (CLP): CLP04 is $400.01, but SVC03 less the claim's adjustments come to $400.00"],
        ),
        (
            made.claim("S1", "CAS*CO*45*290", "CAS*PR*1*74.99", sums="765*400*75"),
            ["segment 15 (CLP): CLP03 is $765.00, but CLP04 and the adjustments come to $764.99"],
        ),
        (
            made.claim("S1", "CAS*CO*45*290", "CAS*PR*1*75", sums="764*400*75"),
            [
                "segment 15 (CLP): CLP03 is $764.00, and the claim was sent with $765.00",
                "segment 15 (CLP): CLP03 is $764.00, but CLP04 and the adjustments come to $765.00",
            ],
        ),
        (
            [*made.claim("S1", sums="765*350*75"), *FIRST[:5]],
            ["segment 15 (CLP): line 2 of the claim is not answered"],
        ),
        (
            changed("CAS*PR*2*75", "CAS*PR*2*ABC"),
            ["segment 22 (CAS): cents is missing"],
        ),
        (
            [*made.claim("S1", sums="765**75"), *FIRST],
            ["segment 15 (CLP): paid_cents is missing"],
        ),
        (
            [*made.claim("S1", status="22", sums="-765*-400*-75")],
            ["segment 15 (CLP): status 22 is none of a claim that was decided"],
        ),
        (
            [*made.claim("S1", status="25", sums="765*0*0")],
            ["segment 15 (CLP): status 25 is none of a claim that was decided"],
        ),
        (
            made.claim("S1", "MOA***A1*A2*A3*A4*A5", "MOA***A6", *WHOLE[3:], sums="765*400*75"),
            ["segment 15 (CLP): has more than 5 remark codes of the claim"],
        ),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_place(body: list[str], reasons: list[str]) -> None:
    assert refusal(*body) == reasons


def test_a_line_that_answers_nobody_knows_what_is_refused() -> None:
    remittance = remitted(*ANSWER)
    lines = pl.DataFrame(
        {"remit_line_key": [0, 1], "line_key": [0, None]},
        schema_overrides=dict.fromkeys(("remit_line_key", "line_key"), pl.UInt32),
    )
    with pytest.raises(BadRequest) as refused:
        coordinated(remittance, 0, SENT, lines)
    assert "segment 24 (SVC): it is not known which line of the claim it answers" in refused.value.what
    assert "line 2 of the claim is not answered" in refused.value.what


def test_lines_of_another_charge_are_refused() -> None:
    lines = SENT.lines.with_columns(charge_cents=pl.Series([600_00, 165_00, 0]))
    reasons = refusal(*ANSWER, sent=Book(SENT.claims, lines))
    assert reasons == [
        "segment 15 (CLP): line 1 was sent with $600.00, and SVC02 of its answer comes to $625.00",
        "segment 15 (CLP): line 2 was sent with $165.00, and SVC02 of its answer comes to $140.00",
    ]


def test_a_payment_of_no_day_is_refused() -> None:
    head = ("BPR*I*400*C*ACH", *without(made.HEAD, "DTM"))
    remittance = made.read(made.interchange(made.group(made.transaction(*WHOLE, head=tuple(head)))))
    matches = match(SENT.claims, SENT.lines, remittance.remits, remittance.lines)
    with pytest.raises(BadRequest, match="its payment has no day"):
        coordinated(remittance, 0, SENT, matches.lines)


def test_what_is_not_there_is_a_fault_of_the_program() -> None:
    remittance = remitted(*ANSWER)
    nothing = pl.DataFrame(schema={"remit_line_key": pl.UInt32, "line_key": pl.UInt32})
    with pytest.raises(ValueError, match="the remittance is not one row but 0"):
        coordinated(remittance, 9, SENT, nothing)
    with pytest.raises(ValueError, match="the claim that was sent is not one row but 2"):
        coordinated(remittance, 0, Book(pl.concat([SENT.claims] * 2), SENT.lines), nothing)


# For any amounts


amounts = st.integers(-100_000, 100_000)


@st.composite
def answers(draw: st.DrawFn) -> tuple[Book, list[str]]:
    """A claim and an answer to it that adds up."""
    charges = draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=4))
    sent = book_from(Claim([Line("62323", charge=charge) for charge in charges], id="S1", payer="commercial"))

    def adjustments(due: int | None) -> tuple[list[str], int]:
        some = draw(st.lists(amounts, min_size=0 if due is None else 1, max_size=5))
        if due is not None:
            some[-1] = due - sum(some[:-1])
        groups = [draw(st.sampled_from(["CO", "PR", "OA", "PI"])) for _ in some]
        return [
            f"CAS*{group}*{n}*{cents / 100:.2f}"
            for n, (group, cents) in enumerate(zip(groups, some, strict=True), 1)
        ], sum(some)

    own, taken = adjustments(None)
    if draw(st.booleans()):
        return sent, made.claim(
            "S1", *own, sums=f"{sum(charges) / 100:.2f}*{(sum(charges) - taken) / 100:.2f}*0"
        )
    body, paid = [], 0
    for number, charge in enumerate(charges, 1):
        of_line = draw(st.integers(0, charge))
        cas, _ = adjustments(charge - of_line)
        paid += of_line
        body += [f"SVC*HC:62323*{charge / 100:.2f}*{of_line / 100:.2f}**1", *cas, f"REF*6R*L{number}"]
    return sent, [
        *made.claim("S1", *own, sums=f"{sum(charges) / 100:.2f}*{(paid - taken) / 100:.2f}*0"),
        *body,
    ]


@settings(deadline=None, max_examples=60)
@given(answers())
def test_what_adds_up_is_told_in_a_file_in_which_nothing_is_wrong(case: tuple[Book, list[str]]) -> None:
    sent, body = case
    others = told_on(*body, sent=sent)
    charge = sent.claims["charge_cents"].item()
    assert others.payers["paid_cents"].item() + sum(others.adjustments["cents"]) == charge
    data = composed(to_next(sent, "S"), others)
    assert told(data) == []
    parts = list(read_stream(io.BytesIO(data), name="composed.837", coordination=True))
    back = coordination_of(part.coordination for part in parts)
    assert book_of(parts).claims["charge_cents"].to_list() == [charge]
    for name in ("payers", "adjudications"):
        left_out = ("segment", "byte")
        assert getattr(back, name).drop(left_out).equals(getattr(others, name).drop(left_out))
    order = ["other_payer_key", "adjudication_key", "group", "reason"]
    left_out = ("segment", "place")
    assert back.adjustments.drop(left_out).sort(order).equals(others.adjustments.drop(left_out).sort(order))
    assert set(SCHEMAS) == {"payers", "adjudications", "adjustments"}
