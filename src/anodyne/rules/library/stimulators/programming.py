"""How often a stimulator may be analysed or programmed."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_FIRST_MONTH: Final = 30


@rule(
    id="INJ-29",
    view=View.COURSE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 5, 13)),
    cites=[cite("article-a56876", "95970 to 95972 more often than every 30 days, the first month set aside")],
)
def programming_too_soon() -> Check:
    """A spinal or peripheral stimulator analysed or programmed again too soon.

    More often than every 30 days is not held necessary, but in the first month after it was implanted.
    Silent where the implantation is seen in book or history no more than 30 days before.  Of
    Medicare's contractors only Palmetto writes this down: elsewhere nothing is said.
    """
    interval = pl.col("payer_programming_days")
    young = (pl.col("since_implant") <= _FIRST_MONTH).fill_null(value=False)
    return Check(
        subject=(pl.col("course") == "programming") & interval.is_not_null() & ~young,
        violates=(pl.col("days_since") < interval).fill_null(value=False),
        says=pl.format(
            "{} {} days after the last programming ({}), {} apart are expected after the first month; "
            "next eligible {}",
            "code",
            "days_since",
            "last_day",
            interval,
            "programming_next",
        ),
    )
