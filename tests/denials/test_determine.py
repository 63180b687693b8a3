"""What is determined of a claim or line: its cause, what is at stake, and what is missing to be sure."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anodyne.denials.determine import determine
from anodyne.denials.facts import line_facts
from anodyne.denials.pairs import pair_indicators
from anodyne.model.frames import DETERMINATIONS, EXPECTED
from tests.denials.made import AS_OF, DAY, SERVED, Cut, Told, cut, determined, made, one, reference


def test_a_denied_line_is_told_in_full() -> None:
    row = one(cut("CO-50", "N115"))
    assert row == {
        "determination_key": 0,
        "payment_key": 0,
        "remit_key": 0,
        "remit_line_key": 0,
        "payer": "15202",
        "program": "medicare",
        "claim_id": "C1",
        "line": 1,
        "code": "64483",
        "served_on": SERVED,
        "noticed_on": DAY,
        "what": "denied",
        "cause": "necessity",
        "action": "appeal",
        "appealable": "yes",
        "route": "appeal",
        "level": 1,
        "level_title": "redetermination by the contractor",
        "deadline": dt.date(2027, 2, 4),
        "clock": "120 days from the remittance of 2 Oct 2026, taken as received 5 days later",
        "minimum_cents": None,
        "at_stake_cents": 500_00,
        "stake_basis": "charge",
        "evidence": ["visit_note", "coverage_criteria", "prior_treatment"],
        "owner": "clinician",
        "codes": ["CO-50", "N115"],
        "also": [],
        "unread": [],
        "why": "CO-50 with N115: a local coverage policy is not met as the payer reads the claim",
        "next": "appeal with the record, criterion by criterion of that policy",
        "cites": ["remittance-actions-known", "42-cfr-405-942"],
        "sure": True,
        "needs": [],
    }


@pytest.mark.parametrize(
    ("name", "remarks", "filing", "wanted"),
    [
        ("CO-4", (), "CI", ("modifier", "correct_and_resend", "coder")),
        ("CO-5", ("M77",), "CI", ("place", "correct_and_resend", "biller")),
        ("CO-16", ("M77",), "CI", ("place", "correct_and_resend", "biller")),
        ("CO-16", ("M119",), "CI", ("drug", "correct_and_resend", "coder")),
        ("CO-96", ("N386",), "CI", ("necessity", "appeal", "clinician")),
        ("CO-96", ("N640",), "CI", ("frequency", "appeal", "clinician")),
        ("CO-97", ("N122",), "CI", ("add_on", "correct_and_resend", "coder")),
        ("CO-107", (), "CI", ("add_on", "correct_and_resend", "coder")),
        ("CO-119", (), "CI", ("frequency", "appeal", "biller")),
        ("CO-151", ("N362",), "CI", ("units", "correct_and_resend", "coder")),
        ("CO-150", ("M25",), "CI", ("level", "appeal", "clinician")),
        ("CO-197", ("N54",), "CI", ("authorisation", "appeal", "authorisations")),
        ("CO-B16", (), "CI", ("new_patient", "correct_and_resend", "coder")),
        ("CO-B7", ("N570",), "CI", ("practitioner", "correct_and_resend", "enrolment")),
        ("PI-242", (), "CI", ("network", "appeal", "contracts")),
        ("CO-227", (), "CI", ("records", "wait_for_records", "front_desk")),
        ("CO-246", ("N620",), "CI", ("reporting_only", "accept", "biller")),
        ("CO-P4", (), "WC", ("injury", "ask_the_state", "biller")),
        ("CO-P8", (), "AM", ("injury", "wait_for_decision", "biller")),
        ("PR-31", (), "CI", ("member", "correct_and_resend", "front_desk")),
        ("PR-27", (), "CI", ("coverage_dates", "bill_patient", "front_desk")),
        ("CO-27", (), "CI", ("coverage_dates", "bill_other_payer", "front_desk")),
    ],
)
def test_the_closest_row_decides(
    name: str, remarks: tuple[str, ...], filing: str, wanted: tuple[str, str, str]
) -> None:
    row = one(cut(name, *remarks, filing=filing))
    assert (row["cause"], row["action"], row["owner"]) == wanted


def test_a_remark_decides_only_where_its_reason_says_too_little() -> None:
    assert one(cut("CO-234", "N525"))["cause"] == "global_period"
    row = one(cut("CO-151", "N525"))
    assert row["cause"] == "frequency"
    assert row["also"] == ["N525: within the days that belong to a procedure"]


def test_of_several_remarks_the_payers_first_decides_and_the_others_are_told() -> None:
    row = one(cut("CO-16", "N290", "M77", filing="CI"))
    assert (row["cause"], row["codes"]) == ("practitioner", ["CO-16", "N290"])
    assert row["also"] == ["M77: the place of service is missing or wrong"]


@pytest.mark.parametrize(
    ("claim", "needs"),
    [
        (cut("CO-999"), "payer: what CO-999 means; it is not in the decision table for that day"),
        (cut("CO-999", "N115"), "payer: what CO-999 means; it is not in the decision table for that day"),
        (cut("CO-A1"), "payer: the remark code that says what CO-A1 means"),
        (cut("CO-16", "N999"), "remark codes: what N999 means here"),
        (cut("CO-W1", on=dt.date(2026, 10, 2)), "payer: the remark code that says what CO-W1 means"),
        (
            cut("CO-296", on=dt.date(2018, 6, 30)),
            "payer: what CO-296 means; it is not in the decision table for that day",
        ),
    ],
)
def test_what_is_not_known_is_not_guessed(claim: Told, needs: str) -> None:
    row = one(claim)
    assert row["action"] == "read_remarks"
    assert row["cause"] in {"unknown", "information"}
    assert not row["sure"]
    assert needs in row["needs"]


def test_a_remittance_without_a_day_is_read_by_what_still_holds_and_is_never_sure() -> None:
    row = one(cut("CO-16", "MA130", "N290", on=None))
    assert (row["cause"], row["action"], row["deadline"]) == ("practitioner", "send_new_claim", None)
    assert (row["sure"], row["needs"]) == (False, ["remittance: the day it was made"])
    assert determined(cut("CO-45", on=None, paid=1), cut("PR-1", on=None, paid=1)) == []
    assert one(cut("CO-15", on=None))["cause"] == "unknown"


def test_an_unknown_reason_is_told_with_what_its_remarks_say() -> None:
    row = one(cut("CO-999", "N115"))
    assert row["why"] == "CO-999: nothing is known here of this code"
    assert row["also"] == ["N115: a local coverage policy decided it"]


def test_a_remark_that_nobody_knows_leaves_a_doubt() -> None:
    row = one(cut("CO-50", "N999", "N115"))
    assert (row["cause"], row["unread"], row["sure"]) == ("necessity", ["N999"], False)


def test_a_code_that_ended_is_read_as_it_was_in_its_day() -> None:
    assert one(cut("CO-15", on=dt.date(2018, 4, 30)))["cause"] == "authorisation"
    after = one(cut("CO-15", on=dt.date(2018, 5, 1)))
    assert (after["cause"], after["sure"]) == ("unknown", False)
    assert "197, 198 and 296" in after["why"]


@pytest.mark.parametrize(
    ("facts", "action", "needs"),
    [
        ({}, "appeal", ["authorisations: is there an approval for this code and day?"]),
        ({"authorised": True}, "reopen", []),
        ({"authorised": False}, "appeal", []),
    ],
)
def test_an_approval_on_file_is_sent_rather_than_argued(
    facts: dict[str, Any], action: str, needs: list[str]
) -> None:
    row = one(cut("CO-197", facts=facts))
    assert (row["action"], row["needs"]) == (action, needs)


def test_what_is_at_stake_leaves_out_what_is_no_denial() -> None:
    line = Cut({"CO-45": 120_00, "PR-2": 16_00, "CO-151": 100_00, "CO-253": 4_00}, paid=260_00)
    row = one(Told([line]))
    assert (row["at_stake_cents"], row["what"], row["codes"]) == (100_00, "cut", ["CO-151"])


def test_the_dearest_denial_leads_and_the_others_are_told() -> None:
    row = one(Told([Cut({"CO-4": 100_00, "CO-50": 400_00})]))
    assert (row["cause"], row["at_stake_cents"], row["also"]) == ("necessity", 500_00, ["CO-4: modifier"])
    known = one(Told([Cut({"CO-999": 250_00, "CO-50": 250_00})]))
    assert known["cause"] == "necessity"


@pytest.mark.parametrize(
    ("expected", "stake", "basis"), [(None, 500_00, "charge"), (210_00, 210_00, "expected")]
)
def test_no_more_is_at_stake_than_should_have_been_allowed(
    expected: int | None, stake: int, basis: str
) -> None:
    row = one(cut("CO-50", facts={"expected_cents": expected}))
    assert (row["at_stake_cents"], row["stake_basis"]) == (stake, basis)


def test_a_price_below_the_contract_is_disputed() -> None:
    said: Any = {"cents": 200_00, "paid": 300_00}
    assert determined(cut("CO-45", **said)) == []
    assert determined(cut("CO-45", facts={"short_cents": 0}, **said)) == []
    row = one(cut("CO-45", facts={"short_cents": 45_00, "expected_cents": 345_00}, filing="CI", **said))
    assert (row["action"], row["what"], row["at_stake_cents"]) == ("dispute_underpayment", "cut", 45_00)
    assert row["stake_basis"] == "expected"
    assert row["needs"] == ["contract: how many days there are to dispute a payment"]


@pytest.mark.parametrize(
    ("short", "action", "sure"),
    [(None, "dispute_underpayment", False), (30_00, "dispute_underpayment", True), (0, "accept", True)],
)
def test_several_procedures_of_a_day_are_checked_against_their_order(
    short: int | None, action: str, sure: bool
) -> None:
    row = one(cut("CO-59", cents=250_00, paid=250_00, facts={"short_cents": short}))
    assert (row["action"], row["sure"]) == (action, sure)


def test_a_whole_charge_taken_as_contract_is_not_taken_for_one() -> None:
    row = one(cut("CO-45", filing="CI"))
    assert (row["what"], row["action"], row["sure"]) == ("denied", "dispute_underpayment", False)
    assert row["why"].endswith("the whole charge was taken as contract, and nothing was paid")
    assert "contract: is nothing allowed for this code?" in row["needs"]
    deductible = Told([Cut({"CO-45": 300_00, "PR-1": 200_00})])
    assert determined(deductible) == []


def test_a_claim_adjusted_as_a_whole_has_one_row() -> None:
    claim = Told([Cut({}), Cut({}, served=dt.date(2026, 8, 20))], {"CO-29": 1000_00})
    row = one(claim)
    assert (row["remit_line_key"], row["line"], row["code"]) == (None, None, None)
    assert (row["at_stake_cents"], row["served_on"]) == (1000_00, dt.date(2026, 8, 20))


def test_each_line_has_its_own_row_and_paid_ones_none() -> None:
    rows = determined(
        Told([Cut({"CO-97": 500_00}), Cut({"CO-45": 100_00}, paid=400_00), Cut({"CO-4": 500_00})])
    )
    assert [(row["line"], row["cause"]) for row in rows] == [(1, "bundled"), (3, "modifier")]
    assert [row["determination_key"] for row in rows] == [0, 1]


def test_a_denial_without_a_reason_is_told() -> None:
    row = one(Told([Cut({})], status="4"))
    assert (row["cause"], row["why"], row["sure"]) == ("unknown", "denied without a reason code", False)
    assert row["at_stake_cents"] == 500_00
    assert determined(Told([Cut({})], status="1")) == []


def test_a_reversal_takes_back_what_was_determined() -> None:
    denied = cut("CO-50", on=dt.date(2026, 9, 1))
    undone = Told([Cut({"CO-50": -500_00}, charge=-500_00)], status="22", on=dt.date(2026, 10, 2))
    again = cut("CO-151", on=dt.date(2026, 10, 2))
    assert [row["cause"] for row in determined(denied, undone, again)] == ["frequency"]
    assert [row["cause"] for row in determined(again, undone, denied)] == ["frequency"]
    other = cut("CO-50", on=dt.date(2026, 9, 1), id="C2")
    assert [row["claim_id"] for row in determined(denied, undone, other)] == ["C2"]
    elsewhere = cut("CO-50", on=dt.date(2026, 9, 1), payer="OTHER")
    assert [row["payer"] for row in determined(denied, undone, elsewhere)] == ["OTHER"]


def test_an_estimate_is_no_decision() -> None:
    assert determined(cut("CO-50", status="25")) == []


def test_nothing_in_nothing_out() -> None:
    assert determined() == []
    found = determine(made().remittance, reference(), as_of=AS_OF)
    assert dict(found.schema) == dict(pl.DataFrame(schema=dict(DETERMINATIONS)).schema)


def test_a_claim_is_judged_alone_as_in_a_crowd() -> None:
    names = ["CO-50", "CO-16", "CO-97", "PR-2", "CO-45", "OA-18", "CO-999", "PR-96", "CO-29", "CO-193"]
    remarks = [("N115",), ("MA130", "N290"), (), ("N782",), (), ("N522",), ("N1",), (), ("MA01",), ()]
    claims = [
        cut(name, *more, id=f"C{number}", filing=filing, on=day)
        for day in (DAY, dt.date(2024, 2, 29))
        for filing in ("MB", "CI")
        for number, (name, more) in enumerate(zip(names, remarks, strict=True))
    ]

    def told(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in row.items() if not name.endswith("_key")}

    alone = [told(row) for claim in claims for row in determined(claim)]
    assert [told(row) for row in determined(*claims)] == alone
    assert [told(row) for row in determined(*reversed(claims))] == alone[::-1]


def test_facts_of_lines_come_from_what_is_expected_and_from_pairs() -> None:
    claim = Told(
        [
            Cut({}, paid=300_00, code="62323"),
            Cut({"CO-97": 500_00}, code="64483"),
            Cut({"CO-97": 1}, code="J1100"),
        ]
    )
    remittance = made(claim).remittance
    indicators = pair_indicators(remittance.lines, remittance.adjustments, reference())
    assert indicators.rows() == [(1, 1)]
    expected = pl.DataFrame(
        [
            {
                "remit_line_key": 0,
                "expected_cents": 350_00,
                "allowed_cents": 300_00,
                "expected_paid_cents": 280_00,
            },
            {"remit_line_key": 1, "expected_cents": 200_00, "allowed_cents": 0},
        ],
        schema=dict(EXPECTED),
    )
    assert line_facts(expected, indicators).rows() == [(0, None, 350_00, 50_00), (1, 1, 200_00, None)]
