"""Category II codes only report."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_A_CENT = 1


@rule(
    id="CODE-03",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("cpt-code-set", "Category II codes: four digits and F, for measures of quality")],
)
def charge_for_a_report() -> Check:
    """A charge for a Category II code, four digits and F, which reports and is never paid.

    It is billed with no charge, or a cent where the software needs one.
    """
    return Check(
        subject=pl.col("code").str.contains(r"^[0-9]{4}F$"),
        violates=pl.col("charge_cents") > _A_CENT,
        says=pl.format("{} only reports and is never paid: bill it with no charge, or one cent", "code"),
    )
