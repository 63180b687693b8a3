"""Where claims name their diagnoses: in which place, and which lines point to them."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from anodyne.model.frames import DIAGNOSES
from anodyne.reference.shapes import Columns
from anodyne.rules.views.attach import with_facts
from anodyne.rules.views.ground import MEDICARE

_LINES_NAMED: Final = 4
_NAMED: Columns = {"spelt": pl.String, "code": pl.String}


def written(code: pl.Expr) -> pl.Expr:
    """A diagnosis code as people write it: a dot after the third character."""
    return pl.when(code.str.len_chars() > 3).then(code.str.head(3) + "." + code.str.slice(3)).otherwise(code)


def few_written(codes: pl.Expr, most: int) -> pl.Expr:
    """A list of codes as people write it; the first few where they are many, null where there is none."""
    few = codes.list.head(most).list.eval(written(pl.element())).list.join(", ")
    number = codes.list.len()
    return pl.when(number > most).then(few + " …").when(number > 0).then(few)


def filled_diagnoses(claims: pl.DataFrame) -> list[str]:
    """The columns of diagnoses that some of `claims` has something in; the first in any case."""
    named = [name for name in DIAGNOSES if name in claims.columns]
    return [name for name in named if name == DIAGNOSES[0] or claims[name].null_count() < len(claims)]


def spelt_codes(claims: pl.DataFrame) -> dict[str, str]:
    """Each diagnosis that `claims` name: as they spell it, and in capitals with no dot."""
    columns = [claims[name].alias("spelt") for name in filled_diagnoses(claims)]
    spelt = pl.concat(columns).drop_nulls().unique().to_list()
    return {text: text.replace(".", "").upper() for text in spelt}


def laid_out(claims: pl.DataFrame, named: Mapping[str, str]) -> pl.DataFrame:
    """`claim_key`, `position` and `code` of the diagnoses of `named` (`spelt_codes`), by position."""
    codes = pl.DataFrame({"spelt": list(named), "code": list(named.values())}, schema=dict(_NAMED))
    return (
        claims.select("claim_key", *filled_diagnoses(claims))
        .unpivot(index="claim_key", variable_name="position", value_name="spelt")
        .join(codes, on="spelt", how="inner", maintain_order="left")
        .select("claim_key", pl.col("position").str.slice(2).cast(pl.UInt32), "code")
    )


def places(claims: pl.DataFrame, named: Mapping[str, str]) -> pl.DataFrame:
    """Where `claims` have the diagnoses of `named` (`spelt_codes`), each code once a claim."""
    found = laid_out(claims, named)
    return found.filter(pl.struct("claim_key", "code").hash(seed=5).is_first_distinct())


def with_claims(found: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """`found` with what its claims say of themselves."""
    said = claims.select("claim_key", "judged", claim_cents="charge_cents", medicare=MEDICARE)
    return with_facts(found, said, on="claim_key")


def used(rows: pl.DataFrame, ground: pl.DataFrame) -> pl.DataFrame:
    """For each of `rows` the first day of its claim, and days, charge and numbers of the lines with it."""
    lines = ground.select(
        "claim_key",
        "line_key",
        "line",
        "day",
        "charge_cents",
        "dx_pointers",
        last=pl.max_horizontal("day", "served_to"),
    ).join(rows.select("claim_key"), on="claim_key", how="semi")
    claims = lines.group_by("claim_key").agg(pl.col("day").min(), claim_last=pl.col("last").max())
    pointed = (
        pointers(lines)
        .join(rows.select("claim_key", "position"), on=["claim_key", "position"], how="semi")
        .unique(["line_key", "position"])
        .group_by("claim_key", "position")
        .agg(
            pl.col("line").sort(),
            first_used_on=pl.col("day").min(),
            last_used_on=pl.col("last").max(),
            charge_cents=pl.col("charge_cents").sum(),
        )
    )
    return (
        rows.select("claim_key", "position", "claim_cents")
        .join(claims, on="claim_key", how="left", maintain_order="left")
        .join(pointed, on=["claim_key", "position"], how="left", maintain_order="left")
        .select(
            "day",
            _on_lines(pl.col("line")).alias("on_lines"),
            first_used_on=pl.coalesce("first_used_on", "day"),
            last_used_on=pl.coalesce("last_used_on", "claim_last"),
            charge_cents=pl.coalesce("charge_cents", "claim_cents"),
        )
    )


def pointers(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` once for each diagnosis they point to, by its place in the claim (`position`)."""
    return (
        lines.with_columns(position=pl.col("dx_pointers").str.split(":"))
        .explode("position")
        .with_columns(pl.col("position").cast(pl.UInt32, strict=False))
        .drop_nulls("position")
    )


def _on_lines(lines: pl.Expr) -> pl.Expr:
    """The numbers of lines as a message says them; null where there are none."""
    few = lines.list.head(_LINES_NAMED).list.eval(pl.element().cast(pl.String)).list.join(", ")
    more = pl.when(lines.list.len() > _LINES_NAMED).then(pl.lit(" …")).otherwise(pl.lit(""))
    word = pl.when(lines.list.len() > 1).then(pl.lit(" on lines ")).otherwise(pl.lit(" on line "))
    return pl.when(lines.list.len() > 0).then(word + few + more)
