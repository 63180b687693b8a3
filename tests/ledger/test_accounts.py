"""The dated tables of accounts: they name accounts there are, and nothing that a person must decide."""

import pytest

from anodyne.ledger.accounts import OPEN, Account
from tests.ledger.made import reference

NEVER_BY_TABLE = {Account.CHARGES, Account.RECEIVABLE, Account.CASH, Account.PATIENT, Account.WRITTEN_OFF}
OUTSIDE_CLAIMS = {"forward", "refunded", "take_back", "fees", "suspense"}


@pytest.mark.parametrize("table", ["adjustment_accounts", "provider_adjustment_accounts"])
def test_a_table_names_accounts_that_a_payer_may_choose(table: str) -> None:
    assert set(reference().table(table)["account"]) <= set(Account) - NEVER_BY_TABLE


def test_an_adjustment_of_a_claim_is_no_business_between_payments() -> None:
    assert not set(reference().table("adjustment_accounts")["account"]) & OUTSIDE_CLAIMS


def test_only_sequestration_is_kept_from_the_patient_by_its_reason() -> None:
    rows = reference().table("adjustment_accounts").filter("of_patient")
    assert rows["reason"].to_list() == ["253"]


def test_no_denial_is_contractual() -> None:
    """What section 11 of the facts says to correct, appeal or redirect waits for a person."""
    waits = (
        "4 5 11 16 18 19 20 21 22 24 26 27 29 31 39 49 50 54 55 56 96 97 107 109 119 146 150 151 152 167 170 "
        "181 182 186 193 197 198 204 206 207 208 210 216 219 222 226 227 231 234 236 242 243 252 256 288 296 "
        "A1 B7"
    )
    named = set(reference().table("adjustment_accounts")["reason"])
    assert named & set(waits.split()) == set()


def test_what_is_open_is_with_a_payer_or_the_patient() -> None:
    assert {account.value for account in OPEN} == {
        "receivable",
        "denied",
        "other_payer",
        "take_back",
        "excess",
        "patient",
    }
