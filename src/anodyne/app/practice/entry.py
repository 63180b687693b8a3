"""A visit becomes a claim: what was done, for whom, by whom and where, as the rules and the payer read it.

For charges that a person enters, and those that come from another system.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from django.db import transaction

from anodyne.app.practice.checking import recheck
from anodyne.app.practice.editing import opened
from anodyne.app.practice.intake import in_slices, in_turn
from anodyne.app.practice.typed import (
    LETTERS,
    SEPARATOR,
    Typed,
    cents,
    code,
    day,
    icd,
    modifiers,
    ndc,
    pointers,
    units,
)
from anodyne.kernel.errors import BadFields, BadRequest
from anodyne.model.frames import CLAIMS, DIAGNOSES, LINES, MODIFIERS
from anodyne.sheets.practice import NDC_UNITS
from anodyne.store.books import line_values, version_values
from anodyne.store.models import (
    Appointment,
    Authorisation,
    BillingProvider,
    Charge,
    Claim,
    ClaimState,
    ClaimVersion,
    Coverage,
    Encounter,
    Facility,
    Finding,
    Line,
    Patient,
    Provider,
)
from anodyne.x12.structure.codes import LISTS

Values = Mapping[str, Any]

RANKS: Final = {1: "P", 2: "S", 3: "T"}
"""SBR01 by the rank of a coverage."""
MOST_LINES: Final = 50
"""That a professional claim may have."""
TOLD: Final = (
    "auth_number", "referral_number", "onset_on", "accident_on", "last_seen_on", "initial_treatment_on",
    "admitted_on", "discharged_on", "cause1", "cause2", "cause3", "cause_state", "supervising_npi", "clia",
    "note",
)  # fmt: skip
"""What a claim may say beyond its visit, by the columns of `frames.CLAIMS`."""
FIELDS: Final = (
    "patient", "coverage", "employment", "auto", "cause_state", "other_accident", "onset_on", "accident_on",
    "referring", "admitted_on", "discharged_on", "note", *DIAGNOSES, "auth_number", "referral_number",
    "served_on", "facility", "rendering", "billing",
)  # fmt: skip
"""What is asked of a charge, in the order of the claim form; the lines follow `facility`."""
LINE_FIELDS: Final = ("code", "modifiers", "pointers", "charge", "units", "ndc", "ndc_qty", "ndc_unit")
"""What is asked of each line, as line1-code and so on."""
_CAUSES: Final = ("cause1", "cause2", "cause3")
_CAUSE_FIELDS: Final = {"employment": "EM", "auto": "AA", "other_accident": "OA"}
_DAYS: Final = ("onset_on", "accident_on", "admitted_on", "discharged_on")
_NOTHING: Final[Values] = MappingProxyType({})


def claim_of(encounter: Encounter, told: Values = _NOTHING) -> Claim:
    """The claim of an encounter, made with one open version and a line a charge; held until it is judged.

    It goes to the payer of the encounter's coverage, under the encounter's number.  `told` holds what the
    visit does not: of TOLD, days as days.
    """
    return claims_of([(encounter, told)])[0]


def claims_of(visits: Iterable[tuple[Encounter, Values]]) -> list[Claim]:
    """`claim_of` of many at once, in their order."""
    given = list(visits)
    made: list[Claim] = []
    for places in in_slices(given):
        some = [given[place] for place in places]
        charges = _charges(encounter for encounter, _ in some)
        drafts = [(encounter, *draft(encounter, charges[encounter.pk], told)) for encounter, told in some]
        claims = Claim.objects.bulk_create(_claim(encounter, row) for encounter, row, _ in drafts)
        versions = ClaimVersion.objects.bulk_create(
            ClaimVersion(claim=claim, **version_values(row))
            for claim, (_, row, _) in zip(claims, drafts, strict=True)
        )
        Line.objects.bulk_create(
            Line(version=version, **line_values(line))
            for version, (_, _, lines) in zip(versions, drafts, strict=True)
            for line in lines
        )
        made += claims
    return made


def _charges(encounters: Iterable[Encounter]) -> dict[int, list[Charge]]:
    found: dict[int, list[Charge]] = {encounter.pk: [] for encounter in encounters}
    for charge in Charge.objects.filter(encounter__in=found).order_by("line"):
        found[charge.encounter_id].append(charge)
    return found


def _claim(encounter: Encounter, row: Values) -> Claim:
    return Claim(
        claim_id=encounter.number,
        encounter=encounter,
        patient_id=encounter.patient_id,
        coverage_id=encounter.coverage_id,
        payer_id=encounter.coverage.payer_id,
        billing_id=encounter.billing_id,
        facility_id=encounter.facility_id,
        rank=row["payer_rank"],
        state=ClaimState.HELD,
        served_on=encounter.served_on,
        served_to=encounter.served_on,
        charge_cents=row["charge_cents"],
    )


def draft(
    encounter: Encounter, charges: Sequence[Charge], told: Values = _NOTHING
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the claim of an encounter says: a row of `frames.CLAIMS`, and one of `frames.LINES` a charge."""
    coverage, facility, billing = encounter.coverage, encounter.facility, encounter.billing
    rendering = encounter.rendering
    # Who bills alone is told once: the guide has who rendered only where that is somebody else.
    other = rendering if rendering.npi != billing.npi else None
    row: dict[str, Any] = {
        **dict.fromkeys(CLAIMS),
        "claim_id": encounter.number,
        "payer_id": coverage.payer.payer_id,
        "payer_name": coverage.payer.name,
        "filing": coverage.payer.filing or None,
        "payer_rank": RANKS[coverage.rank],
        "group_number": coverage.group_number or None,
        "member_id": coverage.member_id or None,
        "relationship": coverage.relationship or None,
        "birth_date": encounter.patient.birth_date,
        "sex": encounter.patient.sex,
        "billing_npi": billing.npi,
        "billing_taxonomy": billing.taxonomy or None,
        "rendering_npi": other and other.npi,
        "rendering_taxonomy": (other and other.taxonomy) or None,
        "referring_npi": encounter.referring and encounter.referring.npi,
        "facility_npi": facility.npi or None,
        "state": facility.state or billing.state or None,
        "zip": facility.zip or billing.zip or None,
        "pos": facility.pos or None,
        "frequency": "1",
        "auth_number": encounter.authorisation and encounter.authorisation.number,
        "medical_record": encounter.patient.medical_record or None,
        "charge_cents": sum(charge.charge_cents for charge in charges),
        "assignment": "A",
        "benefits_assigned": "Y",
        "release": "Y",
        "dx_system": "ABK" if encounter.diagnoses else None,
        **dict(zip(DIAGNOSES, encounter.diagnoses, strict=False)),
        **{name: value for name, value in told.items() if name in TOLD and value not in (None, "")},
    }
    return row, [_line(charge, encounter, row) for charge in charges]


def _line(charge: Charge, encounter: Encounter, claim: Values) -> dict[str, Any]:
    of_claim = ("pos", "rendering_npi", "rendering_taxonomy", "auth_number", "clia")
    return {
        **dict.fromkeys(LINES),
        **{name: claim[name] for name in of_claim},
        "line": charge.line,
        "code_system": "HC",
        "code": charge.code,
        **dict(zip(MODIFIERS, charge.modifiers, strict=False)),
        "units": float(charge.units),
        "unit_basis": "UN",
        "charge_cents": charge.charge_cents,
        "served_on": encounter.served_on,
        "served_to": encounter.served_on,
        "dx_pointers": ":".join(map(str, charge.pointers)) or None,
        "ndc": charge.ndc or None,
        "ndc_qty": None if charge.ndc_qty is None else float(charge.ndc_qty),
        "ndc_unit": charge.ndc_unit or None,
        "control_number": f"{encounter.number}-{charge.line}",
    }


@transaction.atomic
def enter(
    values: Mapping[str, str],
    *,
    as_of: dt.date,
    source: str = "entry",
    reasons: Sequence[str] = (),
    appointment: Appointment | None = None,
) -> Claim:
    """A charge as a person types it, kept as an encounter, and its claim, judged at once.

    `values` are the fields of FIELDS and of each line, as texts; `reasons` say why each line is there, where
    the program chose it.  Raises BadFields with every field that is not what it should be; nothing is kept
    then.
    """
    in_turn()
    visit = _visit(values, as_of)
    encounter = Encounter.objects.create(
        number=_number(visit.served_on), source=source, appointment=appointment, **visit.columns()
    )
    whys = [*reasons, *[""] * len(visit.charges)]
    _charge_all(encounter, [{**one, "reason": why} for one, why in zip(visit.charges, whys, strict=False)])
    claim = claim_of(encounter, visit.told)
    recheck([claim.pk], as_of=as_of)
    claim.refresh_from_db()
    return claim


def unsaved(values: Mapping[str, str], *, as_of: dt.date) -> tuple[Encounter, list[Charge], Values]:
    """What `enter` would keep of `values`, as `draft` takes it.  Raises BadFields as `enter`."""
    visit = _visit(values, as_of)
    encounter = Encounter(number="NEW", source="entry", **visit.columns())
    charges = [Charge(encounter=encounter, line=line, **one) for line, one in enumerate(visit.charges, 1)]
    return encounter, charges, visit.told


@transaction.atomic
def amend(claim: int, revision: int, values: Mapping[str, str], *, as_of: dt.date) -> Claim:
    """Change an encounter that has not left, and let its claim say what it says now.

    Raises BadFields as `enter`; BadRequest where the claim was not entered here, has left, or was changed on
    its own page, whose changes this would take back; Outdated as `editing.opened`.
    """
    found = opened(claim, revision)
    encounter = _amendable(found)
    version = found.versions.get(closed_at=None)
    visit = _visit(values, as_of)
    for name, value in visit.columns().items():
        setattr(encounter, name, value)
    encounter.save()
    encounter.charges.all().delete()
    charges = _charge_all(encounter, visit.charges)
    row, lines = draft(encounter, charges, {**_unasked(version), **visit.told})
    for name, value in version_values(row).items():
        setattr(version, name, value)
    version.checked_at = None
    version.save()
    version.lines.all().delete()
    Line.objects.bulk_create(Line(version=version, **line_values(line)) for line in lines)
    of_row = _claim(encounter, row)
    for name in ("patient_id", "coverage_id", "payer_id", "billing_id", "facility_id", "rank", "served_on",
                 "served_to", "charge_cents"):  # fmt: skip
        setattr(found, name, getattr(of_row, name))
    found.save()
    recheck([found.pk], as_of=as_of)
    found.refresh_from_db()
    return found


def why_not_amended(claim: Claim) -> str | None:
    """Why a claim cannot be changed as a charge; None where it can."""
    if claim.encounter_id is None:
        return "it was not entered here, but came as a claim"
    version = claim.versions.filter(closed_at=None).first()
    if version is None or claim.state not in (ClaimState.HELD, ClaimState.READY):
        return "it has left, and what was sent never changes"
    if version.number > 1:
        return "it is a correction, which is changed on its own page"
    if version.edits.filter(undone_at=None).exists():
        return "it was changed on its own page: change it there, or undo that first"
    return None


def entered(claim: int) -> Claim | None:
    """The claim of this key with what its charge page shows; None where there is none."""
    return Claim.objects.select_related("encounter", "patient", "payer").filter(pk=claim).first()


def findings_of(claim: Claim) -> list[Finding]:
    """What was found of the last version of `claim`, by line; what a waiver covers aside."""
    version = claim.versions.order_by("-number").first()
    found = Finding.objects.filter(version=version, waiver=None).select_related("line")
    return sorted(found, key=lambda one: (0 if one.line is None else one.line.line, one.rule))


def as_typed(claim: Claim) -> dict[str, str]:
    """The fields of a claim's encounter, as `amend` takes them."""
    encounter = claim.encounter
    if encounter is None:
        return {}
    facts = claim.versions.get(closed_at=None).facts
    causes = {facts.get(name) for name in _CAUSES}
    told = {
        "patient": patient_words(encounter.patient),
        "coverage": str(encounter.coverage_id),
        "rendering": encounter.rendering.npi,
        "referring": "" if encounter.referring is None else provider_words(encounter.referring),
        "facility": str(encounter.facility_id),
        "billing": str(encounter.billing_id),
        "served_on": _american(encounter.served_on),
        **{field: "on" for field, cause in _CAUSE_FIELDS.items() if cause in causes},
        **{name: facts.get(name, "") for name in ("cause_state", "referral_number", "auth_number", "note")},
        **{name: _american(dt.date.fromisoformat(facts[name])) if name in facts else "" for name in _DAYS},
        **dict(zip(DIAGNOSES, map(dotted, encounter.diagnoses), strict=False)),
    }
    for charge in encounter.charges.order_by("line"):
        told |= {
            f"line{charge.line}-{name}": value
            for name, value in {
                "code": charge.code,
                "modifiers": " ".join(charge.modifiers),
                "pointers": "".join(LETTERS[place - 1] for place in charge.pointers),
                "charge": f"{charge.charge_cents // 100}.{charge.charge_cents % 100:02d}",
                "units": _plain(charge.units),
                "ndc": charge.ndc,
                "ndc_qty": "" if charge.ndc_qty is None else _plain(charge.ndc_qty),
                "ndc_unit": charge.ndc_unit,
            }.items()
        }
    return told


def patient_words(patient: Patient) -> str:
    """How a patient is told in a field from which the number is read back."""
    name = ", ".join(filter(None, (patient.last, patient.first)))
    return SEPARATOR.join((patient.number, name, _american(patient.birth_date)))


def of_patient(key: int) -> dict[str, str]:
    """The field of a charge that names the patient of this key; nothing where there is none."""
    found = Patient.objects.filter(pk=key).first()
    return {} if found is None else {"patient": patient_words(found)}


def provider_words(provider: Provider) -> str:
    """How a practitioner is told in a field from which the NPI is read back."""
    return SEPARATOR.join((provider.npi, ", ".join(filter(None, (provider.last, provider.first)))))


def dotted(code: str) -> str:
    """A diagnosis as people write it.

    >>> dotted("M5416"), dotted("I10")
    ('M54.16', 'I10')
    """
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


@dataclass(frozen=True, slots=True)
class _Visit:
    """What was typed, read and found here."""

    patient: Patient
    coverage: Coverage
    billing: BillingProvider
    rendering: Provider
    referring: Provider | None
    facility: Facility
    authorisation: Authorisation | None
    served_on: dt.date
    diagnoses: list[str]
    charges: list[dict[str, Any]] = field(repr=False)
    told: dict[str, Any] = field(repr=False)

    def columns(self) -> dict[str, Any]:
        """What an encounter holds of it."""
        names = (
            "patient", "coverage", "billing", "rendering", "referring", "facility", "authorisation",
            "served_on", "diagnoses",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


def _visit(values: Mapping[str, str], as_of: dt.date) -> _Visit:
    typed = Typed(values)
    wrong = typed.wrong
    patient = Patient.objects.filter(number=typed.id("patient")).first()
    if patient is None:
        wrong["patient"] = "choose the patient from the list, or write their number"
    told = _told(typed)
    diagnoses = _diagnoses(typed)
    served_on = typed.needed("served_on", day, "write the day of the visit")
    if served_on is not None and served_on > as_of:
        wrong["served_on"] = "this day has not come yet"
    facility = _chosen(typed, "facility", Facility, "choose where it was")
    charges = _lines(typed, len(diagnoses))
    rendering = Provider.objects.filter(npi=typed.id("rendering")).first()
    if rendering is None:
        wrong["rendering"] = "choose who did it"
    referring = Provider.objects.filter(npi=typed.id("referring")).first()
    if typed.id("referring") and referring is None:
        wrong["referring"] = "choose them from the list, or write their NPI"
    billing = _chosen(typed, "billing", BillingProvider, "choose who bills")
    coverage = None
    if patient is not None and served_on is not None:
        coverage = _coverage(typed, patient, served_on)
    if wrong or patient is None or coverage is None or facility is None or rendering is None:
        raise BadFields({name: wrong[name] for name in sorted(wrong, key=_order)}, where="the charge")
    number = told.pop("auth_number")
    authorisation = Authorisation.objects.filter(
        number=number, patient=patient, payer_id=coverage.payer_id
    ).first()
    if authorisation is None:
        told["auth_number"] = number
    return _Visit(
        patient=patient,
        coverage=coverage,
        billing=cast("BillingProvider", billing),
        rendering=rendering,
        referring=referring,
        facility=facility,
        authorisation=authorisation,
        served_on=cast("dt.date", served_on),
        diagnoses=diagnoses,
        charges=charges,
        told=told,
    )


def _told(typed: Typed) -> dict[str, Any]:
    causes = [cause for field, cause in _CAUSE_FIELDS.items() if typed.ticked(field)]
    state = typed.text("cause_state", 2).upper()
    if state and state not in LISTS["state"].split():
        typed.wrong["cause_state"] = "write Ohio as OH"
    elif "AA" in causes and not state:
        typed.wrong["cause_state"] = "write in which state the accident was"
    days = {name: typed.read(name, day) for name in _DAYS}
    admitted, discharged = days["admitted_on"], days["discharged_on"]
    if admitted is not None and discharged is not None and discharged < admitted:
        typed.wrong["discharged_on"] = "this is before the admission"
    return {
        **dict(zip(_CAUSES, [*causes, None, None, None], strict=False)),
        "cause_state": state if "AA" in causes else "",
        **days,
        "referral_number": typed.text("referral_number", 50),
        "auth_number": typed.text("auth_number", 50),
        "note": typed.text("note", 80),
    }


def _diagnoses(typed: Typed) -> list[str]:
    told = [typed.read(name, icd) for name in DIAGNOSES]
    last = max((place for place, name in enumerate(DIAGNOSES, 1) if typed.id(name)), default=0)
    for place, name in enumerate(DIAGNOSES[:last]):
        if told[place] is None:
            typed.wrong.setdefault(name, "leave no gap between diagnoses")
        elif told[place] in told[:place]:
            typed.wrong.setdefault(name, "this diagnosis stands twice")
    if not last:
        typed.wrong.setdefault(DIAGNOSES[0], "write at least one diagnosis")
    return [code or "" for code in told[:last]]


def _lines(typed: Typed, diagnoses: int) -> list[dict[str, Any]]:
    """The lines that have anything typed, in order; numbered anew."""
    found = []
    for line in range(1, MOST_LINES + 1):
        name = f"line{line}"
        if not any(typed.id(f"{name}-{part}") for part in LINE_FIELDS):
            continue
        to = typed.needed(f"{name}-pointers", pointers, "name its diagnoses by their letters")
        if to is not None and max(to) > diagnoses:
            typed.wrong[f"{name}-pointers"] = f"there is no diagnosis {LETTERS[max(to) - 1]}"
        drug = {part: typed.id(f"{name}-{part}") for part in ("ndc", "ndc_qty", "ndc_unit")}
        if any(drug.values()):
            for part, value in drug.items():
                if not value:
                    typed.wrong[f"{name}-{part}"] = "a drug needs its NDC, quantity and unit"
        unit = drug["ndc_unit"].upper()
        if unit and unit not in NDC_UNITS:
            typed.wrong[f"{name}-ndc_unit"] = f"use one of {', '.join(NDC_UNITS)}"
        found.append(
            {
                "code": typed.needed(f"{name}-code", code, "write the code"),
                "modifiers": typed.read(f"{name}-modifiers", modifiers) or [],
                "pointers": to,
                "charge_cents": typed.needed(f"{name}-charge", cents, "write the charge of the line"),
                "units": typed.needed(f"{name}-units", units, "write the units"),
                "ndc": typed.read(f"{name}-ndc", ndc) or "",
                "ndc_qty": typed.read(f"{name}-ndc_qty", units),
                "ndc_unit": unit,
            }
        )
    if not found:
        typed.wrong["line1-code"] = "write at least one line"
    return found


Chosen = TypeVar("Chosen", Facility, BillingProvider)


def _chosen(typed: Typed, name: str, model: type[Chosen], what: str) -> Chosen | None:
    """The row of `model` that was chosen by its key; the only one where nothing was."""
    key = typed.id(name)
    if not key:
        some = list(model.objects.all()[:2])
        found = some[0] if len(some) == 1 else None
    else:
        found = model.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    if found is None:
        typed.wrong[name] = what
    return found


def _coverage(typed: Typed, patient: Patient, served_on: dt.date) -> Coverage | None:
    key = typed.id("coverage")
    that_day = patient.coverages.filter(period__contains=served_on).order_by("rank")
    if key:
        found = that_day.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
        what = "this coverage is not the patient's on that day"
    else:
        found = that_day.first()
        what = "no coverage of the patient is known for that day"
    if found is None:
        typed.wrong["coverage"] = what
    return found


def _number(served_on: dt.date) -> str:
    """The next number of an encounter that is entered: the day of the visit, and a count."""
    stem = f"E{served_on:%y%m%d}-"
    used = set(Encounter.objects.filter(number__startswith=stem).values_list("number", flat=True))
    used |= set(Claim.objects.filter(claim_id__startswith=stem).values_list("claim_id", flat=True))
    return next(number for count in range(1, len(used) + 2) if (number := f"{stem}{count:03d}") not in used)


def _charge_all(encounter: Encounter, charges: Sequence[Values]) -> list[Charge]:
    return Charge.objects.bulk_create(
        Charge(encounter=encounter, line=line, **values) for line, values in enumerate(charges, 1)
    )


def _amendable(claim: Claim) -> Encounter:
    why = why_not_amended(claim)
    if why is not None or claim.encounter is None:
        raise BadRequest(
            f"this claim cannot be changed as a charge: {why}",
            where=f"claim {claim.claim_id}",
            fix="Look at the claim's own page.",
        )
    return claim.encounter


def _unasked(version: ClaimVersion) -> dict[str, Any]:
    """What a version says that no field of a charge asks."""
    kept = set(TOLD) - {*_CAUSES, "cause_state", *_DAYS, "referral_number", "auth_number", "note"}
    return {
        name: dt.date.fromisoformat(value) if name.endswith("_on") else value
        for name, value in version.facts.items()
        if name in kept
    }


def _american(told: dt.date) -> str:
    return f"{told:%m/%d/%Y}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _order(name: str) -> tuple[int, str]:
    """Where a field stands on the form."""
    line, _, part = name.partition("-")
    if part:
        return FIELDS.index("facility"), f"{int(line.removeprefix('line')):02d}{LINE_FIELDS.index(part)}"
    return FIELDS.index(name), ""
