"""What was done becomes a charge: the procedure builder with the practice's patients, payers and claims."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction
from django.db.models import F, Max

from anodyne.app.catalogue import cites_of
from anodyne.app.judging import judge_book
from anodyne.app.practice import entry
from anodyne.app.practice.checking import policies_for, tables
from anodyne.app.practice.editing import add_task
from anodyne.app.practice.lookups import MOST, Choice
from anodyne.app.practice.typed import LETTERS, SEPARATOR, cents, day
from anodyne.coding.build import build
from anodyne.coding.built import Built, LeftOut, Line, Question, Reason
from anodyne.coding.describe import families
from anodyne.coding.facts import Kind, facts_of
from anodyne.coding.muscle_names import MUSCLES
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.reading import options_of
from anodyne.coding.session import Biller
from anodyne.kernel.cite import Cite
from anodyne.kernel.errors import BadFacts, BadFields
from anodyne.kernel.money import dollars
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, DIAGNOSES, LINES
from anodyne.model.outcome import Outcome
from anodyne.rules.discover import claim_rules
from anodyne.store.books import Shelf, shelf
from anodyne.store.models import (
    Appointment,
    BillingProvider,
    Charge,
    Claim,
    ClaimVersion,
    Coverage,
    Encounter,
    Facility,
    Membership,
    Patient,
    Task,
    TaskKind,
)
from anodyne.store.scope import CurrentPractice

Values = Mapping[str, str]

VISIT: Final = (
    "patient", "coverage", "served_on", "facility", "rendering", "billing", "biller", "auth_number",
    *DIAGNOSES,
)  # fmt: skip
"""What is asked of a session beside its procedures; `app.practice.entry` knows all but `biller`."""
MOST_PROCEDURES: Final = 20
"""That the page takes in one session."""
_FACT: Final = re.compile(r"p(\d{1,2})-([a-z_]{1,40})")
_LETTERED: Final = re.compile(r"[A-L](?:[\s,]*[A-L]){0,11}", re.IGNORECASE)
_AS_LAST: Final = 2_000
"""So many of the newest charges tell what was charged last and which families are in use."""
_NOT_HERE: Final = ("cancelled", "missed", "no_show")
"""States of a visit that never was."""
_LONGEST_TITLE: Final = 200


@dataclass(frozen=True, slots=True)
class LastCharge:
    """What the practice charged last for the same line."""

    charge_cents: int
    served_on: dt.date


@dataclass(frozen=True, slots=True)
class FoundHere:
    """What the checker would find of the claim."""

    outcome: str
    rule: str
    message: str
    needs: Sequence[str]
    line: int | None
    """Counted from 1; None where it is the whole claim's."""
    cites: Sequence[Cite]


@dataclass(frozen=True, slots=True)
class LineHere:
    """A line of the claim to be."""

    number: int
    name: str
    """Of the field of its charge: another line has another."""
    row: Line
    pointers: str
    """Letters of its diagnoses."""
    typed: str = field(repr=False)
    """The charge as it was typed."""
    last: LastCharge | None
    """None where the practice never charged this line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An open question, and the field that names who is asked."""

    name: str
    place: str
    """Which procedure it is about, in words."""
    row: Question
    owner: str = field(repr=False)
    """The key of who is asked, as it was chosen; empty for nobody."""


@dataclass(frozen=True, slots=True)
class WrongFact:
    """A fact that is not what it should be."""

    name: str
    place: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the claim of a session would say."""

    built: Built | None = field(repr=False)
    """None where nothing can be built yet."""
    lines: Sequence[LineHere] = field(repr=False)
    questions: Sequence[Asked]
    left_out: Sequence[LeftOut]
    wrong: Sequence[WrongFact]
    lacks: Mapping[str, str] = field(repr=False)
    """What the checker has to know before it can look, by field."""
    findings: Sequence[FoundHere] | None
    """None where it could not look."""

    @property
    def charge_cents(self) -> int | None:
        """Of the claim; None while the charge of a line is not told."""
        told = [_cents(line.typed) for line in self.lines]
        known = [one for one in told if one is not None]
        return sum(known) if told and len(known) == len(told) else None

    @property
    def are_like_before(self) -> bool:
        """Whether a charge that is not told yet was charged before."""
        return any(line.last is not None and not line.typed for line in self.lines)


@dataclass(frozen=True, slots=True)
class Kept:
    """A session that was kept."""

    claim: Claim = field(repr=False)
    asked: int
    """So many questions went to people."""


@dataclass(frozen=True, slots=True)
class Due:
    """A visit of the schedule."""

    row: Appointment = field(repr=False)
    begins: dt.datetime
    """In the practice's own time."""
    has_claim: bool
    """Whether the patient has a claim of that day already, that came from elsewhere."""


def families_in_use() -> list[dict[str, Any]]:
    """Every family as `describe.families` tells it, those of the newest charges first."""
    every = {one["family"]: one for one in families(tables())}
    used = [*dict.fromkeys(_families_of(code for code, *_ in _newest()))]
    return [every[name] for name in [*used, *(name for name in every if name not in used)]]


def _families_of(codes: Iterable[str]) -> list[str]:
    of_code = dict(tables().table("procedure_codes").select("code", "family").iter_rows())
    of_drug = dict.fromkeys(tables().table("drugs")["code"], "drug")
    known = {**of_drug, **of_code}
    return [known[code] for code in codes if known.get(code) in FAMILIES]


def _newest() -> list[tuple[str, list[str], Any, int, dt.date]]:
    """The newest charges, the last first: code, modifiers, units, cents, day."""
    found = Charge.objects.order_by("-pk").values_list(
        "code", "modifiers", "units", "charge_cents", "encounter__served_on"
    )
    return list(found[:_AS_LAST])


def due(on: dt.date, zone: ZoneInfo) -> list[Due]:
    """The visits of the schedule on a day that have no charge yet, by time; those with a claim last."""
    start = dt.datetime.combine(on, dt.time(), zone)
    charged = Encounter.objects.exclude(appointment=None).values("appointment")
    found = (
        Appointment.objects.select_related("patient", "provider", "facility")
        .filter(when__startswith__gte=start, when__startswith__lt=start + dt.timedelta(days=1))
        .exclude(pk__in=charged)
        .exclude(state__in=_NOT_HERE)
        .order_by("when", "pk")
    )
    claimed = set(Claim.objects.filter(served_on=on).values_list("patient", flat=True))
    rows = [Due(one, one.when.lower.astimezone(zone), one.patient_id in claimed) for one in found]
    return sorted(rows, key=lambda one: one.has_claim)


def of_appointment(key: int, zone: ZoneInfo) -> dict[str, str]:
    """What a session begins with that was planned; empty where the practice has no such appointment."""
    one = Appointment.objects.select_related("patient", "provider").filter(pk=key).first()
    if one is None:
        return {}
    return {
        "appointment": str(one.pk),
        "patient": entry.patient_words(one.patient),
        "served_on": f"{one.when.lower.astimezone(zone):%m/%d/%Y}",
        "facility": str(one.facility_id),
        "rendering": one.provider.npi,
    }


def of_claim(key: int) -> tuple[Claim, dict[str, str]] | None:
    """A claim that was kept here, and the day, place and people with which the next session begins."""
    claim = entry.entered(key)
    if claim is None or claim.encounter is None:
        return None
    visit = claim.encounter
    return claim, {
        "served_on": f"{visit.served_on:%m/%d/%Y}",
        "facility": str(visit.facility_id),
        "rendering": visit.rendering.npi,
        "billing": str(visit.billing_id),
    }


def usual_of(family: Mapping[str, Any]) -> dict[str, str]:
    """What the page may choose beforehand of a family (of `families_in_use`), by fact.

    Only how many of a thing there were, which nobody who says nothing is billed for otherwise: any other
    choice could make a code, or a higher one, of what nobody told.
    """
    return {
        one["name"]: one["usual"] for one in family["fields"] if one["usual"] and one["kind"] == Kind.COUNT
    }


def told_in(values: Values) -> list[tuple[int, dict[str, str]]]:
    """The procedures of `values`, each with the number its fields have, in their order."""
    found: dict[int, dict[str, str]] = {}
    for name, value in values.items():
        match = _FACT.fullmatch(name)
        if match is not None:
            found.setdefault(int(match[1]), {})[match[2]] = value
    told = [(number, facts) for number, facts in sorted(found.items()) if facts.get("family") in FAMILIES]
    return told[:MOST_PROCEDURES]


def said(values: Values, *, as_of: dt.date) -> Said:
    """What the claim of the session in `values` would say, judged beside the patient's other claims.

    `values` are the fields of VISIT, of each procedure as `p0-side` (and `p0-family`), of the charge of each
    line and of who is asked, as texts.  Nothing is kept.
    """
    procedures = told_in(values)
    built, wrong = _built(values, procedures)
    if built is None:
        return Said(None, (), (), (), tuple(wrong), {}, None)
    lines = _lines(values, built)
    questions: list[Asked] = []
    for one in built.questions:
        name = _fresh(_asking(one), [asked.name for asked in questions])
        questions.append(Asked(name, _place(one.procedure, procedures), one, values.get(name, "")))
    findings, lacks = _found(values, built, lines, as_of) if lines else (None, {})
    return Said(built, lines, questions, built.left_out, (), lacks, findings)


@transaction.atomic
def keep(values: Values, *, as_of: dt.date) -> Kept:
    """Keep a session as an encounter with its charges and claim, and ask what is open of whom was named.

    Raises BadFields with every field that is not what it should be, charges that are not told among them.
    """
    here = said(values, as_of=as_of)
    if here.built is None or not here.lines:
        wrong = {one.name: f"{one.message}. {one.fix}" for one in here.wrong}
        raise BadFields(wrong or {"": "nothing can be billed of this yet"}, where="the session")
    reasons = ["\n".join(map(in_words, line.row.reasons)) for line in here.lines]
    try:
        claim = entry.enter(
            _as_charge(values, here.built, here.lines),
            as_of=as_of,
            source="builder",
            reasons=reasons,
            appointment=_appointment(values),
        )
    except BadFields as error:
        raise BadFields(_renamed(error.fields, here.lines), where="the session") from None
    asked = _ask(here.questions, claim, None, as_of=as_of)
    return Kept(claim, asked)


@transaction.atomic
def ask(values: Values, *, as_of: dt.date) -> int:
    """Ask what is open of whom was named, before there is a claim; how many questions went out.

    Raises BadFields where nobody was named, or the patient is not known.
    """
    patient = _patient(values)
    here = said(values, as_of=as_of)
    wrong = {}
    if patient is None:
        wrong["patient"] = "choose the patient from the list, or write their number"
    if not any(one.owner for one in here.questions):
        wrong[""] = "name who is asked beside a question"
    if wrong:
        raise BadFields(wrong, where="the session")
    return _ask(here.questions, None, patient, as_of=as_of)


def people() -> list[Choice]:
    """Who can be asked."""
    found = (
        Membership.objects.filter(is_active=True, practice=CurrentPractice())
        .select_related("user")
        .order_by("user__name")
    )
    return [Choice(str(one.user_id), f"{one.user.name} ({one.get_role_display().lower()})") for one in found]


def names(text: str, options: Sequence[str]) -> list[Choice]:
    """What a list that ends so may go on with: of `options` those with a word that begins as its last part.

    >>> [one.value for one in names("trapezius, lev", MUSCLES)]
    ['trapezius, levator scapulae, ']
    """
    before, _, last = text.rpartition(",")
    told = [part.strip() for part in before.split(",") if part.strip()]
    begun = last.strip().casefold().replace("/", "-")
    if not begun:
        return []
    free = [one for one in options if one not in told]
    first = [one for one in free if one.casefold().startswith(begun)]
    within = [one for one in free if one not in first and f" {begun}" in one.casefold()]
    return [Choice(", ".join([*told, one, ""]), one) for one in [*first, *within][:MOST]]


def names_of(family: str, fact: str, text: str) -> list[Choice]:
    """`names` for a list of muscles, levels or nerves of a family; none where it has no such list."""
    if family not in FAMILIES:
        return []
    found = facts_of(FAMILIES[family][1]).get(fact)
    if found is None or found.kind not in (Kind.SEVERAL, Kind.NAMES):
        return []
    return names(text, MUSCLES if fact == "muscles" else list(options_of(found, tables())))


def in_words(reason: Reason) -> str:
    """A reason and its authority in one line."""
    cited = "; ".join(f"{cite.source}, {cite.section}" for cite in reason.cites)
    return f"{reason.says} ({cited})" if cited else f"{reason.says} (as told: {reason.rests_on})"


def as_last(here: Said) -> dict[str, str]:
    """The charges that are not told yet, as the practice charged them last."""
    return {
        line.name: f"{line.last.charge_cents // 100}.{line.last.charge_cents % 100:02d}"
        for line in here.lines
        if line.last is not None and not line.typed
    }


def _built(values: Values, procedures: Sequence[tuple[int, Values]]) -> tuple[Built | None, list[WrongFact]]:
    """The session as codes, or what is wrong with its facts; neither where nothing is told yet."""
    patient = _patient(values)
    facility = _chosen(Facility, values, "facility")
    try:
        served_on = day(values.get("served_on", "").strip())
    except ValueError as error:
        return None, [WrongFact("served_on", "day of the visit", str(error), "")] if procedures else []
    if not procedures or facility is None:
        fix = WrongFact("facility", "place", "is not chosen", "Choose where it was.")
        return None, [fix] if procedures else []
    diagnoses = [code for name in DIAGNOSES if (code := values.get(name, "").strip())]
    billing = _chosen(BillingProvider, values, "billing")
    session = {
        "day": served_on,
        "place": facility.pos,
        "payer": _payer(
            None if patient is None else _coverage(values, patient, served_on),
            facility.state or (billing.state if billing else ""),
        ),
        "biller": values.get("biller") or Biller.PRACTITIONER.value,
        "diagnoses": diagnoses,
        "procedures": [_facts(facts, diagnoses) for _, facts in procedures],
    }
    reference = tables()
    try:
        return build(session, reference=reference, policies=_policies(session["payer"])), []
    except BadFacts as error:
        return None, [_wrong(one.where, one.message, one.fix, procedures) for one in error.fields]


def _facts(facts: Values, diagnoses: Sequence[str]) -> dict[str, object]:
    told: dict[str, object] = dict(facts)
    lettered = facts.get("dx", "").strip()
    if _LETTERED.fullmatch(lettered):
        places = [LETTERS.index(letter) for letter in lettered.upper() if letter in LETTERS]
        told["dx"] = [diagnoses[place] if place < len(diagnoses) else LETTERS[place] for place in places]
    return told


def _wrong(where: str, message: str, fix: str, procedures: Sequence[tuple[int, Values]]) -> WrongFact:
    match = re.fullmatch(r"procedures\[(\d+)\]\.(\w+)", where)
    if match is None:
        name = {"day": "served_on", "place": "facility", "diagnoses": "dx1"}.get(where, where)
        return WrongFact(name, where, message, fix)
    place = int(match[1])
    number, facts = procedures[place]
    told = next(one for one in families(tables()) if one["family"] == facts["family"])
    label = next((one["label"] for one in told["fields"] if one["name"] == match[2]), match[2])
    return WrongFact(f"p{number}-{match[2]}", f"{_place(place, procedures)}, {label}", message, fix)


def _place(place: int | None, procedures: Sequence[tuple[int, Values]]) -> str:
    if place is None:
        return "the payer or session"
    return f"{place + 1}: {FAMILIES[procedures[place][1]['family']][0]}"


def _fresh(stem: str, used: Sequence[str]) -> str:
    """`stem`, or with a count where it is used already."""
    return next(
        name for n in range(1, len(used) + 2) if (name := stem if n == 1 else f"{stem}.{n}") not in used
    )


def _asking(question: Question) -> str:
    where = "all" if question.procedure is None else str(question.procedure)
    return f"ask-{where}-{question.fact.replace('.', '_')}"


def _lines(values: Values, built: Built) -> list[LineHere]:
    last: dict[tuple[str, tuple[str, ...], float], LastCharge] = {}
    for code, mods, units, charged, served_on in _newest() if built.lines else ():
        last.setdefault((code, tuple(mods), float(units)), LastCharge(charged, served_on))
    found: list[LineHere] = []
    for number, line in enumerate(built.lines, 1):
        stem = "-".join(("charge", line.code, *line.modifiers, f"x{line.units}", *filter(None, (line.ndc,))))
        name = _fresh(stem, [one.name for one in found])
        found.append(
            LineHere(
                number,
                name,
                line,
                "".join(LETTERS[place - 1] for place in line.dx_pointers),
                values.get(name, "").strip(),
                last.get((line.code, line.modifiers, float(line.units))),
            )
        )
    return found


def _as_charge(values: Values, built: Built, lines: Sequence[LineHere]) -> dict[str, str]:
    """The session as `entry.enter` takes it."""
    told = {name: values.get(name, "") for name in VISIT if name not in ("biller", *DIAGNOSES)}
    told |= dict(zip(DIAGNOSES, map(entry.dotted, built.diagnoses), strict=False))
    for line in lines:
        row = line.row
        cells = {
            "code": row.code, "modifiers": " ".join(row.modifiers), "pointers": line.pointers,
            "charge": line.typed, "units": str(row.units),
        }  # fmt: skip
        if row.ndc and row.ndc_qty is not None and row.ndc_unit:
            cells |= {"ndc": row.ndc, "ndc_qty": f"{row.ndc_qty:.3f}", "ndc_unit": row.ndc_unit}
        told |= {f"line{line.number}-{name}": value for name, value in cells.items()}
    return told


def _renamed(wrong: Mapping[str, str], lines: Sequence[LineHere]) -> dict[str, str]:
    """What `entry` found wrong, by the fields of this page."""
    found = {}
    for name, message in wrong.items():
        line, _, part = name.partition("-")
        if not part:
            found[name] = message
            continue
        one = lines[int(line.removeprefix("line")) - 1]
        if part == "charge":
            found[one.name] = message
        else:
            found[f"line{one.number}"] = f"{one.row.code}: {message}"
    return found


def _found(
    values: Values, built: Built, lines: Sequence[LineHere], as_of: dt.date
) -> tuple[list[FoundHere] | None, Mapping[str, str]]:
    """What the rules would find of the claim, or what they would have to know first."""
    told = _as_charge(values, built, lines)
    unpriced = {line.number for line in lines if _cents(line.typed) is None}
    told |= {f"line{number}-charge": "0" for number in unpriced}
    try:
        visit, charges, more = entry.unsaved(told, as_of=as_of)
    except BadFields as error:
        return None, _renamed(error.fields, lines)
    row, rows = entry.draft(visit, charges, more)
    kept = shelf((), history=_history(visit.patient))
    claim_key, line_key = len(kept.claims), len(kept.lines)
    row |= {"claim_key": claim_key, "judged": True, "patient": visit.patient_id}
    if unpriced:
        row["charge_cents"] = None
    for place, one in enumerate(rows):
        one |= {"line_key": line_key + place, "claim_key": claim_key}
        if one["line"] in unpriced:
            one["charge_cents"] = None
    with_it = Shelf(
        pl.concat([kept.claims, pl.DataFrame([row], schema=dict(CLAIMS), orient="row")]),
        pl.concat([kept.lines, pl.DataFrame(rows, schema=dict(LINES), orient="row")]),
        kept.versions,
        kept.line_rows,
    )
    policies = policies_for(with_it)
    found = judge_book(
        Book(with_it.claims, with_it.lines),
        rules=[*claim_rules().values()],
        reference=tables(),
        policies=policies,
        as_of=as_of,
    )
    told_here = [
        FoundHere(
            one["outcome"],
            one["rule"],
            one["message"],
            one["needs"],
            one["line"],
            cites_of(one["rule_key"], one["ruling"], policies),
        )
        for one in found.filter(claim_key=claim_key).iter_rows(named=True)
    ]
    return sorted(told_here, key=lambda one: (Outcome(one.outcome).rank, one.line or 0, one.rule)), {}


def _history(patient: Patient) -> list[int]:
    """The last version of each claim of the patient."""
    versions = ClaimVersion.objects.filter(claim__patient=patient)
    return list(
        versions.annotate(last=Max("claim__versions__number"))
        .filter(number=F("last"))
        .values_list("pk", flat=True)
    )


def _policies(payer: Mapping[str, str]) -> Any:  # noqa: ANN401  Policies
    claims = pl.DataFrame({"payer_id": [payer.get("payer_id")]}, schema={"payer_id": pl.String})
    return policies_for(Shelf(claims, pl.DataFrame(), (), ()))


def _payer(coverage: Coverage | None, state: str) -> dict[str, str]:
    told = {"state": state}
    if coverage is not None:
        told |= {
            "payer_id": coverage.payer.payer_id,
            "payer_name": coverage.payer.name,
            "filing": coverage.payer.filing,
        }
    return {name: value for name, value in told.items() if value}


def _patient(values: Values) -> Patient | None:
    number = values.get("patient", "").split(SEPARATOR, maxsplit=1)[0].strip()
    return Patient.objects.filter(number=number.replace("\0", "")).first()


def _coverage(values: Values, patient: Patient, served_on: dt.date) -> Coverage | None:
    that_day = patient.coverages.select_related("payer").filter(period__contains=served_on)
    key = values.get("coverage", "")
    if key:
        return that_day.filter(pk=int(key)).first() if _is_key(key) else None
    return that_day.order_by("rank").first()


def _chosen(model: type[Any], values: Values, name: str) -> Any:  # noqa: ANN401  a row of `model`
    key = values.get(name, "")
    if key:
        return model.objects.filter(pk=int(key)).first() if _is_key(key) else None
    some = list(model.objects.all()[:2])
    return some[0] if len(some) == 1 else None


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _appointment(values: Values) -> Appointment | None:
    """The visit of the schedule that this is, where it is the patient's; BadFields where it has a charge."""
    key, patient = values.get("appointment", ""), _patient(values)
    if not _is_key(key) or patient is None:
        return None
    if Encounter.objects.filter(appointment=int(key)).exists():
        raise BadFields({"": "this visit of the schedule has its charge already"}, where="the session")
    return patient.appointments.filter(pk=int(key)).first()


def _ask(questions: Iterable[Asked], claim: Claim | None, patient: Patient | None, *, as_of: dt.date) -> int:
    workers = {one.value for one in people()}
    asked = 0
    for one in questions:
        if one.owner not in workers:
            continue
        title = f"{one.place}: {one.row.asks} It may change {one.row.changes}"[:_LONGEST_TITLE]
        owner = int(one.owner)
        if claim is not None:
            add_task(claim.pk, kind=TaskKind.QUESTION, title=title, owner=owner, due_on=as_of)
        else:
            Task.objects.create(
                kind=TaskKind.QUESTION, title=title, patient=patient, owner_id=owner, due_on=as_of
            )
        asked += 1
    return asked


def _cents(text: str) -> int | None:
    try:
        return cents(text)
    except ValueError:
        return None


def charge_words(last: LastCharge) -> str:
    """What was charged last, in words."""
    return f"last {dollars(last.charge_cents)} on {last.served_on:%m/%d/%Y}"
