"""The identifiers of claims as they are compared, and the days of a claim."""

import polars as pl

from anodyne.model.frames import MODIFIERS


def plain(name: str) -> pl.Expr:
    """An identifier without case, blanks around it and leading zeros; null where nothing is left.

    >>> frame = pl.DataFrame({"id": [" 00ab1", "0000", None]})
    >>> frame.select(plain("id"))["id"].to_list()
    ['AB1', None, None]
    """
    kept = pl.col(name).str.strip_chars().str.to_uppercase().str.strip_chars_start("0")
    return pl.when(kept.str.len_bytes() > 0).then(kept)


def lettered(name: str) -> pl.Expr:
    """A member id without case and punctuation; null where nothing is left."""
    kept = pl.col(name).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    return pl.when(kept.str.len_bytes() > 0).then(kept)


def modifiers(prefix: str = "") -> pl.Expr:
    """The modifiers of a line in one text, whatever their order; empty where there are none."""
    return (
        pl.concat_list(f"{prefix}{name}" for name in MODIFIERS).list.drop_nulls().list.sort().list.join(" ")
    )


def days(lines: pl.DataFrame, key: str) -> pl.DataFrame:
    """The first and last day of service of each `key`."""
    return lines.group_by(key).agg(
        first_on=pl.col("served_on").min(), last_on=pl.coalesce("served_to", "served_on").max()
    )
