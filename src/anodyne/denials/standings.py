"""Where each claim stands by what was said of it, and what shows that it was filed in time."""

from typing import Final

import polars as pl

from anodyne.denials.alike import days, plain
from anodyne.denials.answers import Submitted
from anodyne.denials.status_words import Verdict
from anodyne.model.frames import STANDINGS, checked

UNANSWERED: Final = "unanswered"
AUTHORITY: Final = {"payer": 3, "clearinghouse": 2, "receiver": 1}
"""How far along whoever answers stands: none lifts what one further along rejected."""

_RANKS: Final = {
    Verdict.REJECTED.value: 3,
    Verdict.ACCEPTED.value: 2,
    Verdict.NOT_FOUND.value: 1,
    Verdict.RECEIVED.value: 1,
    Verdict.FORWARDED.value: 1,
}
_SHOWS: Final = {Verdict.ACCEPTED.value: 2, Verdict.RECEIVED.value: 1, Verdict.FORWARDED.value: 0}
"""How much an answer shows of receipt."""


def standings(sent: Submitted, answers: pl.DataFrame) -> pl.DataFrame:
    """One row for each claim that was sent, as `frames.STANDINGS`; `answers` are of those claims.

    A rejection stands until a later day's acceptance by the same hand, or one further along.  A receipt does
    not lift it, nor does it take back an acceptance.
    """
    told = answers.with_columns(
        authority=pl.col("by").replace_strict(AUTHORITY, default=1, return_dtype=pl.Int8),
        rank=pl.col("verdict").replace_strict(_RANKS, default=0, return_dtype=pl.Int8),
        shows=pl.col("verdict").replace_strict(_SHOWS, default=3, return_dtype=pl.Int8),
    )
    told = told.join(_accepted(told), on="claim_key", how="left", maintain_order="left")
    accepted = pl.coalesce(
        *(
            pl.when(pl.col("authority") == level).then(f"accepted_{level}")
            for level in sorted(AUTHORITY.values())
        )
    )
    told = told.with_columns(
        lifted=((pl.col("verdict") == Verdict.REJECTED) & (accepted > pl.col("told_on"))).fill_null(
            value=False
        )
    )
    stands = _standing(told)
    claims = (
        sent.claims.select("claim_key", "claim_id", "charge_cents", sent_file="file", sent_segment="segment")
        .join(stands, on="claim_key", how="left", maintain_order="left")
        .join(told.group_by("claim_key").agg(answers=pl.len()), on="claim_key", how="left")
        .join(_not_lifting(told, stands), on="claim_key", how="left")
        .join(_control(told), on="claim_key", how="left")
        .join(_proof(told), on="claim_key", how="left")
        .join(_resent(sent), on="claim_key", how="left")
        .with_columns(
            standing=pl.col("standing").fill_null(UNANSWERED), answers=pl.col("answers").fill_null(0)
        )
    )
    rejected = pl.col("standing") == Verdict.REJECTED
    claims = claims.with_columns(
        proof=pl.when(rejected & pl.col("proof").is_not_null())
        .then(pl.concat_str("proof", pl.lit(", but rejected: it shows receipt, not filing")))
        .otherwise("proof")
    )
    typed = claims.sort("claim_key").select(pl.col(n).cast(kind) for n, kind in STANDINGS.items())
    return checked(typed, STANDINGS)


def _accepted(told: pl.DataFrame) -> pl.DataFrame:
    """For each claim the last day on which somebody at least so far along accepted it."""
    taken = pl.col("verdict") == Verdict.ACCEPTED
    return told.group_by("claim_key").agg(
        pl.col("told_on").filter(taken & (pl.col("authority") >= level)).max().alias(f"accepted_{level}")
        for level in sorted(AUTHORITY.values())
    )


def _standing(told: pl.DataFrame) -> pl.DataFrame:
    """The answer that stands for each claim."""
    speaking = told.filter((pl.col("rank") > 0) & ~pl.col("lifted"))
    order = ["claim_key", "rank", "told_on", "authority", "shows", "file", "segment"]
    descending = [False, True, True, True, True, False, False]
    best = speaking.sort(order, descending=descending, nulls_last=True).unique(
        "claim_key", keep="first", maintain_order=True
    )
    together = ["claim_key", "file", "told_on", "verdict"]
    says = (
        speaking.sort("segment")
        .group_by(together, maintain_order=True)
        .agg(pl.col("says").unique(maintain_order=True).str.join("; "))
    )
    return (
        best.drop("says")
        .join(says, on=together, nulls_equal=True)
        .select(
            "claim_key",
            "told_on",
            "by",
            "by_name",
            "says",
            "file",
            "segment",
            "certainty",
            standing="verdict",
        )
    )


def _not_lifting(told: pl.DataFrame, stands: pl.DataFrame) -> pl.DataFrame:
    """The last answer after a rejection that stands, which leaves it as it is."""
    since = stands.filter(pl.col("standing") == Verdict.REJECTED).select("claim_key", rejected_on="told_on")
    code = pl.coalesce(pl.concat_str("category", pl.lit(":"), "status"), pl.col("category"), pl.col("source"))
    later = (
        told.join(since, on="claim_key")
        .filter(
            (pl.col("told_on") > pl.col("rejected_on"))
            & pl.col("verdict").is_in([Verdict.RECEIVED, Verdict.FORWARDED, Verdict.ACCEPTED])
        )
        .sort("claim_key", "told_on", "file", "segment")
        .unique("claim_key", keep="last", maintain_order=True)
    )
    return later.select("claim_key", later_code=code, later_on="told_on", later_by="by")


def _control(told: pl.DataFrame) -> pl.DataFrame:
    """The last number that a payer, else another, gave each claim."""
    numbered = told.drop_nulls("payer_control").sort("claim_key", "authority", "told_on", "file", "segment")
    return numbered.unique("claim_key", keep="last", maintain_order=True).select("claim_key", "payer_control")


def _proof(told: pl.DataFrame) -> pl.DataFrame:
    """The strongest answer that shows receipt of each claim, and of those the one of the earliest day."""
    of_one = pl.col("level").is_in(["claim", "line"])
    worth = (
        pl.when(of_one)
        .then(2 * pl.col("authority") + (pl.col("shows") == 2).cast(pl.Int8))
        .otherwise(pl.when(pl.col("source") == "277CA").then(2).otherwise(1))
    )
    word = (
        pl.when(pl.col("shows") == 2)
        .then(pl.lit("accepted"))
        .when(pl.col("shows") == 1)
        .then(pl.lit("received"))
        .otherwise(pl.lit("passed on"))
    )
    whom = (
        pl.when(pl.col("by") == "receiver")
        .then(pl.lit("its receiver"))
        .otherwise(pl.concat_str(pl.lit("the "), "by"))
    )
    what = (
        pl.when(of_one)
        .then(pl.concat_str(word, pl.lit(" by "), whom))
        .when(pl.col("source") == "277CA")
        .then(pl.concat_str(pl.lit("its batch was received by "), whom))
        .otherwise(pl.lit("the form of its file was accepted, which shows little"))
    )
    day = pl.coalesce("received_on", "told_on")
    showing = told.filter(pl.col("shows") <= 2).with_columns(worth=worth, proof=what, proof_on=day)
    best = showing.sort(
        "claim_key",
        "worth",
        "proof_on",
        "file",
        "segment",
        descending=[False, True, False, False, False],
        nulls_last=True,
    ).unique("claim_key", keep="first", maintain_order=True)
    return best.select(
        "claim_key", "proof", "proof_on", proof_file="file", proof_segment="segment", proof_byte="byte"
    )


def _resent(sent: Submitted) -> pl.DataFrame:
    """For each claim its last later submission: of its id, patient and first day."""
    alike = ["id", "patient", "first_on"]
    dated = (
        sent.claims.select("claim_key", "file", "segment", "patient", id=plain("claim_id"))
        .join(days(sent.lines, "claim_key"), on="claim_key", how="left")
        .join(sent.places, on=["file", "segment"], how="left")
        .join(sent.transactions.select("sent_key", "sent_on"), on="sent_key", how="left")
        .drop_nulls(alike)
        .sort("sent_on", "claim_key")
    )
    last = pl.col("claim_key").last().over(alike)
    return dated.select("claim_key", resent_as=pl.when(last != pl.col("claim_key")).then(last))
