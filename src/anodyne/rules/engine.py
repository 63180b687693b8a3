"""Rules over views: which rows violate, which cannot be told, and what to say of each."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from anodyne.model.frames import FINDINGS, empty
from anodyne.model.outcome import Outcome
from anodyne.rules.fact import Facts
from anodyne.rules.rule import Drop, Payers, Rule, Set, View

LOCATION = ("claim_key", "line_key")
"""The keys by which a finding finds its place in the book; line_key is null where the whole claim is meant."""

JUDGED_COLUMNS = ("rule", "outcome", *LOCATION, "codes", "message", "needs", "fix", "at_risk_cents")


def judge(
    views: Mapping[View, pl.DataFrame], facts: Mapping[View, Facts], rules: Iterable[Rule]
) -> pl.DataFrame:
    """Every finding of `rules` on the judged rows of `views`, in the columns of JUDGED_COLUMNS.

    Each row is judged by itself.  A verdict that is null, or the day of which is null, is an ask where the row is the rule's subject.
    """
    by_view: dict[View, list[Rule]] = {}
    for rule in rules:
        by_view.setdefault(rule.view, []).append(rule)
    found = [
        part
        for view, its_rules in by_view.items()
        if len(views[view])
        for part in _judge_view(views[view], facts[view], its_rules)
    ]
    return pl.concat(found) if found else empty({name: FINDINGS[name] for name in JUDGED_COLUMNS})


def verdict(rule: Rule) -> pl.Expr:
    """True where a row violates the rule, False where it passes or is no business of it, null where it cannot be told."""
    span = rule.in_force
    in_force = pl.col("day") >= span.start
    if span.end is not None:
        in_force &= pl.col("day") < span.end
    subject = rule.check.subject.fill_null(value=False)
    if rule.payers is Payers.MEDICARE:
        subject &= pl.col("medicare").fill_null(value=False)
    return pl.col("judged") & subject & in_force & rule.check.violates


def _judge_view(frame: pl.DataFrame, facts: Facts, rules: Sequence[Rule]) -> Iterable[pl.DataFrame]:
    verdicts = frame.lazy().select(verdict(rule).alias(rule.key) for rule in rules).collect()
    for rule in rules:
        flags = verdicts[rule.key]
        rows = flags.fill_null(value=True).arg_true()
        if len(rows):
            yield frame[rows].with_columns(flags[rows].is_null().alias("undetermined")).select(_finding(rule, facts))


def _finding(rule: Rule, facts: Facts) -> list[pl.Expr]:
    check = rule.check
    unclear = pl.col("undetermined")
    title = pl.lit(rule.title)
    asks = pl.coalesce(check.asks, title) if check.asks is not None else title
    missing = [
        pl.when(unclear & pl.col(name).is_null()).then(pl.lit(facts[name].needs or facts[name].says))
        for name in sorted({*check.violates.meta.root_names(), "day"})
    ]
    return [
        pl.lit(rule.id).alias("rule"),
        pl.when(unclear).then(pl.lit(Outcome.ASK.value)).otherwise(pl.lit(rule.outcome.value)).alias("outcome"),
        *(pl.col(name) for name in LOCATION),
        pl.concat_list(pl.col(name) for name in check.codes).list.drop_nulls().alias("codes"),
        pl.when(unclear).then(asks).otherwise(pl.coalesce(check.says, title)).alias("message"),
        pl.concat_list(missing).list.drop_nulls().list.unique(maintain_order=True).alias("needs"),
        pl.when(~unclear).then(_fix(rule)).alias("fix"),
        pl.when(unclear).then(0).otherwise(check.at_risk_cents.fill_null(0)).cast(pl.Int64).alias("at_risk_cents"),
    ]


def _fix(rule: Rule) -> pl.Expr:
    """The fix of a row as JSON in the form of the command line's contract; null where there is none."""
    match rule.check.fix:
        case None:
            return pl.lit(None, pl.String)
        case Drop():
            return pl.lit('{"drop": true}')
        case Set(values):
            known = pl.all_horizontal(value.is_not_null() for value in values.values())
            encoded = pl.struct(**dict(values)).struct.json_encode()
            return pl.when(known).then(pl.concat_str(pl.lit('{"set": '), encoded, pl.lit("}")))
