"""Providers, who bills, places of service and payers by hand: what a practice keeps for all its patients."""

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from anodyne.app.home import data_home
from anodyne.app.practice.registry_rows import (
    ADDRESS,
    Values,
    address,
    choice,
    days_typed,
    keep,
    key_of,
    meet,
    needed,
    npi,
    opened,
    ordered,
    period,
    phone,
    phone_typed,
    put,
    taxonomy,
    zip_typed,
)
from anodyne.app.practice.typed import Typed
from anodyne.kernel.errors import AnodyneError, BadRequest
from anodyne.reference.policy_files import FILINGS, load_policies
from anodyne.store.models import (
    BillingProvider,
    Credential,
    Facility,
    Membership,
    Payer,
    Plan,
    Provider,
)
from anodyne.x12.structure.codes import LISTS

if TYPE_CHECKING:
    from django.db.models import QuerySet

Told = dict[str, Any]

TAX_ID_KINDS: Final = ("EI", "SY")
"""An employer's number, or a person's social security number."""
CREDENTIAL_FIELDS: Final = ("kind", "payer", "number", "since", "until")
PLAN_FIELDS: Final = ("name", "group_number")
_LONGEST_POLICY: Final = 200_000
_TAX_DIGITS: Final = 9
_MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the lists."""

    model: Any
    one: str
    """As messages name a row of it."""
    fields: Sequence[str]
    order: Sequence[str]
    read: Callable[[Typed, Any], Told]
    """The columns of a row, from what was typed; what is wrong stays in `Typed.wrong`."""
    once: Mapping[str, tuple[str, str]]


def rows(kind: str) -> "QuerySet[Any]":
    """Every row of a list, in its order."""
    told = KINDS[kind]
    found: QuerySet[Any] = told.model.objects.order_by(*told.order)
    return found


def row(kind: str, key: int) -> Any:  # noqa: ANN401  a row of whichever list
    """The row of this key; None where there is none."""
    return KINDS[kind].model.objects.filter(pk=key).first()


def typed(kind: str, found: Any) -> dict[str, str]:  # noqa: ANN401  a row of whichever list
    """The fields of a row, as `keep_row` takes them."""
    told = {}
    for name in KINDS[kind].fields:
        value = getattr(found, "user_id" if name == "user" else name)
        told[name] = "" if value is None else str(value)
    for name, form in {"zip": zip_typed, "phone": phone_typed}.items():
        if name in told:
            told[name] = form(told[name])
    return told


@transaction.atomic
def keep_row(kind: str, values: Values, *, key: int | None = None, stood: str = "") -> Any:  # noqa: ANN401
    """Add a row to a list, or change the one of `key`, which stood as `stood`.

    `kind` is one of KINDS.  Raises BadFields, BadRequest or Outdated; nothing is kept then.
    """
    told = KINDS[kind]
    found = told.model() if key is None else opened(told.model.objects.all(), key, stood, told.one)
    fields = Typed(values)
    columns = told.read(fields, found)
    return keep(put(found, columns), ordered(fields, told.fields), where=told.one, once=told.once)


def _provider(typed: Typed, _found: Provider) -> Told:
    user = key_of(typed, "user")
    if typed.id("user") and not Membership.objects.filter(user_id=user, is_active=True).exists():
        typed.wrong["user"] = "choose somebody who works here"
    return {
        "npi": typed.needed("npi", npi, "write the NPI"),
        "last": needed(typed, "last", 60, "write the last name"),
        "first": typed.text("first", 35),
        "taxonomy": typed.read("taxonomy", taxonomy) or "",
        "user_id": user or None,
    }


def _billing(typed: Typed, _found: BillingProvider) -> Told:
    where = address(typed, wanted=True)
    if where["zip"] and len(where["zip"]) < 9:
        typed.wrong.setdefault("zip", "write all nine digits: claims need them of who bills")
    return {
        "npi": typed.needed("npi", npi, "write the NPI"),
        "name": needed(typed, "name", 60, "write the name, as the payers know it"),
        "first": typed.text("first", 35),
        "tax_id": typed.needed("tax_id", _tax_id, "write the tax id"),
        "tax_id_kind": choice(typed, "tax_id_kind", TAX_ID_KINDS, "choose whose number it is"),
        "taxonomy": typed.read("taxonomy", taxonomy) or "",
        **where,
        "phone": typed.read("phone", phone) or "",
    }


def _facility(typed: Typed, _found: Facility) -> Told:
    return {
        "name": needed(typed, "name", 60, "write the name"),
        "npi": typed.read("npi", npi) or "",
        "pos": choice(typed, "pos", LISTS["pos"].split(), "choose the place of service"),
        **address(typed),
    }


def _payer(typed: Typed, found: Payer) -> Told:
    policy = typed.raw("policy").replace("\r\n", "\n").strip()
    told = {
        "name": needed(typed, "name", 60, "write the name"),
        "payer_id": needed(typed, "payer_id", 80, "write the id under which claims go to it"),
        "filing": choice(typed, "filing", FILINGS, "choose what kind of payer it is"),
        "answer_days": typed.read("answer_days", _days),
        **address(typed),
        "policy": f"{policy}\n" if policy else "",
    }
    if len(policy) > _LONGEST_POLICY:
        typed.wrong["policy"] = "this is longer than any policy"
    elif policy:
        wrong = policy_fault(policy, found.pk or 0)
        if wrong:
            typed.wrong["policy"] = wrong
    return told


def policy_fault(text: str, payer: int = 0) -> str:
    """What is wrong with the text of a policy, alone and beside those of all other payers; empty for nothing.

    `payer` is the key of the payer whose it is, where that is kept already.
    """
    others = Payer.objects.exclude(policy="").exclude(pk=payer)
    with tempfile.TemporaryDirectory(prefix="anodyne-") as made:
        folder = Path(made).resolve()
        names = {"policy.toml": "the policy"}
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        for other in others:
            names[f"payer{other.pk}.toml"] = f"the policy of {other.name}"
            (folder / f"payer{other.pk}.toml").write_text(other.policy, encoding="utf-8")
        try:
            load_policies([folder], data_home())
        except AnodyneError as error:
            where = error.where
            for file, name in names.items():
                where = where.replace(str(folder / file), name)
            return f"{where}: {error.what}. {error.fix}".removesuffix(".")
    return ""


def _tax_id(text: str) -> str:
    told = text.replace("-", "")
    if not (told.isascii() and told.isdecimal() and len(told) == _TAX_DIGITS):
        raise ValueError("write nine digits, as 34-1234567")
    return told


def _days(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text[:9]) <= _MOST_DAYS:
        raise ValueError("write a number of days, as 30")
    return int(text)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "providers": Kind(
            Provider, "the provider", ("last", "first", "npi", "taxonomy", "user"), ("last", "first", "npi"),
            _provider, {"providers_npi_once": ("npi", "another provider has this NPI")},
        ),
        "billing": Kind(
            BillingProvider, "the billing provider",
            ("name", "first", "npi", "tax_id", "tax_id_kind", "taxonomy", *ADDRESS, "phone"), ("name", "npi"),
            _billing, {"billing_providers_npi_once": ("npi", "another billing provider has this NPI")},
        ),
        "facilities": Kind(
            Facility, "the place of service", ("name", "npi", "pos", *ADDRESS), ("name",),
            _facility, {"facilities_name_once": ("name", "another place has this name")},
        ),
        "payers": Kind(
            Payer, "the payer", ("name", "payer_id", "filing", "answer_days", *ADDRESS, "policy"),
            ("name", "payer_id"),
            _payer, {"payers_id_once": ("payer_id", "another payer has this id")},
        ),
    }
)  # fmt: skip
"""The lists that a practice keeps, by the name in their addresses."""


def users() -> list[tuple[str, str]]:
    """Who works here, by key and name."""
    active = Membership.objects.filter(is_active=True).select_related("user").order_by("user__name")
    return [(str(one.user_id), one.user.name) for one in active]


def payer_choices() -> list[tuple[str, str]]:
    """Payers by key, with name and id."""
    return [(str(one.pk), f"{one.name} ({one.payer_id})") for one in rows("payers")]


def plan_choices() -> list[tuple[str, str]]:
    """Plans by key, with the name of their payer."""
    plans = Plan.objects.select_related("payer").order_by("payer__name", "name")
    return [(str(one.pk), f"{one.payer.name}: {one.name}") for one in plans]


def credentials_of(provider: Provider) -> list[Credential]:
    """What a provider is or may do, the latest first."""
    return list(provider.credentials.select_related("payer").order_by("kind", "-period"))


def credential_of(provider: Provider, key: int) -> Credential | None:
    """The credential of this key, where it is the provider's."""
    return provider.credentials.filter(pk=key).first()


def credential_typed(found: Credential) -> dict[str, str]:
    """The fields of a credential, as `keep_credential` takes them."""
    payer = "" if found.payer_id is None else str(found.payer_id)
    return {"kind": found.kind, "payer": payer, "number": found.number, **days_typed(found.period)}


@transaction.atomic
def keep_credential(
    provider: Provider, values: Values, *, key: int | None = None, stood: str = ""
) -> Credential:
    """Add a credential of `provider`, or change the one of `key`, which stood as `stood`.

    Of one kind a provider has one at a time, with each payer.  Raises BadFields, BadRequest or Outdated.
    """
    Provider.objects.select_for_update().get(pk=provider.pk)
    where, some = "the credential", Credential.objects.all()
    found = Credential(provider=provider) if key is None else opened(some, key, stood, where)
    _demand(found.provider_id == provider.pk, where)
    fields = Typed(values)
    payer = Payer.objects.filter(pk=key_of(fields, "payer")).first()
    if fields.id("payer") and payer is None:
        fields.wrong["payer"] = "choose a payer, or none"
    put(
        found,
        {
            "kind": needed(fields, "kind", 40, "write what it is, as MD, NP, DEA or enrolment"),
            "payer": payer,
            "number": fields.text("number", 50),
            "period": period(fields, since="write the first day"),
        },
    )
    same = provider.credentials.filter(kind__iexact=found.kind, payer=payer).exclude(pk=found.pk)
    if not fields.wrong and any(meet(found.period, other.period) for other in same):
        fields.wrong["since"] = "another of this kind holds on some of these days: end that first"
    return keep(found, ordered(fields, CREDENTIAL_FIELDS), where=where, once={})


def plans_of(payer: Payer) -> list[Plan]:
    """A payer's plans by name."""
    return list(payer.plans.order_by("name"))


def plan_of(payer: Payer, key: int) -> Plan | None:
    """The plan of this key, where it is the payer's."""
    return payer.plans.filter(pk=key).first()


def plan_typed(found: Plan) -> dict[str, str]:
    """The fields of a plan, as `keep_plan` takes them."""
    return {"name": found.name, "group_number": found.group_number}


@transaction.atomic
def keep_plan(payer: Payer, values: Values, *, key: int | None = None, stood: str = "") -> Plan:
    """Add a plan of `payer`, or change the one of `key`; raises BadFields, BadRequest or Outdated."""
    where = "the plan"
    found = Plan(payer=payer) if key is None else opened(Plan.objects.all(), key, stood, where)
    _demand(found.payer_id == payer.pk, where)
    fields = Typed(values)
    put(
        found,
        {
            "name": needed(fields, "name", 60, "write the name"),
            "group_number": fields.text("group_number", 50),
        },
    )
    once = {"plans_name_once": ("name", "this payer has a plan of this name")}
    return keep(found, fields.wrong, where=where, once=once)


def in_force(found: Credential, day: dt.date) -> bool:
    """Whether a credential holds on a day."""
    return (found.period.lower or dt.date.min) <= day < (found.period.upper or dt.date.max)


def _demand(is_its: bool, where: str) -> None:
    if not is_its:
        raise BadRequest(f"{where} is not here", where=where, fix="Look for it in its list.")
