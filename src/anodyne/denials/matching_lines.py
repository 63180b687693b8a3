"""The lines of a remittance matched to those of the claim it answers, the surest likeness first."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import polars as pl

from anodyne.denials.alike import modifiers, plain
from anodyne.model.frames import LINE_MATCHES


class _Kind(Enum):
    """What may be matched of the lines that are alike in some way."""

    ALONE = auto()
    """A line to the one line that is so alike, which is so to it alone."""
    ORDER = auto()
    """Lines in their order, where as many came back as were sent."""
    PARTS = auto()
    """Several to the one line whose charge theirs add up to: the payer split it."""


@dataclass(frozen=True, slots=True)
class _Pass:
    """One way in which a remitted line may be like a submitted one."""

    how: str
    keys: tuple[str, ...]
    kind: _Kind = _Kind.ALONE
    certain: bool = False


_PASSES: Final = (
    _Pass(
        "code, modifiers, day, charge and units",
        ("code", "modifiers", "day", "charge", "units"),
        _Kind.ORDER,
        certain=True,
    ),
    _Pass("code, day, charge and units", ("code", "day", "charge", "units"), certain=True),
    _Pass("code, modifiers, day and charge", ("code", "modifiers", "day", "charge"), certain=True),
    _Pass("code, day and charge", ("code", "day", "charge"), certain=True),
    _Pass("day, charge and units", ("day", "charge", "units")),
    _Pass("day and charge", ("day", "charge")),
    _Pass("code and day, one part of the line", ("code", "day"), _Kind.PARTS),
    _Pass("code, modifiers and day", ("code", "modifiers", "day")),
    _Pass("code and day", ("code", "day")),
    _Pass("code and charge", ("code", "charge")),
    _Pass("code", ("code",)),
    _Pass("code, day and charge, in order among lines alike", ("code", "day", "charge"), _Kind.ORDER),
    _Pass("day and charge, in order among lines alike", ("day", "charge"), _Kind.ORDER),
)
"""The surest first."""
NAMING: Final = 5
"""A line control number of so many characters may name a claim; a shorter one tells its lines apart."""


def sent_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Submitted lines as they are compared, in the order of their claims.

    `control_is_unique`: no other claim has that line control number, which is long enough to be more than a
    count of lines.
    """
    return (
        lines.select(
            "line_key",
            "claim_key",
            "line",
            "code",
            modifiers=modifiers(),
            day="served_on",
            charge=pl.col("charge_cents").abs(),
            units=_thousandths("units"),
            control=plain("control_number"),
        )
        .with_columns(
            control_is_unique=(pl.col("control").str.len_bytes() >= NAMING).fill_null(value=False)
            & (pl.col("claim_key").n_unique().over("control") == 1)
        )
        .sort("claim_key", "line", "line_key")
    )


def said_lines(remit_lines: pl.DataFrame) -> pl.DataFrame:
    """Remitted lines as they are compared: by what was submitted, where the payer restates it."""
    restated = pl.col("submitted_code").is_not_null()
    return remit_lines.select(
        "remit_line_key",
        "remit_key",
        "line",
        code=pl.coalesce("submitted_code", "code"),
        adjudicated="code",
        modifiers=pl.when(restated).then(modifiers("submitted_")).otherwise(modifiers()),
        day="served_on",
        charge=pl.col("charge_cents").abs(),
        paid="paid_cents",
        units=pl.coalesce(_thousandths("submitted_units"), _thousandths("units")).abs(),
        control=plain("control_number"),
    ).sort("remit_key", "line", "remit_line_key")


def _thousandths(name: str) -> pl.Expr:
    return (pl.col(name) * 1000).round().cast(pl.Int64)


def match_lines(matches: pl.DataFrame, sent: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Each remitted line with the submitted line it answers, as `frames.LINE_MATCHES`.

    `matches` says which claim each remittance answers; `sent` and `said` are as above.  A line is no surer
    than its claim.
    """
    of_claim = matches.select("remit_key", "claim_key", claim_certainty="certainty")
    said = said.join(of_claim, on="remit_key", how="left", maintain_order="left")
    ours = said.drop_nulls("claim_key")
    theirs = (
        ours.select("remit_key", "claim_key")
        .unique()
        # A payer gives the line's own number back where no control number was sent.
        .join(
            sent.with_columns(control=pl.coalesce("control", pl.col("line").cast(pl.String))), on="claim_key"
        )
        .sort("remit_key", "line", "line_key")
    )
    found = [_by_control(ours, theirs)]
    left, right = _left(ours, theirs, found[0])
    for one in _PASSES:
        if left.is_empty():
            break
        pairs = _parts(left, right, one) if one.kind is _Kind.PARTS else _paired(left, right, one)
        found.append(pairs)
        left, right = _left(left, right, pairs)
    found.append(_by_order(left, right, ours, theirs))
    left, right = _left(left, right, found[-1])
    return _told(said, sent, pl.concat(found), right)


def _by_control(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Lines that name one line of the claim, unless all else contradicts it; several may be parts of one."""
    on = ["remit_key", "control"]
    named = theirs.drop_nulls("control").filter(pl.len().over(on) == 1)
    pairs = ours.drop_nulls("control").join(named, on=on, suffix="_sent")
    code, charge = pl.col("code_sent"), pl.col("charge_sent")
    same = [pl.col("code") == code, pl.col("adjudicated") == code, pl.col("charge") == charge]
    certain = pl.any_horizontal(one.fill_null(value=False) for one in same)
    same_day = (pl.col("day") == pl.col("day_sent")).fill_null(value=True)
    return pairs.filter(certain | same_day).select(
        "remit_line_key", "line_key", how=pl.lit("line control number"), certain=certain
    )


def _paired(left: pl.DataFrame, right: pl.DataFrame, one: _Pass) -> pl.DataFrame:
    """The pairs of lines that `one` finds alone, or in order."""
    on = ["remit_key", *one.keys]
    ours = left.drop_nulls(one.keys).with_columns(alike=pl.len().over(on))
    theirs = right.drop_nulls(one.keys).with_columns(alike=pl.len().over(on))
    if one.kind is _Kind.ORDER:
        nth = pl.int_range(pl.len()).over(on)
        ours, theirs = ours.with_columns(nth=nth), theirs.with_columns(nth=nth)
        on = [*on, "nth", "alike"]
    else:
        alone = pl.col("alike") == 1
        ours, theirs = ours.filter(alone), theirs.filter(alone)
    return ours.join(theirs, on=on).select(
        "remit_line_key", "line_key", how=pl.lit(one.how), certain=pl.lit(one.certain)
    )


def _parts(left: pl.DataFrame, right: pl.DataFrame, one: _Pass) -> pl.DataFrame:
    """The lines that together have the charge of the one line alike."""
    on = ["remit_key", *one.keys]
    ours = left.drop_nulls(one.keys).filter(pl.len().over(on) > 1)
    theirs = right.drop_nulls(one.keys).filter(pl.len().over(on) == 1)
    return (
        ours.with_columns(together=pl.col("charge").sum().over(on))
        .join(theirs, on=on, suffix="_sent")
        .filter(pl.col("together") == pl.col("charge_sent"))
        .select("remit_line_key", "line_key", how=pl.lit(one.how), certain=pl.lit(one.certain))
    )


def _by_order(
    left: pl.DataFrame, right: pl.DataFrame, ours: pl.DataFrame, theirs: pl.DataFrame
) -> pl.DataFrame:
    """The lines left, in their order: only where as many lines came back as were sent."""
    sizes = [side.group_by("remit_key").len() for side in (ours, theirs)]
    whole = sizes[0].join(sizes[1], on=["remit_key", "len"])
    nth, count = pl.int_range(pl.len()).over("remit_key"), pl.len().over("remit_key")
    both = [side.with_columns(nth=nth, count=count) for side in (left, right)]
    how = pl.when(pl.col("count") == 1).then(pl.lit("the only line left")).otherwise(pl.lit("order of lines"))
    return (
        both[0]
        .join(whole, on="remit_key", how="semi")
        .join(both[1], on=["remit_key", "nth", "count"])
        .select("remit_line_key", "line_key", how=how, certain=pl.lit(value=False))
    )


def _left(left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of both sides that `pairs` has not taken."""
    taken = left.select("remit_line_key", "remit_key").join(pairs, on="remit_line_key")
    return (
        left.join(pairs, on="remit_line_key", how="anti", maintain_order="left"),
        right.join(taken, on=["remit_key", "line_key"], how="anti", maintain_order="left"),
    )


def _told(said: pl.DataFrame, sent: pl.DataFrame, pairs: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """All remitted lines, with what is the same in the line each answers; `left` are those unanswered."""
    compared = ("control", "code", "modifiers", "day", "charge", "units")
    theirs = sent.select("line_key", *(pl.col(name).alias(f"sent_{name}") for name in compared))
    found = (
        said.join(pairs, on="remit_line_key", how="left")
        .join(theirs, on="line_key", how="left")
        .join(left.group_by("remit_key").len("open"), on="remit_key", how="left")
    )
    sure = pl.col("certain") & (pl.col("claim_certainty") == "certain")
    reason = (
        pl.when(pl.col("claim_key").is_null())
        .then(pl.lit("its claim is not matched"))
        .when(pl.col("line_key").is_not_null())
        .then(None)
        .when(pl.col("open").is_null())
        .then(pl.lit("other lines answer every line of the claim"))
        .otherwise(pl.format("{} lines of the claim are left, and none is like it alone", "open"))
    )
    return (
        found.with_columns(
            certainty=pl.when(sure)
            .then(pl.lit("certain"))
            .when(pl.col("line_key").is_not_null())
            .then(pl.lit("likely")),
            reason=reason,
            **{f"same_{name}": pl.col(name) == pl.col(f"sent_{name}") for name in compared},
        )
        .sort("remit_line_key")
        .select(pl.col(name).cast(kind) for name, kind in LINE_MATCHES.items())
    )
