"""What the words of ICD-10-CM tell of a code: its side, and the codes that say more.

Each kind of file of the publisher gives codes with their titles; what is kept is only what a check compares.
"""

import datetime as dt
import re
from bisect import bisect_left
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anodyne.reference.given import Given

PUBLISHER: Final = "National Center for Health Statistics and Centers for Medicare & Medicaid Services"

LONGEST: Final = 7
"""Characters of the longest code."""
FILLER: Final = "X"
"""What stands in the places before a seventh character that have no character of their own."""
CATEGORY: Final = 3
"""Characters of a category, of which all codes of one family begin."""
BASE: Final = 37
"""A code is a number in this base: nothing, then the digits, then the letters."""
_MOST_OFFERED: Final = 12

_SIDES: Final = {"right": r"\bright\b", "left": r"\bleft\b", "both": r"\b(bilateral|both)\b"}
_NOT_SAID: Final = r"\bunspecified\b"
_NO_SITE: Final = (
    r"\bunspecified (site|region|joint|level|limb|part)\b|\b(site|region|joint|level|limb) unspecified\b"
)
_ELSEWHERE: Final = r"\bclassified elsewhere\b"
_DIGITS: Final = np.zeros(256, np.int64)
_DIGITS[np.frombuffer(b"0123456789", np.uint8)] = np.arange(1, 11)
_DIGITS[np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)] = np.arange(11, 37)
_POWERS: Final = BASE ** np.arange(LONGEST - 1, -1, -1, dtype=np.int64)


_OCTOBER: Final = 10
_MONTHS: Final = {"jan": 1, "apr": 4, "oct": _OCTOBER}
_YEAR: Final = re.compile(r"(?<!\d)(20[123]\d)(?!\d)")
_MONTH: Final = re.compile(r"(?<![a-z])(jan|apr|oct)[a-z]*")


def start_of(given: Given, fiscal_year: int | None = None) -> dt.date | None:
    """The first day of the edition that `given` is, by its name or that of its zip; None where none tells it.

    A fiscal year begins on 1 October of the year before; a release of April or January is named so.
    """
    names = [given.name.lower(), Path(given.path).name.lower()]
    years = [int(found[1]) for name in names if (found := _YEAR.search(name))]
    months = [_MONTHS[found[1]] for name in names if (found := _MONTH.search(name))]
    year = fiscal_year or (years[0] if years else None)
    if year is None:
        return None
    month = months[0] if months else _OCTOBER
    return dt.date(year - 1 if month == _OCTOBER else year, month, 1)


def period(start: dt.date) -> str:
    """What the edition that starts on a day is called.

    >>> period(dt.date(2025, 10, 1)), period(dt.date(2025, 12, 1)), period(dt.date(2026, 4, 1))
    ('FY2026', 'FY2026 from December', 'FY2026 from April')
    """
    fiscal_year = start.year + (start.month >= _OCTOBER)
    return f"FY{fiscal_year}" + ("" if start.month == _OCTOBER else f" from {start:%B}")


def due(start: dt.date) -> dt.date:
    """When the codes may change after an edition that starts on a day: the next 1 April or 1 October.

    >>> due(dt.date(2025, 10, 1)), due(dt.date(2026, 4, 1))
    (datetime.date(2026, 4, 1), datetime.date(2026, 10, 1))
    """
    days = (dt.date(start.year, 4, 1), dt.date(start.year, _OCTOBER, 1), dt.date(start.year + 1, 4, 1))
    return next(day for day in days if day > start)


def numbers(codes: pl.Series) -> NDArray[np.int64]:
    """Codes (capitals, no dot) as numbers that sort as they do; a longer code is cut.

    What is no letter or digit counts as nothing.

    >>> numbers(pl.Series(["M54", "M541", "M5416", "M542"])).argsort().tolist()
    [0, 1, 2, 3]
    """
    plain = [code.encode("ascii", "replace") for code in codes]
    characters = np.array(plain, dtype=f"S{LONGEST}").view(np.uint8).reshape(-1, LONGEST)
    found: NDArray[np.int64] = _DIGITS[characters] @ _POWERS
    return found


def widths(codes: pl.Series) -> NDArray[np.int64]:
    """How many numbers belong to each code and all codes that begin with it."""
    lengths = codes.str.len_chars().clip(upper_bound=LONGEST).to_numpy().astype(np.int64)
    found: NDArray[np.int64] = BASE ** (LONGEST - lengths)
    return found


def described(titled: pl.DataFrame) -> pl.DataFrame:
    """The columns of a table of codes (`shapes.DIAGNOSIS_CODES`), from `code` and `title`.

    A code names a side where its title does and another of its category has the same title for the other
    side.  Where the title differs only in leaving the side out, the code leaves it out.
    """
    words = pl.col("title").str.to_lowercase().str.replace_all(r"[^a-z0-9]+", " ").str.strip_chars()
    rows = titled.sort("code").select("code", words=words)
    said = pl.concat_list(
        pl.when(pl.col("words").str.contains(pattern)).then(pl.lit(side)) for side, pattern in _SIDES.items()
    ).list.drop_nulls()
    rows = rows.with_columns(
        said=pl.when(said.list.len() == 1).then(said.list.first()),
        vague=pl.col("words").str.contains(_NOT_SAID),
        manifestation=pl.col("words").str.contains(_ELSEWHERE),
        group=_without_side(pl.col("words")),
    )
    rows = rows.with_columns(
        group=pl.concat_str(
            pl.col("code").str.head(CATEGORY), pl.col("code").str.slice(LONGEST - 1), "group", separator="|"
        )
    )
    sides = rows.filter(pl.col("said").is_not_null())
    mates = sides.group_by("group").agg(
        pl.col("code").filter(pl.col("said") == side).sort().alias(side) for side in _SIDES
    )
    mates = mates.filter((pl.col("right").list.len() > 0) & (pl.col("left").list.len() > 0))
    rows = rows.join(mates, on="group", how="left", maintain_order="left")
    grouped = pl.col("right").is_not_null()
    silent = grouped & pl.col("said").is_null() & pl.col("vague")
    rows = rows.with_columns(
        side=pl.when(grouped).then("said"),
        both=pl.when(grouped & pl.col("said").is_in(["right", "left"])).then(pl.col("both").list.first()),
        of_side=pl.when(silent).then(pl.concat_list("right", "left", "both")),
    )
    specific = pl.coalesce(pl.col("of_side"), pl.Series(_of_site(rows), dtype=pl.List(pl.String)))
    return rows.select(
        "code",
        pl.Series("number", numbers(rows["code"])),
        "side",
        "both",
        specific.list.head(_MOST_OFFERED).list.join(";").alias("specific"),
        "vague",
        "manifestation",
    )


def _without_side(words: pl.Expr) -> pl.Expr:
    """`words` without those that name a side or leave it out, and without the endings that go with them."""
    bare = words.str.replace_all(r"\b(right|left|bilateral|both|unspecified|unilateral|of|in|the)\b", " ")
    return bare.str.replace_all(r"([a-z]{3,}?)s\b", "$1").str.replace_all(r" +", " ").str.strip_chars()


def _of_site(rows: pl.DataFrame) -> list[list[str] | None]:
    """For each row that leaves the site out, the codes beside it that name one."""
    codes = rows["code"].to_list()
    vague = rows["vague"].to_list()
    found: list[list[str] | None] = [None] * len(rows)
    for place in rows["words"].str.contains(_NO_SITE).arg_true().to_list():
        stem = codes[place][:-1]
        if len(codes[place]) == LONGEST or len(stem) <= CATEGORY:
            continue
        inside = range(bisect_left(codes, stem), bisect_left(codes, stem + "~"))
        beside = [codes[n] for n in inside if not vague[n]]
        found[place] = beside or None
    return found
