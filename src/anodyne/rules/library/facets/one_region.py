"""One region and one kind of imaging in a facet session."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-F8",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("article-a57826", "levels of one spine region in a session", confidence="known")],
)
def second_region() -> Check:
    """Facet procedures in two regions on one day.

    A session is of one region, cervical and thoracic or lumbar and sacral.  At the border, a first level of
    one region with a further level under the next region's code is one session and no second region.
    """
    return Check(
        subject=(pl.col("family") == "facet") & pl.col("payer_facet_lcd"),
        violates=pl.col("region_number") > 1,
        says=pl.format(
            "{} is a second region ({}) on a day of {} facet procedures; a session covers one region",
            "code",
            "region_name",
            "first_region_name",
        ),
    )


@rule(
    id="LCD-F8a",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("article-a57826", "fluoroscopy or CT; ultrasound is not covered")],
)
def ultrasound_guidance() -> Check:
    """Facet injections under ultrasound.

    Coverage asks for fluoroscopy or CT.  The codes of facet injections with ultrasound are not covered.
    """
    return Check(
        subject=pl.col("group") == "facet_block_us",
        violates=pl.col("payer_facet_lcd").fill_null(value=False),
        says=pl.format(
            "{} is a facet injection with ultrasound; it is covered under fluoroscopy or CT", "code"
        ),
    )
