"""Visits beside other services of a day: the parts of the line and pair views that speak of them."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts

APART: Final = ("24", "25", "27", "57")
"""The modifiers that set a visit apart from another service of its day or from an earlier surgery."""

MINOR: Final = ("000", "010")
MAJOR: Final = "090"

NEW: Final = "office_new"
OFFICE: Final = (NEW, "office_established")
HOME: Final = "home_visit"

VISIT_LINE_FACTS: Facts = {
    "visit_mod_25": Fact(
        pl.Boolean, "whether an office or home visit of the same patient, day and practitioner carries 25"
    ),
    "visit_code": Fact(pl.String, "the procedure code of that visit"),
    "visit_line": Fact(pl.UInt32, "its line number"),
    "office_visit_of_day": Fact(
        pl.Boolean, "whether an office visit is billed for the same patient, day and practitioner"
    ),
    "home_visit_of_day": Fact(pl.Boolean, "whether a visit at home is"),
    "minor_code": Fact(pl.String, "a procedure of 0 or 10 global days billed for the same"),
    "minor_line": Fact(pl.UInt32, "its line number"),
    "major_code": Fact(pl.String, "a procedure of 90 global days billed for the same"),
    "major_line": Fact(pl.UInt32, "its line number"),
}

VISIT_PAIR_FACTS: Facts = {
    "visit_needs": Fact(
        pl.String,
        "where one line is a visit that a modifier can set apart: 57 beside global 090, else 25",
    ),
    "visit_code": Fact(pl.String, "the procedure code of that visit"),
    "visit_place": Fact(pl.String, "where the visit is: its line, or another claim"),
    "visit_set_apart": Fact(pl.Boolean, "whether the visit carries 24, 25, 27 or 57"),
    "visit_only_25": Fact(pl.Boolean, "whether 25 is the only one of these that it carries"),
    "visit_only_57": Fact(pl.Boolean, "whether 57 is the only one of these that it carries"),
    "visit_major": Fact(pl.Boolean, "whether an edit names the visit beside major surgery that day"),
    "other_code": Fact(pl.String, "the procedure code of the other line"),
    "other_place": Fact(pl.String, "where the other line is: its number, or another claim"),
    "first_for_visit": Fact(
        pl.Boolean, "whether this is the first edit on the visit that needs this modifier"
    ),
}


def with_visits(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with the columns of VISIT_LINE_FACTS."""
    at_home, with_25 = pl.col("group") == HOME, pl.col("mod_25")
    visits = (
        lines.select("encounter", "group", "code", "line", "mod_25")
        .filter(pl.col("group").is_in(OFFICE) | at_home)
        .group_by("encounter", maintain_order=True)
        .agg(
            visit_mod_25=with_25.any(),
            visit_code=pl.col("code").filter(with_25).first(),
            visit_line=pl.col("line").filter(with_25).first(),
            office_visit_of_day=pl.col("group").is_in(OFFICE).any(),
            home_visit_of_day=at_home.any(),
        )
    )
    lines = with_facts(lines, visits, on="encounter").with_columns(
        pl.col("visit_mod_25", "office_visit_of_day", "home_visit_of_day").fill_null(value=False)
    )
    minor, major = pl.col("global_days").is_in(MINOR), pl.col("global_days") == MAJOR
    procedures = (
        lines.select("encounter", "kind", "code", "line", "global_days")
        .filter(kind="procedure")
        .group_by("encounter", maintain_order=True)
        .agg(
            minor_code=pl.col("code").filter(minor).first(),
            minor_line=pl.col("line").filter(minor).first(),
            major_code=pl.col("code").filter(major).first(),
            major_line=pl.col("line").filter(major).first(),
        )
    )
    return with_facts(lines, procedures, on="encounter")


def with_visit_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with the columns of VISIT_PAIR_FACTS.

    Each side needs `kind`, `global_days` and its modifiers `apart` and `only_57`; `paid_place` says where the
    other line is.
    """
    judged_visit = (pl.col("kind") == "visit").fill_null(value=False)
    paid_visit = (pl.col("paid_kind") == "visit").fill_null(value=False)
    liftable = (judged_visit ^ paid_visit) & (pl.col("indicator") == 1)

    def of_visit(column: str) -> pl.Expr:
        return pl.when(liftable).then(pl.when(judged_visit).then(column).otherwise(f"paid_{column}"))

    def of_other(column: str) -> pl.Expr:
        return pl.when(liftable).then(pl.when(judged_visit).then(f"paid_{column}").otherwise(column))

    pairs = pairs.with_columns(key=pl.col("line_key"), place=pl.format("line {}", "line")).with_columns(
        visit_key=of_visit("key"),
        visit_code=of_visit("code"),
        visit_place=of_visit("place"),
        visit_set_apart=of_visit("apart"),
        visit_only_25=of_visit("only_25"),
        visit_only_57=of_visit("only_57"),
        other_code=of_other("code"),
        other_place=of_other("place"),
        visit_needs=pl.when(liftable).then(
            pl.when(of_other("global_days") == MAJOR).then(pl.lit("57")).otherwise(pl.lit("25"))
        ),
    )
    first = (
        pairs.select("judged", "paid_key", "key", "visit_key", "visit_needs", visit_judged=judged_visit)
        .with_row_index("row")
        .filter(pl.col("visit_needs").is_not_null())
        .sort("judged", "visit_judged", "paid_key", "key", descending=[True, True, False, False])
        .unique(["visit_key", "visit_needs"], keep="first", maintain_order=True)["row"]
    )
    return pairs.with_columns(
        visit_major=(pl.col("visit_needs") == "57").any().over("visit_key"),
        first_for_visit=pl.int_range(pl.len(), dtype=pl.UInt32).is_in(first.implode()),
    )
