"""Who takes part in claims that leave: names and addresses of the store, as files and forms want them."""

from collections.abc import Iterable
from typing import Final

from anodyne.forms.paper import Insured as Holder
from anodyne.forms.paper import Paper
from anodyne.model.parties import (
    Address,
    Billing,
    Contact,
    Dependent,
    Insured,
    Organisation,
    Parties,
    Person,
    Receiver,
    Site,
    Submitter,
    Subscriber,
)
from anodyne.store.models import (
    BillingProvider,
    Claim,
    Clearinghouse,
    Coverage,
    Patient,
    Payer,
    Practice,
    Provider,
)
from anodyne.store.models.people import Located

SELF: Final = "18"
"""The relationship of a patient who is insured themselves."""


def parties_of(practice: Practice, receiver: Clearinghouse | None, claims: Iterable[Claim]) -> Parties:
    """Everybody in a file of `claims` to `receiver`, or in the paper forms of them where that is None.

    What the store does not hold is left out: whoever writes the file says what is missing, claim by claim.
    """
    rows = list(claims)
    patients = {row.patient_id: row.patient for row in rows}
    coverages = [*filter(None, (one.coverage for row in rows for one in (row, row.primary) if one))]
    payers = {row.payer_id: row.payer for row in rows}
    return Parties(
        submitter=Submitter(
            practice.submitter_name,
            practice.submitter_id,
            Contact(practice.contact_name, practice.contact_phone),
        ),
        receiver=Receiver(
            "" if receiver is None else receiver.receiver_name,
            "" if receiver is None else receiver.receiver_id,
        ),
        billing={one.npi: _billing(one) for one in {row.billing_id: row.billing for row in rows}.values()},
        practitioners=_practitioners(),
        subscribers={key: Subscriber(_person(one), _address(one)) for key, one in patients.items()},
        dependents={key: Dependent(_person(one), _address(one)) for key, one in patients.items()},
        insured={
            (one.payer.payer_id, one.member_id): Insured(
                Person(one.subscriber_last, one.subscriber_first)
                if one.subscriber_first
                else Organisation(one.subscriber_last)
            )
            for one in coverages
            if one.relationship != SELF
        },
        sites={row.claim_id: site for row in rows if (site := _site(row)) is not None},
        payers={one.payer_id: _address(one) for one in payers.values() if one.street},
    )


def paper_of(claim: Claim) -> Paper:
    """What the paper form of `claim` says beside frames and parties."""
    coverage = claim.coverage
    return Paper(
        patient_phone=claim.patient.phone,
        insured=None if coverage is None or coverage.relationship == SELF else _holder(coverage),
        plan=coverage.plan.name if coverage is not None and coverage.plan is not None else "",
    )


def _holder(coverage: Coverage) -> Holder:
    return Holder(
        Person(coverage.subscriber_last, coverage.subscriber_first),
        birth_date=coverage.subscriber_birth_date,
        sex=coverage.subscriber_sex,
        relationship=coverage.relationship,
    )


def _billing(one: BillingProvider) -> Billing:
    return Billing(
        name=Person(one.name, one.first) if one.first else Organisation(one.name),
        address=_address(one),
        tax_id=one.tax_id,
        tax_id_kind="SY" if one.tax_id_kind == "SY" else "EI",
    )


def _practitioners() -> dict[str, Organisation | Person]:
    """Everybody known by an NPI who may render, refer or supervise."""
    people: dict[str, Organisation | Person] = {
        one.npi: Person(one.name, one.first) for one in BillingProvider.objects.exclude(first="")
    }
    return {**people, **{one.npi: Person(one.last, one.first) for one in Provider.objects.all()}}


def _site(claim: Claim) -> Site | None:
    """Where it was, unless at the billing provider's own address."""
    place, billing = claim.facility, claim.billing
    if place is None or not place.street or (place.street, place.zip) == (billing.street, billing.zip):
        return None
    return Site(place.name, _address(place))


def _person(one: Patient) -> Person:
    return Person(one.last, one.first, one.middle, one.suffix)


def _address(one: Located | Payer) -> Address:
    return Address(one.street, one.city, one.state, one.zip, more=one.street_more)
