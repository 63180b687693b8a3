"""How far one epidural session may reach."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-E3",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[
        cite("article-a58745", "two levels in a session for 64479 to 64484"),
        cite("lcd-l33906", "transforaminal injections: two levels of one region"),
    ],
)
def third_transforaminal_level() -> Check:
    """More than two transforaminal levels in a session.

    The first level is 64479 or 64483, and each unit of 64480 or 64484 one more.  Both sides of a level are
    one level.
    """
    return Check(
        subject=(pl.col("group") == "epidural_transforaminal")
        & (pl.col("level") == "next")
        & pl.col("is_first_of_day")
        & pl.col("payer_epidural_lcd"),
        violates=pl.col("further_levels") > 1,
        says=pl.format(
            "{} units of {} with the first level are more than the two levels a session covers",
            pl.col("units_of_day").cast(pl.Int64),
            "code",
        ),
    )


@rule(
    id="LCD-E3a",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[
        cite("article-a58745", "one region in a session"),
        cite("article-a56651", "one region in a session"),
    ],
)
def second_region() -> Check:
    """Epidurals of two regions on one day.

    A session is of one region, cervical and thoracic or lumbar and sacral with caudal.
    """
    return Check(
        subject=(pl.col("family") == "epidural") & pl.col("payer_epidural_lcd"),
        violates=pl.col("region_number") > 1,
        says=pl.format(
            "{} is a second region ({}) on a day of {} epidurals; a session covers one region",
            "code",
            "region_name",
            "first_region_name",
        ),
    )
