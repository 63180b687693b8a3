"""The `claim` view: one claim, for what belongs to no single line."""

import polars as pl

from anodyne.model.book import Book
from anodyne.reference.policies import MATCHES, Policies
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import laid_by, with_facts
from anodyne.rules.views.ground import MEDICARE, PLACE_FACTS, policy_facts, with_policy
from anodyne.rules.views.injury import FROM_CLAIM, INJURY_FACTS, with_injuries

FACTS: Facts = {
    **PLACE_FACTS,
    "charge_cents": Fact(pl.Int64, "charge of the claim in cents"),
    "frequency": Fact(
        pl.String, "claim frequency code (CLM05-3): 1 original, 7 replacement, 8 void", "claim frequency code"
    ),
    "original_ref": Fact(
        pl.String, "the payer's number of the claim that this one replaces or voids (REF*F8)"
    ),
    **INJURY_FACTS,
    **policy_facts(
        "payer_replacement_claims",
        "payer_injury_claim_number",
        "payer_injury_date",
        "payer_injury_cause",
        "payer_injury_report",
    ),
}


def claim_view(book: Book, policies: Policies) -> pl.DataFrame:
    """The checked claims in the columns of FACTS; the day of a claim is its first day of service."""
    days = (
        book.lines.select("claim_key", "served_on").group_by("claim_key").agg(day=pl.col("served_on").min())
    )
    own = [name for name in FACTS if name in book.claims.columns and name not in MATCHES]
    claims = book.claims.select(*MATCHES, *own, *FROM_CLAIM).filter("judged")
    claims = with_policy(with_facts(claims, days, on="claim_key"), policies).with_columns(
        line_key=None, medicare=MEDICARE
    )
    claims = with_injuries(claims)
    return claims.pipe(laid_by, FACTS)
