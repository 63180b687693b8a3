"""The `care` view: one line of monthly care management, with what else its calendar month holds."""

from typing import Final

import polars as pl

from anodyne.reference.pain import diagnoses_by_pain
from anodyne.reference.tables import Reference, in_force, matches_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.spelling import spelled
from anodyne.rules.views.attach import laid_by, number_within, once_for_each, with_facts
from anodyne.rules.views.care_period import PERIOD_FACTS, with_periods
from anodyne.rules.views.ground import (
    CHARGE_OF_ONE,
    PLACE_FACTS,
    charge_of_one_cents,
    has_modifier,
    policy_facts,
)

_EDITED_IN_A_DAY: Final = ("edit", "monitoring_apart")
"""Kinds of exclusion that the pair edits tell of where both codes are of one day."""
PREFIX: Final = 4
"""How many characters of a taxonomy the table of practitioner types goes by."""
_MONTH: Final = ("patient", "practitioner", "payer", "month")

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code"),
    "units": Fact(pl.Float64, "units billed", "units"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    "pos": Fact(pl.String, "place of service code", "place of service"),
    **CHARGE_OF_ONE,
    **policy_facts("payer_ncci_edits", "payer_mue_edits"),
    "group": Fact(pl.String, "the programme: cpm chronic pain, ccm chronic care, pcm, rpm, rtm, bhi …"),
    "level": Fact(pl.String, "first: the month's first block of time; next: a further block"),
    "mue": Fact(pl.Int32, "units a day beyond which Medicare denies", "MUE of the code"),
    "month_name": Fact(pl.String, "the calendar month of service in words, as October 2026"),
    "setting": Fact(
        pl.String,
        "what sort of place it was, where the rules speak of it: telehealth, inpatient, emergency …",
    ),
    "telehealth": Fact(pl.Boolean, "whether place or modifiers say that the service was by telehealth"),
    "units_before": Fact(
        pl.Float64,
        "units of this code on other lines of the patient, day and practitioner that come first",
    ),
    "cpm_of_month": Fact(pl.Boolean, "whether this practitioner billed G3002 for the patient in the month"),
    "cpm_number": Fact(
        pl.UInt32, "for G3002: which day of G3002 by this practitioner in the month it is, 1 the first"
    ),
    "cpm_first_on": Fact(pl.String, "the first of those days, in words"),
    "practitioner_number": Fact(
        pl.UInt32, "for G3002: which practitioner of the month this is for the patient, 1 the first"
    ),
    "seen_before": Fact(
        pl.Boolean,
        "true where this practitioner billed G3002 for the patient before; null where no such claim is read",
        "chart: an in-person visit of 30 minutes or more with this practitioner before the first month",
    ),
    "primaries": Fact(pl.String, "the codes that this further block of time goes with, separated by commas"),
    "primary_of_month": Fact(
        pl.Boolean, "whether this practitioner billed one of them for the patient in the month"
    ),
    "exclusive_code": Fact(
        pl.String, "a code of the same patient and practitioner that never stands beside this one"
    ),
    "exclusive_on": Fact(pl.String, "the day it was billed, in words"),
    "exclusive_kind": Fact(
        pl.String,
        "edit: not in one month, by the pair edits; tier: another measure of the same work; "
        "bundle: a fee for the month holds it; monitoring, monitoring_apart: the other kind of remote "
        "monitoring; watch: allowed, and looked at",
    ),
    "pain_only": Fact(
        pl.Boolean,
        "whether every diagnosis of the claim names pain, or pain and the one thing in spine or nerve that "
        "causes it",
    ),
    "one_condition": Fact(pl.Boolean, "whether the claim names one diagnosis only"),
    "apcm_of_month": Fact(
        pl.Boolean,
        "whether this practitioner billed advanced primary care management for the patient in the month",
    ),
    "practitioner_type": Fact(
        pl.String,
        "nurse, therapist, pharmacist …: what the taxonomy of the rendering provider says, where it is none "
        "that bills such care",
    ),
    **PERIOD_FACTS,
}


def care_view(ground: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The care management lines of `ground` in the columns of FACTS; history counts first."""
    codes = reference.table("code_traits").filter(kind="care")["code"].unique()
    lines = ground.filter(
        pl.col("code").is_in(codes.implode()),
        pl.col("day").is_not_null() & pl.col("patient").is_not_null(),
    )
    if lines.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    lines = lines.hstack(once_for_each(lines, ("code", "served_on"), lambda rows: _of_code(rows, reference)))
    lines = lines.filter(kind="care").sort("judged", "line_key")
    settings = once_for_each(
        lines,
        ("pos", "served_on"),
        lambda rows: in_force(rows, reference, "place_settings").select("setting"),
    )
    units = pl.col("units").fill_null(0)
    lines = lines.hstack(settings).with_columns(
        charge_of_one_cents=charge_of_one_cents(),
        month=pl.col("day").dt.month_start(),
        units_before=units.cum_sum().over(pl.struct("encounter", "code").hash()) - units,
        telehealth=(pl.col("setting") == "telehealth").fill_null(value=False)
        | has_modifier("93", "95", "FQ", "GT"),
    )
    lines = lines.with_columns(
        once_for_each(
            lines, ("month",), lambda rows: rows.select(month_name=pl.col("month").dt.strftime("%B %Y"))
        ),
        months=pl.struct(_MONTH).hash(),
    )
    lines = _further_blocks(_pain_months(lines), reference)
    lines = _exclusives(lines, reference)
    lines = with_periods(_apcm_of_month(lines), ground, reference)
    lines = _practitioner_type(_pain_only(lines, claims, reference), reference)
    return lines.sort("line_key").pipe(laid_by, FACTS)


def _of_code(codes: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    facts = in_force(in_force(codes, reference, "code_traits"), reference, "mue")
    return facts.select("kind", "group", "level", "mue")


def _pain_months(lines: pl.DataFrame) -> pl.DataFrame:
    """Add what the month and the days before hold of G3002, days already sent before days being checked.

    `months` of `lines` is a number for patient, practitioner, payer and month.
    """
    first = lines.filter(group="cpm", level="first")
    days = first.group_by("months", *_MONTH, "day").agg(checked=pl.col("judged").all())
    days = (
        days.sort("months", "checked", "day")
        .with_columns(
            cpm_number=number_within("months"),
            cpm_first_on=pl.col("day").first().over("months"),
        )
        .with_columns(cpm_first_on=spelled("cpm_first_on"))
    )
    people = (
        days.filter(pl.col("cpm_number") == 1)
        .with_columns(patients_month=pl.struct("patient", "payer", "month").hash())
        .sort("patients_month", "checked", "day", "practitioner")
        .with_columns(practitioner_number=number_within("patients_month"))
    )
    day, person = ["months", "day"], ["patient", "practitioner"]
    numbers = lines.select(day).join(
        days.select(*day, "cpm_number", "cpm_first_on"), on=day, how="left", maintain_order="left"
    )
    begun = days.group_by(person).agg(begun_on=pl.col("day").min())
    begun = lines.select(person).join(begun, on=person, how="left", maintain_order="left")
    is_first = (pl.col("group") == "cpm") & (pl.col("level") == "first")
    return (
        with_facts(lines, people.select("months", "practitioner_number"), on="months")
        .hstack(numbers.drop(day))
        .hstack(begun.drop(person))
        .with_columns(
            cpm_of_month=pl.col("practitioner_number").is_not_null(),
            seen_before=pl.when(pl.col("begun_on") < pl.col("day")).then(pl.lit(value=True)),
        )
        .with_columns(pl.when(is_first).then(pl.col("cpm_number", "cpm_first_on", "practitioner_number")))
    )


def _further_blocks(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    asked = lines.select("line_key", *_MONTH, "served_on", add_on="code")
    edits = matches_in_force(asked, reference, "add_on", by=["add_on"]).filter(kind=1)
    of_line = edits.group_by("line_key").agg(primaries=pl.col("primary").unique().sort().str.join(", "))
    billed = lines.select(*_MONTH, primary="code").unique()
    found = edits.join(billed, on=[*_MONTH, "primary"], how="semi")["line_key"].unique()
    return with_facts(lines, of_line, on="line_key").with_columns(
        primary_of_month=pl.col("line_key").is_in(found.implode())
    )


def _exclusives(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add the first code that excludes this one.

    A line that would be paid speaks only against one already sent.  Two codes of one day that a pair edit
    names are left to the pair edits.
    """
    own = lines.select("line_key", *_MONTH, "day", "served_on", "code")
    other = lines.select(
        "patient",
        "practitioner",
        "payer",
        "judged",
        exclusive_code="code",
        other_month="month",
        other_day="day",
    )
    unpaid = matches_in_force(own.rename({"code": "unpaid"}), reference, "care_exclusives", by=["unpaid"])
    paid = matches_in_force(own.rename({"code": "paid"}), reference, "care_exclusives", by=["paid"])
    if unpaid.is_empty() and paid.is_empty():
        none = dict.fromkeys(("exclusive_code", "exclusive_on", "exclusive_kind"), pl.lit(None, pl.String))
        return lines.with_columns(**none)
    key = ["patient", "practitioner", "payer", "exclusive_code"]
    found = pl.concat(
        [
            unpaid.rename({"paid": "exclusive_code"}).join(other, on=key).drop("unpaid"),
            paid.rename({"unpaid": "exclusive_code"})
            .join(other.filter(~pl.col("judged")), on=key)
            .drop("paid"),
        ],
        how="diagonal",
    )
    apart = (pl.col("day") - pl.col("other_day")).dt.total_days().abs()
    near = (
        pl.when(pl.col("days").is_null())
        .then(pl.col("month") == pl.col("other_month"))
        .otherwise(apart < pl.col("days"))
    )
    one = (
        found.filter(near, ~pl.col("kind").is_in(_EDITED_IN_A_DAY) | (apart > 0))
        .sort(pl.col("kind") == "watch", "other_day", "exclusive_code")
        .unique("line_key", keep="first", maintain_order=True)
        .select("line_key", "exclusive_code", exclusive_on=spelled("other_day"), exclusive_kind="kind")
    )
    return with_facts(lines, one, on="line_key")


def _pain_only(lines: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    served = lines.filter("judged").group_by("claim_key").agg(pl.col("served_on").min())
    named = diagnoses_by_pain(claims, served, reference).group_by("claim_key")
    pain, cause = pl.col("acute").is_not_null(), pl.col("cause").fill_null(value=False)
    pain_only = named.agg(
        pain_only=(pain | cause).all() & pain.any() & (pl.col("dx").filter(~pain).n_unique() <= 1)
    )
    conditions = claims.select(
        "claim_key", one_condition=pl.col("dx1").is_not_null() & pl.col("dx2").is_null()
    )
    lines = with_facts(lines, conditions, on="claim_key")
    return with_facts(lines, pain_only, on="claim_key").with_columns(
        pl.col("pain_only").fill_null(value=False)
    )


def _apcm_of_month(lines: pl.DataFrame) -> pl.DataFrame:
    months = lines.filter(group="apcm")["months"].unique()
    return lines.with_columns(apcm_of_month=pl.col("months").is_in(months.implode()))


def _practitioner_type(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    types = once_for_each(
        lines.select("taxonomy", "served_on"),
        ("taxonomy", "served_on"),
        lambda rows: in_force(
            rows.select("served_on", prefix=pl.col("taxonomy").str.head(PREFIX)),
            reference,
            "practitioner_types",
        ).select(practitioner_type=pl.when(~pl.col("nonphysician")).then("type")),
    )
    return lines.hstack(types)
