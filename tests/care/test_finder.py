"""Patients found for chronic pain management: thresholds below, at and above, and what cannot be told."""

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

from anodyne.care.finder import FOUND, Finds, find
from anodyne.care.look import Look
from anodyne.model.frames import ENROLMENTS
from anodyne.reference.policies import Policies
from anodyne.reference.policy_files import shipped
from anodyne.x12.read import book_of, read_stream
from tests.claims import AS_OF, NURSE_PRACTITIONER, Claim, Line, file_of, npi, policies_of, reference

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 10, 2)
OWN, OTHER = npi(52), npi(77)
RECORD = ("REF*EA*MR1",)
PAYER = "payer policy: which care management programmes does it pay?"


def visit(day: dt.date, code: str = "99213", **said: Any) -> Claim:
    """A visit for low back pain, unless said otherwise."""
    known = {"id": f"V{day:%y%m%d}", "dx": ("M5450",), "extra": RECORD, **said}
    return Claim([Line(code, known.pop("mods", ()))], on=day, **known)


TWO = (visit(FIRST), visit(LAST))


def finds(
    *claims: Claim,
    begins: dt.date | None = dt.date(2025, 1, 1),
    months: int = 12,
    enrolments: Sequence[Mapping[str, object]] | None = None,
    policies: Policies | None = None,
    billed: bool = False,
) -> Finds:
    book = book_of(list(read_stream(io.BytesIO(file_of(*claims)), name="history.837", judged=False)))
    enrolled = None if enrolments is None else pl.DataFrame(enrolments, schema=dict(ENROLMENTS))
    return find(
        book.claims,
        book.lines,
        Look(AS_OF, months, begins),
        reference=reference(),
        policies=policies or shipped(),
        enrolments=enrolled,
        billed=billed,
    )


def listed(*claims: Claim, **said: Any) -> list[dict[str, Any]]:
    return finds(*claims, **said).rows.to_dicts()


def one(*claims: Claim, **said: Any) -> dict[str, Any]:
    (row,) = listed(*claims, **said)
    return row


def standing(*claims: Claim, **said: Any) -> dict[str, int]:
    return dict(finds(*claims, **said).standings)


def enrolment(**said: object) -> dict[str, object]:
    return {"patient": "MR1", "practitioner": OWN, "program": "cpm", **said}


def test_a_patient_with_long_pain_and_visits_is_likely_and_the_reasons_say_why() -> None:
    row = one(*TWO)
    assert list(row) == list(FOUND)
    assert row["reasons"] == [
        "pain coded on 2 days from 1 Mar 2026 to 2 Oct 2026, more than 3 months: M54.50",
        "2 visits in the 12 months to 21 Nov 2026, the last on 2 Oct 2026",
        "Medicare pays chronic pain management",
        "G3002 never billed in the claims read",
    ]
    assert (row["likely"], row["needs"], row["notes"], row["medicare"]) == (True, [], [], True)
    assert (row["medical_record"], row["claim_id"], row["practitioner"]) == ("MR1", "V261002", OWN)
    assert (row["payer_id"], row["payer_name"], row["filing"]) == ("15202", "MEDICARE PART B OHIO", "MB")
    assert (row["pain_from"], row["pain_to"], row["pain_span_days"]) == (FIRST, LAST, 215)
    assert (row["visits"], row["visited_on"], row["in_person_on"]) == (2, LAST, LAST)
    assert (row["billed_on"], row["others_billed"], row["ccm"], row["pcm"]) == (None, [], False, False)
    assert row["enrolled"] is None


@pytest.mark.parametrize(
    ("first", "last", "chronic"),
    [
        (dt.date(2026, 3, 14), dt.date(2026, 6, 13), False),
        (dt.date(2026, 3, 14), dt.date(2026, 6, 14), False),
        (dt.date(2026, 3, 14), dt.date(2026, 6, 15), True),
        (dt.date(2025, 11, 30), dt.date(2026, 2, 28), False),
        (dt.date(2025, 11, 30), dt.date(2026, 3, 1), True),
    ],
)
def test_pain_is_chronic_a_day_after_three_months(first: dt.date, last: dt.date, chronic: bool) -> None:
    claims = visit(first), visit(last)
    assert bool(listed(*claims)) is chronic
    assert standing(*claims) == {"listed" if chronic else "short_pain": 1}


def test_pain_is_the_patients_and_may_have_begun_before_the_look_back() -> None:
    before = visit(dt.date(2024, 5, 1), "62323", rendering=OTHER)
    row = one(before, visit(dt.date(2026, 9, 1)), visit(dt.date(2026, 9, 8)))
    assert (row["practitioner"], row["pain_from"], row["visits"]) == (OWN, dt.date(2024, 5, 1), 2)


def test_pain_that_is_over_is_not_pain_now() -> None:
    over = visit(dt.date(2025, 3, 1)), visit(dt.date(2025, 9, 1))
    now = visit(FIRST, dx=("I10",)), visit(LAST, dx=("I10",))
    assert standing(*over, *now) == {}


@pytest.mark.parametrize("code", ["G8911", "G8918", "I10", "M1712"])
def test_acute_pain_and_what_is_no_pain_do_not_count(code: str) -> None:
    assert standing(visit(FIRST, dx=(code,)), visit(LAST, dx=(code,))) == {}
    assert standing(visit(FIRST, dx=(code,)), visit(LAST)) == {"short_pain": 1}


def test_a_code_of_what_pain_comes_from_counts_and_is_told() -> None:
    row = one(visit(FIRST, dx=("M5416", "I10")), visit(LAST, dx=("M47816",)))
    assert (row["likely"], row["pain_codes"]) == (True, ["M47816", "M5416"])
    assert row["notes"] == ["no code names pain itself, only what it may come from"]
    assert one(visit(FIRST, dx=("M5416", "G894")), visit(LAST, dx=("M5416",)))["notes"] == []


@pytest.mark.parametrize(
    ("days", "visits"),
    [
        ([LAST], None),
        ([FIRST, LAST], 2),
        ([FIRST, FIRST + dt.timedelta(days=7), LAST], 3),
        ([LAST, LAST], None),
        ([dt.date(2025, 11, 21), LAST], None),
        ([dt.date(2025, 11, 22), LAST], 2),
        ([LAST, AS_OF], 2),
        ([LAST, AS_OF + dt.timedelta(days=1)], None),
    ],
)
def test_two_days_with_a_visit_within_the_look_back_are_enough(
    days: Sequence[dt.date], visits: int | None
) -> None:
    epidural = visit(dt.date(2025, 10, 1), "62323")
    claims = [epidural, *(visit(day, id=f"V{number}") for number, day in enumerate(days))]
    assert [row["visits"] for row in listed(*claims)] == ([] if visits is None else [visits])
    assert standing(*claims) == {"few_visits" if visits is None else "listed": 1}


def test_the_look_back_is_as_long_as_it_is_said_to_be() -> None:
    assert one(*TWO, months=9)["visits"] == 2
    assert standing(*TWO, months=8) == {"few_visits": 1}
    assert standing(*TWO, months=1) == {}


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ("99204", True),
        ("99243", True),
        ("99348", True),
        ("98005", True),
        ("99283", False),
        ("99232", False),
        ("99309", False),
        ("20552", False),
        ("G3003", False),
    ],
)
def test_only_visits_outside_hospitals_count(code: str, counts: bool) -> None:
    assert bool(listed(visit(FIRST), visit(LAST, code), billed=True)) is counts


def test_with_telehealth_only_a_visit_in_person_is_missing() -> None:
    (note,) = one(visit(FIRST, mods=("95",)), visit(LAST, pos="10"))["notes"]
    assert note == "no visit in person: the first month begins with one"
    row = one(visit(FIRST), visit(LAST, "98005"))
    assert (row["in_person_on"], row["visited_on"], row["notes"]) == (FIRST, LAST, [])


def test_one_visit_may_be_one_of_more_where_claims_do_not_go_back_far_enough() -> None:
    claims = visit(FIRST, "62323"), visit(LAST)
    row = one(*claims, begins=FIRST)
    assert (row["likely"], row["visits"]) == (None, 1)
    assert row["needs"] == ["claims: those from 22 Nov 2025 on; the ones read begin on 1 Mar 2026"]
    assert row["reasons"][1] == "one visit among the claims read, on 2 Oct 2026"
    assert one(*claims, begins=dt.date(2025, 11, 23))["likely"] is None
    assert standing(*claims, begins=dt.date(2025, 11, 22)) == {"few_visits": 1}
    assert standing(visit(FIRST, "62323"), visit(LAST, "62323"), begins=FIRST) == {"few_visits": 1}
    assert one(*TWO, begins=FIRST)["likely"] is True


def test_visits_shared_by_practitioners_ask_who_would_manage_the_pain() -> None:
    row = one(visit(FIRST), visit(LAST, rendering=OTHER))
    assert (row["practitioner"], row["visits"], row["likely"]) == (OTHER, 1, None)
    assert row["needs"] == ["practitioners: who of the 2 that saw the patient once would manage the pain?"]
    assert row["reasons"][1] == (
        "2 visits in the 12 months to 21 Nov 2026, one of them to this practitioner, on 2 Oct 2026"
    )
    assert [row["practitioner"] for row in listed(*TWO, visit(LAST, id="V9", rendering=OTHER))] == [OWN]
    same_day = visit(FIRST, "62323"), visit(LAST), visit(LAST, id="V9", rendering=OTHER)
    assert standing(*same_day) == {"few_visits": 1}


def test_two_practitioners_who_each_see_the_patient_are_two_rows() -> None:
    others = visit(FIRST, id="V8", rendering=OTHER), visit(LAST, id="V9", rendering=OTHER)
    found = finds(*TWO, *others)
    assert sorted(found.rows["practitioner"]) == sorted([OWN, OTHER])
    assert (found.patients, found.standings) == (1, {"listed": 1})


def test_a_practitioner_who_never_codes_pain_is_not_asked_to_manage_it() -> None:
    others = (visit(day, id=f"W{day}", rendering=OTHER, dx=("I10",)) for day in (FIRST, LAST))
    assert [row["practitioner"] for row in listed(*TWO, *others)] == [OWN]


def test_the_practitioner_is_who_rendered_and_else_who_billed() -> None:
    assert one(visit(FIRST, rendering=""), visit(LAST, rendering=""))["practitioner"] == npi(41)
    of_line = [
        Claim([Line("99213", rendering=OTHER)], id=f"L{d}", on=d, dx=("M5450",)) for d in (FIRST, LAST)
    ]
    assert one(*of_line)["practitioner"] == OTHER


def test_another_payer_than_medicare_is_asked_unless_its_policy_says() -> None:
    claims = visit(FIRST, payer="commercial"), visit(LAST, payer="commercial")
    row = one(*claims)
    assert (row["likely"], row["needs"], row["medicare"]) == (None, [PAYER], False)
    row = one(*claims, policies=policies_of("commercial", care_programmes=("cpm", "ccm")))
    assert (row["likely"], row["needs"]) == (True, [])
    assert "the payer's policy pays chronic pain management" in row["reasons"]
    assert standing(*claims, policies=policies_of("commercial", care_programmes=("ccm",))) == {"unpaid": 1}


def test_the_payer_is_that_of_the_latest_claim_to_a_first_payer() -> None:
    later = visit(LAST + dt.timedelta(days=1), payer="advantage", rank="S")
    assert one(*TWO, later)["filing"] == "MB"
    assert one(*TWO, visit(LAST + dt.timedelta(days=1), payer="advantage"))["filing"] == "16"
    assert standing(visit(FIRST, rank="S"), visit(LAST, rank="T")) == {}


def test_who_is_enrolled_is_not_listed() -> None:
    assert standing(*TWO, enrolments=[enrolment()]) == {"enrolled": 1}
    assert standing(*TWO, enrolments=[enrolment(pain_finding="rejected")]) == {"rejected": 1}
    row = one(*TWO, enrolments=[enrolment(patient="MR2"), enrolment(program="ccm")])
    assert (row["likely"], row["enrolled"]) == (True, False)
    assert "not enrolled" in row["reasons"]


def test_an_older_number_of_the_patient_is_enrolled_too() -> None:
    claims = visit(FIRST, extra=("REF*EA*MR0",)), visit(LAST)
    assert standing(*claims, enrolments=[enrolment(patient="MR0")]) == {"enrolled": 1}
    assert one(visit(FIRST), visit(LAST, extra=()))["medical_record"] == "MR1"


def test_consent_that_was_revoked_is_told() -> None:
    row = one(*TWO, enrolments=[enrolment(consent_revoked_on=AS_OF)])
    assert (row["likely"], row["enrolled"]) == (True, False)
    assert row["notes"] == ["consent to an earlier enrolment was revoked on 21 Nov 2026"]
    later = AS_OF + dt.timedelta(days=1)
    assert standing(*TWO, enrolments=[enrolment(consent_revoked_on=later)]) == {"enrolled": 1}


def test_an_enrolment_with_a_colleague_asks_who_manages_the_pain() -> None:
    row = one(*TWO, enrolments=[enrolment(practitioner=OTHER)])
    assert (row["likely"], row["notes"]) == (None, [f"the patient is enrolled with {OTHER}"])
    assert row["needs"] == [f"practitioners: does {OTHER}, of the same practice, manage the pain already?"]
    assert "not enrolled" not in row["reasons"]
    row = one(*TWO, enrolments=[enrolment(practitioner=OTHER, pain_finding="rejected")])
    assert row["likely"] is True
    assert row["notes"] == [f"{OTHER} found at the first visit that the pain is not chronic"]


def test_without_a_number_of_the_patient_enrolment_cannot_be_told() -> None:
    claims = visit(FIRST, extra=()), visit(LAST, extra=())
    row = one(*claims, enrolments=[enrolment()])
    assert (row["likely"], row["enrolled"], row["medical_record"], row["claim_id"]) == (
        None,
        None,
        None,
        "V261002",
    )
    assert row["needs"] == ["claims: the medical record number (REF*EA), to look up who is enrolled"]
    assert one(*claims)["likely"] is True


def test_where_the_practitioner_billed_g3002_the_patient_is_listed_only_when_asked() -> None:
    claims = *TWO, visit(dt.date(2025, 2, 1), "G3002")
    assert standing(*claims) == {"billed": 1}
    row = one(*claims, billed=True)
    assert row["billed_on"] == dt.date(2025, 2, 1)
    assert row["notes"] == ["this practitioner billed G3002, last on 1 Feb 2025"]
    assert standing(*TWO, visit(AS_OF + dt.timedelta(days=1), "G3002")) == {"listed": 1}


def test_g3002_of_another_practitioner_is_told() -> None:
    row = one(*TWO, visit(LAST, "G3002", id="G1", rendering=OTHER, taxonomy=NURSE_PRACTITIONER))
    assert (row["likely"], row["others_billed"]) == (True, [OTHER])
    assert row["notes"] == [f"G3002 is billed by {OTHER}, last on 2 Oct 2026"]
    assert not [text for text in row["reasons"] if "G3002" in text]
    elsewhere = one(*TWO, visit(LAST, "G3002", id="G1", rendering=OTHER, billing=42))
    assert elsewhere["likely"] is True


def test_g3002_of_the_same_group_and_specialty_asks_who_manages_the_pain() -> None:
    row = one(*TWO, visit(LAST, "G3002", id="G1", rendering=OTHER))
    assert (row["likely"], row["others_billed"]) == (None, [OTHER])
    assert row["needs"] == [f"practitioners: does {OTHER}, of the same practice, manage the pain already?"]


def test_other_care_by_the_month_is_told() -> None:
    care = visit(FIRST, "99490", id="C1", rendering=OTHER), visit(LAST, "99424", id="C2")
    row = one(*TWO, *care)
    assert (row["likely"], row["ccm"], row["pcm"]) == (True, True, True)
    assert row["care_codes"] == ["99424", "99490"]
    (note,) = row["notes"]
    named, _, rest = note.partition(" is billed, ")
    assert named == "99424, 99490 (chronic care management, principal care management)"
    assert rest == "last on 2 Oct 2026: no minute counts for both"
    assert not one(*TWO, visit(dt.date(2025, 11, 21), "99490"))["ccm"]


def test_a_claim_counts_once_and_a_void_not_at_all() -> None:
    epidural = visit(dt.date(2026, 1, 5), "62323")
    assert standing(epidural, visit(FIRST), visit(LAST, id=f"V{FIRST:%y%m%d}")) == {"few_visits": 1}
    void = visit(FIRST, frequency="8", original="ICN1")
    assert standing(epidural, *TWO, void) == {"few_visits": 1}
    moved = visit(FIRST + dt.timedelta(days=1), id=f"V{FIRST:%y%m%d}", frequency="7", original="ICN1")
    assert one(*TWO, moved)["pain_from"] == dt.date(2026, 3, 2)


def test_the_most_promising_come_first() -> None:
    def of(patient: int, *days: dt.date, **said: Any) -> list[Claim]:
        extra = (f"REF*EA*MR{patient}",)
        return [visit(d, id=f"P{patient}-{d}", patient=patient, extra=extra, **said) for d in days]

    between = dt.date(2026, 6, 1)
    claims = [
        *of(5, FIRST, LAST),
        *of(4, FIRST, LAST),
        *of(3, dt.date(2026, 2, 1), LAST),
        *of(2, FIRST, between, LAST),
        *of(1, FIRST, between, LAST, AS_OF, payer="commercial"),
    ]
    paid = policies_of("commercial", care_programmes=("cpm",))
    assert [row["medical_record"] for row in listed(*claims)] == ["MR2", "MR3", "MR4", "MR5", "MR1"]
    assert [row["medical_record"] for row in listed(*reversed(claims), policies=paid)] == [
        "MR2",
        "MR3",
        "MR4",
        "MR5",
        "MR1",
    ]


def test_a_file_without_pain_has_patients_and_nobody_listed() -> None:
    found = finds(visit(FIRST, dx=("I10",)))
    assert found.rows.schema == pl.Schema(FOUND)
    assert (len(found.rows), found.patients, dict(found.standings)) == (0, 1, {})


def test_neither_name_nor_member_id_nor_birth_date_is_a_column() -> None:
    told = str(one(*TWO))
    assert not [planted for planted in ("DOE", "PAT", "M00000001", "1951") if planted in told]
