"""The `line` view: one service line, the reference rows in force, and what else was done that day."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force, matches_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import once_for_each, with_facts
from anodyne.rules.views.drug import DRUG_FACTS, with_drugs
from anodyne.rules.views.filing import FILING_FACTS, with_filing
from anodyne.rules.views.ground import PLACE_FACTS, POLICY_FACTS, has_modifier
from anodyne.rules.views.guidance import GUIDANCE_FACTS, place_of
from anodyne.rules.views.visit import APART, VISIT_LINE_FACTS, with_visits

SURGERY_CENTRE: Final = "261QA1903X"
_OWN_UNIT_RULE: Final = ("trigger_point", "dry_needling", "joint", "joint_us", "cpm")

_SEPARATE: Final = ("59", "XE", "XP", "XS", "XU")
_IN_SAME_CODE: Final = (
    "line_key", "claim_key", "line", "judged", "code", "units", "mod_lt", "mod_rt", "mod_50", "mod_assistant",
)  # fmt: skip
_FLAGS: Final = {
    "mod_25": ("25",),
    "mod_50": ("50",),
    "mod_lt": ("LT",),
    "mod_rt": ("RT",),
    "mod_separate": _SEPARATE,
    "mod_kx": ("KX",),
    "mod_jw": ("JW",),
    "mod_jz": ("JZ",),
    "mod_26": ("26",),
    "mod_apart": APART,
    "mod_assistant": ("62", "66", "80", "81", "82", "AS"),
    "mod_telehealth": ("93", "95", "FQ", "GT"),
}

CODE_FACTS: Facts = {
    "label": Fact(pl.String, "what the code is, in our own words"),
    "kind": Fact(pl.String, "what sort of service: visit, procedure, imaging, care, drug, lab …"),
    "group": Fact(pl.String, "the family of codes that rules speak of, as trigger_point or facet_block"),
    "region": Fact(pl.String, "cervical_thoracic or lumbar_sacral, for spinal codes"),
    "level": Fact(pl.String, "first, next or third, for codes counted by level"),
    "imaging": Fact(
        pl.String,
        "inside: image guidance is part of the code; us_inside: ultrasound is; none_twin: there was none",
    ),
    "status": Fact(pl.String, "Medicare fee schedule status letter"),
    "global_days": Fact(
        pl.String, "global period: 000, 010, 090, XXX, YYY, ZZZ, MMM", "fee schedule: global days of the code"
    ),
    "bilateral": Fact(
        pl.Int8, "bilateral indicator: 0, 1, 2, 3 or 9", "fee schedule: bilateral indicator of the code"
    ),
    "mult_proc": Fact(pl.Int8, "multiple-procedure indicator"),
    "pctc": Fact(pl.Int8, "professional and technical component indicator"),
    "mue": Fact(pl.Int32, "units a day beyond which Medicare denies", "MUE of the code"),
    "mai": Fact(
        pl.Int8, "how the MUE is applied: 1 by line, 2 by day and absolute, 3 by day and open to appeal"
    ),
    "code_successors": Fact(pl.String, "codes that took the place of this one, separated by semicolons"),
    "code_from": Fact(pl.Date, "first day the code is valid, where known"),
    "code_until": Fact(pl.Date, "first day the code is no longer valid, where it ended"),
    "drug_container": Fact(pl.String, "how the drug is sold: single, multi or either"),
    "drug_separately_payable": Fact(
        pl.Boolean, "whether Medicare Part B pays the drug apart from the procedure"
    ),
    "per_amount": Fact(pl.Float64, "how much one billing unit of the drug is"),
    "per_unit": Fact(pl.String, "the measure of `per_amount`"),
}
"""What the reference says of a code on a day; null where nothing is in force."""

FACTS: Facts = {
    **PLACE_FACTS,
    "line": Fact(pl.UInt32, "line number on the claim (LX01)"),
    "code": Fact(pl.String, "procedure code", "procedure code"),
    **{name: Fact(pl.String, "modifier") for name in MODIFIERS},
    "units": Fact(pl.Float64, "units billed", "units"),
    "unit_basis": Fact(pl.String, "UN units, MJ minutes"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    "served_on": Fact(pl.Date, "first day of service"),
    "served_to": Fact(pl.Date, "last day of service"),
    "pos": Fact(pl.String, "place of service code", "place of service"),
    "filing": Fact(pl.String, "claim filing indicator (SBR09)"),
    "frequency": Fact(pl.String, "claim frequency code (CLM05-3)"),
    "billing_taxonomy": Fact(pl.String, "taxonomy of the billing provider"),
    "surgery_centre": Fact(pl.Boolean, "whether an ambulatory surgical centre bills for its own facility"),
    "ndc": Fact(pl.String, "national drug code"),
    "auth_number": Fact(pl.String, "prior authorisation number"),
    **POLICY_FACTS,
    **{name: Fact(pl.Boolean, f"whether the line carries {' or '.join(m)}") for name, m in _FLAGS.items()},
    **CODE_FACTS,
    **DRUG_FACTS,
    **FILING_FACTS,
    "units_of_day": Fact(
        pl.Float64,
        "units of this code on all lines of the patient, day and practitioner, assistants aside",
        "units",
    ),
    "first_line_of_day": Fact(pl.UInt32, "line number of the first of them"),
    "is_first_of_day": Fact(pl.Boolean, "whether this line is the first of them"),
    "first_place": Fact(pl.String, "where the first of them is: its line, or another claim"),
    "units_before": Fact(pl.Float64, "units of this code on those of them that come before this line"),
    "most_units_of_day": Fact(pl.Float64, "the most units that one of them has"),
    "own_unit_rule": Fact(
        pl.Boolean,
        "whether the units of the code are the business of a rule of its own, not of the general ones",
    ),
    "side_lines_of_day": Fact(
        pl.Boolean, "whether they show both sides: one has LT and another RT, or one of several has 50"
    ),
    "add_on": Fact(
        pl.Boolean, "whether the add-on table lists the code as an add-on with a closed list of primaries"
    ),
    "primaries": Fact(pl.String, "the primaries the add-on table allows, separated by commas"),
    "primary_of_day": Fact(pl.Boolean, "whether one of them is billed for the patient, day and practitioner"),
    **GUIDANCE_FACTS,
    **VISIT_LINE_FACTS,
    "needling_code": Fact(pl.String, "a dry needling code billed for the same patient, day and practitioner"),
    "needling_place": Fact(pl.String, "where it is: its line, or another claim"),
    "excepted_service_of_day": Fact(
        pl.Boolean, "whether a service that keeps G2211 payable beside modifier 25 is billed that day"
    ),
}


def line_view(described: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The lines of `described`, which have the facts of codes and guidance, in the columns of FACTS."""
    flags = once_for_each(
        described, MODIFIERS, lambda rows: rows.select(has_modifier(*m).alias(n) for n, m in _FLAGS.items())
    )
    containers = once_for_each(
        described,
        ("ndc", "served_on"),
        lambda rows: in_force(rows, reference, "drug_ndc").select(ndc_container="container"),
    )
    lines = described.hstack(flags).hstack(containers)
    for facts in (_same_code, _add_ons, _needling, _excepted):
        lines = facts(lines, reference)
    lines = with_filing(with_drugs(with_visits(lines)), reference)
    return lines.select(pl.col(name).cast(kind) for name, kind in schema(FACTS).items())


def with_code_facts(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with the columns of CODE_FACTS."""
    return lines.hstack(
        once_for_each(lines, ("code", "served_on"), lambda rows: _code_facts(rows, reference))
    )


def _code_facts(codes: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    facts = codes
    for table in ("code_traits", "fee_schedule", "mue", "code_labels"):
        facts = in_force(facts, reference, table)
    drugs = in_force(codes, reference, "drugs").select(
        drug_container="container",
        drug_separately_payable="separately_payable",
        per_amount="per_amount",
        per_unit="per_unit",
    )
    life = (
        reference.table("code_life")
        .filter(pl.col("system") == "hcpcs", pl.col("code").is_in(codes["code"].implode()))
        .group_by("code")
        .agg(
            code_successors=pl.col("successors").last(),
            code_from=pl.col("from").min(),
            code_until=pl.col("until").max(),
        )
    )
    return with_facts(facts.hstack(drugs), life, on="code").select(*CODE_FACTS)


def _same_code(lines: pl.DataFrame, _: Reference) -> pl.DataFrame:
    """What else of the same code is billed that day.

    Assistants and second surgeons are left out.  Lines read as history come before those being checked.
    """
    one_side = pl.col("mod_lt") ^ pl.col("mod_rt")
    left, right = (one_side & pl.col("mod_lt")).any(), (one_side & pl.col("mod_rt")).any()
    units = pl.col("units").fill_null(0)
    several = (
        lines.select(_IN_SAME_CODE, service=pl.struct("encounter", "code").hash())
        .filter(pl.col("code").is_not_null() & ~pl.col("mod_assistant"))
        .filter(pl.col("service").is_duplicated())
        .sort("judged", "line_key")
        .select(
            "line_key",
            *(
                fact.over("service").alias(f"{name} of several")
                for name, fact in {
                    "units_of_day": pl.col("units").sum().round(3),
                    "most_units_of_day": pl.col("units").max(),
                    "first_line_of_day": pl.col("line").first(),
                    "first_key": pl.col("line_key").first(),
                    "first_claim": pl.col("claim_key").first(),
                    "units_before": (units.cum_sum() - units).round(3),
                    "side_lines_of_day": (left & right) | pl.col("mod_50").any(),
                }.items()
            ),
        )
    )
    alone = {
        "units_of_day": pl.col("units"),
        "most_units_of_day": pl.col("units"),
        "first_line_of_day": pl.col("line"),
        "first_key": pl.col("line_key"),
        "first_claim": pl.col("claim_key"),
        "units_before": pl.lit(0.0),
        "side_lines_of_day": pl.lit(value=False),
    }
    return (
        with_facts(lines, several, on="line_key")
        .with_columns(pl.coalesce(f"{name} of several", own).alias(name) for name, own in alone.items())
        .with_columns(
            is_first_of_day=pl.col("line_key") == pl.col("first_key"),
            first_place=place_of("first_line_of_day", pl.col("first_claim") == pl.col("claim_key")),
            own_unit_rule=pl.col("group").is_in(_OWN_UNIT_RULE).fill_null(value=False),
            surgery_centre=(pl.col("billing_taxonomy") == SURGERY_CENTRE).fill_null(value=False),
        )
    )


def _add_ons(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    listed = reference.table("add_on").filter(kind=1)["add_on"].unique()
    asked = lines.filter(pl.col("code").is_in(listed.implode())).select(
        "line_key", "encounter", "served_on", add_on="code"
    )
    edits = matches_in_force(asked, reference, "add_on", by=["add_on"]).filter(kind=1)
    of_line = edits.group_by("line_key").agg(primaries=pl.col("primary").unique().sort().str.join(", "))
    billed = lines.select("encounter", primary="code")
    found = edits.join(billed, on=["encounter", "primary"], how="semi").select("line_key").unique()
    return with_facts(lines, of_line, on="line_key").with_columns(
        add_on=pl.col("primaries").is_not_null(),
        primary_of_day=pl.col("line_key").is_in(found["line_key"].implode()),
    )


def _needling(lines: pl.DataFrame, _: Reference) -> pl.DataFrame:
    needling = (
        lines.select("encounter", "claim_key", "kind", "code", "line")
        .filter(kind="needling")
        .group_by("encounter", maintain_order=True)
        .agg(
            needling_code=pl.col("code").first(),
            needling_line=pl.col("line").first(),
            needling_claim=pl.col("claim_key").first(),
        )
    )
    lines = with_facts(lines, needling, on="encounter")
    place = place_of("needling_line", pl.col("needling_claim") == pl.col("claim_key"))
    return lines.with_columns(needling_place=pl.when(pl.col("needling_code").is_not_null()).then(place))


def _excepted(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    listed = reference.table("g2211_exception")["code"].unique()
    asked = lines.filter(pl.col("code").is_in(listed.implode())).select("encounter", "code", "served_on")
    excepted = matches_in_force(asked, reference, "g2211_exception", by=["code"])["encounter"].unique()
    return lines.with_columns(excepted_service_of_day=pl.col("encounter").is_in(excepted.implode()))
