"""What a reviewer will look for in the record: nothing of it holds a month back."""

import datetime as dt
from typing import Final

import polars as pl

from anodyne.kernel.span import Span
from anodyne.model.outcome import Outcome
from anodyne.rules.rule import Check, View, cite, rule

_CPM: Final = (pl.col("program") == "cpm") & pl.col("earns")


@rule(
    id="CPM-08",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-aapc-cpm", "what the bundle is made of: a validated scale, a person-centred plan …")],
)
def elements_not_recorded() -> Check:
    """A validated pain scale or a care plan that is not recorded.

    The elements of chronic pain management are given as the patient needs them, and the record says which
    were and why others were not.  A number without the name of its instrument is no validated scale.
    """
    no_scale = pl.col("scale").is_null() | pl.col("scale_on").is_null()
    no_plan = pl.col("plan_on").is_null()
    return Check(
        subject=_CPM,
        violates=no_scale | no_plan,
        says=pl.format(
            "no {} on record",
            pl.concat_str(
                [
                    pl.when(no_scale).then(pl.lit("validated pain scale with its day")),
                    pl.when(no_plan).then(pl.lit("care plan")),
                ],
                separator=", and no ",
                ignore_nulls=True,
            ),
        ),
        codes=("first_code",),
    )


@rule(
    id="CPM-10",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[cite("w-nixon", "personally by a physician or other qualified practitioner")],
)
def staff_time_logged() -> Check:
    """Staff time logged for chronic pain management.

    Only time that a physician or other billing practitioner gives in person counts; that of staff, the
    practice's or another company's, adds nothing, whoever supervises it.
    """
    return Check(
        subject=pl.col("program") == "cpm",
        violates=pl.col("staff_seconds") > 0,
        says=pl.format(
            "{} minutes of staff are logged for chronic pain management and add nothing",
            pl.col("staff_seconds") // 60,
        ),
        codes=("first_code",),
    )


@rule(
    id="CPM-11",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2023, 1, 1)),
    cites=[
        cite("cy2023-pfs-final-rule", "beside visits, where no minute counts twice", confidence="known"),
    ],
)
def visit_on_the_same_day() -> Check:
    """A visit and chronic pain management on one day.

    Both may be billed where each has its own minutes and its own note.
    """
    return Check(
        subject=_CPM,
        violates=pl.col("visit_days") > 0,
        says=pl.format(
            "a visit and chronic pain management share {}: each needs its own note",
            pl.when(pl.col("visit_days") == 1)
            .then(pl.lit("a day"))
            .otherwise(pl.format("{} days", "visit_days")),
        ),
        codes=("first_code",),
    )


@rule(
    id="CM-06a",
    view=View.MONTH,
    outcome=Outcome.DENY,
    in_force=Span(dt.date(2017, 1, 1)),
    cites=[cite("cpt-code-set", "complex chronic care: moderate or high decision making")],
)
def too_simple_for_complex_care() -> Check:
    """Complex chronic care with simple decision making.

    It needs decision making of moderate or high complexity; what is simpler is chronic care management.
    """
    return Check(
        subject=pl.col("program") == "complex_ccm",
        violates=pl.col("complexity").is_in(["straightforward", "low"]).fill_null(value=False),
        says=pl.format("decision making of {} complexity is not complex chronic care", "complexity"),
        codes=("first_code",),
    )


@rule(
    id="CM-06b",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2017, 1, 1)),
    cites=[cite("cpt-code-set", "complex chronic care: moderate or high decision making, and a plan")],
)
def complexity_not_recorded() -> Check:
    """Complex chronic care whose decision making or plan is not recorded.

    It needs decision making of moderate or high complexity, and a plan set up or substantially revised.
    """
    return Check(
        subject=(pl.col("program") == "complex_ccm") & pl.col("earns"),
        violates=pl.col("complexity").is_null() | pl.col("plan_on").is_null(),
        says=pl.lit("the note must show moderate or high complexity, and the plan"),
        codes=("first_code",),
    )


@rule(
    id="CM-08b",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2017, 1, 1)),
    cites=[cite("cpt-code-set", "a plan of care")],
)
def plan_not_recorded() -> Check:
    """Chronic or principal care without a care plan on record."""
    return Check(
        subject=pl.col("program").is_in(["ccm", "pcm"]) & pl.col("earns"),
        violates=pl.col("plan_on").is_null(),
        says=pl.lit("no care plan is on record"),
        codes=("first_code",),
    )


@rule(
    id="CM-G0506",
    view=View.MONTH,
    outcome=Outcome.MISSED,
    in_force=Span(dt.date(2017, 1, 1)),
    cites=[cite("ngs-care-management", "G0506: once, with the initiating visit")],
)
def planning_at_the_start() -> Check:
    """Assessment and planning of the practitioner's own at the start of chronic care.

    G0506 may be billed once, with the initiating visit, for work beyond it.  Whether it was beyond the visit
    is for the practitioner to say: nothing is billed by itself.
    """
    return Check(
        subject=pl.col("program").is_in(["ccm", "complex_ccm"]) & pl.col("first_month"),
        violates=pl.col("own_minutes_at_start") > 0,
        says=pl.format(
            "{} minutes of the practitioner's own assessment and planning on the day of the first visit: "
            "was it G0506?",
            "own_minutes_at_start",
        ),
        codes=("first_code",),
    )


@rule(
    id="CM-08c",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2015, 1, 1)),
    cites=[cite("mln909188", "cost sharing is explained before consent", confidence="known")],
)
def cost_sharing_not_recorded() -> Check:
    """Consent of which it is not recorded that cost sharing was explained."""
    return Check(
        subject=~pl.col("program").is_in(["cpm", "tcm"]) & pl.col("earns"),
        violates=pl.col("covers_cost_sharing").is_null(),
        says=pl.lit("the enrolment does not say that the patient was told of cost sharing"),
        codes=("first_code",),
    )


@rule(
    id="CM-TWICE",
    view=View.MONTH,
    outcome=Outcome.AUDIT,
    in_force=Span(dt.date(2000, 1, 1)),
    cites=[
        cite("cy2023-pfs-final-rule", "beside visits, where no minute counts twice", confidence="known"),
    ],
)
def minutes_in_dispute() -> Check:
    """Minutes that two entries claim, which count for neither.

    Until the log is corrected nobody is paid for them; the entries are named among the overlaps.
    """
    return Check(
        subject=pl.lit(value=True),
        violates=pl.col("disputed_seconds") > 0,
        says=pl.format(
            "{}:{} overlap other entries and count for neither: correct the log",
            pl.col("disputed_seconds") // 60,
            (pl.col("disputed_seconds") % 60).cast(pl.String).str.zfill(2),
        ),
        codes=("first_code",),
    )
