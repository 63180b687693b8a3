"""Root causes over many files: rates by payer, family of services and week, and where they changed.

A change is searched for by cutting each run of weeks at every place and comparing the share of claims hit on
both sides.  Two tests must agree, and the weaker counts: Fisher's exact test, right for small counts, and a
test of the deviance scaled by how much weeks scatter of themselves, so that claims that come in batches raise
no alarm.  The chance of either is multiplied by every place that was looked at, in all runs: `confidence` is
one less that.  Each side is then searched again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from scipy import special, stats

from anodyne.model.denials import CAUSE_WORDS
from anodyne.model.frames import CHANGES, WEEKS, checked, empty
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference, in_force

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

OTHER: Final = "other"
"""The family of codes that the reference does not group."""
LEVEL: Final = 0.99
"""The least confidence at which a change is told."""
LEAST_CLAIMS: Final = 10
"""So many claims must stand on each side of a change."""
_NOT_JUDGED: Final = ("22", "25")
"""Claim statuses of reversals and estimates."""
_SERIES: Final = ("payer", "family")


@dataclass(frozen=True, slots=True)
class Trends:
    """What was counted, and what changed."""

    weeks: pl.DataFrame = field(repr=False)
    """Columns of `frames.WEEKS`."""
    changes: pl.DataFrame = field(repr=False)
    """Columns of `frames.CHANGES`, the dearest first."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """Claims, and those hit, week by week."""

    claims: "Ints" = field(repr=False)
    hits: "Ints" = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A run of weeks, and the place in it from which on the rate is another."""

    start: int
    at: int
    end: int
    chance: float


def trends(
    remittance: Remittance, determinations: pl.DataFrame, reference: Reference, *, level: float = LEVEL
) -> Trends:
    """Claims with a service of each family, by payer and week, how many were hit, and the changes.

    A claim counts once in a week and family, however many lines it has; it is hit where one of its lines of
    the family, or the claim as a whole, has a determination.
    """
    counted = _counted(remittance, determinations, reference)
    weeks = (
        counted.group_by(*_SERIES, "week")
        .agg(
            claims=pl.len().cast(pl.UInt32),
            hit=pl.col("hit").sum().cast(pl.UInt32),
            cents=pl.col("cents").sum(),
        )
        .with_columns(rate=pl.col("hit") / pl.col("claims"))
        .sort(*_SERIES, "week")
    )
    weeks = checked(weeks.select(*WEEKS), WEEKS)
    return Trends(weeks, _changes(weeks, counted, level))


def _counted(remittance: Remittance, determinations: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """One row for each claim and family on it: whether it was hit, by which cause, and for how much."""
    days = remittance.payments.select(
        "payment_key",
        payer=pl.coalesce("payer_id", "payer_name").fill_null("unknown"),
        week=pl.min_horizontal("paid_on", "produced_on").dt.truncate("1w"),
    )
    heads = (
        remittance.remits.filter(~pl.col("status").is_in(_NOT_JUDGED).fill_null(value=False))
        .select("remit_key", "payment_key")
        .join(days, on="payment_key", how="inner")
        .drop_nulls("week")
        .drop("payment_key")
    )
    coded = remittance.lines.select(
        "remit_line_key", "remit_key", "served_on", code=pl.coalesce("submitted_code", "code")
    )
    known = in_force(coded.select("code", "served_on").unique(), reference, "code_traits")
    families = known.select("code", "served_on", family="group")
    coded = coded.join(families, on=["code", "served_on"], how="left", nulls_equal=True).with_columns(
        pl.col("family").fill_null(OTHER)
    )
    told = determinations.select("remit_key", "remit_line_key", "cause", "at_stake_cents")
    of_lines = told.drop_nulls("remit_line_key").join(
        coded.select("remit_line_key", "family"), on="remit_line_key", how="inner"
    )
    of_claims = told.filter(pl.col("remit_line_key").is_null()).join(
        coded.select("remit_key", "family").unique(), on="remit_key", how="inner"
    )
    shared = of_claims.with_columns(pl.col("at_stake_cents") // pl.len().over("remit_key"))
    hits = (
        pl.concat([of_lines, shared], how="diagonal")
        .sort("at_stake_cents", descending=True, maintain_order=True)
        .group_by("remit_key", "family", maintain_order=True)
        .agg(cause=pl.col("cause").first(), cents=pl.col("at_stake_cents").sum(), hit=pl.lit(value=True))
    )
    return (
        coded.select("remit_key", "family")
        .unique()
        .join(heads, on="remit_key", how="inner")
        .join(hits, on=["remit_key", "family"], how="left")
        .with_columns(pl.col("hit").fill_null(value=False), pl.col("cents").fill_null(0))
    )


def _changes(weeks: pl.DataFrame, counted: pl.DataFrame, level: float) -> pl.DataFrame:
    runs = weeks.partition_by(_SERIES, maintain_order=True)
    places = sum(max(run.height - 1, 0) for run in runs)
    found = [_told(run, cut, counted) for run in runs for cut in _cuts(run, places, 1 - level)]
    if not found:
        return empty(CHANGES)
    rows = pl.DataFrame(found, schema=dict(CHANGES)).sort(
        ["excess_cents", "payer", "family", "since"], descending=[True, False, False, False]
    )
    return checked(rows, CHANGES)


def _cuts(run: pl.DataFrame, places: int, most: float) -> list[_Cut]:
    """The changes in one run of weeks, in their order; each between the ones beside it."""
    counts = _Counts(run["claims"].to_numpy().astype(np.int64), run["hit"].to_numpy().astype(np.int64))
    marks = sorted(cut.at for cut in _searched(counts, 0, run.height, most / places if places else 0))
    edges = [0, *marks, run.height]
    cuts = [_best(counts, *found) for found in zip(edges, edges[2:], edges[1:], strict=False)]
    return [
        _Cut(cut.start, cut.at, cut.end, cut.chance * places)
        for cut in cuts
        if cut is not None and cut.chance * places <= most
    ]


def _searched(counts: _Counts, start: int, end: int, most: float) -> Iterator[_Cut]:
    """The surest change from `start` to `end`, where its chance is at most `most`, and those beside it."""
    cut = _best(counts, start, end)
    if cut is not None and cut.chance <= most:
        yield cut
        yield from _searched(counts, start, cut.at, most)
        yield from _searched(counts, cut.at, end, most)


def _best(counts: _Counts, start: int, end: int, at: int | None = None) -> _Cut | None:
    """The place from `start` to `end` whose two sides differ most surely; or only the one `at`."""
    n, k = counts.claims[start:end], counts.hits[start:end]
    total, all_hits = int(n.sum()), int(k.sum())
    left_n, left_k = n.cumsum()[:-1], k.cumsum()[:-1]
    fit = (left_n >= LEAST_CLAIMS) & (total - left_n >= LEAST_CLAIMS)
    if at is not None:
        fit &= np.arange(start + 1, end) == at
    if not fit.any() or not 0 < all_hits < total:
        return None
    one, hit = left_n[fit], left_k[fit]
    below = stats.hypergeom.cdf(hit, total, all_hits, one)
    above = stats.hypergeom.sf(hit - 1, total, all_hits, one)
    exact = np.minimum(1, 2 * np.minimum(below, above))
    alike = _loss(np.array([total]), np.array([all_hits]))
    gain = _loss(one, hit) + _loss(total - one, all_hits - hit) - alike
    chance = np.maximum(exact, _scattered(n, k, np.flatnonzero(fit), 2 * gain))
    place = int(chance.argmin())
    return _Cut(start, start + int(np.flatnonzero(fit)[place]) + 1, end, float(chance[place]))


def _loss(n: "Ints", k: "Ints") -> "Floats":
    """The log-likelihood of `k` of `n` at their own rate."""
    rate = k / n
    found: Floats = special.xlogy(k, rate) + special.xlogy(n - k, 1 - rate)
    return found


def _scattered(n: "Ints", k: "Ints", places: "Ints", deviance: "Floats") -> "Floats":
    """The chance of each `deviance` given how much the weeks on both sides scatter around their own rates."""
    free = len(n) - 2
    scatters = [_pearson(n[: at + 1], k[: at + 1]) + _pearson(n[at + 1 :], k[at + 1 :]) for at in places]
    scale = np.maximum(1, np.array(scatters) / free) if free else np.ones(len(places))
    plain = stats.chi2.sf(deviance, 1)
    found: Floats = np.where(scale > 1, stats.f.sf(deviance / scale, 1, free), plain) if free else plain
    return found


def _pearson(n: "Ints", k: "Ints") -> float:
    """Pearson's chi-square of weeks around their common rate."""
    rate = k.sum() / n.sum()
    if rate in {0.0, 1.0}:
        return 0.0
    return float((((k - n * rate) ** 2) / (n * rate * (1 - rate))).sum())


def _told(run: pl.DataFrame, cut: _Cut, counted: pl.DataFrame) -> dict[str, Any]:
    before, after = run[cut.start : cut.at], run[cut.at : cut.end]
    b_claims, b_hit, b_cents = (int(before[name].sum()) for name in ("claims", "hit", "cents"))
    a_claims, a_hit, a_cents = (int(after[name].sum()) for name in ("claims", "hit", "cents"))
    payer, family = run["payer"][0], run["family"][0]
    since: dt.date = after["week"][0]
    cause = _cause(run, cut, counted, b_claims, a_claims)
    rose = "rose" if a_hit * b_claims > b_hit * a_claims else "fell"
    words = f", most of it {CAUSE_WORDS[cause]}" if cause else ""
    confidence = 1 - cut.chance
    return {
        "payer": payer,
        "family": family,
        "since": since,
        "until": after["week"][-1],
        "before_claims": b_claims,
        "before_hit": b_hit,
        "after_claims": a_claims,
        "after_hit": a_hit,
        "before_rate": b_hit / b_claims,
        "after_rate": a_hit / a_claims,
        "excess_cents": a_cents - b_cents * a_claims // b_claims,
        "cause": cause,
        "confidence": confidence,
        "told": (
            f"{rose} from {b_hit} of {b_claims} claims ({100 * b_hit / b_claims:.1f} %) to {a_hit} of "
            f"{a_claims} ({100 * a_hit / a_claims:.1f} %) in the week of {since:%-d %b %Y}{words}; "
            f"{_sureness(confidence)}"
        ),
    }


def _sureness(confidence: float) -> str:
    """How sure it is, never rounded up to certainty."""
    return "more than 99.9 % sure" if confidence > 0.999 else f"{np.floor(confidence * 1000) / 10:.1f} % sure"


def _cause(run: pl.DataFrame, cut: _Cut, counted: pl.DataFrame, b_claims: int, a_claims: int) -> str | None:
    """The cause whose share of claims moved most, in the direction of the whole."""
    weeks = run["week"]
    here = counted.filter(
        (pl.col("payer") == run["payer"][0]) & (pl.col("family") == run["family"][0]),
        pl.col("hit"),
        pl.col("week").is_between(weeks[cut.start], weeks[cut.end - 1]),
    )
    late = pl.col("week") >= weeks[cut.at]
    moved = here.group_by("cause").agg(by=late.sum() / a_claims - (~late).sum() / b_claims)
    rose = (
        float(run[cut.at : cut.end]["hit"].sum()) * b_claims
        > float(run[cut.start : cut.at]["hit"].sum()) * a_claims
    )
    found = moved.sort(["by", "cause"], descending=[rose, False])
    return str(found["cause"][0]) if len(found) else None
