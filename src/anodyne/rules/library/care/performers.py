"""Who may give care management time that a practitioner gives in person."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_IN_PERSON: Final = ("99491", "99437", "99424", "99425")
_SAYS: Final = pl.format(
    "{} is a practitioner's own time, and the rendering provider's taxonomy is that of a {}; who gave it?",
    "code",
    "practitioner_type",
)


@rule(
    id="CPM-10",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("w-nixon", "personally by a physician or other qualified practitioner"),
        cite("nucc-taxonomy", "nursing, therapy, pharmacy and support staff, chiropractic, psychology"),
    ],
)
def pain_management_by_staff() -> Check:
    """Chronic pain management by somebody who does not bill it.

    G3002 and G3003 count the time of the physician, nurse practitioner, physician assistant or clinical nurse
    specialist in person.  Staff time is not counted, whoever supervises it.
    """
    return Check(
        subject=pl.col("group") == "cpm",
        violates=pl.col("practitioner_type").is_not_null(),
        says=_SAYS,
    )


@rule(
    id="CM-WHO",
    view=View.CARE,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("ngs-care-management", "99491 and 99437: only the billing practitioner's time"),
        cite("nucc-taxonomy", "nursing, therapy, pharmacy and support staff, chiropractic, psychology"),
    ],
)
def own_time_by_staff() -> Check:
    """Chronic or principal care of the practitioner's own time, by somebody who does not bill it.

    99491, 99437, 99424 and 99425 count the practitioner's minutes; staff minutes are 99490, 99439, 99426 and
    99427.
    """
    return Check(
        subject=pl.col("code").is_in(_IN_PERSON),
        violates=pl.col("practitioner_type").is_not_null(),
        says=_SAYS,
    )
