"""One book judged: every finding of some rules, with its place."""

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl

from anodyne.app.catalogue import rests_on_policy
from anodyne.model.book import Book
from anodyne.model.frames import FINDINGS, empty
from anodyne.reference.policies import MATCHES, Policies
from anodyne.reference.tables import Reference
from anodyne.rules.engine import judge
from anodyne.rules.rule import Rule, View
from anodyne.rules.views import FACTS, one_by_one


def judge_book(
    book: Book,
    *,
    rules: Sequence[Rule],
    reference: Reference,
    policies: Policies,
    as_of: dt.date | None,
    look: Callable[[View, pl.DataFrame], None] | None = None,
) -> pl.DataFrame:
    """The findings of `rules` on the judged claims of `book`, with their places.

    `look` is shown each view that was judged, by whom wants more of its facts than findings.
    """
    if not rules or not len(book.claims):
        return empty(FINDINGS)
    by_view: dict[View, list[Rule]] = {}
    for rule in rules:
        by_view.setdefault(rule.view, []).append(rule)
    views = one_by_one(book, reference, as_of=as_of, wanted=by_view, policies=policies)
    of_view = {}
    for view, frame in views:
        of_view[view] = judge({view: frame}, FACTS, by_view[view])
        if look is not None:
            look(view, frame)
    found = pl.concat(of_view[view] for view in by_view)
    claims = book.claims.select(
        "claim_key", "file", *MATCHES, claim="claim_id", claim_segment="segment", claim_byte="byte"
    )
    lines = book.lines.select("line_key", "line", "served_on", line_segment="segment", line_byte="byte")
    placed = found.join(claims, on="claim_key", how="left", maintain_order="left").join(
        lines, on="line_key", how="left", maintain_order="left"
    )
    return (
        placed.with_columns(_ruling(placed, book, policies))
        .with_columns(
            segment=pl.coalesce("line_segment", "claim_segment"), byte=pl.coalesce("line_byte", "claim_byte")
        )
        .select(pl.col(name).cast(kind) for name, kind in FINDINGS.items())
    )


def _ruling(found: pl.DataFrame, book: Book, policies: Policies) -> pl.Series:
    """For each finding what the payer's policies say on its day, where its rule rests on them; else null."""
    none = pl.Series("ruling", [None], dtype=pl.UInt32).new_from_index(0, len(found))
    resting = found["rule_key"].is_in(rests_on_policy()).arg_true()
    if resting.is_empty():
        return none
    some = found[resting].join(first_days(book.lines), on="claim_key", how="left", maintain_order="left")
    payers = some.select(*MATCHES, day=pl.coalesce("served_on", "claim_day"))
    return none.scatter(resting, policies.rulings(payers))


def first_days(lines: pl.DataFrame) -> pl.DataFrame:
    """`claim_key` and `claim_day`, the first day of service of each claim of `lines`."""
    return lines.group_by("claim_key").agg(claim_day=pl.col("served_on").min())
