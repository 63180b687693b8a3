"""The ground that views stand on: every line with its claim, and who did what for whom on which day."""

import datetime as dt
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from anodyne.model.book import Book
from anodyne.model.frames import MODIFIERS
from anodyne.model.versions import counted_claims
from anodyne.reference.policies import COLUMNS, MATCHES, VALUES, Policies
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import once_for_each

MEDICARE: Final = (pl.col("filing") == "MB").fill_null(value=False)
"""Whether the payer of a claim or line is Medicare Part B."""

_PAYER: Final = pl.when(MEDICARE).then("filing").otherwise(pl.coalesce("payer_id", "payer_name", "filing"))
"""What tells one payer from another: Medicare Part B is one, whatever number its contractors have."""

_FROM_CLAIM: Final = (
    "judged", "claim_id", "patient", "payer_id", "payer_name", "filing", "frequency", "state",
    "billing_npi", "billing_taxonomy", "rendering_npi", "rendering_taxonomy",
)  # fmt: skip
_FROM_LINE: Final = (
    "line_key", "claim_key", "line", "code", *MODIFIERS, "units", "unit_basis", "charge_cents", "served_on",
    "served_to", "dx_pointers", "pos", "rendering_npi", "rendering_taxonomy", "ndc", "ndc_qty", "ndc_unit",
    "auth_number",
)  # fmt: skip
_WHO: Final = (
    "performer", "rendering_npi", "rendering_taxonomy", "claim_rendering_npi",
    "claim_rendering_taxonomy", "claim_id",
)  # fmt: skip
"""What tells who the practitioner is and which claims count, and is of no use once that is told."""

PLACE_FACTS: Facts = {
    "claim_key": Fact(pl.UInt32, "the claim"),
    "line_key": Fact(pl.UInt32, "the line; null where the whole claim is meant"),
    "judged": Fact(pl.Boolean, "whether the claim is being checked, rather than read as history"),
    "day": Fact(pl.Date, "the day by which rules and reference rows are chosen", "date of service"),
    "medicare": Fact(pl.Boolean, "whether the payer is Medicare Part B (SBR09 MB)"),
}
"""What every view has, so that a finding can be placed, dated and scoped."""

POLICY_FACTS: Facts = {
    f"payer_{name}": Fact(COLUMNS[name], wanted.says, f"payer policy: {wanted.asks}", values=(name,))
    for name, wanted in VALUES.items()
}
"""The values of the payer's policy in force that day; all null for a payer without one."""

CHARGE_OF_ONE: Facts = {
    "charge_of_one_cents": Fact(
        pl.Int64, "the charge of one unit in cents, where the units share the charge evenly"
    ),
}


def policy_facts(*names: str) -> Facts:
    """Those of POLICY_FACTS that a view's rules compare."""
    return {name: POLICY_FACTS[name] for name in names}


def charge_of_one_cents() -> pl.Expr:
    """The column of CHARGE_OF_ONE, from charge and units; no cent is lost or made."""
    each = pl.col("charge_cents") // pl.col("units").cast(pl.Int64)
    return pl.when(pl.col("charge_cents") == each * pl.col("units")).then(each)


def ground(book: Book, policies: Policies, as_of: dt.date | None) -> pl.DataFrame:
    """Every line of the book that counts, with payer, patient, practitioner, and the payer's policy.

    `encounter` is one number for one patient, day, practitioner and `payer`: what is billed to a second payer
    as well is no second service.  Two practitioners of one billing provider and one specialty (taxonomy) are
    one; where a taxonomy is not given, the practitioner is the rendering provider, else the billing one.
    """
    lines = _with_claims(
        book.lines.select(_FROM_LINE),
        counted_claims(book.claims.select("claim_key", *_FROM_CLAIM), book.lines),
    )
    who = pl.coalesce("rendering_npi", "claim_rendering_npi", "billing_npi")
    own_taxonomy = (
        pl.when(pl.col("rendering_npi").is_not_null())
        .then("rendering_taxonomy")
        .otherwise("billing_taxonomy")
    )
    lines = lines.with_columns(
        performer=who,
        taxonomy=own_taxonomy,
        day=pl.col("served_on"),
        as_of=pl.coalesce(pl.lit(as_of, pl.Date), "served_to", "served_on"),
        medicare=MEDICARE,
        payer=_PAYER,
    )
    lines = _with_known_taxonomy(lines)
    practitioner = pl.struct(
        pl.coalesce("billing_npi", pl.lit("")), pl.coalesce("taxonomy", "performer", pl.lit(""))
    ).hash(seed=1)
    lines = lines.with_columns(practitioner=practitioner)
    lines = lines.with_columns(
        encounter=pl.struct("patient", "day", "practitioner", "payer").hash(seed=2)
    ).drop(_WHO)
    return with_policy(lines, policies)


def _with_claims(lines: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """The lines of `claims` (in the order of their keys), with what their claim says."""
    if len(claims) < lines["claim_key"].n_unique():
        lines = lines.join(claims.select("claim_key"), on="claim_key", how="semi", maintain_order="left")
    said = claims.drop("claim_key").rename(
        {"rendering_npi": "claim_rendering_npi", "rendering_taxonomy": "claim_rendering_taxonomy"}
    )
    rows = np.searchsorted(claims["claim_key"].to_numpy(), lines["claim_key"].to_numpy())
    return lines.hstack(said[rows])


def _with_known_taxonomy(lines: pl.DataFrame) -> pl.DataFrame:
    """`lines` where a performer's missing taxonomy is the one given elsewhere for the same patient."""
    if not lines["taxonomy"].null_count():
        return lines
    person = ["patient", "performer"]
    known = lines.filter(pl.col("taxonomy").is_not_null()).unique(person, keep="first", maintain_order=True)
    known = known.select(*person, known_taxonomy="taxonomy")
    found = lines.select(person).join(known, on=person, how="left", nulls_equal=True, maintain_order="left")
    return lines.with_columns(taxonomy=pl.coalesce("taxonomy", found["known_taxonomy"]))


def with_policy(rows: pl.DataFrame, policies: Policies) -> pl.DataFrame:
    """`rows` with the values of their payer's policy on their day."""
    rulings = once_for_each(
        rows, (*MATCHES, "day"), lambda payers: policies.rulings(payers).to_frame()
    ).to_series()
    return rows.hstack(policies.answers(rulings))


@cache
def has_modifier(*modifiers: str) -> pl.Expr:
    """Whether a line carries one of `modifiers`, in any position; never null.  Made once: views ask often."""
    return pl.any_horizontal(pl.col(column).is_in(modifiers).fill_null(value=False) for column in MODIFIERS)
