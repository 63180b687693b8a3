"""Days of a claim: real ones, ranges in order, and nothing before birth or after the file was made."""

import datetime as dt
from typing import Final

import numpy as np

from anodyne.x12.columns import days_since_epoch, epoch_day
from anodyne.x12.loops import LOOP
from anodyne.x12.segments import Flags, Rows, packed
from anodyne.x12.structure.elements import field_names
from anodyne.x12.structure.fields import ENVELOPE, GROUP, LEVELS, Sheet
from anodyne.x12.structure.found import Found

_RANGE: Final = packed("RD8")
_DAY: Final = packed("D8")
_UNKNOWN: Final = np.iinfo(np.int64).max
_ICD_9_ENDS: Final = epoch_day(dt.date(2015, 10, 1))
_ICD_9: Final = (packed("BK"), packed("BF"))
_ACCIDENTS: Final = (packed("AA"), packed("OA"))
_INPATIENT: Final = packed("21")
_SELF: Final = packed("18")


def check_days(sheet: Sheet, found: Found) -> None:
    """Dates in DTP, and their order within a claim."""
    service, first, last = _service_days(sheet, found)
    made = _made_on(sheet)
    _in_the_future(sheet, found, service, last, made)
    claims = sheet.rows("CLM", "2300")
    earliest = _per_claim(sheet, service, first, np.minimum, _UNKNOWN)
    latest = _per_claim(sheet, service, last, np.maximum, -_UNKNOWN)
    _births(sheet, found, claims, earliest, made)
    if not len(claims):
        return
    _onsets(sheet, found, latest)
    _required_days(sheet, found, claims)
    _diagnosis_system(sheet, found, earliest)


def _service_days(sheet: Sheet, found: Found) -> tuple[Rows, Rows, Rows]:
    """Rows of DTP*472 whose days are real, and those days; every DTP that holds none is told."""
    fields = sheet.of_kind("dtp")
    if not len(fields):
        none = np.zeros(0, np.int64)
        return none, none, none
    data = sheet.window.data
    form = sheet.value(fields.row, 2)
    ranged = (form == _RANGE) | ((form != _DAY) & (fields.length == 17))
    first, real = days_since_epoch(data, fields.start)
    real &= fields.length == np.where(ranged, 17, 8)
    last = first.copy()
    which = np.flatnonzero(ranged & real)
    if len(which):
        last[which], also = days_since_epoch(data, fields.start[which] + 9)
        real[which] &= also & (data[fields.start[which] + 8] == ord("-"))
    bad = fields[np.flatnonzero(~real)]
    wanted = np.where(ranged[~real], "CCYYMMDD-CCYYMMDD", "CCYYMMDD").tolist()
    messages = [
        f"{name} is no day of the calendar as {form_}"
        for name, form_ in zip(field_names(sheet, bad), wanted, strict=True)
    ]
    found.add(sheet.placed, "X12-DATE", bad.row, messages, at=bad.start)
    back = np.flatnonzero(real & (last < first))
    found.add(
        sheet.placed,
        "X12-RANGE",
        fields.row[back],
        "the range of dates ends before it begins",
        at=fields.start[back],
    )
    service = real & np.isin(sheet.use[fields.row], sheet.guide.numbers("DTP", ("2400",), ("472",)))
    return fields.row[service], first[service], np.maximum(first, last)[service]


def _made_on(sheet: Sheet) -> tuple[Rows, Rows]:
    """The rows of BHT, and the day each transaction was made: the later of its own and its group's."""
    headers, groups = sheet.rows("BHT", "ST"), sheet.rows("GS", "GS")
    made, of_groups = _day_at(sheet, headers, 4), _day_at(sheet, groups, 4)
    group = sheet.last(groups, headers, GROUP)
    return headers, np.where(group >= 0, np.maximum(made, np.append(of_groups, 0)[group]), made)


def _day_at(sheet: Sheet, rows: Rows, place: int) -> Rows:
    """The day in an element; the unknown one, later than all, where it holds none."""
    start, end = sheet.window.element(rows, place)
    day, real = days_since_epoch(sheet.window.data, start)
    return np.where(real & (end - start == 8), day, _UNKNOWN)


def _made_for(sheet: Sheet, rows: Rows, made: tuple[Rows, Rows]) -> Rows:
    """The day on which the transaction of each row was made."""
    headers, days = made
    return np.append(days, _UNKNOWN)[sheet.last(headers, rows, ENVELOPE)]


def _in_the_future(sheet: Sheet, found: Found, service: Rows, last: Rows, made: tuple[Rows, Rows]) -> None:
    late = np.flatnonzero(last > _made_for(sheet, service, made))
    message = "the service is dated after the file was made"
    found.add(
        sheet.placed, "X12-DATE-FUTURE", service[late], message, at=sheet.window.element(service[late], 3)[0]
    )


def _per_claim(sheet: Sheet, rows: Rows, days: Rows, choose: np.ufunc, start: int) -> Rows:
    """The first or last of the days that stand in each claim."""
    chosen = np.full(len(sheet.rows("CLM", "2300")), start, np.int64)
    owner = sheet.claim[rows]
    inside = owner >= 0
    choose.at(chosen, owner[inside], days[inside])
    return chosen


def _births(sheet: Sheet, found: Found, claims: Rows, earliest: Rows, made: tuple[Rows, Rows]) -> None:
    """The patient's birth against the first service of each claim and the day the file was made.

    It is told at the claim, which sees its patient in any window; of a subscriber who is nobody's patient, at
    the birth.
    """
    rows = sheet.rows("DMG", "2010BA", "2010CA")
    birth = _day_at(sheet, rows, 2)
    unborn = (birth != _UNKNOWN) & (birth > _made_for(sheet, rows, made))
    others = rows[unborn & ~_are_patients(sheet, rows)]
    message = "the birth is dated after the file was made"
    found.add(sheet.placed, "X12-DATE-BIRTH", others, message, at=sheet.window.element(others, 2)[0])
    owner = sheet.last(rows, claims, LEVELS)
    own = (owner >= 0) & ~np.isin(np.append(rows, -1)[owner], others)
    owner, earliest, claims = owner[own], earliest[own], claims[own]
    after_service = (birth[owner] != _UNKNOWN) & (birth[owner] > earliest)
    message = "the patient's birth is dated after the service"
    found.add(sheet.placed, "X12-DATE-BIRTH", claims[after_service], message)
    message = "the patient's birth is dated after the file was made"
    found.add(sheet.placed, "X12-DATE-BIRTH", claims[unborn[owner] & ~after_service], message)


def _are_patients(sheet: Sheet, rows: Rows) -> Flags:
    """Whether each DMG is that of a dependent, or of a subscriber who is the patient."""
    subscribers = sheet.rows("SBR", "2000B")
    own = sheet.last(subscribers, rows, LEVELS)
    is_self = np.append(sheet.value(subscribers, 2) == _SELF, False)[own]
    patients: Flags = (sheet.placed.loop[rows] == LOOP["2010CA"]) | is_self
    return patients


def _onsets(sheet: Sheet, found: Found, latest: Rows) -> None:
    for qualifier, what in (("431", "the illness begins"), ("439", "the accident is dated")):
        rows = sheet.rows("DTP", "2300", qualifiers=(qualifier,))
        day = _day_at(sheet, rows, 3)
        served = latest[np.maximum(sheet.claim[rows], 0)]
        bad = rows[(day != _UNKNOWN) & (served != -_UNKNOWN) & (day > served)]
        found.add(
            sheet.placed,
            "X12-DATE-ONSET",
            bad,
            f"{what} after the last service",
            at=sheet.window.element(bad, 3)[0],
        )


def _required_days(sheet: Sheet, found: Found, claims: Rows) -> None:
    """Days and places that other facts of the claim call for."""
    window = sheet.window
    start, end = window.element(claims, 11)
    given = end > start
    if given.any():
        causes = claims[given]
        parts = [window.packed_at(*window.component(start[given], end[given], place)) for place in (1, 2, 3)]
        accident = np.isin(parts, _ACCIDENTS).any(axis=0)
        dated = _has(claims, causes, sheet.rows("DTP", "2300", qualifiers=("439",)))
        message = "DTP*439 (the day of the accident) is missing; CLM11 says that there was one"
        found.add(
            sheet.placed,
            "X12-ACCIDENT-DATE",
            causes[accident & ~dated],
            message,
            at=start[given][accident & ~dated],
        )
        state = window.component(start[given], end[given], 4)
        country = window.component(start[given], end[given], 5)
        stateless = (
            (np.isin(parts, _ACCIDENTS[:1]).any(axis=0)) & (state[0] == state[1]) & (country[0] == country[1])
        )
        message = "CLM11-4 (the state of the motor accident) is missing"
        found.add(sheet.placed, "X12-ACCIDENT-STATE", causes[stateless], message, at=start[given][stateless])
    place = window.packed_at(*window.component(*window.element(claims, 5), 1))
    inpatient = claims[place == _INPATIENT]
    admitted = _has(claims, inpatient, sheet.rows("DTP", "2300", qualifiers=("435",)))
    message = "DTP*435 (the day of admission) is missing; the place of service is 21"
    found.add(sheet.placed, "X12-ADMISSION", inpatient[~admitted], message)


def _has(claims: Rows, some: Rows, rows: Rows) -> Flags:
    """Whether each of `some` claims holds one of `rows`."""
    return np.isin(some, claims[np.maximum(np.searchsorted(claims, rows) - 1, 0)])


def _diagnosis_system(sheet: Sheet, found: Found, earliest: Rows) -> None:
    rows = sheet.rows("HI", "2300", qualifiers=("BK", "ABK"))
    old = rows[np.isin(sheet.window.qualifier[rows], _ICD_9)]
    served = earliest[np.maximum(sheet.claim[old], 0)]
    bad = old[(served != _UNKNOWN) & (served >= _ICD_9_ENDS)]
    message = "BK says ICD-9-CM, which ended for services from 2015-10-01; ABK says ICD-10-CM"
    found.add(sheet.placed, "X12-DX-SYSTEM", bad, message, at=sheet.window.element(bad, 1)[0])
