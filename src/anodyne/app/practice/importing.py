"""Claims made elsewhere come in: an 837P file becomes claims of the practice, with everybody in them.

What the practice knows is never overwritten.  A claim that is here already and says the same is left as it
is; one that says something else, or lacks what a claim needs here, is left for a person.
"""

import datetime as dt
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import polars as pl
from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Upper

from anodyne.app.practice.checking import recheck
from anodyne.app.practice.intake import CameIn, Told, before, in_slices, in_turn, keep, shown_name, too_long
from anodyne.model.frames import CLAIMS
from anodyne.model.versions import REPLACEMENT, VOID
from anodyne.store.books import line_values, version_values
from anodyne.store.models import (
    BillingProvider,
    Claim,
    ClaimState,
    ClaimVersion,
    Coverage,
    Facility,
    Line,
    Patient,
    Payer,
    Provider,
    User,
)
from anodyne.x12.read import book_of, read_stream
from anodyne.x12.read_parties import PARTIES, PRACTITIONERS, read_parties_stream

Row = Mapping[str, Any]

KIND: Final = "837P"
RANKS: Final = {"P": 1, "S": 2, "T": 3}
"""SBR01 of the ranks that a claim has here."""
CORRECTIONS: Final = (REPLACEMENT, VOID)
_SELF: Final = "18"
_ADDRESS: Final = ("street", "street_more", "city", "state", "zip")
_LONGEST_ID: Final = 60
"""Of an id that cannot be kept, so much is told."""
_MOST_LINE: Final = 32_767
_OTHER_BIRTH: Final = (
    "its medical record number is that of a patient with another birth date",
    "Look whose number it is, and correct the one that is wrong.",
)


_SECOND_PAYER: Final = (
    "it names a further payer, which a claim sent from here will not name",
    "Look whether it has to; the patient's further coverage is not taken from a claim.",
)
_LATER_PAYER: Final = (
    "it goes to a later payer, and what the payer before it decided is not kept from a claim",
    "Take in the first payer's claim and remittance: the next claim is made of them here.",
)


@transaction.atomic
def import_claims(
    data: bytes, name: str, *, user: User | None, as_of: dt.date, sent_at: dt.datetime | None = None
) -> CameIn:
    """Take in the claims of an 837P file, which is called `name`; the same bytes twice do nothing more.

    Claims that were sent elsewhere come with `sent_at`, when; without it they are to be sent from here, and
    are judged as on `as_of`.  Raises UnreadableFile or one of its kinds, with segment and byte, where the
    file is not whole, readable professional claims; nothing of it stays.
    """
    in_turn()
    known = before(data, KIND, name=shown_name(name))
    if known is not None:
        return known
    file = _read(data, shown_name(name))
    taker = _Taker(file, sent_at)
    for places in in_slices(file.claims):
        taker.take(places)
    made = taker.finish()
    if sent_at is None:
        recheck(made, as_of=as_of)
    return keep(
        data,
        name,
        kind=KIND,
        what="claims",
        counts=taker.counts,
        told=taker.told,
        claims=made,
        user=user,
        as_of=as_of,
    )


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds, claim by claim in its order."""

    claims: Sequence[Row] = field(repr=False)
    """Columns of `frames.CLAIMS`, and of PARTIES."""
    lines: Mapping[int, Sequence[Row]] = field(repr=False)
    """By `claim_key`, columns of `frames.LINES`."""
    practitioners: Mapping[int, Sequence[Row]] = field(repr=False)
    others: frozenset[int]
    """The claims that name further payers."""


def _read(data: bytes, name: str) -> _File:
    parts = list(read_stream(io.BytesIO(data), name=name, coordination=True))
    book = book_of(parts)
    who = list(read_parties_stream(io.BytesIO(data), name=name))
    parties = (
        pl.concat([part.parties for part in who], how="vertical") if who else pl.DataFrame(schema=PARTIES)
    )
    roles = pl.concat([part.practitioners for part in who]) if who else pl.DataFrame(schema=PRACTITIONERS)
    claims = book.claims.hstack(parties.drop(CLAIMS.keys() & PARTIES.keys()))
    return _File(
        claims.to_dicts(),
        _by_claim(book.lines),
        _by_claim(roles),
        frozenset(key for part in parts for key in part.coordination.payers["claim_key"]),
    )


def _by_claim(frame: pl.DataFrame) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in frame.iter_rows(named=True):
        found[row["claim_key"]].append(row)
    return found


@dataclass(frozen=True, slots=True)
class _Placed:
    """A claim to be made, and the keys of what it rests on."""

    row: Row = field(repr=False)
    patient: int
    payer: int
    billing: int
    facility: int | None
    first: dt.date
    last: dt.date

    @property
    def key(self) -> int:
        """The claim's number in its file."""
        key: int = self.row["claim_key"]
        return key


class _Taker:
    """What of a file has come in so far."""

    def __init__(self, file: _File, sent_at: dt.datetime | None) -> None:
        self._file = file
        self._sent_at = sent_at
        self.told: list[Told] = []
        self.counts: Counter[str] = Counter(
            dict.fromkeys(("claims", "lines", "charge_cents", "known", "patients", "payers"), 0)
        )
        self._said: dict[tuple[str, str], Row] = {}
        """By id and rank, the content of each claim of the file that was met."""
        self._payers: dict[str, int] = {}
        self._billing: dict[str, int] = {}
        self._people = _People(self.counts)
        self._facilities = _Facilities(self.counts)
        self._placed: list[_Placed] = []

    def take(self, places: Iterable[int]) -> None:
        """Look at the claims at `places` of the file; make what they rest on, and lay them by."""
        rows = [self._file.claims[place] for place in places]
        here = _here(rows)
        fresh = []
        for row in rows:
            why = self._unfit(row)
            if why is not None:
                self._leave(row, *why)
            elif self._is_new(row, here):
                fresh.append(row)
        self._make_payers(fresh)
        self._make_billing(fresh)
        self._make_practitioners(fresh)
        for row, patient in self._people.of(fresh):
            if isinstance(patient, tuple):
                self._leave(row, *patient)
                continue
            first, last = _days(self._file.lines[row["claim_key"]])
            self._placed.append(
                _Placed(
                    row=row,
                    patient=patient,
                    payer=self._payers[row["payer_id"]],
                    billing=self._billing[row["billing_npi"]],
                    facility=self._facilities.of(row),
                    first=first or dt.date.min,
                    last=last or dt.date.min,
                )
            )

    def finish(self) -> list[int]:
        """Make the claims that were laid by, with their coverages; their keys."""
        covered = _cover(self._placed, self.counts)
        made: list[int] = []
        for places in in_slices(self._placed):
            some = [self._placed[place] for place in places]
            claims = Claim.objects.bulk_create(
                self._claim(placed, covered.get(placed.key)) for placed in some
            )
            versions = ClaimVersion.objects.bulk_create(
                ClaimVersion(claim=claim, **version_values(placed.row))
                for claim, placed in zip(claims, some, strict=True)
            )
            lines = Line.objects.bulk_create(
                Line(version=version, **line_values(line))
                for version, placed in zip(versions, some, strict=True)
                for line in self._file.lines[placed.key]
            )
            if self._sent_at is not None:
                ClaimVersion.objects.filter(pk__in=[version.pk for version in versions]).update(
                    closed_at=self._sent_at
                )
            made += [claim.pk for claim in claims]
            self.counts["claims"] += len(claims)
            self.counts["lines"] += len(lines)
            self.counts["charge_cents"] += sum(claim.charge_cents for claim in claims)
        for placed in self._placed:
            self._tell_coverage(placed.row, covered)
            if self._sent_at is None and placed.key in self._file.others:
                self.told.append(_told(placed.row, *_SECOND_PAYER, taken=True))
        return made

    def _claim(self, placed: _Placed, coverage: int | None) -> Claim:
        row = placed.row
        return Claim(
            claim_id=row["claim_id"],
            patient_id=placed.patient,
            coverage_id=coverage,
            payer_id=placed.payer,
            billing_id=placed.billing,
            facility_id=placed.facility,
            rank=row["payer_rank"],
            state=ClaimState.HELD if self._sent_at is None else ClaimState.SENT,
            served_on=placed.first,
            served_to=placed.last,
            charge_cents=row["charge_cents"],
            payer_control=row["original_ref"] or "",
            sent_at=self._sent_at,
        )

    def _leave(self, row: Row, why: str, next_step: str, claim: int | None = None) -> None:
        self.told.append(_told(row, why, next_step, claim=claim))

    def _tell_coverage(self, row: Row, covered: Mapping[int, int]) -> None:
        if row["claim_key"] in covered:
            return
        if row["member_id"] is None:
            why, step = (
                "it names no member id",
                "Give the patient's coverage, and join patients that are one.",
            )
        else:
            why = "it goes to another payer or member id than the patient's coverage of its day"
            step = "Look which is right; the coverage stays as it was."
        self.told.append(_told(row, why, step, taken=True))

    def _is_new(self, row: Row, here: Mapping[tuple[str, str], tuple[int, list[Row]]]) -> bool:
        """Whether no claim of its id and rank is here, or earlier in the file; else it is told or counted."""
        key = row["claim_id"], row["payer_rank"]
        said = _content(version_values(row), map(line_values, self._file.lines[row["claim_key"]]))
        if key in here:
            claim, versions = here[key]
            if said in versions:
                self.counts["known"] += 1
            else:
                self._leave(
                    row,
                    "a claim of this id is here and says something else",
                    "Compare the two; the one here stays as it was.",
                    claim,
                )
            return False
        if key in self._said:
            if self._said[key] == said:
                self.counts["known"] += 1
            else:
                why = "an earlier claim of the file has the same id and says something else"
                self._leave(row, why, "Give each claim an id of its own where it is made.")
            return False
        self._said[key] = said
        return True

    def _unfit(self, row: Row) -> tuple[str, str] | None:
        """Why a claim cannot be kept, and what to do; None where it can."""
        step = "Complete it where it was made, and import the file again."
        needed = {
            "claim_id": "id", "payer_id": "payer id", "billing_npi": "NPI of the billing provider",
            "charge_cents": "charge", "patient_last": "name of the patient",
        }  # fmt: skip
        for name, words in needed.items():
            if row[name] is None:
                return f"it has no {words}", step
        if row["payer_rank"] not in RANKS:
            return "its payer is neither the first, second nor third", step
        if row["charge_cents"] < 0:
            return "its charge is less than nothing", step
        lines = self._file.lines.get(row["claim_key"], ())
        if not lines:
            return "it has no service line", step
        numbers = [line["line"] for line in lines]
        if None in numbers or len(set(numbers)) < len(numbers) or max(numbers) > _MOST_LINE:
            return "its lines are not numbered one by one", step
        for line in lines:
            of = f"line {line['line']}"
            if line["code"] is None:
                return f"{of} has no code", step
            if line["charge_cents"] is None or line["charge_cents"] < 0:
                return f"{of} has no charge", step
            if _unstorable(line) is not None or too_long(Line, line_values(line)) is not None:
                return f"{of} holds a value that is longer than a claim may hold", step
        first, last = _days(lines)
        if first is None or last is None:
            return "no line has a day of service", step
        if self._sent_at is None and row["claim_key"] in self._file.others and row["payer_rank"] != "P":
            return _LATER_PAYER
        if self._sent_at is not None and row["frequency"] in CORRECTIONS and row["original_ref"] is None:
            return "it corrects or voids a claim, and the payer's number of that is not told", step
        long = _misfit(row, self._file.practitioners.get(row["claim_key"], ()))
        if long is not None:
            return f"it holds a value that is longer than a claim may hold ({long})", step
        return None

    def _make_payers(self, rows: Sequence[Row]) -> None:
        wanted: dict[str, Row] = {}
        for row in rows:
            if row["payer_id"] not in self._payers:
                wanted.setdefault(row["payer_id"], _payer(row))
        self._payers |= _kept(Payer, "payer_id", wanted, self.counts, "payers")

    def _make_billing(self, rows: Sequence[Row]) -> None:
        wanted: dict[str, Row] = {}
        for row in rows:
            if row["billing_npi"] not in self._billing:
                wanted.setdefault(row["billing_npi"], _billing(row))
        self._billing |= _kept(BillingProvider, "npi", wanted, self.counts, "billing providers")

    def _make_practitioners(self, rows: Sequence[Row]) -> None:
        wanted: dict[str, dict[str, str]] = {}
        for row in rows:
            for one in self._file.practitioners.get(row["claim_key"], ()):
                if one["npi"] is not None:
                    values = wanted.setdefault(one["npi"], _provider(one))
                    values["taxonomy"] = values["taxonomy"] or one["taxonomy"] or ""
        _kept(Provider, "npi", wanted, self.counts, "practitioners")


def _told(row: Row, why: str, next_step: str, *, taken: bool = False, claim: int | None = None) -> Told:
    place = f"segment {row['segment']}, byte {row['byte']}"
    item = (row["claim_id"] or "").replace("\0", "")[:_LONGEST_ID]
    return Told(f"claim {item}".strip(), place, why, next_step, taken, claim)


def _here(rows: Sequence[Row]) -> dict[tuple[str, str], tuple[int, list[Row]]]:
    """By id and rank the claims that are here already: the key of each, and what its versions say."""
    ids = {row["claim_id"] for row in rows if row["claim_id"] and "\0" not in row["claim_id"]}
    claims = Claim.objects.filter(claim_id__in=ids)
    found: dict[tuple[str, str], tuple[int, list[Row]]] = {}
    for claim in claims.prefetch_related("versions__lines"):
        versions = [
            _content(
                {name: getattr(version, name) for name in ("frequency", "original_ref", "facts")},
                (
                    {name: getattr(line, name) for name in _LINE_NAMES}
                    for line in sorted(version.lines.all(), key=lambda line: line.line)
                ),
            )
            for version in claim.versions.all()
        ]
        found[claim.claim_id, claim.rank] = (claim.pk, versions)
    return found


_LINE_NAMES: Final = (
    "line", "code", "mod1", "mod2", "mod3", "mod4", "units", "unit_basis", "charge_cents", "served_on",
    "served_to", "dx_pointers", "pos", "control_number", "facts",
)  # fmt: skip


def _content(version: Row, lines: Iterable[Row]) -> Row:
    """What a version says, for comparing it with another; lines by their numbers."""
    return {**version, "lines": sorted(lines, key=lambda line: line["line"])}


def _days(lines: Sequence[Row]) -> tuple[dt.date | None, dt.date | None]:
    first = [line["served_on"] for line in lines if line["served_on"] is not None]
    last = [line["served_to"] for line in lines if line["served_to"] is not None]
    return min(first, default=None), max([*last, *first], default=None)


def _unstorable(row: Row) -> str | None:
    """The first column with a byte of value zero, which no text of the database may hold."""
    return next((name for name, value in row.items() if isinstance(value, str) and "\0" in value), None)


def _misfit(row: Row, practitioners: Iterable[Row]) -> str | None:
    """What of a claim, or of somebody in it, is longer than its column, or holds what no text may."""
    told: tuple[tuple[type[models.Model], Mapping[str, Any]], ...] = (
        (ClaimVersion, version_values(row)),
        (Claim, {"claim_id": row["claim_id"], "payer_control": row["original_ref"]}),
        (Payer, _payer(row)),
        (BillingProvider, _billing(row)),
        (Patient, _patient(row, "")),
        (Coverage, _coverage(row)),
        (Facility, _facility(row, "")),
        *((Provider, _provider(one)) for one in practitioners if one["npi"] is not None),
    )
    found = (_unstorable(row), *(too_long(model, values) for model, values in told))
    return next((name for name in found if name is not None), None)


def _texts(row: Row, prefix: str, *names: str) -> dict[str, str]:
    return {name: row[f"{prefix}_{name}"] or "" for name in names}


def _address(row: Row, prefix: str) -> dict[str, str]:
    told = _texts(row, prefix, *_ADDRESS)
    return {**told, "zip": told["zip"].replace("-", "")}


def _payer(row: Row) -> dict[str, str]:
    return {
        "payer_id": row["payer_id"] or "",
        "name": row["payer_name"] or row["payer_id"] or "",
        "filing": row["filing"] or "",
        **_address(row, "payer"),
    }


def _billing(row: Row) -> dict[str, str]:
    phone = "".join(sign for sign in row["billing_phone"] or "" if sign.isdigit())
    return {
        "npi": row["billing_npi"] or "",
        "name": row["billing_last"] or "",
        "first": row["billing_first"] or "",
        "tax_id": (row["billing_tax_id"] or "").replace("-", ""),
        "tax_id_kind": row["billing_tax_id_kind"] or "EI",
        "taxonomy": row["billing_taxonomy"] or "",
        "phone": phone if len(phone) == 10 else "",  # a number of another length is none that can be called
        **_address(row, "billing"),
    }


def _provider(row: Row) -> dict[str, str]:
    return {name: row[name] or "" for name in ("npi", "last", "first", "taxonomy")}


def _facility(row: Row, name: str) -> dict[str, str]:
    return {
        "name": name or row["facility_name"] or "",
        "npi": row["facility_npi"] or "",
        "pos": row["pos"] or "",
        **_address(row, "facility"),
    }


def _patient(row: Row, number: str) -> dict[str, Any]:
    return {
        "number": number,
        **_texts(row, "patient", "last", "first", "middle", "suffix"),
        **_address(row, "patient"),
        "birth_date": row["birth_date"],
        "sex": row["sex"] if row["sex"] in ("F", "M") else "U",
        "medical_record": row["medical_record"] or "",
    }


def _coverage(row: Row) -> dict[str, Any]:
    own = row["relationship"] == _SELF
    return {
        "member_id": row["member_id"] or "",
        "group_number": row["group_number"] or "",
        "relationship": row["relationship"] or ("" if row["dependent"] else _SELF),
        "subscriber_last": "" if own else row["subscriber_last"] or "",
        "subscriber_first": "" if own else row["subscriber_first"] or "",
        "subscriber_birth_date": None if own else row["subscriber_birth_date"],
        "subscriber_sex": "" if own else row["subscriber_sex"] or "",
    }


def _kept(
    model: "type[Payer | BillingProvider | Provider]",
    key: str,
    wanted: Mapping[str, Row],
    counts: Counter[str],
    what: str,
) -> dict[str, int]:
    """The keys of the rows of `model` by `key`; those that were not there are made, no other is changed."""
    found = dict(model.objects.filter(**{f"{key}__in": wanted}).values_list(key, "pk"))
    new = [model(**values) for value, values in wanted.items() if value not in found]
    for row in model.objects.bulk_create(new):  # type: ignore[arg-type]  # rows of that one model
        found[getattr(row, key)] = row.pk
    counts[what] += len(new)
    return found


class _Facilities:
    """The places of service of the practice."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._known: dict[tuple[str, str], int] = {}
        self._names: set[str] = set()
        for facility in Facility.objects.all():
            self._note(facility)

    def _note(self, facility: Facility) -> None:
        for mark in filter(None, (facility.npi, facility.name.upper())):
            self._known.setdefault((mark, facility.pos), facility.pk)
        self._names.add(facility.name)

    def of(self, row: Row) -> int | None:
        """The place that a claim names, told by its NPI, else its name; None where it names none."""
        if row["facility_name"] is None:
            return None
        told = _facility(row, "")
        mark = told["npi"] or told["name"].upper()
        if (mark, told["pos"]) not in self._known:
            name, number = told["name"], 2
            while name in self._names:
                name, number = f"{told['name'][:54]} ({number})", number + 1
            self._note(Facility.objects.create(**{**told, "name": name}))
            self._counts["places"] += 1
        return self._known[mark, told["pos"]]


class _People:
    """The patients of the claims of a file: found by member id and birth date, else by number, else made."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._known: dict[int, int] = {}
        """By the number that the file gives a person, the key of the patient."""
        self._numbers: set[str] = set()
        self._records: dict[str, tuple[int, dt.date]] = {}
        """By medical record number, who of the file has it and was made, and their birth date."""

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[Row, int | tuple[str, str]]]:
        """Each of `rows` with the key of its patient, or why it cannot be told and what to do."""
        strange = [row for row in rows if row["patient"] not in self._known]
        by_member, by_number = self._insured(strange), self._numbered(strange)
        wrong: dict[int, tuple[str, str]] = {}
        new: dict[int, Row] = {}
        same: dict[int, int] = {}
        for row in strange:
            person = row["patient"]
            if person in new or person in same or person in wrong:
                continue
            found = _one_of(by_member.get(_member(row), ()), row)
            if found is None:
                found = self._by_number(row, by_number)
            if found is None and row["birth_date"] is None:
                found = "its patient has no birth date", "Complete it, and import the file again."
            twin = self._records.get(row["medical_record"] or "")
            if found is None and twin is not None:
                same[person] = twin[0]
                found = None if twin[1] == row["birth_date"] else _OTHER_BIRTH
            if isinstance(found, tuple):
                wrong[person] = found
            elif found is not None:
                self._known[person] = found
            elif twin is None:
                new[person] = row
                if row["medical_record"] is not None:
                    self._records[row["medical_record"]] = (person, row["birth_date"])
        self._make(new)
        self._known |= {person: self._known[twin] for person, twin in same.items() if person not in wrong}
        for row in rows:
            yield row, wrong.get(row["patient"]) or self._known[row["patient"]]

    def _insured(self, rows: Sequence[Row]) -> dict[tuple[str, dt.date | None, bool], list[tuple[int, str]]]:
        """By member id, birth date and whether somebody else is insured: patients, with their first names."""
        ids = {row["member_id"].upper() for row in rows if row["member_id"] is not None}
        found: dict[tuple[str, dt.date | None, bool], list[tuple[int, str]]] = defaultdict(list)
        coverages = Coverage.objects.annotate(member=Upper("member_id")).filter(member__in=ids)
        for member, birth, relationship, patient, first in coverages.values_list(
            "member", "patient__birth_date", "relationship", "patient_id", "patient__first"
        ):
            one = (patient, first.upper())
            if one not in found[member, birth, relationship != _SELF]:
                found[member, birth, relationship != _SELF].append(one)
        return found

    def _numbered(self, rows: Sequence[Row]) -> dict[str, list[tuple[int, dt.date]]]:
        """By the practice's number or medical record: patients, with their birth dates."""
        numbers = {row["medical_record"] for row in rows if row["medical_record"] is not None}
        found: dict[str, list[tuple[int, dt.date]]] = defaultdict(list)
        for column in ("number", "medical_record"):
            patients = Patient.objects.filter(**{f"{column}__in": numbers})
            for value, key, birth in patients.values_list(column, "pk", "birth_date"):
                if (key, birth) not in found[value]:
                    found[value].append((key, birth))
        return found

    def _by_number(
        self, row: Row, known: Mapping[str, Sequence[tuple[int, dt.date]]]
    ) -> int | tuple[str, str] | None:
        found = known.get(row["medical_record"] or "", ())
        if not found:
            return None
        same = [key for key, birth in found if birth == row["birth_date"]]
        if len(same) == 1:
            return same[0]
        return _OTHER_BIRTH

    def _make(self, new: Mapping[int, Row]) -> None:
        wanted = {row["medical_record"] or f"I-{row['claim_id']}" for row in new.values()}
        self._numbers |= set(Patient.objects.filter(number__in=wanted).values_list("number", flat=True))
        people = []
        for row in new.values():
            stem = (row["medical_record"] or f"I-{row['claim_id']}")[:38]
            number, count = stem, 2
            while number in self._numbers or (count > 2 and Patient.objects.filter(number=number).exists()):
                number, count = f"{stem[:32]}-{count}", count + 1
            self._numbers.add(number)
            people.append(Patient(**_patient(row, number)))
        made = Patient.objects.bulk_create(people)
        self._known |= {person: patient.pk for person, patient in zip(new, made, strict=True)}
        self._counts["patients"] += len(made)


def _member(row: Row) -> tuple[str, dt.date | None, bool]:
    return (row["member_id"] or "").upper(), row["birth_date"], row["dependent"]


def _one_of(found: Sequence[tuple[int, str]], row: Row) -> int | tuple[str, str] | None:
    """Who of those insured under one number and born on one day a claim is about.

    Dependents, and several of them at once, are told apart by their first names.
    """
    if not found:
        return None
    if len(found) == 1 and not row["dependent"]:
        return found[0][0]
    first = (row["patient_first"] or "").upper()
    named = [patient for patient, name in found if name == first]
    if len(named) == 1:
        return named[0]
    if not named and row["dependent"]:
        return None
    return (
        "several patients have its member id and birth date",
        "Join those that are one person, and import the file again.",
    )


_Key = tuple[int, str]
"""Payer and member id."""


def _cover(placed: Sequence[_Placed], counts: Counter[str]) -> dict[int, int]:
    """By `claim_key` the coverage of each claim's first day, made where the patient had none then.

    A coverage that is known stays as it is.  Of those that are new, each ends where the next begins; where
    they go back and forth between payers, only the first is made.
    """
    seen: dict[tuple[int, int], dict[_Key, list[tuple[dt.date, Row]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in placed:
        if one.row["member_id"] is not None:
            key = one.payer, one.row["member_id"]
            seen[one.patient, RANKS[one.row["payer_rank"]]][key].append((one.first, one.row))
    known: dict[tuple[int, int], list[tuple[DateRange, _Key, Coverage]]] = defaultdict(list)
    for places in in_slices(keys := [*{patient for patient, _ in seen}]):
        for found in Coverage.objects.filter(patient__in=[keys[place] for place in places]):
            known[found.patient_id, found.rank].append(
                (found.period, (found.payer_id, found.member_id), found)
            )
    new: list[Coverage] = []
    for (patient, rank), by_key in seen.items():
        of_rank = known[patient, rank]
        for (payer, member), days, period in _periods(by_key):
            for start, end in _free(period, of_rank):
                inside = [row for day, row in days if start <= day and (end is None or day < end)]
                if not inside:
                    continue
                coverage = Coverage(
                    patient_id=patient,
                    payer_id=payer,
                    rank=rank,
                    period=DateRange(start, end),
                    **_coverage(inside[-1]),
                )
                new.append(coverage)
                of_rank.append((coverage.period, (payer, member), coverage))
    Coverage.objects.bulk_create(new)
    counts["coverages"] += len(new)
    return {
        row["claim_key"]: coverage.pk
        for of, by_key in seen.items()
        for key, days in by_key.items()
        for day, row in days
        for period, whose, coverage in known[of]
        if whose == key and _holds(period, day)
    }


def _periods(
    by_key: Mapping[_Key, Sequence[tuple[dt.date, Row]]],
) -> Iterator[tuple[_Key, Sequence[tuple[dt.date, Row]], tuple[dt.date, dt.date | None]]]:
    """Each payer and member id with its claims and the days from its first to the next one's first."""
    order = sorted(
        (min(day for day, _ in days), max(day for day, _ in days), key) for key, days in by_key.items()
    )
    mixed = any(after[0] <= before_[1] for before_, after in pairwise(order))
    for (first, _, key), after in zip(order, [*order[1:], None], strict=True):
        until = None if after is None or mixed else after[0]
        yield key, sorted(by_key[key], key=lambda one: one[0]), (first, until)
        if mixed:
            return


def _free(
    period: tuple[dt.date, dt.date | None], known: Sequence[tuple[DateRange, _Key, Coverage]]
) -> Iterator[tuple[dt.date, dt.date | None]]:
    """The parts of `period` on which no coverage is known."""
    start, end = period
    taken = sorted(((one.lower or dt.date.min, one.upper) for one, _, _ in known), key=lambda one: one[0])
    for lower, upper in taken:
        if upper is not None and upper <= start:
            continue
        if end is not None and lower >= end:
            break
        if lower > start:
            yield start, lower
        if upper is None:
            return
        start = max(start, upper)
    if end is None or start < end:
        yield start, end


def _holds(period: DateRange, day: dt.date) -> bool:
    return (period.lower is None or period.lower <= day) and (period.upper is None or day < period.upper)
