"""Medicare's prior authorisation programmes."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule


def _of(programme: str) -> pl.Expr:
    return pl.col("programme") == programme


@rule(
    id="PA-01",
    view=View.LINE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("cms-opd-authorisation", "services and the days from which they need authorization"),
        cite("noridian-opd-practitioners", "related claims are not paid where the hospital's is not"),
    ],
)
def hospital_outpatient() -> Check:
    """Some services in a hospital outpatient department are paid only if the hospital had them authorised.

    Botulinum toxin with 64612 or 64615 from 2020-07-01, the stimulator lead 63650 from 2021-07-01 (the
    number of the trial serves for the permanent lead), facet procedures from 2023-07-01, without the third
    level since 2024-08-05. The number stands on the hospital's claim, or the hospital is exempt: the
    practitioner's line, in place 19 or 22, is not paid where the hospital's is not. A number in REF*G1 shows
    that it was seen to.
    """
    return Check(
        subject=_of("hospital_outpatient"),
        violates=~pl.col("authorised"),
        says=pl.format(
            "{} in a hospital outpatient department needs an authorisation (UTN) in REF*G1", "code"
        ),
        asks=pl.format(
            "{} in a hospital outpatient department is paid only if the hospital had it authorised: was it?",
            "code",
        ),
    )


@rule(
    id="PA-04",
    view=View.LINE,
    outcome=Outcome.REJECT,
    in_force=Span(dt.date(2020, 7, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("noridian-asc-claims", "the tracking number has 14 places"),
        cite("fcso-tracking-number", "another number in its place is rejected"),
    ],
)
def tracking_number_form() -> Check:
    """The number of a Medicare authorisation has 14 letters and digits.

    It is the unique tracking number (UTN) of the decision letter, whether affirmed or not. Nothing else may
    stand in its place.
    """
    return Check(
        subject=pl.col("programme").is_not_null() & pl.col("has_number"),
        violates=~pl.col("tracking_number"),
        says=pl.format(
            "the number in REF*G1 for {} is no tracking number (UTN): those have 14 letters and digits",
            "code",
        ),
    )


@rule(
    id="PA-05",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2026, 1, 19)),
    payers=Payers.MEDICARE,
    cites=[
        cite("cms-asc-authorisation", "categories, states and days; voluntary, else review before payment"),
        cite("noridian-asc-claims", "a claim without a decision is reviewed before payment"),
    ],
)
def surgery_centre() -> Check:
    """A surgery centre's claim for botulinum toxin injections without authorisation is held for review.

    Ten states, from 2026-01-19 or 2026-02-16: 64612 and 64615 on the claim of the centre itself. Asking for
    the authorisation is voluntary; without its number the records are asked for before payment, within 45
    days. Practitioners' claims are not concerned.
    """
    return Check(
        subject=_of("surgery_centre"),
        violates=~pl.col("has_number"),
        says=pl.format(
            "{} of a surgery centre without a tracking number (REF*G1) is held for records before payment",
            "code",
        ),
    )


@rule(
    id="PA-06",
    view=View.LINE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2026, 1, 15), dt.date(2032, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[
        cite("katten-wiser", "six states, services from 2026-01-15 to 2031-12-31, Original Medicare"),
        cite("cgs-wiser-reminders", "in a hospital or surgery centre the number is on the facility's claim"),
        cite("cohere-wiser-codes", "the codes under review"),
        cite("virtix-wiser", "lumbar decompression is among the procedures"),
    ],
)
def wiser() -> Check:
    """In six states some services without authorisation are held for review before payment (WISeR).

    Arizona, New Jersey, Ohio, Oklahoma, Texas and Washington, Original Medicare: epidural injections with
    imaging, vertebral augmentation, 63655, 64605, 64610, 0275T and 22554. Facet procedures, and 63650, which
    the hospital programme has, are not in it. Authorisation is a choice, but without its number the claim is
    stopped for records. In an office or at home (11, 12) the number stands on this claim; in a hospital
    outpatient department or a surgery centre on the facility's.
    """
    return Check(
        subject=_of("wiser"),
        violates=~pl.col("authorised"),
        says=pl.format(
            "{} without a tracking number (REF*G1) is held for records before payment (WISeR)", "code"
        ),
        asks=pl.format("{} is reviewed (WISeR): does the facility's claim bear a tracking number?", "code"),
    )
