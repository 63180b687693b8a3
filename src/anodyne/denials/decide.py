"""Each adjustment looked up in the decision table: the closest row decides, guardrails have the last word.

A remark decides only beside a reason that is known and says too little by itself.
A remittance without a day is looked up among the rows that still hold, and is never sure.
Adjustments that say the same, with the same remarks, known facts and day, are looked up once.
"""

from typing import Final

import polars as pl

from anodyne.denials.facts import CLAIM_FACTS, heads, tokens, with_line_facts
from anodyne.denials.guardrails import guarded
from anodyne.model.denials import ANY, FACT_ASKS, ORDINARY, QUIET
from anodyne.model.frames import DECISIONS, checked
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference

_KEY: Final = ("reason", "group", "remarks_text", "facts_text", "noticed_on")
_OF_CLAIM: Final = ("remit_key", "noticed_on", "forwarded", *CLAIM_FACTS)
_EXACT, _REASON, _REMARK, _WEAK_REMARK, _WEAK_REASON, _FACT, _GROUP = 32, 16, 8, 4, 0, 2, 1
"""What makes a row closer: a remark beside its reason, a reason that says enough, a remark that does."""
_NOTHING_KNOWN: Final = {
    "cause": "unknown",
    "action": "read_remarks",
    "appealable": "unknown",
    "owner": "biller",
    "says": "nothing is known here of this code",
    "next": "read the remark codes",
}


def decide(
    remittance: Remittance,
    reference: Reference,
    *,
    line_facts: pl.DataFrame | None = None,
    claim_facts: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Each adjustment of `remittance` with its cause and what to do: the columns of `frames.DECISIONS`."""
    rows = _said(remittance, heads(remittance, claim_facts), line_facts)
    asked = rows.select(_KEY).unique(maintain_order=True).with_row_index("case")
    asked = asked.with_columns(remarks=_words("remarks_text"), facts=_words("facts_text"))
    decided = _decided(asked, reference).drop("remarks", "facts")
    found = rows.join(decided, on=_KEY, how="left", nulls_equal=True, maintain_order="left")
    return checked(found.select(*DECISIONS), DECISIONS)


def _said(remittance: Remittance, claims: pl.DataFrame, line_facts: pl.DataFrame | None) -> pl.DataFrame:
    """The adjustments with the remark codes beside them and the facts known of them, each as one text."""
    told = remittance.remarks.filter(pl.col("qualifier").is_null() | (pl.col("qualifier") == "HE")).select(
        "remit_key", "remit_line_key", code=_plain("code")
    )
    codes = pl.col("code").drop_nulls().unique(maintain_order=True).str.join(" ")
    of_line = told.drop_nulls("remit_line_key").group_by("remit_line_key").agg(own=codes)
    of_claim = told.filter(pl.col("remit_line_key").is_null()).group_by("remit_key").agg(whole=codes)
    claims = claims.select(_OF_CLAIM).join(of_claim, on="remit_key", how="left", maintain_order="left")
    rows = remittance.adjustments.with_columns(_plain("reason"), _plain("group"))
    rows = rows.join(claims, on="remit_key", how="left", maintain_order="left")
    rows = rows.join(of_line, on="remit_line_key", how="left", maintain_order="left")
    return with_line_facts(rows, line_facts).with_columns(
        remarks_text=pl.concat_str("own", "whole", separator=" ", ignore_nulls=True),
        facts_text=pl.concat_str(*tokens().values(), separator=" ", ignore_nulls=True),
    )


def _words(text: str) -> pl.Expr:
    return pl.col(text).str.split(" ").list.unique(maintain_order=True).list.filter(pl.element() != "")


def _plain(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().str.to_uppercase()


def _decided(cases: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`cases` with what the tables say of each."""
    candidates = _candidates(cases, reference.table("denial_actions"))
    of_reason = candidates.filter(pl.col("row_reason") != ANY)["case"].unique()
    chosen = candidates.filter(pl.col("case").is_in(of_reason.implode())).unique(
        "case", keep="first", maintain_order=True
    )
    also = (
        candidates.filter((pl.col("row_reason") == ANY) & (pl.col("row_remark") != ANY))
        .join(chosen.select("case", taken="row_remark"), on="case", how="left", maintain_order="left")
        .filter(pl.col("row_remark").ne_missing(pl.col("taken")))
        .unique(["case", "row_remark"], keep="first", maintain_order=True)
        .group_by("case", maintain_order=True)
        .agg(also=pl.format("{}: {}", "row_remark", "says"))
    )
    rows = (
        cases.join(chosen.drop("reason", "group", "noticed_on"), on="case", how="left", maintain_order="left")
        .join(also, on="case", how="left", maintain_order="left")
        .with_columns(known=pl.col("cause").is_not_null())
        .with_columns(pl.col(name).fill_null(value) for name, value in _NOTHING_KNOWN.items())
        .with_columns(
            pl.col("also").fill_null([]),
            evidence=pl.col("evidence").str.split(";").fill_null([]),
            unread=pl.col("remarks").list.set_difference(_remarks_known(reference)).list.sort(),
        )
    )
    return _told(guarded(rows, reference))


def _candidates(cases: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Every row of the decision table that fits a case, the closest first."""
    rows = table.rename({"group": "row_group", "fact": "row_fact", "remark": "row_remark"}).with_row_index(
        "row"
    )
    slim = cases.select("case", "reason", "group", "noticed_on", "remarks", "facts")
    each = slim.with_columns(remark="remarks", position=pl.int_ranges(pl.col("remarks").list.len()))
    each = each.explode("remark", "position").drop_nulls("remark")
    alone = slim.with_columns(remark=pl.lit(ANY), position=pl.lit(0, pl.Int64))
    by_reason = rows.filter(pl.col("reason") != ANY).with_columns(row_reason="reason")
    by_remark = rows.filter(pl.col("reason") == ANY).drop("reason").with_columns(row_reason=pl.lit(ANY))
    keyed = pl.concat([alone, each]).join(
        by_reason, left_on=["reason", "remark"], right_on=["reason", "row_remark"], how="inner"
    )
    loose = each.join(by_remark, left_on="remark", right_on="row_remark", how="inner")
    day, group, fact = pl.col("noticed_on"), pl.col("row_group"), pl.col("row_fact")
    return (
        pl.concat([keyed, loose], how="diagonal")
        .rename({"remark": "row_remark"})
        .filter(
            (day.is_null() | (pl.col("from") <= day)) & (pl.col("until").is_null() | (day < pl.col("until"))),
            (group == ANY) | (group == pl.col("group")),
            (fact == ANY) | pl.col("facts").list.contains(fact),
        )
        .with_columns(weight=_weight())
        .sort(["case", "weight", "position", "row"], descending=[False, True, False, False])
        .drop("remarks", "facts")
    )


def _weight() -> pl.Expr:
    reason, remark, decisive = pl.col("row_reason") != ANY, pl.col("row_remark") != ANY, pl.col("decisive")
    base = (
        pl.when(reason & remark)
        .then(_EXACT)
        .when(reason & decisive)
        .then(_REASON)
        .when(remark & decisive)
        .then(_REMARK)
        .when(remark)
        .then(_WEAK_REMARK)
        .otherwise(_WEAK_REASON)
    )
    fact = pl.when(pl.col("row_fact") != ANY).then(_FACT).otherwise(0)
    return base + fact + pl.when(pl.col("row_group") != ANY).then(_GROUP).otherwise(0)


def _remarks_known(reference: Reference) -> list[str]:
    """The remark codes that some table speaks of."""
    tables = ("denial_actions", "denial_guardrails", "denial_alerts")
    found = pl.concat([reference.table(name)["remark"] for name in tables])
    return found.filter(found != ANY).unique().sort().to_list()


def _told(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what decided, in codes and words, and what is missing."""
    adjustment = pl.format("{}-{}", "group", "reason")
    remark = pl.when(pl.col("row_remark") != ANY).then("row_remark")
    ordinary = pl.col("cause").is_in(ORDINARY) & pl.col("action").is_in(QUIET)
    with_remark = pl.concat_str(adjustment, pl.lit(" with ") + remark, ignore_nulls=True)
    why = pl.concat_list(pl.format("{}: {}", with_remark, "says"), pl.col("guards")).list.join("; ")
    return rows.with_columns(
        ordinary=ordinary,
        codes=pl.concat_list(adjustment, remark, "guard_codes")
        .list.drop_nulls()
        .list.unique(maintain_order=True),
        why=why,
        cites=pl.concat_list("cite", "guard_cites").list.drop_nulls().list.unique(maintain_order=True),
        needs=pl.concat_list(*_needs(adjustment)).list.drop_nulls(),
    )


def _needs(adjustment: pl.Expr) -> list[pl.Expr]:
    unread, asks = pl.col("unread"), pl.col("asks")
    unanswered = asks.is_not_null() & ~pl.col("facts").list.eval(
        pl.element().str.split("=").list.first()
    ).list.contains(asks)
    weak = pl.col("known") & ~pl.col("decisive")
    no_remark = weak & (pl.col("row_remark") == ANY) & (unread.list.len() == 0)
    day = pl.col("noticed_on").is_null()
    return [
        pl.when(day).then(pl.lit("remittance: the day it was made")),
        pl.when(~pl.col("known") & ~day).then(
            pl.format("payer: what {} means; it is not in the decision table for that day", adjustment)
        ),
        pl.when(no_remark).then(pl.format("payer: the remark code that says what {} means", adjustment)),
        pl.when(weak & (pl.col("row_remark") != ANY)).then(pl.format("biller: {}", "next")),
        pl.when(unread.list.len() > 0).then(
            pl.format("remark codes: what {} means here", unread.list.join(", "))
        ),
        pl.when(unanswered).then(asks.replace_strict(dict(FACT_ASKS), default=None, return_dtype=pl.String)),
    ]
