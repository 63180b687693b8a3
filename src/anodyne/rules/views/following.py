"""The `following` view: one line that comes within reach of an earlier service of the same practitioner.

Two things reach forward in time: a procedure with a global period, whose follow-up it pays in advance, and
anything done face to face, after which a patient is not new for three years.
"""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts, schema
from anodyne.rules.spelling import spelled
from anodyne.rules.views.attach import laid_by, with_facts
from anodyne.rules.views.ground import PLACE_FACTS, has_modifier, policy_facts
from anodyne.rules.views.visit import MAJOR, NEW

_SURGERY: Final = ("000", "010", MAJOR)
_WITH_FOLLOW_UP: Final = ("010", MAJOR)
_LONGEST: Final = 90
_OF_PERIODS: Final = ("24", "58", "78", "79")
_PROCEDURES: Final = r"^[1-6][0-9]{4}$"
_NOT_THE_SURGEON: Final = ("54", "55", "56", "62", "66", "80", "81", "82", "AS")
_BACK_FOR_A_COMPLICATION: Final = "78"
_TRANSITION: Final = "tcm"
_FACE_TO_FACE: Final = ("visit", "procedure", "needling", "acupuncture")
_POLICY: Final = policy_facts("payer_global_surgery")

FACTS: Facts = {
    **PLACE_FACTS,
    "code": Fact(pl.String, "procedure code"),
    "charge_cents": Fact(pl.Int64, "charge of the line in cents", "charge"),
    **_POLICY,
    "relation": Fact(
        pl.String,
        "visit_after, procedure_after, transition_after (transitional care): within the days that a "
        "surgery's payment covers; visit_before: the day before major surgery; null where there is none",
    ),
    "surgery_code": Fact(pl.String, "the latest such procedure of the same patient and practitioner"),
    "surgery_on": Fact(pl.String, "its day, in words"),
    "surgery_days": Fact(pl.Int32, "how many days after its own its payment covers"),
    "surgery_until": Fact(pl.String, "the last of these days, in words"),
    "mod_unrelated": Fact(pl.Boolean, "whether the line carries 24, or 57 for another surgery"),
    "mod_decision": Fact(pl.Boolean, "whether the line carries 57"),
    "mod_staged": Fact(pl.Boolean, "whether the line carries 58, 78 or 79"),
    "no_surgery": Fact(
        pl.Boolean,
        "for a line with 24, 58, 78 or 79: whether the claims read of the practitioner reach back over the "
        "longest global period and hold no procedure that may have one",
    ),
    "seen_code": Fact(
        pl.String,
        "for a new patient's visit: the latest service face to face within the three years before, by the "
        "same practitioner or a colleague of one group and specialty",
    ),
    "seen_on": Fact(pl.String, "its day, in words"),
}


def following_view(described: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The checked lines that an earlier service reaches, in the columns of FACTS.

    The lines of `described` have the facts of their codes.
    """
    none = pl.DataFrame(schema=schema(FACTS))
    if described["day"].n_unique() < 2:
        return none
    lines = (
        described.select(
            *PLACE_FACTS, *_POLICY, "patient", "practitioner", "code", "charge_cents", "kind", "group",
            "level", "global_days", "mod1", "mod2", "mod3", "mod4",
        )
        .filter(pl.col("code").is_in(_face_to_face(reference).implode()) & pl.col("day").is_not_null())
        .with_columns(who=pl.struct("patient", "practitioner").hash())
    )  # fmt: skip
    after, seen, stray = _after_surgery(lines), _seen_before(lines), _without_surgery(lines, described)
    keys = pl.concat([after["line_key"], seen["line_key"], stray["line_key"]]).unique()
    if keys.is_empty():
        return none
    rows = lines.filter(pl.col("line_key").is_in(keys.implode())).with_columns(
        mod_unrelated=has_modifier("24", "57"),
        mod_decision=has_modifier("57"),
        mod_staged=has_modifier("58", "78", "79"),
    )
    rows = with_facts(with_facts(rows, after, on="line_key"), seen, on="line_key").with_columns(
        no_surgery=pl.col("line_key").is_in(stray["line_key"].implode())
    )
    return rows.sort("line_key").pipe(laid_by, FACTS)


def _face_to_face(reference: Reference) -> pl.Series:
    """The codes of what is done face to face, also on days before anything was read of them."""
    met = pl.col("kind").is_in(_FACE_TO_FACE) & pl.col("group").ne_missing("telephone_visit")
    met |= pl.col("group") == _TRANSITION
    return reference.table("code_traits").filter(met)["code"].unique()


def _after_surgery(lines: pl.DataFrame) -> pl.DataFrame:
    """For each checked line within reach of a surgery, the latest one; the day of surgery is not meant.

    The days are counted from the day after the surgery, so that ten of them end on its eleventh day.
    """
    procedure = pl.col("kind") == "procedure"
    surgeries = lines.filter(
        procedure,
        pl.col("global_days").is_in(_WITH_FOLLOW_UP),
        ~has_modifier(*_NOT_THE_SURGEON, _BACK_FOR_A_COMPLICATION),
    ).select(
        "who",
        surgery_code="code",
        surgery_day="day",
        surgery_days=pl.col("global_days").cast(pl.Int32),
        major=pl.col("global_days") == MAJOR,
    )
    visit = pl.col("kind") == "visit"
    transition = pl.col("group") == _TRANSITION
    reached = visit | transition | (procedure & pl.col("global_days").is_in(_SURGERY))
    judged = lines.filter("judged", reached, ~has_modifier(*_NOT_THE_SURGEON)).select(
        "line_key", "who", "kind", "group", "day"
    )
    apart = (pl.col("day") - pl.col("surgery_day")).dt.total_days()
    return (
        judged.join(surgeries, on="who", how="inner")
        .filter(apart.is_between(1, "surgery_days") | ((apart == -1) & pl.col("major") & visit))
        .sort("surgery_day", "surgery_code", descending=[True, False])
        .unique("line_key", keep="first", maintain_order=True)
        .select(
            "line_key",
            "surgery_code",
            "surgery_days",
            surgery_on=spelled("surgery_day"),
            surgery_until=(pl.col("surgery_day") + pl.duration(days="surgery_days")).dt.strftime("%-d %b %Y"),
            relation=pl.when(apart < 0)
            .then(pl.lit("visit_before"))
            .when(visit)
            .then(pl.lit("visit_after"))
            .when(transition)
            .then(pl.lit("transition_after"))
            .otherwise(pl.lit("procedure_after")),
        )
    )


def _seen_before(lines: pl.DataFrame) -> pl.DataFrame:
    """For each checked visit of a new patient, the latest service face to face within three years before.

    The three years reach back to the same day of the third year before, that day itself no longer counted.
    """
    new = lines.filter(pl.col("judged") & ((pl.col("group") == NEW) | (pl.col("level") == "new"))).select(
        "line_key", "who", "day"
    )
    seen = lines.select("who", seen_code="code", seen_day="day")
    return (
        new.join(seen, on="who", how="inner")
        .filter(
            pl.col("seen_day") < pl.col("day"),
            pl.col("seen_day") > pl.col("day").dt.offset_by("-3y"),
        )
        .sort("seen_day", "seen_code", descending=[True, False])
        .unique("line_key", keep="first", maintain_order=True)
        .select("line_key", "seen_code", seen_on=spelled("seen_day"))
    )


def _without_surgery(lines: pl.DataFrame, described: pl.DataFrame) -> pl.DataFrame:
    """The checked lines that speak of a surgery's period where no claim read can have one.

    A procedure that the fee schedule does not have counts, as it may have a period.
    """
    speak = lines.filter("judged", has_modifier(*_OF_PERIODS)).select(
        "line_key", "who", "practitioner", "day"
    )
    if speak.is_empty():
        return speak
    may = pl.col("global_days").is_in(_WITH_FOLLOW_UP) | (
        pl.col("global_days").is_null() & pl.col("code").str.contains(_PROCEDURES)
    )
    surgeries = described.filter(may).select(
        who=pl.struct("patient", "practitioner").hash(), surgery_day="day"
    )
    apart = (pl.col("day") - pl.col("surgery_day")).dt.total_days()
    near = speak.join(surgeries, on="who", how="inner").filter(apart.is_between(0, _LONGEST))["line_key"]
    reach = described.group_by("practitioner").agg(read_from=pl.col("day").min())
    return speak.join(reach, on="practitioner", how="left").filter(
        (pl.col("day") - pl.col("read_from")).dt.total_days() >= _LONGEST,
        ~pl.col("line_key").is_in(near.implode()),
    )
