"""A month of care management judged and priced: what time earns, and what stands against it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

from anodyne.care.beside import beside
from anodyne.care.clock import Clock
from anodyne.care.counting import count
from anodyne.care.months import months_of, with_status
from anodyne.kernel.cite import Cite
from anodyne.model.outcome import Outcome
from anodyne.reference.fees import is_facility, national_cents
from anodyne.reference.policies import Policies
from anodyne.reference.tables import Reference
from anodyne.rules.discover import all_rules
from anodyne.rules.engine import judge
from anodyne.rules.rule import Rule, View
from anodyne.rules.views import FACTS
from anodyne.rules.views.month import month_view

if TYPE_CHECKING:
    from anodyne.app.care_proposals import Proposal

BLOCKING: Final = (Outcome.REJECT.value, Outcome.DENY.value, Outcome.ASK.value)
"""Outcomes that hold a month back; the others are told beside it."""
MEDICARE_SHARE_PERCENT: Final = 20
"""What a Medicare patient pays of the amount allowed, once the deductible is met."""
_OFFICE: Final = "11"


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month of care management as its time and enrolments have it."""

    month: dt.date
    zone: str | None
    results: pl.DataFrame = field(repr=False)
    """One row a patient, practitioner and programme: see `care.months`; with `status`, `allowed_cents`."""
    entries: pl.DataFrame = field(repr=False)
    conflicts: pl.DataFrame = field(repr=False)
    findings: pl.DataFrame = field(repr=False)
    """`month_key`, `rule`, `rule_key`, `outcome`, `message`, `needs`, `blocks`."""
    priced_by: str | None = None
    """Whose prices the amounts are; None where there are none."""
    conflicts_left_out: int = 0
    """How many pairs of entries overlap beyond those told, at the most."""
    files: tuple[ReadFile, ...] = ()
    proposals: "Sequence[Proposal] | None" = None
    """What could be chosen for entries that a person marked; None where none were given."""

    def worst(self) -> Outcome | None:
        """The worst outcome of any finding; None where nothing was found."""
        found = [Outcome(name) for name in self.findings["outcome"].unique()]
        return min(found, key=lambda one: one.rank, default=None)


def close_frames(
    time: pl.DataFrame,
    enrolments: pl.DataFrame,
    month: dt.date,
    *,
    clock: Clock,
    reference: Reference,
    policies: Policies,
    until: dt.date | None = None,
) -> Month:
    """What `time` (`frames.TIME`) earns in `month`, any day of it, by `enrolments` (`frames.ENROLMENTS`).

    Of time after the day `until` nothing is counted.
    """
    first = month.replace(day=1)
    counted = count(time, enrolments, first, clock, reference, until=until)
    months, entries = months_of(counted, enrolments, first, reference)
    months = _priced(months, reference)
    blocked = _judged(months, policies).filter("blocks")["month_key"]
    free = months.filter(
        "enrolled", pl.col("codes").list.len() > 0, ~pl.col("month_key").is_in(blocked.implode())
    )
    shared = beside(free, reference)
    months = months.drop(name for name in shared.columns if name != "month_key").join(
        shared, on="month_key", how="left", maintain_order="left"
    )
    findings = _judged(months, policies)
    results = with_status(months, findings.filter("blocks")["month_key"])
    priced_by = months["priced_by"].drop_nulls()
    return Month(
        first,
        None if clock.zone is None else clock.zone.key,
        results,
        entries,
        counted.conflicts,
        findings,
        None if priced_by.is_empty() else priced_by.item(0),
        counted.conflicts_left_out,
    )


@cache
def month_rules() -> Mapping[str, Rule]:
    """The rules that judge months, by key."""
    return MappingProxyType({key: rule for key, rule in all_rules().items() if rule.view is View.MONTH})


def cites(rule_key: str) -> tuple[Cite, ...]:
    """By whose authority the rule with `rule_key` speaks."""
    return month_rules()[rule_key].cites


def _judged(months: pl.DataFrame, policies: Policies) -> pl.DataFrame:
    """Every finding on `months`, those that hold a month back first."""
    view = month_view(months, policies)
    found = judge({View.MONTH: view}, FACTS, month_rules().values())
    return found.select(
        "rule",
        "rule_key",
        "outcome",
        "message",
        "needs",
        month_key="line_key",
        blocks=pl.col("outcome").is_in(BLOCKING),
    ).sort("month_key", ~pl.col("blocks"), "rule")


def _priced(months: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`months` with what Medicare allows nationally for the codes, `goal_cents` for the next unit, by place.

    Null where a price is not known.  A place that is not known is taken for an office.
    """
    places = months.select(pos=pl.col("pos").fill_null(_OFFICE), served_on="day")
    facility = is_facility(places, reference).fill_null(value=False).alias("facility")
    rows = months.select("month_key", "codes", "goal_code", served_on="day").with_columns(facility)
    each = rows.explode("codes", empty_as_null=False).unnest("codes")
    each = national_cents(each, reference)
    total = each.group_by("month_key").agg(
        allowed_cents=pl.when(pl.col("allowed_cents").is_null().any())
        .then(None)
        .otherwise((pl.col("allowed_cents") * pl.col("units")).sum()),
        priced_by=pl.col("priced_by").first(),
    )
    goal = national_cents(rows.select("facility", "served_on", code="goal_code"), reference)["allowed_cents"]
    replaced = pl.when("goal_replaces").then("allowed_cents").otherwise(0)
    priced = months.join(total, on="month_key", how="left", maintain_order="left")
    share = (pl.col("allowed_cents") * MEDICARE_SHARE_PERCENT + 50) // 100
    return priced.with_columns(
        goal_cents=goal - replaced, charge_cents=pl.col("allowed_cents").fill_null(0)
    ).with_columns(patient_share_cents=pl.when(pl.col("filing") == "MB").then(share))
