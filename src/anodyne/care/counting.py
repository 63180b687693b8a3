"""Entries of time to the seconds of each that count in a month, and why others do not."""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from anodyne.care.clock import NEVER, Clock, month_after
from anodyne.care.overlaps import Overlaps, Rivals, disputed, overlapping
from anodyne.model.care import PRACTITIONERS, PROGRAM_WORDS, PROGRAMMES, ROLE_WORDS, Mode, Program
from anodyne.reference.tables import Reference, in_force

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Seconds = NDArray[np.int64]
    Flags = NDArray[np.bool_]

MOST_PARTNERS: Final = 50
"""Of an entry that overlaps many others, so many of those that follow it are told."""
PARTNERS_TOLD: Final = 5
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

    pieces: pl.DataFrame = field(repr=False)
    """What of each entry of a programme lies on one local day of the month: the columns of COUNTED."""
    conflicts: pl.DataFrame = field(repr=False)
    """Pairs that overlap in the month: the columns of CONFLICTS, the earlier entry first."""
    visits: pl.DataFrame = field(repr=False)
    """`patient`, `practitioner` and `day` of visits billed as such."""
    conflicts_left_out: int = 0
    """How many pairs more there are at the most: of an entry that overlaps many only some are told."""


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
    "begun": pl.Datetime("us"),  # local time of the whole entry
    "ended": pl.Datetime("us"),
    "day": pl.Date,  # the local day of the piece
    "begins": pl.Int64,  # the second at which the piece begins, since 1970
    "own": pl.Boolean,  # a practitioner's own time
    "month_seconds": pl.Int64,  # of the piece, within the month
    "disputed_seconds": pl.Int64,  # that other entries take too
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
    time, starts, ends = _by_day(_near(time, month, after, clock), clock)
    offsets = time["start_offset_seconds"].cast(pl.Int64).to_numpy()
    first, last = clock.midnight(month, offsets), clock.midnight(after, offsets)
    groups, patients = _groups(time)
    parts = disputed(starts, ends, [Rivals(groups[0]), *(Rivals(group, patients) for group in groups[1:])])
    overlaps = _of_month(
        _between(overlapping(starts, ends, groups, most=MOST_PARTNERS), time, patients), first, last
    )
    starts = np.maximum(starts, first)
    ends = np.maximum(starts, np.minimum(ends, last))
    month_seconds = ends - starts
    days = clock.days(starts, offsets)

    plan = _plans(time, enrolments, month)
    opens, closes, limits = _consented(plan, clock, offsets, starts, ends)
    kept = _eligible(time, reference, month)
    placed = _places(time, plan, days, reference)
    inside = np.maximum(closes - opens, 0)
    within = inside - parts.within(opens, np.maximum(closes, opens))
    disputes = parts.within(starts, ends)
    told: dict[str, pl.Series | NDArray[np.generic]] = {
        "day": days,
        "begins": starts,
        "month_seconds": month_seconds,
        "disputed_seconds": disputes,
        "counted_seconds": np.where(kept & placed.counts, within, 0),
        "ungated_seconds": np.where(kept, month_seconds - disputes, 0),
        "placed": placed.known,
        "kept": kept,
        "disputed": disputes > 0,
        "before_consent": limits.before_consent,
        "after_revocation": limits.after_revocation,
        "before_visit": limits.before_visit,
        "misplaced": placed.excluded | placed.inpatient,
        "off_telehealth": placed.telehealth,
    }
    pieces = time.with_columns(
        begun=clock.local(_seconds(time["start"]), offsets),
        ended=clock.local(_seconds(time["end"]), offsets),
        own=pl.col("role").is_in(PRACTITIONERS),
        **{name: pl.lit(pl.Series(values)) for name, values in told.items()},
    )
    pairs = _conflicts(pieces, overlaps)
    why = _why(pieces, pairs, placed.excluded)
    reaching = pieces.with_columns(why).filter(pl.col("month_seconds") > 0)
    return Counted(
        reaching.filter(pl.col("program").is_in(PROGRAMMES)).select(*COUNTED),
        pairs,
        reaching.filter(program=Program.EM.value).select("patient", "practitioner", "day").unique(),
        overlaps.left_out,
    )


def _by_day(time: pl.DataFrame, clock: Clock) -> "tuple[pl.DataFrame, Seconds, Seconds]":
    """`time` with a row for each local day of each entry, and from when to when it is of that day."""
    rows = np.arange(len(time))
    starts, ends = _seconds(time["start"]), _seconds(time["end"])
    offsets = time["start_offset_seconds"].cast(pl.Int64).to_numpy()
    done: list[tuple[Seconds, Seconds, Seconds]] = []
    while len(rows):
        following = clock.days(starts, offsets[rows]).dt.offset_by("1d")
        midnight = clock.midnights(following, offsets[rows], missing=NEVER)
        done.append((rows, starts, np.minimum(ends, midnight)))
        over = ends > midnight
        rows, starts, ends = rows[over], midnight[over], ends[over]
    if len(done) <= 1:
        return time, *(done[0][1:] if done else (starts, ends))
    row, start, end = (np.concatenate([one[place] for one in done]) for place in range(3))
    order = np.argsort(row, kind="stable")
    return time[row[order]], start[order], end[order]


def _near(time: pl.DataFrame, month: dt.date, after: dt.date, clock: Clock) -> pl.DataFrame:
    """The entries that have time from the day `month` up to but not including the day `after`.

    Where offsets differ, one that lies beyond by its own may share seconds with one that does not.
    """
    offsets = time["start_offset_seconds"].cast(pl.Int64).unique().to_numpy()
    first, last = clock.midnight(month, offsets), clock.midnight(after, offsets)
    near = (_seconds(time["end"]) > first.min(initial=NEVER)) & (
        _seconds(time["start"]) < last.max(initial=-NEVER)
    )
    return time.filter(pl.Series(near))


def _of_month(overlaps: Overlaps, first: "Seconds", last: "Seconds") -> Overlaps:
    """What of `overlaps` lies in the month of either entry."""
    one, other = overlaps.one, overlaps.other
    start = np.maximum(overlaps.start, np.minimum(first[one], first[other]))
    end = np.minimum(overlaps.end, np.maximum(last[one], last[other]))
    some = start < end
    return Overlaps(one[some], other[some], start[some], end[some], overlaps.left_out)


def _seconds(moments: pl.Series) -> "Seconds":
    return moments.dt.epoch("s").to_numpy()


def _groups(time: pl.DataFrame) -> "tuple[list[Seconds], Seconds]":
    """Whose minutes they are: patient's, practitioner's own, those of who did the work; and the patients.

    A practitioner who does another's work is one person, where the performer is told by NPI.
    """
    own = pl.when(pl.col("role").is_in(PRACTITIONERS)).then("practitioner")
    claimed = pl.col("program") != Program.NONE.value
    numbers = time.select(
        claimed=pl.when(claimed).then("patient"),
        practitioner=own,
        person=pl.coalesce("performer", own),
        patient="patient",
    )
    *groups, patients = (
        column.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        for column in numbers
    )
    return groups, patients


def _between(overlaps: Overlaps, time: pl.DataFrame, patients: "Seconds") -> Overlaps:
    """Those of `overlaps` in which a minute would count twice; of one patient, only time that is claimed."""
    claimed = (time["program"] != Program.NONE.value).to_numpy()
    one, other = overlaps.one, overlaps.other
    twice = (claimed[one] & claimed[other]) | (patients[one] != patients[other])
    return Overlaps(one[twice], other[twice], overlaps.start[twice], overlaps.end[twice], overlaps.left_out)


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


def _why(pieces: pl.DataFrame, pairs: pl.DataFrame, excluded: "Flags") -> pl.Series:
    """Why some of each piece does not count, in words; null where all of it does."""
    role = pl.col("role").replace_strict(ROLE_WORDS)
    programme = pl.col("program").replace_strict(PROGRAM_WORDS)
    rows = pieces.join(_partners(pairs), on="entry_id", how="left", maintain_order="left").with_columns(
        excluded=pl.lit(pl.Series(excluded))
    )
    reasons = (
        pl.when(~pl.col("kept")).then(pl.format("time of {} does not count for {}", role, programme)),
        pl.when("disputed").then(
            pl.format(
                "overlaps {}: the minutes shared count for neither", pl.col("partners").fill_null("others")
            )
        ),
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


def _partners(pairs: pl.DataFrame) -> pl.DataFrame:
    """By `entry_id` the ids of the first few entries that overlap it, as `partners`."""
    both = pl.concat(
        [pairs.select(entry_id="one", partner="other"), pairs.select(entry_id="other", partner="one")]
    )
    more = pl.when(pl.len() > PARTNERS_TOLD).then(pl.lit(" and others")).otherwise(pl.lit(""))
    named = pl.col("partner").sort().head(PARTNERS_TOLD).str.join(", ")
    return both.group_by("entry_id").agg(partners=named + more.first())


def _conflicts(pieces: pl.DataFrame, overlaps: Overlaps) -> pl.DataFrame:
    """The pairs of entries that overlap, the earlier first; of two that begin together that of lesser id."""
    sides = pieces.select("entry_id", "patient", "program", "begun", "ended")
    one, other = sides[overlaps.one], sides[overlaps.other]
    seconds = pl.Series("overlap_seconds", overlaps.end - overlaps.start, dtype=pl.Int64)
    turned = (other["begun"] < one["begun"]) | (
        (other["begun"] == one["begun"]) & (other["entry_id"] < one["entry_id"])
    )
    two = pl.DataFrame([turned.alias("turned"), seconds])
    both = two.hstack(one.select(pl.all().name.prefix("a_"))).hstack(other.select(pl.all().name.prefix("b_")))

    def side(turn: pl.Expr, name: str) -> pl.Expr:
        return pl.when(turn).then(f"b_{name}").otherwise(f"a_{name}")

    earlier, later = pl.col("turned"), ~pl.col("turned")
    pairs = (
        both.select(
            one=side(earlier, "entry_id"),
            other=side(later, "entry_id"),
            overlap_seconds="overlap_seconds",
            same_patient=pl.col("a_patient") == pl.col("b_patient"),
            one_program=side(earlier, "program"),
            one_begun=side(earlier, "begun"),
            one_ended=side(earlier, "ended"),
            other_program=side(later, "program"),
            other_begun=side(later, "begun"),
            other_ended=side(later, "ended"),
        )
        .group_by(pl.exclude("overlap_seconds"), maintain_order=True)
        .agg(pl.col("overlap_seconds").sum())
    )
    return pairs.with_columns(message=_message()).sort("one_begun", "one", "other").select(*CONFLICTS)


def _message() -> pl.Expr:
    minutes, seconds = pl.col("overlap_seconds") // 60, pl.col("overlap_seconds") % 60
    length = (
        pl.when(seconds == 0)
        .then(pl.format("{} min", minutes))
        .when(minutes == 0)
        .then(pl.format("{} s", seconds))
        .otherwise(pl.format("{} min {} s", minutes, seconds))
    )
    whose = (
        pl.when("same_patient").then(pl.lit("one patient")).otherwise(pl.lit("one person for two patients"))
    )
    return pl.format(
        "{} ({}) and {} ({}) share {} of {}: counted for neither until it is resolved",
        "one",
        "one_program",
        "other",
        "other_program",
        length,
        whose,
    )
