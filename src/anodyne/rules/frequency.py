"""How rules tell of sessions that come too often."""

import polars as pl

EXCEEDED = pl.format(
    "session in {}, {} are covered; earlier {}; next eligible {}",
    "window",
    "sessions_covered",
    "earlier_sessions",
    "next_eligible",
)
"""The end of a message on a session beyond a limit."""


def told(what: str) -> pl.Expr:
    """The message on a session beyond a limit; `what` follows the name of the region."""
    return pl.format(
        "{} {} {}{}", "session_ordinal", "region_name", pl.lit(f"{what} " if what else ""), EXCEEDED
    )
