"""Plain values, as a form or JSON gives them, into a session; every wrong field is told at once."""

import datetime as dt
import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from anodyne.coding.facts import Fact, Kind, facts_of
from anodyne.coding.levels import canonical
from anodyne.coding.pointers import plain
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.session import Biller, Entry, Payer, Session
from anodyne.kernel.errors import BadFacts, BadField
from anodyne.model.frames import DIAGNOSES
from anodyne.reference.tables import Reference

_SESSION: Final = ("day", "place", "payer", "biller", "diagnoses", "procedures")
_PAYER: Final = ("payer_id", "payer_name", "filing", "state")
_YES: Final = frozenset({"yes", "true", "1", "y", "on"})
_NO: Final = frozenset({"no", "false", "0", "n", "off"})
_MOST_PROCEDURES: Final = 50
_MOST_NAMES: Final = 60
_SHAPES: Final = (
    (
        "filing",
        re.compile(r"[A-Z0-9]{2}"),
        "is no filing indicator",
        "Two characters, as MB for Medicare Part B.",
    ),
    ("state", re.compile(r"[A-Z]{2}"), "is no state", "Two letters, as OH."),
)
_PLACE: Final = re.compile(r"\d{2}")
_DIAGNOSIS: Final = re.compile(r"[A-Z]\d[0-9A-Z]{1,5}")
_NDC: Final = re.compile(r"\d{11}")
_HCPCS: Final = re.compile(r"[A-Z0-9]\d{3}[A-Z0-9]")


class _Wrong(Exception):
    """A value that is not what its field takes."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


def session_of(given: Mapping[str, object], reference: Reference) -> Session:
    """The session that `given` tells, in the fields that `families` describes.

    `day` (a date, or as 2026-10-14), `place` (two digits), `procedures` (each with its `family` and facts);
    and where they are known `payer` (`payer_id`, `payer_name`, `filing`, `state`), `biller` and `diagnoses`.
    None and empty text are facts that nobody told.  Raises BadFacts with every field that is wrong.
    """
    reader = _Reader(reference)
    return reader.session(given)


class _Reader:
    """Reads one session, and keeps what was wrong."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.wrong: list[BadField] = []

    def session(self, given: Mapping[str, object]) -> Session:
        self._known(given, _SESSION, "")
        day = self._value("day", given.get("day"), _day)
        place = self._value("place", given.get("place"), _place)
        biller = self._value("biller", given.get("biller"), _biller)
        diagnoses = self._value("diagnoses", given.get("diagnoses"), _diagnoses)
        payer = self._payer(given.get("payer"))
        entries = self._entries(given.get("procedures"))
        if self.wrong or day is None or place is None:
            raise BadFacts(self.wrong)
        named = {plain(dx) for entry in entries for dx in entry.facts.dx or ()} | set(diagnoses or ())
        if len(named) > len(DIAGNOSES):
            fix = "Leave out those that no line needs."
            raise BadFacts(
                [BadField("diagnoses", f"{len(named)} diagnoses; a claim holds {len(DIAGNOSES)}", fix)]
            )
        return Session(day, place, tuple(entries), payer, biller or Biller.PRACTITIONER, diagnoses or ())

    def _payer(self, given: object) -> Payer:
        if _missing(given):
            return Payer()
        if not isinstance(given, Mapping):
            self._bad("payer", "is no record of a payer", f"Give {', '.join(_PAYER)}.")
            return Payer()
        self._known(given, _PAYER, "payer.")
        texts: dict[str, str] = {}
        for name in _PAYER:
            if not _missing(given.get(name)):
                texts[name] = self._value(f"payer.{name}", given[name], _text)
        for name, shape, message, fix in _SHAPES:
            if texts.get(name):
                texts[name] = texts[name].upper()
                if not shape.fullmatch(texts[name]):
                    self._bad(f"payer.{name}", message, fix)
        return Payer(**texts)

    def _entries(self, given: object) -> list[Entry]:
        if not isinstance(given, Sequence) or isinstance(given, str) or not given:
            self._bad("procedures", "lists no procedure", "Tell at least one, with its family.")
            return []
        if len(given) > _MOST_PROCEDURES:
            fix = f"Tell at most {_MOST_PROCEDURES}: a claim holds no more lines."
            self._bad("procedures", f"lists {len(given)} procedures", fix)
            return []
        return [entry for n, one in enumerate(given) if (entry := self._entry(n, one)) is not None]

    def _entry(self, number: int, given: object) -> Entry | None:
        where = f"procedures[{number}]"
        if not isinstance(given, Mapping):
            self._bad(where, "is no record of a procedure", "Give its family and facts.")
            return None
        family = given.get("family")
        if not isinstance(family, str) or family not in FAMILIES:
            self._bad(f"{where}.family", "is none of the families", f"One of {', '.join(FAMILIES)}.")
            return None
        record = FAMILIES[family][1]
        facts = facts_of(record)
        self._known(given, ("family", *facts), f"{where}.")
        values: dict[str, Any] = {}
        for name, fact in facts.items():
            try:
                values[name] = self._fact(fact, name, given.get(name))
            except _Wrong as error:
                self._bad(f"{where}.{name}", error.message, error.fix)
        return Entry(number, family, record(**values)) if len(values) == len(facts) else None

    def _fact(self, fact: Fact, name: str, given: object) -> object:
        if _missing(given):
            return None
        match fact.kind:
            case Kind.CHOICE:
                return self._option(fact, _text(given))
            case Kind.SEVERAL:
                return tuple(dict.fromkeys(self._option(fact, one) for one in _texts(given))) or None
            case Kind.NAMES:
                names = tuple(_texts(given))
                return tuple(map(_diagnosis, names)) or None if name == "dx" else names or None
            case Kind.COUNT | Kind.AMOUNT:
                return _number(fact, given)
            case Kind.YES_NO:
                return _yes_no(given)
            case Kind.TEXT:
                return _code(name, _text(given))

    def _option(self, fact: Fact, text: str) -> str:
        options = options_of(fact, self.reference)
        value = canonical(text) if fact.levels or fact.nerves else "_".join(text.casefold().split())
        if value not in options:
            near = difflib.get_close_matches(value, options, n=1)
            fix = f"Is it {near[0]}?" if near else f"One of {', '.join(options)}."
            raise _Wrong("is none of its choices", fix)
        return value

    def _value(self, name: str, given: object, read: Any) -> Any:  # noqa: ANN401  what `read` gives
        try:
            return read(given)
        except _Wrong as error:
            self._bad(name, error.message, error.fix)
            return None

    def _known(self, given: Mapping[Any, object], names: Iterable[str], where: str) -> None:
        known = tuple(names)
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1)
                fix = f"Is it {near[0]}?" if near else f"One of {', '.join(known)}."
                self._bad(f"{where}{name}", "is no field", fix)

    def _bad(self, where: str, message: str, fix: str) -> None:
        self.wrong.append(BadField(where, message, fix))


def options_of(fact: Fact, reference: Reference) -> dict[str, str]:
    """The values that `fact` may take and their labels."""
    if fact.structures:
        rows = reference.table("procedure_anatomy").filter(family=fact.structures)
    elif fact.levels or fact.nerves:
        rows = reference.table("spinal_levels").filter(family=fact.levels or "facet").sort("place")
    else:
        return dict(fact.options)
    if fact.structures:
        return dict(rows.select("structure", "label").iter_rows())
    if fact.levels:
        return {level: level for level in rows["level"]}
    return {nerve: nerve for joint in rows["nerves"] for nerve in joint.split(";")}


def _missing(given: object) -> bool:
    return given is None or (isinstance(given, str) and not given.strip())


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise _Wrong("is no text", "Give one value as text.")
    return given.strip()


def _texts(given: object) -> list[str]:
    if isinstance(given, str):
        return _texts([part.strip() for part in re.split("[,;\n]", given) if part.strip()])
    if not isinstance(given, Sequence):
        raise _Wrong("is no list", "Give a list of texts.")
    if len(given) > _MOST_NAMES:
        raise _Wrong(f"lists {len(given)}", f"At most {_MOST_NAMES}.")
    return [text for one in given if not _missing(one) and (text := _text(one))]


def _number(fact: Fact, given: object) -> float | int:
    try:
        value = float(str(given).strip().replace(",", "")) if not isinstance(given, bool) else math.nan
    except ValueError:
        value = math.nan
    whole = fact.kind is Kind.COUNT
    if not fact.least <= value <= fact.most or (whole and value != int(value)):
        kind = "whole number" if whole else "number"
        raise _Wrong(f"is no {kind} from {fact.least:g} to {fact.most:g}", "Correct it, or leave it empty.")
    return int(value) if whole else value


def _yes_no(given: object) -> bool:
    if isinstance(given, bool):
        return given
    text = str(given).strip().casefold()
    if text in _YES | _NO:
        return text in _YES
    raise _Wrong("is neither yes nor no", "Say yes or no, or leave it empty.")


def _code(name: str, text: str) -> str:
    if name == "ndc":
        digits = text.replace("-", "").replace(" ", "")
        if not _NDC.fullmatch(digits):
            raise _Wrong("is no national drug code of 11 digits", "Write it 5-4-2, with leading zeros.")
        return digits
    code = text.upper()
    if not _HCPCS.fullmatch(code):
        raise _Wrong("is no HCPCS code", "Five characters, as J1010.")
    return code


def _diagnosis(text: str) -> str:
    code = plain(text)
    if not _DIAGNOSIS.fullmatch(code):
        raise _Wrong("is no diagnosis code", "An ICD-10-CM code, as M54.16.")
    return code


def _diagnoses(given: object) -> tuple[str, ...]:
    return () if _missing(given) else tuple(dict.fromkeys(map(_diagnosis, _texts(given))))


def _day(given: object) -> dt.date:
    if isinstance(given, dt.datetime):
        raise _Wrong("is a time and no day", "Give the day of service.")
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(str(given).strip())
    except ValueError:
        raise _Wrong("is no day", "Write it as 2026-10-14.") from None


def _place(given: object) -> str:
    text = "" if _missing(given) else str(given).strip()
    if not _PLACE.fullmatch(text):
        raise _Wrong("is no place of service", "Two digits, as 11 for an office.")
    return text


def _biller(given: object) -> Biller:
    if _missing(given):
        return Biller.PRACTITIONER
    try:
        return Biller(str(given).strip())
    except ValueError:
        raise _Wrong("is no biller", f"One of {', '.join(Biller)}.") from None
