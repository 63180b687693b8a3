"""Claims of the database as the frames that rules judge, and claims of frames as rows of the database."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from anodyne.model.frames import CLAIMS, LINES
from anodyne.store.models import ClaimVersion, Line

Row = Mapping[str, Any]

_VERSION: Final = ("frequency", "original_ref")
"""Columns of `frames.CLAIMS` that are columns of a version too; `claim_id` is the claim's own."""
_LINE: Final = (
    "line", "code", "mod1", "mod2", "mod3", "mod4", "units", "unit_basis", "charge_cents", "served_on",
    "served_to", "dx_pointers", "pos", "control_number",
)  # fmt: skip
"""Columns of `frames.LINES` that are columns of a line too."""
_PLACED: Final = frozenset(
    {"claim_key", "line_key", "judged", "file", "segment", "byte", "claim_id", "patient"}
)
"""What is no fact of a claim: keys, places in a file, and the patient, who is a row of their own."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Versions of claims as frames, with the rows they come from."""

    claims: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIMS`; `patient` is the patient's key, `claim_key` counts from 0."""
    lines: pl.DataFrame = field(repr=False)
    """Columns of `frames.LINES`; `line_key` counts from 0."""
    versions: tuple[int, ...]
    """By `claim_key`, the key of the version."""
    line_rows: tuple[int, ...]
    """By `line_key`, the key of the line."""


def shelf(versions: Collection[int], *, history: Collection[int] = ()) -> Shelf:
    """The versions of these keys, to be judged, and those of `history`, that only count; in that order.

    Keys that the practice of the transaction does not have are left out.
    """
    judged = set(versions)
    given = {key: key not in judged for key in (*history, *versions)}
    found = ClaimVersion.objects.filter(pk__in=given).values(
        "pk", *_VERSION, "facts", "claim__claim_id", "claim__patient_id"
    )
    rows = sorted(found, key=lambda row: (given[row["pk"]], row["pk"]))
    keys = {row["pk"]: key for key, row in enumerate(rows)}
    claims = [
        {
            **_read(row["facts"], CLAIMS),
            **{name: row[name] for name in _VERSION},
            "claim_key": keys[row["pk"]],
            "judged": not given[row["pk"]],
            "claim_id": row["claim__claim_id"],
            "patient": row["claim__patient_id"],
        }
        for row in rows
    ]
    own = sorted(
        Line.objects.filter(version_id__in=keys).values("pk", "version_id", *_LINE, "facts"),
        key=lambda row: (keys[row["version_id"]], row["line"]),
    )
    lines = [
        {
            **_read(row["facts"], LINES),
            **{name: row[name] for name in _LINE},
            "line_key": key,
            "claim_key": keys[row["version_id"]],
        }
        for key, row in enumerate(own)
    ]
    return Shelf(
        pl.DataFrame(claims, schema=dict(CLAIMS), orient="row"),
        pl.DataFrame(lines, schema=dict(LINES), orient="row"),
        tuple(keys),
        tuple(row["pk"] for row in own),
    )


def version_values(row: Row) -> dict[str, Any]:
    """What a version holds of a row of `frames.CLAIMS`: its own columns, and `facts`."""
    return {
        "frequency": row["frequency"] or "1",
        "original_ref": row["original_ref"],
        "facts": _written(row, CLAIMS, _VERSION),
    }


def line_values(row: Row) -> dict[str, Any]:
    """What a line holds of a row of `frames.LINES`: its own columns, and `facts`."""
    return {**{name: row[name] for name in _LINE}, "facts": _written(row, LINES, _LINE)}


def _written(row: Row, names: Iterable[str], own: Collection[str]) -> dict[str, Any]:
    """The facts that are told, as JSON holds them."""
    told = {name: row[name] for name in names if name not in _PLACED and name not in own}
    return {
        name: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in told.items()
        if value is not None
    }


def _read(facts: Row, schema: Mapping[str, Any]) -> dict[str, Any]:
    """`facts` as frames hold them; what is not told is null."""
    return {
        name: dt.date.fromisoformat(facts[name]) if kind == pl.Date and name in facts else facts.get(name)
        for name, kind in schema.items()
    }
