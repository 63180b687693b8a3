"""Lines that were paid for less than was billed: said openly, or told by the amount alone.

One cause is one row.  What a line falls short of beyond that, by the rate of what it was taken for, is a row
of its own.  Nothing is told of a line that was denied: that is no downcode, and whoever works denials has it.
"""

from enum import StrEnum
from typing import Final, NamedTuple

import polars as pl

from anodyne.denials.arithmetic import named
from anodyne.denials.expected import priced
from anodyne.denials.lower import priced_lower
from anodyne.denials.rates import CONTRACT, Terms
from anodyne.denials.remitted import dollars, with_row
from anodyne.model.frames import DOWNCODES, checked
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference


class Kind(StrEnum):
    """In which way a line was paid for less."""

    BUNDLED = "bundled"
    """Its code was put into that of another line, which the payer restated (DC-02)."""
    RESTATED = "restated"
    """The payer says another code than was billed (DC-01)."""
    UNITS = "units"
    """The payer says fewer units than were billed (DC-03)."""
    EXPLICIT = "explicit"
    """A reason or remark code says so (DC-05)."""
    PRICED_DOWN = "priced_down"
    """The code stands, at the price of less: a lower code, one side, fewer units (DC-04)."""
    BELOW = "below"
    """Less than the rate, and the price of nothing else."""


MULTIPLE: Final = "59"
"""The reason of what is reduced as one of several procedures, which mostly is right."""
FITS: Final = 0.5
"""The share of a payer's lines that must agree with Medicare's prices before others are held to them."""
SURELY_FITS: Final = 0.75
SURELY_LINES: Final = 20
EDITION: Final = ("payer_key", "payer_text", "priced_by")
_BY_BOOK: Final = pl.col("kind").is_not_null() & (pl.col("kind") != CONTRACT) & ~pl.col("told_where")
"""Whether a line is held to Medicare's prices, without the locality told."""


def downcodes(
    remittance: Remittance, terms: Terms, reference: Reference, sent: pl.DataFrame | None = None
) -> pl.DataFrame:
    """The lines paid for less than was billed, as `frames.DOWNCODES`; arguments as of `expected`."""
    return downcoded(priced(remittance, terms, reference, sent), remittance, terms, reference)


def downcoded(
    lines: pl.DataFrame, remittance: Remittance, terms: Terms, reference: Reference
) -> pl.DataFrame:
    """DOWNCODES, of the lines that `expected.priced` gives of `remittance`."""
    lines = prepared(lines, remittance, terms, reference)
    return downcoded_by(lines, agreement(lines))


def prepared(lines: pl.DataFrame, remittance: Remittance, terms: Terms, reference: Reference) -> pl.DataFrame:
    """The `lines` with what was allowed beside what should have been: as what less each was priced."""
    lines = lines.join(
        _signs(lines, remittance, reference), on="remit_line_key", how="left", maintain_order="left"
    )
    lines = _described(lines)
    lower = priced_lower(lines.filter("short"), terms, reference)
    lines = lines.join(lower, on="remit_line_key", how="left", maintain_order="left")
    tells = _BY_BOOK & pl.col("paid") & pl.col("quiet") & (pl.col("step_charge") == pl.col("step_party"))
    agrees = (pl.col("gap").abs() <= pl.col("tolerance")) | pl.col("lower_to").is_not_null()
    lines = lines.with_columns(tells=tells.fill_null(value=False))
    return lines.with_columns(agrees=pl.col("tells") & agrees.fill_null(value=False))


def agreement(lines: pl.DataFrame) -> pl.DataFrame:
    """Of each payer and edition how many of `lines`, as `prepared` gives them, tell of it, and agree with it.

    Those of several parts of one practice's lines can be added up.
    """
    return lines.group_by(EDITION).agg(number_telling=pl.col("tells").sum(), agreeing=pl.col("agrees").sum())


def downcoded_by(lines: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """DOWNCODES, of lines as `prepared` gives them and the `agreement` that is `known` of their payers."""
    lines = _held(lines.join(known, on=EDITION, how="left", nulls_equal=True, maintain_order="left"))
    bundles = _bundles(lines)
    single = lines.filter("paid").join(bundles.in_any, on="remit_line_key", how="anti", maintain_order="left")
    found = [_of_bundles(lines, bundles.won), _one_cause(single), _rest(lines)]
    rows = pl.concat(found, how="diagonal_relaxed").sort("remit_line_key", maintain_order=True)
    return checked(rows.select(pl.col(name).cast(kind) for name, kind in DOWNCODES.items()), DOWNCODES)


def _signs(lines: pl.DataFrame, remittance: Remittance, reference: Reference) -> pl.DataFrame:
    """By line the codes that say openly that it was paid for less."""
    days = lines.select("remit_line_key", served_on=pl.coalesce("served_on", "paid_on"))
    reasons = remittance.adjustments.filter(pl.col("cents") > 0).select(
        "remit_line_key", "cents", kind=pl.lit("CARC"), code="reason", grouped=pl.concat_str(
            "group", "reason", separator="-"
        ),
    )  # fmt: skip
    remarks = remittance.remarks.select("remit_line_key", "code", kind=pl.lit("RARC"))
    said = pl.concat([reasons, remarks], how="diagonal").drop_nulls("remit_line_key")
    said = said.filter(pl.col("code").is_in(reference.table("downcode_signs")["code"].implode()))
    found = with_row(
        said.join(days, on="remit_line_key", maintain_order="left"),
        ("kind", "code"),
        reference,
        "downcode_signs",
    ).drop_nulls("says")
    return found.group_by("remit_line_key", maintain_order=True).agg(
        sign_cents=pl.col("cents").sum(),
        signs=pl.format("{} {}: {}", "kind", "code", "says").unique(maintain_order=True).str.join("; "),
        sign_reasons=pl.col("grouped").drop_nulls(),
        multiple_only=(pl.col("code") == MULTIPLE).all(),
    )


def _described(lines: pl.DataFrame) -> pl.DataFrame:
    """Add whether a line is `paid`, `short` by `gap`, and whether no other reason explains that (`quiet`)."""
    left = pl.col("others").list.set_difference(pl.col("sign_reasons").fill_null([]))
    gap = pl.col("expected_cents") - pl.col("allowed_cents")
    some = pl.col("allowed_cents") > 0
    by_price = (
        (pl.col("allowed_cents") == 0) & (pl.col("others").list.len() == 0) & (pl.col("charge_cents") > 0)
    )
    lines = lines.with_columns(
        paid=(pl.col("counts") & (some | by_price)).fill_null(value=False),
        gap=gap,
        quiet=left.list.len() == 0,
        restated=(pl.col("code_told") != pl.col("code")).fill_null(value=False),
        fewer=((pl.col("units_told") < pl.col("units")) & (pl.col("units_told") > 0)).fill_null(value=False),
        billed=named("code", "modifiers"),
    )
    short = (pl.col("paid") & (gap > pl.col("tolerance"))).fill_null(value=False)
    return lines.with_columns(short=short)


def _held(lines: pl.DataFrame) -> pl.DataFrame:
    """Add whether a payer is `held` to the rate, and how surely; and by how much a ranked line is short net.

    Medicare's prices, without the locality told, are held against a payer only where most of its lines agree
    with them.  Of procedures ranked in another order, only what that costs in all is missing.
    """
    count = pl.col("number_telling")
    share = pl.col("agreeing") / count
    surely = (share >= SURELY_FITS) & (count >= SURELY_LINES) & pl.col("current") & ~pl.col("silent")
    ranked = pl.col("paid") & pl.col("rank").is_not_null()
    session = ["payer_key", "payer_text", "payee", "person", "served_on", "assists"]
    lines = lines.with_columns(
        held=~_BY_BOOK | ((count > 0) & (share >= FITS)),
        sure_rate=pl.col("sure") | (_BY_BOOK & surely).fill_null(value=False),
        net=pl.col("gap").filter(ranked).sum().over(session),
        before=pl.when(ranked & pl.col("short")).then("gap").otherwise(0).cum_sum().over(session)
        - pl.when(ranked & pl.col("short")).then("gap").otherwise(0),
    )
    left = pl.min_horizontal("gap", pl.col("net") - pl.col("before"))
    return lines.with_columns(gap_left=pl.when(ranked).then(left.clip(lower_bound=0)).otherwise("gap"))


class _Bundles(NamedTuple):
    """Lines whose codes were put into that of another line of the claim, and those other lines."""

    won: pl.DataFrame
    """The line that stands, and of those put into it `lost` codes, `lost_cents` and `lost_charge`."""
    in_any: pl.DataFrame
    """The keys of all of them."""


def _bundles(lines: pl.DataFrame) -> _Bundles:
    group = ["remit_key", "code_told"]
    denied = pl.col("counts") & (pl.col("allowed_cents") == 0) & pl.col("included").fill_null(value=False)
    winner = pl.col("paid")
    rolled = pl.col("said_rolled").filter(winner).sum().over(group)
    gone = (denied & (pl.col("restated") | (rolled > 0))).fill_null(value=False)
    known = lines.with_columns(gone=gone).filter(
        pl.col("gone").any().over(group) & (winner.sum().over(group) == 1)
    )
    lost = known.filter("gone").group_by(group, maintain_order=True).agg(
        lost_keys="remit_line_key",
        lost=pl.col("billed").str.join(" + "),
        lost_cents=pl.when(pl.col("expected_cents").is_not_null().all()).then(pl.col("expected_cents").sum()),
        lost_charge=pl.col("charge_cents").sum(),
    )  # fmt: skip
    won = known.filter(winner).select("remit_line_key", *group).join(lost, on=group)
    keys = pl.concat([won["remit_line_key"], won["lost_keys"].explode()])
    return _Bundles(won.drop(group, "lost_keys"), keys.to_frame())


def _of_bundles(lines: pl.DataFrame, won: pl.DataFrame) -> pl.DataFrame:
    rows = lines.join(won, on="remit_line_key", maintain_order="left")
    exact = pl.col("said_rolled") == pl.col("lost_charge")
    due = pl.col("expected_cents") + pl.col("lost_cents")
    rolled = pl.when(pl.col("said_rolled") > 0).then(
        pl.format("; OA-94 moved {} of charges here, which is no overpayment", dollars("said_rolled"))
    )
    return rows.with_columns(
        kind=pl.lit(Kind.BUNDLED),
        **{"from": pl.format("{} + {}", "billed", "lost"), "to": pl.col("code_told")},
        expected_cents=due,
        difference_cents=(due - pl.max_horizontal("adjudicated_cents", "allowed_cents")).clip(lower_bound=0),
        owed_cents=pl.lit(None, pl.Int64),
        how=pl.format(
            "{} came back as part of {} (CO-97){}", "lost", "code_told", rolled.otherwise(pl.lit(""))
        ),
        sure=exact,
    )


def _one_cause(lines: pl.DataFrame) -> pl.DataFrame:
    """The first cause of each line that has one."""
    unknown_rate = pl.col("expected_cents").is_null()
    exempt = unknown_rate & (pl.col("mult_proc") == 0)
    openly = pl.col("signs").is_not_null() & (
        pl.col("short") | pl.when("multiple_only").then(exempt).otherwise(unknown_rate)
    )
    cut = pl.col("fewer") & ((pl.col("units_by") == "SVC07") | pl.col("short") | unknown_rate)
    quietly = pl.col("short") & pl.col("quiet") & pl.col("held") & pl.col("signs").is_null()
    ranked = pl.col("lower_to").is_null() | pl.col("lower_rank")
    net = ~ranked | (pl.col("gap_left") > pl.col("tolerance"))
    raised = (pl.col("adjudicated_cents") > pl.col("expected_cents")).fill_null(value=False)
    kinds = {
        Kind.RESTATED: pl.col("restated") & ~raised,
        Kind.UNITS: cut,
        Kind.EXPLICIT: openly,
        Kind.PRICED_DOWN: quietly & net & pl.col("lower_to").is_not_null(),
        Kind.BELOW: quietly & net & pl.col("lower_to").is_null(),
    }
    kind = pl.coalesce(
        pl.when(holds.fill_null(value=False)).then(pl.lit(name)) for name, holds in kinds.items()
    )
    rows = lines.with_columns(found=kind).drop_nulls("found")
    is_ = {name: pl.col("found") == name for name in Kind}
    taken = is_[Kind.RESTATED] | is_[Kind.UNITS]
    priced_as = pl.when(pl.col("held")).then("lower_to")
    gap = pl.when(ranked & pl.col("held")).then("gap_left").otherwise("gap")
    most = pl.max_horizontal("adjudicated_cents", "allowed_cents")
    difference = (
        pl.when(taken)
        .then((pl.col("expected_cents") - most).clip(lower_bound=0))
        .when(unknown_rate)
        .then(pl.when(pl.col("sign_cents") > 0).then("sign_cents"))
        .otherwise(gap)
    )
    units = [_units(name) for name in ("units", "units_told")]
    by = pl.when(pl.col("code_by") == "SVC06").then(pl.lit("SVC06")).otherwise(pl.lit("the claim sent"))
    units_by = (
        pl.when(pl.col("units_by") == "SVC07").then(pl.lit("SVC07")).otherwise(pl.lit("the claim sent"))
    )
    certain = pl.col("sent_certain").fill_null(value=False)
    priced_text = pl.format("{} is the amount of {}", dollars("allowed_cents"), "lower_to")
    hows = {
        Kind.RESTATED: pl.format("{} says {}, SVC01 {}", by, "code", "code_told"),
        Kind.UNITS: pl.format("{} says {}, SVC05 {}", units_by, _count("units"), _count("units_told")),
        Kind.EXPLICIT: pl.lit(None, pl.String),
        Kind.PRICED_DOWN: priced_text,
        Kind.BELOW: pl.format("{} allowed of {}", dollars("allowed_cents"), dollars("expected_cents")),
    }
    told = pl.concat_str(
        pl.coalesce(pl.when(is_[name]).then(how) for name, how in hows.items()),
        pl.when(is_[Kind.RESTATED] & pl.col("fewer")).then(hows[Kind.UNITS]),
        "signs",
        pl.when(is_[Kind.EXPLICIT] & priced_as.is_not_null()).then(priced_text),
        separator="; ",
        ignore_nulls=True,
    )
    sure = (
        pl.when(is_[Kind.RESTATED])
        .then((pl.col("code_by") == "SVC06") | certain)
        .when(is_[Kind.UNITS])
        .then((pl.col("units_by") == "SVC07") | (certain & pl.col("short") & pl.col("sure_rate")))
        .when(is_[Kind.EXPLICIT])
        .then(pl.lit(value=True))
        .when(is_[Kind.PRICED_DOWN])
        .then(pl.col("sure_rate") & pl.col("lower_alone"))
        .otherwise("sure_rate")
    )
    return _with_owed(
        rows.with_columns(
            kind="found",
            **{
                "from": pl.when(is_[Kind.UNITS]).then(units[0]).otherwise("billed"),
                "to": pl.when(is_[Kind.RESTATED])
                .then("code_told")
                .when(is_[Kind.UNITS])
                .then(units[1])
                .when(~is_[Kind.BELOW])
                .then(priced_as),
            },
            to_code=pl.when(is_[Kind.RESTATED])
            .then("code_told")
            .when(~taken & ~is_[Kind.BELOW] & pl.col("held"))
            .then("lower_code"),
            difference_cents=difference,
            how=told,
            sure=sure.fill_null(value=False),
        )
    )


def _rest(lines: pl.DataFrame) -> pl.DataFrame:
    """What lines that were restated fall short of even by the rate of what they were taken for."""
    taken = pl.col("restated") | pl.col("fewer") | (pl.col("said_rolled") > 0)
    due = pl.col("adjudicated_cents")
    short = due - pl.col("allowed_cents") > pl.col("tolerance")
    rows = lines.filter(
        (pl.col("paid") & taken & short & pl.col("quiet") & pl.col("held")).fill_null(value=False)
    )
    return _with_owed(
        rows.with_columns(
            kind=pl.lit(Kind.BELOW),
            **{"from": pl.col("code_told")},
            to=pl.lit(None, pl.String),
            to_code=pl.lit(None, pl.String),
            difference_cents=due - pl.col("allowed_cents"),
            how=pl.format("{} allowed of {} for {}", dollars("allowed_cents"), dollars(due), "code_told"),
            sure="sure_rate",
            expected_cents=due,
        )
    )


def _with_owed(rows: pl.DataFrame) -> pl.DataFrame:
    """Add what of the difference the payer owes: in the measure in which it pays of the whole."""
    owed = pl.col("expected_paid_cents") - pl.col("paid_cents")
    share = pl.col("difference_cents")
    return rows.with_columns(
        owed_cents=pl.when((pl.col("gap") > 0) & (share > 0) & (owed >= 0)).then(
            pl.min_horizontal((owed * share * 2 + pl.col("gap")) // (pl.col("gap") * 2), share)
        )
    )


def _units(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == 1).then(pl.lit("1 unit")).otherwise(pl.format("{} units", _count(name)))


def _count(name: str) -> pl.Expr:
    whole = pl.col(name) == pl.col(name).round()
    return (
        pl.when(whole)
        .then(pl.col(name).cast(pl.Int64).cast(pl.String))
        .otherwise(pl.col(name).cast(pl.String))
    )
