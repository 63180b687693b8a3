"""The `course` view: one patient, day and kind of service that is repeated, with the days before it.

What kinds there are the table `course_codes` says.  A course stands on the first of its lines of the day on
the latest checked claim that has any; whoever did it and on however many lines, one day counts once.  What is
billed to two payers is judged for each of them, and its units are those of one.
"""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import DIAGNOSES, MODIFIERS
from anodyne.reference.tables import Reference, in_force, matches_in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.acupuncture_year import ACUPUNCTURE, YEAR_FACTS, with_acupuncture_year
from anodyne.rules.views.attach import laid_by, once_for_each, with_facts
from anodyne.rules.views.course_counts import COUNT_FACTS, DRUG_TESTS, GENERATOR, LEAD, days_held, with_counts
from anodyne.rules.views.diagnosis_places import written
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier, policy_facts

_DISCOGRAMS: Final = ("discogram_lumbar", "discogram_cervical")
_NOT_FOR_ACUPUNCTURE: Final = "acupuncture_not"
_KNEES: Final = "hyaluronate"
_VALIDITY: Final = "specimen_validity"
_TOXIN_GROUP: Final = "botulinum_drug"
_TOXIN_IN_UNITS: Final = "J0585"
_NCD: Final = "30.3.3"
"""The determination of acupuncture, whose diagnoses a practice may load."""
_OFFICE: Final = "11"
_ACUPUNCTURIST: Final = "171100000X"
_OF_LINE: Final = (
    "patient",
    "line",
    "code",
    "served_on",
    "pos",
    "dx_pointers",
    "units",
    "practitioner",
    "payer",
    *MODIFIERS,
)
"""What courses are made of beside the columns that are facts already."""

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code of the course's first line on the claim"),
    "charge_cents": Fact(pl.Int64, "charge of the course's lines on the claim in cents", "charge"),
    **policy_facts(
        "payer_acupuncture_low_back",
        "payer_acupuncture_visits_year",
        "payer_acupuncture_visits_kx",
        "payer_acupuncture_year",
        "payer_programming_days",
        "payer_stimulator_trials_lifetime",
        "payer_stimulator_paddles_lifetime",
        "payer_spinal_stimulator_lcd",
        "payer_botulinum_days",
        "payer_botulinum_units",
        "payer_hyaluronate_repeat_months",
        "payer_basivertebral_lcd",
        "payer_basivertebral_bodies_lifetime",
        "payer_basivertebral_kx",
        "payer_vertebral_lcd",
        "payer_vertebral_levels_session",
        "payer_drug_test_lcd",
        "payer_drug_test_high_tests",
        "payer_drug_test_high_days",
        "payer_drug_test_moderate_tests",
        "payer_drug_test_moderate_days",
        "payer_clia_number",
    ),
    "course": Fact(pl.String, "the kind of repeated service, as the table of course codes names it"),
    "units": Fact(pl.Float64, "units of all lines of the course that day", "units"),
    "amount": Fact(
        pl.Float64,
        "units of the day, each times what its code counts: vertebral bodies, discs injected",
        "units",
    ),
    "side": Fact(pl.String, "right or left, for hyaluronate whose line names one of them"),
    "office": Fact(pl.Boolean, "whether the line's place of service is an office (11)"),
    "diagnosis": Fact(pl.String, "the first diagnosis the line points to, as people write it"),
    "diagnosed": Fact(
        pl.Boolean,
        "whether a diagnosis the line points to, or of the claim where it points to none, is one that the "
        "table of course diagnoses names for the course",
        "diagnosis of the line",
    ),
    "other_cause": Fact(
        pl.String,
        "for acupuncture: a diagnosis the line points to that gives the pain a cause which coverage excludes",
    ),
    "mod_kx": Fact(pl.Boolean, "whether a line of the course carries KX"),
    "kx_throughout": Fact(pl.Boolean, "whether all of them do"),
    "mod_qw": Fact(pl.Boolean, "whether the first line carries QW"),
    "separate": Fact(pl.Boolean, "whether one carries 59, XE, XP, XS or XU"),
    "practitioners": Fact(
        pl.UInt32, "how many practitioners, each with their specialty, have lines of the course"
    ),
    "first_test": Fact(pl.Boolean, "whether the course is the first of its claim that is a drug test"),
    "clia": Fact(pl.String, "the CLIA number of the line (REF*X4), else of the claim"),
    "note": Fact(pl.String, "what stands with the code (SV101-7), else in a note of the line or claim (NTE)"),
    "acupuncturist": Fact(pl.Boolean, "whether the rendering provider's taxonomy is an acupuncturist's"),
    **YEAR_FACTS,
    **COUNT_FACTS,
    "permanent": Fact(
        pl.Boolean, "for a lead: whether a generator is implanted the same day, so that it is no trial"
    ),
    "toxin_code": Fact(pl.String, "a botulinum toxin billed for the patient and day"),
    "toxin_units": Fact(pl.Float64, "units of J0585 given that day, thrown away aside"),
    "other_region": Fact(pl.Boolean, "whether discs of the other region of the spine are injected that day"),
    "drug_test_code": Fact(pl.String, "a urine drug test of the patient and day"),
}


def course_view(ground: pl.DataFrame, book: Book, reference: Reference) -> pl.DataFrame:
    """The courses of `ground` that a checked claim has lines of, in the columns of FACTS."""
    known = reference.table("course_codes")["code"].unique()
    kept = dict.fromkeys((*(name for name in FACTS if name in ground.columns), *_OF_LINE))
    lines = ground.filter(
        pl.col("code").is_in(known.implode()),
        pl.col("day").is_not_null() & pl.col("patient").is_not_null(),
    ).select(*kept)
    if lines.is_empty() or not lines["judged"].any():
        return pl.DataFrame(schema=schema(FACTS))
    lines = _course_lines(lines, reference)
    rows = _placed(lines)
    if rows.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    rows = rows.pipe(_said, book).pipe(_diagnosed, book, reference)
    held = days_held(lines)
    rows = with_acupuncture_year(with_counts(rows, held), held)
    rows = _beside(rows, lines, ground, reference)
    return rows.sort("line_key").pipe(laid_by, FACTS)


def _course_lines(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` with their course.

    `course_day` is one number for patient, day, course, side and payer, `whole` for patient, course and side,
    `patient_day` for patient and day.  Of knees only a side is told.
    """
    courses = once_for_each(
        lines,
        ("code", "served_on"),
        lambda rows: in_force(rows, reference, "course_codes").select("course", each="amount"),
    )
    flags = once_for_each(
        lines,
        MODIFIERS,
        lambda rows: rows.select(
            mod_kx=has_modifier("KX"),
            mod_qw=has_modifier("QW"),
            separate=has_modifier("59", "XE", "XP", "XS", "XU"),
            named_side=pl.when(has_modifier("RT") ^ has_modifier("LT")).then(
                pl.when(has_modifier("RT")).then(pl.lit("right")).otherwise(pl.lit("left"))
            ),
        ),
    )
    lines = lines.hstack(courses).hstack(flags).filter(pl.col("course").is_not_null())
    return lines.with_columns(side=pl.when(pl.col("course") == _KNEES).then("named_side")).with_columns(
        course_day=pl.struct("patient", "day", "course", "side", "payer").hash(),
        whole=pl.struct("patient", "course", "side").hash(),
        patient_day=pl.struct("patient", "day").hash(),
        office=pl.col("pos").eq_missing(_OFFICE),
    )


def _placed(lines: pl.DataFrame) -> pl.DataFrame:
    """One row for each course of a day with a checked line, on the first line of its latest checked claim."""
    whole = lines.group_by("course_day").agg(
        pl.col("mod_kx", "separate").any(),
        kx_throughout=pl.col("mod_kx").all(),
        units=pl.col("units").sum(),
        practitioners=pl.col("practitioner").n_unique(),
        amount=(pl.col("units") * pl.col("each")).sum(),
    )
    latest = (
        lines.select("course_day", "judged", "claim_key", "line", "line_key", "charge_cents")
        .with_row_index("row")
        .filter("judged")
        .filter(pl.col("claim_key") == pl.col("claim_key").max().over("course_day"))
        .sort("line", "line_key")
        .group_by("course_day", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("charge_cents").sum())
    )
    first = lines.drop("mod_kx", "separate", "units", "charge_cents")[latest["row"]]
    return with_facts(first.hstack(latest.select("charge_cents")), whole, on="course_day")


def _said(rows: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Add what the line, else its claim, says of CLIA number, note and rendering provider."""
    lines = book.lines.filter(pl.col("line_key").is_in(rows["line_key"].implode()))
    claims = book.claims.select("claim_key", claim_note="note")
    said = lines.select("line_key", "clia", "description", "note", "rendering_taxonomy")
    rows = with_facts(with_facts(rows, said, on="line_key"), claims, on="claim_key")
    return rows.with_columns(
        note=pl.coalesce("description", "note", "claim_note"),
        acupuncturist=pl.col("rendering_taxonomy").eq_missing(_ACUPUNCTURIST),
    )


def _diagnosed(rows: pl.DataFrame, book: Book, reference: Reference) -> pl.DataFrame:
    """Add the first diagnosis that each row points to, and whether one of them is named for its course."""
    claims = book.claims.filter(pl.col("claim_key").is_in(rows["claim_key"].implode()))
    named = (
        claims.select("claim_key", *DIAGNOSES)
        .unpivot(index="claim_key", variable_name="place", value_name="dx")
        .drop_nulls("dx")
        .select(
            "claim_key",
            position=pl.col("place").str.slice(2).cast(pl.UInt32),
            dx=pl.col("dx").str.replace_all(".", "", literal=True).str.to_uppercase(),
        )
    )
    pointed = rows.select(
        "line_key", "claim_key", "course", "day", pointers=pl.col("dx_pointers").str.split(":")
    ).join(named, on="claim_key", how="inner")
    pointed = pointed.filter(
        pl.col("pointers").is_null() | pl.col("pointers").list.contains(pl.col("position").cast(pl.String))
    ).sort("line_key", "position")
    table = reference.table("course_diagnoses")
    lengths = table["prefix"].str.len_chars().unique().to_list()
    parts = pl.concat([pointed.with_columns(prefix=pl.col("dx").str.head(n)) for n in lengths])
    parts = parts.select("line_key", "course", "day", "dx", "prefix")
    covered = matches_in_force(parts, reference, "course_diagnoses", by=["course", "prefix"], on="day")
    fitting = covered["line_key"]
    if reference.editions("ncd_diagnoses"):
        asked = pointed.filter(course=ACUPUNCTURE).select("dx", "line_key", "day", ncd=pl.lit(_NCD))
        listed = matches_in_force(asked, reference, "ncd_diagnoses", by=["dx", "ncd"], on="day")
        fitting = pl.concat([fitting, listed["line_key"]])
    first = pointed.group_by("line_key", maintain_order=True).agg(diagnosis=written(pl.col("dx").first()))
    rows = with_facts(rows, first, on="line_key").with_columns(
        diagnosed=pl.when(pl.col("diagnosis").is_not_null()).then(
            pl.col("line_key").is_in(fitting.unique().implode())
        )
    )
    excluded = parts.filter(course=ACUPUNCTURE).with_columns(course=pl.lit(_NOT_FOR_ACUPUNCTURE))
    if excluded.is_empty():
        return rows.with_columns(other_cause=pl.lit(None, pl.String))
    causes = (
        matches_in_force(excluded, reference, "course_diagnoses", by=["course", "prefix"], on="day")
        .group_by("line_key", maintain_order=True)
        .agg(other_cause=written(pl.col("dx").first()))
    )
    return with_facts(rows, causes, on="line_key")


def _beside(
    rows: pl.DataFrame, lines: pl.DataFrame, ground: pl.DataFrame, reference: Reference
) -> pl.DataFrame:
    """Add what else of the patient and day the rules ask about."""
    present = frozenset(rows["course"])
    rows = _with_drug_tests(rows, lines, asked=not present.isdisjoint({*DRUG_TESTS, _VALIDITY}))

    def on_days_of(course: str, asked: str) -> pl.Expr:
        if asked not in present:
            return pl.lit(value=False)
        days = lines.filter(pl.col("course") == course, pl.col("each") > 0)["patient_day"].unique()
        return (pl.col("course") == asked) & pl.col("patient_day").is_in(days.implode())

    lumbar, cervical = _DISCOGRAMS
    rows = rows.with_columns(
        permanent=on_days_of(GENERATOR, LEAD),
        other_region=on_days_of(cervical, lumbar) | on_days_of(lumbar, cervical),
    )
    return _with_toxin(rows, ground, reference)


def _with_drug_tests(rows: pl.DataFrame, lines: pl.DataFrame, *, asked: bool) -> pl.DataFrame:
    """Add the drug test of the patient and day, and which course is the first test of its claim."""
    if not asked:
        return rows.with_columns(first_test=pl.lit(value=False), drug_test_code=pl.lit(None, pl.String))
    tests = (
        lines.filter(pl.col("course").is_in(DRUG_TESTS))
        .group_by("patient_day", maintain_order=True)
        .agg(drug_test_code=pl.col("code").first())
    )
    first = (
        rows.filter(pl.col("course").is_in(DRUG_TESTS)).group_by("claim_key").agg(pl.col("line_key").min())
    )
    return with_facts(rows, tests, on="patient_day").with_columns(
        first_test=pl.col("line_key").is_in(first["line_key"].implode())
    )


def _with_toxin(rows: pl.DataFrame, ground: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add the botulinum toxin of the patient and day, where it is given for migraine."""
    sessions = rows.filter(course="migraine_toxin")
    if sessions.is_empty():
        return rows.with_columns(toxin_code=pl.lit(None, pl.String), toxin_units=pl.lit(None, pl.Float64))
    codes = reference.table("code_traits").filter(group=_TOXIN_GROUP)["code"].unique()
    in_units = (pl.col("code") == _TOXIN_IN_UNITS) & ~has_modifier("JW")
    toxin = (
        ground.filter(pl.col("code").is_in(codes.implode()))
        .with_columns(patient_day=pl.struct("patient", "day").hash())
        .filter(pl.col("patient_day").is_in(sessions["patient_day"].implode()))
        .group_by("patient_day", "payer", maintain_order=True)
        .agg(
            toxin_code=pl.col("code").first(),
            toxin_units=pl.when(in_units).then("units").sum(),
        )
        .group_by("patient_day", maintain_order=True)
        .agg(pl.col("toxin_code").first(), pl.col("toxin_units").max())
    )
    return with_facts(rows, toxin, on="patient_day")
