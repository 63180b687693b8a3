"""What to do about each claim or line that was denied, or cut beyond contract: one row each."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.denials.clocks import with_deadlines
from anodyne.denials.decide import decide
from anodyne.denials.facts import heads, with_line_facts
from anodyne.model.denials import Action, What
from anodyne.model.frames import DENIAL_LIMITS, DETERMINATIONS, checked, empty
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference

_REVERSAL, _PRICING, _DENIED = "22", "25", "4"
"""Claim statuses: what undoes an earlier claim, what only estimates, what is denied."""
_SUBJECT: Final = ("remit_key", "remit_line_key")
_UNREAD: Final = "unprocessable"
_DEFERRED: Final = (
    Action.SEND_RECORDS.value,
    Action.WAIT_FOR_RECORDS.value,
    Action.WAIT_FOR_DECISION.value,
)
_DISPUTE: Final = Action.DISPUTE_UNDERPAYMENT.value
_LED: Final = (
    "cause", "action", "appealable", "owner", "evidence", "guardrails", "codes", "unread", "why", "next",
    "cites", "needs",
)  # fmt: skip


def determine(
    remittance: Remittance,
    reference: Reference,
    *,
    as_of: dt.date,
    line_facts: pl.DataFrame | None = None,
    claim_facts: pl.DataFrame | None = None,
    limits: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row of `frames.DETERMINATIONS` for each claim or line denied, or cut beyond contract.

    `line_facts`, `claim_facts` and `limits` have the columns of `frames.DENIAL_LINE_FACTS`,
    `DENIAL_CLAIM_FACTS` and `DENIAL_LIMITS`: what is known beside the remittance.  What decides and is not
    known is named in `needs`.  Reversals, and what they undo, estimates, and adjustments that are no denial
    have no row.
    """
    decided = decide(remittance, reference, line_facts=line_facts, claim_facts=claim_facts)
    claims = _standing(heads(remittance, claim_facts))
    subjects = _subjects(decided, claims, remittance.lines, line_facts)
    rows = pl.concat([subjects, _silent(claims, remittance)], how="diagonal_relaxed")
    rows = rows.sort("remit_key", "remit_line_key", nulls_last=False).with_columns(
        line_or_claim_served=pl.coalesce("served_on", "first_served")
    )
    rows = rows.with_columns(served_on="line_or_claim_served", what=_what())
    given = empty(DENIAL_LIMITS) if limits is None else checked(limits, DENIAL_LIMITS)
    rows = with_deadlines(rows, reference, given, as_of).with_columns(sure=pl.col("needs").list.len() == 0)
    found = rows.with_row_index("determination_key").cast({"determination_key": pl.UInt32})
    return checked(found.select(*DETERMINATIONS), DETERMINATIONS)


def _standing(claims: pl.DataFrame) -> pl.DataFrame:
    """The claims that stand: neither reversals, nor what one undoes, nor estimates.

    A reversal undoes one claim of its payer, id and charge that came before it: the first the first.
    """
    key = ("payer", "claim_id", "charge_cents")
    reversal = (pl.col("status") == _REVERSAL).fill_null(value=False)
    placed = claims.sort("noticed_on", "remit_key").with_row_index("place")
    nth = pl.int_range(pl.len()).over(key).alias("nth")
    undoing = placed.filter(reversal).with_columns(-pl.col("charge_cents")).select(*key, nth, by="place")
    stands = placed.filter(~reversal).with_columns(nth)
    stands = stands.join(undoing, on=[*key, "nth"], how="left", nulls_equal=True, maintain_order="left")
    undone = (pl.col("place") < pl.col("by")).fill_null(value=False)
    estimate = (pl.col("status") == _PRICING).fill_null(value=False)
    return stands.filter(~undone, ~estimate).sort("remit_key").drop("place", "nth", "by")


def _subjects(
    decided: pl.DataFrame, claims: pl.DataFrame, lines: pl.DataFrame, line_facts: pl.DataFrame | None
) -> pl.DataFrame:
    """The claims and lines with something at stake, as the adjustment that weighs most there decides."""
    rows = decided.join(claims.select("remit_key"), on="remit_key", how="semi")
    contract = pl.col("cause") == "contract"
    sums = (
        with_line_facts(rows.select(*_SUBJECT, "cents", "group", "cause", "action", "ordinary"), line_facts)
        .group_by(_SUBJECT, maintain_order=True)
        .agg(
            charged_cents=pl.col("cents").filter(~pl.col("ordinary"), pl.col("action") != _DISPUTE).sum(),
            disputed_cents=pl.col("cents").filter(~pl.col("ordinary"), pl.col("action") == _DISPUTE).sum(),
            disputed=(~pl.col("ordinary") & (pl.col("action") == _DISPUTE)).any(),
            contract_cents=pl.col("cents").filter(contract).sum(),
            patient_cents=pl.col("cents").filter(pl.col("group") == "PR").sum(),
            all_ordinary=pl.col("ordinary").all(),
            whole=(contract & pl.col("ordinary")).any(),
            short_cents=pl.col("short_cents").first(),
            expected_cents=pl.col("expected_cents").first(),
        )
    )
    about = _about(sums, claims, lines)
    hidden = (
        pl.col("all_ordinary")
        & pl.col("whole")
        & (pl.col("paid") == 0)
        & (pl.col("charged") > 0)
        & (pl.col("contract_cents") >= pl.col("charged"))
    )
    about = about.with_columns(hidden=hidden.fill_null(value=False)).with_columns(_stake())
    open_ = about.filter(pl.col("stake") > 0)
    leads = (
        rows.join(
            open_.select(*_SUBJECT, "hidden"),
            on=_SUBJECT,
            how="inner",
            nulls_equal=True,
            maintain_order="left",
        )
        .filter(~pl.col("ordinary") | (pl.col("hidden") & (pl.col("cause") == "contract")))
        .with_columns(guessed=pl.col("cause") == "unknown")
        .sort(
            [*_SUBJECT, "cents", "guessed", "segment", "place"],
            descending=[False, False, True, False, False, False],
        )
    )
    others = pl.format("{}-{}: {}", "group", "reason", pl.col("cause").str.replace_all("_", " "))
    led = leads.group_by(_SUBJECT, maintain_order=True).agg(
        *(pl.col(name).first() for name in _LED),
        remarks_also=pl.col("also").first(),
        others=others.slice(1),
    )
    rows = open_.join(led, on=_SUBJECT, how="inner", nulls_equal=True, maintain_order="left")
    return _as_hidden(
        rows.with_columns(also=pl.concat_list("remarks_also", "others"), at_stake_cents="stake")
    )


def _about(sums: pl.DataFrame, claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """`sums` with what they are of: charge, payment, code, day, payer."""
    of_lines = lines.select(
        "remit_line_key",
        "line",
        "served_on",
        code=pl.coalesce("submitted_code", "code"),
        line_charge="charge_cents",
        line_paid="paid_cents",
    )
    first = lines.group_by("remit_key").agg(first_line=pl.col("served_on").min())
    rows = (
        sums.join(
            claims.rename({"charge_cents": "claim_charge", "paid_cents": "claim_paid"}),
            on="remit_key",
            how="left",
            maintain_order="left",
        )
        .join(of_lines, on="remit_line_key", how="left", maintain_order="left")
        .join(first, on="remit_key", how="left", maintain_order="left")
    )
    of_claim = pl.col("remit_line_key").is_null()
    return rows.with_columns(
        charged=pl.when(of_claim).then("claim_charge").otherwise("line_charge"),
        paid=pl.when(of_claim).then("claim_paid").otherwise("line_paid"),
        first_served=pl.coalesce("first_line", "statement_from"),
    )


def _stake() -> list[pl.Expr]:
    """The cents to be won: those cut, but no more than should have been allowed and was not."""
    short = pl.col("short_cents")
    disputed = (
        pl.when("disputed").then(pl.when(short > 0).then(short).otherwise("disputed_cents")).otherwise(0)
    )
    cut = pl.col("charged_cents") + disputed
    cut = pl.when("hidden").then("charged").otherwise(cut)
    left = (pl.col("expected_cents") - pl.col("paid") - pl.col("patient_cents")).clip(0)
    capped = (left < cut) & (left > 0)
    basis = capped.fill_null(value=False) | (pl.col("disputed") & (short > 0)).fill_null(value=False)
    return [
        pl.when(capped).then(left).otherwise(cut).alias("stake"),
        pl.when(basis).then(pl.lit("expected")).otherwise(pl.lit("charge")).alias("stake_basis"),
    ]


def _as_hidden(rows: pl.DataFrame) -> pl.DataFrame:
    """Say of lines whose whole charge went to the contract that this may be a denial without a name."""
    hidden = pl.col("hidden")
    needs = pl.lit(["contract: is nothing allowed for this code?"], pl.List(pl.String))
    told = pl.format("{}; the whole charge was taken as contract, and nothing was paid", "why")
    return rows.with_columns(
        action=pl.when(hidden).then(pl.lit(_DISPUTE)).otherwise("action"),
        appealable=pl.when(hidden).then(pl.lit("unknown")).otherwise("appealable"),
        why=pl.when(hidden).then(told).otherwise("why"),
        next=pl.when(hidden)
        .then(pl.lit("look the code up in the contract; dispute it where something is allowed"))
        .otherwise("next"),
        needs=pl.when(hidden & pl.col("expected_cents").is_null())
        .then(pl.concat_list("needs", needs))
        .otherwise("needs"),
    )


def _silent(claims: pl.DataFrame, remittance: Remittance) -> pl.DataFrame:
    """Claims called denied without one reason."""
    bare = claims.filter(pl.col("status") == _DENIED, pl.col("paid_cents") == 0, pl.col("charge_cents") > 0)
    bare = bare.join(remittance.adjustments.select("remit_key"), on="remit_key", how="anti")
    first = remittance.lines.group_by("remit_key").agg(first_line=pl.col("served_on").min())
    none = pl.lit([], pl.List(pl.String))
    return bare.join(first, on="remit_key", how="left", maintain_order="left").with_columns(
        pl.lit(None, pl.UInt32).alias("remit_line_key"),
        first_served=pl.coalesce("first_line", "statement_from"),
        served_on=pl.lit(None, pl.Date),
        at_stake_cents="charge_cents",
        paid="paid_cents",
        stake_basis=pl.lit("charge"),
        cause=pl.lit("unknown"),
        action=pl.lit(Action.READ_REMARKS.value),
        appealable=pl.lit("unknown"),
        owner=pl.lit("biller"),
        why=pl.lit("denied without a reason code"),
        next=pl.lit("ask the payer why"),
        needs=pl.lit(["payer: why the claim was denied"], pl.List(pl.String)),
        **dict.fromkeys(("evidence", "guardrails", "codes", "also", "unread", "cites"), none),
    )


def _what() -> pl.Expr:
    action = pl.col("action")
    return (
        pl.when(pl.col("guardrails").list.contains(_UNREAD))
        .then(pl.lit(What.REJECTED.value))
        .when(action.is_in(_DEFERRED))
        .then(pl.lit(What.DEFERRED.value))
        .when(action == Action.BILL_OTHER_PAYER.value)
        .then(pl.lit(What.REDIRECTED.value))
        .when(pl.col("paid") == 0)
        .then(pl.lit(What.DENIED.value))
        .otherwise(pl.lit(What.CUT.value))
    )
