"""22, 51, 59, 52, 53, 73 and 74 on procedures."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_PROCEDURE: Final = pl.col("kind") == "procedure"


@rule(
    id="MOD-22",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-ngs-modifiers", "22 on procedures, with a statement and the report")],
)
def unusual_work_of_no_procedure() -> Check:
    """22 is on something that is no procedure: it says that a procedure took much more work than usual."""
    return Check(
        subject=pl.col("kind").is_in(["visit", "add_on_visit", "care", "drug", "supply", "lab"]),
        violates=pl.col("mod_22"),
        says=pl.format("22 on {}: it is for procedures that took much more work; take it off", "code"),
    )


@rule(
    id="MOD-22a",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-ngs-modifiers", "22 on procedures, with a statement and the report")],
)
def unusual_work_without_report() -> Check:
    """22 without a note or an attachment: a payer that is told nothing pays nothing more."""
    return Check(
        subject=_PROCEDURE & pl.col("mod_22"),
        violates=~pl.col("reported"),
        says=pl.format(
            "22 on {} with no note or attachment: say what was unusual and send the report", "code"
        ),
        at_risk_cents=pl.lit(0),
    )


@rule(
    id="MOD-51",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-novitas-51", "51 is not for add-on codes"),
        cite("mpfs-rvu24c", "global ZZZ"),
    ],
)
def multiple_on_an_add_on() -> Check:
    """51 is on an add-on code, which is priced as an addition already and not reduced again."""
    return Check(
        subject=pl.col("add_on"),
        violates=pl.col("mod_51"),
        says=pl.format("{} is an add-on: 51 would have it cut; take 51 off", "code"),
    )


@rule(
    id="MOD-51a",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-novitas-51", "the contractor's system adds 51 itself")],
)
def multiple_where_not_wanted() -> Check:
    """51 for a payer that adds it by itself.

    Most Medicare contractors rank the day's procedures and cut them; 51 on the wrong line may cut one twice.
    """
    return Check(
        subject=pl.col("mod_51") & ~pl.col("add_on") & ~pl.col("payer_modifier_51"),
        violates=pl.col("mod_51"),
        says=pl.format(
            "51 on {}: this payer puts it on by itself; take it off, or it may be cut twice", "code"
        ),
        at_risk_cents=pl.lit(0),
    )


@rule(
    id="MOD-59a",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("ncci-policy-manual-1-modifiers", "59 only where no X modifier says it better")],
)
def told_apart_twice() -> Check:
    """59 and an X modifier on one line: X says which kind of 59 it is, and stands in its place."""
    return Check(
        subject=pl.col("mod_59"),
        violates=pl.col("mod_x"),
        says=pl.format("{} carries 59 and an X modifier: keep the X, which says why", "code"),
    )


@rule(
    id="MOD-59b",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("ncci-policy-manual-1-modifiers", "59 tells a service apart from another of the day")],
)
def told_apart_from_nothing() -> Check:
    """59 or an X modifier on the only service of a day.

    It tells a service apart from another of the practice that day, whoever did it; a habit of it is what
    audits look for.
    """
    return Check(
        subject=(pl.col("mod_59") | pl.col("mod_x")) & pl.col("kind").ne_missing("visit"),
        violates=pl.col("alone"),
        says=pl.format(
            "{} is told apart by 59 or X, and nothing else is billed that day: take it off", "code"
        ),
        at_risk_cents=pl.lit(0),
    )


@rule(
    id="MOD-53",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("modifier-list-known", "52 less than the code says; 53 stopped once begun")],
)
def reduced_and_stopped() -> Check:
    """52 and 53 on one line: the procedure was reduced by plan, or stopped for the patient's sake."""
    return Check(
        subject=pl.col("mod_52"),
        violates=pl.col("mod_53"),
        says=pl.format("{} carries 52 and 53: reduced or stopped? Ask the clinician, and keep one", "code"),
    )


@rule(
    id="MOD-53a",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("modifier-list-known", "73 and 74: a facility's procedure stopped before or after anaesthesia")
    ],
)
def stopped_in_centre() -> Check:
    """A surgery centre that bills for itself says 73 or 74 where a procedure was stopped, not 53."""
    return Check(
        subject=pl.col("surgery_centre"),
        violates=pl.col("mod_53"),
        says=pl.format("{}-53 by a surgery centre: 73 before anaesthesia, 74 after it", "code"),
    )


@rule(
    id="MOD-73",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("modifier-list-known", "73 and 74: a facility's procedure stopped before or after anaesthesia")
    ],
)
def facility_modifier_by_practice() -> Check:
    """73 and 74 are a facility's; a practitioner whose procedure was stopped says 53."""
    return Check(
        subject=~pl.col("surgery_centre"),
        violates=pl.col("mod_facility_stopped"),
        says=pl.format("{}: 73 and 74 are for facilities; a practitioner says 53", "code"),
    )


@rule(
    id="MOD-58a",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-global-modifiers", "58 planned, 78 for a complication, 79 unrelated")],
)
def later_for_two_reasons() -> Check:
    """Two of 58, 78 and 79 on one line: a later procedure was planned, or a complication, or unrelated."""
    reasons = [pl.col(name).cast(pl.Int8) for name in ("mod_58", "mod_78", "mod_79")]
    return Check(
        subject=pl.col("kind").ne_missing("visit"),
        violates=pl.sum_horizontal(reasons) > 1,
        says=pl.format(
            "{} carries two of 58, 78 and 79: planned, complication or unrelated? Keep one", "code"
        ),
    )


@rule(
    id="MOD-50c",
    view=View.MODIFIER,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("transmittal-1777", "one line with 50, or one side on each line")],
)
def both_sides_and_one() -> Check:
    """50 says that both sides were done, LT or RT that one was: not on one line.

    Silent for a payer that takes two lines of which the second bears 50.
    """
    return Check(
        subject=pl.col("mod_50") & pl.col("payer_bilateral_form").ne_missing("two_lines_50"),
        violates=pl.col("mod_side"),
        says=pl.format("{} carries 50 and a side: were both done, or one? Keep what the note says", "code"),
    )


@rule(
    id="MOD-KX",
    view=View.MODIFIER,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("modifier-list-known", "KX: the requirements of a coverage policy are met")],
)
def requirements_of_no_policy() -> Check:
    """KX is on a service for which no coverage policy asks it.

    It says that the requirements of a policy are met: for diagnostic facet, sacroiliac and selective nerve
    root blocks, further acupuncture, therapy beyond its threshold, equipment.
    """
    return Check(
        subject=pl.col("kind").is_in(["visit", "add_on_visit", "care", "drug", "imaging", "lab", "needling"])
        | pl.col("group").is_in(["joint", "joint_us", "soft_tissue", "trigger_point"]),
        violates=pl.col("mod_kx"),
        says=pl.format("KX on {}: no coverage policy asks for it there; take it off", "code"),
        at_risk_cents=pl.lit(0),
    )
