"""Drugs by container and amount: the part of the line view that speaks of vials and waste."""

from typing import Final

import polars as pl

from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts

_GIVEN_BY_A_SERVICE: Final = ("corticosteroid", "hyaluronate", "botulinum_drug", "other_drug")
_GIVING: Final = ("procedure", "administration", "test")
"""The kinds of service that give a drug; a code of a kind not known may too."""

DRUG_FACTS: Facts = {
    "container": Fact(
        pl.String,
        "single or multi: by the national drug code, else the only container the drug is sold in",
        "the vial the drug came from, single-dose or multiple-dose: its NDC, or who gave it",
    ),
    "jw_of_day": Fact(pl.Boolean, "whether a line of this drug, patient, day and practitioner carries JW"),
    "given_of_day": Fact(pl.Boolean, "whether one of these lines is for the amount given: it carries no JW"),
    "units_of_drug": Fact(pl.Float64, "units of all these lines, given and thrown away", "units"),
    "vial_units": Fact(
        pl.Int32, "billing units by which the drug's single-dose containers grow, where it is sold so"
    ),
    "ndc_qty": Fact(pl.Float64, "the quantity stated with the national drug code (CTP04)"),
    "ndc_unit": Fact(pl.String, "its measure (CTP05): ML millilitres, UN containers, ME milligrams"),
    "ndc_units": Fact(
        pl.Float64, "the billing units of that quantity, begun ones whole, where the drug's strength is known"
    ),
    "giving_service": Fact(
        pl.Boolean,
        "for a drug that a service gives: whether one that may have is billed for the patient and day",
    ),
}

_OF_DRUGS: Final = ("units_of_drug", "ndc_units", "giving_service")


def with_drugs(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` with the columns of DRUG_FACTS, from what the reference says of drug and national drug code."""
    sold_one_way = pl.when(pl.col("drug_container").is_in(["single", "multi"])).then("drug_container")
    key = ["encounter", "code"]
    drugs = lines.filter(pl.col("drug_container").is_not_null() | pl.col("mod_jw") | pl.col("mod_jz"))
    if drugs.is_empty():
        return lines.with_columns(
            pl.lit(value=False).alias("jw_of_day"),
            pl.lit(value=False).alias("given_of_day"),
            *(pl.lit(None, DRUG_FACTS[name].kind).alias(name) for name in _OF_DRUGS),
            container="ndc_container",
        )
    of_day = drugs.group_by(key).agg(
        jw_of_day=pl.col("mod_jw").any(),
        given_of_day=(~pl.col("mod_jw")).any(),
        units_of_drug=pl.col("units").sum(),
    )
    found = lines.select(key).join(of_day, on=key, how="left", nulls_equal=True, maintain_order="left")
    lines = lines.hstack(found.drop(key)).with_columns(
        pl.col("jw_of_day", "given_of_day").fill_null(value=False),
        container=pl.coalesce("ndc_container", sold_one_way),
        ndc_units=_units_of_ndc(),
    )
    return _with_giving_service(lines)


def _units_of_ndc() -> pl.Expr:
    """The billing units that the quantity of the national drug code makes, if it is of the drug billed."""
    amount = (
        pl.when(pl.col("ndc_unit") == "ML")
        .then(pl.col("ndc_qty") * pl.col("ndc_per_ml"))
        .when(pl.col("ndc_unit") == "UN")
        .then(pl.col("ndc_qty") * pl.col("ndc_per_vial"))
        .when((pl.col("ndc_unit") == "ME") & (pl.col("per_unit") == "mg"))
        .then("ndc_qty")
    )
    units = (amount / pl.col("per_amount")).round(3).ceil()
    return pl.when((pl.col("ndc_code") == pl.col("code")) & (pl.col("ndc_qty") > 0)).then(units)


def _with_giving_service(lines: pl.DataFrame) -> pl.DataFrame:
    asked = lines.filter(
        pl.col("group").is_in(_GIVEN_BY_A_SERVICE)
        & pl.col("patient").is_not_null()
        & pl.col("day").is_not_null()
    ).select("line_key", "patient", "day")
    if asked.is_empty():
        return lines.with_columns(giving_service=pl.lit(None, pl.Boolean))
    giving = lines.filter(pl.col("kind").is_in(_GIVING) | pl.col("kind").is_null()).select("patient", "day")
    served = asked.join(giving, on=["patient", "day"], how="semi")["line_key"]
    told = asked.select("line_key", giving_service=pl.col("line_key").is_in(served.implode()))
    return with_facts(lines, told, on="line_key")
