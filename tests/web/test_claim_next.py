"""A claim's page once its payer answered: what shows that it was in time, and the bill to the next payer."""

from pathlib import Path

import pytest

from anodyne.store.models import Claim
from anodyne.store.scope import within
from tests.app.practice.test_answers import sent
from tests.app.practice.test_coordinating import second_coverage
from tests.app.practice.test_remitting import PAID, era, heard
from tests.web.served import signed_in

pytestmark = pytest.mark.usefixtures("database")


def test_the_next_payer_is_billed_from_the_page(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    client = signed_in(one.user)
    with within(one.practice.pk):
        at = f"/claims/{Claim.objects.get().pk}/"
    assert "next</button>" not in client.get(at).content.decode()
    second_coverage(one)
    heard(one, "1.835", era("100", PAID))
    assert "Bill CEDAR MUTUAL next" in client.get(at).content.decode()
    answer = client.post(f"{at}next/")
    with within(one.practice.pk):
        made = Claim.objects.get(rank="S")
    assert answer.headers["Location"] == f"/claims/{made.pk}/"
    first = client.get(at).content.decode()
    assert "Bill CEDAR MUTUAL next" not in first
    assert f'<a href="/claims/{made.pk}/">CEDAR MUTUAL</a>' in first
    again = client.post(f"{at}next/")
    assert again.status_code == 422
    assert "is there already" in again.content.decode()


def test_without_an_answer_no_proof_is_claimed(tmp_path: Path) -> None:
    one, _ = sent(tmp_path, "A1")
    with within(one.practice.pk):
        key = Claim.objects.get().pk
    text = signed_in(one.user).get(f"/claims/{key}/proof/").content.decode()
    assert "Nothing that came back shows" in text
