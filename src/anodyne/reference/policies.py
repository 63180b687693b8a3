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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A value that a policy may hold."""

    kind: type[bool] | type[int] | type[str]
    says: str
    asks: str
    """What to ask of the payer where its policy does not say."""
    options: tuple[str, ...] = ()
    """The only texts that it may be; any where empty."""


VALUES: Mapping[str, Wanted] = MappingProxyType(
    {
        "ncci_edits": Wanted(bool, "whether the payer applies NCCI pair edits", "does it apply NCCI edits?"),
        "mue_edits": Wanted(
            bool, "whether the payer applies Medicare's unit limits", "does it apply MUE limits?"
        ),
        "bilateral_form": Wanted(
            str,
            "how the payer wants both sides billed: one_line_50 or two_lines",
            "bilateral form",
            options=("one_line_50", "two_lines"),
        ),
        "filing_years": Wanted(int, "years within which the payer must receive a claim", "timely filing"),
        "replacement_claims": Wanted(
            bool,
            "whether the payer takes replacement claims (frequency 7)",
            "are replacement claims taken?",
        ),
        "drug_waste_modifiers": Wanted(
            bool, "whether the payer wants JW or JZ on single-dose drugs", "JW and JZ"
        ),
        "facet_lcd": Wanted(
            bool, "whether the Medicare facet coverage policies bind the payer", "facet coverage"
        ),
        "facet_sessions_year": Wanted(
            int, "facet sessions a region may have in 12 months", "facet sessions a year"
        ),
        "facet_rf_sessions_year": Wanted(
            int,
            "facet radiofrequency sessions a region may have in 12 months",
            "radiofrequency sessions a year",
        ),
        "epidural_lcd": Wanted(
            bool, "whether the Medicare epidural coverage policies bind the payer", "epidural coverage"
        ),
        "epidural_sessions_year": Wanted(
            int, "epidural sessions a region may have in 12 months", "epidural sessions a year"
        ),
        "g2211": Wanted(bool, "whether the payer pays G2211 by Medicare's rules", "G2211"),
        "sacroiliac_lcd": Wanted(
            bool,
            "whether a Medicare contractor's sacroiliac joint coverage policy binds the payer",
            "sacroiliac joint coverage",
        ),
        "trigger_point_lcd": Wanted(
            bool,
            "whether a Medicare contractor's trigger-point coverage policy binds the payer",
            "trigger-point coverage",
        ),
        "nerve_block_lcd": Wanted(
            bool,
            "whether a Medicare contractor's nerve block coverage policy binds the payer",
            "nerve block coverage",
        ),
        "drug_test_lcd": Wanted(
            bool,
            "whether a Medicare contractor's drug testing coverage policy binds the payer",
            "drug testing coverage",
        ),
        "spinal_stimulator_lcd": Wanted(
            bool,
            "whether a Medicare contractor's spinal cord stimulator coverage policy binds the payer",
            "spinal cord stimulator coverage",
        ),
        "vertebral_lcd": Wanted(
            bool,
            "whether a Medicare contractor's vertebral augmentation coverage policy binds the payer",
            "vertebral augmentation coverage",
        ),
        "basivertebral_lcd": Wanted(
            bool,
            "whether a Medicare contractor's basivertebral nerve coverage policy binds the payer",
            "basivertebral nerve coverage",
        ),
        "facet_third_level": Wanted(
            str,
            "what becomes of a third facet level: covered, on_appeal or not_covered",
            "a third facet level",
            options=("covered", "on_appeal", "not_covered"),
        ),
        "imaging_with_epidural": Wanted(
            bool,
            "whether the payer pays imaging guidance beside an epidural code that holds it",
            "imaging with epidurals",
        ),
    }
)
"""Every value that a policy may hold."""

COLUMNS: Columns = MappingProxyType(
    {name: {bool: pl.Boolean, int: pl.Int32, str: pl.String}[wanted.kind] for name, wanted in VALUES.items()}
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
    wanted = VALUES[name]
    if not isinstance(value, bool | int | str) or type(value) is not wanted.kind:
        raise ValueError(f"{name}: {value!r} is not {wanted.kind.__name__}")
    if wanted.options and value not in wanted.options:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(wanted.options)}")
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
