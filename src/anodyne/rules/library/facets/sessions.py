"""Facet sessions of one region in twelve months."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_QUESTIONS = cite(
    "w-facet-qa", "question 1: sessions of diagnostic, therapeutic and radiofrequency procedures"
)
_KX = cite("w-facet-qa", "question 3: KX on diagnostic lines")


def _told(kind: str, limit: str) -> pl.Expr:
    return pl.format(
        "{} {} {} session in 12 months, {} are covered; earlier {}; next eligible {}",
        "session_ordinal",
        "region_name",
        pl.lit(kind),
        limit,
        "earlier_sessions",
        "next_eligible",
    )


@rule(
    id="LCD-F4",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[_QUESTIONS, _KX],
)
def diagnostic_sessions() -> Check:
    """More diagnostic facet sessions of a region than a year may have.

    A session is a calendar day, whatever its sides and levels, and is diagnostic where a line carries KX.
    The 12 months reach back to the same day of the year before, that day itself no longer counted.  A session
    in the history counts as held whatever became of its claim.
    """
    limit = "payer_facet_sessions_year"
    return Check(
        subject=pl.col("kind") == "facet_diagnostic",
        violates=pl.col("sessions") > pl.col(limit),
        says=_told("diagnostic facet", limit),
    )


@rule(
    id="LCD-F4a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-facet-qa", "question 3: KX is for diagnostic injections", confidence="known")],
)
def kx_on_radiofrequency() -> Check:
    """KX on facet radiofrequency.

    KX tells Medicare that a facet injection is diagnostic; radiofrequency never is.  Use of KX where it does
    not belong is what reviewers look for.
    """
    return Check(
        subject=pl.col("kind") == "facet_rf",
        violates=pl.col("mod_kx"),
        says=pl.format(
            "KX marks a diagnostic facet injection, and {} is radiofrequency; check the modifier", "code"
        ),
    )


@rule(
    id="LCD-F5",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[_QUESTIONS],
)
def therapeutic_sessions() -> Check:
    """More therapeutic facet sessions of a region than a year may have.

    A facet injection without KX counts as therapeutic, also where the KX of a diagnostic one was forgotten.
    A session is a calendar day, whatever its sides and levels.  The 12 months reach back to the same day of
    the year before, that day itself no longer counted.  A session in the history counts as held whatever
    became of its claim.
    """
    limit = "payer_facet_sessions_year"
    return Check(
        subject=pl.col("kind") == "facet_therapeutic",
        violates=pl.col("sessions") > pl.col(limit),
        says=_told("therapeutic facet", limit),
    )


@rule(
    id="LCD-F6",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[_QUESTIONS],
)
def radiofrequency_sessions() -> Check:
    """More facet radiofrequency sessions of a region than a year may have.

    A session is a calendar day, whatever its sides and joints: two sides on two days are two sessions.  The
    12 months reach back to the same day of the year before, that day itself no longer counted.  A session in
    the history counts as held whatever became of its claim.
    """
    limit = "payer_facet_rf_sessions_year"
    return Check(
        subject=pl.col("kind") == "facet_rf",
        violates=pl.col("sessions") > pl.col(limit),
        says=_told("facet radiofrequency", limit),
    )
