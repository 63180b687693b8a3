"""The parts of a table that is issued in several files: which rows of an edition came from which."""

import hashlib
import io
from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from anodyne.reference.editions import SourceFile
from anodyne.reference.shapes import EDITIONS


def described(file: SourceFile, rows: pl.DataFrame, table: str) -> SourceFile:
    """`file` with what tells its `rows`, sorted by the key of `table`, from those of another file."""
    keys = rows.select(_key(table)).to_series()
    return replace(
        file, rows=len(rows), rows_sha256=_digest(rows), first=str(keys.min()), last=str(keys.max())
    )


def taken(rows: pl.DataFrame, files: Iterable[SourceFile], table: str) -> pl.DataFrame | None:
    """Those of `rows` that came from `files`; None where that cannot be told for certain."""
    told = [file.rows_sha256 for file in files]
    parts = [
        rows.filter(_key(table).is_between(pl.lit(file.first), pl.lit(file.last)))
        for file in files
        if file.rows_sha256
    ]
    return pl.concat(parts) if parts and [_digest(part) for part in parts] == told else None


def _key(table: str) -> pl.Expr:
    return pl.concat_str(*EDITIONS[table].key, separator=" ")


def _digest(rows: pl.DataFrame) -> str:
    """SHA-256 of `rows` as text."""
    text = io.BytesIO()
    rows.write_csv(text)
    return hashlib.sha256(text.getbuffer()).hexdigest()
