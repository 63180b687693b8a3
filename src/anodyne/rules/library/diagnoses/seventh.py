"""The seventh character of a code, and the placeholders before it."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-12",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-guidelines", "I.A.5: a code that takes a seventh character is invalid without it"),
        cite("icd10cm-tabular-list", "seventh characters of the category"),
    ],
)
def seventh_character_missing() -> Check:
    """A code that takes a seventh character is billed without it.

    For an injury it says whether the care is active treatment (A), later care (D) or for what the injury left
    behind (S); for other codes the category says what it is.
    """
    return Check(
        subject=pl.col("form").is_not_null(),
        violates=pl.col("form") == "seventh_missing",
        says=pl.format("{} lacks its seventh character: {}", "named", "offers"),
    )


@rule(
    id="DX-12a",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-tabular-list", "seventh characters of the category, and codes without one")],
)
def seventh_character_not_its_own() -> Check:
    """A code ends in a character that it does not take.

    Only codes whose category defines seventh characters take one, and only those; pain, spine and joint codes
    mostly take none.
    """
    return Check(
        subject=pl.col("form").is_not_null(),
        violates=pl.col("form").is_in(["seventh_wrong", "too_long"]),
        says=pl.format("{} ends in a character that the code does not take: {}", "named", "offers"),
    )


@rule(
    id="DX-12b",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-guidelines", "I.A.4 and I.A.5: X fills the places before a seventh character")],
)
def placeholder_missing() -> Check:
    """A seventh character does not stand in the seventh place.

    Where a code has fewer than six characters, X fills the places up to the seventh.
    """
    return Check(
        subject=pl.col("form").is_not_null(),
        violates=pl.col("form") == "placeholder_missing",
        says=pl.format("{} lacks the X before its seventh character: {}", "named", "offers"),
    )
