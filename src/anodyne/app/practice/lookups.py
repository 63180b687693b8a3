"""What a person may mean who types the beginning of something: patients, practitioners, codes."""

import datetime as dt
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from django.db.models import Q

from anodyne.app.practice.checking import tables
from anodyne.app.practice.entry import dotted, patient_words, provider_words
from anodyne.app.practice.typed import SEPARATOR, day
from anodyne.reference.diagnosis_codes import code_books
from anodyne.store.models import BillingProvider, Coverage, Facility, Patient, Provider

MOST: Final = 12
_LABELS: Final = ("own_labels", "code_labels")
"""Tables with words for procedure codes; the user's own stand first."""
_BEGINNING: Final = re.compile(r"[A-Z][0-9][0-9A-Z]?[0-9A-Z]{0,4}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of those that are meant."""

    value: str = field(repr=False)
    """What stands in the field once it is chosen."""
    words: str = field(repr=False)
    """What the list shows beside it."""


def patients(text: str) -> list[Choice]:
    """Patients whose number, last name (and, after a comma, first name) begin so, or born on that day."""
    told = text.split(SEPARATOR, maxsplit=1)[0].strip().replace("\0", "")
    if not told:
        return []
    last, _, first = (part.strip() for part in told.partition(","))
    meant = Q(number__istartswith=told)
    meant |= Q(last_upper__startswith=last.upper(), first_upper__startswith=first.upper())
    with suppress(ValueError):
        meant |= Q(birth_date=_birth(told))
    found = Patient.objects.filter(meant).order_by("last", "first", "number")[:MOST]
    return [Choice(patient_words(one), ", ".join(filter(None, (one.city, one.state)))) for one in found]


def providers(text: str) -> list[Choice]:
    """Practitioners whose NPI or name begins so."""
    told = text.split(SEPARATOR, maxsplit=1)[0].strip().replace("\0", "")
    if not told:
        return []
    last, _, first = (part.strip() for part in told.partition(","))
    meant = Q(npi__startswith=told) | Q(last__istartswith=last, first__istartswith=first)
    found = Provider.objects.filter(meant).order_by("last", "first", "npi")[:MOST]
    return [Choice(provider_words(one), "") for one in found]


def codes(text: str, on: dt.date) -> list[Choice]:
    """Procedure codes that begin so, or whose words in force on the day `on` have every word of `text`."""
    words = text.split(SEPARATOR, maxsplit=1)[0].strip().lower().split()
    if not words:
        return []
    live = (pl.col("from") <= on) & (pl.col("until").is_null() | (pl.col("until") > on))
    label = pl.col("label").str.to_lowercase()
    meant = pl.col("code").str.to_lowercase().str.starts_with(words[0])
    if sum(map(len, words)) > 2:
        meant |= pl.all_horizontal([label.str.contains(word, literal=True) for word in words])
    found: dict[str, str] = {}
    for name in _LABELS:
        rows = tables().table(name).filter(live & meant).select("code", "label").sort("code")
        for code, words_of in rows.iter_rows():
            found.setdefault(code, words_of)
    return [Choice(code, found[code]) for code in sorted(found)[:MOST]]


def diagnoses(text: str, on: dt.date) -> list[Choice]:
    """Diagnosis codes of the newest list in force on the day `on` that begin so."""
    told = text.strip().upper().replace(".", "")
    if _BEGINNING.fullmatch(told) is None:
        return []
    books = code_books(tables(), on, on)
    found = books[-1].beginning_with(told) if books else []
    return [Choice(dotted(code), "") for code in found[:MOST]]


def coverages(patient: str, served_on: str) -> list[Choice]:
    """What covers the patient (as a field tells them) on a day, first payer first; all, without a day."""
    number = patient.split(SEPARATOR, maxsplit=1)[0].strip().replace("\0", "")
    found = Coverage.objects.filter(patient__number=number).select_related("payer").order_by("rank", "period")
    with suppress(ValueError):
        found = found.filter(period__contains=day(served_on.strip()))
    return [
        Choice(str(one.pk), SEPARATOR.join((f"{one.rank}", one.payer.name, one.member_id))) for one in found
    ]


def rendering() -> list[Choice]:
    """Everybody who may have done it, told by name first."""
    found = Provider.objects.order_by("last", "first")
    return [
        Choice(one.npi, SEPARATOR.join((", ".join(filter(None, (one.last, one.first))), one.npi)))
        for one in found
    ]


def places() -> list[Choice]:
    """Every place of service."""
    return _named(Facility.objects.order_by("name"))


def billers() -> list[Choice]:
    """Everybody who bills."""
    return _named(BillingProvider.objects.order_by("name"))


def _named(rows: Iterable[Facility | BillingProvider]) -> list[Choice]:
    return [Choice(str(one.pk), one.name) for one in rows]


def _birth(text: str) -> dt.date:
    """As `typed.day`, of any year."""
    try:
        return day(text)
    except ValueError:
        return dt.datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=dt.UTC).date()
