"""Tables of a practice's other system come in: patients with their coverages, charges, the schedule.

A table with a bad cell, or one that names somebody who is not here, is refused whole: BadTable lists every
such cell.  What is at odds with what the practice knows is left for a person; nothing known is lost: a member
id or payer that changes closes the coverage before it on a day.  docs/practice-tables.md tells of the tables.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from anodyne.app.practice.checking import recheck
from anodyne.app.practice.entry import claims_of
from anodyne.app.practice.intake import CameIn, Told, before, in_turn, keep, shown_name
from anodyne.kernel.errors import BadCell, BadTable, UnreadableFile
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.sheets.columns import Wrong
from anodyne.sheets.practice import charges_table, practice_patients, schedule_table, which_table
from anodyne.sheets.read import FIRST_ROW, names_in, read_table_bytes
from anodyne.sheets.tables import Table
from anodyne.store.models import (
    Appointment,
    BillingProvider,
    Charge,
    Claim,
    Coverage,
    Encounter,
    Facility,
    Patient,
    Payer,
    Practice,
    Provider,
    User,
)
from anodyne.x12.compose_parties import DELIMITERS
from anodyne.x12.structure.codes import LISTS

Row = Mapping[str, Any]
Named = TypeVar("Named")

KIND: Final = "table"
_SELF: Final = "18"
_MARKS: Final = tuple(
    chr(mark)
    for mark in (DELIMITERS.element, DELIMITERS.component, DELIMITERS.repetition, DELIMITERS.segment)
)
_TABLES: Final[Mapping[str, Table]] = {
    "patients": practice_patients(
        LISTS["filing"].split(), LISTS["state"].split(), (_SELF, *LISTS["relationship"].split()), _MARKS
    ),
    "charges": charges_table(_MARKS),
    "schedule": schedule_table(_MARKS),
}
_OF_PATIENT: Final = {
    "last": "last", "first": "first", "middle": "middle", "suffix": "suffix", "sex": "sex",
    "street": "address", "street_more": "address_more", "city": "city", "state": "state", "zip": "zip",
    "phone": "phone", "medical_record": "medical_record",
}  # fmt: skip
"""By column of a patient, that of the table."""
_OF_COVERAGE: Final = (
    "group_number",
    "relationship",
    "subscriber_last",
    "subscriber_first",
    "subscriber_sex",
)
_OF_VISIT: Final = (
    "patient", "served_on", "practitioner", "referring", "billing", "facility", "auth_number", *DIAGNOSES,
)  # fmt: skip
"""What all rows of an encounter say alike."""
_MOST_CHARGES: Final = 50


@transaction.atomic
def import_table(data: bytes, name: str, *, user: User | None, as_of: dt.date) -> CameIn:
    """Take in a table of patients, charges or the schedule: CSV, or the first sheet of a workbook.

    Which it is, its columns tell.  The same bytes twice do nothing more.  Charges become encounters with
    claims, which are judged as on `as_of`; a coverage that changes without `covered_from` changes on `as_of`.
    Raises BadTable with every bad cell, UnreadableFile where it is none of these tables; nothing of it stays.
    """
    in_turn()
    known = before(data, KIND, name=shown_name(name))
    if known is not None:
        return known
    called = shown_name(name)
    what = which_table(names_in(data, name=called))
    if what is None:
        raise UnreadableFile(
            "the first row names no column by which a table of patients, charges or appointments is told",
            where=called,
            fix="Begin with a row of column names, as the page on tables lists them.",
        )
    frame = read_table_bytes(data, _TABLES[what], name=called)
    table = _Given(called, [dict(row) for row in frame.iter_rows(named=True)])
    result = _TAKE[what](table, as_of)
    if result.claims:
        recheck(result.claims, as_of=as_of)
    return keep(
        data,
        name,
        kind=KIND,
        what="appointments" if what == "schedule" else what,
        counts=result.counts,
        told=result.told,
        claims=result.claims,
        user=user,
        as_of=as_of,
    )


def columns() -> dict[str, list[tuple[str, bool]]]:
    """By table, its columns, and whether each is needed."""
    return {
        name: [(column.name, column.needed) for column in table.columns] for name, table in _TABLES.items()
    }


@dataclass(slots=True)
class _Given:
    """A table that was read, and what is wrong in it beside what the practice knows."""

    name: str
    rows: Sequence[Row] = field(repr=False)
    wrong: list[BadCell] = field(default_factory=list)

    def bad(self, place: int, column: str, message: str, next_step: str) -> None:
        """Note a cell of the row at `place`, counted from 0."""
        self.wrong.append(BadCell(self.name, place + FIRST_ROW, column, message, next_step))

    def demand_right(self) -> None:
        """Raise BadTable where anything is wrong."""
        if self.wrong:
            raise BadTable(sorted(self.wrong, key=lambda cell: cell.row))

    def told(self, place: int, item: str, why: str, next_step: str, *, claim: int | None = None) -> Told:
        """What a person should look at in the row at `place`."""
        return Told(item, f"row {place + FIRST_ROW}", why, next_step, claim=claim)


@dataclass(slots=True)
class _Result:
    """What came in."""

    counts: Counter[str] = field(default_factory=Counter)
    told: list[Told] = field(default_factory=list)
    claims: list[int] = field(default_factory=list)


def _patients(table: _Given, as_of: dt.date) -> _Result:
    result = _Result(Counter(patients=0, changed=0, coverages=0, known=0))
    payers = _payers_for(table)
    table.demand_right()
    known = {
        patient.number: patient
        for patient in Patient.objects.filter(number__in={row["patient"] for row in table.rows})
    }
    coverages = _coverages_of(known.values())
    made: set[str] = set()
    for place, row in enumerate(table.rows):
        patient = known.get(row["patient"])
        if patient is not None and patient.birth_date != row["birth_date"]:
            result.told.append(
                table.told(
                    place,
                    f"patient {row['patient']}",
                    "the patient of this number has another birth date here",
                    "Look whether it is the same person, and correct the one that is wrong.",
                )
            )
            continue
        was_known = patient is not None
        patient = patient or Patient(number=row["patient"], birth_date=row["birth_date"])
        changed = _change(patient, {own: row[told] for own, told in _OF_PATIENT.items()})
        if not was_known:
            patient.save()
            known[row["patient"]] = patient
            made.add(row["patient"])
            result.counts["patients"] += 1
        elif changed:
            patient.save(update_fields=changed)
        covered = None
        if row["payer_id"] is not None:
            own = coverages.setdefault(patient.pk, [])
            covered = _cover(patient, payers[row["payer_id"]], row, own, as_of)
        if isinstance(covered, tuple):
            result.told.append(table.told(place, f"patient {row['patient']}", *covered))
        elif covered:
            result.counts["coverages"] += 1
        if row["patient"] not in made:
            result.counts["changed" if changed or covered is True else "known"] += 1
    return result


def _payers_for(table: _Given) -> dict[str, Payer]:
    """By id the payers that the table names; those that are new are made where name and kind are told."""
    ids = {row["payer_id"] for row in table.rows if row["payer_id"] is not None}
    found = {payer.payer_id: payer for payer in Payer.objects.filter(payer_id__in=ids)}
    for place, row in enumerate(table.rows):
        payer = row["payer_id"]
        if payer is None or payer in found:
            continue
        lacking = [name for name in ("payer_name", "filing") if row[name] is None]
        for name in lacking:
            table.bad(place, name, "the cell is empty, though the payer is new", "Fill it in.")
        if not lacking and not table.wrong:
            found[payer] = Payer.objects.create(payer_id=payer, name=row["payer_name"], filing=row["filing"])
    return found


def _coverages_of(patients: Iterable[Patient]) -> dict[int, list[Coverage]]:
    found: dict[int, list[Coverage]] = {}
    for coverage in Coverage.objects.filter(patient__in=[patient.pk for patient in patients]):
        found.setdefault(coverage.patient_id, []).append(coverage)
    return found


def _change(row: Patient | Coverage, values: Row) -> list[str]:
    """Put the `values` that are told into `row`; the names of those that were others."""
    changed = [name for name, value in values.items() if value is not None and value != getattr(row, name)]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _cover(
    patient: Patient, payer: Payer, row: Row, known: list[Coverage], as_of: dt.date
) -> bool | tuple[str, str]:
    """Let the patient's coverages say what `row` says; whether anything changed, or why it cannot.

    A coverage of another payer or member id ends on the day on which the new one begins.
    """
    rank, start, until = int(row["rank"]), row["covered_from"], row["covered_until"]
    of_rank = sorted(
        (one for one in known if one.rank == rank), key=lambda one: one.period.lower or dt.date.min
    )
    values = {
        "payer_id": payer.pk,
        "member_id": row["member_id"],
        **{name: row[name] for name in _OF_COVERAGE},
        "subscriber_birth_date": row["subscriber_birth_date"],
    }
    same = [
        one
        for one in of_rank
        if one.payer_id == payer.pk
        and one.member_id == row["member_id"]
        and (one.period.upper is None or one.period.upper > (start or as_of))
    ]
    if same:
        return _keep_on(same[-1], values, until)
    begin = start or (as_of if of_rank else None)
    current = next((one for one in of_rank if begin is not None and _holds(one.period, begin)), None)
    later = [
        one.period.lower for one in of_rank if begin is not None and (one.period.lower or dt.date.min) > begin
    ]
    end = min([day for day in (until, *later) if day is not None], default=None)
    if current is not None:
        if current.period.lower is not None and current.period.lower >= (begin or dt.date.min):
            return (
                "another coverage of the same rank begins on the same day here",
                "Look which is right; write covered_from where the new one begins later.",
            )
        current.period = DateRange(current.period.lower, begin)
        current.save(update_fields=["period"])
    if end is not None and begin is not None and end <= begin:
        return "the coverage ends before it begins here", "Look at its days."
    new = Coverage(
        patient=patient,
        rank=rank,
        period=DateRange(begin, end),
        **{name: value for name, value in values.items() if value is not None},
    )
    new.save()
    known.append(new)
    return True


def _keep_on(coverage: Coverage, values: Row, until: dt.date | None) -> bool | tuple[str, str]:
    """The same coverage with what is told of it now; whether anything changed."""
    changed = _change(coverage, values)
    if until is not None and until != coverage.period.upper:
        if coverage.period.upper is not None and until > coverage.period.upper:
            return "the coverage is known to end earlier", "Look on which day it ended."
        if coverage.period.lower is not None and until <= coverage.period.lower:
            return "the coverage ends before it begins here", "Look at its days."
        coverage.period = DateRange(coverage.period.lower, until)
        changed.append("period")
    if changed:
        coverage.save(update_fields=changed)
    return bool(changed)


def _holds(period: DateRange, day: dt.date) -> bool:
    return (period.lower is None or period.lower <= day) and (period.upper is None or day < period.upper)


class _Here:
    """Whom and what the rows of a table name: each must be here already."""

    def __init__(self, table: _Given) -> None:
        self._table = table
        numbers = {row["patient"] for row in table.rows}
        self.patients = {row.number: row for row in Patient.objects.filter(number__in=numbers)}
        self.providers = {row.npi: row for row in Provider.objects.all()}
        self.facilities = {row.name.upper(): row for row in Facility.objects.all()}
        self.billing = {row.npi: row for row in BillingProvider.objects.all()}

    def patient(self, place: int, row: Row) -> Patient | None:
        """The patient of a row."""
        why = Wrong(
            "there is no such patient", "Take in the table of patients first, or look for a mistyped id."
        )
        return self._one(self.patients.get(row["patient"]), place, "patient", why)

    def provider(self, place: int, row: Row, column: str) -> Provider | None:
        """The practitioner that a column of a row names."""
        why = Wrong(
            f"no practitioner here has the NPI {row[column]}",
            "Add the practitioner first, or look for a mistyped digit.",
        )
        return self._one(self.providers.get(row[column]), place, column, why)

    def facility(self, place: int, row: Row) -> Facility | None:
        """The place of service of a row."""
        names = "; ".join(sorted(one.name for one in self.facilities.values())) or "none yet"
        why = Wrong("there is no such place of service", f"Use the name of one that is here: {names}.")
        return self._one(self.facilities.get(row["facility"].upper()), place, "facility", why)

    def biller(self, place: int, row: Row) -> BillingProvider | None:
        """Who bills a row: the one it names, else the practice's only one."""
        npi = row["billing"]
        if npi is None and len(self.billing) == 1:
            return next(iter(self.billing.values()))
        what = f"no billing provider here has the NPI {npi}"
        if npi is None:
            what = "the cell is empty, and not exactly one billing provider is here"
        why = Wrong(what, "Write the NPI of one that is here.")
        return self._one(self.billing.get(npi or ""), place, "billing", why)

    def _one(self, found: Named | None, place: int, column: str, why: Wrong) -> Named | None:
        if found is None:
            self._table.bad(place, column, why.message, why.next_step)
        return found


def _charges(table: _Given, _as_of: dt.date) -> _Result:
    result = _Result(Counter(encounters=0, claims=0, lines=0, charge_cents=0, known=0))
    here = _Here(table)
    coverages = _coverages_of(here.patients.values())
    visits: dict[str, list[int]] = {}
    for place, row in enumerate(table.rows):
        visits.setdefault(row["encounter"], []).append(place)
    drafts = [
        (places, encounter)
        for number, places in visits.items()
        if (encounter := _encounter(table, here, coverages, number, places)) is not None
    ]
    table.demand_right()
    known = _known_visits(visits)
    numbers = set(Claim.objects.filter(claim_id__in=visits).values_list("claim_id", flat=True))
    fresh: list[tuple[list[int], Encounter]] = []
    for places, encounter in drafts:
        number = encounter.number
        if number in known and known[number] == _said(encounter, [_charge(table.rows[at]) for at in places]):
            result.counts["known"] += 1
        elif number in known or number in numbers:
            result.told.append(
                table.told(
                    places[0],
                    f"encounter {number}",
                    "an encounter or claim of this id is here and says something else",
                    "Compare the two; the one here stays as it was.",
                )
            )
        else:
            fresh.append((places, encounter))
    encounters = Encounter.objects.bulk_create(encounter for _, encounter in fresh)
    charges = Charge.objects.bulk_create(
        Charge(encounter=encounter, line=line, **_charge(table.rows[at]))
        for (places, _), encounter in zip(fresh, encounters, strict=True)
        for line, at in enumerate(places, 1)
    )
    claims = claims_of(
        (encounter, {"auth_number": table.rows[places[0]]["auth_number"]})
        for (places, _), encounter in zip(fresh, encounters, strict=True)
    )
    result.claims = [claim.pk for claim in claims]
    result.counts["encounters"] = len(encounters)
    result.counts["claims"] = len(claims)
    result.counts["lines"] = len(charges)
    result.counts["charge_cents"] = sum(charge.charge_cents for charge in charges)
    return result


def _encounter(
    table: _Given,
    here: _Here,
    coverages: Mapping[int, Sequence[Coverage]],
    number: str,
    places: Sequence[int],
) -> Encounter | None:
    """The visit of the rows at `places`; what is wrong with them is noted."""
    first, row = places[0], table.rows[places[0]]
    for place in places[1:]:
        for column in _OF_VISIT:
            if table.rows[place][column] != row[column]:
                what = (
                    f"the cell differs from that of row {first + FIRST_ROW}, which is of the same encounter"
                )
                table.bad(place, column, what, "Write the same in all rows of an encounter.")
    told = [row[name] for name in DIAGNOSES]
    diagnoses = [code for code in told if code is not None]
    if told[: len(diagnoses)] != diagnoses:
        gap = DIAGNOSES[told.index(None)]
        table.bad(first, gap, "the cell is empty, and one after it is not", "Leave no gap between diagnoses.")
    for place in places:
        pointers = [int(part) for part in table.rows[place]["pointers"].split(":")]
        if max(pointers) > len(diagnoses):
            what = f"the line points to a diagnosis that is not told: there are {len(diagnoses)}"
            table.bad(place, "pointers", what, "Add the diagnosis, or point to one that is there.")
    if len(places) > _MOST_CHARGES:
        what = f"the encounter has more than the {_MOST_CHARGES} lines that a claim may have"
        table.bad(places[_MOST_CHARGES], "encounter", what, "Give the rest an id of its own.")
    patient = here.patient(first, row)
    rendering = here.provider(first, row, "practitioner")
    referring = None if row["referring"] is None else here.provider(first, row, "referring")
    facility, billing = here.facility(first, row), here.biller(first, row)
    if patient is None or rendering is None or facility is None or billing is None:
        return None
    coverage = next(
        (
            one
            for one in coverages.get(patient.pk, ())
            if one.rank == 1 and _holds(one.period, row["served_on"])
        ),
        None,
    )
    if coverage is None:
        what = "the patient has no first coverage on this day"
        table.bad(
            first, "served_on", what, "Add the coverage to the table of patients, and take it in first."
        )
        return None
    return Encounter(
        number=number,
        patient=patient,
        coverage=coverage,
        billing=billing,
        rendering=rendering,
        referring=referring,
        facility=facility,
        served_on=row["served_on"],
        diagnoses=diagnoses,
        source="import",
    )


def _charge(row: Row) -> dict[str, Any]:
    return {
        "code": row["code"],
        "modifiers": [row[name] for name in MODIFIERS if row[name] is not None],
        "units": Decimal(str(row["units"])),
        "charge_cents": row["charge_cents"],
        "pointers": [int(part) for part in row["pointers"].split(":")],
        "ndc": row["ndc"] or "",
        "ndc_qty": None if row["ndc_qty"] is None else Decimal(str(row["ndc_qty"])),
        "ndc_unit": row["ndc_unit"] or "",
    }


def _said(encounter: Encounter, charges: Sequence[Row]) -> tuple[Any, ...]:
    """What a visit says, for comparing it with another."""
    return (
        encounter.patient_id, encounter.billing_id, encounter.rendering_id, encounter.referring_id,
        encounter.facility_id, encounter.served_on, list(encounter.diagnoses),
        [{**charge, "units": float(charge["units"])} for charge in charges],
    )  # fmt: skip


def _known_visits(numbers: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    names = ("code", "modifiers", "units", "charge_cents", "pointers", "ndc", "ndc_qty", "ndc_unit")
    found = Encounter.objects.filter(number__in=list(numbers)).prefetch_related("charges")
    return {
        encounter.number: _said(
            encounter,
            [
                {name: getattr(charge, name) for name in names}
                for charge in sorted(encounter.charges.all(), key=lambda charge: charge.line)
            ],
        )
        for encounter in found
    }


def _schedule(table: _Given, _as_of: dt.date) -> _Result:
    result = _Result(Counter(appointments=0, changed=0, known=0))
    here = _Here(table)
    zone = ZoneInfo(Practice.objects.get().time_zone)
    rows = []
    for place, row in enumerate(table.rows):
        patient, provider = here.patient(place, row), here.provider(place, row, "practitioner")
        facility = here.facility(place, row)
        rows.append(
            {
                "number": row["appointment"],
                "patient": patient,
                "provider": provider,
                "facility": facility,
                "when": DateTimeTZRange(
                    _instant(table, place, "start", zone), _instant(table, place, "end", zone)
                ),
                "reason": row["reason"] or "",
                "codes": row["codes"],
                "state": row["state"],
            }
        )
    table.demand_right()
    known = {
        row.number: row for row in Appointment.objects.filter(number__in=[row["number"] for row in rows])
    }
    new = []
    for place, values in enumerate(rows):
        found = known.get(values["number"])
        if found is None:
            new.append(Appointment(**values))
        elif found.patient_id != values["patient"].pk:
            result.told.append(
                table.told(
                    place,
                    f"appointment {values['number']}",
                    "the appointment of this id is another patient's here",
                    "Look whose it is; the one here stays as it was.",
                )
            )
        elif changed := [name for name, value in values.items() if getattr(found, name) != value]:
            for name in changed:
                setattr(found, name, values[name])
            found.save(update_fields=changed)
            result.counts["changed"] += 1
        else:
            result.counts["known"] += 1
    result.counts["appointments"] = len(Appointment.objects.bulk_create(new))
    return result


def _instant(table: _Given, place: int, column: str, zone: ZoneInfo) -> dt.datetime:
    """The time in a cell by the practice's clock; one that its clock does not show is noted."""
    given: dt.datetime = table.rows[place][column]
    told = given.replace(tzinfo=zone)
    if told.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != given:
        table.bad(place, column, "the clock was put forward at this time", "Write an hour later.")
    return told


_TAKE: Final[Mapping[str, Callable[[_Given, dt.date], _Result]]] = {
    "patients": _patients,
    "charges": _charges,
    "schedule": _schedule,
}
