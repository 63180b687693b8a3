"""What one unit of a code is worth to a payer: by its contract, else by Medicare's fee schedule.

A payer that is neither under contract nor Medicare Part B has no rates: nothing is guessed.
"""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.denials.remitted import dollars, with_row
from anodyne.model.frames import CONTRACTS, empty
from anodyne.reference.fees import GENERAL, SCHEDULE, VALUE_PARTS, is_facility, values_on
from anodyne.reference.tables import Reference, in_force

MEDICARE: Final = "MB"
"""Of CLP06: Medicare Part B."""
CONTRACT, PERCENT, NATIONAL = "contract", "percent", "medicare"
"""By what a rate is told: an amount in a contract, a share of Medicare's, Medicare's fee schedule itself."""
COMPONENTS: Final = ("26", "TC")
_APM: Final = "apm"
_INDICES: Final = ("work_thousandths", "pe_thousandths", "mp_thousandths")
_WHOLE: Final = 1_000
_PRICED_BY: Final = ("code", "served_on", "facility", "mac", "locality")

ASKED: Final = (
    "remit_line_key", "payer_key", "payer_text", "medicare", "code", "modifiers", "facility", "served_on",
    "mac", "locality", "where",
)  # fmt: skip
"""What is asked for a rate, one row a question; Medicare's price is national where `mac` is null."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a practice agreed with its payers, and what it is to Medicare."""

    contracts: pl.DataFrame = field(default_factory=lambda: empty(CONTRACTS), repr=False)
    """As `frames.CONTRACTS`."""
    localities: tuple[tuple[str, str], ...] = ()
    """Medicare's contractor and locality (`05302`, `01`) of each place where the practice works."""
    participating: bool = True
    """Whether it takes part in Medicare; who does not is allowed less."""
    apm: bool = False
    """Whether its practitioners are qualifying participants of alternative payment models."""
    medicare: frozenset[str] = frozenset()
    """Payers that are Medicare Part B whatever their remittances say: ids or names as payers are compared."""

    @property
    def is_medicare(self) -> pl.Expr:
        """Whether a payer is Medicare Part B."""
        told = pl.col("payer_key", "payer_text").is_in(sorted(self.medicare)).fill_null(value=False)
        return (pl.col("filing") == MEDICARE).fill_null(value=False) | pl.any_horizontal(told)


def with_place(lines: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`lines` (`pos`, `served_on`) with `facility`: whether the place is priced as one; null if not known."""
    places = lines.select("pos", "served_on").unique()
    known = places.with_columns(is_facility(places, reference).alias("facility"))
    return lines.join(known, on=["pos", "served_on"], how="left", nulls_equal=True, maintain_order="left")


def rated(asked: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """`asked` (ASKED) in their own order, each with the rate of one unit.

    `unit_cents`, null where `why` says that none is known; `kind`; `basis`, the contract or the edition;
    `steps`, the arithmetic in words; `own_modifier`, the modifier for which the contract has this rate;
    `therapy_cents`, the rate with half the practice expense; `current`, whether Medicare's values are those
    of the year; and of the fee schedule `mult_proc`, `bilateral` and `asst_surg`.
    """
    rows = asked.with_row_index("row")
    rows = rows.join(_agreed(rows, terms.contracts), on="row", how="left", maintain_order="left")
    rows = _priced(with_row(rows, ("code",), reference, SCHEDULE).select(*_KEPT), terms, reference)
    share = pl.col("percent_of_medicare_hundredths")
    component = pl.col("own_modifier").is_null() & pl.any_horizontal(
        pl.col("modifiers").str.contains(one, literal=True).fill_null(value=False) for one in COMPONENTS
    )
    kind = (
        pl.when(pl.col("rate_cents").is_not_null())
        .then(pl.lit(CONTRACT))
        .when(share.is_not_null())
        .then(pl.lit(PERCENT))
        .when("medicare")
        .then(pl.lit(NATIONAL))
    )
    scaled = [
        ((pl.col(name) * share.cast(pl.Int64) + 5_000) // 10_000).alias(f"share_{name}")
        for name in ("priced_cents", "therapy_cents")
    ]
    rows = rows.with_columns(kind=kind, component=component).with_columns(scaled)
    contract = pl.format("contract of {} from {}", "contract_payer", "rate_from")
    by = {
        CONTRACT: pl.col("rate_cents"),
        PERCENT: pl.col("share_priced_cents"),
        NATIONAL: pl.col("priced_cents"),
    }
    known = pl.coalesce(pl.when(pl.col("kind") == one).then(cents) for one, cents in by.items())
    rows = rows.with_columns(
        unit_cents=pl.when(~pl.col("component")).then(known),
        therapy_cents=pl.when(pl.col("kind") == PERCENT)
        .then("share_therapy_cents")
        .otherwise("therapy_cents"),
        basis=pl.when(pl.col("kind").is_in([CONTRACT, PERCENT])).then(contract).otherwise("priced_by"),
        current=(pl.col("kind") == CONTRACT) | pl.col("current").fill_null(value=False),
    )
    return rows.with_columns(why=_why(), steps=_steps(contract, share)).select(*asked.columns, *_TOLD)


_TOLD: Final = (
    "unit_cents", "kind", "basis", "steps", "why", "own_modifier", "therapy_cents", "current", "priced_by",
    "mult_proc", "bilateral", "asst_surg",
)  # fmt: skip
_KEPT: Final = (
    "row", *ASKED, "rate_cents", "percent_of_medicare_hundredths", "own_modifier", "rate_from",
    "contract_payer", "under_contract", "mult_proc", "bilateral", "asst_surg",
)  # fmt: skip


def _agreed(rows: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """By row the closest rate of the payer's contract: for a modifier first, then for the class of places."""
    rates = contracts.rename({"modifier": "own_modifier", "allowed_cents": "rate_cents", "from": "rate_from"})
    payers = rates["payer"].unique().implode()
    under = pl.any_horizontal(pl.col("payer_key", "payer_text").is_in(payers).fill_null(value=False))
    ours = rows.filter(under)
    if ours.is_empty():
        return pl.DataFrame(schema=_AGREED)
    place = pl.col("modifiers").str.find(pl.col("own_modifier"), literal=True)
    of_class = pl.when("facility").then(pl.lit("facility")).when(~pl.col("facility")).then(
        pl.lit("nonfacility")
    )  # fmt: skip
    found = pl.concat(
        ours.select(
            "row", "code", "modifiers", "facility", "served_on", payer=name, by=pl.lit(by)
        ).join(rates, on=["payer", "code"])
        for by, name in enumerate(("payer_key", "payer_text"))
    )  # fmt: skip
    live = (pl.col("rate_from") <= pl.col("served_on")) & (
        pl.col("until").is_null() | (pl.col("served_on") < pl.col("until"))
    )
    fits = (pl.col("own_modifier").is_null() | place.is_not_null()) & (
        pl.col("pos_class").is_null() | (pl.col("pos_class") == of_class)
    )
    closest = (
        found.filter(live & fits.fill_null(value=False))
        .with_columns(place=place)
        .sort("row", "place", pl.col("pos_class").is_null(), "by", nulls_last=True)
        .unique("row", keep="first", maintain_order=True)
        .rename({"payer": "contract_payer"})
    )
    return ours.select("row", under_contract=pl.lit(value=True)).join(closest, on="row", how="left").select(
        pl.col(name).cast(kind) for name, kind in _AGREED.items()
    )  # fmt: skip


_AGREED: Final = {
    "row": pl.UInt32,
    "under_contract": pl.Boolean,
    "contract_payer": pl.String,
    "own_modifier": pl.String,
    "rate_from": pl.Date,
    "rate_cents": pl.Int64,
    "percent_of_medicare_hundredths": pl.Int32,
}


def _priced(rows: pl.DataFrame, terms: Terms, reference: Reference) -> pl.DataFrame:
    """Add Medicare's price where it is asked for, `priced_cents` and `therapy_cents`, and its arithmetic."""
    keys = list(_PRICED_BY)
    asks = pl.col("rate_cents").is_null() & (
        pl.col("percent_of_medicare_hundredths").is_not_null() | pl.col("medicare")
    )
    rows = rows.with_columns(asks=asks.fill_null(value=False))
    asked = rows.filter("asks").select(keys).unique()
    known = asked.hstack(values_on(asked, reference, factor=_APM if terms.apm else GENERAL))
    known = _with_general(known, reference) if terms.apm else known
    national = pl.col("mac").is_null()
    known = in_force(known, reference, "gpci").with_columns(
        pl.when(national).then(pl.lit(_WHOLE, pl.Int32)).otherwise(name).alias(name) for name in _INDICES
    )
    worth = [
        pl.col(part).cast(pl.Int64) * pl.col(index) for part, index in zip(VALUE_PARTS, _INDICES, strict=True)
    ]
    half = [worth[0] * 2, worth[1], worth[2] * 2]
    # Hundredths times thousandths times ten-thousandths: ten millions to the cent.
    whole = pl.sum_horizontal(*worth, ignore_nulls=False) * pl.col("ten_thousandths")
    halved = pl.sum_horizontal(*half, ignore_nulls=False) * pl.col("ten_thousandths")
    priced = known.with_columns(
        priced_cents=pl.when("paid").then((whole + 5_000_000) // 10_000_000),
        therapy_cents=pl.when("paid").then((halved + 10_000_000) // 20_000_000),
        current=pl.col("priced_from").dt.year() == pl.col("served_on").dt.year(),
        arithmetic=_arithmetic(national),
    ).select(
        *keys,
        "priced_cents",
        "therapy_cents",
        "current",
        "arithmetic",
        "priced_by",
        "paid",
        asks=pl.lit(value=True),
    )
    on = [*keys, "asks"]
    return rows.join(priced, on=on, how="left", nulls_equal=True, maintain_order="left").drop("asks")


def _with_general(known: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """`known`, by the general factor on days when alternative payment models have none of their own."""
    lacks = pl.col("ten_thousandths").is_null()
    left = known.filter(lacks).select(_PRICED_BY)
    return pl.concat([known.filter(~lacks), left.hstack(values_on(left, reference))])


def _arithmetic(national: pl.Expr) -> pl.Expr:
    """RVU 1.52 + 3.71 + 0.09 = 5.32 × 32.3465, or where it is not `national` each part × its index."""
    factor = pl.format(
        "{}.{}",
        pl.col("ten_thousandths") // 10_000,
        (pl.col("ten_thousandths") % 10_000).cast(pl.String).str.zfill(4),
    )
    parts = [dollars(pl.col(part)) for part in VALUE_PARTS]
    total = dollars(pl.sum_horizontal(*VALUE_PARTS, ignore_nulls=False))
    indices = [
        pl.format("{}.{}", pl.col(name) // _WHOLE, (pl.col(name) % _WHOLE).cast(pl.String).str.zfill(3))
        for name in _INDICES
    ]
    told = [one for pair in zip(parts, indices, strict=True) for one in pair]
    return (
        pl.when(national)
        .then(pl.format("RVU {} + {} + {} = {} × {}", *parts, total, factor))
        .otherwise(pl.format("RVU ({} × {} + {} × {} + {} × {}) × {}", *told, factor))
    )


def _steps(contract: pl.Expr, share: pl.Expr) -> pl.Expr:
    """How the rate of one unit came about, in words; null where there is none."""
    percent = pl.format("{} %", dollars(share).str.strip_suffix(".00"))
    books = pl.concat_str("priced_by", "where", separator=", ", ignore_nulls=True)
    schedule = pl.format("{}: {}", books, "arithmetic")
    by_medicare = pl.format("{} = {}", schedule, dollars("priced_cents"))
    own = pl.concat_str(pl.col("code"), pl.col("own_modifier"), separator="-", ignore_nulls=True)
    told = (
        pl.when(pl.col("kind") == CONTRACT)
        .then(pl.concat_list(pl.format("{}: {} allows {}", contract, own, dollars("rate_cents"))))
        .when(pl.col("kind") == PERCENT)
        .then(
            pl.concat_list(
                by_medicare,
                pl.format("{}: {} of Medicare = {}", contract, percent, dollars("unit_cents")),
            )
        )
        .otherwise(pl.concat_list(by_medicare))
    )
    return pl.when(pl.col("unit_cents").is_not_null()).then(told)


def _why() -> pl.Expr:
    """Why no rate is known."""
    by_schedule = pl.col("kind").is_in([PERCENT, NATIONAL])
    told = (
        pl.when(pl.col("served_on").is_null())
        .then(pl.lit("no day of service is told"))
        .when("component")
        .then(pl.lit("no rate of the component (26, TC) is known"))
        .when(by_schedule & pl.col("facility").is_null())
        .then(pl.lit("the place of service is not told, or not on the list"))
        .when(by_schedule & pl.col("priced_by").is_null())
        .then(pl.format("no fee schedule of {} is loaded", "served_on"))
        .when(by_schedule & ~pl.col("paid"))
        .then(pl.format("Medicare does not pay {} by relative values", "code"))
        .when(by_schedule)
        .then(pl.format("the {} has no price of {}", "priced_by", "code"))
        .when("under_contract")
        .then(pl.format("the contract has no rate of {} for the day and place", "code"))
        .otherwise(pl.lit("no contract tells what this payer allows"))
    )
    return pl.when(pl.col("unit_cents").is_null()).then(told)
