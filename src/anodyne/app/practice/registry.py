"""Patients by hand: their list, who they are, and all that is known of one."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.fields import BigIntegerField
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from anodyne.app.practice.intake import in_turn
from anodyne.app.practice.registry_coverages import AuthorisationUse, Stale, stale_claims, used
from anodyne.app.practice.registry_rows import (
    ADDRESS,
    Values,
    address,
    choice,
    day_typed,
    keep,
    needed,
    opened,
    ordered,
    phone,
    phone_typed,
    put,
    zip_typed,
)
from anodyne.app.practice.typed import Typed, long_ago
from anodyne.app.practice.worklists import patients_like
from anodyne.sheets.patients import SEXES
from anodyne.store.models import (
    Appointment,
    Authorisation,
    Claim,
    ClaimState,
    Coverage,
    Note,
    Patient,
    Payer,
    Plan,
    Task,
    Trail,
)

_ID: Final = re.compile("[A-Za-z0-9._/#-]{1,38}")
PAGE: Final = 50
MOST: Final = 100
"""Of the claims, notes or changes that the page of a patient shows."""
PATIENT_FIELDS: Final = (
    "last", "first", "middle", "suffix", "birth_date", "sex", *ADDRESS, "phone", "number", "medical_record",
    "twin",
)  # fmt: skip
"""What is asked of a patient."""
_SETTLED: Final = (ClaimState.PAID, ClaimState.CLOSED)
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "last": "last name",
        "first": "first name",
        "zip": "ZIP",
        "payer_id": "payer",
        "plan_id": "plan",
        "period": "days",
        "pos": "place of service",
        "birth_date": "born",
    }
)
_TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {"patients": "the patient", "coverages": "a coverage", "authorisations": "an authorisation"}
)
_DID: Final[Mapping[str, str]] = MappingProxyType(
    {"insert": "added", "update": "changed", "delete": "removed"}
)
_UNTOLD: Final = frozenset({"last_upper", "first_upper"})


@dataclass(frozen=True, slots=True)
class Listed:
    """Some patients, by name."""

    rows: Sequence[Patient] = field(repr=False)
    following: int | None
    """The key after which the next ones come; None where these are the last."""


@dataclass(frozen=True, slots=True)
class Billed:
    """A claim, and what is still open of it with the payer, in cents."""

    claim: Claim = field(repr=False)
    open_cents: int


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody, or the program, did to one row."""

    row: Trail = field(repr=False)
    what: str
    columns: Sequence[tuple[str, str, str]] = field(repr=False)
    """What changed, how it stood before, and after; nothing of a row that was added."""


@dataclass(frozen=True, slots=True)
class PatientPage:
    """A patient with all that belongs to them."""

    patient: Patient = field(repr=False)
    current: Sequence[Coverage] = field(repr=False)
    """What covers them today, the first payer first."""
    other: Sequence[Coverage] = field(repr=False)
    """What covered them before, or will, the latest first."""
    stale: Sequence[Stale] = field(repr=False)
    coming: Sequence[Appointment] = field(repr=False)
    past: Sequence[Appointment] = field(repr=False)
    authorisations: Sequence[AuthorisationUse] = field(repr=False)
    claims: Sequence[Billed] = field(repr=False)
    tasks: Sequence[Task] = field(repr=False)
    notes: Sequence[Note] = field(repr=False)
    changes: Sequence[Change] = field(repr=False)

    @property
    def names_old_payer(self) -> bool:
        """Whether it is the payer that open claims have wrong, each of them."""
        return all(one.names_old_payer for one in self.stale)

    @property
    def open_cents(self) -> int:
        """What is still open with payers."""
        return sum(one.open_cents for one in self.claims)

    @property
    def patient_cents(self) -> int:
        """What payers left to the patient."""
        return sum(one.claim.patient_cents for one in self.claims)


def patients(words: str = "", *, after: int | None = None) -> Listed:
    """Patients of whom number or name begin with `words` (as `worklists.searched` gives them), else all.

    In the order of their names; those that come after the patient of the key `after`.
    """
    found = patients_like(words) if words else Patient.objects.order_by("last_upper", "first_upper", "pk")
    last = None if after is None else Patient.objects.filter(pk=after).first()
    if last is not None:
        same = Q(last_upper=last.last_upper)
        found = found.filter(
            Q(last_upper__gt=last.last_upper)
            | same & Q(first_upper__gt=last.first_upper)
            | same & Q(first_upper=last.first_upper, pk__gt=last.pk),
            last_upper__gte=last.last_upper,
        )
    rows = list(found[: PAGE + 1])
    return Listed(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def patient(key: int) -> Patient | None:
    """The patient of this key."""
    return Patient.objects.filter(pk=key).first()


def patient_typed(row: Patient) -> dict[str, str]:
    """The fields of a patient, as `keep_patient` takes them."""
    as_they_are = {name: getattr(row, name) for name in PATIENT_FIELDS if name != "twin"}
    return {
        **as_they_are,
        "birth_date": day_typed(row.birth_date),
        "zip": zip_typed(row.zip),
        "phone": phone_typed(row.phone),
    }


@transaction.atomic
def keep_patient(values: Values, *, as_of: dt.date, key: int | None = None, stood: str = "") -> Patient:
    """Add a patient, or change the one of `key`, who stood as `stood` (`registry_rows.seen`).

    A patient without a number gets the next one.  Somebody of the same name and birth date is told, unless
    `twin` says that it is another person.  Raises BadFields, BadRequest or Outdated; nothing is kept then.
    """
    in_turn()
    row = Patient() if key is None else opened(Patient.objects.all(), key, stood, "this patient")
    typed = Typed(values)
    wrong = typed.wrong
    told: dict[str, Any] = {
        "last": needed(typed, "last", 60, "write the last name"),
        "first": typed.text("first", 35),
        "middle": typed.text("middle", 25),
        "suffix": typed.text("suffix", 10),
        "birth_date": typed.needed("birth_date", long_ago, "write the day of birth"),
        "sex": choice(typed, "sex", SEXES, "choose one: claims ask for it"),
        **address(typed),
        "phone": typed.read("phone", phone) or "",
        "number": typed.read("number", _own_id) or row.number or _next_number(),
        "medical_record": typed.text("medical_record", 50),
    }
    born = told["birth_date"]
    if born is not None and born > as_of:
        wrong["birth_date"] = "this day has not come yet"
    is_other = any(told[name] != getattr(row, name, None) for name in ("last", "first", "birth_date"))
    if not wrong and is_other and not typed.ticked("twin"):
        twin = _twin(row, told)
        if twin is not None:
            wrong["twin"] = (
                f"number {twin.number} has this name and birth date: open them from the list, "
                "or tick this where it is another person"
            )
    once = {"patients_number_once": ("number", "another patient has this number")}
    return keep(put(row, told), ordered(typed, PATIENT_FIELDS), where="the patient", once=once)


def patient_page(key: int, *, as_of: dt.date) -> PatientPage | None:
    """Everything of the patient of this key on the day `as_of`; None where there is none."""
    row = patient(key)
    if row is None:
        return None
    covered = row.coverages.select_related("payer", "plan").order_by("rank", "-period")
    coverages = list(covered)
    now = [one for one in coverages if as_of in _Days(one)]
    appointments = Appointment.objects.filter(patient=row).select_related("provider", "facility")
    moment = timezone.now()
    claims = Claim.objects.filter(patient=row).select_related("payer").order_by("-served_on", "-pk")
    tasks = Task.objects.filter(Q(patient=row) | Q(claim__patient=row), done_at=None)
    approved = list(Authorisation.objects.filter(patient=row).select_related("payer").order_by("-period"))
    return PatientPage(
        patient=row,
        current=now,
        other=[one for one in coverages if one not in now],
        stale=stale_claims(row),
        coming=list(appointments.filter(when__startswith__gte=moment).order_by("when")[:MOST]),
        past=list(appointments.filter(when__startswith__lt=moment).order_by("-when")[:MOST]),
        authorisations=used(approved),
        claims=[Billed(one, _open_cents(one)) for one in claims[:MOST]],
        tasks=list(tasks.select_related("owner", "claim").order_by("due_on", "pk")[:MOST]),
        notes=list(
            Note.objects.filter(claim__patient=row)
            .select_related("by", "claim")
            .order_by("-created_at")[:MOST]
        ),
        changes=_changes(row, coverages, approved),
    )


class _Days:
    """The days of a coverage."""

    def __init__(self, row: Coverage) -> None:
        self._period = row.period

    def __contains__(self, day: dt.date) -> bool:
        first, end = self._period.lower or dt.date.min, self._period.upper or dt.date.max
        return bool(first <= day < end)


def _open_cents(claim: Claim) -> int:
    if claim.state in _SETTLED:
        return 0
    return max(0, claim.charge_cents - claim.paid_cents - claim.patient_cents)


def _twin(row: Patient, told: Mapping[str, Any]) -> Patient | None:
    same = Patient.objects.filter(
        last_upper=told["last"].upper(), first_upper=told["first"].upper(), birth_date=told["birth_date"]
    )
    return same.exclude(pk=row.pk).first()


def _own_id(text: str) -> str:
    if _ID.fullmatch(text) is None:
        raise ValueError("write 1 to 38 letters, digits and . _ / # -")
    return text


def _next_number() -> str:
    """The next of P1, P2 and so on."""
    counted = Patient.objects.filter(number__regex=r"^P[0-9]{1,9}$")
    last = counted.aggregate(last=Max(Cast(Substr("number", 2), BigIntegerField())))["last"]
    return f"P{(last or 0) + 1}"


def _changes(row: Patient, coverages: Sequence[Coverage], approved: Sequence[Authorisation]) -> list[Change]:
    of_rows = Q(table="patients", row=row.pk)
    of_rows |= Q(table="coverages", row__in=[one.pk for one in coverages])
    of_rows |= Q(table="authorisations", row__in=[one.pk for one in approved])
    found = list(Trail.objects.filter(of_rows).select_related("user").order_by("-pk")[:MOST])
    keys = {name: {_value(one, name) for one in found} for name in ("payer_id", "plan_id")}
    names = {
        "payer_id": dict(
            Payer.objects.filter(pk__in=set().union(*keys["payer_id"])).values_list("pk", "name")
        ),
        "plan_id": dict(Plan.objects.filter(pk__in=set().union(*keys["plan_id"])).values_list("pk", "name")),
    }
    return [
        Change(one, f"{_DID.get(one.action, one.action)} {_TABLES[one.table]}", _columns(one, names))
        for one in found
    ]


def _value(change: Trail, name: str) -> frozenset[int]:
    told = ((side or {}).get(name) for side in (change.before, change.after))
    return frozenset(key for key in told if isinstance(key, int))


def _columns(change: Trail, names: Mapping[str, Mapping[int, str]]) -> list[tuple[str, str, str]]:
    if change.action != "update":
        return []
    before, after = change.before or {}, change.after or {}
    told = [name for name in sorted(after) if name not in _UNTOLD]
    return [
        (
            _WORDS.get(name, name.replace("_", " ")),
            _told(name, before.get(name), names),
            _told(name, after[name], names),
        )
        for name in told
    ]


def _told(name: str, value: object, names: Mapping[str, Mapping[int, str]]) -> str:
    if value is None:
        return ""
    if name in names:
        return names[name].get(int(str(value)), "")
    if name == "period":
        first, _, end = str(value).strip("[)").partition(",")
        return f"from {first or 'ever'} until before {end}" if end else f"from {first or 'ever'} on"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
