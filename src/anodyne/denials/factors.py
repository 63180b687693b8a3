"""The factors of each line: modifiers, rank and side, who rendered; and which the payer chose to apply."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.denials.arithmetic import BY_MEDICARE, ONE, arithmetic
from anodyne.denials.rates import ASKED, CONTRACT, NATIONAL, PERCENT, Terms, rated
from anodyne.denials.reductions import FURTHER
from anodyne.denials.remitted import with_row
from anodyne.reference.tables import Reference, in_force, matches_in_force

BOTH: Final = "50"
_TERMS: Final = (
    "bilateral", "both_in_full", "further_side", "further_procedure", "nonphysician", "nonparticipating",
    "sequestration",
)  # fmt: skip
_ASSISTANTS: Final = ("assistant", "nonphysician_assistant")
_TAXONOMY_PREFIX: Final = 4
_NO: Final = pl.lit(value=False)
PAYER: Final = ("payer_key", "payer_text")
_CAN: Final = {
    "full": pl.lit(value=True),
    "ranked": pl.col("reduction") < ONE,
    "units": pl.col("in_units").fill_null(value=False),
}
"""How a line may be reduced, or not, and whether it can be."""
_RATED: Final = (
    "unit_cents", "kind", "basis", "steps", "why", "own_modifier", "therapy_cents", "current", "priced_by",
    "mult_proc", "bilateral", "asst_surg", "modifier_thousandths", "modifier_told", "by_report", "assists",
    *(f"term_{name}" for name in _TERMS),
)  # fmt: skip


def factored(lines: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """`lines` with the rate of their `code`, and the factors that their `modifiers` make of it."""
    asked = lines.select(ASKED)
    lines = lines.drop(set(_RATED) & set(lines.columns)).hstack(rated(asked, terms, reference).drop(ASKED))
    lines = _with_terms(_with_modifiers(lines, reference), reference)
    both = pl.col("modifiers").str.contains(BOTH, literal=True) & pl.col("own_modifier").ne_missing(BOTH)
    indicator = pl.col("bilateral")
    return lines.with_columns(
        both_thousandths=pl.when(~both)
        .then(ONE)
        .when(indicator == 1)
        .then("term_bilateral")
        .when(indicator == 3)
        .then("term_both_in_full")
        .when(indicator.is_not_null())
        .then(ONE),
        in_full=both,
    )


def _with_modifiers(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add `modifier_thousandths`, the modifier without one (`by_report`), and whether a line `assists`."""
    keys = ["modifiers", "own_modifier", "served_on"]
    each = (
        lines.filter(pl.col("modifiers") != "")
        .select(keys)
        .unique()
        .with_columns(modifier=pl.col("modifiers").str.split(" "))
        .explode("modifier")
    )
    found = matches_in_force(each, reference, "payment_modifiers", by=["modifier"])
    found = with_row(found, ("term",), reference, "payment_terms")
    other = pl.col("modifier").ne_missing(pl.col("own_modifier"))
    factors = found.group_by(keys).agg(
        modifier_thousandths=pl.col("thousandths").filter(other).first(),
        modifier_told=pl.col("modifier").filter(other & pl.col("thousandths").is_not_null()).first(),
        by_report=pl.col("modifier").filter(other & pl.col("term").is_null()).first(),
        assists=pl.col("term").is_in(_ASSISTANTS).any(),
    )
    return lines.join(factors, on=keys, how="left", nulls_equal=True, maintain_order="left").with_columns(
        pl.col("modifier_thousandths").fill_null(ONE), pl.col("assists").fill_null(value=False)
    )


def _with_terms(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add the thousandths of each of _TERMS that are in force on the day, in columns `term_…`."""
    days = lines.select("served_on").unique()
    for name in _TERMS:
        asked = days.select("served_on", term=pl.lit(name))
        days = days.with_columns(
            in_force(asked, reference, "payment_terms")["thousandths"].cast(pl.Int64).alias(f"term_{name}")
        )
    return lines.join(days, on="served_on", how="left", nulls_equal=True, maintain_order="left")


def with_practitioner(lines: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """Add whether no physician rendered (`nonphysician`, null where not known), and who takes no part."""
    known = with_row(
        lines.with_columns(prefix=pl.col("sent_taxonomy").str.head(_TAXONOMY_PREFIX)),
        ("prefix",),
        reference,
        "practitioner_types",
    )
    physician = pl.col("prefix").is_not_null() & pl.col("nonphysician").is_null()
    other = BY_MEDICARE & ~pl.col("assists")
    return known.with_columns(
        nonphysician=pl.when(~other | physician).then(_NO).otherwise("nonphysician"),
        party_thousandths=pl.when((pl.col("kind") == NATIONAL) & pl.lit(not terms.participating))
        .then("term_nonparticipating")
        .otherwise(ONE),
    ).drop("prefix", "type")


def tried(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what each line would be allowed with and without the factors of rank, side and units."""
    further = pl.when(pl.col("rank") > 1).then("term_further_procedure").otherwise(ONE)
    side = pl.when("second").then("term_further_side").otherwise(ONE)
    reduction = further * side // ONE
    procedure = (pl.col("mult_proc") == FURTHER).fill_null(value=True)
    lines = lines.with_columns(
        reduction=pl.when(procedure | pl.col("second")).then(reduction).otherwise(ONE).fill_null(ONE),
        cap_cents=pl.col("charge_cents"),
        tolerance=pl.when(pl.col("kind") == CONTRACT).then(1).otherwise(
            1 + pl.col("units").ceil().cast(pl.Int64).clip(1, 50)
        ),
        in_units=(pl.col("mult_proc") == FURTHER)
        & (pl.col("rank").fill_null(1) == 1)
        & (pl.col("units") > 1),
    )  # fmt: skip
    plain = {"reduction_thousandths": pl.lit(ONE), "by_units": _NO, "person_thousandths": _person(sure=True)}
    ranked = plain | {"reduction_thousandths": pl.col("reduction")}
    options = {"full": plain, "ranked": ranked, "units": ranked | {"by_units": pl.col("in_units")}}
    return lines.with_columns(**_tried(lines, options))


def habits(lines: pl.DataFrame) -> pl.DataFrame:
    """Of each payer of `lines`, as `tried` gives them, how many it reduced and how many not, that it could.

    Those of several parts of one practice's lines can be added up.
    """
    judged = _CAN["ranked"] & (pl.col("allowed_cents") > 0)
    return lines.group_by(PAYER).agg(
        reduces=(judged & _same("ranked")).sum(), pays_all=(judged & _same("full")).sum()
    )


def accepted(lines: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add the factors of rank, side, units and practitioner, as they are known or as the payer chose them.

    `lines` are as `tried` gives them, and what is `known` of payers as `habits` does.
    """
    lines = lines.join(known, on=PAYER, how="left", nulls_equal=True, maintain_order="left")
    can, reduces, pays_all = _CAN, pl.col("reduces"), pl.col("pays_all")
    same = {name: _same(name) for name in can}
    habit = (
        pl.when(pl.col("kind") == NATIONAL)
        .then(pl.lit(value=True))
        .when(pl.col("kind") == PERCENT)
        .then(reduces >= pays_all)
        .otherwise((reduces >= pays_all) & (reduces > 0) & (pl.col("allowed_cents") < pl.col("try_ranked")))
    )
    least = pl.col("allowed_cents") >= pl.col("try_full") - pl.col("tolerance")
    chosen = (
        pl.when(can["ranked"] & (pl.col("kind") == NATIONAL))
        .then(pl.lit("ranked"))
        .when(least)
        .then(pl.lit("full"))
        .when(same["ranked"])
        .then(pl.lit("ranked"))
        .when(same["units"])
        .then(pl.lit("units"))
        .when(can["ranked"] & habit)
        .then(pl.lit("ranked"))
        .otherwise(pl.lit("full"))
    )
    lines = lines.with_columns(chosen=chosen.fill_null("full"))
    lines = lines.with_columns(
        reduction_thousandths=pl.when(pl.col("chosen") == "full").then(ONE).otherwise("reduction"),
        by_units=pl.col("chosen") == "units",
        person_thousandths=_person(sure=True),
    )
    return _by_nonphysician(lines.drop("reduces", "pays_all"))


def _same(option: str) -> pl.Expr:
    """Whether exactly that was allowed."""
    off = (pl.col("allowed_cents") - pl.col(f"try_{option}")).abs()
    return _CAN[option] & (off <= pl.col("tolerance"))


def _by_nonphysician(lines: pl.DataFrame) -> pl.DataFrame:
    """Take a line of a practitioner not known for a nonphysician's where exactly that was allowed."""
    lines = lines.with_columns(
        **_tried(lines, {"whole": {}, "nonphysician": {"person_thousandths": _person(sure=False)}})
    )
    off = (pl.col("allowed_cents") - pl.col("try_nonphysician")).abs()
    takes = (
        (pl.col("kind") == NATIONAL)
        & pl.col("nonphysician").is_null()
        & (off <= pl.col("tolerance"))
        & (pl.col("allowed_cents") < pl.col("try_whole") - pl.col("tolerance"))
    ).fill_null(value=False)
    return lines.with_columns(
        person_thousandths=pl.when(takes).then(_person(sure=False)).otherwise("person_thousandths"),
        taken_for_nonphysician=takes,
    )


def _person(*, sure: bool) -> pl.Expr:
    """The factor of who rendered: where that is not known, one if `sure`, else a nonphysician's."""
    less = pl.col("nonphysician").fill_null(value=not sure)
    return pl.when(less).then("term_nonphysician").otherwise(ONE)


def _tried(lines: pl.DataFrame, options: Mapping[str, Mapping[str, pl.Expr]]) -> dict[str, pl.Series]:
    """By option the allowed amount with its factors, in columns `try_…`."""
    return {
        f"try_{name}": lines.with_columns(**factors).select(arithmetic()["step_charge"]).to_series()
        for name, factors in options.items()
    }
