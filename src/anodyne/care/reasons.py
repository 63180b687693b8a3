"""Why a patient is listed, what else to know, and what is missing: in words."""

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from anodyne.care.look import MORE_THAN_MONTHS, POLICY, Look
from anodyne.reference.policies import VALUES

_ASKS: Final = VALUES[POLICY].asks


def with_reasons(rows: pl.DataFrame, look: Look, *, enrolled_asked: bool) -> pl.DataFrame:
    """`rows` that are listed with `reasons`, `notes` and `needs`, and `likely`: null where any is needed."""
    told = rows.with_columns(
        reasons=_list(_reasons(look)),
        notes=_list(_notes()),
        needs=_list(_needs(look, enrolled_asked=enrolled_asked)),
    )
    return told.with_columns(likely=pl.when(pl.col("needs").list.len() == 0).then(pl.lit(value=True)))


def spelled(day: str | pl.Expr) -> pl.Expr:
    """The day in a column, as 14 Oct 2026."""
    return (pl.col(day) if isinstance(day, str) else day).dt.strftime("%-d %b %Y")


def _reasons(look: Look) -> Iterator[pl.Expr]:
    code = pl.element()
    dotted = (
        pl.when(code.str.len_chars() > 3).then(code.str.head(3) + "." + code.str.slice(3)).otherwise(code)
    )
    yield pl.format(
        f"pain coded on {{}} days from {{}} to {{}}, more than {MORE_THAN_MONTHS} months: {{}}",
        "pain_days",
        spelled("pain_from"),
        spelled("pain_to"),
        pl.col("pain_codes").list.eval(dotted).list.join(", "),
    )
    span, last = pl.format(f"in the {look.months} months to {{}}", _on(look)), spelled("visited_on")
    yield (
        pl.when("shared")
        .then(pl.format("{} visits {}, one of them to this practitioner, on {}", "all_visits", span, last))
        .when("enough")
        .then(pl.format("{} visits {}, the last on {}", "visits", span, last))
        .otherwise(pl.format("one visit among the claims read, on {}", last))
    )
    yield pl.when("pays").then(
        pl.format(
            "{} chronic pain management",
            pl.when("medicare").then(pl.lit("Medicare pays")).otherwise(pl.lit("the payer's policy pays")),
        )
    )
    nobody = ~pl.col("enrolled") & pl.col("enrolled_with").is_null()
    yield pl.when(nobody).then(pl.lit("not enrolled"))
    never = pl.col("billed_on").is_null() & (pl.col("others_billed").list.len() == 0)
    yield pl.when(never).then(pl.lit("G3002 never billed in the claims read"))


def _notes() -> Iterator[pl.Expr]:
    yield pl.format("this practitioner billed G3002, last on {}", spelled("billed_on"))
    yield pl.format("G3002 is billed by {}", "others_told")
    yield pl.format("the patient is enrolled with {}", "enrolled_with")
    yield pl.format("{} found at the first visit that the pain is not chronic", "rejected_by")
    yield pl.format("consent to an earlier enrolment was revoked on {}", spelled("revoked_on"))
    yield pl.format(
        "{} ({}) is billed, last on {}: no minute counts for both",
        pl.col("care_codes").list.join(", "),
        "care_told",
        spelled("care_on"),
    )
    yield pl.when("only_causes").then(pl.lit("no code names pain itself, only what it may come from"))
    yield pl.when(pl.col("in_person_on").is_null()).then(
        pl.lit("no visit in person: the first month begins with one")
    )


def _needs(look: Look, *, enrolled_asked: bool) -> Iterator[pl.Expr]:
    unseen = pl.col("enrolled").is_null() & pl.lit(enrolled_asked)
    yield pl.when(unseen).then(
        pl.lit("claims: the medical record number (REF*EA), to look up who is enrolled")
    )
    yield pl.when(pl.col("pays").is_null()).then(pl.lit(f"payer policy: {_ASKS}"))
    yield pl.when(pl.col("enough").is_null()).then(
        pl.format(
            "claims: those from {} on; the ones read begin on {}",
            spelled(pl.lit(look.since)),
            spelled(pl.lit(look.begins, pl.Date)),
        )
    )
    yield pl.when("shared").then(
        pl.format("practitioners: who of the {} that saw the patient once would manage the pain?", "seen_by")
    )
    colleague = pl.coalesce("enrolled_with", "one_biller")
    yield pl.format("practitioners: does {}, of the same practice, manage the pain already?", colleague)


def _on(look: Look) -> pl.Expr:
    return spelled(pl.lit(look.as_of))


def _list(texts: Iterable[pl.Expr]) -> pl.Expr:
    """A list of those `texts` that are not null."""
    return pl.concat_list(list(texts)).list.drop_nulls()
