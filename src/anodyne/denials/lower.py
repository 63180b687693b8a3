"""What less a line that stands as billed was priced as: a lower code, one side, a facility, fewer units."""

from typing import Final

import polars as pl

from anodyne.denials.arithmetic import ONE, arithmetic, named, unknown
from anodyne.denials.factors import factored
from anodyne.denials.rates import Terms
from anodyne.reference.tables import Reference, matches_in_force

KINDS: Final = ("level", "guidance", "new_patient", "extent")
"""Of families of codes, those first whose codes payers put in each other's place most often."""
_ONE_SIDE, _UNITS, _PLACE, _REDUCED = range(len(KINDS), len(KINDS) + 4)
_LOWER: Final = {
    "remit_line_key": pl.UInt32,
    "lower_to": pl.String,  # as what it was priced; null where the amount is the price of nothing known
    "lower_code": pl.String,  # the same, where it is another code
    "lower_rank": pl.Boolean,  # reduced as a further procedure
    "lower_alone": pl.Boolean,  # the amount is the price of nothing else
}
_CHANGED: Final = ("code", "modifiers", "facility", "units", "reduction_thousandths", "by_units")


def priced_lower(lines: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """By line of `lines`, each allowed too little, what has exactly the price that was allowed."""
    lines = lines.with_columns(by_units=pl.lit(value=False))
    tried = pl.concat([_families(lines, reference), *_others(lines)], how="diagonal")
    if tried.is_empty():
        return pl.DataFrame(schema=_LOWER)
    whole = (pl.col("reduction_thousandths") != ONE) & (pl.col("order") <= _ONE_SIDE)
    unreduced = tried.filter(whole).with_columns(reduction_thousandths=pl.lit(ONE, pl.Int64))
    tried = pl.concat([tried, unreduced])
    rest = lines.drop(_CHANGED)
    asked = tried.join(rest, on="remit_line_key", how="left", maintain_order="left")
    found = factored(asked, terms, reference).with_columns(**arithmetic())
    price, allowed = pl.col("step_charge"), pl.col("allowed_cents")
    same = (price - allowed).abs() <= pl.col("tolerance")
    less = price < pl.col("expected_cents") - pl.col("tolerance")
    return (
        found.filter(same & less & unknown().is_null())
        .sort("remit_line_key", "order", "distance", (price - allowed).abs())
        .group_by("remit_line_key", maintain_order=True)
        .agg(
            pl.col("lower_to").first(),
            pl.col("lower_code").first(),
            lower_rank=(pl.col("order") == _REDUCED).first(),
            lower_alone=pl.col("lower_to").n_unique() == 1,
        )
        .select(pl.col(name).cast(kind) for name, kind in _LOWER.items())
    )


def _families(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The lower codes of the families of each line's code."""
    asked = lines.select("remit_line_key", *_CHANGED, "served_on")
    held = matches_in_force(asked, reference, "code_levels", by=["code"])
    below = reference.table("code_levels").select(
        "family", "from", "until", lower_code="code", lower_level="level"
    )
    live = (pl.col("from") <= pl.col("served_on")) & (
        pl.col("until").is_null() | (pl.col("served_on") < pl.col("until"))
    )
    return (
        held.join(below, on="family")
        .filter(live, pl.col("lower_level") < pl.col("level"))
        .select(
            "remit_line_key",
            *(name for name in _CHANGED if name != "code"),
            "lower_code",
            code="lower_code",
            lower_to=named("lower_code", "modifiers"),
            order=pl.col("kind").replace_strict(list(KINDS), list(range(len(KINDS))), return_dtype=pl.Int32),
            distance=pl.col("level") - pl.col("lower_level"),
        )
    )


def _others(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """The same code for one side, in a facility, as a further procedure, and in fewer units."""
    fewer = (pl.col("units") * pl.col("allowed_cents") / pl.col("expected_cents")).round()
    one_side = pl.col("modifiers").str.replace(r"(^| )50", "").str.strip_chars()
    cases: list[tuple[int, pl.Expr, dict[str, pl.Expr], pl.Expr]] = [
        (
            _ONE_SIDE,
            pl.col("in_full") | pl.col("own_modifier").eq_missing("50"),
            {"modifiers": one_side},
            named("code", "modifiers"),
        ),
        (
            _UNITS,
            (fewer >= 1) & (fewer < pl.col("units")),
            {"units": fewer},
            pl.when(pl.col("units") == 1)
            .then(pl.lit("1 unit"))
            .otherwise(pl.format("{} units", pl.col("units").cast(pl.Int64))),
        ),
        (
            _PLACE,
            ~pl.col("facility"),
            {"facility": pl.lit(value=True)},
            pl.format("{} in a facility", named("code", "modifiers")),
        ),
        (
            _REDUCED,
            pl.col("reduction_thousandths") == ONE,
            {"reduction_thousandths": pl.col("term_further_procedure")},
            pl.format("{} as a further procedure", named("code", "modifiers")),
        ),
    ]
    return [
        lines.filter(when.fill_null(value=False))
        .with_columns(**changes)
        .select(
            "remit_line_key",
            pl.col(_CHANGED),
            lower_to=told,
            order=pl.lit(order, pl.Int32),
            distance=pl.lit(0, pl.Int32),
        )
        .with_columns(pl.col("reduction_thousandths").cast(pl.Int64))
        for order, when, changes, told in cases
    ]
