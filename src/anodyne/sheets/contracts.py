"""The contracts of a practice: what each payer should allow for a code, and until when it may be asked."""

from typing import Final

import polars as pl

from anodyne.model import frames
from anodyne.model.denials import Route
from anodyne.sheets.columns import DAY, DOLLARS, MODIFIER, PAYER, PERCENT, PROCEDURE, WHOLE, Wrong, one_of
from anodyne.sheets.tables import Apart, Check, Column, Table, Unique

PLACES: Final = ("facility", "nonfacility")

_AMOUNT: Final = pl.col("allowed_given")
_SHARE: Final = pl.col("percent_of_medicare_given")

CONTRACTS_TABLE: Final = Table(
    "contracts",
    "contract_key",
    frames.CONTRACTS,
    (
        Column("payer", PAYER, needed=True),
        Column("code", PROCEDURE, needed=True),
        Column("modifier", MODIFIER),
        Column("pos_class", one_of("class of places", PLACES)),
        Column("from", DAY, needed=True),
        Column("until", DAY),
        Column("allowed", DOLLARS),
        Column("percent_of_medicare", PERCENT),
    ),
    None,
    (
        Check(
            "until",
            pl.col("until") <= pl.col("from"),
            Wrong("the rate ends before it begins", "Look at from and until, the first day it is gone."),
        ),
        Check(
            "allowed",
            ~_AMOUNT & ~_SHARE,
            Wrong("there is neither an amount nor a percentage", "Fill in allowed or percent_of_medicare."),
        ),
        Check(
            "allowed",
            _AMOUNT & _SHARE,
            Wrong("there are an amount and a percentage", "Keep allowed or percent_of_medicare alone."),
        ),
    ),
    Apart(
        ("payer", "code", "modifier", "pos_class"),
        "its days overlap those of the same payer, code, modifier and place in row",
        "Let until of the earlier be from of the later.",
    ),
)

LIMITED: Final = tuple(route for route in Route if route is not Route.LATE_RECORDS)
"""What a contract may set days for; records come late by Medicare's rules alone."""

LIMITS_TABLE: Final = Table(
    "limits",
    "limit_key",
    frames.DENIAL_LIMITS,
    (
        Column("payer", PAYER, needed=True),
        Column("route", one_of("route", LIMITED), needed=True),
        Column("days", WHOLE, needed=True),
    ),
    Unique(
        ("payer", "route"),
        "the same payer and route stand in row",
        "Keep one of the two.",
    ),
    (Check("days", pl.col("days") < 1, Wrong("is no number of days", "Write the days, as 180.")),),
)
