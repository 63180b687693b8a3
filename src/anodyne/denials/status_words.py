"""What acknowledgements say, in our own words: verdicts of status categories, and what each code means."""

import datetime as dt
from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.reference.tables import Reference, in_force

_REFUSED: Final = ("R", "M", "W", "X")
"""Verdicts of a 999 by which nothing of a transaction or group was taken."""
_TAKEN: Final = ("A", "E")
_ANY_DAY: Final = dt.date(2012, 1, 1)
"""Of what tells no day: the first of version 5010."""


class Verdict(StrEnum):
    """What an answer means for a claim."""

    REJECTED = "rejected"
    ACCEPTED = "accepted"
    """Into adjudication."""
    RECEIVED = "received"
    FORWARDED = "forwarded"
    NOT_FOUND = "not_found"
    NOTED = "noted"
    """It changes nothing."""


def of_statuses(statuses: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`statuses` (`frames.CLAIM_STATUSES`) with `verdict`, `told_on`, `by` and `says`.

    What the sender does with a claim (STC03) speaks where the category is not known, and a rejection always.
    A batch is no claim: its acceptance is a receipt, and its rejection that of each claim only where none of
    the batch was accepted.
    """
    dated = statuses.with_columns(
        told_on=pl.coalesce("effective_on", "processed_on", "produced_on", "received_on")
    )
    told = _worded(dated, reference, "claim_status_categories", "category", verdict="known")
    told = _worded(told, reference, "claim_status_codes", "status")
    told = _worded(told, reference, "claim_status_entities", "entity")
    verdict = (
        pl.when((pl.col("action") == "U") | (pl.col("known") == Verdict.REJECTED))
        .then(pl.lit(Verdict.REJECTED.value))
        .when(pl.col("known").is_not_null())
        .then("known")
        .when(pl.col("action") == "WQ")
        .then(pl.lit(Verdict.RECEIVED.value))
        .otherwise(pl.lit(Verdict.NOTED.value))
    )
    none_taken = pl.col("accepted_count").fill_null(0) == 0
    of_many = (
        pl.when(verdict == Verdict.REJECTED)
        .then(pl.when(none_taken).then(pl.lit(Verdict.REJECTED.value)).otherwise(pl.lit(Verdict.NOTED.value)))
        .when(verdict.is_in([Verdict.ACCEPTED.value, Verdict.RECEIVED.value]))
        .then(pl.lit(Verdict.RECEIVED.value))
        .when(verdict == Verdict.FORWARDED)
        .then(pl.lit(Verdict.FORWARDED.value))
        .otherwise(pl.lit(Verdict.NOTED.value))
    )
    says = pl.concat_str(
        pl.coalesce("category_says", pl.format("status category {}", "category"), pl.lit("no category")),
        pl.concat_str(pl.lit(": "), pl.coalesce("status_says", pl.format("status {}", "status"))),
        pl.concat_str(
            pl.lit(" ("), pl.coalesce("entity_says", pl.format("entity {}", "entity")), pl.lit(")")
        ),
        ignore_nulls=True,
    )
    by = (
        pl.when(pl.col("source_kind") == "PR")
        .then(pl.lit("payer"))
        .when(pl.col("source_kind") == "AY")
        .then(pl.lit("clearinghouse"))
        .otherwise(pl.lit("receiver"))
    )
    of_claim = pl.col("claim_segment").is_not_null()
    return told.with_columns(
        verdict=pl.when(of_claim).then(verdict).otherwise(of_many), says=says, by=by
    ).drop("known", "category_says", "status_says", "entity_says")


def of_acknowledgements(acknowledgements: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`acknowledgements` (`frames.ACKNOWLEDGEMENTS`) with the meaning of `verdict` as `means`, and `says`."""
    number = acknowledgements.with_row_index("number")
    each = (
        number.select("number", "level", "produced_on", error="errors").explode("error").drop_nulls("error")
    )
    worded = _worded(each, reference, "acknowledgement_errors", "error", day="produced_on", also=("level",))
    says = (
        worded.with_columns(said=pl.coalesce("error_says", pl.format("error {}", "error")))
        .group_by("number", maintain_order=True)
        .agg(pl.col("said").str.join("; "))
    )
    word = (
        pl.when(pl.col("verdict").is_in(_REFUSED))
        .then(pl.format("the {} is rejected", "level"))
        .when(pl.col("verdict") == "A")
        .then(pl.format("the form of the {} is accepted", "level"))
        .when(pl.col("verdict") == "E")
        .then(pl.format("the form of the {} is accepted, though with errors", "level"))
        .when(pl.col("verdict") == "P")
        .then(pl.format("the {} is accepted in part", "level"))
        .otherwise(pl.format("the {} has the verdict {}", "level", pl.col("verdict").fill_null("?")))
    )
    place = pl.concat_str(
        pl.format("segment {}", "sent_segment_id"),
        pl.format(", element {}", "sent_element"),
        pl.format("-{}", "sent_component"),
        ignore_nulls=True,
    )
    small = pl.col("level").is_in(["segment", "element"])
    means = (
        pl.when(pl.col("verdict").is_in(_REFUSED))
        .then(pl.lit(Verdict.REJECTED.value))
        .when(pl.col("verdict").is_in(_TAKEN))
        .then(pl.lit(Verdict.RECEIVED.value))
        .otherwise(pl.lit(Verdict.NOTED.value))
    )
    what = pl.when(small).then(place).otherwise(word)
    return (
        number.join(says, on="number", how="left", maintain_order="left")
        .with_columns(
            means=means,
            says=pl.concat_str(what, pl.format(": {}", "said"), ignore_nulls=True),
        )
        .drop("number", "said")
    )


def _worded(
    frame: pl.DataFrame,
    reference: Reference,
    table: str,
    key: str,
    *,
    day: str = "told_on",
    also: tuple[str, ...] = (),
    verdict: str | None = None,
) -> pl.DataFrame:
    """`frame` with what `table` says of `key` and `also` on `day`, as `<key>_says`, and its verdict."""
    asked = frame.select(*also, key, on=pl.col(day).fill_null(_ANY_DAY)).unique()
    found = in_force(asked, reference, table, on="on")
    names = {"says": f"{key}_says"} | ({"verdict": verdict} if verdict else {})
    return (
        frame.with_columns(on=pl.col(day).fill_null(_ANY_DAY))
        .join(
            found.select(*also, key, "on", *names).rename(names),
            on=[*also, key, "on"],
            how="left",
            maintain_order="left",
        )
        .drop("on")
    )
