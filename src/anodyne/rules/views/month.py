"""The `month` view: one month of care management of one patient, practitioner and programme."""

import polars as pl

from anodyne.model.care import PROGRAM_WORDS, ConsentTopic
from anodyne.reference.policies import Policies
from anodyne.rules.fact import Fact, Facts
from anodyne.rules.views.attach import laid_by
from anodyne.rules.views.ground import MEDICARE, PLACE_FACTS, with_policy

FACTS: Facts = {
    **PLACE_FACTS,
    "program": Fact(pl.String, "the programme: cpm chronic pain, ccm chronic care, complex_ccm, pcm, rpm …"),
    "program_name": Fact(pl.String, "the programme in words"),
    "program_known": Fact(pl.Boolean, "whether the programme has codes in the month"),
    "month": Fact(pl.Date, "the first day of the month"),
    "first_on": Fact(pl.Date, "the first day on which time was given that may count; null where none was"),
    "earns": Fact(pl.Boolean, "whether the time earns a code, consent, visit and places aside"),
    "first_code": Fact(pl.String, "the code of the month's first block of time"),
    "next_code": Fact(pl.String, "the code of its further blocks"),
    "next_units": Fact(pl.Int64, "how many of those the time earns", "units"),
    "next_edit": Fact(
        pl.Int64, "units of that code a day beyond which Medicare denies", "MUE edition of the month"
    ),
    "gated_away": Fact(pl.Boolean, "whether consent, visit, place or telehealth leave nothing of it"),
    "before_consent_seconds": Fact(pl.Int64, "seconds given before consent"),
    "after_revocation_seconds": Fact(pl.Int64, "seconds given after consent was revoked"),
    "before_visit_seconds": Fact(pl.Int64, "seconds given before the initiating visit"),
    "misplaced_seconds": Fact(pl.Int64, "seconds in places, or on days in a hospital bed, that do not count"),
    "off_telehealth_seconds": Fact(pl.Int64, "seconds by telehealth on days without Medicare's cover"),
    "unplaced_seconds": Fact(
        pl.Int64,
        "seconds whose place is not told, or not known to count or not to",
    ),
    "places_told": Fact(
        pl.Boolean,
        "true where there are none of those; else null",
        "time log: the place of service of each contact",
    ),
    "disputed_seconds": Fact(pl.Int64, "seconds that other entries claim too, which count for neither"),
    "staff_seconds": Fact(pl.Int64, "seconds logged by others than practitioners"),
    "contact": Fact(pl.Boolean, "whether any of the time that counts was spent with the patient"),
    "first_month": Fact(
        pl.Boolean,
        "whether no month of the programme was billed before by this practitioner",
        "enrolment: how many months were billed before (prior_months)",
    ),
    "consent_on": Fact(pl.Date, "the day of consent", "enrolment: the day of consent (consent_on)"),
    **{
        f"covers_{topic.value}": Fact(
            pl.Boolean,
            f"whether consent covered {topic.value.replace('_', ' ')}",
            "enrolment: what the patient was told (consent_covers)",
        )
        for topic in ConsentTopic
    },
    "pain_months": Fact(
        pl.Float64,
        "how many months the pain had lasted at enrolment",
        "enrolment: how long the pain has lasted (pain_months)",
    ),
    "pain_finding": Fact(pl.String, "what the first visit found: established, confirmed or rejected"),
    "conditions": Fact(
        pl.Int32,
        "chronic conditions expected to last 12 months or more",
        "enrolment: how many chronic conditions (conditions)",
    ),
    "initiated_on": Fact(
        pl.Date, "the day of the initiating visit", "enrolment: the initiating visit (initiated_on)"
    ),
    "initiated_minutes": Fact(
        pl.Float64, "its minutes", "enrolment: minutes of the initiating visit (initiated_minutes)"
    ),
    "initiated_mode": Fact(
        pl.String,
        "in_person, video or audio",
        "enrolment: how the initiating visit was held (initiated_mode)",
    ),
    "visit_place": Fact(
        pl.String,
        "what sort of place it was in: clinical, home, remote, hospital, emergency or nursing",
        "enrolment: a place of the initiating visit that is known to be clinical (initiated_pos)",
    ),
    "initiated_pos": Fact(pl.String, "its place of service"),
    "plan_on": Fact(pl.Date, "the day of the current care plan"),
    "scale": Fact(pl.String, "the validated pain instrument"),
    "scale_on": Fact(pl.Date, "the day of its score"),
    "complexity": Fact(
        pl.String,
        "complexity of decision making: straightforward, low, moderate or high",
        "enrolment: complexity of decision making (complexity)",
    ),
    "discharged_on": Fact(pl.Date, "the day of discharge", "enrolment: the day of discharge (discharged_on)"),
    "contacted_on": Fact(
        pl.Date, "the first contact after it", "enrolment: the first contact after discharge (contacted_on)"
    ),
    "contact_by": Fact(pl.Date, "the last day on which that contact is in time"),
    "visited_on": Fact(pl.Date, "the visit after it", "enrolment: the visit after discharge (visited_on)"),
    "transition_days": Fact(pl.Int64, "days from discharge to that visit"),
    "transition_code": Fact(pl.String, "the code that they earn"),
    "payer_pays": Fact(
        pl.Boolean,
        "whether the payer pays the programme",
        "payer policy: which care management programmes does it pay?",
        values=("care_programmes",),
    ),
    "exclusive_code": Fact(pl.String, "a code of another programme that is paid in place of this one's"),
    "exclusive_program": Fact(pl.String, "that programme, in words"),
    "unsettled_program": Fact(
        pl.String, "a programme of the month beside which nothing says whether this one is paid"
    ),
    "other_billers": Fact(pl.UInt32, "other practitioners who earn a code of the programme for the patient"),
    "biller_number": Fact(pl.UInt32, "which of them this one is, 1 the first"),
    "visit_days": Fact(pl.UInt32, "days with both counted time and a visit billed as one"),
    "own_minutes_at_start": Fact(
        pl.Int64, "minutes of the practitioner's own assessment and planning on the day of the first visit"
    ),
    "charge_cents": Fact(pl.Int64, "what Medicare pays nationally for the codes, in cents"),
}  # fmt: skip


def month_view(months: pl.DataFrame, policies: Policies) -> pl.DataFrame:
    """`months`, as care makes them with what else each holds, in the columns of FACTS; judged if enrolled."""
    served = months.with_columns(
        payer_id="payer",
        payer_name=pl.lit(None, pl.String),
        last="day",
        day=pl.coalesce("met_on", "first_on", "day"),
    )
    rows = with_policy(served, policies.by_id()).with_columns(day="last")
    return rows.with_columns(
        claim_key=pl.lit(None, pl.UInt32),
        program_name=pl.col("program").replace_strict(PROGRAM_WORDS),
        exclusive_program=pl.col("exclusive_program").replace_strict(PROGRAM_WORDS),
        unsettled_program=pl.col("unsettled_program").replace_strict(PROGRAM_WORDS),
        line_key="month_key",
        judged="enrolled",
        medicare=MEDICARE,
        places_told=pl.when(pl.col("unplaced_seconds") == 0).then(pl.lit(value=True)),
        first_month=pl.col("prior_months") == 0,
        earns=pl.col("codes").list.len() > 0,
        payer_pays=pl.col("payer_care_programmes").list.contains(pl.col("program")),
        **{
            f"covers_{topic.value}": pl.col("consent_covers").list.contains(topic.value)
            for topic in ConsentTopic
        },
    ).pipe(laid_by, FACTS)
