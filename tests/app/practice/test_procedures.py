"""A session told in anatomy shows what its claim will say, and is kept as a charge with its reasons."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from anodyne.app.practice.checking import tables
from anodyne.app.practice.procedures import (
    as_last,
    ask,
    due,
    families_in_use,
    keep,
    names,
    names_of,
    of_appointment,
    said,
    told_in,
    usual_of,
)
from anodyne.coding.build import build
from anodyne.coding.describe import families
from anodyne.coding.muscle_names import MUSCLES
from anodyne.coding.muscles import counted
from anodyne.kernel.errors import BadFields
from anodyne.reference.policy_files import shipped
from anodyne.store.models import (
    Appointment,
    Charge,
    Claim,
    ClaimVersion,
    Coverage,
    Encounter,
    Finding,
    Patient,
    Payer,
    Task,
    TaskKind,
)
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice, make_user

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)
ZONE = ZoneInfo("America/New_York")

TOLD: dict[str, str] = {
    "patient": "P1 · SAMPLE, ALEX · 04/02/1950", "served_on": "11/17/2026", "rendering": "1245319599",
    "dx1": "M79.18", "p0-family": "trigger_points",
    "p0-muscles": "trapezius, levator scapulae, infraspinatus",
    "p0-imaging": "none",
}  # fmt: skip
FACET: dict[str, str] = {
    "patient": "P1", "served_on": "11/17/2026", "rendering": "1245319599", "dx1": "M47.816",
    "p0-family": "facet", "p0-kind": "block", "p0-joints": "L4-5, L5-S1", "p0-side": "both",
    "p0-purpose": "diagnostic", "p0-imaging": "fluoroscopy", "p0-images_kept": "yes",
    "p0-imaging_report": "yes",
}  # fmt: skip


def told(values: Mapping[str, str] = TOLD, /, **more: str) -> dict[str, str]:
    return {**values, **{name.replace("__", "-"): value for name, value in more.items()}}


@pytest.fixture
def one() -> Small:
    return make_practice()


def test_the_lines_come_with_reasons_and_authority_and_nothing_is_kept(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        here = said(FACET, as_of=TODAY)
        assert [(line.row.code, line.row.modifiers, line.pointers) for line in here.lines] == [
            ("64493", ("50", "KX"), "A"),
            ("64494", ("50", "KX"), "A"),
        ]
        assert all(line.row.reasons and line.row.reasons[0].cites for line in here.lines)
        assert "77003" in [left.code for left in here.left_out]
        assert here.findings is not None
        assert not Encounter.objects.exists()
        assert not Claim.objects.exists()


def test_what_a_payer_decides_is_read_from_the_patients_coverage(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        medicare = said(FACET, as_of=TODAY)
        other = Payer.objects.create(name="MADE UP HEALTH", payer_id="99999", filing="CI")
        Coverage.objects.filter(pk=one.coverage.pk).update(payer=other)
        commercial = said(FACET, as_of=TODAY)
        assert not [one for one in medicare.questions if one.row.who == "the payer"]
        assert [one for one in commercial.questions if one.row.who == "the payer"]


POLICY = """
id = "made-up-health"
title = "Made Up Health"

[match]
payer_id = ["99999"]

[[source]]
id = "made-up-manual"
title = "Made Up Health provider manual"
read = 2026-03-02

[[value]]
name = "bilateral_form"
is = "two_lines"
from = 2025-01-01
cite = "made-up-manual"
section = "both sides"
"""


def test_what_the_practice_wrote_down_of_a_payer_answers_for_it(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        other = Payer.objects.create(name="MADE UP HEALTH", payer_id="99999", filing="CI")
        Coverage.objects.filter(pk=one.coverage.pk).update(payer=other)
        open_before = {one.row.fact for one in said(FACET, as_of=TODAY).questions}
        other.policy = POLICY
        other.save()
        here = said(FACET, as_of=TODAY)
        assert open_before - {one.row.fact for one in here.questions} == {"bilateral_form"}
        assert [(line.row.code, line.row.modifiers[:1]) for line in here.lines] == [
            ("64493", ("RT",)), ("64493", ("LT",)), ("64494", ("RT",)), ("64494", ("LT",)),
        ]  # fmt: skip


def test_a_fact_that_is_missing_is_a_question_and_never_the_higher_code(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        named = said(TOLD, as_of=TODAY)
        counted_only = said(told(p0__muscles="", p0__muscle_count="3"), as_of=TODAY)
        two = said(told(p0__muscles="trapezius, Trapezius (right), levator scapulae"), as_of=TODAY)
        assert [line.row.code for line in named.lines] == ["20553"]
        assert [line.row.code for line in counted_only.lines] == ["20552"]
        assert [line.row.code for line in two.lines] == ["20552"]
        assert any(one.row.fact == "muscles" for one in counted_only.questions)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"p0-imaging": "x-ray"}, "p0-imaging"),
        ({"served_on": "13/45/2026"}, "served_on"),
        ({"facility": "999"}, "facility"),
        ({"p0-muscle_count": "-1"}, "p0-muscle_count"),
        ({"p0-colour": "red"}, "p0-colour"),
        ({"p0-dx": "C"}, "p0-dx"),
    ],
)
def test_a_wrong_fact_is_told_with_its_field(one: Small, values: dict[str, str], name: str) -> None:
    with within(one.practice.pk, one.user.pk):
        here = said({**TOLD, **values}, as_of=TODAY)
        assert here.built is None
        assert [wrong.name for wrong in here.wrong] == [name]
        with pytest.raises(BadFields) as caught:
            keep({**TOLD, **values}, as_of=TODAY)
        assert list(caught.value.fields) == [name]


def test_nothing_told_is_nothing_said(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        assert said({}, as_of=TODAY).wrong == ()
        assert not said({"patient": "P1"}, as_of=TODAY).lines
        assert told_in({"p0-family": "none such", "p1-side": "left"}) == []


def test_without_a_patient_the_lines_are_shown_and_the_checker_says_what_it_lacks(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        here = said(told(patient=""), as_of=TODAY)
        assert [line.row.code for line in here.lines] == ["20553"]
        assert here.findings is None
        assert "patient" in here.lacks


def test_diagnoses_are_told_by_letter(one: Small) -> None:
    values = told(dx2="M62.838", p0__dx="ba")
    with within(one.practice.pk, one.user.pk):
        assert said(values, as_of=TODAY).lines[0].pointers == "BA"


def test_it_is_judged_beside_the_patients_other_claims(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        before = said(told(**{"charge-20553-x1": "175"}), as_of=TODAY)
        one.claim()
        after = said(told(**{"charge-20553-x1": "175"}), as_of=TODAY)
        assert before.findings is not None
        assert after.findings is not None
        first, second = ({found.rule for found in here.findings or ()} for here in (before, after))
        assert second - first
        assert ClaimVersion.objects.count() == 1


def test_it_shows_what_the_claim_is_found_to_say_once_it_is_kept(one: Small) -> None:
    values = told(**{"charge-20553-x1": "175"})
    with within(one.practice.pk, one.user.pk):
        one.claim()
        here = said(values, as_of=TODAY)
        kept = keep(values, as_of=TODAY)
        found = Finding.objects.filter(version__claim=kept.claim).values_list("rule", "outcome", "message")
        assert {(one.rule, one.outcome, one.message) for one in here.findings or ()} == set(found)


def test_a_session_is_kept_with_the_reasons_of_its_lines(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        kept = keep(told(**{"charge-20553-x1": "175"}), as_of=TODAY)
        visit = kept.claim.encounter
        assert visit is not None
        assert visit.source == "builder"
        charge = Charge.objects.get()
        assert (charge.code, charge.charge_cents, int(charge.units), charge.pointers) == (
            "20553",
            175_00,
            1,
            [1],
        )
        assert "20553: " in charge.reason
        assert "CPT code set" in charge.reason
        assert kept.claim.versions.get(closed_at=None).lines.get().code == "20553"
        assert kept.claim.versions.get(closed_at=None).checked_at is not None


def test_no_charge_is_guessed(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        with pytest.raises(BadFields) as caught:
            keep(TOLD, as_of=TODAY)
        assert list(caught.value.fields) == ["charge-20553-x1"]
        assert not Encounter.objects.exists()
        keep(told(**{"charge-20553-x1": "175"}), as_of=TODAY)
        again = said(TOLD, as_of=TODAY)
        assert again.charge_cents is None
        assert again.lines[0].last is not None
        assert again.lines[0].last.charge_cents == 175_00
        assert as_last(again) == {"charge-20553-x1": "175.00"}


def test_a_charge_is_not_carried_to_another_line(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        fewer = told(p0__muscles="trapezius", **{"charge-20553-x1": "175"})
        assert said(fewer, as_of=TODAY).charge_cents is None


def test_questions_go_to_whom_was_named_with_the_claim(one: Small) -> None:
    clinician = make_user(one.practice, "Casey Doctor", "clinician")
    values = told(p0__imaging="", **{"charge-20553-x1": "175", "ask-0-imaging": str(clinician.pk)})
    with within(one.practice.pk, one.user.pk):
        kept = keep(values, as_of=TODAY)
        task = Task.objects.get()
        assert kept.asked == 1
        assert (task.kind, task.owner_id, task.claim_id) == (TaskKind.QUESTION, clinician.pk, kept.claim.pk)
        assert "imaging" in task.title
        assert "SAMPLE" not in task.title


def test_questions_are_asked_where_nothing_can_be_billed_yet(one: Small) -> None:
    clinician = make_user(one.practice, "Casey Doctor", "clinician")
    visit = {name: value for name, value in TOLD.items() if not name.startswith("p0")}
    values = {**visit, "p0-family": "epidural", "p0-approach": "interlaminar"}
    with within(one.practice.pk, one.user.pk):
        here = said(values, as_of=TODAY)
        assert not here.lines
        with pytest.raises(BadFields):
            keep(values, as_of=TODAY)
        with pytest.raises(BadFields):
            ask(values, as_of=TODAY)
        first = here.questions[0].name
        assert ask({**values, first: str(clinician.pk)}, as_of=TODAY) == sum(
            one.name == first for one in here.questions
        )
        assert Task.objects.get().patient_id == one.patient.pk


def test_nobody_of_another_practice_is_asked(one: Small) -> None:
    other = make_practice("Elsewhere Pain", time_zone="UTC")
    values = told(p0__imaging="", **{"charge-20553-x1": "175", "ask-0-imaging": str(other.user.pk)})
    with within(one.practice.pk, one.user.pk):
        assert keep(values, as_of=TODAY).asked == 0
        assert not Task.objects.exists()


def test_the_schedule_offers_visits_without_a_charge(one: Small) -> None:
    start = dt.datetime.combine(DAY, dt.time(9), ZONE)
    with within(one.practice.pk, one.user.pk):
        rows = [
            Appointment.objects.create(
                patient=one.patient, provider=one.provider, facility=one.facility, number=f"S{n}",
                when=DateTimeTZRange(start + dt.timedelta(hours=n), start + dt.timedelta(hours=n + 1)),
                state="cancelled" if n == 2 else "planned",
            )
            for n in (1, 0, 2, 24)
        ]  # fmt: skip
        assert [one.row.number for one in due(DAY, ZONE)] == ["S0", "S1"]
        begun = of_appointment(rows[1].pk, ZONE)
        assert begun["served_on"] == "11/17/2026"
        keep({**TOLD, **begun, "charge-20553-x1": "175"}, as_of=TODAY)
        assert [one.row.number for one in due(DAY, ZONE)] == ["S1"]
        with pytest.raises(BadFields, match="has its charge already"):
            keep({**TOLD, **begun, "charge-20553-x1": "175"}, as_of=TODAY)
        assert of_appointment(10**9, ZONE) == {}


def test_a_visit_with_a_claim_from_elsewhere_is_offered_last(one: Small) -> None:
    start = dt.datetime.combine(DAY, dt.time(9), ZONE)
    with within(one.practice.pk, one.user.pk):
        unbilled = Patient.objects.create(
            number="P2", last="OTHER", first="KIM", birth_date=dt.date(1960, 1, 1), sex="F"
        )
        one.claim()
        for hour, patient in enumerate((one.patient, unbilled)):
            Appointment.objects.create(
                patient=patient, provider=one.provider, facility=one.facility, number=f"S{hour}",
                when=DateTimeTZRange(start + dt.timedelta(hours=hour), start + dt.timedelta(hours=hour + 1)),
            )  # fmt: skip
        assert [(one.row.number, one.has_claim) for one in due(DAY, ZONE)] == [("S1", False), ("S0", True)]


def test_the_families_in_use_come_first(one: Small) -> None:
    with within(one.practice.pk, one.user.pk):
        assert families_in_use()[0]["family"] == "epidural"
        keep(told(**{"charge-20553-x1": "175"}), as_of=TODAY)
        assert families_in_use()[0]["family"] == "trigger_points"
        assert len(families_in_use()) == len(families(tables()))


def test_lists_go_on_with_what_begins_so() -> None:
    assert [one.words for one in names("trapezius, lev", MUSCLES)] == ["levator scapulae"]
    assert [one.words for one in names("medius", MUSCLES)] == ["gluteus medius", "scalenus medius"]
    assert names("", MUSCLES) == names("trapezius, ", MUSCLES) == []
    assert [one.words for one in names_of("facet", "joints", "l4")] == ["L4-L5"]
    assert names_of("facet", "side", "b") == names_of("none", "muscles", "b") == []


def test_names_of_muscles_are_names_that_count() -> None:
    assert counted(MUSCLES) == list(MUSCLES)
    assert sorted(MUSCLES) == list(MUSCLES)


def lines_of(facts: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], int]]:
    session = {
        "day": DAY, "place": "11", "payer": {"filing": "MB", "state": "OH"}, "diagnoses": ["M54.16"],
        "procedures": [facts],
    }  # fmt: skip
    built = build(session, reference=tables(), policies=POLICIES)
    return [(line.code, line.modifiers, line.units) for line in built.lines]


POLICIES = shipped()
FAMILY_CHOICES = [
    (family["family"], field["name"], option["value"])
    for family in families(tables())
    if usual_of(family)
    for field in family["fields"]
    if field["required"]
    for option in field["options"]
]


@pytest.mark.parametrize("told_too", [True, False])
def test_what_the_page_chooses_beforehand_bills_no_more_than_nothing(*, told_too: bool) -> None:
    of = {one["family"]: one for one in families(tables())}
    more = {"imaging": "ultrasound", "images_kept": "yes", "imaging_report": "yes", "side": "left"}
    built = 0
    for family, name, value in FAMILY_CHOICES:
        first = {one["name"]: one["options"][0]["value"] for one in of[family]["fields"] if one["required"]}
        known = {one["name"] for one in of[family]["fields"]}
        facts = {**first, **(more if told_too else {}), name: value}
        facts = {"family": family, **{name: value for name, value in facts.items() if name in known}}
        empty = lines_of(facts)
        assert lines_of({**usual_of(of[family]), **facts}) == empty, facts
        built += bool(empty)
    assert built > 40
