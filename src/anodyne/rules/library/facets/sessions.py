"""Facet sessions of one region in a year."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.frequency import told
from anodyne.rules.rule import Check, Payers, View, cite, rule
from anodyne.rules.spelling import spelled

_QUESTIONS = cite(
    "w-facet-qa", "question 1: sessions of diagnostic, therapeutic and radiofrequency procedures"
)
_KX = cite("w-facet-qa", "question 3: KX on diagnostic lines")


@rule(
    id="LCD-F4",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[_QUESTIONS, _KX],
)
def diagnostic_sessions() -> Check:
    """More diagnostic facet sessions of a region than a year may have.

    A session is a calendar day, whatever its sides and levels, and is diagnostic where a line carries KX.
    Medicare's 12 months reach back to the same day of the year before, that day itself no longer counted; a
    payer may count by calendar year. A session in the history counts as held whatever became of its claim.
    """
    limit = pl.col("payer_facet_sessions_year")
    return Check(
        subject=(pl.col("kind") == "facet_diagnostic") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told("diagnostic facet"),
    )


@rule(
    id="LCD-F4a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
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
    id="LCD-F4b",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[cite("w-facet-qa", "question 3: KX is for diagnostic injections", confidence="known")],
)
def diagnostic_after_treatment() -> Check:
    """A diagnostic facet session of a region and side after radiofrequency.

    Diagnostic procedures come before treatment, and normally two are needed. KX on an injection within twelve
    months after radiofrequency of the same region and side is what reviewers look for; other joints of the
    region are not meant.
    """
    return Check(
        subject=(pl.col("kind") == "facet_diagnostic") & pl.col("payer_facet_lcd") & ~pl.col("over_limit"),
        violates=pl.col("treated_before").is_not_null(),
        says=pl.format(
            "KX says {} is diagnostic, but this {} side had radiofrequency on {}: check KX and record",
            "code",
            "region_name",
            spelled("treated_before"),
        ),
    )


@rule(
    id="LCD-F4c",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[_KX],
)
def kx_on_some_lines() -> Check:
    """KX stands on some lines of a facet session and not on others.

    A diagnostic session has KX on each of its lines, further levels and sides too. A line without it counts
    as therapeutic. Which it was is for the person who did it to say.
    """
    return Check(
        subject=(pl.col("kind") == "facet_diagnostic") & pl.col("payer_facet_lcd"),
        violates=pl.col("kx_missing").is_not_null(),
        says=pl.format(
            "KX says the session is diagnostic, but {} lacks it: on each line, or on none", "kx_missing"
        ),
        codes=("kx_missing",),
    )


@rule(
    id="LCD-F5",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[_QUESTIONS],
)
def therapeutic_sessions() -> Check:
    """More therapeutic facet sessions of a region than a year may have.

    A facet injection without KX counts as therapeutic, also where the KX of a diagnostic one was forgotten.
    A session is a calendar day, whatever its sides and levels. Medicare's 12 months reach back to the same
    day of the year before, that day itself no longer counted; a payer may count by calendar year. A session
    in the history counts as held whatever became of its claim.
    """
    limit = pl.col("payer_facet_sessions_year")
    return Check(
        subject=(pl.col("kind") == "facet_therapeutic") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told("therapeutic facet"),
    )


@rule(
    id="LCD-F6",
    view=View.SESSION,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2021, 4, 25)),
    cites=[_QUESTIONS],
)
def radiofrequency_sessions() -> Check:
    """More facet radiofrequency sessions of a region than a year may have.

    A session is a calendar day, whatever its sides and joints: two sides on two days are two sessions.
    Medicare's 12 months reach back to the same day of the year before, that day itself no longer counted; a
    payer may count by calendar year. A session in the history counts as held whatever became of its claim.
    """
    limit = pl.col("payer_facet_rf_sessions_year")
    return Check(
        subject=(pl.col("kind") == "facet_rf") & limit.is_not_null(),
        violates=pl.col("sessions") > limit,
        says=told("facet radiofrequency"),
    )
