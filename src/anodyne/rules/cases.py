"""Case sheets: for each rule, the rows that show what it means, as a biller can read them."""

import datetime as dt
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, Literal, get_args

import polars as pl
import yaml

from anodyne.kernel.errors import BadRule
from anodyne.rules.fact import Facts, schema
from anodyne.rules.rule import Rule

Expect = Literal["violates", "passes", "undetermined"]

_SHEET_KEYS: Final = {"rule", "given", "cases"}
_CASE_KEYS: Final = {"name", "expect", "says"}


@dataclass(frozen=True, slots=True)
class Case:
    """One row of facts and the verdict it must get."""

    name: str
    expect: Expect
    says: str | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The cases of one rule: `given` holds the facts they share."""

    rule: str
    given: dict[str, Any]
    cases: tuple[Case, ...]


def sheet_of(rule: Rule) -> Sheet:
    """The case sheet of `rule`, from the file beside its module.

    A module with several rules has one YAML document per rule.  Raises BadRule where the sheet is missing,
    has keys it should not have, or repeats a name.
    """
    package, _, stem = rule.module.rpartition(".")
    path = files(package) / f"{stem}.yaml"
    where = f"{rule.module.replace('.', '/')}.yaml"
    if not path.is_file():
        raise BadRule(
            f"{rule.id} has no case sheet", where=where, fix="Write its cases first, beside the rule."
        )
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        if document.get("rule") == rule.id:
            return _sheet(document, where)
    raise BadRule(
        f"the sheet has no cases of {rule.id}", where=where, fix="Add a document that starts with its id."
    )


def frame_of(sheet: Sheet, facts: Facts) -> pl.DataFrame:
    """The cases as rows of their view; a fact that a case does not mention is null, `judged` is true.

    Raises BadRule where a case names a fact that the view does not have.
    """
    columns = schema(facts)
    rows: list[dict[str, Any]] = []
    for case in sheet.cases:
        row = {"judged": True} | sheet.given | case.facts
        unknown = set(row) - set(columns)
        if unknown:
            raise BadRule(
                f"a case names {sorted(unknown)}",
                where=f"{sheet.rule}, {case.name}",
                fix="Use the view's columns.",
            )
        rows.append({name: row.get(name) for name in columns})
    return pl.DataFrame(rows, schema=columns)


def _sheet(document: dict[str, Any], where: str) -> Sheet:
    unknown = set(document) - _SHEET_KEYS
    if unknown:
        raise BadRule(
            f"a sheet has the keys {sorted(unknown)}", where=where, fix=f"Use {sorted(_SHEET_KEYS)}."
        )
    cases = tuple(_case(item, where) for item in document["cases"])
    names = [case.name for case in cases]
    if len(names) != len(set(names)):
        raise BadRule(
            f"{document['rule']} has two cases of one name",
            where=where,
            fix="Name each case for what it shows.",
        )
    return Sheet(document["rule"], document.get("given") or {}, cases)


def _case(item: dict[str, Any], where: str) -> Case:
    if item.get("expect") not in get_args(Expect) or not item.get("name"):
        raise BadRule(
            "a case lacks a name or an expectation", where=where, fix=f"expect is one of {get_args(Expect)}."
        )
    facts = {key: value for key, value in item.items() if key not in _CASE_KEYS}
    if any(isinstance(value, dt.datetime) for value in facts.values()):
        raise BadRule("a case holds a time of day", where=where, fix="Days are written YYYY-MM-DD.")
    return Case(item["name"], item["expect"], item.get("says"), facts)
