"""Remittances to entries: worked examples, each cent in its account."""

import datetime as dt

import polars as pl
import pytest

from anodyne.ledger.accounts import Account
from anodyne.ledger.posting import POSTINGS, entries, post
from anodyne.ledger.practice import Decision, submissions
from anodyne.ledger.transfers import settled
from anodyne.model.frames import CLAIMS, LINES
from tests.ledger.made import (
    PAID,
    SERVED,
    Claim,
    Line,
    Payment,
    Plb,
    balances,
    balances_of,
    frame,
    frames,
    nothing,
    posted,
    reference,
)

NORMAL = Claim([Line(500_00, 300_00, [("CO-45", 125_00), ("PR-1", 50_00), ("PR-2", 20_00), ("PR-3", 5_00)])])
STANDS = {"cash": 300_00, "charges": -500_00, "contractual": 125_00, "patient": 75_00}
LATER = PAID + dt.timedelta(days=14)


def denied(reason: str = "CO-16", **told: object) -> Claim:
    return Claim([Line(500_00, 0, [(reason, 500_00)])], **{"control": "ICN0", **told})  # type: ignore[arg-type]


def then(
    *claims: Claim, trace: str = "T2", payer: str = "PAYER1", plb: tuple[Plb, ...] = (), days: int = 14
) -> Payment:
    return Payment(claims, plb, trace=trace, payer=payer, on=PAID + dt.timedelta(days=days))


def test_a_payment_goes_to_cash_the_contract_and_the_patient() -> None:
    assert balances(Payment([NORMAL])) == STANDS


def test_a_denial_waits_for_a_person() -> None:
    assert balances(Payment([denied("CO-50", status="4")])) == {"charges": -500_00, "denied": 500_00}


@pytest.mark.parametrize(
    ("cas", "account"),
    [
        ("CO-45", "contractual"),
        ("PI-45", "contractual"),
        ("CO-59", "contractual"),
        ("CO-253", "contractual"),
        ("PR-253", "contractual"),
        ("CO-P12", "contractual"),
        ("PR-45", "patient"),
        ("PR-96", "patient"),
        ("CO-1", "denied"),
        ("CO-96", "denied"),
        ("OA-18", "denied"),
        ("PI-97", "denied"),
        ("CR-45", "contractual"),
        ("CO-42", "denied"),
        ("OA-23", "other_payer"),
        ("CO-104", "withheld"),
    ],
)
def test_the_group_and_the_dated_reason_name_the_account(cas: str, account: str) -> None:
    paid = Claim([Line(500_00, 400_00, [(cas, 100_00)])])
    assert balances(Payment([paid])) == {"cash": 400_00, "charges": -500_00, account: 100_00}


def test_an_amount_under_a_group_that_is_none_holds_the_payment() -> None:
    assert balances(Payment([Claim([Line(500_00, 400_00, [("XX-999", 100_00)])])])) == {}


def test_a_reason_is_contractual_only_while_it_is_in_force() -> None:
    old = Payment([Claim([Line(500_00, 400_00, [("CO-42", 100_00)])])], on=dt.date(2007, 5, 31))
    new = Payment([Claim([Line(500_00, 400_00, [("CO-42", 100_00)])])], on=dt.date(2007, 6, 1))
    assert "contractual" in balances(old)
    assert "denied" in balances(new)


def test_a_patient_who_may_not_be_billed_is_not() -> None:
    assert balances(Payment([Claim(NORMAL.lines, remarks=["N782"])])) == {
        "cash": 300_00,
        "charges": -500_00,
        "contractual": 125_00,
        "other_payer": 75_00,
    }


def test_interest_within_a_claim_is_not_a_payment_of_its_charge() -> None:
    paid = Claim([Line(100_00, 105_00, [("OA-225", -5_00)])])
    assert balances(Payment([paid])) == {"cash": 105_00, "charges": -100_00, "interest": -5_00}


def test_interest_beside_claims_is_income_and_not_the_claims() -> None:
    told = Payment([NORMAL], [Plb("L6", -1_30)])
    assert balances(told) == {**STANDS, "cash": 301_30, "interest": -1_30}


def test_an_adjustment_of_the_claim_as_a_whole() -> None:
    lines = [Line(300_00, 300_00), Line(200_00, 200_00)]
    assert balances(Payment([Claim(lines, cas=[("CO-45", 125_00), ("PR-1", 75_00)])])) == STANDS


def test_a_bundled_line_takes_over_what_was_denied_for_it() -> None:
    bundled = [
        Line(100_00, 0, [("CO-97", 100_00)], code="76942"),
        Line(50_00, 80_00, [("OA-94", -100_00), ("CO-45", 70_00)], code="20611"),
    ]
    assert balances(Payment([Claim(bundled)])) == {"cash": 80_00, "charges": -150_00, "contractual": 70_00}


def test_what_was_denied_beyond_the_bundle_stays_denied() -> None:
    bundled = [
        Line(100_00, 0, [("CO-97", 100_00)]),
        Line(40_00, 0, [("CO-97", 40_00)]),
        Line(50_00, 80_00, [("OA-94", -110_00), ("CO-45", 80_00)]),
    ]
    stands = {"cash": 80_00, "charges": -190_00, "contractual": 80_00, "denied": 30_00}
    assert balances(Payment([Claim(bundled)])) == stands
    assert balances(Payment([Claim(bundled), Claim(bundled).reversed()])) == {}


def test_a_payer_that_allows_more_than_was_charged_is_no_bundle() -> None:
    paid = Claim([Line(100_00, 130_00, [("OA-94", -30_00)])])
    assert balances(Payment([paid])) == {"cash": 130_00, "charges": -100_00, "contractual": -30_00}


def test_an_unbalanced_payment_posts_nothing_and_its_neighbour_all() -> None:
    wrong = Payment([NORMAL, Claim([Line(100_00, 50_00)], id="C2")])
    assert posted(wrong).is_empty()
    assert balances(wrong, then(NORMAL)) == STANDS
    assert posted(Payment(amount=300_00)).is_empty()


def test_an_estimate_posts_nothing() -> None:
    assert posted(Payment([denied("OA-101", status="25")])).is_empty()


def test_a_second_payer_takes_what_the_first_left_to_the_patient() -> None:
    second = Claim([Line(500_00, 65_00, [("OA-23", 425_00), ("CO-45", 10_00)])], status="2", control="S1")
    both = {"cash": 365_00, "charges": -500_00, "contractual": 135_00}
    assert balances(Payment([NORMAL]), then(second, payer="PAYER2")) == both
    assert balances(then(second, payer="PAYER2"), Payment([NORMAL])) == both
    assert balances(then(second, payer="PAYER2")) == {
        "cash": 65_00,
        "charges": -500_00,
        "contractual": 10_00,
        "other_payer": 425_00,
    }


def test_a_third_payer() -> None:
    second = Claim([Line(500_00, 65_00, [("OA-23", 425_00), ("PR-2", 10_00)])], status="2")
    third = Claim([Line(500_00, 8_00, [("OA-23", 490_00), ("PR-3", 2_00)])], status="3")
    assert balances(Payment([NORMAL]), then(second, payer="P2"), then(third, payer="P3")) == {
        "cash": 373_00,
        "charges": -500_00,
        "contractual": 125_00,
        "patient": 2_00,
    }


def test_a_third_payer_where_the_first_was_never_seen() -> None:
    second = Claim([Line(500_00, 65_00, [("OA-23", 425_00), ("PR-2", 10_00)])], status="2")
    third = Claim([Line(500_00, 8_00, [("OA-23", 490_00), ("PR-3", 2_00)])], status="3")
    assert balances(then(second, payer="P2"), then(third, payer="P3")) == {
        "cash": 73_00,
        "charges": -500_00,
        "other_payer": 425_00,
        "patient": 2_00,
    }


def test_a_second_payer_that_is_not_concerned_leaves_all_as_it_was() -> None:
    assert balances(Payment([NORMAL]), then(denied("CO-26", status="2"), payer="P2")) == STANDS


def test_a_second_payer_that_does_not_say_what_the_first_did_leaves_an_excess() -> None:
    second = Claim([Line(500_00, 65_00, [("CO-45", 435_00)])], status="2")
    assert balances(Payment([NORMAL]), then(second, payer="P2")) == {
        "cash": 365_00,
        "charges": -500_00,
        "contractual": 560_00,
        "excess": -425_00,
    }


def test_a_second_payer_that_pays_what_the_first_denied() -> None:
    second = Claim([Line(500_00, 400_00, [("CO-45", 100_00)])], status="2")
    assert balances(Payment([denied("CO-26")]), then(second, payer="P2")) == {
        "cash": 400_00,
        "charges": -500_00,
        "contractual": 100_00,
    }


def test_a_second_payer_takes_the_share_of_the_patient_and_leaves_the_denied_line() -> None:
    first = Claim(
        [Line(400_00, 250_00, [("CO-45", 75_00), ("PR-2", 75_00)]), Line(100_00, 0, [("CO-50", 100_00)])]
    )
    second = Claim(
        [Line(400_00, 75_00, [("OA-23", 325_00)]), Line(100_00, 0, [("CO-50", 100_00)])], status="2"
    )
    assert balances(Payment([first]), then(second, payer="P2")) == {
        "cash": 325_00,
        "charges": -500_00,
        "contractual": 75_00,
        "denied": 100_00,
    }


def test_a_denial_that_is_paid_when_the_claim_is_sent_again() -> None:
    for order in (
        [Payment([denied()], trace="T0"), then(NORMAL)],
        [then(NORMAL), Payment([denied()], trace="T0")],
    ):
        assert balances(*order) == STANDS


def test_a_copy_that_is_denied_changes_nothing() -> None:
    assert balances(Payment([NORMAL]), then(denied("OA-18", control="ICN2"))) == STANDS
    assert balances(Payment([NORMAL, denied("OA-18", control="ICN2")])) == STANDS


def test_a_copy_that_is_paid_is_in_excess() -> None:
    again = Claim(NORMAL.lines, control="ICN2")
    assert balances(Payment([NORMAL]), then(again)) == {
        "cash": 600_00,
        "charges": -500_00,
        "contractual": 250_00,
        "excess": -425_00,
        "patient": 75_00,
    }


def test_an_excess_stays_as_it_is_on_days_when_the_payer_says_nothing_new() -> None:
    again = Claim(NORMAL.lines, control="ICN2")
    other = Claim([Line(200_00, 200_00)], id="C2", control="ICN9")
    later = then(other, trace="T3", plb=(Plb("WO", 425_00, "ICN2"),), days=30)
    rows = settled(posted(Payment([NORMAL]), then(again), later))
    assert balances_of(rows.filter(claim="C1")) == {
        "cash": 175_00,
        "charges": -500_00,
        "contractual": 250_00,
        "excess": -425_00,
        "patient": 75_00,
        "take_back": 425_00,
    }


def test_two_claims_of_one_id_day_and_charge_that_are_both_paid_are_two_claims() -> None:
    one = Claim([Line(150_00, 100_00, [("PR-2", 50_00)], code="64493")])
    other = Claim([Line(150_00, 100_00, [("PR-2", 50_00)], code="99214")], control="ICN2")
    assert balances(Payment([one, other])) == {"cash": 200_00, "charges": -300_00, "patient": 100_00}


def test_a_reversal_takes_back_and_the_correction_posts_anew() -> None:
    correction = Claim([Line(500_00, 200_00, [("CO-45", 225_00), ("PR-1", 75_00)])], control="ICN2")
    assert balances(
        Payment([NORMAL]), then(NORMAL.reversed(), correction, plb=(Plb("FB", -100_00, "T2"),))
    ) == {
        "cash": 300_00,
        "charges": -500_00,
        "contractual": 225_00,
        "forward": -100_00,
        "patient": 75_00,
    }


def test_a_reversal_in_other_groups_takes_back_what_was_placed() -> None:
    paid = Claim([Line(500_00, 300_00, [("CO-45", 125_00), ("PR-96", 75_00)])])
    back = paid.reversed(lines=[Line(-500_00, -300_00, [("CR-45", -125_00), ("CR-96", -75_00)])])
    assert balances(Payment([paid]), then(back, plb=(Plb("FB", -300_00, "T2"),))) == {
        "cash": 300_00,
        "forward": -300_00,
    }


@pytest.mark.parametrize("number", range(4))
def test_a_reversal_takes_back_the_claim_of_its_number_though_the_correction_pays_as_much(
    number: int,
) -> None:
    first = Claim([Line(500_00, 300_00, [("PR-1", 200_00)])], control=f"OLD{number}")
    correction = Claim([Line(500_00, 300_00, [("CO-45", 200_00)])], control=f"NEW{number}")
    together = Payment([first, first.reversed(), correction])
    assert balances(together) == {"cash": 300_00, "charges": -500_00, "contractual": 200_00}


def test_a_reversal_of_the_whole_claim_finds_its_day() -> None:
    back = Claim(
        charge=-500_00, paid=-300_00, cas=[("CO-45", -125_00), ("PR-1", -75_00)], status="22", served=None
    )
    assert balances(Payment([NORMAL]), then(back)) == {}


def test_a_reversal_of_what_was_never_seen_waits_for_it() -> None:
    assert balances(then(NORMAL.reversed())) == {name: -cents for name, cents in STANDS.items()}
    assert balances(then(NORMAL.reversed()), Payment([NORMAL])) == {}


def test_a_take_back_names_its_claim_and_closes_when_it_is_taken() -> None:
    correction = Claim([Line(500_00, 200_00, [("CO-45", 225_00), ("PR-1", 75_00)])], control="ICN2")
    other = Claim([Line(200_00, 200_00)], id="C2", control="ICN9")
    first, second = Payment([NORMAL]), then(NORMAL.reversed(), correction, plb=(Plb("WO", -100_00, "ICN1"),))
    third = then(other, trace="T3", plb=(Plb("WO", 100_00, "C1 ICN1 T2"),), days=30)
    waiting = settled(posted(first, second))
    assert balances_of(waiting.filter(claim="C1"))["take_back"] == -100_00
    done = settled(posted(first, second, third))
    assert balances_of(done.filter(claim="C1")) == {
        "cash": 200_00,
        "charges": -500_00,
        "contractual": 225_00,
        "patient": 75_00,
    }


def test_a_take_back_without_a_reversal_is_open_on_its_claim() -> None:
    other = Claim([Line(200_00, 200_00)], id="C2", control="ICN9")
    rows = settled(posted(Payment([NORMAL]), then(other, plb=(Plb("WO", 100_00, "ICN1"),))))
    assert balances_of(rows.filter(claim="C1")) == {**STANDS, "cash": 200_00, "take_back": 100_00}


@pytest.mark.parametrize(
    ("reference_told", "claim"),
    [
        ("ICN1", "C1"),
        ("ICN9", "C2"),
        ("C1", "C1"),
        ("C1 20260901 ICN1", "C1"),
        ("DEMAND/ICN9/2026", "C2"),
        ("ICN1 ICN9", None),
        ("OTHER", None),
        (None, None),
    ],
)
def test_a_reference_tells_its_claim_only_where_it_is_one(
    reference_told: str | None, claim: str | None
) -> None:
    other = Claim([Line(200_00, 200_00)], id="C2", control="ICN9")
    rows = settled(posted(Payment([NORMAL, other], [Plb("WO", 100_00, reference_told)])))
    assert rows.filter(account="take_back")["claim"].to_list() == [claim]


def test_a_reference_means_claims_of_the_same_payer() -> None:
    other = Claim([Line(200_00, 200_00)], id="C2", control="ICN9")
    rows = settled(posted(Payment([NORMAL]), then(other, payer="P2", plb=(Plb("WO", 100_00, "ICN1"),))))
    assert rows.filter(account="take_back")["claim"].to_list() == [None]


@pytest.mark.parametrize(
    ("reason", "account"),
    [
        ("WO", "take_back"),
        ("FB", "forward"),
        ("72", "refunded"),
        ("L6", "interest"),
        ("AH", "fees"),
        ("IR", "withheld"),
        ("CS", "suspense"),
        ("ZZ", "suspense"),
    ],
)
def test_the_reason_of_the_provider_names_the_account(reason: str, account: str) -> None:
    assert balances(Payment([NORMAL], [Plb(reason, 10_00)])) == {**STANDS, "cash": 290_00, account: 10_00}


def test_the_same_content_is_the_same_entry_in_any_file() -> None:
    one = entries(frames(Payment([NORMAL]), file="a.835"), reference=reference())
    other = entries(
        frames(then(denied(), trace="T0"), Payment([NORMAL]), file="b.835"), reference=reference()
    )
    assert set(one["entry"]) < set(other["entry"])
    assert balances(Payment([NORMAL]), Payment([NORMAL])) == STANDS
    assert dict(one.schema) == dict(POSTINGS)


def test_copies_within_one_payment_are_counted() -> None:
    assert posted(Payment([NORMAL, NORMAL]))["entry"].n_unique() == 2
    twice = Payment([NORMAL], [Plb("AH", 1_00), Plb("AH", 1_00)])
    assert balances(twice) == {**STANDS, "cash": 298_00, "fees": 2_00}


def test_a_payment_of_two_versions_is_not_posted() -> None:
    one = posted(Payment([NORMAL]))
    other = posted(Payment([Claim([Line(500_00, 300_00, [("CO-45", 200_00)])])]))
    ledger = post(nothing(), one).entries
    again = post(ledger, other)
    assert again.entries.equals(ledger)
    assert again.held.select("payer", "trace").rows() == [("PAYER1", "T1")]
    both = post(nothing(), pl.concat([one, other]))
    assert both.entries.is_empty()
    assert len(both.held) == 2
    assert post(ledger, one).held.is_empty()


def test_notices_without_money_share_a_trace() -> None:
    one, other = Payment([denied()], trace="0"), Payment([denied(id="C2")], trace="0")
    ledger = post(post(nothing(), posted(one)).entries, posted(other))
    assert balances_of(ledger.entries) == {"charges": -1000_00, "denied": 1000_00}
    assert ledger.held.is_empty()


def sent(*frequencies: str, charge: int = 500_00) -> pl.DataFrame:
    claims = [
        {
            "claim_key": key,
            "claim_id": "C1",
            "payer_id": "PAYER1",
            "frequency": frequency,
            "charge_cents": charge,
        }
        for key, frequency in enumerate(frequencies)
    ]
    lines = [{"claim_key": key, "served_on": SERVED} for key in range(len(frequencies))]

    return submissions(frame(claims, CLAIMS), frame(lines, LINES), on=SERVED + dt.timedelta(days=2))


def test_a_claim_that_was_sent_waits_until_it_is_answered() -> None:
    assert balances_of(settled(sent("1"))) == {"charges": -500_00, "receivable": 500_00}
    assert balances_of(settled(pl.concat([sent("1"), posted(Payment([NORMAL]))]))) == STANDS
    assert sent("1", "1").equals(sent("1"))
    assert sent("8").is_empty()


def test_a_claim_that_is_sent_again_leaves_its_denial() -> None:
    first = pl.concat([sent("1"), posted(Payment([denied()], trace="T0"))])
    assert balances_of(settled(first)) == {"charges": -500_00, "denied": 500_00}
    again = pl.concat([sent("1", "7"), posted(Payment([denied()], trace="T0"))])
    assert balances_of(settled(again)) == {"charges": -500_00, "receivable": 500_00}
    answered = pl.concat([again, posted(then(NORMAL))])
    assert balances_of(settled(answered)) == STANDS
    copied = pl.concat([sent("1", "7"), posted(Payment([NORMAL]))])
    assert balances_of(settled(copied)) == STANDS


def decide(**told: object) -> Decision:
    given = {
        "claim": "C1",
        "served_on": SERVED,
        "charge_cents": 500_00,
        "source": Account.DENIED,
        "target": Account.WRITTEN_OFF,
        "cents": 500_00,
        "day": LATER,
        "why": "the biller: filed late, no proof",
    }
    return Decision(**{**given, **told})  # type: ignore[arg-type]


def test_a_person_gives_up_a_denial_and_a_later_payment_takes_that_back() -> None:
    given_up = pl.concat([posted(Payment([denied()], trace="T0")), decide().entry()])
    assert balances_of(settled(given_up)) == {"charges": -500_00, "written_off": 500_00}
    paid = pl.concat([given_up, posted(then(NORMAL, days=60))])
    assert balances_of(settled(paid)) == STANDS


@pytest.mark.parametrize(
    "told",
    [
        {"target": Account.PATIENT},
        {"target": Account.CONTRACTUAL},
        {"source": Account.CASH},
        {"cents": 0},
        {"cents": -1},
        {"why": ""},
    ],
)
def test_a_person_cannot_decide_what_a_payer_must_say(told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"decision|person"):
        decide(**told)
