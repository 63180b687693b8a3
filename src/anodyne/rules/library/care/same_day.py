"""Care management codes that the pair edits name for one day."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_PROGRAMMES = (
    (pl.col("kind") == "care")
    & (pl.col("paid_kind") == "care")
    & pl.col("level").ne_missing("next")
    & pl.col("paid_level").ne_missing("next")
    & pl.col("first_for_line")
)


@rule(
    id="CM-03",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-ptp-2024q3", "care management pairs, indicator 0")],
)
def never_one_day() -> Check:
    """Two care management programmes that are never paid for one day.

    They count the same month's work, staff's or practitioner's, of one programme or its neighbour, and no
    modifier lifts the pair.  A further block of time goes with its first block and is not told again.
    """
    return Check(
        subject=_PROGRAMMES & (pl.col("indicator") == 0),
        violates=pl.col("payer_ncci_edits"),
        says=pl.format(
            "{} is not paid beside {} on {}; keep one programme", "code", "paid_code", "paid_place"
        ),
        asks=pl.format(
            "{} beside {} on {}: does this payer follow the NCCI edits?", "code", "paid_code", "paid_place"
        ),
        codes=("paid_code", "code"),
    )


@rule(
    id="CM-04",
    view=View.PAIR,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2024, 7, 1)),
    cites=[cite("ncci-ptp-2024q3", "care management pairs, indicator 1")],
)
def not_told_apart() -> Check:
    """Two care management services of one day that a modifier must tell apart.

    The edit pays the first alone unless a modifier says that they were separate, as the time logs must bear
    out.
    """
    return Check(
        subject=_PROGRAMMES & (pl.col("indicator") == 1),
        violates=pl.col("payer_ncci_edits") & ~pl.col("bypassed"),
        says=pl.format(
            "{} is not paid beside {} on {} unless the log shows separate work, told by a modifier",
            "code",
            "paid_code",
            "paid_place",
        ),
        asks=pl.format(
            "{} beside {} on {}: does this payer follow the NCCI edits?", "code", "paid_code", "paid_place"
        ),
        codes=("paid_code", "code"),
    )
