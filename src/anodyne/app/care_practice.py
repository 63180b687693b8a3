"""The practice whose months become claims: one TOML file, checked as it is read.

What it may hold is told in docs/care.md.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from anodyne.care.claims import Terms
from anodyne.kernel.errors import UnreadableFile
from anodyne.kernel.npi import is_npi
from anodyne.model.parties import Address, Billing, Contact, Organisation, Person, Receiver, Site, Submitter
from anodyne.sheets.columns import near
from anodyne.x12.compose_parties import Interchange
from anodyne.x12.structure.codes import LISTS

Entry = Mapping[str, Any]

_ADDRESS: Final = ("street", "city", "state", "zip")
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "submitter": ("name", "id", "contact", "phone"),
        "receiver": ("name", "id"),
        "interchange": ("sender", "receiver", "usage"),
        "billing": ("npi", "taxonomy", "tax_id", "place", *_ADDRESS),
        "practitioner": ("last", "taxonomy"),
        "site": ("name", *_ADDRESS),
    }
)
"""By table: its keys; of practitioners and sites, those of each."""
_ALLOWED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "submitter": ("extension", "email"),
        "receiver": (),
        "interchange": ("sender_qualifier", "receiver_qualifier", "sender_code", "receiver_code"),
        "billing": ("name", "last", "first", "tax_id_kind", "more", "contact", "phone"),
        "practitioner": ("first", "middle", "suffix"),
        "site": ("npi", "more"),
    }
)
_TABLES: Final = ("submitter", "receiver", "interchange", "billing", "practitioner", "charges")
_USAGES: Final[Mapping[str, Literal["T", "P"]]] = MappingProxyType({"test": "T", "production": "P"})
_TAX_ID_KINDS: Final = ("EI", "SY")
_CODE: Final = re.compile("[0-9A-Z][0-9]{3}[0-9A-Z]")
_CHARGE: Final = re.compile(r"([0-9]{1,7})\.([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Practice:
    """Who bills, who treats, what it costs, and who the claims go to."""

    terms: Terms
    submitter: Submitter
    receiver: Receiver
    billing: Billing
    practitioners: Mapping[str, Person] = field(repr=False)
    """By NPI."""
    sites: Mapping[str, Site] = field(repr=False)
    """By place of service."""
    envelope: Mapping[str, str] = field(repr=False)
    usage: Literal["T", "P"]

    def interchange(self, control_number: int, made_at: dt.datetime) -> Interchange:
        """The envelope of a file, each segment on a row of its own."""
        return Interchange(
            control_number=control_number,
            made_at=made_at,
            usage=self.usage,
            line_breaks=True,
            **self.envelope,  # type: ignore[arg-type]  # texts, by the names of fields that are texts
        )


def read_practice(path: str | Path) -> Practice:
    """The practice in the TOML file at `path`.

    Raises UnreadableFile where it cannot be read or does not hold together: which key, and what to do; no
    value is shown.
    """
    try:
        whole = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(
            f"the practice cannot be read: {error.strerror}",
            where=str(path),
            fix="Look at its name and rights.",
        ) from error
    except ValueError as error:
        raise UnreadableFile(
            f"not a practice file: {error}", where=str(path), fix="See docs/care.md for the form."
        ) from error
    return _practice(whole, _Where(str(path)))


def _practice(whole: Entry, where: "_Where") -> Practice:
    _only(whole, _TABLES, ("site",), where)
    submitter, receiver, interchange, billing = (
        _entry(whole[name], name, where.under(name)) for name in _TABLES[:4]
    )
    practitioners = _entries(whole, "practitioner", where)
    for npi in practitioners:
        _fits("npi", npi, where.under(f"practitioner.{npi}"))
    sites = _entries(whole, "site", where)
    for place in sites:
        _fits("place", place, where.under(f"site.{place}"))
    if not practitioners:
        raise where.under("practitioner").error(
            "nobody treats", "Give each a table, as [practitioner.1234567893]."
        )
    terms = Terms(
        billing_npi=billing["npi"],
        billing_taxonomy=billing["taxonomy"],
        place=billing["place"],
        taxonomies={npi: one["taxonomy"] for npi, one in practitioners.items()},
        charges=_charges(whole["charges"], where.under("charges")),
        sites={place: site.get("npi", "") for place, site in sites.items()},
    )
    return Practice(
        terms,
        Submitter(submitter["name"], submitter["id"], _contact(submitter)),
        Receiver(receiver["name"], receiver["id"]),
        _billing(billing, where.under("billing")),
        {npi: _person(one) for npi, one in practitioners.items()},
        {place: Site(site["name"], _address(site)) for place, site in sites.items()},
        {name: text for name, text in interchange.items() if name != "usage"},
        _USAGES[interchange["usage"]],
    )


def _billing(entry: Entry, where: "_Where") -> Billing:
    if ("name" in entry) == ("last" in entry):
        raise where.error(
            "it has not one of name and last", "Give a company its name, a person last and first."
        )
    if ("contact" in entry) != ("phone" in entry):
        raise where.error("it has one of contact and phone", "Give both, or neither.")
    return Billing(
        Organisation(entry["name"]) if "name" in entry else _person(entry),
        _address(entry),
        entry["tax_id"],
        "SY" if entry.get("tax_id_kind") == "SY" else "EI",
        _contact(entry) if "contact" in entry else None,
    )


def _contact(entry: Entry) -> Contact:
    return Contact(entry["contact"], entry["phone"], entry.get("extension", ""), entry.get("email", ""))


def _address(entry: Entry) -> Address:
    return Address(entry["street"], entry["city"], entry["state"], entry["zip"], entry.get("more", ""))


def _person(entry: Entry) -> Person:
    return Person(*(entry.get(name, "") for name in ("last", "first", "middle", "suffix")))


def _charges(given: object, where: "_Where") -> Mapping[str, int]:
    charges = {}
    for code, text in _table(given, where).items():
        if not _CODE.fullmatch(code):
            raise where.error(f"{code} is no procedure code", "Write its five letters and digits, as G3002.")
        found = _CHARGE.fullmatch(text) if isinstance(text, str) else None
        if found is None or not float(text):
            raise where.error(
                f"the charge of {code} is not dollars and cents", f'Write it in quotes, as {code} = "125.00".'
            )
        charges[code] = int(found[1]) * 100 + int(found[2])
    return MappingProxyType(charges)


@dataclass(frozen=True, slots=True)
class _Where:
    """A place in the file."""

    path: str
    table: str = ""

    def under(self, table: str) -> "_Where":
        return _Where(self.path, table)

    def error(self, what: str, fix: str) -> UnreadableFile:
        return UnreadableFile(what, where=f"{self.path}, {self.table}" if self.table else self.path, fix=fix)


def _entries(whole: Entry, kind: str, where: _Where) -> Mapping[str, Entry]:
    """The tables under `kind`, by their keys."""
    given = _table(whole.get(kind, {}), where.under(kind))
    return {key: _entry(one, kind, where.under(f"{kind}.{key}")) for key, one in given.items()}


def _entry(given: object, kind: str, where: _Where) -> Mapping[str, str]:
    """One table of texts with the keys of its kind, each of which fits."""
    entry = _table(given, where)
    _only(entry, _NEEDED[kind], _ALLOWED[kind], where)
    for key, value in entry.items():
        if not isinstance(value, str) or not value.strip():
            raise where.error(f"{key} is not a text", f'Write it in quotes, as {key} = "…".')
        _fits(key, value, where)
    return entry


def _table(given: object, where: _Where) -> Entry:
    if not isinstance(given, dict):
        raise where.error("it is not a table", f"Write it under [{where.table}].")
    return given


def _only(entry: Entry, needed: tuple[str, ...], allowed: tuple[str, ...], where: _Where) -> None:
    """Refuse a key that is not known, and the lack of one that is needed."""
    known = (*needed, *allowed)
    for key in entry:
        if key not in known:
            meant = near(key, known)
            step = f"Is it {meant}?" if meant else f"Use some of {', '.join(known)}."
            raise where.error(f"there is no key {key}", step)
    lacking = [key for key in needed if key not in entry]
    if lacking:
        raise where.error(f"it lacks {', '.join(lacking)}", "See docs/care.md for the form.")


_FORMS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        "taxonomy": (re.compile("[0-9]{3}[0-9A-Z]{6}X"), "a taxonomy code, as 208VP0014X"),
        "tax_id": (re.compile("[0-9]{9}"), "nine digits"),
        "phone": (re.compile("[0-9]{10}"), "ten digits"),
        "zip": (re.compile("[0-9]{9}"), "nine digits: claims want the whole ZIP code of a practice"),
    }
)
"""By key: what its text must be."""
_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "place": tuple(LISTS["pos"].split()),
        "state": tuple(LISTS["state"].split()),
        "sender_qualifier": tuple(LISTS["interchange"].split()),
        "receiver_qualifier": tuple(LISTS["interchange"].split()),
        "tax_id_kind": _TAX_ID_KINDS,
        "usage": tuple(_USAGES),
    }
)
"""By key: the texts of which it must be one."""
_EXAMPLES: Final[Mapping[str, str]] = MappingProxyType(
    {"place": "a place of service code, as 11", "state": "a state, as OH"}
)


def _fits(key: str, value: str, where: _Where) -> None:
    """Refuse a value that is not what `key` wants."""
    if key == "npi" and not is_npi(value):
        raise where.error("the NPI is none: ten digits, the last a check digit", "Look for a mistyped digit.")
    if key in _WORDS and value not in _WORDS[key]:
        wanted = _EXAMPLES.get(key) or f"one of {', '.join(_WORDS[key])}"
        raise where.error(f"{key} is not what it must be", f"Write {wanted}.")
    if key in _FORMS and not _FORMS[key][0].fullmatch(value):
        raise where.error(f"{key} is not what it must be", f"Write {_FORMS[key][1]}.")
