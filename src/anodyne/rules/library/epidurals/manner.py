"""How an epidural is given."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="LCD-E5",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("lcd-l33906", "image guidance by fluoroscopy or CT with contrast", confidence="known")],
)
def without_imaging() -> Check:
    """An epidural without image guidance.

    Coverage for pain asks for fluoroscopy or CT; 62320 and 62322 are the codes without it.  Where imaging was
    used and kept, the code with imaging is the right one.  Acute pain after a procedure is outside the
    policy.
    """
    return Check(
        subject=pl.col("unguided_code").is_not_null() & ~pl.col("acute_pain"),
        violates=pl.col("payer_epidural_lcd").fill_null(value=False),
        says=pl.format(
            "{} is without imaging; epidurals are covered under fluoroscopy or CT", "unguided_code"
        ),
        codes=("unguided_code",),
    )


@rule(
    id="LCD-E7",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("lcd-l39240", "several kinds of block in one session", confidence="known")],
)
def two_approaches() -> Check:
    """A transforaminal and an interlaminar epidural of one region in one session.

    The policies do not cover several blocks at once.  Without a modifier the pair edits stop the claim; with
    one it may pay, and is what reviewers look for.
    """
    both = pl.col("transforaminal_code").is_not_null() & pl.col("interlaminar_code").is_not_null()
    return Check(
        subject=both & pl.col("separated"),
        violates=pl.col("payer_epidural_lcd").fill_null(value=False),
        says=pl.format(
            "{} and {} in one {} session: the modifier lifts the pair edit, not the coverage policy",
            "interlaminar_code",
            "transforaminal_code",
            "region_name",
        ),
        codes=("interlaminar_code", "transforaminal_code"),
    )


@rule(
    id="LCD-E7a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("lcd-l39240", "several kinds of block in one session", confidence="known")],
)
def other_block_of_the_day() -> Check:
    """An epidural and a sacroiliac, sympathetic or trigger-point injection on one day.

    The policies do not cover several blocks at once. No pair edit stops such a claim, or a modifier lifted
    it; it pays, and is taken back.
    """
    return Check(
        subject=(pl.col("family") == "epidural") & pl.col("payer_epidural_lcd"),
        violates=pl.col("other_block").is_not_null(),
        says=pl.format(
            "{} and {} on one day: epidurals are covered without other blocks in the session",
            "code",
            "other_block",
        ),
        codes=("code", "other_block"),
    )


@rule(
    id="LCD-E6",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("article-a56651", "KX on diagnostic selective nerve root blocks")],
)
def kx_on_interlaminar() -> Check:
    """KX on an interlaminar or caudal epidural.

    KX tells Medicare that a transforaminal code was a diagnostic block of one nerve root. Interlaminar and
    caudal injections are never that.
    """
    return Check(
        subject=pl.col("interlaminar_code").is_not_null() & pl.col("payer_epidural_lcd"),
        violates=pl.col("interlaminar_kx"),
        says=pl.format(
            "KX marks a diagnostic nerve root block (64479 to 64484); {} is none: check the modifier",
            "interlaminar_code",
        ),
        codes=("interlaminar_code",),
    )


@rule(
    id="LCD-E6a",
    view=View.SESSION,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2021, 12, 5)),
    cites=[cite("article-a56651", "KX on diagnostic selective nerve root blocks")],
)
def kx_on_some_lines() -> Check:
    """KX stands on some transforaminal lines of a session and not on others.

    A diagnostic nerve root block has KX on each of its lines. Which it was is for the person who did it to
    say.
    """
    return Check(
        subject=(pl.col("kind") == "epidural") & pl.col("payer_epidural_lcd"),
        violates=pl.col("kx_missing").is_not_null(),
        says=pl.format(
            "KX says the nerve root block is diagnostic, but {} lacks it: on each line, or on none",
            "kx_missing",
        ),
        codes=("kx_missing",),
    )
