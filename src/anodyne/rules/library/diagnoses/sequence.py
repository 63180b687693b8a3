"""Pain codes (G89) by what the service is for."""

import datetime as dt

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule


@rule(
    id="DX-02",
    view=View.POINTED,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("icd10cm-pain-guideline", "encounters for pain control or pain management"),
        cite("icd10cm-guidelines", "I.C.6.b.1.a and b: where pain is what is managed, G89 stands first"),
    ],
)
def managed_pain_first() -> Check:
    """A month of pain management names the pain after its site or cause.

    Where pain management is the reason for the service, G89 stands first and the site or the cause second.
    Of visits and injections a claim does not show the reason; of a month of chronic pain management its code
    does.
    """
    return Check(
        subject=(pl.col("aim") == "pain_month") & pl.col("pain_dx").is_not_null(),
        violates=pl.col("dx_kind") == "other",
        says=pl.format("{} on line {} manages pain: {} stands before {}", "code", "line", "pain_dx", "dx"),
        codes=("code", "pain_dx"),
    )


@rule(
    id="DX-03",
    view=View.POINTED,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[
        cite("icd10cm-pain-guideline", "a procedure aimed at the underlying condition: no code of G89"),
        cite("icd10cm-guidelines", "I.C.6.b"),
    ],
)
def cause_treated() -> Check:
    """A procedure that treats the cause is billed for the pain.

    Vertebral augmentation, decompression and fusion are done for the fracture or the stenosis; that is coded,
    and no code of G89.
    """
    return Check(
        subject=pl.col("aim") == "cause",
        violates=pl.col("dx_kind") == "pain",
        says=pl.format(
            "{} on line {} treats the cause: its first diagnosis is the fracture or stenosis, not {}",
            "code",
            "line",
            "dx",
        ),
        codes=("code", "dx"),
    )


@rule(
    id="DX-03a",
    view=View.POINTED,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-guidelines", "I.C.6.b.1.a: a stimulator put in for pain control, G89 first")],
)
def stimulator_for_pain() -> Check:
    """A stimulator is put in for pain, and the pain is not the first diagnosis.

    Silent where the same claim also treats the cause, as the cause then stands first.
    """
    return Check(
        subject=(pl.col("aim") == "stimulator") & pl.col("pain_dx").is_not_null(),
        violates=pl.col("dx_kind").is_in(["other", "neoplasm"]) & ~pl.col("treats_cause"),
        says=pl.format(
            "{} on line {} is for pain control: {} stands before {}", "code", "line", "pain_dx", "dx"
        ),
        codes=("code", "pain_dx"),
    )


@rule(
    id="DX-06a",
    view=View.POINTED,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2020, 10, 1)),
    cites=[cite("icd10cm-guidelines", "I.C.6.b.5: for control of neoplasm related pain, G89.3 first")],
)
def neoplasm_pain_first() -> Check:
    """A block, an epidural or a pump for neoplasm related pain names the neoplasm first.

    Such a procedure controls the pain and does not treat the tumour.
    """
    return Check(
        subject=(pl.col("aim") == "pain") & (pl.col("pain_dx") == "G89.3"),
        violates=pl.col("dx_kind") == "neoplasm",
        says=pl.format("{} on line {} controls the pain: G89.3 stands before {}", "code", "line", "dx"),
        codes=("code", "pain_dx"),
    )
