"""What changed in what payers deny, cut and lower, over many remittance files: counts, cents and causes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from anodyne.app.home import data_home
from anodyne.app.remit_read import NotRead, Progress
from anodyne.app.remit_work import Worked, work_files
from anodyne.denials.levels import levels
from anodyne.denials.remitted import DENIED, FIRST_PAYER, compared, heard, submitted
from anodyne.denials.trends import trends
from anodyne.model.frames import Schema
from anodyne.model.remittance import Remittance
from anodyne.reference.tables import Reference, in_force, load

WHOLE_CLAIM: Final = "whole claim"
"""The family of what was cut from a claim of several families as a whole."""
OTHER: Final = "other"
_NOT_JUDGED: Final = ("22", "25")
_UNKNOWN: Final = "unknown"

PAYERS: Final[Schema] = {
    "payer": pl.String,  # its id, or its name where it has none
    "name": pl.String,  # as people know it: no two payers share one
    "claims": pl.UInt32,  # remitted, reversals and estimates aside
    "hit": pl.UInt32,  # those of them that were denied or cut
    "cents": pl.Int64,  # at stake
    "rate": pl.Float64,
}
PAYER_WEEKS: Final[Schema] = {
    "payer": pl.String,
    "week": pl.Date,  # its Monday, by the day of the remittance
    "claims": pl.UInt32,
    "hit": pl.UInt32,
    "cents": pl.Int64,
    "rate": pl.Float64,
}
CAUSES: Final[Schema] = {
    "payer": pl.String,
    "family": pl.String,
    "cause": pl.String,
    "action": pl.String,  # the one with the most at stake
    "claims": pl.UInt32,
    "cents": pl.Int64,  # at stake
    "share": pl.Float64,  # of everything at stake
    "first_week": pl.Date,
    "last_week": pl.Date,
}


@dataclass(frozen=True, slots=True)
class RemitTrends:
    """What many remittances show together.  Nobody's claim is in it: only counts and sums."""

    as_of: dt.date
    files: int
    payments: int
    """Those that are counted: they add up, and each is there once."""
    held: int
    """Payments that are not counted, as they do not add up or come in two versions."""
    undated: int
    """Claims of payments without a day: in no week."""
    payers: pl.DataFrame = field(repr=False)
    """Columns of PAYERS, the one with the most at stake first."""
    changes: pl.DataFrame = field(repr=False)
    """Columns of `frames.CHANGES`, the dearest first."""
    levels: pl.DataFrame = field(repr=False)
    """Columns of `denials.levels.TRENDS`, the surest first."""
    mix: pl.DataFrame = field(repr=False)
    """Columns of `denials.levels.MIX`: codes billed beside codes paid."""
    causes: pl.DataFrame = field(repr=False)
    """Columns of CAUSES, the dearest first."""
    weeks: pl.DataFrame = field(repr=False)
    """Columns of `frames.WEEKS`."""
    payer_weeks: pl.DataFrame = field(repr=False)
    """Columns of PAYER_WEEKS: a claim counts once however many families it has."""
    errors: tuple[NotRead, ...] = ()
    repeated: tuple[str, ...] = ()

    @property
    def lowered(self) -> pl.DataFrame:
        """The rows of `levels` that are sure enough to be told."""
        return self.levels.filter("told")


def remit_trends(
    paths: Sequence[str],
    *,
    claims: Sequence[str] = (),
    contracts: str | None = None,
    localities: Sequence[str] = (),
    as_of: dt.date,
    reference: Reference | None = None,
    progress: Progress | None = None,
) -> RemitTrends:
    """What the 835 files at `paths` show together; the other arguments as `work_files` takes them."""
    reference = load(data_home()) if reference is None else reference
    with work_files(
        paths,
        claims=claims,
        contracts=contracts,
        localities=localities,
        as_of=as_of,
        reference=reference,
        progress=progress,
    ) as worked:
        return trended(worked, reference)


def trended(worked: Worked, reference: Reference) -> RemitTrends:
    """What the remittances of `worked` show together."""
    said = worked.remittance
    sent = submitted(worked.matches.lines, worked.claims, worked.lines) if worked.sent else None
    lines = heard(said, reference, sent).with_columns(
        code_told="code",
        code="billed_code",
        counts=pl.col("stands") & pl.col("status").is_in([*FIRST_PAYER, DENIED]).fill_null(value=False),
    )
    paid = levels(lines, worked.downcodes, reference)
    found = trends(said, worked.determinations, reference)
    claims = _claims(said, worked.determinations)
    payers = _payers(claims, said)
    keys = _keys(payers)
    return RemitTrends(
        as_of=worked.as_of,
        files=len(worked.read.files),
        payments=len(said.payments),
        held=len(worked.held),
        undated=int(claims["week"].null_count()),
        payers=payers,
        changes=found.changes,
        levels=paid.trends.with_columns(keys),
        mix=paid.mix.with_columns(keys),
        causes=_causes(worked.determinations, said, reference),
        weeks=found.weeks,
        payer_weeks=_typed(
            _summed(claims.drop_nulls("week"), "payer", "week").sort("payer", "week"), PAYER_WEEKS
        ),
        errors=worked.read.errors,
        repeated=worked.repeated,
    )


def _days(said: Remittance) -> pl.DataFrame:
    return said.payments.select(
        "payment_key",
        payer=pl.coalesce("payer_id", "payer_name").fill_null(_UNKNOWN),
        week=pl.min_horizontal("paid_on", "produced_on").dt.truncate("1w"),
    )


def _claims(said: Remittance, determinations: pl.DataFrame) -> pl.DataFrame:
    """One row a claim that was judged: its payer, its week, whether it was hit and for how much."""
    at_stake = determinations.group_by("remit_key").agg(
        cents=pl.col("at_stake_cents").sum(), hit=pl.lit(value=True)
    )
    return (
        said.remits.filter(~pl.col("status").is_in(_NOT_JUDGED).fill_null(value=False))
        .select("remit_key", "payment_key")
        .join(_days(said), on="payment_key", how="left")
        .join(at_stake, on="remit_key", how="left")
        .with_columns(pl.col("hit").fill_null(value=False), pl.col("cents").fill_null(0))
    )


def _summed(claims: pl.DataFrame, *by: str) -> pl.DataFrame:
    return (
        claims.group_by(by)
        .agg(pl.col("hit", "cents").sum(), claims=pl.len())
        .with_columns(rate=pl.col("hit") / pl.col("claims"))
    )


def _payers(claims: pl.DataFrame, said: Remittance) -> pl.DataFrame:
    names = (
        said.payments.join(_days(said).select("payment_key", "payer"), on="payment_key")
        .group_by("payer")
        .agg(name=pl.col("payer_name").drop_nulls().sort().first())
    )
    shared = pl.len().over("name") > 1
    rows = (
        _summed(claims, "payer")
        .join(names, on="payer", how="left")
        .with_columns(
            name=pl.when(pl.col("name").is_null())
            .then("payer")
            .when(shared)
            .then(pl.format("{} ({})", "name", "payer"))
            .otherwise("name")
        )
    )
    return _typed(rows.sort(["cents", "payer"], descending=[True, False]), PAYERS)


def _keys(payers: pl.DataFrame) -> pl.Expr:
    """The payer of a frame of levels, which has it as payers are compared, as the other frames have it."""
    told = payers.select("payer", compared("payer").alias("as")).unique(
        "as", keep="first", maintain_order=True
    )
    return pl.col("payer").replace(dict(told.select("as", "payer").iter_rows())).fill_null(_UNKNOWN)


def _causes(determinations: pl.DataFrame, said: Remittance, reference: Reference) -> pl.DataFrame:
    """What is at stake by payer, family of services and cause."""
    families = _families(said, reference)
    of_claims = families.group_by("remit_key").agg(
        of_claim=pl.when(pl.col("family").n_unique() == 1)
        .then(pl.col("family").first())
        .otherwise(pl.lit(WHOLE_CLAIM))
    )
    rows = (
        determinations.select(
            "remit_key", "remit_line_key", "payment_key", "cause", "action", "at_stake_cents"
        )
        .join(_days(said), on="payment_key", how="left")
        .join(families.select("remit_line_key", "family"), on="remit_line_key", how="left")
        .join(of_claims, on="remit_key", how="left")
        .with_columns(family=pl.coalesce("family", "of_claim", pl.lit(WHOLE_CLAIM)))
    )
    by = ("payer", "family", "cause")
    actions = (
        rows.group_by(*by, "action")
        .agg(pl.col("at_stake_cents").sum())
        .sort(["at_stake_cents", "action"], descending=[True, False])
        .unique(by, keep="first", maintain_order=True)
        .select(*by, "action")
    )
    whole = max(int(rows["at_stake_cents"].sum()), 1)
    found = (
        rows.group_by(by)
        .agg(
            claims=pl.col("remit_key").n_unique(),
            cents=pl.col("at_stake_cents").sum(),
            first_week=pl.col("week").min(),
            last_week=pl.col("week").max(),
        )
        .with_columns(share=pl.col("cents") / whole)
        .join(actions, on=by, how="left")
        .sort(["cents", *by], descending=[True, False, False, False])
    )
    return _typed(found, CAUSES)


def _families(said: Remittance, reference: Reference) -> pl.DataFrame:
    lines = said.lines.select(
        "remit_line_key", "remit_key", "served_on", code=pl.coalesce("submitted_code", "code")
    )
    known = in_force(lines.select("code", "served_on").unique(), reference, "code_traits")
    families = known.select("code", "served_on", family="group")
    return lines.join(families, on=["code", "served_on"], how="left", nulls_equal=True).with_columns(
        pl.col("family").fill_null(OTHER)
    )


def _typed(rows: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(kind) for name, kind in schema.items())
