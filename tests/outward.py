"""A made-up practice with claims on their way out, and what clearinghouses and payers send back."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

from anodyne.app.practice.checking import recheck
from anodyne.store.models import Claim, Clearinghouse, Patient
from anodyne.store.scope import within
from tests.practice import Small, make_practice

AS_OF = dt.date(2026, 11, 21)
MADE_AT = dt.datetime(2026, 11, 21, 15, 30, tzinfo=dt.UTC)


def make_house(
    one: Small, root: Path | None = None, name: str = "Riverbend Exchange", **more: Any
) -> Clearinghouse:
    """A clearinghouse of the practice with folders under `root`; its payer is reached by it."""
    address = "" if root is None else str(root)
    if root is not None:
        os.environ["ANODYNE_EXCHANGE"] = str(root)
    if root is not None:
        for folder in ("outbound", "inbound"):
            (root / folder).mkdir(parents=True, exist_ok=True)
    told = {
        "receiver_name": name.upper(),
        "receiver_id": "RIVER01",
        "carrier": "directory",
        "address": address,
    }
    with within(one.practice.pk, one.user.pk):
        house = Clearinghouse.objects.create(name=name, **{**told, **more})
        one.payer.clearinghouse = house
        one.payer.save()
    return house


def make_ready(one: Small, *ids: str, **more: Any) -> list[Claim]:
    """Claims of these ids, each of a patient of its own, judged; call it within the practice."""
    claims = []
    for number, claim_id in enumerate(ids):
        patient = Patient.objects.create(
            number=f"{claim_id}-{number}", last="SAMPLE", first="ALEX",
            birth_date=dt.date(1950, 4, 2), sex="F", street="1 MADE UP ST",
            city="CLEVELAND", state="OH", zip="441140001",
        )  # fmt: skip
        claims.append(one.claim(claim_id, patient=patient, **more))
    recheck([claim.pk for claim in claims], as_of=AS_OF)
    for claim in claims:
        claim.refresh_from_db()
    return claims


def make_sending(root: Path | None = None, *ids: str) -> tuple[Small, Clearinghouse, list[Claim]]:
    """A practice with a clearinghouse and ready claims."""
    one = make_practice()
    house = make_house(one, root)
    with within(one.practice.pk, one.user.pk):
        claims = make_ready(one, *ids)
    return one, house, claims
