"""How often a patient's urine may be tested for drugs."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 12, 24))
_CAPS: Final = cite("lcd-l39981", "moderate risk 2 in 180 days, high risk 3 in 90 days, of each kind")
_KINDS: Final = {"drug_test_presumptive": "presumptive", "drug_test_definitive": "definitive"}
_KIND: Final = pl.col("course").replace_strict(_KINDS, default=None, return_dtype=pl.String)
_HIGH: Final = pl.col("payer_drug_test_high_tests")
_MODERATE: Final = pl.col("payer_drug_test_moderate_tests")
_BOUND: Final = (
    pl.col("course").is_in(list(_KINDS))
    & (~pl.col("medicare") | pl.col("payer_drug_test_lcd").fill_null(value=False))
    & _HIGH.is_not_null()
    & _MODERATE.is_not_null()
)
_ABOVE_HIGH: Final = pl.col("high_number") > _HIGH
_SUBSTANCE_USE: Final = pl.col("diagnosed").fill_null(value=False)


@rule(id="LCD-U1", view=View.COURSE, outcome=Outcome.DENY, in_force=_SINCE, cites=[_CAPS])
def drug_tests_beyond_every_limit() -> Check:
    """More urine drug tests of a kind than even the highest risk allows.

    Presumptive and definitive tests count apart, a day once.  The days end with the day of the test: one so
    many days before is no longer counted.  A patient treated for substance use is tested by a schedule of
    its own, of which another rule asks.
    """
    return Check(
        subject=_BOUND & ~_SUBSTANCE_USE,
        violates=_ABOVE_HIGH,
        says=pl.format(
            "{} {} drug tests in {} days, {} are covered at the highest risk; earlier {}; next eligible {}",
            "high_number",
            _KIND,
            "payer_drug_test_high_days",
            _HIGH,
            "high_days",
            "high_next",
        ),
    )


@rule(id="LCD-U1a", view=View.COURSE, outcome=Outcome.ASK, in_force=_SINCE, cites=[_CAPS])
def drug_tests_beyond_moderate_risk() -> Check:
    """More urine drug tests of a kind than moderate risk allows, and no more than high risk does.

    Which risk the record shows, a claim does not say.
    """
    return Check(
        subject=_BOUND & ~_SUBSTANCE_USE & ~_ABOVE_HIGH,
        violates=pl.col("moderate_number") > _MODERATE,
        says=pl.format(
            "{} {} drug tests in {} days (earlier {}): does the record show high risk? Moderate allows {}",
            "moderate_number",
            _KIND,
            "payer_drug_test_moderate_days",
            "moderate_days",
            _MODERATE,
        ),
        needs="chart: the risk assessment on which the test was ordered",
    )


@rule(
    id="LCD-U1b",
    view=View.COURSE,
    outcome=Outcome.ASK,
    in_force=_SINCE,
    cites=[cite("lcd-l39981", "tests of patients treated for substance use", confidence="known")],
)
def drug_tests_in_treatment() -> Check:
    """More urine drug tests than any risk allows, where substance use is treated.

    They follow the days of abstinence: the record must show how many.
    """
    return Check(
        subject=_BOUND & _SUBSTANCE_USE,
        violates=_ABOVE_HIGH,
        says=pl.format(
            "{} {} drug tests in {} days for {}: does the record give the days of abstinence?",
            "high_number",
            _KIND,
            "payer_drug_test_high_days",
            "diagnosis",
        ),
        needs="chart: the days of abstinence on the day of the test",
    )
