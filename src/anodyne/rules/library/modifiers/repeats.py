"""76, 77 and 91: a service repeated on its day."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_NGS: Final = cite("w-ngs-modifiers", "76 and 77 repeat procedures; 91 repeats laboratory tests")


@rule(
    id="MOD-91",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_NGS],
)
def repeated_test_of_no_laboratory() -> Check:
    """91 is for laboratory tests; any other service that was repeated says 76 or 77."""
    return Check(
        subject=pl.col("kind").is_not_null() & (pl.col("kind") != "lab"),
        violates=pl.col("mod_91"),
        says=pl.format("91 on {}: it is for laboratory tests; a procedure repeated takes 76 or 77", "code"),
    )


@rule(
    id="MOD-91a",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_NGS],
)
def laboratory_test_as_procedure() -> Check:
    """A laboratory test that was repeated says 91, not 76 or 77."""
    return Check(
        subject=pl.col("kind") == "lab",
        violates=pl.col("mod_repeat"),
        says=pl.format(
            "{} is a laboratory test: repeated for a new result it takes 91, not 76 or 77", "code"
        ),
    )


@rule(
    id="MOD-76a",
    view=View.MODIFIER,
    outcome=Outcome.ASK,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_NGS],
)
def repeated_without_a_first() -> Check:
    """A service is billed as repeated, and no first one of the day is read.

    76 and 77 repeat a service of the same day, 91 a test.
    """
    return Check(
        subject=(pl.col("mod_repeat") | pl.col("mod_91")) & pl.col("kind").ne_missing("visit"),
        violates=~pl.col("first_of_repeat"),
        says=pl.format("{} is billed as repeated, and there is no first", "code"),
        asks=pl.format(
            "{} is billed as repeated (76, 77 or 91): where is the first one of that day?", "code"
        ),
    )
