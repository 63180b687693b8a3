"""Versions of a claim: a claim counts once, however often it was sent."""

from typing import Final

import polars as pl

REPLACEMENT: Final = "7"
VOID: Final = "8"

_IDENTITY: Final = ["billing_npi", "claim_id", "patient"]
_SAME_SERVICES: Final = ["billing_npi", "patient", "payer_id", "first_day"]


def counted_claims(claims: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The claims that count once each: an earlier version of a claim does not stand beside its later one.

    A claim read as history gives way to a checked claim of the same billing provider, claim id and patient,
    and to a later one in history.  A replacement or a void takes the claim it corrects away, and the lines of
    a void are no services.
    """
    judged, history = claims.filter("judged"), claims.filter(~pl.col("judged"))
    latest = history.unique(_IDENTITY, keep="last", maintain_order=True)
    earlier = latest.join(judged, on=_IDENTITY, how="anti", nulls_equal=True, maintain_order="left")
    counted = pl.concat([judged, earlier])
    corrects = pl.col("frequency").is_in([REPLACEMENT, VOID]).fill_null(value=False)
    corrections = claims.filter(corrects)
    if len(corrections):
        days = lines.group_by("claim_key").agg(first_day=pl.col("served_on").min())
        gone = _corrected(claims.filter(~corrects), corrections, days)
        counted = counted.filter(~pl.col("claim_key").is_in(gone.implode()))
    return counted.filter(pl.col("frequency").fill_null("1") != VOID).sort("claim_key")


def _corrected(originals: pl.DataFrame, corrections: pl.DataFrame, days: pl.DataFrame) -> pl.Series:
    """The keys of the claims that corrections take the place of.

    The payer's number by which a correction names its claim is not in the claim it names, so that one is
    known by its claim id; where the id was changed, by billing provider, patient, payer and first day.
    History corrects history only.
    """
    originals = originals.join(days, on="claim_key", how="left")
    corrections = corrections.join(days, on="claim_key", how="left")
    same_id = corrections.join(originals, on=_IDENTITY, how="semi", nulls_equal=True)
    new_id = corrections.join(originals, on=_IDENTITY, how="anti", nulls_equal=True)
    found = [
        originals.join(some, on=key, suffix="_of_correction", nulls_equal=True)
        for some, key in ((same_id, _IDENTITY), (new_id, _SAME_SERVICES))
    ]
    may = pl.col("judged_of_correction") | ~pl.col("judged")
    return pl.concat([part.filter(may)["claim_key"] for part in found])
