"""Consent before the first minute that counts."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule
from anodyne.rules.spelling import spelled

_AFTER: Final = pl.col("consent_on") > pl.col("day")
_NOTHING_LEFT: Final = pl.col("gated_away") & (
    (pl.col("before_consent_seconds") > 0) | (pl.col("after_revocation_seconds") > 0)
)
_REVOKED: Final = pl.col("after_revocation_seconds") > 0
_UNTOLD: Final = (
    ("covers_purpose", "what chronic pain management is"),
    ("covers_frequency", "how often it is given"),
    ("covers_cost_sharing", "cost sharing"),
)


@rule(
    id="CPM-09",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite(
            "cy2023-pfs-final-rule",
            "chronic pain management: consent at the initiating visit, verbal or written, in the record",
            confidence="known",
        )
    ],
)
def pain_management_without_consent() -> Check:
    """Chronic pain management without the patient's consent.

    At the initiating visit the patient is told what it is, how often it will be given, and of cost sharing,
    and consents, in words or in writing.  Minutes before consent, and after it was revoked, do not count.
    """
    untold = [~pl.col(name) for name, _ in _UNTOLD]
    return Check(
        subject=pl.col("program") == "cpm",
        violates=_AFTER | _NOTHING_LEFT | pl.any_horizontal(untold),
        says=pl.when(_NOTHING_LEFT & _REVOKED)
        .then(pl.lit("consent was revoked before enough time was given"))
        .when(_AFTER | _NOTHING_LEFT)
        .then(pl.format("consent of {} came after time that would be needed", spelled("consent_on")))
        .otherwise(
            pl.format(
                "consent does not say that the patient was told of: {}",
                pl.concat_str(
                    [pl.when(~pl.col(name)).then(pl.lit(words)) for name, words in _UNTOLD],
                    separator=", ",
                    ignore_nulls=True,
                ),
            )
        ),
        asks=pl.lit("is consent in the record, with what the patient was told?"),
        codes=("first_code",),
    )


@rule(
    id="CM-08",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2015, 1, 1)),
    cites=[cite("mln909188", "consent before care management is billed", confidence="known")],
)
def care_without_consent() -> Check:
    """Care management without the patient's consent.

    Chronic and principal care, remote monitoring and behavioural integration need consent, in words or in
    writing, with cost sharing explained.  Minutes before consent, and after it was revoked, do not count.
    """
    return Check(
        subject=~pl.col("program").is_in(["cpm", "tcm"]),
        violates=_AFTER | _NOTHING_LEFT | ~pl.col("covers_cost_sharing").fill_null(value=True),
        says=pl.when(_NOTHING_LEFT & _REVOKED)
        .then(pl.lit("consent was revoked before enough time was given"))
        .when(_AFTER | _NOTHING_LEFT)
        .then(pl.format("consent of {} came after time that would be needed", spelled("consent_on")))
        .otherwise(pl.lit("consent does not say that the patient was told of cost sharing")),
        asks=pl.lit("is the patient's consent in the record?"),
        codes=("first_code",),
    )
