"""The fields of every family, so that a form can be made of them, and what was built, in plain values."""

import dataclasses
import datetime as dt
from typing import Any

from anodyne.coding.built import Built
from anodyne.coding.facts import Fact, facts_of
from anodyne.coding.procedures import FAMILIES
from anodyne.coding.reading import options_of
from anodyne.coding.session import Biller
from anodyne.reference.tables import Reference


def families(reference: Reference) -> list[dict[str, Any]]:
    """Each family with its fields, in plain values that JSON holds.

    A family has `family`, `label`, `says` and `fields`.  A field has `name`, `label`, `kind` (a value of
    `facts.Kind`), `options` (each `value` and `label`; empty where any is right), `required` (nothing is
    built without it), `usual` (what a form may choose beforehand; null where nothing), `least` and `most` of
    a number, `when` (by other fields the values with which this one matters; null where it always does),
    `asks` (the question where it is missing) and `who` can answer it.
    """
    return [
        {
            "family": family,
            "label": label,
            "says": (record.__doc__ or "").splitlines()[0],
            "fields": [_field(name, fact, reference) for name, fact in facts_of(record).items()],
        }
        for family, (label, record) in FAMILIES.items()
    ]


def plain_of(built: Built) -> dict[str, Any]:
    """`built` in plain values that JSON holds, by the names of its records; days as 2026-10-14."""
    told: dict[str, Any] = _plain_value(dataclasses.asdict(built))
    return told


def _plain_value(value: Any) -> Any:  # noqa: ANN401  of any shape
    if isinstance(value, dict):
        return {name: _plain_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain_value(part) for part in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def session_fields() -> list[dict[str, Any]]:
    """The fields of a session beside its procedures, in the same shape as those of `families`."""
    return [
        _plain("day", "day of service", "day", required=True),
        _plain("place", "place of service, two digits", "text", required=True),
        _plain("biller", "whose claim it is", "choice", options=[each.value for each in Biller]),
        _plain("payer.payer_id", "payer id", "text"),
        _plain("payer.payer_name", "name of the payer", "text"),
        _plain("payer.filing", "filing indicator, as MB", "text"),
        _plain("payer.state", "state of the service", "text"),
        _plain("diagnoses", "diagnoses of the claim, in order", "names"),
    ]


def _plain(
    name: str, label: str, kind: str, *, required: bool = False, options: list[str] | None = None
) -> dict[str, Any]:
    choices = [{"value": value, "label": value.replace("_", " ")} for value in options or ()]
    return {"name": name, "label": label, "kind": kind, "required": required, "options": choices}


def _field(name: str, fact: Fact, reference: Reference) -> dict[str, Any]:
    numeric = fact.kind in {"count", "amount"}
    return {
        "name": name,
        "label": fact.label,
        "kind": fact.kind.value,
        "required": fact.required,
        "usual": fact.usual or None,
        "when": {name: list(values) for name, values in fact.when.items()} or None,
        "options": [{"value": value, "label": label} for value, label in options_of(fact, reference).items()],
        "least": fact.least if numeric else None,
        "most": fact.most if numeric else None,
        "asks": fact.asks,
        "who": fact.who,
    }
