"""How many trials and paddle leads a patient may have in a lifetime."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2021, 5, 13))


@rule(
    id="LCD-C2",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[cite("article-a56876", "two trials of a spinal region in a lifetime")],
)
def stimulator_trials() -> Check:
    """More trials of a spinal stimulator than a patient may have.

    63650 with no generator (63685) the same day is a trial.  Two are covered for each region of the spine in
    a lifetime, more only where technique failed or the stimulation was of another kind.  A claim does not
    show the region: the record must.  Trials that others billed are not seen.  Of Medicare's
    contractors only Palmetto writes this down: elsewhere nothing is said.
    """
    limit = pl.col("payer_stimulator_trials_lifetime")
    return Check(
        subject=(pl.col("course") == "stimulator_lead") & ~pl.col("permanent") & limit.is_not_null(),
        violates=pl.col("times") > limit,
        says=pl.format(
            "{} stimulator trial, {} are covered in a lifetime; earlier {}; right only for another region",
            "times_ordinal",
            limit,
            "earlier_days",
        ),
    )


@rule(
    id="LCD-C2a",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=_SINCE,
    cites=[cite("article-a56876", "63655 once in a lifetime")],
)
def stimulator_paddles() -> Check:
    """A paddle lead (63655) more often than once in a lifetime.

    A paddle that is replaced or moved has a code of its own, 63664, and one that is taken out 63662.  Of
    Medicare's contractors only Palmetto writes this down.
    """
    limit = pl.col("payer_stimulator_paddles_lifetime")
    return Check(
        subject=(pl.col("course") == "stimulator_paddle") & limit.is_not_null(),
        violates=pl.col("times") > limit,
        says=pl.format(
            "{} {}, {} is covered in a lifetime; earlier {}; was the paddle revised (63664) instead?",
            "times_ordinal",
            "code",
            limit,
            "earlier_days",
        ),
    )
