"""How telehealth is billed: place, modifiers and codes."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, Payers, View, cite, rule

_FORMS: Final = cite("w-telehealth-modifiers", "95 for picture, 93 for voice alone, places 02 and 10")
_BY_MODIFIER: Final = pl.col("by_video") | pl.col("by_voice")
_HOSPITAL: Final = ("19", "22")
_REMOTE: Final = (pl.col("telehealth_place") | _BY_MODIFIER) & ~pl.col("in_person_only")


@rule(
    id="TEL-02",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_FORMS],
)
def hands_by_telehealth() -> Check:
    """A service of hands by telehealth.

    No injection, needle, drug, image or manipulation is given through a screen: the place is wrong, or the
    line belongs to a visit in person.
    """
    return Check(
        subject=pl.col("in_person_only"),
        violates=pl.col("telehealth_place") | _BY_MODIFIER,
        says=pl.when("telehealth_place")
        .then(
            pl.format("{} in place {}: it cannot be given by telehealth; where was it given?", "code", "pos")
        )
        .otherwise(pl.format("{} with 93, 95 or GT: it cannot be given by telehealth; take it off", "code")),
    )


@rule(
    id="TEL-03",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_FORMS],
)
def picture_and_voice_alone() -> Check:
    """95 or GT says that there was picture, 93 or FQ that there was none."""
    return Check(
        subject=pl.col("by_video"),
        violates=pl.col("by_voice"),
        says=pl.format("{} carries a modifier for picture and one for voice alone: which was it?", "code"),
    )


@rule(
    id="TEL-04",
    view=View.PLACE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_FORMS],
)
def telehealth_in_another_place() -> Check:
    """A modifier says telehealth, and the place says that the patient was there.

    For payers that want place 02 or 10 (Medicare since 2024): the place decides what is paid, more in an
    office than for a patient elsewhere.  A hospital whose therapist treats patients at home keeps its place
    and says 95.
    """
    return Check(
        subject=_REMOTE & _BY_MODIFIER & pl.col("payer_telehealth_place") & pl.col("pos").is_not_null(),
        violates=~pl.col("telehealth_place") & ~pl.col("pos").is_in(_HOSPITAL),
        says=pl.format(
            "{} by telehealth in place {}: this payer wants 10 for a patient at home, else 02", "code", "pos"
        ),
    )


@rule(
    id="TEL-05",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_FORMS],
)
def without_the_modifier() -> Check:
    """Telehealth without the modifier that the payer wants.

    For payers whose policy names one; 93 or FQ says instead that there was voice alone.
    """
    wanted = pl.col("payer_telehealth_modifier")
    has_it = pl.when(wanted == "GT").then("mod_gt").otherwise("mod_95")
    return Check(
        subject=_REMOTE & (wanted != "none"),
        violates=~has_it & ~pl.col("by_voice"),
        says=pl.format("{} by telehealth: this payer wants {} on it, or 93 for voice alone", "code", wanted),
    )


@rule(
    id="TEL-06",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[_FORMS],
)
def voice_alone_not_paid() -> Check:
    """A visit by voice alone for a payer whose policy says that it does not pay such visits."""
    return Check(
        subject=pl.col("by_voice") & ~pl.col("payer_telehealth_audio_only"),
        violates=pl.col("by_voice"),
        says=pl.format("{} by voice alone: this payer does not pay it", "code"),
    )


@rule(
    id="TEL-07",
    view=View.PLACE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2025, 1, 1)),
    cites=[cite("w-98000", "98000 to 98015: not valid for Medicare; 98016 is paid")],
)
def telemedicine_code_not_taken() -> Check:
    """98000 to 98015 for a payer that does not take them.

    Medicare and others want 99202 to 99215 in place 02 or 10, with 93 for voice alone.  98016, the brief
    contact that took the place of G2012, Medicare pays.
    """
    return Check(
        subject=(pl.col("group") == "telemedicine_visit") & ~pl.col("payer_telephone_codes"),
        violates=pl.col("group") == "telemedicine_visit",
        says=pl.format("{} is not taken by this payer: the office visit it was, in place 02 or 10", "code"),
    )


@rule(
    id="TEL-08",
    view=View.PLACE,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    payers=Payers.MEDICARE,
    cites=[cite("w-telehealth-modifiers", "GT: critical access hospitals, on institutional claims")],
)
def gt_on_professional_claim() -> Check:
    """GT is for critical access hospitals that bill their practitioners; Medicare wants the place, not GT."""
    return Check(
        subject=~pl.col("by_voice") & ~pl.col("in_person_only"),
        violates=pl.col("mod_gt"),
        says=pl.format(
            "GT on {}: Medicare takes it from critical access hospitals only; place 02 or 10", "code"
        ),
        at_risk_cents=pl.lit(0),
    )
