"""The `place` view: one line that is a visit or by telehealth, with what place and modifiers say of it."""

from typing import Final

import polars as pl

from anodyne.model.frames import MODIFIERS
from anodyne.reference.tables import Reference, in_force
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.views.attach import laid_by, once_for_each
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier, policy_facts
from anodyne.rules.views.visit import OFFICE

TELEHEALTH: Final = ("02", "10")
_HOME: Final = "10"
_OFFICE: Final = "11"
_VIDEO: Final = ("95", "GT")
_VOICE: Final = ("93", "FQ")
_IN_PERSON: Final = (
    "acupuncture", "administration", "anesthesia", "drug", "imaging", "needling", "procedure", "sedation",
    "supply",
)  # fmt: skip
_BY_LAW: Final = ("visit", "add_on_visit", "therapy")
_POLICY: Final = policy_facts(
    "payer_telehealth_place",
    "payer_telehealth_modifier",
    "payer_telehealth_audio_only",
    "payer_telephone_codes",
)

FACTS: Facts = {
    **PLACE_FACTS,
    "as_of": Fact(pl.Date, "the day on which the check is made"),
    "code": Fact(pl.String, "procedure code"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    **_POLICY,
    "group": Fact(pl.String, "the family of codes that rules speak of"),
    "pos": Fact(pl.String, "place of service code"),
    "instead": Fact(
        pl.String, "for a visit in a place that its family of codes is not for: the codes that are"
    ),
    "place_refused": Fact(
        pl.Boolean, "whether that is certain; false where a patient of that place may be seen in an office"
    ),
    "telehealth_place": Fact(pl.Boolean, "whether the place is telehealth, 02 or 10"),
    "at_home": Fact(pl.Boolean, "whether the place says that the patient was at home (10)"),
    "by_video": Fact(pl.Boolean, "whether 95 or GT says that both saw each other"),
    "by_voice": Fact(pl.Boolean, "whether 93 or FQ says that they spoke without picture"),
    "mod_95": Fact(pl.Boolean, "whether the line carries 95"),
    "mod_gt": Fact(pl.Boolean, "whether the line carries GT"),
    "in_person_only": Fact(
        pl.Boolean, "whether the service is one of hands, of a drug or of an image, that no screen can give"
    ),
    "rests_on_law": Fact(
        pl.Boolean,
        "whether Medicare pays the service by telehealth from anywhere only while a law says so: visits, "
        "therapy and chronic pain management; behavioural health is permanent",
    ),
    "law_state": Fact(pl.String, "covered, lapsed (with a gap that was closed later), or ended"),
    "law_restored_on": Fact(pl.Date, "for a gap: the day it was closed, back to its first day"),
    "rural_site": Fact(
        pl.Boolean,
        "whether the patient was in a clinic or hospital of a rural area; no claim says so",
        "chart: where the patient was, and whether that place is rural",
    ),
}


def place_view(described: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The checked lines of `described` that are visits or by telehealth, in the columns of FACTS.

    The lines of `described` have the facts of their codes.
    """
    remote = pl.col("pos").is_in(TELEHEALTH).fill_null(value=False) | has_modifier(*_VIDEO, *_VOICE)
    visits = (pl.col("kind") == "visit").fill_null(value=False)
    lines = described.filter(pl.col("judged") & pl.col("day").is_not_null() & (visits | remote))
    if lines.is_empty():
        return pl.DataFrame(schema=schema(FACTS))
    lines = lines.hstack(
        once_for_each(
            lines,
            MODIFIERS,
            lambda rows: rows.select(
                by_video=has_modifier(*_VIDEO),
                by_voice=has_modifier(*_VOICE),
                mod_95=has_modifier("95"),
                mod_gt=has_modifier("GT"),
            ),
        )
    )
    lines = lines.with_columns(
        telehealth_place=pl.col("pos").is_in(TELEHEALTH).fill_null(value=False),
        at_home=(pl.col("pos") == _HOME).fill_null(value=False),
        in_person_only=(pl.col("kind").is_in(_IN_PERSON) | (pl.col("group") == "manipulation")).fill_null(
            value=False
        ),
        rests_on_law=(pl.col("kind").is_in(_BY_LAW) | (pl.col("group") == "cpm")).fill_null(value=False),
        rural_site=pl.lit(None, pl.Boolean),
    )
    lines = _families(_laws(lines, reference), reference)
    return lines.pipe(laid_by, FACTS)


def _laws(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add what the law of the day says of telehealth, where there is any."""
    if not lines.select(pl.any_horizontal("telehealth_place", "by_video", "by_voice").any()).item():
        return lines.with_columns(
            law_state=pl.lit(None, pl.String),
            law_restored_on=pl.lit(None, pl.Date),
        )
    laws = once_for_each(
        lines,
        ("served_on",),
        lambda rows: in_force(rows.with_columns(scope=pl.lit("everywhere")), reference, "telehealth_law"),
    )
    return lines.hstack(laws.select(law_state="state", law_restored_on="restored_on"))


def _families(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add where visits are not in a place of theirs; those of an office in an office need no look."""
    in_office = pl.col("group").is_in(OFFICE) & (pl.col("pos") == _OFFICE)
    if lines.select(in_office.fill_null(value=False).all()).item():
        return lines.with_columns(instead=pl.lit(None, pl.String), place_refused=pl.lit(None, pl.Boolean))
    families = once_for_each(
        lines,
        ("group", "pos", "served_on"),
        lambda rows: in_force(rows, reference, "visit_places").select("instead", place_refused="sure"),
    )
    return lines.hstack(families)
