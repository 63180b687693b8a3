"""Policy files: one TOML file for each payer, checked as it is read.

What a file may hold is told in docs/policies.md.
"""

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, get_args

from anodyne.kernel.cite import Confidence
from anodyne.kernel.errors import BadReference, UnreadableFile
from anodyne.kernel.span import Span
from anodyne.reference.policies import MATCHES, VALUES, Policies, Policy, Said, Value, Wanted, compared
from anodyne.reference.sources import Source, sources

SHIPPED: Final = Path(__file__).parent / "data" / "policies"
OWN: Final = "policies"
"""The folder of a practice's own policies in its data directory."""

FILINGS: Final = (
    "11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM", "MA",
    "MB", "MC", "OF", "TV", "VA", "WC", "ZZ",
)  # fmt: skip
"""The claim filing codes of SBR09."""
STATES: Final = (
    "AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID",
    "IL", "IN", "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND",
    "NE", "NH", "NJ", "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX",
    "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
)  # fmt: skip
_CODES: Final[Mapping[str, Sequence[str]]] = MappingProxyType({"filing": FILINGS, "state": STATES})
_KEYS: Final = {"id", "title", "match", "value", "source"}
_VALUE_KEYS: Final = {"name", "is", "from", "until", "cite", "section"}
_SOURCE_KEYS: Final = {"id", "title", "url", "read", "confidence"}
_OPTIONAL: Final = {"until", "section", "source", "url", "confidence"}
_CODE: Final = re.compile("[0-9A-Z][0-9]{3}[0-9A-Z]")
_WORDS: Final[Mapping[type, str]] = MappingProxyType(
    {bool: "true or false", int: "a whole number", str: "a text", tuple: "a list of texts"}
)


@dataclass(frozen=True, slots=True)
class _File:
    """A policy as one file holds it, with the sources that the file brings along."""

    policy: Policy
    sources: Mapping[str, Source]


@cache
def shipped() -> Policies:
    """The policies that ship with the package."""
    return _together([read_policy(path) for path in sorted(SHIPPED.glob("*.toml"))])


def load_policies(paths: Iterable[str | Path] = (), home: Path | None = None) -> Policies:
    """The policies that ship with the package and the practice's own, at `paths` and under `home/policies`.

    A path is a file or a folder of files whose names end in `.toml`; one named twice counts once.  Raises
    UnreadableFile for a path that is not there or holds no policy, BadReference for a file that does not hold
    together, or for two that speak for one payer and contradict each other.
    """
    own: dict[Path, None] = {}
    if home is not None:
        own.update(dict.fromkeys(path.resolve() for path in sorted((home / OWN).glob("*.toml"))))
    for given in map(Path, paths):
        own.update(dict.fromkeys(path.resolve() for path in _files(given)))
    if not own:
        return shipped()
    built_in = [read_policy(path) for path in sorted(SHIPPED.glob("*.toml"))]
    return _together([*built_in, *(read_policy(path, own=True) for path in own)])


def read_policy(path: Path, *, own: bool = False) -> _File:
    """The policy in the TOML file at `path`; `own` says that it is the practice's.

    Raises UnreadableFile where it cannot be read, BadReference where it does not hold together: what is
    wrong, in which entry, and what to do.
    """
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UnreadableFile(
            f"the policy cannot be read: {error.strerror}",
            where=str(path),
            fix="Look at its name and rights.",
        ) from error
    except ValueError as error:
        raise BadReference(
            f"not a policy file: {error}", where=str(path), fix="See docs/policies.md for the form."
        ) from error
    where = _Where(str(path))
    _only(entry, _KEYS, where)
    brought = {source.id: source for source in _sources(_tables(entry, "source", where), where)}
    listed = {**sources(), **brought}
    values = tuple(
        _value(row, listed, _Where(str(path), f"value {number}"))
        for number, row in enumerate(_tables(entry, "value", where), 1)
    )
    if not values:
        raise where.error("the policy says nothing", "Give it at least one [[value]].")
    _refuse_two_at_once(values, where)
    policy = Policy(
        id=_text(entry, "id", where),
        title=_text(entry, "title", where),
        match=_match(entry["match"], where),
        values=values,
        file=str(path),
        own=own,
    )
    return _File(policy, MappingProxyType(brought))


@dataclass(frozen=True, slots=True)
class _Where:
    """A place in a policy file."""

    path: str
    entry: str = ""

    def error(self, what: str, fix: str) -> BadReference:
        place = f"{self.path}, {self.entry}" if self.entry else self.path
        return BadReference(what, where=place, fix=fix)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(path.glob("*.toml"))
        if not found:
            raise UnreadableFile(
                "no policy is in this folder", where=str(path), fix="Name a folder that holds .toml files."
            )
        return found
    if not path.is_file():
        raise UnreadableFile(
            "there is no such policy file", where=str(path), fix="Name a policy file, or a folder of them."
        )
    return [path]


def _together(files: Sequence[_File]) -> Policies:
    """All of `files` as one; refuses an id taken twice, and policies that contradict each other."""
    known: dict[str, Source] = dict(sources())
    for file in files:
        for name, source in file.sources.items():
            if known.setdefault(name, source) != source:
                raise BadReference(
                    f"the source {name} is described in another way elsewhere",
                    where=file.policy.file,
                    fix="Give it an id of its own.",
                )
    for one, other in combinations((file.policy for file in files), 2):
        if one.id == other.id:
            raise BadReference(
                f"two policies are called {one.id}",
                where=f"{one.file} and {other.file}",
                fix="Give each an id of its own.",
            )
        _refuse_contradiction(one, other)
    return Policies((file.policy for file in files), MappingProxyType(known))


def _refuse_contradiction(one: Policy, other: Policy) -> None:
    if one.own != other.own or set(one.match) != set(other.match):
        return
    if not all(wanted & other.match[column] for column, wanted in one.match.items()):
        return
    for value in one.values:
        for against in other.values:
            if (
                value.name == against.name
                and value.value != against.value
                and value.span.overlaps(against.span)
            ):
                raise BadReference(
                    f"two policies speak for one payer, and differ about {value.name}",
                    where=f"{one.file} and {other.file}",
                    fix="Match one of them more closely, or end the value in one.",
                )


def _refuse_two_at_once(values: Sequence[Value], where: _Where) -> None:
    for (first, one), (second, other) in combinations(enumerate(values, 1), 2):
        if one.name == other.name and one.span.overlaps(other.span):
            raise where.error(
                f"two values of {one.name} on one day, the entries {first} and {second}",
                "Give the earlier one an `until`: the first day on which it no longer holds.",
            )


def _match(given: object, where: _Where) -> Mapping[str, frozenset[str]]:
    if not isinstance(given, dict) or not given:
        raise where.error("it matches no payer", f"Give [match] some of {', '.join(MATCHES)}.")
    _only(given, set(MATCHES), where, required=())
    match = {}
    for column, wanted in given.items():
        if not isinstance(wanted, list) or not wanted or not all(isinstance(t, str) and t for t in wanted):
            raise where.error(f"{column} is not a list of texts", f'Write it as {column} = ["…"].')
        texts = frozenset(map(compared, wanted))
        known = _CODES.get(column, texts)
        strange = sorted(texts - set(known))
        if strange:
            kind = "claim filing code (SBR09)" if column == "filing" else "state or territory"
            raise where.error(
                f"{column}: {', '.join(strange)} is no {kind}", f"Use some of {_listed(known)}."
            )
        match[column] = texts
    return MappingProxyType(match)


def _value(row: dict[str, Any], listed: Mapping[str, Source], where: _Where) -> Value:
    _only(row, _VALUE_KEYS, where)
    name = _text(row, "name", where)
    if name not in VALUES:
        raise where.error(f"no value is called {name}", _nearest(name, VALUES))
    where = _Where(where.path, f"{where.entry} ({name})")
    start, end = (_day(row, key, where) for key in ("from", "until"))
    if start is None:
        raise where.error("it begins on no day", "Give it `from`, the first day on which it holds.")
    if end is not None and end <= start:
        raise where.error(
            f"it ends on {end}, before it begins", "`until` is the first day on which it no longer holds."
        )
    cite = _text(row, "cite", where)
    if cite not in listed:
        raise where.error(
            f"no source is called {cite}",
            f"Describe it in this file, as [[source]].{_near(cite, listed)}",
        )
    said = _said(row["is"], VALUES[name], where)
    section = _text(row, "section", where) if "section" in row else f"for services from {start}"
    return Value(name, said, Span(start, end), cite, section)


def _said(given: object, wanted: Wanted, where: _Where) -> Said:
    said = tuple(given) if isinstance(given, list) else given
    texts = said if isinstance(said, tuple) else (said,) if isinstance(said, str) else ()
    if type(said) is not wanted.kind or not all(isinstance(text, str) and text for text in texts):
        raise where.error(f"{given!r} is not {_WORDS[wanted.kind]}", f"It says {wanted.says}.")
    strange = [text for text in texts if wanted.options and text not in wanted.options]
    if strange:
        raise where.error(f"{', '.join(strange)} is none of its texts", f"Use {' or '.join(wanted.options)}.")
    if type(said) is int and said < wanted.least:
        raise where.error(f"{said} is too small", f"It is at least {wanted.least}: {wanted.says}.")
    if type(said) is int and said > wanted.most:
        raise where.error("the number is too great", f"It is at most {wanted.most}: {wanted.says}.")
    if isinstance(said, tuple) and not said:
        raise where.error("the list is empty", f"It says {wanted.says}. Leave the value out where none are.")
    no_codes = [text for text in texts if wanted.codes and not _CODE.fullmatch(text)]
    if no_codes:
        raise where.error(
            f"{', '.join(no_codes)} is no procedure code",
            "Write each with its five letters and digits, as 64483 or J3301.",
        )
    return said


def _sources(rows: Sequence[dict[str, Any]], where: _Where) -> Iterable[Source]:
    taken = set(sources())
    for number, row in enumerate(rows, 1):
        here = _Where(where.path, f"source {number}")
        _only(row, _SOURCE_KEYS, here)
        name, title, read = _text(row, "id", here), _text(row, "title", here), _day(row, "read", here)
        if read is None:
            raise here.error("nobody has read it", "Give it `read`, the day on which it was read.")
        if name in taken:
            raise here.error(f"the id {name} is taken", "Give it another, or cite the one that is there.")
        taken.add(name)
        url = _text(row, "url", here) if "url" in row else ""
        if url and not url.startswith("https://"):
            raise here.error("the url is no https address", "Give an https address, or leave it out.")
        confidence: Any = row.get("confidence", "verified" if url else "known")
        try:
            yield Source(name, title, url, read, confidence)
        except ValueError as error:
            raise here.error(str(error), f"Confidence is {' or '.join(get_args(Confidence))}.") from error


def _tables(entry: dict[str, Any], key: str, where: _Where) -> list[dict[str, Any]]:
    rows = entry.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise where.error(f"{key} is not a list of entries", f"Write each under its own [[{key}]].")
    return rows


def _only(
    row: Mapping[str, Any], known: Collection[str], where: _Where, required: Collection[str] | None = None
) -> None:
    """Refuse a key that is not `known`, and the lack of one that is needed."""
    for key in row:
        if key not in known:
            raise where.error(f"there is no key {key}", _nearest(key, known))
    lacking = sorted((set(known) - _OPTIONAL if required is None else set(required)) - set(row))
    if lacking:
        raise where.error(f"it lacks {', '.join(lacking)}", "See docs/policies.md for the form.")


def _text(row: Mapping[str, Any], key: str, where: _Where) -> str:
    text = row[key]
    if not isinstance(text, str) or not text.strip():
        raise where.error(f"{key} is not a text", f'Write it as {key} = "…".')
    return text


def _day(row: Mapping[str, Any], key: str, where: _Where) -> dt.date | None:
    day = row.get(key)
    if day is not None and (not isinstance(day, dt.date) or isinstance(day, dt.datetime)):
        raise where.error(f"{key} is not a day", f"Write it without quotes, as {key} = 2026-01-31.")
    return day


def _nearest(name: str, known: Iterable[str]) -> str:
    return _near(name, known).strip() or f"Use some of {_listed(known)}."


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    return f" Near it: {', '.join(near)}." if near else ""


def _listed(known: Iterable[str]) -> str:
    return ", ".join(sorted(known))
