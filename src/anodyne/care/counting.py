"""Entries of time to the seconds of each that count in a month, and why others do not."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from anodyne.care.clock import NEVER, Clock, month_after
from anodyne.care.overlaps import Overlaps, disputed, overlapping
from anodyne.model.care import PRACTITIONERS, PROGRAM_WORDS, PROGRAMMES, ROLE_WORDS, Mode, Program
from anodyne.reference.tables import Reference, in_force

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seconds = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_PLACES: Final = ("at", "other_at")
KEY: Final = ("patient", "practitioner", "program")
"""What one month's row is of, besides the month."""
MEDICARE: Final = "MEDICARE_B"
"""The payer id of Original Medicare in a file of enrolments."""
_AFTER_VISIT: Final = (Program.CPM, Program.CCM, Program.COMPLEX_CCM, Program.PCM)
"""Programmes whose first month begins with a visit."""
_ANYONE: Final = "anyone"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a month's time comes to, entry by entry."""

    entries: pl.DataFrame = field(repr=False)
    """Entries of a programme that reach into the month: the columns of COUNTED."""
    conflicts: pl.DataFrame = field(repr=False)
    """Pairs that overlap in the month: the columns of CONFLICTS, the earlier entry first."""
    visits: pl.DataFrame = field(repr=False)
    """`patient`, `practitioner` and `day` of visits billed as such."""


COUNTED: Final = {
    "entry_id": pl.String,
    "patient": pl.String,
    "practitioner": pl.String,
    "performer": pl.String,
    "program": pl.String,
    "role": pl.String,
    "mode": pl.String,
    "pos": pl.String,
    "elements": pl.List(pl.String),
    "begun": pl.Datetime("us"),  # local time
    "ended": pl.Datetime("us"),
    "day": pl.Date,  # the local day on which its part of the month begins
    "last_day": pl.Date,
    "own": pl.Boolean,  # a practitioner's own time
    "month_seconds": pl.Int64,  # of the entry, within the month
    "counted_seconds": pl.Int64,
    "ungated_seconds": pl.Int64,  # what would count were consent, visit, place and telehealth in order
    "placed": pl.Boolean,  # whether its place is one that is known to count or not to
    "before_consent": pl.Boolean,
    "after_revocation": pl.Boolean,
    "before_visit": pl.Boolean,  # before the visit with which the programme begins
    "misplaced": pl.Boolean,  # in a place, or on a day in a hospital bed, that does not count
    "off_telehealth": pl.Boolean,  # by telehealth on a day on which Medicare did not cover it
    "why": pl.String,  # why some of it does not count; null where all does
}

CONFLICTS: Final = {
    "one": pl.String,  # entry ids
    "other": pl.String,
    "overlap_seconds": pl.Int64,
    "message": pl.String,
    "same_patient": pl.Boolean,  # else one person's time for two
    "one_program": pl.String,
    "one_begun": pl.Datetime("us"),  # local time of the whole entry
    "one_ended": pl.Datetime("us"),
    "other_program": pl.String,
    "other_begun": pl.Datetime("us"),
    "other_ended": pl.Datetime("us"),
}


def count(
    time: pl.DataFrame,
    enrolments: pl.DataFrame,
    month: dt.date,
    clock: Clock,
    reference: Reference,
    *,
    until: dt.date | None = None,
) -> Counted:
    """The part of each entry of `time` that counts in `month` (its first day), each minute once.

    Of a month that is not over, time is looked at up to the end of the day `until`.

    Overlapping time counts for neither entry: of one patient, whatever was done, and of one person, whomever
    it was done for.  Who did staff's work is known where a performer is told.
    """
    after = month_after(month) if until is None else min(month_after(month), until + dt.timedelta(days=1))
    time = _reaching(time, month, after, clock)
    starts, ends = _seconds(time["start"]), _seconds(time["end"])
    offsets = time["start_offset_seconds"].cast(pl.Int64).to_numpy()
    first, last = clock.midnight(month, offsets), clock.midnight(after, offsets)
    starts, ends = np.maximum(starts, first), np.minimum(ends, last)
    overlaps = _between(overlapping(starts, ends, _groups(time)), time)
    parts = disputed(overlaps)
    days = clock.days(starts, offsets)

    plan = _plans(time, enrolments, month)
    opens, closes, limits = _consented(plan, clock, offsets, starts, ends)
    kept = _eligible(time, reference, month)
    placed = _places(time, plan, days, reference)
    inside = np.maximum(closes - opens, 0)
    within = inside - parts.within(opens, np.maximum(closes, opens))
    month_seconds = ends - starts
    ungated = np.where(kept, month_seconds - parts.within(starts, ends), 0)
    counted = np.where(kept & placed.counts, within, 0)
    entries = time.with_columns(
        begun=clock.local(_seconds(time["start"]), offsets),
        ended=clock.local(_seconds(time["end"]), offsets),
        day=days,
        last_day=clock.days(ends - 1, offsets),
        own=pl.col("role").is_in(PRACTITIONERS),
        month_seconds=pl.lit(pl.Series(month_seconds)),
        counted_seconds=pl.lit(pl.Series(counted)),
        ungated_seconds=pl.lit(pl.Series(ungated)),
        placed=pl.lit(pl.Series(placed.known)),
    )
    flags = {
        "kept": kept,
        "disputed": parts.within(starts, ends) > 0,
        "before_consent": limits.before_consent,
        "after_revocation": limits.after_revocation,
        "before_visit": limits.before_visit,
        "misplaced": placed.excluded | placed.inpatient,
        "off_telehealth": placed.telehealth,
    }
    entries = entries.with_columns(**{name: pl.lit(pl.Series(flag)) for name, flag in flags.items()})
    why = _why(entries, overlaps, placed.excluded)
    tracked = entries["program"].is_in(PROGRAMMES)
    return Counted(
        entries.with_columns(why).filter(tracked).select(*COUNTED),
        _conflicts(entries, overlaps),
        entries.filter(program=Program.EM.value).select("patient", "practitioner", "day").unique(),
    )


def _reaching(time: pl.DataFrame, month: dt.date, after: dt.date, clock: Clock) -> pl.DataFrame:
    """The entries that have some time from the day `month` up to but not including the day `after`."""
    offsets = time["start_offset_seconds"].cast(pl.Int64).to_numpy()
    first, last = clock.midnight(month, offsets), clock.midnight(after, offsets)
    reaching = (_seconds(time["end"]) > first) & (_seconds(time["start"]) < last)
    return time.filter(pl.Series(reaching))


def _seconds(moments: pl.Series) -> "Seconds":
    return moments.dt.epoch("s").to_numpy()


def _groups(time: pl.DataFrame) -> "list[Seconds]":
    """Whose minutes they are: the patient's, the practitioner's own, and the performer's."""
    own = pl.col("role").is_in(PRACTITIONERS)
    claimed = pl.col("program") != Program.NONE.value
    numbers = time.select(
        patient=pl.when(claimed).then("patient"),
        practitioner=pl.when(own).then("practitioner"),
        performer="performer",
    )
    return [
        column.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        for column in numbers
    ]


def _between(overlaps: Overlaps, time: pl.DataFrame) -> Overlaps:
    """Those of `overlaps` in which a minute would count twice; of one patient, only time that is claimed."""
    claimed = (time["program"] != Program.NONE.value).to_numpy()
    patients = time["patient"].cast(pl.Categorical).to_physical().to_numpy()
    one, other = overlaps.one, overlaps.other
    twice = (claimed[one] & claimed[other]) | (patients[one] != patients[other])
    return Overlaps(one[twice], other[twice], overlaps.start[twice], overlaps.end[twice])


def _plans(time: pl.DataFrame, enrolments: pl.DataFrame, month: dt.date) -> pl.DataFrame:
    """For each entry what its enrolment says of consent and beginning; nulls where there is none.

    A day beyond the month is left out: it takes no minute away, and the month's rules speak of it as a whole.
    """
    within = (
        pl.when(pl.col(name) < month_after(month)).then(name).alias(name)
        for name in ("consent_on", "initiated_on")
    )
    said = enrolments.select(*KEY, *within, "payer", "consent_revoked_on", "prior_months", enrolled=True)
    return time.select(KEY).join(said, on=KEY, how="left", maintain_order="left")


@dataclass(frozen=True, slots=True)
class _Limits:
    """Which entries lose time to which gate of the enrolment."""

    before_consent: "Flags"
    after_revocation: "Flags"
    before_visit: "Flags"


def _consented(
    plan: pl.DataFrame, clock: Clock, offsets: "Seconds", starts: "Seconds", ends: "Seconds"
) -> "tuple[Seconds, Seconds, _Limits]":
    """From when to when each entry may count: with consent, and in a first month after its visit."""
    consent = clock.midnights(plan["consent_on"], offsets, missing=-NEVER)
    revoked = clock.midnights(plan["consent_revoked_on"], offsets, missing=NEVER)
    begins = pl.col("program").is_in(_AFTER_VISIT) & (pl.col("prior_months").fill_null(0) == 0)
    visit_on = plan.select(pl.when(begins).then("initiated_on"))["initiated_on"]
    visit = clock.midnights(visit_on, offsets, missing=-NEVER)
    opens = np.maximum(starts, np.maximum(consent, visit))
    closes = np.minimum(ends, revoked)
    return opens, closes, _Limits(starts < consent, ends > revoked, starts < visit)


def _eligible(time: pl.DataFrame, reference: Reference, month: dt.date) -> "Flags":
    """Whether the entry's programme counts the time of somebody in that role."""
    live = reference.table("care_codes").filter(
        pl.col("from") <= month, pl.col("until").is_null() | (pl.col("until") > month)
    )
    anyone = live.filter(whose=_ANYONE)["program"].unique().implode()
    counted = pl.col("role").is_in(PRACTITIONERS) | pl.col("program").is_in(anyone)
    counted |= pl.col("program") == Program.TCM.value
    return time.select(counted.alias("counted"))["counted"].to_numpy()


@dataclass(frozen=True, slots=True)
class _Placed:
    """What place and manner make of each entry."""

    counts: "Flags"
    known: "Flags"
    excluded: "Flags"
    inpatient: "Flags"
    telehealth: "Flags"


def _places(time: pl.DataFrame, plan: pl.DataFrame, days: pl.Series, reference: Reference) -> _Placed:
    """Chronic pain management counts outpatients and people at home only, and telehealth while the law lasts.

    On a day on which the patient is seen in a hospital bed, only time in person elsewhere counts.
    """
    rows = time.select("patient", "program", "mode", "pos").with_columns(
        day=days, medicare=plan["payer"] == MEDICARE
    )
    of_place = in_force(rows.select("pos", served_on="day"), reference, "care_places")
    law = in_force(rows.select(scope=pl.lit("everywhere"), served_on="day"), reference, "telehealth_law")
    remote = pl.col("mode").is_in([Mode.VIDEO.value, Mode.AUDIO.value])
    cpm = pl.col("program") == Program.CPM.value
    facts = rows.with_columns(of_place["time"], of_place["visit"], law["state"], law["restored_on"])
    bed = facts.filter(visit="hospital").select("patient", "day").unique()
    lapsed = (pl.col("state") != "covered") & pl.col("restored_on").is_null()
    facts = facts.join(bed.with_columns(bed=True), on=["patient", "day"], how="left", maintain_order="left")
    told = facts.select(
        excluded=cpm & (pl.col("time") == "excluded").fill_null(value=False),
        inpatient=cpm
        & pl.col("bed").fill_null(value=False)
        & ~((pl.col("mode") == Mode.IN_PERSON.value) & (pl.col("time") == "counts")).fill_null(value=False),
        telehealth=cpm & remote & pl.col("medicare").fill_null(value=False) & lapsed.fill_null(value=False),
        known=~cpm
        | pl.col("time").is_not_null()
        | (pl.col("pos").is_null() & (pl.col("mode") == Mode.NO_PATIENT_CONTACT.value)),
    )
    excluded, inpatient, telehealth, known = (told[name].to_numpy() for name in told.columns)
    return _Placed(~(excluded | inpatient | telehealth), known, excluded, inpatient, telehealth)


def _why(entries: pl.DataFrame, overlaps: Overlaps, excluded: "Flags") -> pl.Series:
    """Why some of each entry does not count, in words; null where all of it does."""
    role = pl.col("role").replace_strict(ROLE_WORDS)
    programme = pl.col("program").replace_strict(PROGRAM_WORDS)
    rows = entries.with_columns(_others(entries, overlaps), excluded=pl.lit(pl.Series(excluded)))
    reasons = (
        pl.when(~pl.col("kept")).then(pl.format("time of {} does not count for {}", role, programme)),
        pl.when("disputed").then(pl.format("overlaps {}: the minutes shared count for neither", "others")),
        pl.when("before_consent").then(pl.lit("before the patient's consent")),
        pl.when("after_revocation").then(pl.lit("after consent was revoked")),
        pl.when("before_visit").then(pl.lit("before the initiating visit")),
        pl.when("excluded").then(pl.format("place {} is neither an outpatient setting nor home", "pos")),
        pl.when(pl.col("misplaced") & ~pl.col("excluded")).then(
            pl.lit("the patient was in a hospital bed that day")
        ),
        pl.when("off_telehealth").then(pl.lit("Medicare did not cover telehealth there that day")),
    )
    why = rows.select(why=pl.concat_str(reasons, separator="; ", ignore_nulls=True))["why"]
    return why.set(why == "", None)


def _others(entries: pl.DataFrame, overlaps: Overlaps) -> pl.Series:
    """The ids of the entries that overlap each, with commas between; null for none."""
    ids = entries["entry_id"]
    whose = np.concatenate([overlaps.one, overlaps.other])
    others = np.concatenate([overlaps.other, overlaps.one])
    told = (
        pl.DataFrame({"row": whose, "other": ids[others] if len(others) else ids.clear()})
        .group_by("row")
        .agg(others=pl.col("other").sort().str.join(", "))
    )
    rows = pl.DataFrame({"row": np.arange(len(entries))})
    return rows.join(told, on="row", how="left", maintain_order="left")["others"]


def _conflicts(entries: pl.DataFrame, overlaps: Overlaps) -> pl.DataFrame:
    """The pairs that overlap, the earlier entry first; of two that begin together, the one of lesser id."""
    two = pl.DataFrame(
        {"at": overlaps.one, "other_at": overlaps.other}, schema=dict.fromkeys(_PLACES, pl.Int64)
    )
    begun, ids = entries["begun"], entries["entry_id"]
    one_begun, other_begun = begun[overlaps.one], begun[overlaps.other]
    together = other_begun == one_begun
    turned = (other_begun < one_begun) | (together & (ids[overlaps.other] < ids[overlaps.one]))
    two = two.with_columns(
        first=pl.when(turned).then("other_at").otherwise("at"),
        second=pl.when(turned).then("at").otherwise("other_at"),
    )
    one, other = entries[two["first"]], entries[two["second"]]
    pairs = pl.DataFrame(
        {
            "one": one["entry_id"],
            "other": other["entry_id"],
            "overlap_seconds": overlaps.end - overlaps.start,
            "same_patient": one["patient"] == other["patient"],
            "one_program": one["program"],
            "one_begun": one["begun"],
            "one_ended": one["ended"],
            "other_program": other["program"],
            "other_begun": other["begun"],
            "other_ended": other["ended"],
        }
    )
    minutes, seconds = pl.col("overlap_seconds") // 60, pl.col("overlap_seconds") % 60
    length = (
        pl.when(seconds == 0)
        .then(pl.format("{} min", minutes))
        .otherwise(pl.format("{} min {} s", minutes, seconds))
    )
    whose = (
        pl.when("same_patient").then(pl.lit("one patient")).otherwise(pl.lit("one person for two patients"))
    )
    message = pl.format(
        "{} ({}) and {} ({}) share {} of {}: counted for neither until it is resolved",
        "one",
        "one_program",
        "other",
        "other_program",
        length,
        whose,
    )
    return pairs.with_columns(message=message).sort("one_begun", "one", "other").select(*CONFLICTS)
