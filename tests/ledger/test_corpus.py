"""Real remittances that others made: what adds up posts to the cent, what does not posts nothing."""

import pytest

from anodyne.kernel.errors import UnreadableFile
from anodyne.ledger.accounts import Account
from anodyne.ledger.balance import balanced, identities
from anodyne.ledger.posting import entries, post
from anodyne.ledger.reports import standing, trial_balance
from anodyne.ledger.transfers import settled
from anodyne.model.remittance import Remittance
from anodyne.x12.read_remits import read_remittance
from tests.ledger.made import five, nothing, reference
from tests.x12.test_corpus import CORPUS

FILES = sorted(path for path in (CORPUS / "835").glob("*") if path.is_file()) if CORPUS.is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason=f"the corpus of real files is not beside the project: {CORPUS}"),
]


def readable() -> list[Remittance]:
    found = []
    for path in FILES:
        try:
            found.append(read_remittance(path))
        except UnreadableFile:
            continue
    return found


def test_what_adds_up_posts_its_payment_to_the_cent_and_nothing_else_posts() -> None:
    told = readable()
    assert len(told) >= 44
    sound = 0
    for one in told:
        good = balanced(identities(*five(one))).filter("balanced")
        paid = one.payments.join(good, on="payment_key", how="semi")
        made = entries(one, reference=reference())
        cash = made.filter(account=Account.CASH.value)["cents"].sum()
        assert cash == paid["amount_cents"].sum()
        assert made.is_empty() or len(good)
        sound += len(good)
    assert sound == 34


def test_all_of_them_together_stand_in_one_account_each() -> None:
    ledger = nothing()
    for one in readable():
        ledger = post(ledger, entries(one, reference=reference())).entries
    rows = settled(ledger)
    balance = trial_balance(rows)
    assert balance["debit_cents"].sum() == balance["credit_cents"].sum() > 0
    claims = standing(rows)
    places = [account.value for account in Account if account is not Account.CHARGES]
    assert (claims.select(places).sum_horizontal() == claims["charged_cents"]).all()
    again = post(ledger, ledger)
    assert again.entries.equals(ledger)
