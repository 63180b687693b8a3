"""The laboratory's certificate on a urine drug test."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_SINCE: Final = Span(dt.date(2023, 1, 1))
_TEST: Final = pl.col("course").is_in(["drug_test_presumptive", "drug_test_definitive"])
_WAIVED: Final = "80305"
_NUMBER: Final = r"^[0-9]{2}D[0-9]{7}$"


@rule(
    id="INJ-44",
    view=View.COURSE,
    outcome=Outcome.REJECT,
    in_force=_SINCE,
    cites=[cite("w-novitas-qw", "the CLIA number on every laboratory claim, or it is unprocessable")],
)
def no_certificate_number() -> Check:
    """A urine drug test without the laboratory's CLIA number.

    Every place that tests has a certificate, a waiver too.  Its number (REF*X4) stands on the claim or the
    line, for the place where the test was done.
    """
    return Check(
        subject=_TEST & pl.col("first_test") & pl.col("payer_clia_number"),
        violates=pl.col("clia").is_null(),
        says=pl.format("{} without the laboratory's CLIA number (REF*X4): the payer refuses it", "code"),
    )


@rule(
    id="INJ-44a",
    view=View.COURSE,
    outcome=Outcome.REJECT,
    in_force=_SINCE,
    cites=[cite("w-novitas-qw", "the CLIA number of the place of testing", confidence="known")],
)
def certificate_number_malformed() -> Check:
    """A CLIA number that cannot be one: two digits, the letter D, and seven digits."""
    return Check(
        subject=_TEST & pl.col("first_test") & pl.col("payer_clia_number") & pl.col("clia").is_not_null(),
        violates=~pl.col("clia").str.contains(_NUMBER),
        says=pl.format(
            "{}: the CLIA number (REF*X4) has two digits, D and seven digits; this one does not", "code"
        ),
    )


@rule(
    id="INJ-44b",
    view=View.COURSE,
    outcome=Outcome.ASK,
    in_force=_SINCE,
    payers=Payers.MEDICARE,
    cites=[cite("w-novitas-qw", "QW on waived tests")],
)
def waived_test_without_qw() -> Check:
    """A test that is read by eye, done in an office, without QW.

    A laboratory with a certificate of waiver is paid for 80305 only with QW; one with a higher certificate
    needs none.  A claim does not show which certificate it is.
    """
    return Check(
        subject=_TEST & (pl.col("code") == _WAIVED) & pl.col("office"),
        violates=~pl.col("mod_qw"),
        says=pl.format("{} without QW: is the office's CLIA certificate a waiver? Then QW is needed", "code"),
        needs="the office's CLIA certificate: whether it is a waiver",
    )


@rule(
    id="INJ-44c",
    view=View.COURSE,
    outcome=Outcome.DENY,
    in_force=_SINCE,
    payers=Payers.MEDICARE,
    cites=[
        cite("w-novitas-qw", "QW only where the list of waived tests has it", confidence="known"),
    ],
)
def qw_on_another_test() -> Check:
    """QW on a drug test that is never waived.

    Of the urine drug tests only 80305 is: a reader (80306), an analyser (80307) and definitive tests need a
    certificate above a waiver.
    """
    return Check(
        subject=_TEST & (pl.col("code") != _WAIVED),
        violates=pl.col("mod_qw"),
        says=pl.format("QW on {}: only 80305 is a waived drug test; which test was it?", "code"),
    )
