"""Who takes part in claims that are written: what no frame holds, because it is a person's data.

What frames hold is not here: NPIs, member ids, birth dates and payers are columns, and the keys by which
the parties of a claim are found.  None of these records shows what is in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody lives or works; of the billing provider and of a place of service with a ZIP of nine."""

    street: str = field(repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    zip: str = field(repr=False)
    more: str = field(default="", repr=False)
    """A second line: suite, floor."""
    country: str = field(default="", repr=False)
    """Empty in the United States."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call; `phone` has ten digits."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    extension: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """The name of somebody."""

    last: str = field(repr=False)
    first: str = field(default="", repr=False)
    middle: str = field(default="", repr=False)
    suffix: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The name of a body that is no person."""

    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Billing:
    """A billing provider."""

    name: Organisation | Person
    address: Address
    """A street, no post-office box."""
    tax_id: str = field(repr=False)
    tax_id_kind: Literal["EI", "SY"] = "EI"
    """EI for an employer's number, SY for a social security number."""
    contact: Contact | None = None
    """Where it is not the submitter's."""
    pay_to: Address | None = None
    """Where payments go, if not to `address`."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who is insured, and is the patient."""

    name: Person
    address: Address


@dataclass(frozen=True, slots=True)
class Dependent:
    """A patient whom somebody else's insurance covers."""

    name: Person
    address: Address


@dataclass(frozen=True, slots=True)
class Insured:
    """Who is insured where that is not the patient: a spouse or parent, or an employer."""

    name: Organisation | Person
    address: Address | None = None
    """Told of other payers' coverage alone: where the claim goes to, the guide has the patient's instead."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where services were given."""

    name: str = field(repr=False)
    address: Address


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who sends the file, under the id that the receiver gave."""

    name: str
    id: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who the file goes to."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Everybody in a file, each by the key that its claims have."""

    submitter: Submitter
    receiver: Receiver
    billing: Mapping[str, Billing] = field(repr=False)
    """By `billing_npi`."""
    practitioners: Mapping[str, Organisation | Person] = field(repr=False)
    """By the NPI of any other column: who rendered, referred or supervised."""
    subscribers: Mapping[int, Subscriber] = field(repr=False)
    """By `patient`: of those that are insured themselves."""
    dependents: Mapping[int, Dependent] = field(default_factory=dict, repr=False)
    """By `patient`: of those whom somebody else's insurance covers."""
    insured: Mapping[tuple[str, str], Insured] = field(default_factory=dict, repr=False)
    """By `payer_id` and `member_id`, of the claim or of its other payer: who is insured where that is not the
    patient."""
    sites: Mapping[str, Site] = field(default_factory=dict, repr=False)
    """By `claim_id`: where it was, if not at the billing provider's address."""
    payers: Mapping[str, Address] = field(default_factory=dict, repr=False)
    """By `payer_id`, of payers whose address is to be told."""
