"""From claims sent, the patients likely to qualify for chronic pain management whom nobody has enrolled."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import polars as pl

from anodyne.care.look import MORE_THAN_MONTHS, POLICY, Look
from anodyne.care.reasons import spelled, with_reasons
from anodyne.model.care import PainFinding, Program
from anodyne.model.frames import DIAGNOSES, ENROLMENTS, MODIFIERS, Schema, empty
from anodyne.model.versions import counted_claims
from anodyne.reference.pain import diagnoses_by_pain
from anodyne.reference.policies import MATCHES, Policies
from anodyne.reference.tables import Reference, in_force

LEAST_VISITS: Final = 2
"""So many days with a visit make a patient known to the practitioner."""
_REMOTE_VISIT: Final = "telemedicine_visit"
VISITS: Final = ("office_new", "office_established", "consultation", "home_visit", _REMOTE_VISIT)
"""Groups of visits of people who are not in a hospital, an emergency room or a nursing home."""
BESIDE: Final[Mapping[str, str]] = {
    "ccm": "chronic care management",
    "ccm_planning": "chronic care management",
    "pcm": "principal care management",
    "apcm": "advanced primary care management",
}
"""Groups of other care by the month that a practitioner should know of."""

_KINDS: Final = ("visit", "care")
_LATER_PAYERS: Final = ("S", "T", "A", "B", "C", "D", "E", "F", "G", "H")
_REMOTE: Final = ("93", "95", "FQ", "GT")
_ROW: Final = ["patient", "practitioner"]

FOUND: Schema = {
    "medical_record": pl.String,  # REF*EA: the practice's number of the patient; null where no claim has it
    "claim_id": pl.String,  # CLM01 of the practitioner's latest claim
    "practitioner": pl.String,  # NPI of who rendered, else of who billed
    "payer_id": pl.String,  # of that claim, as are the next two
    "payer_name": pl.String,
    "filing": pl.String,
    "medicare": pl.Boolean,
    "likely": pl.Boolean,  # true; null where something is missing, and `needs` says what
    "needs": pl.List(pl.String),
    "reasons": pl.List(pl.String),  # why the patient is likely to qualify
    "notes": pl.List(pl.String),  # what else to know
    "pain_from": pl.Date,  # first and last day on which pain was coded, by anybody
    "pain_to": pl.Date,
    "pain_span_days": pl.Int64,
    "pain_days": pl.UInt32,  # days on which it was
    "pain_codes": pl.List(pl.String),
    "visits": pl.UInt32,  # days in the look-back with a visit to the practitioner
    "visited_on": pl.Date,  # the last of them
    "in_person_on": pl.Date,  # the last in person
    "billed_on": pl.Date,  # the last G3002 of the practitioner
    "others_billed": pl.List(pl.String),  # other practitioners with G3002 for the patient
    "ccm": pl.Boolean,  # whether chronic care management was billed in the look-back, by anybody
    "pcm": pl.Boolean,  # whether principal care management was
    "care_codes": pl.List(pl.String),  # codes of BESIDE billed in the look-back
    "enrolled": pl.Boolean,  # false: no enrolment with the practitioner; null: not told, or it cannot be seen
}


class Standing(StrEnum):
    """Why a patient with pain is listed or not; the first that holds for any practitioner."""

    LISTED = "listed"
    BILLED = "billed"
    """The practitioner has billed G3002 for the patient."""
    ENROLLED = "enrolled"
    REJECTED = "rejected"
    """The first visit found that the pain is not chronic."""
    UNPAID = "unpaid"
    """A policy of the payer says that it does not pay the programme."""
    FEW_VISITS = "few_visits"
    SHORT_PAIN = "short_pain"


@dataclass(frozen=True, slots=True)
class Finds:
    """What one book of claims holds."""

    rows: pl.DataFrame = field(repr=False)
    """The columns of FOUND, one row a patient and practitioner."""
    patients: int
    """How many patients it has."""
    standings: Counter[str]
    """How many of those with pain coded in the look-back stand how: by values of Standing."""


def find(
    claims: pl.DataFrame,
    lines: pl.DataFrame,
    look: Look,
    *,
    reference: Reference,
    policies: Policies,
    enrolments: pl.DataFrame | None = None,
    billed: bool = False,
) -> Finds:
    """Who of `claims` is likely to qualify, each patient whole in them; with `billed` also where G3002 was.

    Pain is the patient's, whoever coded it, and acute pain is none; visits are the practitioner's, on days
    with pain or without.  Services after the day of `look` are left out, and claims to a second payer, which
    tell again what the first was told.  Frames have the columns of `frames.CLAIMS`, `frames.LINES` and
    `frames.ENROLMENTS`.
    """
    counted = counted_claims(claims, lines).filter(
        ~pl.col("payer_rank").is_in(_LATER_PAYERS).fill_null(value=False)
    )
    services = _services(counted, lines, look)
    pain = _pain(counted, services, reference)
    people = _people(pain, look)
    services = services.join(people, on="patient", how="semi")
    told = _of_codes(services, reference)
    rows = pain.select(_ROW).unique().join(people, on="patient").join(_who(services), on=_ROW)
    rows = _with_visits(rows, told, look, reference)
    rows = _with_care(_with_billed(rows, told), told, look)
    rows = _with_policy(_with_enrolments(rows, services, enrolments, look), policies, look)
    rows = _with_standing(rows, billed=billed)
    best = rows.group_by("patient").agg(pl.col("rank").min())["rank"]
    listed = with_reasons(rows.filter(rank=0), look, enrolled_asked=enrolments is not None)
    practitioner = pl.when(pl.col("practitioner") != "").then("practitioner")
    found = listed.with_columns(practitioner=practitioner).select(
        pl.col(name).cast(kind) for name, kind in FOUND.items()
    )
    standings = Counter(list(Standing)[rank].value for rank in best)
    return Finds(in_order(found), counted["patient"].n_unique(), standings)


def in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows`, the most promising first: likely, Medicare, most visits, longest pain; then by their ids."""
    most = ("likely", "medicare", "visits", "pain_span_days")
    keys = [pl.col("likely").fill_null(value=False), *most[1:], "medical_record", "claim_id", "practitioner"]
    descending = [True] * len(most) + [False] * 3
    return rows.sort(keys, descending=descending, nulls_last=True, maintain_order=True)


def _services(claims: pl.DataFrame, lines: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Every line served by the day of `look`, with its claim's patient, practitioner and payer."""
    of_claim = claims.select(
        "claim_key", "patient", "claim_id", "medical_record", *MATCHES, "billing_npi", "billing_taxonomy"
    )
    own = lines.filter(pl.col("served_on") <= look.as_of).select(
        "claim_key", "line_key", "code", *MODIFIERS, "pos", "served_on", "rendering_npi", "rendering_taxonomy"
    )
    rendered = pl.col("rendering_npi").is_not_null()
    return own.join(of_claim, on="claim_key", maintain_order="left").with_columns(
        practitioner=pl.coalesce("rendering_npi", "billing_npi", pl.lit("")),
        taxonomy=pl.when(rendered).then("rendering_taxonomy").otherwise("billing_taxonomy"),
    )


def _pain(claims: pl.DataFrame, services: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """One row for each day, practitioner and code of pain that is not acute, or of what pain comes from."""
    days = services.select("claim_key", "served_on", *_ROW).unique()
    served = days.select("claim_key", "served_on").unique()
    named = diagnoses_by_pain(claims.select("claim_key", *DIAGNOSES), served, reference)
    lasting = (~pl.col("acute") | pl.col("cause")).fill_null(value=False)
    return (
        named.filter(lasting)
        .select("claim_key", "served_on", "dx", "cause")
        .join(days, on=["claim_key", "served_on"])
    )


def _people(pain: pl.DataFrame, look: Look) -> pl.DataFrame:
    """One row for each patient with pain coded in the look-back: from when to when, how often and by what."""
    people = pain.group_by("patient").agg(
        pain_from=pl.col("served_on").min(),
        pain_to=pl.col("served_on").max(),
        pain_days=pl.col("served_on").n_unique(),
        pain_codes=pl.col("dx").unique().sort(),
        only_causes=pl.col("cause").all(),
    )
    return people.filter(pl.col("pain_to") >= look.since).with_columns(
        pain_span_days=(pl.col("pain_to") - pl.col("pain_from")).dt.total_days(),
        long_enough=pl.col("pain_to") > pl.col("pain_from").dt.offset_by(f"{MORE_THAN_MONTHS}mo"),
    )


def _of_codes(services: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """The visits and months of care among `services`, with their `kind` and `group`."""
    traits = reference.table("code_traits").filter(pl.col("kind").is_in(_KINDS))
    some = services.filter(pl.col("code").is_in(traits["code"].unique().implode()))
    known = in_force(some.select("code", "served_on").unique(), reference, "code_traits")
    known = known.filter(pl.col("kind").is_in(_KINDS)).select("code", "served_on", "kind", "group")
    return some.join(known, on=["code", "served_on"])


def _who(services: pl.DataFrame) -> pl.DataFrame:
    """For each patient and practitioner what the latest claim says, and the latest number of the patient."""
    ordered = services.sort("served_on", "claim_key", "line_key")
    latest = ordered.group_by(_ROW).agg(
        pl.col("claim_id", *MATCHES, "billing_npi", "taxonomy").last(),
        own_record=pl.col("medical_record").drop_nulls().last(),
    )
    known = ordered.group_by("patient").agg(any_record=pl.col("medical_record").drop_nulls().last())
    return latest.join(known, on="patient").select(
        pl.exclude("own_record", "any_record"), medical_record=pl.coalesce("own_record", "any_record")
    )


def _with_visits(rows: pl.DataFrame, told: pl.DataFrame, look: Look, reference: Reference) -> pl.DataFrame:
    """Add the practitioner's visits, and whether there are enough of them.

    enough    true; null where claims do not go back far enough to tell
    shared    whether they are enough only with those to other practitioners, of whom this one has most
    """
    visits = told.filter(pl.col("group").is_in(VISITS), pl.col("served_on") >= look.since)
    visits = _with_remote(visits.join(rows, on=_ROW, how="semi"), reference)
    own = visits.group_by(_ROW).agg(
        visits=pl.col("served_on").n_unique(),
        visited_on=pl.col("served_on").max(),
        in_person_on=pl.col("served_on").filter(~pl.col("remote")).max(),
    )
    together = visits.group_by("patient").agg(
        all_visits=pl.col("served_on").n_unique(), seen_by=pl.col("practitioner").n_unique()
    )
    rows = rows.join(own, on=_ROW, how="left").join(together, on="patient", how="left")
    rows = rows.with_columns(pl.col("visits", "all_visits").fill_null(0))
    rows = rows.sort("patient", "visits", "visited_on", "practitioner", descending=[False, True, True, False])
    first = pl.col("patient").is_first_distinct() & (pl.col("visits") > 0)
    none_enough = pl.col("visits").max().over("patient") < LEAST_VISITS
    shared = first & none_enough & (pl.col("all_visits") >= LEAST_VISITS)
    unseen = first & none_enough & pl.lit(not look.whole)
    return rows.with_columns(shared=shared).with_columns(
        enough=pl.when((pl.col("visits") >= LEAST_VISITS) | pl.col("shared"))
        .then(pl.lit(value=True))
        .when(~unseen)
        .then(pl.lit(value=False))
    )


def _with_remote(visits: pl.DataFrame, reference: Reference) -> pl.DataFrame:
    """Add whether each was by telehealth: by its place, its modifiers or its code."""
    places = in_force(visits.select("pos", "served_on").unique(), reference, "place_settings")
    there = places.select("pos", "served_on", "setting")
    placed = visits.join(there, on=["pos", "served_on"], how="left", nulls_equal=True)
    said = pl.any_horizontal(pl.col(name).is_in(_REMOTE).fill_null(value=False) for name in MODIFIERS)
    by_place = (pl.col("setting") == "telehealth").fill_null(value=False)
    return placed.with_columns(remote=said | by_place | (pl.col("group") == _REMOTE_VISIT))


def _with_billed(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Add when G3002 or G3003 was last billed by the practitioner, and by whom else.

    one_biller    those who share the practitioner's group and specialty, and bill as one with them
    """
    bills = told.filter(group=Program.CPM.value).sort("served_on", "claim_key")
    bills = bills.group_by(_ROW).agg(
        billed_on=pl.col("served_on").last(),
        group=pl.col("billing_npi").last(),
        special=pl.col("taxonomy").last(),
    )
    rows = rows.join(bills.select(*_ROW, "billed_on"), on=_ROW, how="left")
    pairs = rows.select(*_ROW, "billing_npi", "taxonomy").join(
        bills.rename({"practitioner": "other", "billed_on": "other_on"}), on="patient"
    )
    same = (pl.col("group") == pl.col("billing_npi")) & (pl.col("special") == pl.col("taxonomy")).fill_null(
        value=True
    )
    others = (
        pairs.filter(pl.col("other") != pl.col("practitioner"))
        .sort("other_on", "other", descending=[True, False])
        .group_by(_ROW, maintain_order=True)
        .agg(
            others_billed=pl.col("other"),
            others_told=pl.format("{}, last on {}", "other", spelled("other_on")).str.join("; "),
            one_biller=pl.col("other").filter(same.fill_null(value=False)).str.join(", "),
        )
    )
    return rows.join(others, on=_ROW, how="left").with_columns(
        pl.col("others_billed").fill_null([]), one_biller=_some("one_biller")
    )


def _with_care(rows: pl.DataFrame, told: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Add what other care by the month anybody billed for the patient in the look-back."""
    care = told.filter(pl.col("group").is_in(list(BESIDE)), pl.col("served_on") >= look.since).with_columns(
        programme=pl.col("group").replace_strict(BESIDE, return_dtype=pl.String)
    )
    beside = care.group_by("patient").agg(
        ccm=pl.col("group").is_in(["ccm", "ccm_planning"]).any(),
        pcm=(pl.col("group") == "pcm").any(),
        care_codes=pl.col("code").unique().sort(),
        care_on=pl.col("served_on").max(),
        care_told=pl.col("programme").unique().sort().str.join(", "),
    )
    return rows.join(beside, on="patient", how="left").with_columns(
        pl.col("ccm", "pcm").fill_null(value=False), pl.col("care_codes").fill_null([])
    )


def _with_enrolments(
    rows: pl.DataFrame, services: pl.DataFrame, enrolments: pl.DataFrame | None, look: Look
) -> pl.DataFrame:
    """Add what the enrolments say of the patient, who may have several numbers in them.

    enrolled, rejected    with and by the practitioner; null where it cannot be seen
    enrolled_with         other practitioners with whom the patient is enrolled
    rejected_by           other practitioners who found that the pain is not chronic
    revoked_on            the day on which consent to an enrolment with the practitioner was revoked
    """
    said = empty(ENROLMENTS) if enrolments is None else enrolments
    said = said.filter(program=Program.CPM.value).select(
        "consent_revoked_on", "pain_finding", medical_record="patient", whose="practitioner"
    )
    records = services.select("patient", "medical_record").drop_nulls().unique()
    own = pl.col("whose") == pl.col("practitioner")
    rejected = (pl.col("pain_finding") == PainFinding.REJECTED.value).fill_null(value=False)
    revoked = (pl.col("consent_revoked_on") <= look.as_of).fill_null(value=False)
    lasts = ~rejected & ~revoked
    told = (
        rows.select(_ROW)
        .join(records.join(said, on="medical_record"), on="patient")
        .group_by(_ROW)
        .agg(
            enrolled=(own & lasts).any(),
            rejected=(own & rejected).any(),
            enrolled_with=pl.col("whose").filter(~own & lasts).unique().sort().str.join(", "),
            rejected_by=pl.col("whose").filter(~own & rejected).unique().sort().str.join(", "),
            revoked_on=pl.col("consent_revoked_on").filter(own & revoked & ~rejected).max(),
        )
    )
    seen = pl.col("medical_record").is_not_null() & pl.lit(enrolments is not None)
    return rows.join(told, on=_ROW, how="left").with_columns(
        pl.when(seen).then(pl.col("enrolled", "rejected").fill_null(value=False)),
        enrolled_with=_some("enrolled_with"),
        rejected_by=_some("rejected_by"),
    )


def _with_policy(rows: pl.DataFrame, policies: Policies, look: Look) -> pl.DataFrame:
    """Add whether the payer pays the programme on the day of `look`: null where no policy says."""
    rulings = policies.rulings(rows.select(*MATCHES, day=pl.lit(look.as_of, pl.Date)))
    programmes = policies.answers(rulings)[f"payer_{POLICY}"]
    return rows.with_columns(
        pays=pl.lit(programmes).list.contains(Program.CPM.value),
        medicare=(pl.col("filing") == "MB").fill_null(value=False),
    )


def _with_standing(rows: pl.DataFrame, *, billed: bool) -> pl.DataFrame:
    """Add `rank`, the place of its Standing; what is not known leaves a row listed."""
    left = (
        (Standing.BILLED, pl.col("billed_on").is_not_null() & pl.lit(not billed)),
        (Standing.ENROLLED, pl.col("enrolled")),
        (Standing.REJECTED, pl.col("rejected")),
        (Standing.SHORT_PAIN, ~pl.col("long_enough")),
        (Standing.FEW_VISITS, ~pl.col("enough")),
        (Standing.UNPAID, ~pl.col("pays")),
    )
    places = {standing: place for place, standing in enumerate(Standing)}
    told = [pl.when(holds.fill_null(value=False)).then(places[standing]) for standing, holds in left]
    return rows.with_columns(rank=pl.coalesce(*told, places[Standing.LISTED]))


def _some(column: str) -> pl.Expr:
    """The text in `column`, null where it is empty."""
    return pl.when(pl.col(column) != "").then(pl.col(column))
