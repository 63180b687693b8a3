"""Modifiers that go on visits only, and modifiers that do not."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_VISIT: Final = pl.col("kind") == "visit"
_LIST: Final = cite("w-global-modifiers", "24, 25 and 57 on visits; 58, 78 and 79 on procedures")


@rule(
    id="MOD-24",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_LIST],
)
def modifier_24_on_a_visit() -> Check:
    """24 goes on a visit: it says that the visit had nothing to do with an earlier surgery."""
    return Check(
        subject=pl.col("no_visit"),
        violates=pl.col("mod_24"),
        says=pl.format("24 on {}: it belongs on a visit; a procedure that is unrelated takes 79", "code"),
    )


@rule(
    id="MOD-57",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_LIST],
)
def modifier_57_on_a_visit() -> Check:
    """57 goes on the visit that decided on major surgery, never on the surgery."""
    return Check(
        subject=pl.col("no_visit"),
        violates=pl.col("mod_57"),
        says=pl.format("57 on {}: it belongs on the visit that decided on the surgery", "code"),
    )


@rule(
    id="MOD-58",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_LIST],
)
def visit_as_later_procedure() -> Check:
    """58, 78 and 79 go on procedures; a visit after surgery that had nothing to do with it takes 24."""
    return Check(
        subject=_VISIT,
        violates=pl.col("mod_58") | pl.col("mod_78") | pl.col("mod_79"),
        says=pl.format(
            "{} is a visit: 58, 78 and 79 go on procedures; unrelated to the surgery is 24", "code"
        ),
    )


@rule(
    id="MOD-59",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("ncci-policy-manual-1-modifiers", "59 and X are not for visits: 25 is")],
)
def visit_told_apart_by_59() -> Check:
    """59 and the X modifiers do not go on a visit; what sets a visit apart is 25."""
    return Check(
        subject=_VISIT,
        violates=pl.col("mod_59") | pl.col("mod_x"),
        says=pl.format(
            "{} is a visit: 59 and X are not for visits; 25, if it was separate: ask the clinician", "code"
        ),
    )


@rule(
    id="MOD-52",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "52 and 53 reduce procedures")],
)
def visit_reduced() -> Check:
    """52 and 53 do not go on a visit: a shorter visit is a lower level."""
    return Check(
        subject=_VISIT,
        violates=pl.col("mod_52") | pl.col("mod_53"),
        says=pl.format(
            "{} is a visit: 52 and 53 reduce procedures; a shorter visit is a lower level", "code"
        ),
    )


@rule(
    id="MOD-76",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-ngs-modifiers", "76 and 77 repeat procedures")],
)
def visit_repeated() -> Check:
    """76 and 77 do not go on a visit: two visits of a day are one, or are told apart by 25."""
    return Check(
        subject=_VISIT,
        violates=pl.col("mod_repeat"),
        says=pl.format("{} is a visit: 76 and 77 repeat procedures; visits of one day are one", "code"),
    )
