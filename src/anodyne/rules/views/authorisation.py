"""Services paid with a prior authorisation: the part of the line view that speaks of its number."""

from typing import Final

import polars as pl

from anodyne.reference.tables import Reference
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import with_facts

AUTHORISATION_FACTS: Facts = {
    "programme": Fact(
        pl.String,
        "Medicare's programme that wants the service authorised in this place, state and on this day: "
        "hospital_outpatient, surgery_centre or wiser",
    ),
    "has_number": Fact(pl.Boolean, "whether the claim or the line bears an authorisation number (REF*G1)"),
    "tracking_number": Fact(pl.Boolean, "whether that number has the form of Medicare's tracking numbers"),
    "authorised": Fact(
        pl.Boolean,
        "whether the claim that has to bear the number does; null where that is the facility's claim",
        "the facility: the tracking number (UTN) of its own claim, or its exemption",
    ),
    "listed_by_payer": Fact(
        pl.Boolean,
        "whether the payer's policy names the code as one to be authorised; null without a list",
        values=("authorisation_codes",),
    ),
}

_TRACKING_NUMBER: Final = "^[0-9A-Z]{14}$"
_FACILITIES: Final = ("19", "22", "24")
"""Places that bill for themselves beside the practitioner: hospital outpatients, surgery centres."""
_LINE: Final = ("line_key", "code", "pos", "state", "served_on")


def with_authorisation(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines`, which have `surgery_centre`, with the columns of AUTHORISATION_FACTS."""
    codes = reference.table("authorisation_codes")["code"].unique()
    asked = lines.filter(pl.col("medicare") & pl.col("code").is_in(codes.implode())).select(
        *_LINE, "surgery_centre"
    )
    if asked.is_empty():
        lines = lines.with_columns(programme=pl.lit(None, pl.String))
    else:
        lines = with_facts(lines, _programmes(asked, reference), on="line_key")
    has_number = pl.col("auth_number").is_not_null()
    elsewhere = pl.col("pos").is_in(_FACILITIES).fill_null(value=False) & ~pl.col("surgery_centre")
    return lines.with_columns(
        has_number=has_number,
        tracking_number=pl.col("auth_number").str.contains(_TRACKING_NUMBER),
        authorised=pl.when(has_number | ~elsewhere).then(has_number),
        listed_by_payer=pl.col("payer_authorisation_codes").list.contains(pl.col("code")),
    )


def _programmes(asked: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """For each line of a listed code, the programme in whose places and states it was done.

    A programme that names no state is in force in all.  The programme of surgery centres is about the claims
    of the centres alone.
    """
    codes, scope = reference.table("authorisation_codes"), reference.table("authorisation_scope")
    places, states = (_values(scope, kind) for kind in ("pos", "state"))
    nationwide = set(scope["programme"]) - set(states["programme"])
    return (
        asked.lazy()
        .join(codes.lazy().select("programme", "code", "from", "until"), on="code")
        .filter(_live())
        .select(*_LINE, "surgery_centre", "programme")
        .join(places.lazy(), on=["programme", "pos"])
        .filter(_live())
        .select("line_key", "state", "served_on", "surgery_centre", "programme")
        .join(states.lazy(), on=["programme", "state"], how="left")
        .filter(pl.col("programme").is_in(nationwide) | (pl.col("from").is_not_null() & _live()))
        .filter((pl.col("programme") != "surgery_centre") | pl.col("surgery_centre"))
        .group_by("line_key")
        .agg(pl.col("programme").min())
        .collect()
    )


def _values(scope: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The places or states of programmes, with their days."""
    return scope.filter(kind=kind).select("programme", pl.col("value").alias(kind), "from", "until")


def _live() -> pl.Expr:
    """Whether the row that was found is in force on the day of the line."""
    until = pl.col("until")
    return (pl.col("from") <= pl.col("served_on")) & (until.is_null() | (pl.col("served_on") < until))
