"""What is asked of patients, coverages, providers and payers; `app.practice` judges what is typed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django import forms

from anodyne.app.practice import registry_lists
from anodyne.reference.policy_files import FILINGS
from anodyne.x12.structure.codes import LISTS

Choices = Sequence[tuple[str, str]]

_DAY_HELP: Final = "As 10/14/2026."
_SEXES: Final[Choices] = (("", "Choose"), ("F", "female"), ("M", "male"), ("U", "not known"))
_STATES: Final[Choices] = (("", "Choose"), *((code, code) for code in LISTS["state"].split()))
_PLACES: Final[Choices] = (("", "Choose"), *((code, code) for code in LISTS["pos"].split()))
_FILINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "11": "other, not federal", "12": "PPO", "13": "point of service", "14": "EPO", "15": "indemnity",
        "16": "Medicare Advantage HMO", "17": "dental", "AM": "car insurance", "BL": "a Blue plan",
        "CH": "Tricare", "CI": "commercial", "DS": "disability", "FI": "federal employees", "HM": "HMO",
        "LM": "liability", "MA": "Medicare Part A", "MB": "Medicare Part B", "MC": "Medicaid",
        "OF": "other federal", "TV": "Title V", "VA": "veterans", "WC": "workers' compensation",
        "ZZ": "agreed with the payer, or not known",
    }
)  # fmt: skip
"""Claim filing codes in our own words."""
_TAX_IDS: Final[Choices] = (("EI", "an employer's"), ("SY", "a social security number"))
_RANKS: Final[Choices] = (("1", "first"), ("2", "second"), ("3", "third"))
_RELATIONS: Final[Choices] = (
    ("18", "the insured themselves"), ("01", "their spouse"), ("19", "their child"),
    ("53", "their life partner"), ("20", "their employee"), ("39", "organ donor"), ("40", "donor who died"),
    ("G8", "something else"), ("21", "not known"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One field: its label, how wide it is, and what helps."""

    label: str
    size: int = 24
    help: str = ""
    choices: Choices = ()
    area: bool = False
    tick: bool = False

    def made(self) -> forms.Field:
        """The field; nothing is judged here."""
        if self.tick:
            return forms.BooleanField(required=False, label=self.label, help_text=self.help)
        widget: forms.Widget
        if self.choices:
            widget = forms.Select(choices=self.choices)
        elif self.area:
            widget = forms.Textarea({"rows": "14", "spellcheck": "false", "class": "code"})
        else:
            widget = forms.TextInput({"size": str(self.size), "autocomplete": "off", "spellcheck": "false"})
        return forms.CharField(
            required=False, label=self.label, help_text=self.help, widget=widget, strip=False
        )


Groups = Mapping[str, Mapping[str, Asked]]


class TypedForm(forms.Form):
    """Fields in groups; what is typed in them stays, whatever is wrong."""

    def __init__(
        self, groups: Groups, sent: Mapping[str, Any] | None, *, initial: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sent, initial=dict(initial or {}), label_suffix="")
        self._groups = groups
        for fields in groups.values():
            for name, asked in fields.items():
                self.fields[name] = asked.made()
        if sent is None:
            self.begin_at(next(iter(self.fields)))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields, by what stands over them."""
        return [(title, [self[name] for name in fields]) for title, fields in self._groups.items()]

    def shown(self) -> list[tuple[str, str]]:
        """Label and value of each field, for who may not change it."""
        return [(str(self[name].label), self._words(name)) for name in self.fields]

    def _words(self, name: str) -> str:
        value = str(self.initial.get(name, ""))
        widget = self.fields[name].widget
        told = dict(widget.choices) if isinstance(widget, forms.Select) and value else {}
        return str(told.get(value, value))

    def typed(self) -> dict[str, str]:
        """What was typed."""
        self.is_valid()
        return {
            name: ("on" if value else "") if isinstance(value, bool) else str(value)
            for name, value in self.cleaned_data.items()
        }

    def tell(self, wrong: Mapping[str, str]) -> None:
        """Show what is wrong beside each field; the page begins in the first."""
        for name, message in wrong.items():
            self.add_error(name if name in self.fields else None, f"{message[:1].upper()}{message[1:]}.")
        self.begin_at(next((name for name in wrong if name in self.fields), ""))

    def begin_at(self, name: str) -> None:
        """Let the page begin in that field."""
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True


def _address(*, help_of_zip: str = "Five or nine digits.") -> dict[str, Asked]:
    return {
        "street": Asked("Street", 36),
        "street_more": Asked("More of the street", 24),
        "city": Asked("City", 22),
        "state": Asked("State", choices=_STATES),
        "zip": Asked("ZIP", 11, help_of_zip),
    }


def patient_fields(*, twin: bool = False) -> Groups:
    """Of a patient; `twin` asks whether it is another person than the one who is here."""
    same = {"Is it somebody else?": {"twin": Asked("Another person of this name and birth date", tick=True)}}
    return {
        **(same if twin else {}),
        "Who": {
            "last": Asked("Last name", 26, "As the card has it."),
            "first": Asked("First name", 22),
            "middle": Asked("Middle name", 14),
            "suffix": Asked("Suffix", 6),
            "birth_date": Asked("Born", 11, "As 04/02/1950."),
            "sex": Asked("Sex", choices=_SEXES),
        },
        "Where": {**_address(), "phone": Asked("Telephone", 14)},
        "Numbers": {
            "number": Asked("Patient number", 16, "Left empty, they get the next one."),
            "medical_record": Asked("Medical record number", 20),
        },
    }


def coverage_fields(*, changing: bool) -> Groups:
    """Of a coverage; one that is changed may become another from a day on."""
    days = {
        "since": Asked("First day", 11, _DAY_HELP),
        "until": Asked("Last day", 11, "Empty while it holds."),
    }
    if changing:
        days["changes_on"] = Asked(
            "The change holds from", 11, "Where payer, rank or member id are others; the old one ends then."
        )  # fmt: skip
    return {
        "Who pays": {
            "rank": Asked("Pays", choices=_RANKS),
            "payer": Asked("Payer", choices=(("", "Choose"), *registry_lists.payer_choices())),
            "plan": Asked("Plan", choices=(("", "None"), *registry_lists.plan_choices())),
            "member_id": Asked("Member id", 22, "As the card has it."),
            "group_number": Asked("Group", 18),
        },
        "Who is insured": {
            "relationship": Asked("The patient is", choices=_RELATIONS),
            "subscriber_last": Asked("Insured: last name", 22, "Only where it is somebody else."),
            "subscriber_first": Asked("First name", 18),
            "subscriber_birth_date": Asked("Born", 11),
            "subscriber_sex": Asked("Sex", choices=(("", "–"), *_SEXES[1:])),
        },
        "When": days,
    }


def authorisation_fields() -> Groups:
    """Of an authorisation."""
    return {
        "What was authorised": {
            "payer": Asked("Payer", choices=(("", "Choose"), *registry_lists.payer_choices())),
            "number": Asked("Number", 22, "As the payer gave it."),
            "codes": Asked("Codes", 30, "With blanks between; empty for any."),
            "units": Asked("Units", 6, "Empty where they are not counted."),
            "pos": Asked("Place of service", choices=(("", "any"), *_PLACES[1:])),
        },
        "When": {"since": Asked("First day", 11, _DAY_HELP), "until": Asked("Last day", 11)},
    }


def list_fields(kind: str) -> Groups:
    """Of a row of one of `registry_lists.KINDS`."""
    return _LISTS[kind]()


def _provider_fields() -> Groups:
    users: Iterable[tuple[str, str]] = registry_lists.users()
    return {
        "Who": {
            "last": Asked("Last name", 26),
            "first": Asked("First name", 22),
            "npi": Asked("NPI", 12, "Ten digits; the last is checked."),
            "taxonomy": Asked("Taxonomy", 12, "As 208VP0014X."),
            "user": Asked("Signs in as", choices=(("", "nobody"), *users)),
        }
    }


def _billing_fields() -> Groups:
    return {
        "Who bills": {
            "name": Asked("Name", 36, "Of an organisation, or a person's last name."),
            "first": Asked("First name", 20, "Only of a person."),
            "npi": Asked("NPI", 12, "Ten digits; the last is checked."),
            "tax_id": Asked("Tax id", 12, "Nine digits."),
            "tax_id_kind": Asked("It is", choices=_TAX_IDS),
            "taxonomy": Asked("Taxonomy", 12, "As 208VP0014X."),
        },
        "Where": {**_address(help_of_zip="Nine digits."), "phone": Asked("Telephone", 14)},
    }  # fmt: skip


def _facility_fields() -> Groups:
    return {
        "The place": {
            "name": Asked("Name", 36),
            "npi": Asked("NPI", 12, "Where it has its own."),
            "pos": Asked("Place of service", choices=_PLACES, help="11 is an office."),
        },
        "Where": _address(),
    }


def _payer_fields() -> Groups:
    filings = tuple((code, f"{code} · {_FILINGS[code]}") for code in FILINGS)
    return {
        "Who pays": {
            "name": Asked("Name", 36),
            "payer_id": Asked("Payer id", 16, "Under which claims go to it."),
            "filing": Asked("Kind", choices=(("", "Choose"), *filings)),
            "answer_days": Asked("Answers within days", 5, "After them a claim is asked about."),
        },
        "Where paper goes": _address(),
        "What it wants": {
            "policy": Asked("Policy", area=True, help="TOML, as docs/policies.md says; empty for none.")
        },
    }


_LISTS: Final = {
    "providers": _provider_fields,
    "billing": _billing_fields,
    "facilities": _facility_fields,
    "payers": _payer_fields,
}


def credential_fields() -> Groups:
    """Of a credential."""
    return {
        "The credential": {
            "kind": Asked("What", 20, "As MD, NP, PA, DEA or enrolment."),
            "payer": Asked("With", choices=(("", "no payer"), *registry_lists.payer_choices())),
            "number": Asked("Number", 20),
            "since": Asked("First day", 11, _DAY_HELP),
            "until": Asked("Last day", 11, "Empty while it holds."),
        }
    }


def plan_fields() -> Groups:
    """Of a plan."""
    return {"The plan": {"name": Asked("Name", 36), "group_number": Asked("Group", 18)}}
