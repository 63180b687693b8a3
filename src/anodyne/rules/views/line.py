"""The `line` view: one service line, the reference rows in force, and what else was done that day."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force, matches_in_force
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import laid_by, once_for_each, place_of, with_facts
from anodyne.rules.views.authorisation import AUTHORISATION_FACTS, with_authorisation
from anodyne.rules.views.drug import DRUG_FACTS, with_drugs
from anodyne.rules.views.duplicate import DUPLICATE_FACTS, with_duplicates
from anodyne.rules.views.filing import FILING_FACTS, with_filing
from anodyne.rules.views.ground import (
    CHARGE_OF_ONE,
    PLACE_FACTS,
    charge_of_one_cents,
    has_modifier,
    policy_facts,
)
from anodyne.rules.views.guidance import GUIDANCE_FACTS
from anodyne.rules.views.injection import INJECTION_FACTS, with_injections, with_sacroiliac_pain
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
    "mod_jw": ("JW",),
    "mod_jz": ("JZ",),
    "mod_apart": APART,
}
_LEVEL_II: Final = r"^[A-V]\d{4}$"
_ANY_PRIMARY: Final = "CCCCC"
"""What the add-on table has in place of primaries that it leaves to the contractors."""
_ASSISTANTS: Final = ("62", "66", "80", "81", "82", "AS")

_OF_CODE: Final = (
    "kind", "group", "region", "level", "imaging", "status", "global_days", "bilateral", "mue", "mai",
    "code_successors", "code_from", "code_until", "code_missing", "drug_container", "drug_separately_payable",
    "per_amount", "per_unit", "vial_units",
)  # fmt: skip
"""What the reference says of a code on a day; null where nothing is in force."""

_CODE_FACTS: Facts = {
    "kind": Fact(pl.String, "what sort of service: visit, procedure, imaging, care, drug, lab …"),
    "group": Fact(pl.String, "the family of codes that rules speak of, as trigger_point or facet_block"),
    "level": Fact(pl.String, "first, next or third, for codes counted by level"),
    "status": Fact(pl.String, "Medicare fee schedule status letter"),
    "bilateral": Fact(
        pl.Int8, "bilateral indicator: 0, 1, 2, 3 or 9", "fee schedule: bilateral indicator of the code"
    ),
    "mue": Fact(pl.Int32, "units a day beyond which Medicare denies", "MUE of the code"),
    "mai": Fact(
        pl.Int8, "how the MUE is applied: 1 by line, 2 by day and absolute, 3 by day and open to appeal"
    ),
    "code_successors": Fact(pl.String, "codes that took the place of this one, separated by semicolons"),
    "code_from": Fact(pl.Date, "first day the code is valid, where known"),
    "code_missing": Fact(
        pl.Boolean, "whether it has the form of a Level II code and the file of its day does not hold it"
    ),
    "code_until": Fact(pl.Date, "first day the code is no longer valid, where it ended"),
    "drug_separately_payable": Fact(
        pl.Boolean, "whether Medicare Part B pays the drug apart from the procedure"
    ),
    "per_amount": Fact(
        pl.Float64, "how much one billing unit of the drug is, or was on the last day the code was valid"
    ),
    "per_unit": Fact(pl.String, "the measure of `per_amount`"),
}
"""What rules compare of _OF_CODE."""

FACTS: Facts = {
    **PLACE_FACTS,
    "as_of": Fact(pl.Date, "the day on which the check is made"),
    "code": Fact(pl.String, "procedure code"),
    "units": Fact(pl.Float64, "units billed", "units"),
    "unit_basis": Fact(pl.String, "UN units, MJ minutes"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    "served_on": Fact(pl.Date, "first day of service"),
    **CHARGE_OF_ONE,
    "setting": Fact(
        pl.String, "what sort of place it was, where the rules speak of it: inpatient, rural_clinic …"
    ),
    "surgery_centre": Fact(pl.Boolean, "whether an ambulatory surgical centre bills for its own facility"),
    **policy_facts(
        "payer_ncci_edits",
        "payer_mue_edits",
        "payer_bilateral_form",
        "payer_drug_waste_modifiers",
        "payer_facet_lcd",
        "payer_facet_third_level",
        "payer_epidural_lcd",
        "payer_sacroiliac_lcd",
        "payer_trigger_point_lcd",
        "payer_g2211",
        "payer_consultation_codes",
        "payer_filing_warning_days",
    ),
    **{name: Fact(pl.Boolean, f"whether the line carries {' or '.join(m)}") for name, m in _FLAGS.items()},
    **_CODE_FACTS,
    **DRUG_FACTS,
    **FILING_FACTS,
    **AUTHORISATION_FACTS,
    **DUPLICATE_FACTS,
    "units_of_day": Fact(
        pl.Float64,
        "units of this code on all lines of the patient, day and practitioner, assistants aside",
        "units",
    ),
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
    "open_add_on": Fact(
        pl.Boolean,
        "whether the table lists the code as an add-on whose primaries contractors may add to, or name",
    ),
    "primaries": Fact(pl.String, "the primaries the add-on table allows, separated by commas"),
    "primary_of_day": Fact(pl.Boolean, "whether one of them is billed for the patient, day and practitioner"),
    **GUIDANCE_FACTS,
    **INJECTION_FACTS,
    **VISIT_LINE_FACTS,
    "needling_code": Fact(pl.String, "a dry needling code billed for the same patient, day and practitioner"),
    "needling_place": Fact(pl.String, "where it is: its line, or another claim"),
    "excepted_service_of_day": Fact(
        pl.Boolean, "whether a service that keeps G2211 payable beside modifier 25 is billed that day"
    ),
}


def line_view(described: pl.DataFrame, claims: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The lines of `described`, which have the facts of codes and guidance, in the columns of FACTS."""
    flags = once_for_each(
        described,
        MODIFIERS,
        lambda rows: rows.select(
            *(has_modifier(*m).alias(n) for n, m in _FLAGS.items()), mod_assistant=has_modifier(*_ASSISTANTS)
        ),
    )
    settings = once_for_each(
        described,
        ("pos", "served_on"),
        lambda rows: in_force(rows, reference, "place_settings").select("setting"),
    )
    containers = once_for_each(
        described,
        ("ndc", "served_on"),
        lambda rows: in_force(rows, reference, "drug_ndc").select(
            ndc_container="container", ndc_code="code", ndc_per_ml="per_ml", ndc_per_vial="per_vial"
        ),
    )
    lines = described.hstack(flags).hstack(containers).hstack(settings)
    for facts in (_same_code, _add_ons, _needling, _excepted, with_injections):
        lines = facts(lines, reference)
    lines = with_filing(with_drugs(with_visits(lines)), reference)
    lines = with_duplicates(with_authorisation(lines, reference))
    lines = with_sacroiliac_pain(lines, claims, reference)
    lines = lines.with_columns(charge_of_one_cents=charge_of_one_cents())
    return lines.pipe(laid_by, FACTS)


def with_code_facts(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with the columns of _OF_CODE."""
    return lines.hstack(
        once_for_each(lines, ("code", "served_on"), lambda rows: _code_facts(rows, reference))
    )


def _code_facts(codes: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    facts = codes
    for table in ("code_traits", "fee_schedule", "mue"):
        facts = in_force(facts, reference, table)
    life = (
        reference.table("code_life")
        .filter(system="hcpcs")
        .select("code", code_successors="successors", code_from="from", code_until="until")
    )
    dated = pl.col("served_on").is_not_null()
    facts = with_facts(facts, life, on="code").pipe(_published_life, reference)
    facts = facts.with_columns(
        pl.when(dated).then(pl.col("code_successors", "code_from", "code_until")),
        code_missing=dated & pl.col("code_missing"),
    )
    last_valid = pl.min_horizontal("served_on", pl.col("code_until").dt.offset_by("-1d"))
    drugs = in_force(facts.select("code", served_on=last_valid), reference, "drugs")
    ended = pl.col("served_on") >= pl.col("code_until")
    sold = pl.when(~ended.fill_null(value=False))
    return facts.hstack(drugs.drop("code", "served_on")).select(
        *(name for name in _OF_CODE if not name.startswith("drug_")),
        drug_container=sold.then("container"),
        drug_separately_payable=sold.then("separately_payable"),
    )


def _published_life(codes: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`codes` with the days of the newest HCPCS Level II file that is loaded, in place of those kept by hand.

    A code of that system that the file of its day does not hold is missing.
    """
    newest = reference.newest("hcpcs")
    if newest is None:
        return codes.with_columns(code_missing=pl.lit(value=False))
    published = reference.table("hcpcs").filter(pl.col("from") == newest).select("code", "added", "ended")
    codes = with_facts(codes, published, on="code").with_columns(
        code_from=pl.coalesce("added", "code_from"),
        code_until=pl.when(pl.col("added").is_null()).then("code_until").otherwise("ended"),
    )
    absent = pl.col("code").str.contains(_LEVEL_II) & pl.col("added").is_null()
    return codes.with_columns(
        code_missing=absent & (pl.col("served_on") >= newest) & pl.col("code_until").is_null()
    ).drop("added", "ended")


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
    """Which lines are add-ons, with a closed list of primaries or an open one, and have a primary.

    Where the table leaves primaries to the contractors, any other service of the day may be one, save monthly
    care.
    """
    listed = reference.table("add_on")["add_on"].unique()
    asked = lines.filter(pl.col("code").is_in(listed.implode())).select(
        "line_key", "encounter", "served_on", add_on="code"
    )
    if asked.is_empty():
        return lines.with_columns(
            pl.lit(None, pl.String).alias("primaries"),
            **dict.fromkeys(("add_on", "open_add_on", "primary_of_day"), pl.lit(value=False)),
        )
    key = ["add_on", "served_on"]
    edits = matches_in_force(asked.select(key).unique(), reference, "add_on", by=["add_on"])
    of_code = edits.group_by(key).agg(
        primaries=pl.col("primary").filter(pl.col("kind") == 1).unique().sort().str.join(", "),
        closed=(pl.col("kind") == 1).any(),
        open_add_on=(pl.col("kind") != 1).any(),
    )
    facts = asked.join(of_code, on=key, how="inner")
    billed = lines.select("encounter", primary="code", care=pl.col("kind").eq_missing("care")).filter(
        pl.col("encounter").is_in(facts["encounter"].implode())
    )
    beside = asked.join(billed, on="encounter")
    named = beside.join(edits.select(*key, "primary"), on=[*key, "primary"], how="semi")
    unnamed = edits.filter(primary=_ANY_PRIMARY).select(key)
    others = beside.filter(~pl.col("care") & (pl.col("primary") != pl.col("add_on")))
    others = others.join(unnamed, on=key, how="semi")
    with_primary = pl.concat([named["line_key"], others["line_key"]]).unique()
    facts = facts.select(
        "line_key",
        "open_add_on",
        add_on="closed",
        primaries=pl.when("closed").then("primaries"),
        primary_of_day=pl.col("line_key").is_in(with_primary.implode()),
    )
    return with_facts(lines, facts, on="line_key").with_columns(
        pl.col("add_on", "open_add_on", "primary_of_day").fill_null(value=False)
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
