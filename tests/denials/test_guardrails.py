"""Guardrails come first: no appeal where there is none, no bill to whom nobody may bill."""

from typing import Any

import polars as pl
import pytest

from anodyne.denials.decide import decide
from tests.denials.made import Cut, Told, cut, determined, made, one, reference


def decided(*claims: Told) -> list[dict[str, Any]]:
    """What is made of each adjustment, those that are no denial too."""
    told = made(*claims)
    return decide(
        told.remittance, reference(), line_facts=told.line_facts, claim_facts=told.claim_facts
    ).to_dicts()


@pytest.mark.parametrize("reason", ["CO-16", "CO-50", "CO-97", "CO-999"])
def test_what_was_refused_unread_has_no_appeal_and_wants_a_new_claim(reason: str) -> None:
    row = one(cut(reason, "MA130"))
    assert (row["appealable"], row["what"]) == ("no", "rejected")
    assert row["action"] == {"CO-50": "send_new_claim", "CO-97": "send_new_claim"}.get(reason, "read_remarks")
    assert "MA130" in row["codes"]


def test_a_remark_beside_it_still_says_what_to_correct() -> None:
    row = one(cut("CO-16", "MA130", "N290"))
    assert (row["cause"], row["action"], row["appealable"]) == ("practitioner", "send_new_claim", "no")
    assert (row["owner"], row["next"]) == ("enrolment", "correct the NPI and send it again")
    assert row["codes"] == ["CO-16", "N290", "MA130"]
    assert row["sure"]


@pytest.mark.parametrize("remark", ["N211", "MA44", "N83"])
def test_a_payer_that_allows_no_appeal_is_not_appealed_to(remark: str) -> None:
    row = one(cut("CO-50", remark))
    assert (row["action"], row["appealable"], row["owner"]) == ("write_off_with_approval", "no", "manager")
    assert (row["route"], row["deadline"]) == (None, None)


def test_a_payer_that_says_it_may_be_appealed_is_believed_but_not_over_a_guardrail() -> None:
    assert one(cut("CO-4", filing="CI"))["appealable"] == "unknown"
    assert one(cut("CO-4", "N210", filing="CI"))["appealable"] == "yes"
    assert one(cut("CO-50", "N210", "N211"))["appealable"] == "no"
    assert one(cut("CO-109", "N210"))["appealable"] == "no"


@pytest.mark.parametrize(
    ("filing", "facts", "action", "appealable", "sure"),
    [
        ("CI", {}, "appeal", "unknown", False),
        ("CI", {"filed_in_time": True}, "appeal", "yes", False),
        ("CI", {"filed_in_time": False}, "write_off_with_approval", "no", True),
        ("MB", {}, "reopen", "no", False),
        ("MB", {"filed_in_time": True}, "reopen", "no", True),
        ("MB", {"filed_in_time": False}, "write_off_with_approval", "no", True),
    ],
)
def test_late_filing_is_argued_only_with_proof(
    filing: str, facts: dict[str, Any], action: str, appealable: str, sure: bool
) -> None:
    row = one(cut("CO-29", filing=filing, facts=facts))
    assert (row["action"], row["appealable"], row["sure"]) == (action, appealable, sure)


@pytest.mark.parametrize("reason", ["PR-1", "PR-2", "PR-3"])
@pytest.mark.parametrize("remark", ["N781", "N782", "N783"])
def test_a_qualified_medicare_beneficiary_is_never_billed(reason: str, remark: str) -> None:
    row = one(cut(reason, remark, cents=20_00, paid=80_00, charge=100_00))
    assert (row["action"], row["what"], row["owner"]) == ("bill_other_payer", "redirected", "biller")
    assert (row["at_stake_cents"], row["next"]) == (20_00, "bill the other payer, not the patient")


def test_nor_where_only_the_practice_knows_of_it() -> None:
    assert one(cut("PR-2", facts={"qmb": True}, paid=1))["action"] == "bill_other_payer"
    assert determined(cut("PR-2", facts={"qmb": False}, paid=1)) == []
    assert one(cut("OA-209", paid=1))["action"] == "bill_other_payer"


@pytest.mark.parametrize("reason", ["1", "2", "3"])
def test_the_patients_share_is_no_denial(reason: str) -> None:
    claim = cut(f"PR-{reason}", cents=20_00, paid=80_00, charge=100_00)
    assert determined(claim) == []
    (row,) = decided(claim)
    assert (row["action"], row["ordinary"], row["needs"]) == ("bill_patient", True, [])


@pytest.mark.parametrize("group", ["CO", "OA", "PI", "CR"])
def test_only_what_stands_under_pr_goes_to_the_patient(group: str) -> None:
    (row,) = decided(cut(f"{group}-2", cents=20_00, paid=80_00))
    assert (row["action"], row["guardrails"]) == ("write_off_with_approval", ["not the patient's"])


def test_nobody_but_pr_is_ever_sent_a_bill() -> None:
    reasons = reference().table("denial_actions")["reason"].unique().to_list()
    groups = ("CO", "PR", "OA", "PI", "CR")
    adjustments = [f"{group}-{reason}" for group in groups for reason in reasons if reason != "*"]
    rows = pl.DataFrame(decided(*(cut(name, paid=1) for name in adjustments)))
    assert set(rows.filter(action="bill_patient")["group"]) == {"PR"}


@pytest.mark.parametrize(
    ("claim", "by"),
    [
        (cut("PR-2", "MA18", paid=1), "MA18"),
        (cut("PR-2", "MA07", paid=1), "MA07"),
        (cut("PR-2", paid=1, status="19"), None),
        (cut("PR-2", paid=1, more={"crossover_payer": "NEXT MUTUAL"}), None),
    ],
)
def test_what_crossed_over_waits_for_the_next_payer(claim: Told, by: str | None) -> None:
    assert determined(claim) == []
    (row,) = decided(claim)
    assert (row["action"], row["guardrails"]) == ("wait_for_decision", ["crossed over"])
    assert row["codes"] == ["PR-2", *([by] if by else [])]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("CO-45", "contract"),
        ("CO-253", "sequestration"),
        ("OA-23", "prior_payment"),
        ("OA-94", "roll_up"),
        ("CO-144", "programme"),
        ("CO-131", "contract"),
    ],
)
def test_what_is_only_contract_or_law_has_no_row(name: str, cause: str) -> None:
    claim = cut(name, cents=10_00, paid=90_00, charge=100_00)
    assert determined(claim) == []
    (row,) = decided(claim)
    assert (row["cause"], row["action"], row["ordinary"]) == (cause, "accept", True)


@pytest.mark.parametrize("reason", ["CO-97", "CO-236", "CO-231"])
@pytest.mark.parametrize(
    ("indicator", "filing", "action", "sure"),
    [
        (0, "CI", "write_off_with_approval", True),
        (0, "MB", "write_off_with_approval", True),
        (1, "CI", "correct_and_resend", False),
        (1, "MB", "reopen", True),
        (None, "MB", "reopen", False),
    ],
)
def test_a_pair_that_no_modifier_lifts_is_let_go(
    reason: str, indicator: int | None, filing: str, action: str, sure: bool
) -> None:
    row = one(cut(reason, filing=filing, facts={"ncci_indicator": indicator}))
    assert (row["action"], row["sure"]) == (action, sure)
    asked = "reference: the NCCI indicator of the pair that was denied"
    assert (asked in row["needs"]) is (indicator is None)


def test_a_global_period_is_not_a_pair() -> None:
    row = one(cut("CO-97", "N525", facts={"ncci_indicator": 0}))
    assert (row["cause"], row["action"]) == ("global_period", "reopen")


@pytest.mark.parametrize(
    ("name", "remarks", "action"),
    [
        ("OA-18", (), "find_original"),
        ("CO-18", ("N522",), "find_original"),
        ("CO-22", (), "bill_other_payer"),
        ("CO-109", (), "bill_other_payer"),
        ("CO-19", (), "bill_other_payer"),
    ],
)
def test_duplicates_are_looked_for_and_other_payers_billed(
    name: str, remarks: tuple[str, ...], action: str
) -> None:
    row = one(cut(name, *remarks))
    assert (row["action"], row["sure"]) == (action, True)
    assert row["level"] is None


@pytest.mark.parametrize(
    ("name", "remarks"),
    [
        ("CO-16", ("N102",)),
        ("CO-16", ("M127",)),
        ("CO-50", ("N102",)),
        ("CO-226", ()),
        ("CO-252", ()),
        ("CO-50", ("M127", "N115")),
    ],
)
def test_records_that_were_asked_for_are_sent_and_not_appealed(name: str, remarks: tuple[str, ...]) -> None:
    row = one(cut(name, *remarks))
    assert (row["what"], row["action"], row["cause"]) == ("deferred", "send_records", "records")
    assert "request_letter" in row["evidence"]


@pytest.mark.parametrize("remarks", [("N115", "N102"), ("N102", "N115")])
def test_that_holds_whatever_remark_comes_first(remarks: tuple[str, ...]) -> None:
    row = one(cut("CO-50", *remarks))
    assert (row["what"], row["action"], row["route"]) == ("deferred", "send_records", "late_records")


@pytest.mark.parametrize(
    ("facts", "action", "sure"),
    [
        ({}, "bill_patient", False),
        ({"notice_signed": True}, "bill_patient", True),
        ({"notice_signed": False}, "write_off_with_approval", True),
    ],
)
@pytest.mark.parametrize("reason", ["PR-50", "PR-96", "PR-204", "PR-119", "PR-55"])
def test_a_patient_is_billed_for_a_denial_only_with_a_notice(
    reason: str, facts: dict[str, Any], action: str, sure: bool
) -> None:
    row = one(cut(reason, facts=facts))
    assert (row["action"], row["sure"]) == (action, sure)


def test_medicare_takes_no_replacement_claim() -> None:
    by = {filing: one(cut("CO-4", filing=filing))["action"] for filing in ("MB", "16", "CI", "MC", None)}
    assert by == dict.fromkeys(by, "correct_and_resend") | {"MB": "reopen"}
    assert one(cut("CO-4", filing="CI", facts={"program": "medicare"}))["action"] == "reopen"


def test_a_guardrail_holds_where_the_remark_is_of_the_claim() -> None:
    row = one(Told([Cut({"CO-16": 500_00}, ["M77"])], remarks=["MA130"]))
    assert (row["cause"], row["action"], row["appealable"]) == ("place", "send_new_claim", "no")
