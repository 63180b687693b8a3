"""What acknowledgements say of each claim that was sent: by its id, its batch, or its place in a file."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import polars as pl

from anodyne.denials.alike import days, lettered, plain
from anodyne.denials.status_words import Verdict, of_acknowledgements, of_statuses
from anodyne.model.frames import ANSWERS, STRAYS, Schema, checked
from anodyne.reference.tables import Reference

SLACK_DAYS: Final = 1
"""By how much a clock elsewhere may be behind: an answer is no earlier than what it answers by more."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The claims that were sent, and in which transaction of which file each stands."""

    claims: pl.DataFrame = field(repr=False)
    """Columns of `frames.CLAIMS`."""
    lines: pl.DataFrame = field(repr=False)
    """Columns of `frames.LINES`."""
    transactions: pl.DataFrame = field(repr=False)
    """Columns of `frames.SENT`."""
    places: pl.DataFrame = field(repr=False)
    """Columns of `frames.SENT_CLAIMS`."""


class Answered(NamedTuple):
    """What was said of claims, and what was said of none that is known."""

    answers: pl.DataFrame
    """Columns of `frames.ANSWERS`."""
    strays: pl.DataFrame
    """Columns of `frames.STRAYS`."""


def answers(
    sent: Submitted, acknowledgements: pl.DataFrame, statuses: pl.DataFrame, reference: Reference
) -> Answered:
    """What 999, 997 (`acknowledgements`) and 277CA files (`statuses`) say of the claims that were sent.

    An answer that could be of two claims, or of none, is a stray: nothing is guessed.
    """
    known = _known(sent)
    told = of_statuses(statuses, reference).with_columns(
        source=pl.lit("277CA"), errors=pl.lit(None, pl.List(pl.String))
    )
    said = of_acknowledgements(acknowledgements, reference)
    of_many = pl.col("level").is_in(["batch", "provider"])
    parts = [
        _of_claims(told.filter(~of_many), known),
        _of_batches(told.filter(of_many), known, sent.transactions),
        _of_files(said, known, sent),
    ]
    found = pl.concat([part.answers for part in parts]).sort("claim_key", "told_on", "file", "segment")
    strays = pl.concat([part.strays for part in parts]).sort("file", "segment")
    return Answered(checked(found, ANSWERS), checked(strays, STRAYS))


def _known(sent: Submitted) -> pl.DataFrame:
    """Each claim as answers name it, with the transaction it was sent in."""
    transaction = sent.transactions.select("sent_key", "sent_on", sent_batch=plain("batch"))
    return (
        sent.claims.select(
            "claim_key",
            "file",
            "segment",
            sent_id="claim_id",
            id=plain("claim_id"),
            original=plain("original_ref"),
            sent_charge="charge_cents",
            sent_member=lettered("member_id"),
            sent_npi="billing_npi",
            sent_payer="payer_id",
        )
        .join(days(sent.lines, "claim_key"), on="claim_key", how="left")
        .join(sent.places, on=["file", "segment"], how="left")
        .join(transaction, on="sent_key", how="left")
    )


# ------------------------------------------------------------------- one claim


def _of_claims(told: pl.DataFrame, known: pl.DataFrame) -> Answered:
    """Statuses that name a claim."""
    first = ["file", "claim_segment"]
    of_claim = pl.col("level") == "claim"
    asked = (
        told.drop_nulls("claim_segment")
        .group_by(first, maintain_order=True)
        .agg(
            pl.col("claim_id", "payer_control", "member_id", "batch").first(),
            answered_on=pl.coalesce("received_on", "processed_on", "produced_on", "effective_on").first(),
            charge=pl.col("charge_cents").filter(of_claim).drop_nulls().first(),
            served_on=pl.col("served_on").filter(of_claim).first(),
            served_to=pl.col("served_to").filter(of_claim).first(),
        )
        .with_row_index("ask")
        .with_columns(
            id=plain("claim_id"),
            payer=plain("payer_control"),
            member=lettered("member_id"),
            batch=plain("batch"),
        )
    )
    pairs = pl.concat(
        [
            asked.join(known, on="id", how="inner").select("ask", "claim_key", by=pl.lit("claim id")),
            asked.join(known, left_on="payer", right_on="original").select(
                "ask", "claim_key", by=pl.lit("payer control number")
            ),
            asked.filter(pl.col("id").is_null())
            .join(
                known,
                left_on=["member", "charge", "served_on"],
                right_on=["sent_member", "sent_charge", "first_on"],
            )
            .select("ask", "claim_key", by=pl.lit("member id, charge and day")),
        ]
    )
    judged = _judged(_compared(pairs, asked, known))
    found = asked.select("ask", *first, "claim_id", "id").join(judged, on="ask", how="left")
    rows = told.join(found.drop("claim_id"), on=first, how="left", maintain_order="left")
    unnamed = pl.when(pl.col("id").is_null()).then(pl.lit("it names no claim"))
    reason = pl.coalesce("reason", unnamed, pl.lit("no claim of its id was sent before it"))
    return _split(rows, reason)


def _compared(pairs: pl.DataFrame, asked: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Pairs of an answer and a claim, with how much agrees and how much differs."""
    both = pairs.join(asked.rename({"claim_id": "said_id"}), on="ask").join(
        known.rename({"id": "plain"}), on="claim_key"
    )
    charge = pl.col("charge") == pl.col("sent_charge")
    last = pl.coalesce("served_to", "served_on")
    day = (pl.col("served_on") <= pl.col("last_on")) & (last >= pl.col("first_on"))
    member = pl.col("member").str.starts_with(pl.col("sent_member")) | pl.col("sent_member").str.starts_with(
        pl.col("member")
    )
    each = (charge, day, member)
    in_time = pl.col("sent_on") <= pl.col("answered_on").dt.offset_by(f"{SLACK_DAYS}d")
    return both.with_columns(
        agree=pl.sum_horizontal(one.fill_null(value=False) for one in each),
        differ=pl.sum_horizontal((~one).fill_null(value=False) for one in each),
        same_batch=(pl.col("batch") == pl.col("sent_batch")).fill_null(value=False),
        exact=(pl.col("said_id") == pl.col("sent_id")).fill_null(value=False),
    ).filter(in_time.fill_null(value=True))


def _judged(compared: pl.DataFrame) -> pl.DataFrame:
    """For each answer the claim it is of, or why it is of none."""
    by_id, by_payer = pl.col("by") == "claim id", pl.col("by") == "payer control number"
    fits = (
        (by_id & (pl.col("differ") <= 1) & ((pl.col("agree") > 0) | (pl.col("differ") == 0)))
        | (by_payer & (pl.col("agree") > 0) & (pl.col("differ") == 0))
        | (pl.col("by") == "member id, charge and day")
    )
    rank = pl.when(by_id).then(3).when(by_payer).then(2).otherwise(1)
    fitting = compared.filter(fits).with_columns(rank=rank)
    # The surest name, then what agrees, then the batch, then an id as it was written.
    for measure in ("rank", "agree", "same_batch", "exact"):
        fitting = fitting.filter(pl.col(measure) == pl.col(measure).max().over("ask"))
    several = pl.col("claim_key").n_unique().over("ask") > 1
    fitting = fitting.with_columns(by_time=several)
    last = pl.col("sent_on") == pl.col("sent_on").max().over("ask")
    fitting = fitting.filter(~pl.col("by_time") | last.fill_null(value=True)).unique(
        ["ask", "claim_key"], maintain_order=True
    )
    tied = pl.col("claim_key").n_unique().over("ask") > 1
    fitting = fitting.with_columns(tied=tied)
    certain = (pl.col("rank") == 3) & (pl.col("agree") > 0) & (pl.col("differ") == 0) & ~pl.col("by_time")
    how = pl.concat_str(
        pl.when((pl.col("rank") == 3) & ~pl.col("exact"))
        .then(pl.lit("claim id but for case or leading zeros"))
        .otherwise("by"),
        pl.when("same_batch").then(pl.lit("batch number")),
        pl.when("by_time").then(pl.lit("the last sent before it")),
        separator=", ",
        ignore_nulls=True,
    )
    matched = fitting.filter(~pl.col("tied")).select(
        "ask",
        "claim_key",
        how=how,
        certainty=pl.when(certain).then(pl.lit("certain")).otherwise(pl.lit("likely")),
        reason=pl.lit(None, pl.String),
        candidates=pl.lit(None, pl.List(pl.UInt32)),
    )
    ties = _of_no_one(
        fitting.filter("tied"),
        pl.format("{} claims that were sent fit it equally", pl.col("claim_key").n_unique()),
    )
    others = compared.join(fitting, on="ask", how="anti").filter(by_id)
    strangers = _of_no_one(
        others, pl.lit("the claim of its id that was sent has another charge, day or member")
    )
    return pl.concat([matched, ties, strangers])


def _of_no_one(rows: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    return rows.group_by("ask", maintain_order=True).agg(
        claim_key=pl.lit(None, pl.UInt32),
        how=pl.lit(None, pl.String),
        certainty=pl.lit(None, pl.String),
        reason=reason.cast(pl.String).first(),
        candidates=pl.col("claim_key").unique().sort(),
    )


# ------------------------------------------------------------------- a batch


def _of_batches(told: pl.DataFrame, known: pl.DataFrame, transactions: pl.DataFrame) -> Answered:
    """Statuses of a batch, or of a provider's part of one: of every claim in it.

    A payer to which claims of the batch go speaks of these alone.
    """
    asked = told.with_row_index("ask").with_columns(
        answered_on=pl.coalesce("received_on", "processed_on", "produced_on", "effective_on"),
        plain_batch=plain("batch"),
    )
    batches = transactions.select("sent_key", "sent_on", plain_batch=plain("batch"))
    pairs = asked.select("ask", "plain_batch", "answered_on").join(batches, on="plain_batch")
    chosen = _last_sent(pairs, "sent_key")
    rows = asked.join(chosen, on="ask", how="left", maintain_order="left")
    of_batch = known.select("sent_key", "claim_key", "sent_npi", "sent_payer")
    each = rows.filter(pl.col("sent_key").is_not_null()).join(of_batch, on="sent_key", maintain_order="left")
    theirs = (
        (pl.col("level") != "provider")
        | pl.col("billing_npi").is_null()
        | (pl.col("billing_npi") == pl.col("sent_npi"))
    )
    own = (pl.col("sent_payer") == pl.col("source_id")).fill_null(value=False)
    of_payer = own | ~own.any().over("ask")
    each = each.filter(theirs.fill_null(value=False) & of_payer).with_columns(how=pl.lit("batch number"))
    none = rows.filter(pl.col("sent_key").is_null()).with_columns(claim_key=pl.lit(None, pl.UInt32))
    reason = pl.coalesce("reason", pl.lit("nothing that was sent has its batch number"))
    return Answered(_answers(each), _strays(none, reason))


def _last_sent(pairs: pl.DataFrame, key: str) -> pl.DataFrame:
    """For each `ask` the one `key` sent before it, of several the last; else why there is none."""
    in_time = pl.col("sent_on") <= pl.col("answered_on").dt.offset_by(f"{SLACK_DAYS}d")
    some = pairs.filter(in_time.fill_null(value=True)).with_columns(several=pl.len().over("ask") > 1)
    last = pl.col("sent_on") == pl.col("sent_on").max().over("ask")
    some = some.filter(~pl.col("several") | last.fill_null(value=True))
    alone = pl.len().over("ask") == 1
    matched = some.filter(alone).select(
        "ask",
        key,
        certainty=pl.when("several").then(pl.lit("likely")).otherwise(pl.lit("certain")),
        reason=pl.lit(None, pl.String),
    )
    tied = some.filter(~alone).select("ask").unique()
    return pl.concat(
        [
            matched,
            tied.select(
                "ask",
                pl.lit(None, matched[key].dtype).alias(key),
                certainty=pl.lit(None, pl.String),
                reason=pl.lit("several that were sent have its numbers"),
            ),
        ]
    )


# -------------------------------------------------------------------- a file


def _of_files(said: pl.DataFrame, known: pl.DataFrame, sent: Submitted) -> Answered:
    """What a 999 or 997 says: of the claims of a group, of a transaction, or of the one at a segment."""
    rows = _with_transaction(_without_doubles(said), sent.transactions)
    large = pl.col("level").is_in(["group", "transaction"])
    placed = pl.col("sent_key").is_not_null()
    claims = known.select("sent_key", "claim_key")
    of_all = rows.filter(large & placed).join(claims, on="sent_key", maintain_order="left")
    small = _with_claim(rows.filter(~large & placed), known)
    found = pl.concat([of_all, small.filter(pl.col("claim_key").is_not_null())], how="diagonal")
    lost = pl.concat(
        [
            rows.filter(~placed).with_columns(claim_key=pl.lit(None, pl.UInt32)),
            small.filter(pl.col("claim_key").is_null()).with_columns(
                reason=pl.lit("it stands in no claim of that file")
            ),
        ],
        how="diagonal",
    )
    return Answered(_answers(_as_answers(found)), _strays(_as_answers(lost), pl.col("reason")))


def _as_answers(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return rows.with_columns(
        source="kind",
        verdict="means",
        told_on="produced_on",
        received_on="produced_on",
        by=pl.lit("receiver"),
        by_name="sender",
        category=nothing,
        status=nothing,
        entity=nothing,
        line_control=nothing,
        payer_control=nothing,
    )


def _without_doubles(said: pl.DataFrame) -> pl.DataFrame:
    """`said` without segments of which only an element is wrong, where that is told too."""
    at = ["file", "control", "sent_control", "sent_position"]
    elements = said.filter(pl.col("level") == "element").select(at).unique()
    only_element = (pl.col("level") == "segment") & (pl.col("errors").list.join(" ") == "8")
    doubles = said.filter(only_element).join(elements, on=at, how="semi", nulls_equal=True)
    return said.join(doubles, on="acknowledgement_key", how="anti", maintain_order="left")


def _with_transaction(said: pl.DataFrame, transactions: pl.DataFrame) -> pl.DataFrame:
    """`said` with the transaction it is of, `sent_key`.

    A group speaks for those of its transactions of which nothing else is said: its row stands for each.
    """
    group = ["sent_file", "interchange_control", "group"]
    sent = transactions.select(
        "sent_key",
        "sent_on",
        "version",
        "interchange_control",
        sent_file="file",
        begins="segment",
        ends="last_segment",
        group=plain("group_control"),
        number=plain("control"),
    ).with_columns(group_key=pl.col("sent_key").first().over(group))
    asked = said.with_row_index("ask").with_columns(
        answered_on=pl.col("produced_on"),
        group=plain("sent_group_control"),
        number=plain("sent_control"),
    )
    groups = sent.select("group_key", "group", "sent_on", "version").unique("group_key", maintain_order=True)
    is_claims = (pl.col("sent_group_kind") == "HC").fill_null(value=True)
    pairs = (
        asked.filter(is_claims).select("ask", "group", "answered_on", "sent_version").join(groups, on="group")
    )
    same_version = (pl.col("sent_version") == pl.col("version")).fill_null(value=True)
    chosen = _last_sent(pairs.filter(same_version), "group_key")
    rows = asked.join(chosen, on="ask", how="left", maintain_order="left")
    inside = sent.select("group_key", "number", "sent_key", "sent_file", "begins", "ends")
    of_one = rows.filter(pl.col("level") != "group").join(
        inside, on=["group_key", "number"], how="left", maintain_order="left"
    )
    told_of = (
        of_one.filter(pl.col("level") == "transaction").select("file", "control", "sent_key").drop_nulls()
    )
    of_group = (
        rows.filter(pl.col("level") == "group")
        .drop("number")
        .join(inside.drop("number"), on="group_key", how="left", maintain_order="left")
        .join(told_of, on=["file", "control", "sent_key"], how="anti", maintain_order="left")
    )
    reason = (
        pl.when(~is_claims)
        .then(pl.format("it answers a group of {}, not claims", "sent_group_kind"))
        .when(pl.col("group_key").is_null())
        .then(pl.coalesce("reason", pl.lit("no group that was sent has its control number and version")))
        .when(pl.col("sent_key").is_null())
        .then(pl.lit("the group that was sent has no transaction of its control number"))
    )
    return pl.concat([of_one, of_group], how="diagonal").with_columns(
        reason=reason,
        how=pl.lit("control numbers of group and transaction"),
        sent_segment=pl.when(pl.col("sent_position") <= pl.col("ends") - pl.col("begins") + 1).then(
            pl.col("begins") + pl.col("sent_position") - 1
        ),
    )


def _with_claim(said: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Errors of segments with the claim in which each stands, else the claim of the transaction it names."""
    spans = known.filter(pl.col("last_segment").is_not_null()).select(
        "claim_key", "last_segment", sent_file="file", at="segment"
    )
    numbered = said.with_row_index("error")
    within = (
        numbered.drop_nulls("sent_segment")
        .sort("sent_segment")
        .join_asof(
            spans.sort("at"),
            left_on="sent_segment",
            right_on="at",
            by="sent_file",
            check_sortedness=False,
        )
        .filter(pl.col("sent_segment") <= pl.col("last_segment"))
        .select("error", by_place="claim_key")
    )
    named = known.select("sent_key", "claim_key", name="id").drop_nulls()
    named = named.filter(pl.len().over("sent_key", "name") == 1)
    return (
        numbered.with_columns(name=plain("claim_id"))
        .join(within, on="error", how="left", maintain_order="left")
        .join(named, on=["sent_key", "name"], how="left", maintain_order="left")
        .with_columns(claim_key=pl.coalesce("by_place", "claim_key"), means=pl.lit(Verdict.NOTED.value))
        .drop("error", "name", "by_place")
    )


# -------------------------------------------------------------------- frames


def _split(rows: pl.DataFrame, reason: pl.Expr) -> Answered:
    of_one = pl.col("claim_key").is_not_null()
    return Answered(_answers(rows.filter(of_one)), _strays(rows.filter(~of_one), reason))


def _answers(rows: pl.DataFrame) -> pl.DataFrame:
    return _as(rows.with_columns(by_name=pl.coalesce(_there(rows, "source_name", "by_name"))), ANSWERS)


def _strays(rows: pl.DataFrame, reason: pl.Expr) -> pl.DataFrame:
    return _as(rows.with_columns(reason=reason), STRAYS)


def _there(rows: pl.DataFrame, *names: str) -> list[str]:
    return [name for name in names if name in rows.columns]


def _as(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
