"""Remittances matched to the claims that were sent: by what they are called, then by what they say.

A remittance is matched by claim id, payer control number or line control numbers where what it says supports
that; where it has none of these, by its likeness to one claim alone.  What fits two claims equally, or none,
is told and left to a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import polars as pl

from anodyne.denials.alike import days, lettered, plain
from anodyne.denials.judging import JUDGED, judged, unmatched
from anodyne.denials.matching_lines import match_lines, said_lines, sent_lines
from anodyne.denials.relations import with_relation
from anodyne.denials.weighing import PAIR, line_evidence, weighed
from anodyne.model.frames import CLAIM_MATCHES, LINE_MATCHES, checked

CROWD: Final = 64
"""So many claims of one name are weighed one by one; of more, only those of the same charge and first day."""
UNKNOWN: Final = "no one submitted claim has its id, its control numbers, or its patient, day and charge"
"""Why a remittance without any candidate is matched to nothing."""

_NAMES: Final = (
    {"id": "sent_plain"},
    {"payer_control": "sent_original"},
    {"earlier": "sent_original"},
)
_OF_MEMBER: Final = (
    {"member": "sent_member", "first_on": "sent_first"},
    {"member": "sent_member", "charge": "sent_charge"},
    {"corrected": "sent_member", "first_on": "sent_first"},
)
_OF_NOBODY: Final = (
    {"first_on": "sent_first", "charge": "sent_charge", "rendering_npi": "sent_rendering"},
    {"first_on": "sent_first", "charge": "sent_charge", "rendering_npi": "sent_billing"},
    {"first_on": "sent_first", "charge": "sent_charge", "provider_npi": "sent_billing"},
)
"""What a remittance that names no member and a claim share, so that they are worth comparing."""
_LINKS: Final = (
    ("payer_control", "payer_control"),
    ("earlier", "payer_control"),
    ("payer_control", "earlier"),
)
_SETTLED = pl.col("claim_key").is_not_null() | (pl.col("candidates").list.len() > 1)
"""Matched, or a tie."""


class Matches(NamedTuple):
    """What each remitted claim and line answers."""

    claims: pl.DataFrame
    """Columns of `frames.CLAIM_MATCHES`, one row for each CLP, in the order of their keys."""
    lines: pl.DataFrame
    """Columns of `frames.LINE_MATCHES`, one row for each SVC, in the order of their keys."""

    @property
    def quarantine(self) -> pl.DataFrame:
        """The claims for a person: each with its reason, and the submitted claims that came into question."""
        return self.claims.filter(pl.col("claim_key").is_null())


@dataclass(frozen=True, slots=True)
class _Sides:
    """What was sent and what came back, as they are compared."""

    sent: pl.DataFrame = field(repr=False)
    sent_lines: pl.DataFrame = field(repr=False)
    said: pl.DataFrame = field(repr=False)
    said_lines: pl.DataFrame = field(repr=False)

    def judged(self, pairs: pl.DataFrame, *, linked: bool = False) -> pl.DataFrame:
        """For each remittance of `pairs` the claim it answers, or why none does."""
        evidence = line_evidence(pairs, self.sent_lines, self.said_lines)
        return judged(weighed(pairs, self.sent, self.said, evidence), linked=linked)


def match(
    claims: pl.DataFrame, lines: pl.DataFrame, remits: pl.DataFrame, remit_lines: pl.DataFrame
) -> Matches:
    """The submitted claim and line that each remitted claim and line answers.

    Frames are those of `frames.CLAIMS`, `LINES`, `REMITS` and `REMIT_LINES`.  Several remittances may answer
    one claim: its reversal, its correction, its parts.  A claim sent twice without a difference is a tie:
    leave out the submission that was rejected.
    """
    sides = _Sides(
        _sent(claims, lines), sent_lines(lines), _said(remits, remit_lines), said_lines(remit_lines)
    )
    known = sides.judged(_by_name(sides))
    found = _over(known, _alike(known, sides))
    found = _over(found, _linked(found, sides))
    told = remits.select("remit_key").join(found, on="remit_key", how="left", maintain_order="left")
    open_ = pl.when(pl.col("claim_key").is_null())
    told = told.with_columns(reason=open_.then(pl.col("reason").fill_null(UNKNOWN)))
    told = with_relation(told, claims, remits, sides.said_lines).sort("remit_key")
    matched = match_lines(told, sides.sent_lines, sides.said_lines)
    return Matches(
        checked(told.select(pl.col(n).cast(kind) for n, kind in CLAIM_MATCHES.items()), CLAIM_MATCHES),
        checked(matched, LINE_MATCHES),
    )


def _sent(claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    return claims.select(
        "claim_key",
        sent_id="claim_id",
        sent_plain=plain("claim_id"),
        sent_original=plain("original_ref"),
        sent_charge="charge_cents",
        sent_member=lettered("member_id"),
        sent_billing="billing_npi",
        sent_rendering="rendering_npi",
        sent_frequency="frequency",
    ).join(
        days(lines, "claim_key").rename({"first_on": "sent_first", "last_on": "sent_last"}),
        on="claim_key",
        how="left",
    )


def _said(remits: pl.DataFrame, remit_lines: pl.DataFrame) -> pl.DataFrame:
    return (
        remits.select(
            "remit_key",
            "status",
            "frequency",
            "rendering_npi",
            "provider_npi",
            "statement_from",
            "statement_to",
            said_id="claim_id",
            id=plain("claim_id"),
            payer_control=plain("payer_control"),
            earlier=plain("original_ref"),
            charge=pl.col("charge_cents").abs(),
            member=lettered("member_id"),
            corrected=lettered("corrected_member_id"),
        )
        .join(days(remit_lines, "remit_key"), on="remit_key", how="left")
        .with_columns(
            first_on=pl.coalesce("first_on", "statement_from"),
            last_on=pl.coalesce("last_on", "statement_to", "first_on", "statement_from"),
        )
    )


def _by_name(sides: _Sides) -> pl.DataFrame:
    """Pairs that share a claim id, a payer control number, or a line control number of that claim alone."""
    unique = sides.sent_lines.filter("control_is_unique").select("control", "claim_key")
    by_control = sides.said_lines.select("remit_key", "control").join(unique, on="control").select(PAIR)
    return pl.concat([*(_joined(sides.said, sides.sent, by) for by in _NAMES), by_control]).unique()


def _joined(said: pl.DataFrame, sent: pl.DataFrame, by: Mapping[str, str]) -> pl.DataFrame:
    """Pairs equal in `by`; of a crowd those also equal in charge and first day, unless still a crowd."""
    ours, theirs = list(by), list(by.values())
    sent = sent.drop_nulls(theirs).with_columns(crowd=pl.len().over(theirs) > CROWD)
    said = said.drop_nulls(ours)
    few = said.join(sent.filter(~pl.col("crowd")), left_on=ours, right_on=theirs).select(PAIR)
    crowded = sent.filter("crowd")
    if crowded.is_empty():
        return few
    also = {**by, "charge": "sent_charge", "first_on": "sent_first"}
    ours, theirs = list(also), list(also.values())
    crowded = crowded.filter(pl.len().over(theirs) <= CROWD)
    return pl.concat([few, said.join(crowded, left_on=ours, right_on=theirs).select(PAIR)])


def _alike(known: pl.DataFrame, sides: _Sides) -> pl.DataFrame:
    """Of the remittances that `known` leaves open, what each is like: a claim that no other answers."""
    left = sides.said.join(known.filter(_SETTLED), on="remit_key", how="anti")
    nobody = left.filter(pl.col("member").is_null())
    pairs = [_joined(left, sides.sent, by) for by in _OF_MEMBER]
    pairs += [_joined(nobody, sides.sent, by) for by in _OF_NOBODY]
    found = sides.judged(pl.concat(pairs).unique())
    found = found.filter(_SETTLED | ~pl.col("remit_key").is_in(known["remit_key"].implode()))
    answered = known["claim_key"].drop_nulls().unique()
    taken = pl.col("claim_key").is_in(answered.implode())
    ids = pl.col("id").fill_null("").n_unique().over("claim_key")
    refused = (
        pl.when(taken)
        .then(pl.lit("it is like a submitted claim that another remittance answers by name"))
        .when(pl.col("claim_key").is_not_null() & (ids > 1))
        .then(pl.lit("it and a remittance of another id are like one submitted claim"))
    )
    told = found.join(sides.said.select("remit_key", "id"), on="remit_key").with_columns(refused=refused)
    kept = told.filter(pl.col("refused").is_null()).select(JUDGED)
    apart = told.filter(pl.col("refused").is_not_null()).with_columns(candidates=pl.concat_list("claim_key"))
    return pl.concat([kept, unmatched(apart, pl.col("refused"))])


def _linked(known: pl.DataFrame, sides: _Sides) -> pl.DataFrame:
    """Of the remittances that `known` leaves open, those that name one that was matched, or that it names."""
    controls = sides.said.select("remit_key", "payer_control", "earlier")
    left = controls.join(known.filter(_SETTLED), on="remit_key", how="anti")
    matched = known.drop_nulls("claim_key").select(PAIR).join(controls, on="remit_key")
    pairs = []
    for own, other in _LINKS:
        named = matched.select("claim_key", link=other).drop_nulls().unique()
        alone = named.filter(pl.len().over("link") == 1)
        pairs.append(left.join(alone, left_on=own, right_on="link").select(PAIR))
    return sides.judged(pl.concat(pairs).unique(), linked=True).drop_nulls("claim_key")


def _over(known: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    """`known`, with the rows of `later` in place of those of the same remittance."""
    return pl.concat([known.join(later, on="remit_key", how="anti"), later])
