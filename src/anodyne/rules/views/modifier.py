"""The `modifier` view: one line that carries a modifier, or was given where one is expected.

Flags say what a line carries, the fee schedule what may go with its code.
"""

from typing import Final

import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, once_for_each, with_facts
from anodyne.rules.views.care import PREFIX
from anodyne.rules.views.ground import PLACE_FACTS, policy_facts
from anodyne.rules.views.line import SURGERY_CENTRE

_BETWEEN: Final = " "
_IN_PARTS: Final = ("imaging", "test")
_LIKE_A_VISIT: Final = ("visit", "add_on_visit", "care", "behavioural")
_THERAPY: Final = "physical_therapy"
_POLICY: Final = policy_facts("payer_professional_component", "payer_modifier_51", "payer_bilateral_form")
_FLAGS: Final = {
    "mod_22": ("22",),
    "mod_24": ("24",),
    "mod_25": ("25",),
    "mod_57": ("57",),
    "mod_58": ("58",),
    "mod_78": ("78",),
    "mod_79": ("79",),
    "mod_50": ("50",),
    "mod_side": ("LT", "RT"),
    "mod_kx": ("KX",),
    "mod_26": ("26",),
    "mod_tc": ("TC",),
    "mod_51": ("51",),
    "mod_59": ("59",),
    "mod_x": ("XE", "XP", "XS", "XU"),
    "mod_52": ("52",),
    "mod_53": ("53",),
    "mod_facility_stopped": ("73", "74"),
    "mod_repeat": ("76", "77"),
    "mod_91": ("91",),
    "mod_physician_assists": ("80", "81", "82"),
    "mod_as": ("AS",),
    "mod_ai": ("AI",),
    "mod_fs": ("FS",),
    "mod_ga": ("GA",),
    "mod_gx": ("GX",),
    "mod_gy": ("GY",),
    "mod_gz": ("GZ",),
    "mod_plan_of_care": ("GN", "GO", "GP"),
    "mod_gp": ("GP",),
    "mod_go": ("GO",),
    "mod_cq": ("CQ",),
    "mod_co": ("CO",),
    "mod_preventive": ("33", "PT"),
    "mod_qw": ("QW",),
}

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    **_POLICY,
    "kind": Fact(pl.String, "what sort of service: visit, procedure, imaging, care, drug, lab …"),
    "group": Fact(pl.String, "the family of codes that rules speak of"),
    "no_visit": Fact(
        pl.Boolean,
        "whether the code is known to be no visit, nor care or counselling that is billed as one is",
    ),
    "pos": Fact(pl.String, "place of service code"),
    "setting": Fact(
        pl.String, "what sort of place it was, where the rules speak of it: inpatient, surgery_centre …"
    ),
    "surgery_centre": Fact(pl.Boolean, "whether an ambulatory surgical centre bills for its own facility"),
    "add_on": Fact(pl.Boolean, "whether the fee schedule says that the code is added to another (ZZZ)"),
    "component": Fact(
        pl.Int8, "component indicator: 1 has a professional and a technical part; the rest have not"
    ),
    "assistants": Fact(
        pl.Int8,
        "assistant indicator: 0 paid with records, 1 never paid, 2 paid, 9 not a thing that is assisted",
    ),
    "nonphysician": Fact(
        pl.Boolean,
        "whether a nurse practitioner, physician assistant or clinical nurse specialist rendered it",
    ),
    "alone": Fact(
        pl.Boolean,
        "for a line with 25, 59 or an X modifier: whether the billing provider bills nothing else for the "
        "patient and day, whoever did it and whoever pays",
    ),
    "first_of_repeat": Fact(
        pl.Boolean,
        "true where another line of the code, patient, day and payer is read; null where none is",
        "the claim with the first service of the day",
    ),
    "reported": Fact(pl.Boolean, "whether claim or line has a note, or the claim announces an attachment"),
    "unknown_modifier": Fact(pl.String, "the first modifier that no list of modifiers has"),
    "local_modifiers": Fact(
        pl.Boolean,
        "whether the payer has modifiers of its own: Medicare Part B has none",
        "payer: is this a modifier of its own?",
    ),
    "repeated_modifier": Fact(pl.String, "a modifier that stands on the line twice"),
    **{name: Fact(pl.Boolean, f"whether the line carries {' or '.join(m)}") for name, m in _FLAGS.items()},
}


def modifier_view(described: pl.DataFrame, book: Book, reference: Reference) -> pl.DataFrame:
    """The checked lines of `described` that modifiers have to do with, in the columns of FACTS.

    The lines of `described` have the facts of their codes.
    """
    bears = pl.col("mod1").is_not_null()
    expects = pl.col("kind").is_in(_IN_PARTS) | (pl.col("group") == _THERAPY)
    lines = described.filter(pl.col("judged") & pl.col("day").is_not_null() & (bears | expects))
    if lines.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    lines = lines.hstack(once_for_each(lines, MODIFIERS, lambda rows: _of_modifiers(rows, reference)))
    lines = _scheduled(lines, reference).with_columns(
        no_visit=(~pl.col("kind").is_in(_LIKE_A_VISIT)).fill_null(value=False),
        add_on=(pl.col("global_days") == "ZZZ").fill_null(value=False),
        surgery_centre=(pl.col("billing_taxonomy") == SURGERY_CENTRE).fill_null(value=False),
        local_modifiers=pl.when("medicare").then(pl.lit(value=False)),
    )
    lines = _performers(lines, reference)
    lines = _reported(_repeats(_alone(lines, described), described), book)
    return lines.pipe(laid_by, FACTS)


def _of_modifiers(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    known = reference.table("modifiers")["modifier"].unique().implode()
    unknown = [pl.when(~pl.col(name).is_in(known)).then(name) for name in MODIFIERS]
    twice = [
        pl.when(pl.any_horizontal(pl.col(name) == pl.col(later) for later in MODIFIERS[n + 1 :])).then(name)
        for n, name in enumerate(MODIFIERS[:-1])
    ]
    rows = rows.with_columns(
        written=pl.concat_str(MODIFIERS, separator=_BETWEEN, ignore_nulls=True),
        unknown_modifier=pl.coalesce(unknown),
        repeated_modifier=pl.coalesce(twice),
    )
    return rows.select(
        "unknown_modifier",
        "repeated_modifier",
        *(
            pl.col("written").str.contains_any(list(modifiers)).fill_null(value=False).alias(name)
            for name, modifiers in _FLAGS.items()
        ),
    )


def _scheduled(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add what the fee schedule says of parts and assistants, and the setting, where either matters."""
    matters = pl.col("kind").is_in(_IN_PARTS) | pl.any_horizontal(
        "mod_26", "mod_tc", "mod_physician_assists", "mod_as"
    )
    if not lines.select(matters.any()).item():
        return lines.with_columns(
            setting=pl.lit(None, pl.String),
            component=pl.lit(None, pl.Int8),
            assistants=pl.lit(None, pl.Int8),
        )
    schedule = once_for_each(
        lines,
        ("code", "served_on"),
        lambda rows: in_force(rows, reference, "fee_schedule").select(
            component="pctc", assistants="asst_surg"
        ),
    )
    settings = once_for_each(
        lines,
        ("pos", "served_on"),
        lambda rows: in_force(rows, reference, "place_settings").select("setting"),
    )
    return lines.hstack(schedule).hstack(settings)


def _performers(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    if not lines["mod_physician_assists"].any():
        return lines.with_columns(nonphysician=pl.lit(value=False))
    types = once_for_each(
        lines,
        ("taxonomy", "served_on"),
        lambda rows: in_force(
            rows.select("served_on", prefix=pl.col("taxonomy").str.head(PREFIX)),
            reference,
            "practitioner_types",
        ).select(pl.col("nonphysician").fill_null(value=False)),
    )
    return lines.hstack(types)


def _alone(lines: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Add whether nothing else of the day is billed by the provider; one service to two payers is one."""
    asked = lines.filter(pl.any_horizontal("mod_25", "mod_59", "mod_x"))
    if asked.is_empty():
        return lines.with_columns(alone=pl.lit(None, pl.Boolean))
    day = ["patient", "day", "billing_npi"]
    services = (
        described.join(asked.select(day), on=day, how="semi", nulls_equal=True)
        .group_by(day)
        .agg(
            alone=(pl.struct("practitioner", "code").n_unique() == 1)
            & (pl.len() == pl.col("payer").n_unique())
        )
    )
    found = asked.select("line_key", *day).join(services, on=day, how="left", nulls_equal=True)
    return with_facts(lines, found.select("line_key", "alone"), on="line_key")


def _repeats(lines: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """Add whether what is billed as repeated was billed a first time."""
    repeats = lines.filter(pl.col("mod_repeat") | pl.col("mod_91"))
    if repeats.is_empty():
        return lines.with_columns(first_of_repeat=pl.lit(None, pl.Boolean))
    service = ["patient", "day", "code", "payer"]
    times = described.join(repeats.select(service).unique(), on=service, how="semi").group_by(service).len()
    found = repeats.select("line_key", *service).join(times, on=service).filter(pl.col("len") > 1)["line_key"]
    return lines.with_columns(
        first_of_repeat=pl.when(pl.col("line_key").is_in(found.implode())).then(pl.lit(value=True))
    )


def _reported(lines: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Add whether something is sent along that says more."""
    unusual = lines.filter("mod_22")
    if unusual.is_empty():
        return lines.with_columns(reported=pl.lit(value=False))
    of_claim = book.claims.filter(pl.col("note").is_not_null() | pl.col("attachment").is_not_null()).select(
        "claim_key"
    )
    of_line = book.lines.filter(pl.col("note").is_not_null()).select("line_key")
    return lines.with_columns(
        reported=pl.col("claim_key").is_in(of_claim["claim_key"].implode())
        | pl.col("line_key").is_in(of_line["line_key"].implode())
    )
