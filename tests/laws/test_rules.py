"""House laws: what holds for every rule at once, so that a new rule meets them without new test code."""

import datetime as dt
from importlib.resources import files

import polars as pl
import pytest
import yaml

from anodyne.kernel.errors import BadRule
from anodyne.model.outcome import Outcome
from anodyne.reference.sources import sources
from anodyne.rules.cases import Sheet, frame_of, sheet_of
from anodyne.rules.discover import all_rules
from anodyne.rules.engine import judge, verdict
from anodyne.rules.fact import schema
from anodyne.rules.rule import Drop, Rule, Set, View
from anodyne.rules.views import FACTS

RULES = all_rules()
of_every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
READ_BY = dt.date(2026, 11, 29)
WORDS = {True: "violates", False: "passes", None: "undetermined"}


def cases(rule: Rule) -> tuple[Sheet, pl.DataFrame]:
    sheet = sheet_of(rule)
    return sheet, frame_of(sheet, FACTS[rule.view]).with_columns(
        medicare=pl.col("medicare").fill_null(value=True)
    )


def found(rule: Rule, rows: pl.DataFrame) -> pl.DataFrame:
    return judge({rule.view: rows}, FACTS, [rule])


@of_every_rule
def test_each_case_gets_the_verdict_its_sheet_expects(rule: Rule) -> None:
    sheet, rows = cases(rule)
    verdicts = rows.select(verdict(rule).alias("verdict"))["verdict"]
    got = {case.name: WORDS[v] for case, v in zip(sheet.cases, verdicts, strict=True)}
    assert got == {case.name: case.expect for case in sheet.cases}


@of_every_rule
def test_each_message_is_the_one_its_case_shows(rule: Rule) -> None:
    sheet, rows = cases(rule)
    for place, case in enumerate(sheet.cases):
        if case.says is not None:
            assert found(rule, rows[place : place + 1])["message"].to_list() == [case.says]


@of_every_rule
def test_a_sheet_shows_a_violation_and_a_pass_and_a_message(rule: Rule) -> None:
    sheet = sheet_of(rule)
    assert {"violates", "passes"} <= {case.expect for case in sheet.cases} or rule.outcome is Outcome.ASK
    assert any(case.says for case in sheet.cases)


@of_every_rule
def test_a_sheet_shows_a_day_before_the_rule_was_in_force(rule: Rule) -> None:
    _, rows = cases(rule)
    early = rows["day"] < rule.in_force.start
    assert early.any()
    assert not rows.filter(early).select(verdict(rule).alias("v"))["v"].any()


@of_every_rule
def test_a_row_without_a_day_is_never_a_violation(rule: Rule) -> None:
    _, rows = cases(rule)
    undated = rows.with_columns(day=pl.lit(None, pl.Date))
    assert not undated.select(verdict(rule).alias("v"))["v"].any()


@of_every_rule
def test_a_row_is_judged_alone_as_in_a_crowd_and_in_any_order(rule: Rule) -> None:
    _, rows = cases(rule)
    numbered = rows.with_columns(line_key=pl.int_range(pl.len(), dtype=pl.UInt32))
    crowd = found(rule, numbered).sort("line_key")
    alone = pl.concat([found(rule, numbered[n : n + 1]) for n in range(len(numbered))])
    shuffled = found(rule, numbered.sample(fraction=1, shuffle=True, seed=7)).sort("line_key")
    assert crowd.equals(alone)
    assert crowd.equals(shuffled)


@of_every_rule
def test_a_fact_that_can_be_asked_for_is_asked_for_in_a_case(rule: Rule) -> None:
    """Where a violation turns undetermined without a fact that has `needs`, a case must show it missing."""
    _, rows = cases(rule)
    told = rows.select(verdict(rule).alias("v"))["v"]
    broken, untold = rows.filter(told.fill_null(value=False)), rows.filter(told.is_null())
    facts = FACTS[rule.view]
    for name in sorted(rule.check.violates.meta.root_names()):
        if name != "day" and facts[name].needs is not None:
            without = broken.with_columns(pl.lit(None, facts[name].kind).alias(name))
            if without.select(verdict(rule).alias("v"))["v"].null_count():
                assert untold[name].null_count(), name


@of_every_rule
def test_a_question_says_what_it_needs_and_puts_no_money_at_risk(rule: Rule) -> None:
    _, rows = cases(rule)
    asked = found(rule, rows).filter(outcome=Outcome.ASK.value)
    assert (asked["needs"].list.len() > 0).all()
    assert (asked["at_risk_cents"] == 0).all()
    assert not asked["message"].is_in([rule.title]).any()


@of_every_rule
def test_history_is_never_judged(rule: Rule) -> None:
    _, rows = cases(rule)
    assert found(rule, rows.with_columns(judged=pl.lit(value=False))).is_empty()


@of_every_rule
def test_a_rule_reads_only_columns_of_its_view(rule: Rule) -> None:
    assert rule.reads() <= set(FACTS[rule.view])


@of_every_rule
def test_the_fix_fixes_and_never_bills_more(rule: Rule) -> None:
    if not isinstance(rule.check.fix, Set):
        return
    _, rows = cases(rule)
    broken = rows.filter(rows.select(verdict(rule).fill_null(value=False).alias("v"))["v"])
    fixes = [value.is_not_null() for value in rule.check.fix.values.values()]
    broken = broken.filter(pl.all_horizontal(fixes))
    mended = broken.with_columns(**rule.check.fix.values).cast(dict(schema(FACTS[rule.view])))  # type: ignore[arg-type]
    assert not mended.select(verdict(rule).alias("v"))["v"].any()
    for column in ("units", "charge_cents"):
        if column in mended.columns:
            before, after = broken[column].fill_null(0), mended[column].fill_null(0)
            assert (after <= before).all()


@of_every_rule
def test_a_line_that_is_dropped_is_a_line(rule: Rule) -> None:
    if isinstance(rule.check.fix, Drop):
        assert rule.view not in {View.CLAIM, View.DIAGNOSIS}


@of_every_rule
def test_each_citation_is_of_a_listed_source_and_was_not_read_tomorrow(rule: Rule) -> None:
    listed = {source.title: source for source in sources().values()}
    for cite in rule.cites:
        assert (cite.url, cite.read) == (listed[cite.source].url, listed[cite.source].read)
        assert cite.read <= READ_BY


@of_every_rule
def test_messages_fit_two_lines_of_a_terminal(rule: Rule) -> None:
    _, rows = cases(rule)
    assert all(len(message) <= 200 for message in found(rule, rows)["message"])


def test_every_case_sheet_belongs_to_a_rule_and_has_no_stray_document() -> None:
    root = files("anodyne.rules") / "library"
    told = {
        document["rule"]
        for folder in root.iterdir()
        if folder.is_dir() and not folder.name.startswith("__")
        for sheet in folder.iterdir()
        if sheet.name.endswith(".yaml")
        for document in yaml.safe_load_all(sheet.read_text(encoding="utf-8"))
    }
    assert told == {rule.id for rule in RULES.values()}


def test_a_case_that_names_no_column_of_the_view_is_refused() -> None:
    rule = next(iter(RULES.values()))
    sheet = sheet_of(rule)
    wrong = Sheet(sheet.rule, {**sheet.given, "no_such_fact": 1}, sheet.cases)
    with pytest.raises(BadRule, match="no_such_fact"):
        frame_of(wrong, FACTS[rule.view])
