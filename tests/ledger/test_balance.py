"""Identities: each is computed, none is made to hold, and what is missing is named."""

import dataclasses

import polars as pl
import pytest

from anodyne.ledger.balance import (
    CLAIM,
    IDENTITIES,
    LINE,
    LINES_CHARGED,
    LINES_PAID,
    NEGATED,
    PATIENT,
    PAYMENT,
    balanced,
    identities,
)
from tests.ledger.made import Claim, Line, Payment, Plb, five, frames

PAID = Line(500_00, 300_00, [("CO-45", 125_00), ("PR-1", 75_00)])


def failing(*payments: Payment) -> list[tuple[str, int | None, int | None, str | None]]:
    found = identities(*five(frames(*payments))).filter(~pl.col("holds"))
    return found.select("name", "left_cents", "right_cents", "missing").rows()


def is_balanced(*payments: Payment) -> list[bool | None]:
    return balanced(identities(*five(frames(*payments))))["balanced"].to_list()


def test_a_sound_payment_has_every_identity_and_each_holds() -> None:
    found = identities(*five(frames(Payment([Claim([PAID, PAID], patient=150_00)]))))
    assert found["holds"].all()
    assert found["name"].to_list() == [PAYMENT, CLAIM, LINES_CHARGED, LINES_PAID, PATIENT, LINE, LINE]
    assert found["remit_line_key"].to_list() == [None, None, None, None, None, 0, 1]
    assert dict(found.schema) == dict(IDENTITIES)


def test_nothing_has_no_identities() -> None:
    found = identities(*five(frames()))
    assert found.is_empty()
    assert balanced(found).is_empty()


@pytest.mark.parametrize(
    ("payment", "expected"),
    [
        (
            Payment([Claim([Line(500_00, 300_00, [("CO-45", 125_00)])])]),
            [(CLAIM, 375_00, 300_00, None), (LINE, 375_00, 300_00, None)],
        ),
        (Payment([Claim([PAID])], amount=299_99), [(PAYMENT, 299_99, 300_00, None)]),
        (
            Payment([Claim([PAID], charge=600_00)]),
            [(CLAIM, 400_00, 300_00, None), (LINES_CHARGED, 500_00, 600_00, None)],
        ),
        (
            Payment([Claim([PAID], paid=310_00)]),
            [(CLAIM, 300_00, 310_00, None), (LINES_PAID, 300_00, 310_00, None)],
        ),
        (Payment([Claim([PAID], patient=80_00)]), [(PATIENT, 80_00, 75_00, None)]),
        (
            Payment([Claim([PAID], status="22")]),
            [(NEGATED, 500_00, 0, None)],
        ),
        (Payment([Claim([PAID])], plb=[Plb("WO", None)]), [(PAYMENT, 300_00, None, "PLB")]),
    ],
)
def test_what_does_not_hold_is_told_from_both_sides(
    payment: Payment, expected: list[tuple[str, int, int, str | None]]
) -> None:
    assert failing(payment) == expected


def test_only_the_share_of_the_patient_is_told_and_not_held_against_a_payment() -> None:
    assert is_balanced(Payment([Claim([PAID], patient=80_00)])) == [True]
    assert is_balanced(Payment([Claim([PAID], paid=310_00)]), Payment([Claim([PAID])])) == [False, True]


def test_the_share_of_the_patient_is_not_compared_in_a_reversal_or_where_it_is_not_told() -> None:
    reversal = Claim([PAID]).reversed(patient=0)
    found = identities(*five(frames(Payment([reversal, Claim([PAID])]))))
    assert PATIENT not in found["name"].to_list()


def test_a_missing_amount_is_named_and_nothing_is_assumed_of_it() -> None:
    told = Payment([Claim([Line(500_00, None, [("CO-45", 500_00)])], paid=0)])
    assert failing(told) == [(LINES_PAID, None, 0, "SVC03"), (LINE, 0, None, "SVC03")]
    made = frames(Payment([Claim([PAID], cas=[("CO-253", 0)])]))
    no_amount = made.adjustments.with_columns(
        cents=pl.when(pl.col("remit_line_key").is_not_null()).then("cents")
    )
    found = identities(*five(dataclasses.replace(made, adjustments=no_amount)))
    assert found.filter(~pl.col("holds")).select("name", "missing").rows() == [
        (CLAIM, "CAS"),
        (LINES_PAID, "CAS of the claim"),
    ]
    no_payment = made.remits.with_columns(
        paid_cents=pl.lit(None, pl.Int64), charge_cents=pl.lit(None, pl.Int64)
    )
    found = identities(*five(dataclasses.replace(made, remits=no_payment)))
    assert dict(found.filter(~pl.col("holds")).select("name", "missing").iter_rows()) == {
        PAYMENT: "CLP04",
        CLAIM: "CLP03, CLP04",
        LINES_CHARGED: "CLP03",
        LINES_PAID: "CLP04",
    }


def test_a_claim_told_without_lines_balances_by_itself() -> None:
    assert is_balanced(Payment([Claim(charge=500_00, cas=[("CO-45", 200_00)])])) == [True]


def test_adjustments_of_the_claim_reduce_what_its_lines_were_paid() -> None:
    lines = [Line(1800_00, 460_92, [("OA-23", 1339_08)]), Line(63_00, 33_68, [("OA-23", 29_32)])]
    assert is_balanced(Payment([Claim(lines, cas=[("OA-23", 395_68)], status="2")], amount=98_92)) == [True]


def test_what_the_provider_owes_reduces_a_payment_and_a_debit_is_less_than_nothing() -> None:
    assert is_balanced(Payment([Claim([PAID])], [Plb("WO", 100_00)], amount=200_00)) == [True]
    assert is_balanced(Payment([Claim([PAID])], [Plb("L6", -10_30)], amount=310_30)) == [True]
    assert is_balanced(Payment([Claim([PAID]).reversed()], amount=300_00, debit=True)) == [True]
    assert is_balanced(Payment([Claim([PAID]).reversed()], amount=300_00)) == [False]


def test_dollars_without_data_have_nothing_to_be_compared_with() -> None:
    assert is_balanced(Payment(amount=300_00), Payment([Claim([PAID])])) == [None, True]
