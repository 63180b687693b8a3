"""Dated payer policies: what a payer wants, as values in force from one day until another.

A payer with no policy has no values: nothing is known, and nothing is guessed.
"""

import datetime as dt
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import polars as pl

from anodyne.kernel.errors import BadReference
from anodyne.kernel.span import Span
from anodyne.reference.shapes import Columns
from anodyne.reference.sources import sources

FOLDER = Path(__file__).parent / "data" / "policies"

VALUES: Mapping[str, type[bool] | type[int] | type[str]] = MappingProxyType(
    {
        "ncci_edits": bool,  # procedure-to-procedure edits apply
        "mue_edits": bool,  # medically unlikely edits apply
        "bilateral_form": str,  # one_line_50: both sides on one line with modifier 50
        "filing_years": int,  # calendar years from the day of service to the last day to file
        "replacement_claims": bool,  # takes frequency 7 and 8
        "drug_waste_modifiers": bool,  # wants JW or JZ on drugs from single-dose containers
        "facet_lcd": bool,  # the facet coverage determinations apply
        "facet_sessions_year": int,  # facet block sessions of one region in 12 months
        "facet_rf_sessions_year": int,  # facet radiofrequency sessions of one region in 12 months
        "epidural_lcd": bool,  # the epidural coverage determinations apply
        "epidural_sessions_year": int,  # epidural sessions of one region in 12 months
        "g2211": bool,  # pays G2211 under Medicare's rules
    }
)
"""Every value that a policy may hold."""

COLUMNS: Columns = MappingProxyType(
    {name: {bool: pl.Boolean, int: pl.Int32, str: pl.String}[kind] for name, kind in VALUES.items()}
)
MATCHES = ("payer_id", "filing", "state")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a policy, the days it is in force, and its source."""

    name: str
    value: bool | int | str
    span: Span
    cite: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for the payers that `match` describes: each of its columns holds one of the texts given."""

    id: str
    title: str
    match: Mapping[str, tuple[str, ...]]
    values: tuple[Value, ...]


def read_policy(path: Path, listed: Container[str]) -> Policy:
    """The policy in the TOML file at `path`.

    Raises BadReference for an unknown key, name or type, a source that is not in `listed`, no way to match a
    payer, or two values of one name in force on one day.
    """
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        values = tuple(value_of(row, listed) for row in entry.pop("value", []))
        match = {column: tuple(wanted) for column, wanted in entry.pop("match").items()}
        policy = Policy(match=MappingProxyType(match), values=values, **entry)
    except (KeyError, TypeError, ValueError) as error:
        raise BadReference(f"not a policy: {error}", where=str(path), fix="Correct the file.") from error
    if not match or set(match) - set(MATCHES):
        raise BadReference(f"matches by {sorted(match)}", where=str(path), fix=f"Match by some of {MATCHES}.")
    for n, one in enumerate(values):
        if any(one.name == other.name and one.span.overlaps(other.span) for other in values[:n]):
            raise BadReference(f"two values of {one.name} on one day", where=str(path), fix="End the first.")
    return policy


def value_of(row: dict[str, object], listed: Container[str]) -> Value:
    """One `[[value]]` of a policy file; ValueError where it does not hold together."""
    if set(row) - {"until"} != {"name", "is", "from", "cite"}:
        raise ValueError(f"a value has the keys {sorted(row)}")
    name, cite, start, end = row["name"], row["cite"], row["from"], row.get("until")
    if not isinstance(name, str) or name not in VALUES:
        raise ValueError(f"no value is called {name}")
    if not isinstance(cite, str) or cite not in listed:
        raise ValueError(f"{name}: no source {cite}")
    if not isinstance(start, dt.date) or not isinstance(end, dt.date | None):
        raise ValueError(f"{name}: from and until are days")  # noqa: TRY004 - one kind of failure for one file
    value = row["is"]
    if not isinstance(value, bool | int | str) or type(value) is not VALUES[name]:
        raise ValueError(f"{name}: {value!r} is not {VALUES[name].__name__}")
    return Value(name, value, Span(start, end), cite)


@cache
def policies(folder: Path = FOLDER) -> tuple[Policy, ...]:
    """Every policy in `folder`, by id; the ones that ship with the package unless told otherwise."""
    return tuple(read_policy(path, sources()) for path in sorted(folder.glob("*.toml")))


def policy_of(payers: pl.DataFrame, known: tuple[Policy, ...] | None = None) -> pl.DataFrame:
    """`payers` (`payer_id`, `filing`, `state`, `day`) with a column `payer_<name>` for every value.

    Null where no policy speaks.  Where several policies match, the one that matches by more columns
    speaks first.
    """
    return payers.with_columns(_shipped() if known is None else _answers(known))


@cache
def _shipped() -> tuple[pl.Expr, ...]:
    """The answers of the policies that ship with the package: made once, as they never change."""
    return _answers(policies())


def _answers(known: tuple[Policy, ...]) -> tuple[pl.Expr, ...]:
    ordered = sorted(known, key=lambda policy: -len(policy.match))
    return tuple(
        pl.coalesce(
            *(said(policy, value) for policy in ordered for value in policy.values if value.name == name),
            pl.lit(None, dtype=kind),
        )
        .cast(kind)
        .alias(f"payer_{name}")
        for name, kind in COLUMNS.items()
    )


def said(policy: Policy, value: Value) -> pl.Expr:
    """`value` where the payer matches and the day is in its span, else null."""
    matches = [pl.col(column).is_in(list(wanted)) for column, wanted in policy.match.items()]
    begun = pl.col("day") >= value.span.start
    going = [pl.col("day") < value.span.end] if value.span.end else []
    return pl.when(*matches, begun, *going).then(pl.lit(value.value))
