"""What the editions of ICD-10-CM tell of the diagnoses of a book."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from anodyne.reference.diagnosis_codes import Facts, Form, Told, code_books, exclusions, facts, odd_forms
from anodyne.reference.shapes import Columns
from anodyne.reference.tables import Reference

_TOLD: Columns = {"code": pl.String, "start": pl.Date, "form": pl.String, "offers": pl.List(pl.String)}
_FORM: Columns = {"form": pl.String, "offers": pl.List(pl.String), "edition": pl.Date}


@dataclass(frozen=True, slots=True)
class Known:
    """What editions tell of some codes."""

    forms: Sequence[Told] = ()
    """Of codes that some edition does not hold."""
    facts: Mapping[str, Facts] = field(default_factory=dict)
    """Of codes that some edition holds."""
    exclusions: Sequence[tuple[str, str, str, dt.date, dt.date | None]] = ()
    """A code, the code it excludes, whose note says so, and from when until when."""

    def two_sides(self) -> dict[str, tuple[str, str]]:
        """By the code of a right side, that of the left and the one that says both, where there is one."""
        left = {known.both: code for code, known in self.facts.items() if known.side == "left"}
        return {
            code: (left[known.both], known.both)
            for code, known in self.facts.items()
            if known.side == "right" and known.both is not None and known.both in left
        }


def known_of(codes: Sequence[str], days: pl.Series, reference: Reference) -> Known:
    """What the editions of `days` tell of `codes`."""
    first, last = days.min(), days.max()
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return Known()
    books = code_books(reference, first, last)
    return Known(odd_forms(codes, books), facts(codes, books), exclusions(codes, reference, first, last))


def form_of(rows: pl.DataFrame, told: Sequence[Told]) -> pl.DataFrame:
    """For each of `rows` the `form`, `offers` and `edition` of its code on the days it is used.

    Null where it is valid, and where no edition speaks of the day.  A code must be valid on the last day, and
    on the first.
    """
    if not told:
        return pl.DataFrame(schema=dict(_FORM)).clear(len(rows))
    frame = pl.DataFrame(told, schema=dict(_TOLD), orient="row").sort("start")
    late, early = (_on(rows, frame, day) for day in ("last_used_on", "first_used_on"))
    wrong = late["form"].is_not_null()
    return pl.select(pl.when(wrong).then(late[name]).otherwise(early[name]).alias(name) for name in _FORM)


def _on(rows: pl.DataFrame, told: pl.DataFrame, day: str) -> pl.DataFrame:
    asked = rows.select("code", day=day).with_row_index("row")
    found = (
        asked.filter(pl.col("day").is_not_null())
        .sort("day")
        .join_asof(
            told, left_on="day", right_on="start", by="code", strategy="backward", check_sortedness=False
        )
        .filter(pl.col("form") != Form.VALID)
        .select("row", "form", "offers", edition="start")
    )
    return asked.select("row").join(found, on="row", how="left", maintain_order="left").drop("row")
