"""The `pair` view: two lines that a procedure-to-procedure edit names, judged at the one that is not paid."""

from typing import Final

import polars as pl


from anodyne.reference.tables import Reference, pairs_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.ground import PLACE_FACTS, POLICY_FACTS, has_modifier
from anodyne.rules.views.line import with_code_facts

_OF_LINE: Final = ("line", "code", "units", "charge_cents", "kind", "group", "region", "level", "imaging", "global_days", "label")

FACTS: Facts = {
    **PLACE_FACTS,
    "line": Fact(pl.UInt32, "line number of the column 2 line, the one that is not paid"),
    "code": Fact(pl.String, "its procedure code"),
    "units": Fact(pl.Float64, "its units"),
    "charge_cents": Fact(pl.Int64, "its charge in cents"),
    "kind": Fact(pl.String, "what sort of service it is"),
    "group": Fact(pl.String, "its family of codes"),
    "region": Fact(pl.String, "its spinal region"),
    "level": Fact(pl.String, "its level"),
    "imaging": Fact(pl.String, "whether it includes image guidance"),
    "global_days": Fact(pl.String, "its global period"),
    "label": Fact(pl.String, "what it is, in our own words"),
    "mod_25": Fact(pl.Boolean, "whether it carries modifier 25"),
    "paid_line": Fact(pl.UInt32, "line number of the column 1 line, the one that is paid"),
    "paid_same_claim": Fact(pl.Boolean, "whether that line is on the same claim"),
    "paid_code": Fact(pl.String, "its procedure code"),
    "paid_units": Fact(pl.Float64, "its units"),
    "paid_charge_cents": Fact(pl.Int64, "its charge in cents"),
    "paid_kind": Fact(pl.String, "what sort of service it is"),
    "paid_group": Fact(pl.String, "its family of codes"),
    "paid_region": Fact(pl.String, "its spinal region"),
    "paid_level": Fact(pl.String, "its level"),
    "paid_imaging": Fact(pl.String, "whether it includes image guidance"),
    "paid_global_days": Fact(pl.String, "its global period"),
    "paid_label": Fact(pl.String, "what it is, in our own words"),
    "paid_mod_25": Fact(pl.Boolean, "whether it carries modifier 25"),
    "indicator": Fact(pl.Int8, "0: no modifier helps; 1: a modifier may, where the services are truly separate"),
    "bypassed": Fact(pl.Boolean, "whether either line carries a modifier that the edits accept"),
    **POLICY_FACTS,
}


def pair_view(ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """One row for each two lines of one encounter that an edit in force names, in the columns of FACTS."""
    lines = with_code_facts(ground.filter(pl.col("code").is_not_null() & pl.col("day").is_not_null()), reference)
    lines = lines.filter(pl.len().over("encounter") > 1).with_columns(
        mod_25=has_modifier("25"), bypasses=has_modifier(*_bypass_modifiers(reference))
    )
    judged = lines.select("encounter", *(n for n in FACTS if n in lines.columns), "bypasses")
    paid = lines.select(
        "encounter",
        paid_key="line_key",
        paid_claim="claim_key",
        paid_mod_25="mod_25",
        paid_bypasses="bypasses",
        **{f"paid_{name}": name for name in _OF_LINE},
    )
    both = judged.join(paid, on="encounter", how="inner", maintain_order="left").filter(pl.col("code") != pl.col("paid_code"))
    asked = both.select(code_1="paid_code", code_2="code", served_on="day")
    known = pairs_in_force(asked.unique(maintain_order=True), reference).filter(pl.col("indicator").is_in([0, 1]))
    pairs = both.join(
        known, left_on=["paid_code", "code", "day"], right_on=["code_1", "code_2", "served_on"], how="inner", maintain_order="left"
    )
    return pairs.with_columns(
        bypassed=pl.col("bypasses") | pl.col("paid_bypasses"),
        paid_same_claim=pl.col("paid_claim") == pl.col("claim_key"),
    ).select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())


def _bypass_modifiers(reference: Reference) -> list[str]:
    return reference.table("modifiers").filter("ncci_bypass")["modifier"].unique().to_list()


