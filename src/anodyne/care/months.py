"""What the month of each patient, practitioner and programme comes to: seconds, codes, and the next unit."""

import calendar
import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.care.beside import BESIDE
from anodyne.care.counting import KEY, MEDICARE, Counted
from anodyne.care.earning import OWN, Ladder, earn, ladders
from anodyne.care.transitions import with_transitions
from anodyne.model.care import Element, Mode, Program
from anodyne.reference.tables import Reference, in_force

LOST: Final = ("before_consent", "after_revocation", "before_visit", "misplaced", "off_telehealth")
"""The gates that can take time away, as entries name them."""
_PLANNING: Final = (Element.ASSESSMENT.value, Element.CARE_PLAN.value)
CODES: Final = pl.List(pl.Struct({"code": pl.String, "units": pl.Int64}))


def months_of(
    counted: Counted, enrolments: pl.DataFrame, month: dt.date, reference: Reference
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row for each patient, practitioner and programme of `month`, and the entries that it rests on.

    Everyone who is enrolled has a row, and everyone for whom time was logged.  `codes` are those that the
    time earns; where gates leave nothing of it, those that it would earn without them (`gated_away`).
    """
    known = ladders(month, reference)
    sums = counted.pieces.group_by(KEY).agg(_SUMS)
    listed = enrolments.filter(
        pl.col("consent_revoked_on").is_null() | (pl.col("consent_revoked_on") > month)
    )
    keys = pl.concat([listed.select(KEY), sums.select(KEY)]).unique().sort(KEY)
    last = dt.date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])
    rows = (
        keys.with_row_index("month_key")
        .join(sums, on=KEY, how="left", maintain_order="left")
        .join(enrolments.with_columns(enrolled=True), on=KEY, how="left", maintain_order="left")
        .with_columns(
            pl.col("enrolled").fill_null(value=False),
            pl.col(name for name in sums.columns if name.endswith("_seconds")).fill_null(0),
            pl.col("contact").fill_null(value=False),
            month=month,
            day=last,
        )
        .with_columns(filing=pl.when(pl.col("payer") == MEDICARE).then(pl.lit("MB")))
    )
    rows = rows.hstack(earn(rows, "own_seconds", "all_seconds", known))
    would = earn(rows, "own_ungated_seconds", "all_ungated_seconds", known)
    rows = rows.hstack(would.select(pl.all().name.prefix("would_")))
    rows = with_transitions(_with_visit_place(rows, reference), reference)
    gated = pl.col("first_code").is_null() & pl.col("would_first_code").is_not_null()
    rows = rows.with_columns(
        gated_away=gated,
        goal_replaces=pl.col("goal_replaces").fill_null(value=False),
        program_known=pl.col("program").is_in([*known, Program.TCM.value]),
    ).with_columns(
        counted_seconds=pl.when(pl.col("whose") == OWN).then("own_seconds").otherwise("all_seconds"),
        codes=pl.when(gated).then(_codes("would_")).otherwise(_codes("")),
    )
    pieces = _of_months(counted.pieces, rows, known)
    rows = _with_day_met(_with_visits(rows, pieces, counted.visits), pieces)
    return rows.with_columns(
        pl.lit(None, kind).alias(name) for name, kind in BESIDE.items() if name != "month_key"
    ), _whole(pieces)


_SUMS: Final = (
    pl.col("counted_seconds").filter("own").sum().alias("own_seconds"),
    pl.col("counted_seconds").sum().alias("all_seconds"),
    pl.col("ungated_seconds").filter("own").sum().alias("own_ungated_seconds"),
    pl.col("ungated_seconds").sum().alias("all_ungated_seconds"),
    pl.col("month_seconds").filter(~pl.col("own")).sum().alias("staff_seconds"),
    pl.col("disputed_seconds").sum(),
    pl.col("counted_seconds").filter(~pl.col("placed")).sum().alias("unplaced_seconds"),
    *(
        (pl.col("ungated_seconds") - pl.col("counted_seconds")).filter(name).sum().alias(f"{name}_seconds")
        for name in LOST
    ),
    ((pl.col("counted_seconds") > 0) & (pl.col("mode") != Mode.NO_PATIENT_CONTACT.value))
    .any()
    .alias("contact"),
    pl.col("day").filter(pl.col("ungated_seconds") > 0).min().alias("first_on"),
    pl.col("elements")
    .filter(pl.col("counted_seconds") > 0)
    .list.explode()
    .unique()
    .drop_nulls()
    .alias("done"),
)


def _codes(prefix: str) -> pl.Expr:
    """The codes earned, each with its units."""
    first, further = f"{prefix}first_code", f"{prefix}next_code"
    one = pl.struct(code=pl.col(first), units=pl.lit(1, pl.Int64))
    more = pl.struct(code=pl.col(further), units=pl.col(f"{prefix}next_units"))
    return (
        pl.when(pl.col(first).is_null())
        .then(pl.lit([], CODES))
        .when(pl.col(further).is_null())
        .then(pl.concat_list(one))
        .otherwise(pl.concat_list(one, more))
    )


def _with_visit_place(rows: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add `visit_place`, what sort of place the initiating visit was in; null where it is not known."""
    asked = rows.select(pos="initiated_pos", served_on="day")
    return rows.with_columns(visit_place=in_force(asked, reference, "care_places")["visit"])


def _of_months(
    pieces: pl.DataFrame, rows: pl.DataFrame, known: Mapping[str, tuple[Ladder, ...]]
) -> pl.DataFrame:
    """The pieces with `month_key` and `excluded_seconds`, in the order of months and time.

    Staff's time counts nothing where the practitioner's own is billed; `countable_seconds` is what it would.
    """
    both = [program for program, some in known.items() if len(some) > 1]
    told = rows.select(*KEY, "month_key", "whose", "first_code")
    found = pieces.join(told, on=KEY, how="left", maintain_order="left")
    apart = pl.all_horizontal(
        pl.col("whose") == OWN, pl.col("program").is_in(both), ~pl.col("own"), pl.col("counted_seconds") > 0
    ).fill_null(value=False)
    reason = pl.format("{} is the practitioner's own time: staff time is not billed beside it", "first_code")
    return (
        found.with_columns(
            why=pl.when(apart)
            .then(pl.concat_str(reason, "why", separator="; ", ignore_nulls=True))
            .otherwise("why"),
            countable_seconds="counted_seconds",
            counted_seconds=pl.when(apart).then(0).otherwise("counted_seconds"),
        )
        .with_columns(excluded_seconds=pl.col("month_seconds") - pl.col("counted_seconds"))
        .with_columns(why=pl.when(pl.col("excluded_seconds") > 0).then("why"))
        .drop("whose", "first_code")
        .sort("month_key", "begins", "entry_id")
    )


def _whole(pieces: pl.DataFrame) -> pl.DataFrame:
    """The entries that `pieces` are of, each once: those over midnight have a piece on each day."""
    split = pl.col("entry_id").is_duplicated()
    over = pieces.filter(split)
    if over.is_empty():
        return pieces
    seconds = [name for name in pieces.columns if name.endswith("_seconds")]
    first = [name for name in pieces.columns if name not in {*seconds, "entry_id", "why"}]
    joined = over.group_by("entry_id", maintain_order=True).agg(
        pl.col(first).first(),
        pl.col(seconds).sum(),
        pl.col("why").drop_nulls().unique(maintain_order=True).str.join("; ").replace("", None),
    )
    whole = pl.concat([pieces.filter(~split), joined.select(pieces.columns)])
    return whole.sort("month_key", "begins", "entry_id")


def _with_day_met(rows: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Add `met_on`: the day on which the seconds that the billed units need were complete."""
    reached = (
        pieces.select("month_key", "day", reached=pl.col("counted_seconds").cum_sum().over("month_key"))
        .join(rows.select("month_key", "needed_seconds"), on="month_key", how="left", maintain_order="left")
        .filter(pl.col("reached") >= pl.col("needed_seconds"))
        .group_by("month_key")
        .agg(met_on=pl.col("day").first())
    )
    found = rows.join(reached, on="month_key", how="left", maintain_order="left")
    return found.with_columns(met_on=pl.coalesce("transition_on", "met_on"))


def _with_visits(rows: pl.DataFrame, pieces: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Add what the month's days hold of visits, the practitioner's own planning, and the place of most time.

    visit_days            days with both counted time and a visit of the practitioner billed as one
    own_minutes_at_start  whole minutes of the practitioner's own assessment and planning on the day of the
                          initiating visit
    pos                   the place of service of most of the time that counts and has one
    """
    spent = pieces.filter(pl.col("counted_seconds") > 0)
    shared = (
        spent.select("month_key", "patient", "practitioner", "day")
        .unique()
        .join(visits, on=["patient", "practitioner", "day"], how="semi")
        .group_by("month_key")
        .agg(visit_days=pl.len())
    )
    plans = pl.col("elements").list.set_intersection(list(_PLANNING)).list.len() > 0
    planned = (
        spent.filter("own", plans)
        .join(rows.select("month_key", day="initiated_on"), on=["month_key", "day"], how="semi")
        .group_by("month_key")
        .agg(own_minutes_at_start=pl.col("counted_seconds").sum() // 60)
    )
    places = (
        spent.drop_nulls("pos")
        .group_by("month_key", "pos")
        .agg(pl.col("counted_seconds").sum())
        .sort("counted_seconds", "pos", descending=[True, False])
        .unique("month_key", keep="first", maintain_order=True)
        .select("month_key", "pos")
    )
    for facts in (shared, planned, places):
        rows = rows.join(facts, on="month_key", how="left", maintain_order="left")
    return rows.with_columns(pl.col("visit_days", "own_minutes_at_start").fill_null(0))


_OF_THE_ENROLLED: Final = (
    "goal_code", "goal_seconds", "met_on", "allowed_cents", "patient_share_cents", "goal_cents"
)  # fmt: skip


class Status(StrEnum):
    """What becomes of a month."""

    BILLABLE = "billable"
    HELD = "held"
    """Something stands against it: the codes listed are those that it would earn."""
    SHORT = "short"
    """The time earns nothing yet."""
    NOT_ENROLLED = "not_enrolled"
    """Time is logged for a programme in which nobody enrolled the patient."""


def with_status(months: pl.DataFrame, blocked: pl.Series) -> pl.DataFrame:
    """`months` with their `status`, where the keys `blocked` have something against them."""
    enrolled = pl.col("enrolled")
    held = pl.col("month_key").is_in(blocked.implode())
    earns = pl.col("codes").list.len() > 0
    status = (
        pl.when(~enrolled)
        .then(pl.lit(Status.NOT_ENROLLED.value))
        .when(held)
        .then(pl.lit(Status.HELD.value))
        .when(earns)
        .then(pl.lit(Status.BILLABLE.value))
        .otherwise(pl.lit(Status.SHORT.value))
    )
    return months.with_columns(
        status=status,
        codes=pl.when(enrolled).then("codes").otherwise(pl.lit([], CODES)),
        **{name: pl.when(enrolled).then(name) for name in _OF_THE_ENROLLED},
    )
