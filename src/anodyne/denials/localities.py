"""Where Medicare prices a line: in the locality that the practice told, or in the only one of its state.

The place of the service decides (Medicare Claims Processing Manual, chapter 1, section 10.1.1), and the state
on the claim that was sent is that place's.  A state in which several localities lie is never guessed at.
"""

from typing import Final

import polars as pl

from anodyne.denials.rates import Terms
from anodyne.reference.tables import Reference, in_force, matches_in_force

GPCI: Final = "gpci"
_PLACE: Final = ("state", "served_on")
_LOCALITY: Final = ("mac", "locality")


def with_locality(lines: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """`lines` (`sent_state`, `sent_certain`, `served_on`) with the locality in which Medicare prices each.

    `mac` and `locality`, null where it is not known: the price is national then.  `where`: which it is, and
    how that is known, in words.  `told_where`: whether it is sure, by indices of the year of the service.

    What the practice told goes first, but not on a claim for a state in which that locality does not lie.
    """
    state = pl.col("sent_state").str.strip_chars().str.to_uppercase()
    lines = lines.with_columns(state=state)
    asked = lines.select(_PLACE).unique()
    lies = _lying(asked, reference)
    told = _told(asked, lies, terms, reference)
    alone = _single(lies).join(told, on=_PLACE, how="anti")
    known = pl.concat(
        [
            told.with_columns(by_practice=pl.lit(value=True), how=pl.lit("told by the practice")),
            alone.with_columns(
                by_practice=pl.lit(value=False), how=pl.format("the only one of {}, by the claim", "state")
            ),
        ]
    )
    known = known.join(_editions(asked["served_on"], reference), on="served_on").with_columns(
        where=pl.format("GPCI {} of locality {}-{} ({})", "period", *_LOCALITY, "how")
    )
    sure = pl.col("of_year") & (pl.col("by_practice") | pl.col("sent_certain").fill_null(value=False))
    return (
        lines.join(
            known.drop("how", "period"), on=_PLACE, how="left", nulls_equal=True, maintain_order="left"
        )
        .with_columns(told_where=sure.fill_null(value=False))
        .drop("state", "of_year", "by_practice")
    )


def _lying(asked: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The localities that lie in each state on each day, with those of another that reach into it."""
    other = matches_in_force(asked, reference, "locality_states", by=["state"])
    homes = pl.concat([asked.with_columns(home="state"), other.select(*_PLACE, "home")])
    homes = homes.rename({"state": "in", "home": "state"})
    return matches_in_force(homes, reference, GPCI, by=["state"]).select(
        pl.col("in").alias("state"), "served_on", *_LOCALITY
    )


def _told(asked: pl.DataFrame, lies: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """The one locality of those the practice told in which a line can be, by its state and day."""
    schema = dict.fromkeys(_LOCALITY, pl.String)
    localities = pl.DataFrame(list(terms.localities), schema=schema, orient="row").unique()
    days = asked.select("served_on").unique().join(localities, how="cross")
    live = in_force(days, reference, GPCI).drop_nulls("state").select("served_on", *_LOCALITY)
    there = lies.join(live, on=["served_on", *_LOCALITY], how="semi")
    anywhere = asked.filter(pl.col("state").is_null()).join(live, on="served_on")
    return _single(pl.concat([there, anywhere]))


def _single(found: pl.DataFrame) -> pl.DataFrame:
    return found.filter(pl.len().over(_PLACE) == 1)


def _editions(days: pl.Series, reference: Reference) -> pl.DataFrame:
    """By day the `period` of the indices in force, and whether they are `of_year`."""
    found = [(day, reference.in_force_on(GPCI, day)) for day in days.drop_nulls().unique()]
    rows = [(day, part.edition.period, part.edition.start.year == day.year) for day, part in found if part]
    schema = {"served_on": pl.Date, "period": pl.String, "of_year": pl.Boolean}
    return pl.DataFrame(rows, schema=schema, orient="row")
