"""A book made of frames that somebody else filled: what they left out is missing, not guessed."""

import difflib
from collections.abc import Collection
from typing import Final

import polars as pl

from anodyne.kernel.errors import BadRequest
from anodyne.model.book import Book
from anodyne.model.frames import CLAIMS, LINES, Schema

NEEDED: Final = {"claims": ("claim_key", "patient"), "lines": ("claim_key", "code", "served_on")}
"""The columns without which nothing can be judged."""
_OF_CLAIM: Final = ("pos", "rendering_npi", "rendering_taxonomy", "auth_number", "clia")
"""What a line takes from its claim where it has none of its own, as in a file."""


def book_from(claims: pl.DataFrame, lines: pl.DataFrame) -> Book:
    """A book of `claims` and `lines`, whose columns are some of `frames.CLAIMS` and `frames.LINES`.

    `claim_key` joins the two.  `patient` may be a number or a text: whatever is the same for one person.
    Claims are judged unless their `judged` is false, and are called by their key unless they have a
    `claim_id`.  Lines are numbered in their order, end on the day they begin, and have their claim's place
    and practitioner, where those columns are not given.  Any other column that is not given is null: a fact
    that nobody told.

    Raises BadRequest for a column that is unknown, needed and missing, or not of its type, and for a line
    without a claim, a claim without a key or named twice, or a number that is none (NaN).
    """
    for name, frame, schema in (("claims", claims, CLAIMS), ("lines", lines, LINES)):
        _refuse_columns(name, frame.columns, schema)
    if claims["patient"].dtype == pl.String:
        claims = claims.with_columns(pl.col("patient").hash())
    if "judged" not in claims.columns:
        claims = claims.with_columns(judged=pl.lit(value=True))
    if "claim_id" not in claims.columns:
        claims = claims.with_columns(claim_id=pl.col("claim_key").cast(pl.String))
    whole = _typed("claims", claims, CLAIMS)
    if whole["claim_key"].null_count():
        raise BadRequest("a claim has no claim_key", where="claims", fix="Number the claims from 0.")
    if whole["claim_key"].is_duplicated().any():
        raise BadRequest("two claims have one claim_key", where="claims", fix="Number the claims from 0.")
    return Book(whole.sort("claim_key"), _lines(lines, whole))


def _lines(lines: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    if "line_key" not in lines.columns:
        lines = lines.with_row_index("line_key")
    if "line" not in lines.columns:
        lines = lines.with_columns(line=pl.int_range(1, pl.len() + 1).over("claim_key"))
    if "served_to" not in lines.columns:
        lines = lines.with_columns(served_to="served_on")
    missing = [name for name in _OF_CLAIM if name not in lines.columns]
    typed = _typed("lines", lines, LINES)
    for name in ("units", "ndc_qty"):
        if typed[name].is_nan().any() or typed[name].is_infinite().any():
            raise BadRequest(f"{name} holds what is no number", where="lines", fix="Leave it null instead.")
    strays = typed.join(claims, on="claim_key", how="anti", nulls_equal=False)
    if len(strays):
        raise BadRequest(
            f"{len(strays)} lines belong to no claim",
            where="lines",
            fix="Give each the claim_key of its claim.",
        )
    own = claims.select("claim_key", *missing)
    return (
        typed.drop(missing)
        .join(own, on="claim_key", how="left", maintain_order="left")
        .select(*LINES)
        .sort("claim_key", "line_key")
    )


def _refuse_columns(name: str, given: Collection[str], schema: Schema) -> None:
    missing = [column for column in NEEDED[name] if column not in given]
    if missing:
        raise BadRequest(f"{name} has no {', '.join(missing)}", where=name, fix="Add the column.")
    for column in given:
        if column not in schema:
            near = difflib.get_close_matches(column, schema, n=1)
            raise BadRequest(
                f"{name} has a column {column} that is none of a claim",
                where=name,
                fix=f"Is it {near[0]}?" if near else f"Leave it out; the columns are {', '.join(schema)}.",
            )


def _typed(name: str, frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """`frame` with every column of `schema`, in its types; BadRequest where a value does not fit."""
    columns = []
    for column, kind in schema.items():
        if column not in frame.columns:
            columns.append(pl.lit(None, kind).alias(column))
            continue
        try:
            columns.append(pl.lit(frame[column].cast(kind)).alias(column))
        except pl.exceptions.PolarsError:
            raise BadRequest(
                f"{column} holds {frame[column].dtype}, and not what it should",
                where=name,
                fix=f"Make it {kind}.",
            ) from None
    return frame.select(columns)
