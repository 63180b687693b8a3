"""The arithmetic of what should be allowed: each factor in turn, in cents and in words."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import polars as pl

from anodyne.denials.rates import CONTRACT, NATIONAL, PERCENT
from anodyne.denials.reductions import FURTHER, MOST_RANKED, THERAPY
from anodyne.denials.remitted import dollars

ONE: Final = 1_000
"""A factor of one, in thousandths."""
NOTHING: Final = pl.lit([], pl.List(pl.String))
BY_MEDICARE: Final = pl.col("kind").is_in([PERCENT, NATIONAL])


def arithmetic() -> Mapping[str, pl.Expr]:
    """The allowed amount after each factor, in cents; half a cent goes away from zero.

    Reads `unit_cents`, `units`, and the factors in thousandths.  `step_charge` is the last.
    """
    both = times(pl.col("unit_cents"), pl.col("both_thousandths"))
    thousandths = (pl.col("units") * ONE).round().cast(pl.Int64)
    therapy = (
        (pl.col("mult_proc") == THERAPY) & BY_MEDICARE & (pl.col("therapies") > 1)
    ).fill_null(value=False)  # fmt: skip
    less = times(pl.col("therapy_cents"), thousandths)
    first = pl.when("leads").then(pl.col("unit_cents") - pl.col("therapy_cents")).otherwise(0)
    half = times(both, pl.col("term_further_procedure"))
    units = (
        pl.when(therapy)
        .then(less + first)
        .when("by_units")
        .then(both + times(half, thousandths - ONE))
        .otherwise(times(both, thousandths))
    )
    ranked = times(units, pl.col("reduction_thousandths"))
    modified = times(ranked, pl.col("modifier_thousandths"))
    person = times(modified, pl.col("person_thousandths"))
    party = times(person, pl.col("party_thousandths"))
    return MappingProxyType(
        {
            "step_both": both,
            "step_units": units,
            "step_rank": ranked,
            "step_modifier": modified,
            "step_person": person,
            "step_party": party,
            "step_charge": pl.when(pl.col("cap_cents") < party).then("cap_cents").otherwise(party),
            "by_therapy": therapy,
        }
    )


def times(cents: pl.Expr, thousandths: pl.Expr) -> pl.Expr:
    """Cents by a factor in thousandths."""
    return (cents * thousandths + ONE // 2) // ONE


def unknown() -> pl.Expr:
    """Why no amount is expected; null where one is."""
    assists = pl.col("assists") & BY_MEDICARE & (pl.col("asst_surg") == 1)
    therapies = (pl.col("mult_proc") == THERAPY) & (pl.col("therapies") > 1) & (pl.col("kind") == CONTRACT)
    sixth = (pl.col("rank") > MOST_RANKED) & (pl.col("mult_proc") == FURTHER)
    return (
        pl.when(~pl.col("stands"))
        .then(pl.lit("reversed, or told twice"))
        .when(~pl.col("counts"))
        .then(pl.lit("not priced as the first payer"))
        .when(pl.col("unit_cents").is_null())
        .then("why")
        .when(pl.col("by_report").is_not_null())
        .then(pl.format("modifier {} is priced by report", "by_report"))
        .when(pl.col("both_thousandths").is_null())
        .then(pl.format("how {} is paid for both sides is not known for the day", "code"))
        .when(assists)
        .then(pl.format("Medicare pays no assistant for {}", "code"))
        .when(therapies)
        .then(pl.lit("several therapies of a day: the contract does not say how they are reduced"))
        .when(sixth)
        .then(pl.format("procedure {} of the day: priced by report from the sixth on", "rank"))
        .when(pl.col("step_charge").is_null())
        .then(pl.lit("the units are not told"))
    )


def in_words() -> pl.Expr:
    """The arithmetic, one text a step; empty where nothing is expected."""
    by_contract = pl.when(pl.col("kind") == CONTRACT)
    silent = by_contract.then(pl.lit(" (as Medicare does; the contract is silent)")).otherwise(pl.lit(""))
    units = pl.col("units")
    whole = units == units.round()
    count = pl.when(whole).then(units.cast(pl.Int64).cast(pl.String)).otherwise(units.cast(pl.String))
    further = pl.when(pl.col("rank") > 1).then(
        pl.format("multiple procedures: rank {}, {}", "rank", percent("term_further_procedure"))
    )
    side = pl.when("second").then(pl.format("second side, {}", percent("term_further_side")))
    why = pl.concat_str(further, side, separator="; ", ignore_nulls=True)
    now = {name: dollars(f"step_{name}") for name in ("both", "units", "rank", "modifier", "person", "party")}
    modifier = percent("modifier_thousandths")
    guessed = pl.when("taken_for_nonphysician")
    person = guessed.then(pl.lit("allowed as of a nonphysician")).otherwise(
        pl.lit("nonphysician practitioner")
    )
    later = percent("term_further_procedure")
    steps = [
        pl.when(pl.col("both_thousandths") != ONE).then(
            pl.format("× {} for both sides = {}{}", percent("both_thousandths"), now["both"], silent)
        ),
        pl.when("by_therapy")
        .then(pl.format("{} units, practice expense in full once a day = {}", count, now["units"]))
        .when("by_units")
        .then(pl.format("{} units, {} from the second on = {}", count, later, now["units"]))
        .when(units != 1)
        .then(pl.format("× {} units = {}", count, now["units"])),
        pl.when(pl.col("reduction_thousandths") != ONE).then(
            pl.format("{} = {}{}", why, now["rank"], silent)
        ),
        pl.when(pl.col("modifier_thousandths") != ONE).then(
            pl.format("modifier {}: {} = {}{}", "modifier_told", modifier, now["modifier"], silent)
        ),
        pl.when(pl.col("person_thousandths") != ONE).then(
            pl.format("{}: {} = {}", person, percent("person_thousandths"), now["person"])
        ),
        pl.when(pl.col("party_thousandths") != ONE).then(
            pl.format("no participant in Medicare: {} = {}", percent("party_thousandths"), now["party"])
        ),
        pl.when(pl.col("step_charge") < pl.col("step_party")).then(
            pl.format("no more than the charge: {}", dollars("step_charge"))
        ),
    ]
    known = pl.col("expected_cents").is_not_null()
    return pl.when(known).then(pl.concat_list(pl.col("steps"), texts(steps))).otherwise(NOTHING)


def named(code: str, modifiers: str) -> pl.Expr:
    """A code with its modifiers, as 64483-50."""
    return pl.concat_str(code, pl.col(modifiers).str.replace_all(" ", "-"), separator="-").str.strip_suffix(
        "-"
    )


def percent(name: str) -> pl.Expr:
    """Thousandths as 13.6 %."""
    whole, rest = pl.col(name) // 10, pl.col(name) % 10
    return pl.when(rest == 0).then(pl.format("{} %", whole)).otherwise(pl.format("{}.{} %", whole, rest))


def texts(texts: Iterable[pl.Expr]) -> pl.Expr:
    """A list of those `texts` that are not null."""
    return pl.concat_list(list(texts)).list.drop_nulls()
