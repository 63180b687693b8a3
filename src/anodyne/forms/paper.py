"""What a claim on paper says that neither the frames nor the parties hold; none of it shows itself."""

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from anodyne.model.parties import Address, Organisation, Person


class Total(Enum):
    """Where the charges of a claim with more than six lines are added up (item 28)."""

    EACH_PAGE = "each page"
    """Each form adds up its own lines and is a claim by itself, as NUCC defines the item."""
    LAST_PAGE = "last page"
    """The last page has the whole, the pages before it say CONTINUED, and all are numbered: the wish of some
    payers."""


class Coverage(Enum):
    """The boxes of item 1."""

    MEDICARE = "medicare"
    MEDICAID = "medicaid"
    TRICARE = "tricare"
    CHAMPVA = "champva"
    GROUP = "group"
    FECA = "feca"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Insured:
    """Who holds a policy and is not the patient: in workers' compensation, the employer."""

    name: Person | Organisation = field(repr=False)
    address: Address | None = field(default=None, repr=False)
    phone: str = field(default="", repr=False)
    """Ten digits."""
    birth_date: dt.date | None = field(default=None, repr=False)
    sex: str = field(default="", repr=False)
    relationship: str = field(default="", repr=False)
    """The patient's to them, coded as the claim's own, where it is the policy of another payer."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another policy that covers the patient than the one that is billed."""

    policy: str = field(default="", repr=False)
    """Its policy or group number."""
    plan: str = field(default="", repr=False)
    """The plan's name, or the payer's id where the payer who is billed wants that."""
    holder: Insured | None = field(default=None, repr=False)
    """Who holds it, where that is not the patient."""
    medigap: bool = False
    """Whether it is a Medigap policy whose benefits are assigned."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A day and the qualifier that says what happened then."""

    qualifier: str
    day: dt.date = field(repr=False)


@dataclass(frozen=True, slots=True)
class Paper:
    """The rest of one claim; what is not told stays blank on the form."""

    coverage: Coverage | None = None
    """Item 1, where `filing` does not say it."""
    patient_phone: str = field(default="", repr=False)
    """Ten digits."""
    insured: Insured | None = field(default=None, repr=False)
    """Items 4, 7 and 11a, where that is not the patient."""
    other: Other | Literal[False] | None = field(default=None, repr=False)
    """Items 9 and 11d; False where it is known that there is none.  On a claim to Medicare as a later payer,
    the first payer's policy: item 11."""
    claim_codes: str = ""
    """Item 10d."""
    plan: str = field(default="", repr=False)
    """Item 11c: the name of the plan that is billed."""
    illness: Dated | None = field(default=None, repr=False)
    """Item 14, where it is not the onset or the accident of the frame: 431, 439 or 484."""
    other_date: Dated | None = field(default=None, repr=False)
    """Item 15, where several days of the frame come into question, or none."""
    unable_from: dt.date | None = field(default=None, repr=False)
    unable_to: dt.date | None = field(default=None, repr=False)
    ordering_npi: str = ""
    """Item 17, where nobody referred."""
    attached_by: Literal["AA", "BM", "EL", "EM", "FT", "FX", ""] = ""
    """How an attachment goes: item 19."""
    outside_lab_cents: int | None = None
    """Item 20: the price of services that were bought; 0 where none were."""
    number: Literal["auth_number", "referral_number", "clia", ""] = ""
    """Which of the claim's numbers stands in item 23, where it has several."""
    paid_cents: int | None = None
    """Item 29: what the patient paid for these services, and, unless it goes to Medicare, earlier payers."""
    signed: str = field(default="", repr=False)
    """Item 31: the signature, or that it is on file."""
    signed_on: dt.date | None = None
