"""A practice's own cases: made-up claims in a YAML file, and what must be found on each."""

import datetime as dt
import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from anodyne.app.catalogue import ids_under
from anodyne.app.frames_in import book_from
from anodyne.app.home import data_home
from anodyne.app.judging import judge_book
from anodyne.kernel.errors import BadRequest, UnreadableFile
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, DIAGNOSES, LINES, MODIFIERS
from anodyne.model.outcome import Outcome
from anodyne.reference.policy_files import FILINGS, STATES, load_policies
from anodyne.reference.tables import load
from anodyne.rules.discover import claim_rules

CODE: Final = 5
_FILE: Final = ("as_of", "policies", "cases")
_CASE: Final = ("name", "claim", "history", "only", "finds")
_CLAIM: Final = {
    "id": "claim_id",
    "patient": "patient",
    "payer": "payer_id",
    "filing": "filing",
    "state": "state",
    "day": "served_on",
    "pos": "pos",
    "frequency": "frequency",
    "original_ref": "original_ref",
    "auth": "auth_number",
    "clia": "clia",
    "property_claim": "property_claim",
    "accident_on": "accident_on",
    "billing": "billing_npi",
    "rendering": "rendering_npi",
    "taxonomy": "rendering_taxonomy",
}
"""What a case says of a claim, and the column that it fills."""
_LINE: Final = {
    "code": "code",
    "units": "units",
    "charge": "charge_cents",
    "day": "served_on",
    "last_day": "served_to",
    "pos": "pos",
    "pointers": "dx_pointers",
    "ndc": "ndc",
    "rendering": "rendering_npi",
    "taxonomy": "rendering_taxonomy",
    "auth": "auth_number",
    "note": "note",
}
"""What a case says of a line, and the column that it fills."""
_USUAL: Final = {
    "claim_id": "CASE",
    "patient": "one",
    "pos": "11",
    "frequency": "1",
    "billing_npi": "1999900016",
}
"""What a claim is where its case does not say."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case must find of one rule: an outcome, and on which line; None for any line or the claim."""

    rule: str
    outcome: Outcome
    line: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """One finding on the claim of a case."""

    rule: str
    outcome: Outcome
    line: int | None
    message: str

    def is_what(self, expected: Expected) -> bool:
        """Whether it is what a case expects."""
        same = (self.rule, self.outcome) == (expected.rule, expected.outcome)
        return same and expected.line in (None, self.line)


@dataclass(frozen=True, slots=True)
class Told:
    """One case, judged."""

    name: str
    found: tuple[Found, ...]
    missing: tuple[Expected, ...]
    """What it should have found and did not."""
    surplus: tuple[Found, ...]
    """What it found and should not have."""

    @property
    def passed(self) -> bool:
        """Whether just what was expected was found."""
        return not (self.missing or self.surplus)


def run_cases(path: Path, *, policies: Sequence[str | Path] = ()) -> list[Told]:
    """Judge every case of the file at `path`, with `policies` beside those that the file names.

    Raises UnreadableFile where it cannot be read, BadRequest with the place in it where it does not hold
    together.
    """
    given = _Part(_read(path), str(path), _FILE)
    as_of = given.day("as_of") or dt.datetime.now().astimezone().date()
    named = [path.parent / one for one in given.texts("policies")]
    known = load_policies([*named, *policies], data_home())
    tables = load(data_home())
    cases = given.parts("cases", _CASE)
    if not cases:
        raise given.wrong("no case stands in it", "Write one under `cases:`, as docs/rule-cases.md shows.")
    told = []
    for number, case in enumerate(cases, start=1):
        name = case.text("name") or f"case {number}"
        ids = (
            ids_under(tuple(case.texts("only")), where=f"{case.where}, only") if "only" in case.said else None
        )
        rules = [rule for rule in claim_rules().values() if ids is None or rule.id in ids]
        found = judge_book(_book(case), rules=rules, reference=tables, policies=known, as_of=as_of)
        told.append(_compared(name, found, list(_expected(case))))
    return told


def _compared(name: str, findings: pl.DataFrame, expected: Iterable[Expected]) -> Told:
    found = tuple(
        Found(rule, Outcome(outcome), line, message)
        for rule, outcome, line, message in findings.sort("line", "rule", nulls_last=False)
        .select("rule", "outcome", "line", "message")
        .iter_rows()
    )
    expected = tuple(expected)
    return Told(
        name,
        found,
        missing=tuple(e for e in expected if not any(f.is_what(e) for f in found)),
        surplus=tuple(f for f in found if not any(f.is_what(e) for e in expected)),
    )


def _expected(case: "_Part") -> Iterator[Expected]:
    finds = case.said.get("finds")
    if not isinstance(finds, Mapping):
        raise case.wrong("finds names what must be found", "Write `finds: {INJ-07: deny}`, or `finds: {}`.")
    for rule, wanted in finds.items():
        where = f"{case.where}, finds"
        if rule not in ids_under((str(rule),), where=where):
            raise BadRequest(f"{rule} is no rule", where=where, fix="Give whole ids, as INJ-07.")
        told = wanted if isinstance(wanted, Mapping) else {"outcome": wanted}
        part = _Part(told, f"{where}, {rule}", ("outcome", "line"))
        outcome = part.text("outcome")
        if outcome not in list(Outcome):
            raise part.wrong(f"{outcome!r} is no outcome", f"Use one of {', '.join(Outcome)}.")
        yield Expected(str(rule), Outcome(outcome), part.number("line"))


def _book(case: "_Part") -> Book:
    claims: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    own = [case.part("claim", (*_CLAIM, "diagnoses", "lines"))]
    earlier = case.parts("history", (*_CLAIM, "diagnoses", "lines"))
    for key, claim in enumerate([*earlier, *own]):
        row, its_lines = _claim(claim, key)
        claims.append(
            {**row, "judged": claim in own, "claim_id": row["claim_id"] if claim in own else f"H{key}"}
        )
        lines += its_lines
    return book_from(_frame(claims, CLAIMS, patient=pl.String), _frame(lines, LINES))


def _claim(claim: "_Part", key: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    said = {**_USUAL, **claim.columns(_CLAIM)}
    day = said.pop("served_on", None)
    diagnoses = [text.replace(".", "").upper() for text in claim.texts("diagnoses")]
    if len(diagnoses) > len(DIAGNOSES):
        raise claim.wrong("a claim has at most twelve diagnoses", "Name fewer.")
    lines = claim.parts("lines", (*_LINE, "modifiers"))
    if not lines:
        raise claim.wrong("a claim without lines", 'Give it lines, as `lines: [{code: "62323"}]`.')
    rows = [_line(line, key, day) for line in lines]
    charge = sum(row.get("charge_cents", 0) for row in rows)
    named = dict(zip(DIAGNOSES, diagnoses, strict=False))
    return {"claim_key": key, "charge_cents": charge, "dx_system": "ABK", **said, **named}, rows


def _line(line: "_Part", key: int, day: dt.date | None) -> dict[str, Any]:
    row = {"served_on": day, "units": 1, "unit_basis": "UN", "dx_pointers": "1", "charge_cents": 0}
    row.update(line.columns(_LINE))
    if row.get("code") is None or row["served_on"] is None:
        raise line.wrong("a line needs a code and a day", "Give `code`, and `day` here or on its claim.")
    modifiers = line.texts("modifiers")
    if len(modifiers) > len(MODIFIERS):
        raise line.wrong("a line has at most four modifiers", "Name fewer.")
    return {"claim_key": key, **row, **dict(zip(MODIFIERS, modifiers, strict=False))}


def _frame(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any], **other: Any) -> pl.DataFrame:  # noqa: ANN401  polars types
    named = {name: kind for name, kind in {**schema, **other}.items() if any(name in row for row in rows)}
    return pl.DataFrame([{name: row.get(name) for name in named} for row in rows], schema=named)


class _Part:
    """One mapping of the file, with the words for where it stands."""

    def __init__(self, said: object, where: str, keys: Sequence[str]) -> None:
        self.where = where
        if not isinstance(said, Mapping):
            raise BadRequest("a mapping is wanted here", where=where, fix=f"Give some of {', '.join(keys)}.")
        self.said = said
        for key in said:
            if key not in keys:
                near = difflib.get_close_matches(str(key), keys, n=1)
                fix = f"Is it {near[0]}?" if near else f"Use some of {', '.join(keys)}."
                raise BadRequest(f"nothing is called {key}", where=where, fix=fix)

    def wrong(self, what: str, fix: str) -> BadRequest:
        return BadRequest(what, where=self.where, fix=fix)

    def part(self, key: str, keys: Sequence[str]) -> "_Part":
        return _Part(self.said.get(key), f"{self.where}, {key}", keys)

    def parts(self, key: str, keys: Sequence[str]) -> list["_Part"]:
        rows = self.said.get(key) or []
        if not isinstance(rows, list):
            raise self.wrong(f"{key} is a list", f"Begin each of {key} with a dash.")
        return [_Part(row, f"{self.where}, {key} {n}", keys) for n, row in enumerate(rows, start=1)]

    def texts(self, key: str) -> list[str]:
        given = self.said.get(key) or []
        given = given if isinstance(given, list) else [given]
        if not all(isinstance(one, str | int) and not isinstance(one, bool) for one in given):
            raise self.wrong(f"{key} is a list of texts", f'Write {key} as ["…", "…"].')
        return [str(one) for one in given]

    def text(self, key: str) -> str | None:
        given = self.said.get(key)
        return None if given is None else str(given)

    def number(self, key: str) -> int | None:
        given = self.said.get(key)
        if given is not None and (not isinstance(given, int) or isinstance(given, bool)):
            raise self.wrong(f"{key} is a whole number", f"Write {key} without quotes.")
        return given

    def day(self, key: str) -> dt.date | None:
        given = self.said.get(key)
        if given is not None and (not isinstance(given, dt.date) or isinstance(given, dt.datetime)):
            raise self.wrong(f"{key} is a day", "Write it YYYY-MM-DD, as 2026-10-14, without quotes.")
        return given

    def columns(self, names: Mapping[str, str]) -> dict[str, Any]:
        """What is said under `names`, by the columns they fill, each in its kind."""
        read: dict[str, Callable[[str], Any]] = {
            "day": self.day,
            "last_day": self.day,
            "code": self._code,
            "filing": lambda key: self._one_of(key, FILINGS),
            "state": lambda key: self._one_of(key, STATES),
            "pointers": self._pointers,
            "accident_on": self.day,
            "charge": self._cents,
            "units": self._amount,
        }
        return {
            column: read.get(name, self.text)(name) for name, column in names.items() if name in self.said
        }

    def _one_of(self, key: str, known: Sequence[str]) -> str:
        given = str(self.said[key]).upper()
        if given not in known:
            raise self.wrong(f"{key} is {given}", f"Use one of {', '.join(known)}, in quotes.")
        return given

    def _pointers(self, key: str) -> str:
        given = str(self.said[key])
        if not re.fullmatch(r"([1-9]|1[0-2])(:([1-9]|1[0-2])){0,3}", given):
            raise self.wrong(f"{key} is {given}", 'Write one to four numbers of diagnoses, as "1:2".')
        return given

    def _code(self, key: str) -> str:
        given = str(self.said[key])
        if len(given) != CODE:
            raise self.wrong(f"{key} has not five characters", 'Write it in quotes, as "62323".')
        return given

    def _amount(self, key: str) -> float:
        given = self.said[key]
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
            raise self.wrong(f"{key} is a number", f"Write {key} without quotes.")
        return given

    def _cents(self, key: str) -> int:
        cents = round(self._amount(key) * 100, 6)
        if cents != int(cents) or cents < 0:
            raise self.wrong(f"{key} has parts of a cent or is below 0", "Write dollars, as 625.00.")
        return int(cents)


class _Twice(yaml.MarkedYAMLError):
    """A key that stands twice in one mapping."""


class _Once(yaml.SafeLoader):
    """YAML in which no key stands twice: of two the last would win, and a case would pass unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({key for key in keys if keys.count(key) > 1}, key=str)
        if twice:
            raise _Twice(None, None, f"{twice[0]} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Once)  # noqa: S506  a safe loader
    except OSError as error:
        raise UnreadableFile(
            f"cannot be read: {error.strerror}", where=str(path), fix="Name a YAML file of cases."
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
        what = error.problem if isinstance(error, _Twice) else "not YAML that can be read"
        raise BadRequest(str(what), where=f"{path}{place}", fix="See docs/rule-cases.md.") from error
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise BadRequest(
            "not YAML that can be read", where=str(path), fix="See docs/rule-cases.md; days are YYYY-MM-DD."
        ) from error
