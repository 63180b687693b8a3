"""Coverages and authorisations of a patient by hand, and the claims that no longer say what covers them.

Another payer, rank or member id is another coverage: the old one ends on the day on which the new one begins.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.app.practice import entry
from anodyne.app.practice.registry_rows import (
    Values,
    choice,
    day_typed,
    days_typed,
    keep,
    key_of,
    meet,
    needed,
    opened,
    ordered,
    period,
    put,
    refuse,
)
from anodyne.app.practice.typed import Typed, code, long_ago
from anodyne.kernel.errors import BadFields, BadRequest
from anodyne.sheets.patients import SEXES
from anodyne.store.models import (
    Authorisation,
    Claim,
    ClaimState,
    ClaimVersion,
    Coverage,
    Encounter,
    Line,
    Patient,
    Payer,
    Plan,
)
from anodyne.x12.structure.codes import LISTS

SELF: Final = "18"
COVERAGE_FIELDS: Final = (
    "rank", "payer", "plan", "member_id", "group_number", "relationship", "subscriber_last",
    "subscriber_first", "subscriber_birth_date", "subscriber_sex", "since", "until", "changes_on",
)  # fmt: skip
"""What is asked of a coverage; `changes_on` is the first day of another payer, rank or member id."""
AUTHORISATION_FIELDS: Final = ("payer", "number", "codes", "units", "pos", "since", "until")
_RANKS: Final = ("1", "2", "3")
_BY_LETTER: Final = {letter: rank for rank, letter in entry.RANKS.items()}
_ANOTHER: Final = ("payer_id", "rank", "member_id")
"""What makes it another coverage."""
_SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "payer_id": "payer id",
        "filing": "kind of payer",
        "member_id": "member id",
        "group_number": "group",
        "relationship": "relationship",
        "birth_date": "birth date",
        "sex": "sex",
    }
)
"""What an open claim repeats of a payer, coverage and patient; names and addresses are told as it leaves."""
_SUBSCRIBER: Final = ("subscriber_last", "subscriber_first", "subscriber_birth_date", "subscriber_sex")
_OPEN: Final = (ClaimState.HELD, ClaimState.READY, ClaimState.BATCHED)
_VOID: Final = "8"
_MOST_UNITS: Final = 99_999
_A_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stale:
    """A claim that has not left and says something else than what covers its day."""

    claim: Claim = field(repr=False)
    why: str
    why_not: str
    """Why `remake` cannot let it say what covers the day; empty where it can."""
    names_old_payer: bool = False


@dataclass(frozen=True, slots=True)
class AuthorisationUse:
    """An authorisation, and how many of its units the claims here used."""

    row: Authorisation = field(repr=False)
    used: int

    @property
    def left(self) -> int | None:
        """Units that are left; None where none are counted."""
        return None if self.row.units is None else self.row.units - self.used


def coverage_of(patient: int, key: int) -> Coverage | None:
    """The coverage of this key, where it is the patient's."""
    found = Coverage.objects.select_related("payer", "plan", "patient")
    return found.filter(patient_id=patient, pk=key).first()


def coverage_typed(row: Coverage) -> dict[str, str]:
    """The fields of a coverage, as `keep_coverage` takes them."""
    return {
        "rank": str(row.rank),
        "payer": str(row.payer_id),
        "plan": "" if row.plan_id is None else str(row.plan_id),
        "subscriber_birth_date": day_typed(row.subscriber_birth_date),
        **{
            name: getattr(row, name)
            for name in ("member_id", "group_number", "relationship", "subscriber_last", "subscriber_first",
                         "subscriber_sex")
        },
        **days_typed(row.period),
    }  # fmt: skip


@transaction.atomic
def keep_coverage(
    patient: Patient, values: Values, *, as_of: dt.date, key: int | None = None, stood: str = ""
) -> Coverage:
    """Add a coverage of `patient`, or change the one of `key`, which stood as `stood`; what it is now.

    Where payer, rank or member id are others, the old one ends before the day `changes_on` and another begins
    on it; only one that nothing was billed to is corrected in place, from its own first day.  Raises
    BadFields, BadRequest or Outdated; nothing is kept then.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    old = None if key is None else opened(Coverage.objects.all(), key, stood, "this coverage")
    if old is not None and old.patient_id != patient.pk:
        raise BadRequest("this coverage is not here", where="the coverage", fix="Look for it in its list.")
    typed = Typed(values)
    told = _coverage(typed, old, as_of)
    where = "the coverage"
    _refuse(typed, COVERAGE_FIELDS, where)
    if old is None or all(told[name] == getattr(old, name) for name in _ANOTHER):
        row = put(Coverage(patient=patient) if old is None else old, told)
        _refuse_meeting(row, "since", where)
        return _keep(row, "since")
    first = typed.needed("changes_on", long_ago, "write the first day on which this holds instead of the old")
    _refuse(typed, COVERAGE_FIELDS, where)
    return _succeed(old, told, first or as_of, where)


def _succeed(old: Coverage, told: dict[str, Any], first: dt.date, where: str) -> Coverage:
    """End `old` before the day `first`, from which another one says what is `told`."""
    start, end = old.period.lower, told["period"].upper
    if end is not None and end <= first:
        refuse({"changes_on": "this is after its last day"}, where)
    if start is not None and first <= start:
        if first < start or _is_billed(old):
            what = (
                f"claims name the old one: write a day after {day_typed(start)}"
                if first == start
                else f"this is before the old one began on {day_typed(start)}"
            )
            refuse({"changes_on": what}, where)
        row = put(old, told)
        _refuse_meeting(row, "changes_on", where)
        return _keep(row, "changes_on")
    if old.period.upper is not None and first > old.period.upper:
        refuse({"changes_on": "the old one had ended by then: add another coverage instead"}, where)
    old.period = DateRange(start, first)
    new = put(Coverage(patient_id=old.patient_id), {**told, "period": DateRange(first, end)})
    _refuse_meeting(new, "changes_on", where, besides=old.pk)
    old.save(update_fields=["period"])
    return _keep(new, "changes_on")


def _keep(row: Coverage, field: str) -> Coverage:
    once = {"coverages_rank_once": (field, "another coverage of this rank holds on some of these days")}
    return keep(row, {}, where="the coverage", once=once)


def _coverage(typed: Typed, old: Coverage | None, as_of: dt.date) -> dict[str, Any]:
    rank = choice(typed, "rank", _RANKS, "choose who pays first, second or third")
    payer = Payer.objects.filter(pk=key_of(typed, "payer")).first()
    if payer is None:
        typed.wrong["payer"] = "choose who pays"
    plan = Plan.objects.filter(pk=key_of(typed, "plan")).first()
    if typed.id("plan") and (plan is None or payer is None or plan.payer_id != payer.pk):
        typed.wrong["plan"] = "this is a plan of another payer"
    relationship = choice(
        typed, "relationship", (SELF, *LISTS["relationship"].split()), "choose what they are"
    )
    subscriber: dict[str, Any] = {
        "subscriber_last": typed.text("subscriber_last", 60),
        "subscriber_first": typed.text("subscriber_first", 35),
        "subscriber_birth_date": typed.read("subscriber_birth_date", long_ago),
        "subscriber_sex": typed.id("subscriber_sex"),
    }
    if subscriber["subscriber_sex"] not in ("", *SEXES):
        typed.wrong["subscriber_sex"] = "choose one, or leave it empty"
    born = subscriber["subscriber_birth_date"]
    if born is not None and born > as_of:
        typed.wrong["subscriber_birth_date"] = "this day has not come yet"
    if relationship == SELF and any(typed.id(name) for name in _SUBSCRIBER):
        typed.wrong.setdefault(
            "relationship", "somebody else is named as insured: choose what they are, or empty that"
        )
    if relationship != SELF and "relationship" not in typed.wrong and not subscriber["subscriber_last"]:
        typed.wrong.setdefault("subscriber_last", "write who is insured")
    begins_unknown = old is not None and old.period.lower is None
    group = typed.text("group_number", 50)
    return {
        "rank": int(rank) if rank in _RANKS else 0,
        "payer_id": payer and payer.pk,
        "plan_id": plan and plan.pk,
        "member_id": needed(typed, "member_id", 80, "write the member id as the card has it"),
        "group_number": group or (plan.group_number if plan is not None and old is None else ""),
        "relationship": relationship,
        **subscriber,
        "period": period(typed, since=None if begins_unknown else "write the first day"),
    }


def _refuse(typed: Typed, order: Sequence[str], where: str) -> None:
    refuse(ordered(typed, order), where)


def _refuse_meeting(row: Coverage, field: str, where: str, *, besides: int | None = None) -> None:
    """Raise BadFields where another coverage of the rank holds on some of the days."""
    others = Coverage.objects.filter(patient_id=row.patient_id, rank=row.rank).select_related("payer")
    for other in others.exclude(pk__in=[key for key in (row.pk, besides) if key is not None]):
        if meet(row.period, other.period):
            days = days_typed(other.period)
            until = f" until {days['until']}" if days["until"] else ""
            since = f" from {days['since']}" if days["since"] else ""
            told = (
                f"{other.payer.name} holds{since}{until} in this rank: end that first, or choose another rank"
            )
            refuse({field: told}, where)


def _is_billed(row: Coverage) -> bool:
    return Encounter.objects.filter(coverage=row).exists() or Claim.objects.filter(coverage=row).exists()


def stale_claims(patient: Patient) -> list[Stale]:
    """The patient's claims that have not left and say something else than is kept of who pays, or of them."""
    claims = Claim.objects.filter(patient=patient, state__in=_OPEN).select_related("payer", "encounter")
    coverages = list(patient.coverages.select_related("payer", "patient"))
    found = []
    for claim in claims.order_by("served_on", "pk"):
        right = _right(claim, coverages)
        why = _why_stale(claim, right)
        if why:
            hindered = "add what covers it" if right is None else entry.why_not_amended(claim) or ""
            other = right is not None and right.payer_id != claim.payer_id
            found.append(Stale(claim, why, hindered, names_old_payer=other))
    return found


def _right(claim: Claim, coverages: Iterable[Coverage]) -> Coverage | None:
    """What covers the day of a claim, in its rank."""
    that_day = DateRange(claim.served_on, claim.served_on + _A_DAY)
    of_rank = (one for one in coverages if one.rank == _BY_LETTER[claim.rank])
    return next((one for one in of_rank if meet(one.period, that_day)), None)


def _why_stale(claim: Claim, right: Coverage | None) -> str:
    if right is None:
        return "" if claim.coverage_id is None else "no coverage of its rank is known for its day"
    if right.payer_id != claim.payer_id:
        return f"names {claim.payer.name}, and {right.payer.name} covers its day"
    version = claim.versions.filter(closed_at=None).first()
    facts = {} if version is None else version.facts
    kept = {
        "payer_id": right.payer.payer_id,
        "filing": right.payer.filing,
        "member_id": right.member_id,
        "group_number": right.group_number,
        "relationship": right.relationship,
        "birth_date": right.patient.birth_date.isoformat(),
        "sex": right.patient.sex,
    }
    others = [word for name, word in _SAID.items() if facts.get(name) not in (None, kept[name])]
    return f"says another {', '.join(others)} than is kept" if others else ""


def remake(claim: int, revision: int, *, patient: int, as_of: dt.date) -> Claim:
    """Let a claim that was entered here, and has not left, name what covers its day.

    Raises BadRequest where it cannot be, BadFields and Outdated as `entry.amend`.
    """
    found = Claim.objects.filter(pk=claim, patient_id=patient).select_related("encounter", "patient").first()
    right = None if found is None else _right(found, found.patient.coverages.all())
    if found is None or right is None:
        raise BadRequest(
            "nothing is known that covers the day of this claim",
            where="the claim",
            fix="Add the coverage first.",
        )
    typed = {**entry.as_typed(found), "coverage": str(right.pk)}
    try:
        return entry.amend(claim, revision, typed, as_of=as_of)
    except BadFields as error:
        raise BadRequest(
            f"the charge is not as it should be: {error.what}",
            where=f"claim {found.claim_id}",
            fix="Open it as a charge and correct it there.",
        ) from error


def authorisation_of(patient: int, key: int) -> Authorisation | None:
    """The authorisation of this key, where it is the patient's."""
    return Authorisation.objects.select_related("payer").filter(patient_id=patient, pk=key).first()


def authorisation_typed(row: Authorisation) -> dict[str, str]:
    """The fields of an authorisation, as `keep_authorisation` takes them."""
    return {
        "payer": str(row.payer_id),
        "number": row.number,
        "codes": " ".join(row.codes),
        "units": "" if row.units is None else str(row.units),
        "pos": row.pos,
        **days_typed(row.period),
    }


@transaction.atomic
def keep_authorisation(
    patient: Patient, values: Values, *, key: int | None = None, stood: str = ""
) -> Authorisation:
    """Add an authorisation of `patient`, or change the one of `key`, which stood as `stood`.

    Raises BadFields, BadRequest or Outdated; nothing is kept then.
    """
    some, where = Authorisation.objects.all(), "this authorisation"
    row = Authorisation(patient=patient) if key is None else opened(some, key, stood, where)
    if row.patient_id != patient.pk:
        raise BadRequest("it is not here", where="the authorisation", fix="Look for it in its list.")
    typed = Typed(values)
    payer = Payer.objects.filter(pk=key_of(typed, "payer")).first()
    if payer is None:
        typed.wrong["payer"] = "choose who authorised it"
    told = {
        "payer_id": payer and payer.pk,
        "number": needed(typed, "number", 50, "write the number that the payer gave"),
        "codes": typed.read("codes", _codes) or [],
        "units": typed.read("units", _units),
        "pos": choice(typed, "pos", ("", *LISTS["pos"].split()), "choose a place of service, or none"),
        "period": period(typed, since="write the first day"),
    }
    once = {"authorisations_number_once": ("number", "this payer's number is kept already")}
    wrong = ordered(typed, AUTHORISATION_FIELDS)
    return keep(put(row, told), wrong, where="the authorisation", once=once)


def used(rows: Sequence[Authorisation]) -> list[AuthorisationUse]:
    """Each authorisation with the units that claims of its patient carry under its number.

    The last version of each claim counts, unless it takes the claim back; of its lines those of the codes
    that were approved, where any are named, on days on which it holds.
    """
    return [AuthorisationUse(row, row.units_used + _units_of(row)) for row in rows]


def _units_of(row: Authorisation) -> int:
    versions = ClaimVersion.objects.filter(claim__patient_id=row.patient_id, claim__payer_id=row.payer_id)
    last: dict[int, ClaimVersion] = {one.claim_id: one for one in versions.order_by("number")}
    counting = [
        one.pk
        for one in last.values()
        if one.frequency != _VOID and one.facts.get("auth_number") == row.number
    ]
    lines = Line.objects.filter(version__in=counting)
    if row.codes:
        lines = lines.filter(code__in=row.codes)
    days = [
        (line.units or 0, DateRange(line.served_on, line.served_on + _A_DAY))
        for line in lines
        if line.served_on is not None
    ]
    return round(sum(units for units, day in days if meet(row.period, day)))


def _codes(text: str) -> list[str]:
    told = [code(part) for part in text.replace(",", " ").replace(";", " ").split()]
    return list(dict.fromkeys(told))


def _units(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_UNITS:
        raise ValueError("write a whole number above 0")
    return int(text)
