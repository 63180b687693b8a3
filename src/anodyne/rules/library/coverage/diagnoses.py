"""Diagnoses for which a service is covered."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


@rule(
    id="LCD-DX",
    view=View.COVERAGE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2015, 10, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("coverage-database", "codes and covered diagnoses of the articles in force")],
)
def diagnosis_not_covered() -> Check:
    """No diagnosis of the line stands in the list for which Medicare's contractor covers the service.

    The lists are those of the contractor's billing and coding articles, once the export of the Medicare
    Coverage Database is loaded. One covered diagnosis that the line points to is enough, in whichever group
    of the article it stands. Only procedures and laboratory tests are judged: other codes stand in articles
    for one of their uses.
    """
    return Check(
        subject=pl.col("kind").is_in(["procedure", "lab", "needling"]),
        violates=~pl.col("covered"),
        says=pl.format(
            "{} is not covered for {} ({}): is a listed diagnosis in the record? Ask the clinician",
            "code",
            "dx",
            "articles",
        ),
    )
