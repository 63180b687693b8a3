"""Patients, their coverages and authorisations, and the lists of a practice, as people keep them by hand."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from anodyne.app.practice import registry, registry_coverages, registry_lists
from anodyne.app.practice.entry import enter
from anodyne.app.practice.registry_rows import days_typed, period, seen
from anodyne.app.practice.typed import Typed, long_ago
from anodyne.kernel.errors import BadFields, BadRequest, Outdated
from anodyne.store.models import (
    Appointment,
    Authorisation,
    Claim,
    ClaimState,
    Coverage,
    Credential,
    Note,
    Patient,
    Payer,
    Plan,
    Task,
    TaskKind,
    Trail,
)
from anodyne.store.scope import within
from tests.app.practice.test_entry import TYPED
from tests.practice import Small, make_practice

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)
WHO: dict[str, str] = {
    "last": "Made-Up", "first": "Kim", "birth_date": "04/02/1961", "sex": "M", "street": "3 Made Up St",
    "city": "Akron", "state": "oh", "zip": "44301-0001", "phone": "(330) 555-0100",
}  # fmt: skip
POLICY = """id = "made-up"
title = "A made-up payer"
match = {payer_id = ["BLUE1"]}

[[value]]
name = "%s"
is = %s
from = 2020-01-01
cite = "cpt-code-set"
"""


def kept(one: Small, **more: str) -> Patient:
    with within(one.practice.pk, one.user.pk):
        return registry.keep_patient({**WHO, **more}, as_of=TODAY)


def wrong(one: Small, **more: str) -> dict[str, str]:
    with within(one.practice.pk, one.user.pk), pytest.raises(BadFields) as caught:
        registry.keep_patient({**WHO, **more}, as_of=TODAY)
    with within(one.practice.pk):
        assert Patient.objects.count() == 1
    return caught.value.fields


def blue() -> Payer:
    return Payer.objects.create(name="BLUE PLAN", payer_id="BLUE1", filing="BL")


def of(one: Small, **more: str) -> dict[str, str]:
    return {**registry_coverages.coverage_typed(one.coverage), **more}


def covered(one: Small, key: int | None = None, **more: str) -> Coverage:
    stood = "" if key is None else seen(Coverage.objects.get(pk=key))
    return registry_coverages.keep_coverage(one.patient, of(one, **more), as_of=TODAY, key=key, stood=stood)


def refused(one: Small, key: int | None = None, **more: str) -> dict[str, str]:
    with pytest.raises(BadFields) as caught:
        covered(one, key, **more)
    return caught.value.fields


def test_days_of_long_ago_need_four_digits_of_their_year() -> None:
    assert {long_ago(text) for text in ("04/02/1950", "1950-04-02", "4/2/1950", "04021950")} == {
        dt.date(1950, 4, 2)
    }
    assert long_ago("01/01/1900") == dt.date(1900, 1, 1)
    for text in ("12/31/1899", "04/02/50", "040250", "102050", "02/30/1950", "yesterday", ""):
        with pytest.raises(ValueError, match=r"year|day"):
            long_ago(text)


def test_a_patient_is_kept_as_typed_and_gets_the_next_number() -> None:
    one = make_practice()
    row = kept(one)
    told = (row.number, row.last, row.state, row.zip, row.phone, row.birth_date)
    assert told == ("P2", "Made-Up", "OH", "443010001", "3305550100", dt.date(1961, 4, 2))
    assert kept(one, number="MR-7", first="Lee").number == "MR-7"
    assert kept(one, first="Sam", birth_date="1961-04-02").number == "P3"


@pytest.mark.parametrize(
    ("field", "value"),
    [("last", ""), ("last", "A*B"), ("last", "É"), ("birth_date", ""), ("birth_date", "11/30/2026"),
     ("birth_date", "04/02/61"), ("sex", ""), ("zip", "4430"), ("zip", "443010"), ("state", "XX"),
     ("street", ""), ("city", ""), ("phone", "555-0100"), ("number", "A B"), ("number", "P1")],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_field(field: str, value: str) -> None:
    assert list(wrong(make_practice(), **{field: value})) == [field]


def test_an_address_is_whole_or_not_there() -> None:
    one = make_practice()
    row = kept(one, street="", city="", state="", zip="")
    assert (row.street, row.zip) == ("", "")


def test_the_same_person_is_told_unless_it_is_another_one() -> None:
    one = make_practice()
    same = {"last": "sample", "first": "Alex", "birth_date": "04/02/1950"}
    told = wrong(one, **same)
    assert list(told) == ["twin"]
    assert "P1" in told["twin"]
    assert "sample" not in told["twin"].lower()
    assert kept(one, **same, twin="on").number == "P2"
    assert kept(one, **{**same, "birth_date": "04/03/1950"}).number == "P3"


def test_who_saves_second_is_told_and_nothing_is_overwritten() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        typed = registry.patient_typed(Patient.objects.get(pk=one.patient.pk))
        stood = seen(Patient.objects.get(pk=one.patient.pk))
        registry.keep_patient({**typed, "city": "AKRON"}, as_of=TODAY, key=one.patient.pk, stood=stood)
        with pytest.raises(Outdated):
            registry.keep_patient({**typed, "city": "PARMA"}, as_of=TODAY, key=one.patient.pk, stood=stood)
        assert Patient.objects.get().city == "AKRON"
        change = Trail.objects.filter(table="patients", action="update").get()
        assert (change.before["city"], change.user_id) == ("CLEVELAND", one.user.pk)  # type: ignore[index]


def test_patients_in_the_order_of_their_names_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    one = make_practice()
    monkeypatch.setattr(registry, "PAGE", 2)
    for first in ("B", "A", "C"):
        kept(one, first=first)
    with within(one.practice.pk):
        page = registry.patients()
        rest = registry.patients(after=page.following)
        names = [row.first for found in (page, rest) for row in found.rows]
        assert names == ["A", "B", "C", "ALEX"]
        assert rest.following is None
        assert [row.last for row in registry.patients("SAM").rows] == ["SAMPLE"]
        assert registry.patients("P1").rows[0].number == "P1"


def test_another_member_id_ends_the_old_coverage_and_begins_another() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        new = covered(one, one.coverage.pk, member_id="2EG4TE5MK72", changes_on="11/01/2026")
        old = Coverage.objects.get(pk=one.coverage.pk)
        assert (old.member_id, old.period) == (
            "1EG4TE5MK72", DateRange(dt.date(2020, 1, 1), dt.date(2026, 11, 1))
        )  # fmt: skip
        assert (new.member_id, new.period) == ("2EG4TE5MK72", DateRange(dt.date(2026, 11, 1), None))


@pytest.mark.parametrize(
    ("day", "more"),
    [("", {}), ("12/31/2019", {}), ("01/01/2020", {}), ("11/01/2026", {"until": "10/31/2026"}), ("x", {})],
)
def test_the_day_of_a_change_must_be_within_the_old_coverage(day: str, more: dict[str, str]) -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        one.claim()
        told = refused(one, one.coverage.pk, member_id="2EG4TE5MK72", changes_on=day, **more)
        assert list(told) == ["changes_on"]
        assert Coverage.objects.get().member_id == "1EG4TE5MK72"


def test_what_was_mistyped_is_corrected_from_its_first_day_while_nothing_is_billed_to_it() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        covered(one, one.coverage.pk, member_id="2EG4TE5MK72", changes_on="01/01/2020")
        assert Coverage.objects.get().member_id == "2EG4TE5MK72"
        assert Trail.objects.filter(table="coverages", action="update").get().before == {
            "member_id": "1EG4TE5MK72"
        }


def test_two_of_a_rank_never_hold_on_one_day() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        payer = blue()
        told = refused(one, payer=str(payer.pk), since="01/01/2026")
        assert list(told) == ["since"]
        assert "MEDICARE PART B OHIO holds from 01/01/2020" in told["since"]
        assert covered(one, payer=str(payer.pk), rank="2", since="01/01/2026").rank == 2
        ended = covered(one, one.coverage.pk, until="12/31/2025")
        assert ended.period.upper == dt.date(2026, 1, 1)
        assert covered(one, payer=str(payer.pk), since="01/01/2026").rank == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"payer": ""}, "payer"), ({"payer": "999999"}, "payer"), ({"rank": "4"}, "rank"),
        ({"member_id": ""}, "member_id"), ({"since": ""}, "since"), ({"until": "12/31/2019"}, "until"),
        ({"relationship": "99"}, "relationship"), ({"relationship": "01"}, "subscriber_last"),
        ({"subscriber_last": "SAMPLE"}, "relationship"), ({"plan": "999999"}, "plan"),
        ({"relationship": "01", "subscriber_last": "S", "subscriber_birth_date": "11/30/2026"},
         "subscriber_birth_date"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_coverage(more: dict[str, str], field: str) -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        assert list(refused(one, one.coverage.pk, **more)) == [field]


def test_a_coverage_takes_the_group_of_its_plan() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        payer = blue()
        plan = registry_lists.keep_plan(payer, {"name": "Gold", "group_number": "G7"})
        made = covered(one, payer=str(payer.pk), plan=str(plan.pk), rank="2")
        assert made.group_number == "G7"
        assert list(refused(one, plan=str(plan.pk), rank="3")) == ["plan"]
        with pytest.raises(BadFields):
            registry_lists.keep_plan(payer, {"name": "Gold"})


def test_open_claims_that_name_the_old_payer_are_told_and_remade_when_asked() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        entered = enter(TYPED, as_of=TODAY)
        one.claim("CAME-IN")
        one.claim("LEFT", state=ClaimState.SENT)
        assert registry_coverages.stale_claims(one.patient) == []
        payer = blue()
        covered(one, one.coverage.pk, payer=str(payer.pk), changes_on="11/01/2026")
        told = {one.claim.claim_id: one for one in registry_coverages.stale_claims(one.patient)}
        assert set(told) == {entered.claim_id, "CAME-IN"}
        assert told[entered.claim_id].why == "names MEDICARE PART B OHIO, and BLUE PLAN covers its day"
        assert told[entered.claim_id].why_not == ""
        assert "came as a claim" in told["CAME-IN"].why_not
        assert Claim.objects.get(pk=entered.pk).payer_id == one.payer.pk
        with pytest.raises(Outdated):
            registry_coverages.remake(entered.pk, entered.revision + 1, patient=one.patient.pk, as_of=TODAY)
        made = registry_coverages.remake(entered.pk, entered.revision, patient=one.patient.pk, as_of=TODAY)
        assert made.payer_id == payer.pk
        assert made.versions.get().facts["payer_id"] == "BLUE1"
        assert [found.claim.claim_id for found in registry_coverages.stale_claims(one.patient)] == ["CAME-IN"]


def test_claims_whose_day_nothing_covers_or_of_another_member_id_are_told() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        one.claim()
        covered(one, one.coverage.pk, member_id="2EG4TE5MK72", changes_on="11/17/2026")
        assert registry_coverages.stale_claims(one.patient)[0].why == "says another member id than is kept"
        Coverage.objects.exclude(pk=one.coverage.pk).delete()
        found = registry_coverages.stale_claims(one.patient)[0]
        assert found.why == "no coverage of its rank is known for its day"
        with pytest.raises(BadRequest):
            registry_coverages.remake(found.claim.pk, 1, patient=one.patient.pk, as_of=TODAY)


def test_a_corrected_birth_date_or_payer_id_tells_open_claims_too() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = enter(TYPED, as_of=TODAY)
        Patient.objects.update(sex="M", birth_date=dt.date(1950, 4, 3))
        Payer.objects.update(payer_id="15203")
        (found,) = registry_coverages.stale_claims(one.patient)
        assert found.why == "says another payer id, birth date, sex than is kept"
        registry_coverages.remake(claim.pk, claim.revision, patient=one.patient.pk, as_of=TODAY)
        assert registry_coverages.stale_claims(one.patient) == []


APPROVED: dict[str, str] = {
    "number": "AUTH7", "codes": "20553, j3301 20553", "units": "3", "since": "11/01/2026",
    "until": "11/17/2026",
}  # fmt: skip


def approved(one: Small, **more: str) -> Authorisation:
    told = {**APPROVED, "payer": str(one.payer.pk), **more}
    return registry_coverages.keep_authorisation(one.patient, told)


def test_an_authorisation_counts_what_claims_used_of_it() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        row = approved(one)
        assert (row.codes, row.units) == (["20553", "J3301"], 3)
        assert row.period == DateRange(dt.date(2026, 11, 1), dt.date(2026, 11, 18))
        enter({**TYPED, "auth_number": "AUTH7", "line1-units": "2"}, as_of=TODAY)
        enter({**TYPED, "auth_number": "OTHER"}, as_of=TODAY)
        (found,) = registry_coverages.used([row])
        assert (found.used, found.left) == (2, 1)
        late = approved(one, number="AUTH8", since="11/18/2026", until="")
        assert registry_coverages.used([late])[0].used == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("payer", ""), ("number", ""), ("number", "AUTH7"), ("codes", "2055"), ("units", "0"), ("units", "x"),
     ("pos", "98"), ("since", ""), ("until", "10/31/2026")],
)  # fmt: skip
def test_what_is_wrong_with_an_authorisation(field: str, value: str) -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        approved(one)
        with pytest.raises(BadFields) as caught:
            approved(one, **{"number": "AUTH9", field: value})
        assert list(caught.value.fields) == [field]


LISTED: dict[str, dict[str, str]] = {
    "providers": {"last": "EXAMPLE", "first": "LEE", "npi": "1730156282", "taxonomy": "208vp0014x"},
    "billing": {
        "name": "OTHER PAIN", "npi": "1730156282", "tax_id": "34-7654321", "tax_id_kind": "EI",
        "street": "2 MADE UP AVE", "city": "AKRON", "state": "OH", "zip": "443010001",
    },
    "facilities": {"name": "SURGERY CENTER", "pos": "24"},
    "payers": {"name": "BLUE PLAN", "payer_id": "BLUE1", "filing": "BL", "answer_days": "30"},
}  # fmt: skip


@pytest.mark.parametrize("kind", LISTED)
def test_a_row_of_each_list_is_added_changed_and_not_overwritten(kind: str) -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        before = registry_lists.rows(kind).count()
        made = registry_lists.keep_row(kind, LISTED[kind])
        assert registry_lists.rows(kind).count() == before + 1
        row = registry_lists.row(kind, made.pk)
        stood = seen(row)
        name = "last" if kind == "providers" else "name"
        typed = {**registry_lists.typed(kind, row), name: "CHANGED"}
        registry_lists.keep_row(kind, typed, key=row.pk, stood=stood)
        assert getattr(registry_lists.row(kind, made.pk), name) == "CHANGED"
        with pytest.raises(Outdated):
            registry_lists.keep_row(kind, typed, key=row.pk, stood=stood)
        with pytest.raises(BadRequest):
            registry_lists.keep_row(kind, typed, key=999_999, stood=stood)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("providers", "npi", "1730156283"), ("providers", "npi", "1245319599"), ("providers", "npi", ""),
        ("providers", "last", ""), ("providers", "taxonomy", "208VP"), ("providers", "user", "999999"),
        ("billing", "npi", "173015628"), ("billing", "npi", "1234567893"), ("billing", "tax_id", "3476543"),
        ("billing", "tax_id", ""), ("billing", "street", ""), ("billing", "zip", "44301"),
        ("billing", "tax_id_kind", "XX"),
        ("facilities", "name", "LAKESIDE OFFICE"), ("facilities", "pos", "98"), ("facilities", "pos", ""),
        ("facilities", "street", "1 MADE UP ST"), ("facilities", "npi", "1"),
        ("payers", "payer_id", "15202"), ("payers", "filing", "XX"), ("payers", "answer_days", "0"),
        ("payers", "answer_days", "366"), ("payers", "policy", "x = "), ("payers", "name", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_row_of_a_list(kind: str, field: str, value: str) -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk), pytest.raises(BadFields) as caught:
        registry_lists.keep_row(kind, {**LISTED[kind], field: value})
    assert set(caught.value.fields) <= {field, "city", "state", "zip"}
    assert field in caught.value.fields or field == "street"


def test_a_policy_is_judged_alone_and_beside_those_of_other_payers() -> None:
    one = make_practice()
    good = POLICY % ("bilateral_form", '"one_line_50"')
    with within(one.practice.pk, one.user.pk):
        assert registry_lists.policy_fault("x = 1").startswith("the policy: ")
        told = registry_lists.policy_fault(POLICY % ("no_such_value", "1"))
        assert "the policy, value 1" in told
        assert "/" not in told.split(":")[0]
        assert registry_lists.policy_fault(good) == ""
        row = registry_lists.keep_row("payers", {**LISTED["payers"], "policy": good.replace("\n", "\r\n")})
        assert "\r" not in row.policy
        again = registry_lists.policy_fault(good)
        assert "the policy of BLUE PLAN" in again
        assert registry_lists.policy_fault(good, row.pk) == ""


def test_of_one_kind_a_provider_has_one_credential_at_a_time_with_each_payer() -> None:
    one = make_practice()
    told: dict[str, Any] = {"kind": "enrolment", "payer": str(one.payer.pk), "since": "01/01/2025",
                            "until": "12/31/2025"}  # fmt: skip
    with within(one.practice.pk, one.user.pk):
        row = registry_lists.keep_credential(one.provider, told)
        assert not registry_lists.in_force(row, TODAY)
        assert registry_lists.in_force(row, dt.date(2025, 12, 31))
        registry_lists.keep_credential(one.provider, {**told, "since": "01/01/2026", "until": ""})
        registry_lists.keep_credential(one.provider, {**told, "payer": ""})
        with pytest.raises(BadFields) as caught:
            registry_lists.keep_credential(one.provider, {**told, "since": "12/31/2025", "until": ""})
        assert list(caught.value.fields) == ["since"]
        assert Credential.objects.count() == 3
        stood = seen(Credential.objects.get(pk=row.pk))
        changed = registry_lists.keep_credential(
            one.provider, {**told, "until": "06/30/2025"}, key=row.pk, stood=stood
        )
        assert changed.period.upper == dt.date(2025, 7, 1)


def test_the_page_of_a_patient_tells_all_there_is() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = enter({**TYPED, "auth_number": "AUTH7"}, as_of=TODAY)
        approved(one)
        one.claim("PAID", state=ClaimState.PAID, paid_cents=80_00, patient_cents=20_00)
        one.claim("PART", state=ClaimState.PARTLY_PAID, paid_cents=80_00, patient_cents=20_00)
        covered(one, one.coverage.pk, member_id="2EG4TE5MK72", changes_on="11/01/2026")
        now = timezone.now()
        for number, days in {"LAST": -9, "NEXT": 9, "LATER": 19}.items():
            when = DateTimeTZRange(now + dt.timedelta(days=days), now + dt.timedelta(days=days, hours=1))
            Appointment.objects.create(
                number=number, patient=one.patient, provider=one.provider, facility=one.facility, when=when
            )
        Task.objects.create(kind=TaskKind.OTHER, title="ask for the card", patient=one.patient)
        Task.objects.create(kind=TaskKind.OTHER, title="call", claim=claim)
        Task.objects.create(kind=TaskKind.OTHER, title="done", patient=one.patient, done_at=now)
        Note.objects.create(claim=claim, text="rang the payer", by=one.user)
        page = registry.patient_page(one.patient.pk, as_of=TODAY)
        assert page is not None
        assert [row.number for row in page.coming] == ["NEXT", "LATER"]
        assert [row.number for row in page.past] == ["LAST"]
        assert {row.title for row in page.tasks} == {"ask for the card", "call"}
        assert [row.text for row in page.notes] == ["rang the payer"]
        assert [(row.row.number, row.used) for row in page.authorisations] == [("AUTH7", 1)]
        assert [row.member_id for row in page.current] == ["2EG4TE5MK72"]
        assert [row.member_id for row in page.other] == ["1EG4TE5MK72"]
        assert page.open_cents == claim.charge_cents + 175_00 - 80_00 - 20_00
        assert page.patient_cents == 40_00
        assert [found.claim.claim_id for found in page.stale] == [claim.claim_id]
        said = [(change.what, change.columns) for change in page.changes]
        period = ("days", "from 2020-01-01 on", "from 2020-01-01 until before 2026-11-01")
        assert ("changed a coverage", [period]) in said
        assert registry.patient_page(999_999, as_of=TODAY) is None


def test_nothing_of_another_practice_is_seen_or_changed() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk, theirs.user.pk):
        plan = Plan.objects.create(payer=theirs.payer, name="Gold")
    with within(ours.practice.pk, ours.user.pk):
        assert registry.patient(theirs.patient.pk) is None
        with pytest.raises(BadRequest):
            registry.keep_patient(WHO, as_of=TODAY, key=theirs.patient.pk, stood=seen(theirs.patient))
        assert list(refused(ours, ours.coverage.pk, payer=str(theirs.payer.pk))) == ["payer"]
        assert list(refused(ours, ours.coverage.pk, plan=str(plan.pk))) == ["plan"]
        for kind in LISTED:
            assert registry_lists.rows(kind).count() == 1


def test_a_coverage_whose_beginning_is_not_known_keeps_that_and_can_be_followed_by_another() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        Coverage.objects.update(period=DateRange(None, None))
        kept_so = covered(one, one.coverage.pk, since="", group_number="G1")
        assert (kept_so.period, kept_so.group_number) == (DateRange(None, None), "G1")
        new = covered(one, one.coverage.pk, since="", member_id="2EG4TE5MK72", changes_on="11/01/2026")
        assert new.period == DateRange(dt.date(2026, 11, 1), None)
        assert Coverage.objects.get(pk=one.coverage.pk).period == DateRange(None, dt.date(2026, 11, 1))


@given(
    first=st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)),
    days=st.none() | st.integers(1, 9_000),
)
def test_a_period_is_read_back_as_it_was_shown(first: dt.date | None, days: int | None) -> None:
    end = None if days is None else (first or dt.date(2000, 1, 1)) + dt.timedelta(days=days)
    shown = DateRange(first, end)
    typed = Typed(days_typed(shown))
    assert period(typed) == shown
    assert not typed.wrong
