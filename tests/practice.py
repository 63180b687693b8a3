"""Made-up practices in the database, as small as a test needs."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.store.models import (
    BillingProvider,
    Claim,
    ClaimState,
    ClaimVersion,
    Coverage,
    Facility,
    Line,
    Membership,
    Patient,
    Payer,
    Practice,
    Provider,
    Role,
    User,
)
from anodyne.store.scope import within

PASSWORD = "a made-up pass phrase"
DAY = dt.date(2026, 11, 17)


@dataclass
class Small:
    """A practice with one of each: its people and places, and no claim yet."""

    practice: Practice
    user: User
    payer: Payer
    patient: Patient
    coverage: Coverage
    billing: BillingProvider
    provider: Provider
    facility: Facility

    def claim(self, claim_id: str = "A1", state: str = ClaimState.READY, **more: Any) -> Claim:
        """A claim of one trigger point injection, with one open version; call it within the practice."""
        told: dict[str, Any] = {
            "patient": self.patient, "coverage": self.coverage, "payer": self.payer, "billing": self.billing,
            "facility": self.facility, "served_on": DAY, "served_to": DAY, "charge_cents": 17_500,
        }  # fmt: skip
        claim = Claim.objects.create(claim_id=claim_id, state=state, **{**told, **more})
        version = ClaimVersion.objects.create(
            claim=claim,
            facts={
                "payer_id": self.payer.payer_id, "payer_name": self.payer.name, "filing": self.payer.filing,
                "payer_rank": "P", "member_id": self.coverage.member_id, "relationship": "18",
                "birth_date": self.patient.birth_date.isoformat(), "sex": self.patient.sex,
                "billing_npi": self.billing.npi, "billing_taxonomy": self.billing.taxonomy,
                "rendering_npi": self.provider.npi, "state": "OH", "zip": "441140001", "pos": "11",
                "charge_cents": claim.charge_cents, "assignment": "A", "benefits_assigned": "Y",
                "release": "Y", "dx1": "M7918", "dx_system": "ABK",
            },
        )  # fmt: skip
        Line.objects.create(
            version=version, line=1, code="20553", units=1, unit_basis="UN", charge_cents=17_500,
            served_on=DAY, served_to=DAY, dx_pointers="1", facts={"code_system": "HC"},
        )  # fmt: skip
        return claim


def make_user(practice: Practice, name: str, role: str = Role.BILLER, **more: Any) -> User:
    """A user of `practice`, made by the owner of the database, with the address name@example.test."""
    user = User(email=f"{name.lower().replace(' ', '.')}@example.test", name=name)
    user.set_password(PASSWORD)
    user.save(using="owner")
    Membership.objects.using("owner").create(user=user, practice=practice, role=role, **more)
    return User.objects.get(pk=user.pk)


def make_practice(name: str = "Lakeside Pain", **more: Any) -> Small:
    """A practice of one biller, provider, place, payer and patient; no second factor is demanded."""
    practice = Practice.objects.using("owner").create(
        name=name,
        submitter_name=name.upper(),
        submitter_id="SUB01",
        contact_name="PAT EXAMPLE",
        contact_phone="2165550100",
        **{"second_factor_required": False, **more},
    )
    user = make_user(practice, f"Robin {name}")
    with within(practice.pk, user.pk):
        payer = Payer.objects.create(name="MEDICARE PART B OHIO", payer_id="15202", filing="MB")
        patient = Patient.objects.create(
            number="P1", last="SAMPLE", first="ALEX", birth_date=dt.date(1950, 4, 2), sex="F",
            street="1 MADE UP ST", city="CLEVELAND", state="OH", zip="441140001",
        )  # fmt: skip
        coverage = Coverage.objects.create(
            patient=patient, payer=payer, member_id="1EG4TE5MK72", period=DateRange(dt.date(2020, 1, 1), None)
        )
        billing = BillingProvider.objects.create(
            npi="1234567893", name=name.upper(), tax_id="341234567", taxonomy="208VP0014X",
            street="2 MADE UP AVE", city="CLEVELAND", state="OH", zip="441140001", phone="2165550100",
        )  # fmt: skip
        provider = Provider.objects.create(
            npi="1245319599", last="EXAMPLE", first="DANA", taxonomy="208VP0014X"
        )
        facility = Facility.objects.create(
            name="LAKESIDE OFFICE",
            pos="11",
            street="2 MADE UP AVE",
            city="CLEVELAND",
            state="OH",
            zip="441140001",
        )
    return Small(practice, user, payer, patient, coverage, billing, provider, facility)
