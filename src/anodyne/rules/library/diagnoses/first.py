"""Codes that never stand first."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-02a",
    view=View.DIAGNOSIS,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite(
            "icd10cm-guidelines",
            "I.A.13 manifestations, I.B.10 sequelae and I.C.20 external causes never stand first",
        ),
        cite("uhc-diagnosis-order", "the same three"),
        cite("ibx-diagnosis-order", "secondary only: manifestations, external causes, sequelae"),
        cite("stedi-external-cause", "a clearinghouse refuses V to Y as the first diagnosis"),
    ],
)
def never_first() -> Check:
    """A code that only adds to another is the first of the claim.

    A manifestation follows the disease it belongs to, an external cause the injury, and a sequela (seventh
    character S) the condition that the injury left behind.
    """
    why = pl.col("never_first").replace_strict(
        {
            "manifestation": "is a manifestation: the disease that causes it",
            "external_cause": "is an external cause: the injury",
            "sequela": "is a sequela: the condition it left behind",
        },
        default=None,
    )
    return Check(
        subject=pl.col("never_first").is_not_null(),
        violates=pl.col("position") == 1,
        says=pl.format("{} {} stands first", "named", why),
    )
