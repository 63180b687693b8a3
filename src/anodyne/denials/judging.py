"""Which submitted claim a remittance answers, of those that were weighed: one, or none and why."""

from typing import Final

import polars as pl

from anodyne.denials.weighing import PAIR, SCORES

LEAD: Final = 3
"""By how much a certain match leads the next."""
JUDGED: Final = (*PAIR, "certainty", "how", "score", *SCORES, "reason", "candidates")

_AGREEING: Final = {
    "charge_score": "charge",
    "day_score": "day",
    "line_score": "lines",
    "member_score": "member id",
    "npi_score": "practitioner",
}
_TELLING: Final = [name for name in _AGREEING if name != "npi_score"]
_BY_ID = pl.col("id_score") > 0
_BY_CONTROL = pl.col("line_control_score") >= 3


def judged(weighed: pl.DataFrame, *, linked: bool = False) -> pl.DataFrame:
    """For each remittance of `weighed` the claim it answers, or why none does.

    `linked`: the pairs are those of another remittance of the same payer control number, which is a name too.
    """
    agree = pl.sum_horizontal(
        pl.col("charge_score", "day_score", "member_score").gt(0), pl.col("line_score").ge(2)
    )
    differ = pl.sum_horizontal(pl.col("charge_score", "member_score").lt(0))
    apart, other_lines = pl.col("day_score") < 0, pl.col("line_score") < 0
    sound = ~apart & ~other_lines
    named = pl.lit(value=True) if linked else (_BY_ID | _BY_CONTROL)
    certain = (_BY_ID | _BY_CONTROL) & sound & (agree >= 2) & (differ == 0)
    likely = (
        (named & sound & (agree >= 1) & (agree >= differ))
        | (named & ~apart & other_lines & (agree >= 2))
        | (_BY_CONTROL & apart & (agree >= 2))
        | (_BY_ID & sound & (agree == 0) & (differ == 0))
        | ((pl.col("payer_control_score") > 0) & sound & (agree >= 2))
        | _is_alike(sound)
    )
    every = weighed.with_columns(certain=certain, fits=certain | likely, named=named)
    fitting = every.filter("fits").filter(pl.col("named") | ~pl.col("named").any().over("remit_key"))
    best = pl.col("score").max().over("remit_key")
    fitting = fitting.with_columns(
        top=pl.col("score") > best - pl.when("named").then(1).otherwise(2), best=best
    ).with_columns(tied=pl.col("top").sum().over("remit_key") > 1)
    second = pl.when(~pl.col("top")).then("score").max().over("remit_key")
    chosen = (
        fitting.with_columns(lead=(pl.col("best") - second).fill_null(LEAD))
        .filter("top")
        .with_columns(
            certainty=pl.when(pl.col("certain") & (pl.col("lead") >= LEAD))
            .then(pl.lit("certain"))
            .otherwise(pl.lit("likely")),
            how=_how(linked),
        )
    )
    return pl.concat([_matched(chosen), _ties(chosen), _strangers(every)])


def _is_alike(sound: pl.Expr) -> pl.Expr:
    """Whether a pair is alike in all that tells one claim from another, names and numbers aside."""
    by_patient = (pl.col("member_score") > 0) & ((pl.col("charge_score") > 0) | (pl.col("line_score") == 4))
    by_practitioner = (
        (pl.col("member_score") == 0)
        & (pl.col("npi_score") > 0)
        & (pl.col("charge_score") > 0)
        & (pl.col("line_score") == 4)
    )
    return sound & (pl.col("day_score") > 0) & (by_patient | by_practitioner)


def _matched(chosen: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.List(pl.UInt32))
    return chosen.filter(~pl.col("tied")).select(
        *JUDGED[:-2], reason=pl.lit(None, pl.String), candidates=nothing
    )


def _ties(chosen: pl.DataFrame) -> pl.DataFrame:
    tied = chosen.filter("tied").sort(*PAIR)
    together = tied.group_by("remit_key", maintain_order=True).agg(
        pl.col("score", *SCORES).first(), candidates=pl.col("claim_key")
    )
    number = pl.col("candidates").list.len()
    return unmatched(together, pl.format("{} submitted claims fit it equally", number))


def _strangers(every: pl.DataFrame) -> pl.DataFrame:
    """Remittances of which no candidate fits, with the closest of them."""
    strangers = every.filter(~pl.col("fits").any().over("remit_key"))
    closest = (
        strangers.sort("remit_key", "score", "claim_key", descending=[False, True, False])
        .group_by("remit_key", maintain_order=True)
        .agg(pl.col("score", *SCORES, "claim_key").first())
        .with_columns(candidates=pl.concat_list("claim_key"))
    )
    told_by = (
        pl.when(_BY_ID)
        .then(pl.lit("the submitted claim with its id"))
        .when(_BY_CONTROL)
        .then(pl.lit("the submitted claim with its line control numbers"))
        .when(pl.col("payer_control_score") > 0)
        .then(pl.lit("the submitted claim with its payer control number"))
        .otherwise(pl.lit("the submitted claim most like it"))
    )
    differing = pl.concat_str(_listed(_TELLING, below=True), pl.lit(" differ"))
    unsupported = pl.lit("has nothing else in common with it")
    why = pl.when(pl.any_horizontal(pl.col(_TELLING) < 0)).then(
        pl.concat_str(pl.lit("is not it: "), differing)
    )
    return unmatched(closest, pl.concat_str(told_by, pl.lit(" "), why.otherwise(unsupported)))


def unmatched(rows: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    """`rows`, which have a score and candidates, as judged to be matched to nothing for `reason`."""
    nothing = pl.lit(None, pl.String)
    return rows.with_columns(
        claim_key=pl.lit(None, pl.UInt32), certainty=nothing, how=nothing, reason=reason
    ).select(JUDGED)


def _how(linked: bool) -> pl.Expr:
    """By what a pair was told, in words."""
    link = "payer control number of another remittance of it" if linked else "likeness"
    name = pl.concat_str(
        pl.when(pl.col("id_score") == 8).then(pl.lit("claim id")),
        pl.when(pl.col("id_score") == 7).then(pl.lit("claim id but for case or leading zeros")),
        pl.when(pl.col("payer_control_score") > 0).then(pl.lit("payer control number")),
        pl.when(_BY_CONTROL).then(pl.lit("line control numbers")),
        separator=", ",
        ignore_nulls=True,
    )
    name = pl.when(name.str.len_bytes() > 0).then(name).otherwise(pl.lit(link))
    agreeing, differing = _listed(list(_AGREEING)), _listed(list(_AGREEING), below=True)
    return pl.concat_str(
        name,
        pl.when(agreeing.str.len_bytes() > 0).then(pl.concat_str(pl.lit("; same "), agreeing)),
        pl.when(differing.str.len_bytes() > 0).then(pl.concat_str(pl.lit("; another "), differing)),
        ignore_nulls=True,
    )


def _listed(names: list[str], *, below: bool = False) -> pl.Expr:
    """The words of the scores in `names` that are more than 0, or `below` it."""
    return pl.concat_str(
        *(
            pl.when(pl.col(name) < 0 if below else pl.col(name) > 0).then(pl.lit(_AGREEING[name]))
            for name in names
        ),
        separator=", ",
        ignore_nulls=True,
    )
