"""A charge that a person types becomes an encounter and a judged claim, or each wrong field is told."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.app.practice import lookups
from anodyne.app.practice.editing import edit_line
from anodyne.app.practice.entry import amend, as_typed, claim_of, enter, findings_of, why_not_amended
from anodyne.kernel.errors import BadFields, BadRequest, Outdated
from anodyne.store.books import shelf
from anodyne.store.models import (
    Authorisation,
    BillingProvider,
    Charge,
    Claim,
    ClaimState,
    Coverage,
    Encounter,
    Facility,
    Patient,
    Payer,
    Provider,
)
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)

TYPED: dict[str, str] = {
    "patient": "P1 · SAMPLE, ALEX · 04/02/1950", "dx1": "M79.18", "served_on": "11/17/2026",
    "rendering": "1245319599", "line1-code": "20553", "line1-pointers": "A", "line1-charge": "175",
    "line1-units": "1",
}  # fmt: skip


def typed(**more: str) -> dict[str, str]:
    return {**TYPED, **{name.replace("__", "-"): value for name, value in more.items()}}


def fields(one: Small, values: dict[str, str]) -> dict[str, str]:
    with within(one.practice.pk, one.user.pk), pytest.raises(BadFields) as caught:
        enter(values, as_of=TODAY)
    with within(one.practice.pk):
        assert not Encounter.objects.exists()
    return caught.value.fields


def test_what_is_typed_becomes_an_encounter_and_a_claim_that_is_judged() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = enter(typed(line1__modifiers="rt 59"), as_of=TODAY)
        assert (claim.claim_id, claim.state, claim.charge_cents) == ("E261117-001", "ready", 175_00)
        encounter = Encounter.objects.get()
        assert (encounter.source, encounter.diagnoses, encounter.number) == (
            "entry",
            ["M7918"],
            claim.claim_id,
        )
        charge = Charge.objects.get()
        assert (charge.modifiers, charge.pointers, charge.units) == (["RT", "59"], [1], Decimal(1))
        assert claim.coverage == one.coverage
        assert claim.versions.get().checked_at is not None


def test_what_holds_it_is_told_at_once() -> None:
    one = make_practice()
    second = {"line2-code": "20552", "line2-pointers": "1", "line2-charge": "140.00", "line2-units": "1"}
    with within(one.practice.pk, one.user.pk):
        claim = enter({**TYPED, **second}, as_of=TODAY)
        assert (claim.state, claim.worst) == (ClaimState.HELD, "deny")
        assert "INJ-01" in {found.rule for found in findings_of(claim)}


def test_the_claim_says_what_the_form_says() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        referring = Provider.objects.create(npi="1100200330", last="REFERRER", first="RAY")
        claim = enter(
            typed(
                auto="on", cause_state="oh", employment="on", accident_on="10/01/2026", onset_on="100226",
                referring=f"{referring.npi} · REFERRER, RAY", note="SEE CHART", auth_number="AU1",
                referral_number="RF1", dx2="M54.16", line1__pointers="BA", line1__ndc="00003-0293-05",
                line1__ndc_qty="1.5", line1__ndc_unit="ml",
            ),
            as_of=TODAY,
        )  # fmt: skip
        kept = shelf([claim.versions.get().pk])
        row, line = kept.claims.row(0, named=True), kept.lines.row(0, named=True)
    assert (row["cause1"], row["cause2"], row["cause3"], row["cause_state"]) == ("EM", "AA", None, "OH")
    assert (row["accident_on"], row["onset_on"]) == (dt.date(2026, 10, 1), dt.date(2026, 10, 2))
    assert (row["referring_npi"], row["note"]) == ("1100200330", "SEE CHART")
    assert (row["auth_number"], row["referral_number"]) == ("AU1", "RF1")
    assert (row["dx1"], row["dx2"], row["dx_system"]) == ("M7918", "M5416", "ABK")
    assert (row["assignment"], row["benefits_assigned"], row["release"]) == ("A", "Y", "Y")
    assert (line["dx_pointers"], line["auth_number"]) == ("2:1", "AU1")
    assert (line["ndc"], line["ndc_qty"], line["ndc_unit"]) == ("00003029305", 1.5, "ML")
    assert line["control_number"] == "E261117-001-1"


def test_a_known_authorisation_is_that_one() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        known = Authorisation.objects.create(
            patient=one.patient, payer=one.payer, number="AU1", period=DateRange(dt.date(2026, 1, 1), None)
        )
        claim = enter(typed(auth_number="AU1"), as_of=TODAY)
        assert claim.encounter is not None
        assert claim.encounter.authorisation == known
        assert shelf([claim.versions.get().pk]).claims["auth_number"].to_list() == ["AU1"]


def test_who_bills_alone_is_told_once() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        Provider.objects.create(npi=one.billing.npi, last="ALONE")
        claim = enter(typed(rendering=one.billing.npi), as_of=TODAY)
        assert shelf([claim.versions.get().pk]).claims["rendering_npi"].to_list() == [None]


def test_numbers_count_on_within_the_day_of_the_visit() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        one.claim("E261117-002")
        made = [enter(TYPED, as_of=TODAY).claim_id for _ in range(3)]
    assert made == ["E261117-001", "E261117-003", "E261117-004"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("patient", ""), ("patient", "P9"), ("patient", "SAMPLE, ALEX"),
        ("served_on", ""), ("served_on", "13/01/2026"), ("served_on", "11/30/2026"),
        ("served_on", "tomorrow"),
        ("served_on", "11/17/1996"), ("coverage", "999999"), ("coverage", "x"), ("coverage", "9" * 30),
        ("rendering", ""), ("rendering", "1234567893"), ("referring", "1234567893"), ("facility", "9" * 30),
        ("facility", "-1"), ("billing", "x"), ("dx1", ""), ("dx1", "79.18"), ("dx3", "M54.16"),
        ("dx2", "M7918"),
        ("cause_state", "ZZ"), ("onset_on", "1/1"), ("note", "a*b"), ("note", "é"), ("note", "n" * 81),
        ("auth_number", "1" * 51), ("line1-code", ""), ("line1-code", "2055"), ("line1-code", "20553X"),
        ("line1-modifiers", "5"), ("line1-modifiers", "A1 A2 A3 A4 A5"), ("line1-modifiers", "LT LT"),
        ("line1-pointers", ""), ("line1-pointers", "B"), ("line1-pointers", "M"), ("line1-pointers", "AA"),
        ("line1-charge", ""), ("line1-charge", "1.5"), ("line1-charge", "-1"), ("line1-charge", "1e3"),
        ("line1-units", ""), ("line1-units", "0"), ("line1-units", "-1"), ("line1-units", "99999"),
        ("line1-ndc", "123"), ("line1-ndc_qty", "1"), ("line1-ndc_unit", "ML"), ("line3-code", "20552"),
    ],
)  # fmt: skip
def test_each_field_says_what_is_wrong_and_nothing_is_kept(name: str, value: str) -> None:
    wrong = fields(make_practice(), {**TYPED, name: value})
    expected = {"dx3": "dx2", "line1-ndc_qty": "line1-ndc", "line1-ndc_unit": "line1-ndc"}
    expected["line3-code"] = "line3-units"
    assert expected.get(name, name) in wrong
    assert all("SAMPLE" not in message for message in wrong.values())


def test_nothing_typed_names_every_field_that_is_needed_in_the_order_of_the_form() -> None:
    wrong = list(fields(make_practice(), {}))
    assert wrong == ["patient", "dx1", "served_on", "line1-code", "rendering"]


def test_an_accident_needs_its_state_and_a_stay_ends_after_it_begins() -> None:
    one = make_practice()
    assert "cause_state" in fields(one, typed(auto="on"))
    assert "discharged_on" in fields(one, typed(admitted_on="11/10/2026", discharged_on="11/09/2026"))


class TestCoverage:
    """Who pays is the first that covers the day, unless another is chosen."""

    def test_the_first_of_the_day(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            one.coverage.period = DateRange(dt.date(2020, 1, 1), DAY)
            one.coverage.save()
            other = Payer.objects.create(payer_id="CDR01", name="CEDAR", filing="CI")
            new = Coverage.objects.create(
                patient=one.patient, payer=other, member_id="C1", period=DateRange(DAY, None)
            )
            assert enter(TYPED, as_of=TODAY).coverage == new

    def test_none_on_that_day(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            one.coverage.period = DateRange(dt.date(2020, 1, 1), DAY)
            one.coverage.save()
        assert "coverage" in fields(one, TYPED)

    def test_one_that_is_chosen_pays_in_its_rank(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            second = Coverage.objects.create(
                patient=one.patient, payer=one.payer, rank=2, member_id="S2", period=DateRange(None, None)
            )
            assert enter(typed(coverage=str(second.pk)), as_of=TODAY).rank == "S"

    def test_another_patients_is_refused(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            other = Patient.objects.create(number="P2", last="B", birth_date=DAY, sex="F")
            theirs = Coverage.objects.create(
                patient=other, payer=one.payer, member_id="S2", period=DateRange(None, None)
            )
        assert "coverage" in fields(one, typed(coverage=str(theirs.pk)))

    def test_another_practices_rows_are_nobodys(self) -> None:
        ours, theirs = make_practice("Ours"), make_practice("Theirs")
        with within(theirs.practice.pk):
            number = Patient.objects.create(number="Q7", last="B", birth_date=DAY, sex="F").number
        wrong = fields(
            ours,
            typed(
                patient=number, coverage=str(theirs.coverage.pk), facility=str(theirs.facility.pk),
                billing=str(theirs.billing.pk),
            ),
        )  # fmt: skip
        assert {"patient", "facility", "billing"} <= wrong.keys()


class TestAmend:
    """What has not left is changed as it was entered."""

    def test_the_fields_come_back_as_they_were_typed(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            claim = enter(
                typed(auto="on", cause_state="OH", note="N", dx2="I10", line1__modifiers="RT"), as_of=TODAY
            )
            told = as_typed(claim)
            again = amend(claim.pk, claim.revision, told, as_of=TODAY)
            kept = {name: value for name, value in told.items() if value}
            assert kept == {name: value for name, value in as_typed(again).items() if value}
            assert (kept["dx1"], kept["dx2"], kept["line1-charge"]) == ("M79.18", "I10", "175.00")

    def test_a_change_is_judged_and_replaces_the_lines(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            claim = enter(TYPED, as_of=TODAY)
            values = {**as_typed(claim), "line1-charge": "180", "served_on": "11/16/2026"}
            second = {"line2-code": "20552", "line2-pointers": "A", "line2-charge": "1", "line2-units": "1"}
            found = amend(claim.pk, claim.revision, {**values, **second}, as_of=TODAY)
            assert (found.charge_cents, found.state, found.revision) == (181_00, "held", claim.revision + 1)
            assert found.served_on == dt.date(2026, 11, 16)
            assert Charge.objects.count() == found.versions.get().lines.count() == 2
            assert Claim.objects.count() == 1

    def test_an_older_revision_changes_nothing(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            claim = enter(TYPED, as_of=TODAY)
            amend(claim.pk, claim.revision, {**TYPED, "line1-charge": "180"}, as_of=TODAY)
            with pytest.raises(Outdated):
                amend(claim.pk, claim.revision, {**TYPED, "line1-charge": "190"}, as_of=TODAY)
            assert Claim.objects.get().charge_cents == 180_00

    def test_a_bad_field_changes_nothing(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            claim = enter(TYPED, as_of=TODAY)
            with pytest.raises(BadFields):
                amend(claim.pk, claim.revision, {**TYPED, "dx1": ""}, as_of=TODAY)
            claim.refresh_from_db()
            assert (claim.revision, claim.encounter and claim.encounter.diagnoses) == (1, ["M7918"])

    def test_what_left_or_was_changed_elsewhere_is_refused(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            came = one.claim("A1")
            assert why_not_amended(came) is not None
            claim = enter(TYPED, as_of=TODAY)
            assert why_not_amended(claim) is None
            edit_line(claim.pk, claim.revision, 1, {"charge_cents": 1}, user=one.user, as_of=TODAY)
            claim.refresh_from_db()
            with pytest.raises(BadRequest, match="changed on its own page"):
                amend(claim.pk, claim.revision, TYPED, as_of=TODAY)
            sent = enter(TYPED, as_of=TODAY)
            Claim.objects.filter(pk=sent.pk).update(state=ClaimState.BATCHED)
            with pytest.raises(BadRequest, match="it has left"):
                amend(sent.pk, sent.revision, TYPED, as_of=TODAY)


class TestLookups:
    """What may be meant by the beginning of something."""

    def test_patients_by_number_name_and_birth(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            other = Patient.objects.create(number="77", last="SAMSON", first="BO", birth_date=DAY, sex="M")

            def found(text: str) -> list[str]:
                return [choice.value.split(" · ")[0] for choice in lookups.patients(text)]

            assert found("sam") == ["P1", other.number]
            assert found("Sam, b") == ["77"]
            assert found("p1") == found("P1 · SAMPLE, ALEX · 04/02/1950") == found("04/02/1950") == ["P1"]
            assert found("") == found("zzz") == found("\0") == []
            assert "SAMSON" not in repr(lookups.patients("sam"))

    def test_another_practices_patients_are_not_listed(self) -> None:
        ours, theirs = make_practice("Ours"), make_practice("Theirs")
        with within(theirs.practice.pk):
            Patient.objects.create(number="Q7", last="HIDDEN", birth_date=DAY, sex="F")
        with within(ours.practice.pk, ours.user.pk):
            assert lookups.patients("hid") == lookups.patients("Q7") == []

    def test_codes_by_number_and_by_words(self) -> None:
        assert [one.value for one in lookups.codes("2055", DAY)][:2] == ["20550", "20551"]
        assert "20553" in [one.value for one in lookups.codes("trigger points", DAY)]
        assert lookups.codes("", DAY) == []

    def test_diagnoses_by_their_beginning_with_or_without_the_dot(self) -> None:
        assert [one.value for one in lookups.diagnoses("m79.1", DAY)] == [
            one.value for one in lookups.diagnoses("M791", DAY)
        ]
        assert "M79.18" in [one.value for one in lookups.diagnoses("m79.1", DAY)]
        assert lookups.diagnoses("%", DAY) == lookups.diagnoses("", DAY) == []

    def test_coverages_of_the_day(self) -> None:
        one = make_practice()
        with within(one.practice.pk, one.user.pk):
            assert [c.value for c in lookups.coverages("P1", "11/17/2026")] == [str(one.coverage.pk)]
            assert lookups.coverages("P1", "11/17/2019") == []
            assert len(lookups.coverages("P1", "?")) == 1
            assert lookups.coverages("", "") == []


def test_a_claim_of_an_encounter_made_elsewhere() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        encounter = Encounter.objects.create(
            number="X1", patient=one.patient, coverage=one.coverage, billing=one.billing,
            rendering=one.provider, facility=one.facility, served_on=DAY, diagnoses=["M7918"],
            source="builder",
        )  # fmt: skip
        Charge.objects.create(
            encounter=encounter, line=1, code="20553", units=1, charge_cents=175_00, pointers=[1]
        )
        claim = claim_of(encounter, {"onset_on": DAY})
        assert (claim.claim_id, claim.state) == ("X1", ClaimState.HELD)
        assert shelf([claim.versions.get().pk]).claims["onset_on"].to_list() == [DAY]
        assert Facility.objects.count() == BillingProvider.objects.count() == 1
