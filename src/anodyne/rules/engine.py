"""Rules over views: which rows violate, which cannot be told, and what to say of each."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from anodyne.model.frames import FINDINGS, empty
from anodyne.model.outcome import Outcome
from anodyne.rules.fact import Facts
from anodyne.rules.rule import Drop, Payers, Rule, Set, View

LOCATION = ("claim_key", "line_key")
"""The keys by which a finding finds its place in the book; no line_key where the whole claim is meant."""

JUDGED_COLUMNS = (
    *("rule", "rule_key", "outcome"),
    *LOCATION,
    *("codes", "message", "needs", "fix", "at_risk_cents"),
)


def judge(
    views: Mapping[View, pl.DataFrame], facts: Mapping[View, Facts], rules: Iterable[Rule]
) -> pl.DataFrame:
    """Every finding of `rules` on the judged rows of `views`, in the columns of JUDGED_COLUMNS.

    Each row is judged by itself.  A verdict that is null, or whose day is null, is an ask where the row is
    the rule's subject.
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
    """True where a row violates the rule, False where it passes or is none of its business, else null."""
    return pl.col("judged") & _subject(rule) & _in_force(rule) & rule.check.violates


def _subject(rule: Rule) -> pl.Expr:
    """Whether a row is the rule's business, its day aside; never null."""
    subject = rule.check.subject.fill_null(value=False)
    if rule.payers is Payers.MEDICARE:
        subject &= pl.col("medicare").fill_null(value=False)
    return subject


def _in_force(rule: Rule) -> pl.Expr:
    """Whether the rule is in force on the day of a row; null where it has no day."""
    span = rule.in_force
    in_force = pl.col("day") >= span.start
    if span.end is not None:
        in_force &= pl.col("day") < span.end
    return in_force


def _judge_view(frame: pl.DataFrame, facts: Facts, rules: Sequence[Rule]) -> Iterable[pl.DataFrame]:
    """The findings and the asks of each of `rules`: only where there are some is a row touched again.

    Most rules have no business with any row of a small frame: what they compare is looked at for the rest.
    """
    if not frame["judged"].all(ignore_nulls=False):
        frame = frame.filter("judged")
    if frame.is_empty():
        return
    subjects = frame.select(
        (pl.col("judged") & _subject(rule)).alias(rule.key) for rule in _possible(frame, rules)
    )
    concerned = [rule for rule in rules if rule.key in subjects and subjects[rule.key].any()]
    verdicts = frame.hstack(subjects.select(rule.key for rule in concerned)).select(
        (pl.col(rule.key) & _in_force(rule) & rule.check.violates).alias(rule.key) for rule in concerned
    )
    for rule in concerned:
        flags = verdicts[rule.key]
        if flags.any():
            yield _rows(frame, rule, flags).select(_finding(rule))
        if flags.null_count():
            yield _rows(frame, rule, flags.is_null()).select(_ask(rule, facts))


def _possible(frame: pl.DataFrame, rules: Sequence[Rule]) -> list[Rule]:
    """Those of `rules` about a payer of `frame`, and in force on one of its days where all are known."""
    if not frame["medicare"].any():
        rules = [rule for rule in rules if rule.payers is not Payers.MEDICARE]
    first, last = frame["day"].min(), frame["day"].max()
    if frame["day"].has_nulls() or not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return [*rules]
    spans = ((rule, rule.in_force) for rule in rules)
    return [rule for rule, span in spans if span.start <= last and (span.end is None or first < span.end)]


def _rows(frame: pl.DataFrame, rule: Rule, flags: pl.Series) -> pl.DataFrame:
    """The rows of `frame` where `flags` is true, in the columns that a finding of `rule` is made of."""
    return frame.select({*rule.reads(), *LOCATION, "day"})[flags.arg_true()]


def _finding(rule: Rule) -> list[pl.Expr]:
    """A finding of `rule`; one that is a question by itself says what it needs, and puts no money at risk."""
    at_risk = pl.lit(0) if rule.outcome is Outcome.ASK else rule.check.at_risk_cents
    needs = [] if rule.check.needs is None else [rule.check.needs]
    return [
        *_named(rule, rule.outcome),
        pl.coalesce(rule.check.says, pl.lit(rule.title)).alias("message"),
        pl.lit(needs, pl.List(pl.String)).alias("needs"),
        _fix(rule).alias("fix"),
        at_risk.fill_null(0).clip(lower_bound=0).cast(pl.Int64).alias("at_risk_cents"),
    ]


def _ask(rule: Rule, facts: Facts) -> list[pl.Expr]:
    """The question whether a row violates `rule`: its own words, else its title."""
    question = pl.lit(_cannot_tell(rule.title))
    read = sorted({*rule.check.violates.meta.root_names(), "day"})
    asked, derived = ([name for name in read if bool(facts[name].needs) is given] for given in (True, False))
    # What is worked out from other facts is named only where none that a person can give is missing.
    needs, says = _missing(asked, facts), _missing(derived, facts)
    return [
        *_named(rule, Outcome.ASK),
        (question if rule.check.asks is None else pl.coalesce(rule.check.asks, question)).alias("message"),
        pl.when(needs.list.len() > 0).then(needs).otherwise(says).alias("needs"),
        pl.lit(None, pl.String).alias("fix"),
        pl.lit(0, pl.Int64).alias("at_risk_cents"),
    ]


def _missing(names: Sequence[str], facts: Facts) -> pl.Expr:
    """Those of the facts `names` that a row lacks, each in words once."""
    if not names:
        return pl.lit([], pl.List(pl.String))
    lacking = [
        pl.when(pl.col(name).is_null()).then(pl.lit(facts[name].needs or facts[name].says)) for name in names
    ]
    return pl.concat_list(lacking).list.drop_nulls().list.unique(maintain_order=True)


def _cannot_tell(title: str) -> str:
    """A title as a question; a code or a modifier that it begins with keeps its capitals."""
    told = title.removesuffix(".")
    first, _, _ = told.partition(" ")
    if first.isalpha() and (first[1:].islower() or len(first) == 1):
        told = told[0].lower() + told[1:]
    return f"cannot tell: {told}?"


def _named(rule: Rule, outcome: Outcome) -> list[pl.Expr]:
    return [
        pl.lit(rule.id).alias("rule"),
        pl.lit(rule.key).alias("rule_key"),
        pl.lit(outcome.value).alias("outcome"),
        *(pl.col(name) for name in LOCATION),
        pl.concat_list(pl.col(name) for name in rule.check.codes).list.drop_nulls().alias("codes"),
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
            encoded = pl.struct(value.alias(name) for name, value in values.items()).struct.json_encode()
            return pl.when(known).then(pl.concat_str(pl.lit('{"set": '), encoded, pl.lit("}")))
