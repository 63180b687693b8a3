"""Tables of another system come in whole or not at all; what is known of a patient is never lost."""

import datetime as dt
import io
from typing import Any

import pytest
import xlsxwriter
from django.db.backends.postgresql.psycopg_any import DateRange

from anodyne.app.practice.intake import CameIn
from anodyne.app.practice.tables_in import import_table
from anodyne.kernel.errors import BadTable, UnreadableFile
from anodyne.store.books import shelf
from anodyne.store.models import (
    Appointment,
    Charge,
    Claim,
    ClaimState,
    Coverage,
    Document,
    Encounter,
    Patient,
    Payer,
)
from anodyne.store.scope import within
from tests.practice import Small, make_practice

pytestmark = pytest.mark.usefixtures("database")
TODAY = dt.date(2026, 11, 29)

PATIENT: dict[str, str] = {
    "patient": "P2", "last": "MUSTER", "first": "KIM", "birth_date": "1961-05-06", "sex": "F",
    "address": "3 ELM ST", "city": "PARMA", "state": "OH", "zip": "44129", "payer_id": "15202",
    "member_id": "2AA2AA2AA22",
}  # fmt: skip
CHARGE: dict[str, str] = {
    "encounter": "E1", "patient": "P1", "served_on": "2026-11-17", "practitioner": "1245319599",
    "facility": "Lakeside Office", "dx1": "M79.18", "code": "20553", "units": "1", "charge": "175.00",
    "pointers": "A",
}  # fmt: skip
APPOINTMENT: dict[str, str] = {
    "appointment": "S1", "patient": "P1", "practitioner": "1245319599", "facility": "LAKESIDE OFFICE",
    "start": "2026-12-01 09:30", "end": "2026-12-01 10:00", "codes": "20553; J3301",
}  # fmt: skip


def table(*rows: dict[str, Any]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(names), *(",".join(str(row.get(name, "")) for name in names) for row in rows)]
    return "\n".join(lines).encode()


def workbook(*rows: dict[str, Any]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, names)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row.get(name) for name in names):
                if isinstance(value, dt.date):
                    sheet.write_datetime(at, column, value, day)
                else:
                    sheet.write(at, column, value)
    return out.getvalue()


def take(one: Small, data: bytes, name: str = "table.csv", as_of: dt.date = TODAY) -> CameIn:
    with within(one.practice.pk, one.user.pk):
        return import_table(data, name, user=one.user, as_of=as_of)


def cells(one: Small, data: bytes) -> list[tuple[int, str]]:
    with pytest.raises(BadTable) as caught:
        take(one, data)
    with within(one.practice.pk):
        assert not Document.objects.exists()
    return [(cell.row, cell.column) for cell in caught.value.cells]


class TestPatients:
    """Who they are, and who covers them from when until when."""

    def test_a_new_patient_with_coverage(self) -> None:
        one = make_practice()
        came = take(one, table({**PATIENT, "phone": "(216) 555-0101", "covered_from": "2026-01-01"}))
        assert (came.what, came.counts["patients"], came.counts["coverages"]) == ("patients", 1, 1)
        with within(one.practice.pk):
            patient = Patient.objects.get(number="P2")
            assert (patient.last, patient.phone, patient.zip) == ("MUSTER", "2165550101", "44129")
            coverage = patient.coverages.get()
            assert (coverage.member_id, coverage.rank, coverage.relationship) == ("2AA2AA2AA22", 1, "18")
            assert (coverage.period.lower, coverage.period.upper) == (dt.date(2026, 1, 1), None)
            assert coverage.payer_id == one.payer.pk

    def test_twice_is_once_by_bytes_and_by_content(self) -> None:
        one = make_practice()
        data = table(PATIENT)
        take(one, data)
        assert take(one, data).again
        came = take(one, data + b"\n")
        assert (came.counts["patients"], came.counts["changed"], came.counts["known"]) == (0, 0, 1)
        with within(one.practice.pk):
            assert Coverage.objects.filter(patient__number="P2").count() == 1

    def test_what_is_told_changes_and_an_empty_cell_does_not(self) -> None:
        one = make_practice()
        take(one, table({**PATIENT, "phone": "2165550101"}))
        came = take(one, table({**PATIENT, "phone": "", "city": "LORAIN"}))
        assert came.counts["changed"] == 1
        with within(one.practice.pk):
            patient = Patient.objects.get(number="P2")
            assert (patient.city, patient.phone) == ("LORAIN", "2165550101")

    def test_another_birth_date_is_for_a_person(self) -> None:
        one = make_practice()
        take(one, table(PATIENT))
        came = take(one, table({**PATIENT, "birth_date": "1962-05-06", "city": "LORAIN"}))
        assert [(told.item, told.place) for told in came.told] == [("patient P2", "row 2")]
        with within(one.practice.pk):
            patient = Patient.objects.get(number="P2")
            assert (patient.birth_date, patient.city) == (dt.date(1961, 5, 6), "PARMA")

    @pytest.mark.parametrize("change", [{"member_id": "NEW1"}, {"payer_id": "CDR01"}])
    @pytest.mark.parametrize("day", ["2026-07-01", ""])
    def test_another_member_id_or_payer_closes_the_coverage_before(
        self, change: dict[str, str], day: str
    ) -> None:
        one = make_practice()
        with within(one.practice.pk):
            Payer.objects.create(payer_id="CDR01", name="CEDAR MUTUAL", filing="CI")
        take(one, table({**PATIENT, "covered_from": "2026-01-01"}))
        came = take(one, table({**PATIENT, **change, "covered_from": day}))
        began = dt.date.fromisoformat(day) if day else TODAY
        assert (came.told, came.counts["coverages"], came.counts["changed"]) == ((), 1, 1)
        with within(one.practice.pk):
            old, new = Coverage.objects.filter(patient__number="P2").order_by("period")
            assert (old.member_id, old.period) == ("2AA2AA2AA22", DateRange(dt.date(2026, 1, 1), began))
            assert new.period == DateRange(began, None)
            assert new.member_id == change.get("member_id", "2AA2AA2AA22")

    def test_one_that_began_on_the_same_day_is_not_replaced(self) -> None:
        one = make_practice()
        take(one, table({**PATIENT, "covered_from": "2026-01-01"}))
        came = take(one, table({**PATIENT, "member_id": "NEW1", "covered_from": "2026-01-01"}))
        assert "begins on the same day" in came.told[0].why
        with within(one.practice.pk):
            assert Coverage.objects.get(patient__number="P2").member_id == "2AA2AA2AA22"

    def test_a_coverage_before_the_known_one_ends_where_that_begins(self) -> None:
        one = make_practice()
        take(one, table({**PATIENT, "covered_from": "2026-07-01"}))
        take(one, table({**PATIENT, "member_id": "OLD1", "covered_from": "2026-01-01"}))
        with within(one.practice.pk):
            old, new = Coverage.objects.filter(patient__number="P2").order_by("period")
            assert (old.member_id, old.period) == (
                "OLD1",
                DateRange(dt.date(2026, 1, 1), dt.date(2026, 7, 1)),
            )
            assert new.period == DateRange(dt.date(2026, 7, 1), None)

    def test_an_end_that_is_told_closes_it(self) -> None:
        one = make_practice()
        take(one, table({**PATIENT, "covered_from": "2026-01-01"}))
        take(one, table({**PATIENT, "covered_until": "2026-10-01"}))
        with within(one.practice.pk):
            period = Coverage.objects.get(patient__number="P2").period
            assert period == DateRange(dt.date(2026, 1, 1), dt.date(2026, 10, 1))

    def test_several_ranks_and_somebody_elses_insurance(self) -> None:
        one = make_practice()
        other = {
            **PATIENT, "rank": "2", "payer_id": "CDR01", "payer_name": "CEDAR MUTUAL", "filing": "CI",
            "relationship": "01", "subscriber_last": "MUSTER", "subscriber_birth_date": "1960-01-01",
        }  # fmt: skip
        came = take(one, table(PATIENT, other))
        assert (came.counts["patients"], came.counts["coverages"]) == (1, 2)
        with within(one.practice.pk):
            second = Coverage.objects.get(patient__number="P2", rank=2)
            assert (second.payer.name, second.subscriber_last) == ("CEDAR MUTUAL", "MUSTER")

    def test_a_patient_without_coverage(self) -> None:
        one = make_practice()
        row = {name: value for name, value in PATIENT.items() if name not in {"payer_id", "member_id"}}
        take(one, table(row))
        with within(one.practice.pk):
            assert not Coverage.objects.filter(patient__number="P2").exists()

    @pytest.mark.parametrize(
        ("change", "column"),
        [
            ({"patient": ""}, "patient"), ({"patient": "P 2"}, "patient"), ({"last": ""}, "last"),
            ({"birth_date": "5/6/1961"}, "birth_date"), ({"sex": "X"}, "sex"), ({"state": "ZZ"}, "state"),
            ({"zip": "4129"}, "zip"), ({"phone": "555"}, "phone"), ({"rank": "4"}, "rank"),
            ({"member_id": ""}, "member_id"), ({"payer_id": ""}, "payer_id"),
            ({"payer_id": "NEW9"}, "payer_name"), ({"relationship": "99"}, "relationship"),
            ({"relationship": "19"}, "subscriber_last"), ({"subscriber_last": "X"}, "subscriber_last"),
            ({"covered_from": "2026-02-01", "covered_until": "2026-02-01"}, "covered_until"),
            ({"last": "A*B"}, "last"), ({"last": "L" * 61}, "last"),
        ],
    )  # fmt: skip
    def test_a_bad_cell_is_told_with_its_place_and_nothing_is_used(
        self, change: dict[str, str], column: str
    ) -> None:
        one = make_practice()
        found = cells(one, table({**PATIENT, "patient": "P3"}, {**PATIENT, **change}))
        assert (3, column) in found
        with within(one.practice.pk):
            assert Patient.objects.count() == 1

    def test_no_message_shows_a_cell(self) -> None:
        one = make_practice()
        with pytest.raises(BadTable) as caught:
            take(one, table({**PATIENT, "birth_date": "SECRETNAME"}))
        assert "SECRET" not in str(caught.value)
        assert all("SECRET" not in cell.message + cell.next_step for cell in caught.value.cells)


class TestCharges:
    """Visits with their charges become claims that are judged."""

    def test_a_charge_becomes_an_encounter_and_a_judged_claim(self) -> None:
        one = make_practice()
        came = take(one, table({**CHARGE, "auth_number": "AU1"}))
        assert (came.what, came.counts["claims"], came.counts["charge_cents"]) == ("charges", 1, 175_00)
        with within(one.practice.pk):
            claim = Claim.objects.get()
            assert (claim.claim_id, claim.state, claim.charge_cents) == ("E1", ClaimState.READY, 175_00)
            version = claim.versions.get()
            assert version.checked_at is not None
            kept = shelf([version.pk])
            row, line = kept.claims.row(0, named=True), kept.lines.row(0, named=True)
            assert (row["member_id"], row["dx1"], row["auth_number"]) == ("1EG4TE5MK72", "M7918", "AU1")
            assert (row["state"], row["pos"], row["rendering_npi"]) == ("OH", "11", "1245319599")
            assert (line["code"], line["dx_pointers"], line["pos"]) == ("20553", "1", "11")
            assert (line["rendering_npi"], line["served_on"]) == ("1245319599", dt.date(2026, 11, 17))

    def test_rows_of_one_encounter_are_lines_of_one_claim(self) -> None:
        one = make_practice()
        second = {
            **CHARGE, "code": "J3301", "units": "4", "charge": "12", "mod1": "JZ", "ndc": "00003-0293-05",
            "ndc_qty": "1", "ndc_unit": "ML",
        }  # fmt: skip
        came = take(one, table(CHARGE, second, {**CHARGE, "encounter": "E2"}))
        assert (came.counts["encounters"], came.counts["lines"]) == (2, 3)
        with within(one.practice.pk):
            assert Claim.objects.get(claim_id="E1").charge_cents == 187_00
            drug = Charge.objects.get(code="J3301")
            assert (drug.modifiers, drug.ndc, drug.line) == (["JZ"], "00003029305", 2)

    def test_twice_is_once(self) -> None:
        one = make_practice()
        take(one, table(CHARGE))
        came = take(one, table(CHARGE, {**CHARGE, "encounter": "E2"}))
        assert (came.counts["known"], came.counts["claims"]) == (1, 1)
        with within(one.practice.pk):
            assert Encounter.objects.count() == Claim.objects.count() == 2

    @pytest.mark.parametrize("change", [{"charge": "180"}, {"units": "2"}, {"dx1": "M54.16"}, {"mod1": "LT"}])
    def test_an_encounter_that_says_something_else_is_for_a_person(self, change: dict[str, str]) -> None:
        one = make_practice()
        take(one, table(CHARGE))
        came = take(one, table({**CHARGE, **change}))
        assert [told.item for told in came.told] == ["encounter E1"]
        with within(one.practice.pk):
            assert Claim.objects.get().charge_cents == 175_00

    def test_an_id_that_a_claim_has_is_for_a_person(self) -> None:
        one = make_practice()
        with within(one.practice.pk):
            one.claim("E1")
        assert len(take(one, table(CHARGE)).told) == 1

    @pytest.mark.parametrize(
        ("change", "column"),
        [
            ({"patient": "P9"}, "patient"), ({"practitioner": "1234567893"}, "practitioner"),
            ({"referring": "1234567893"}, "referring"), ({"billing": "1245319599"}, "billing"),
            ({"facility": "ELSEWHERE"}, "facility"), ({"served_on": "2019-12-31"}, "served_on"),
            ({"code": "2055"}, "code"), ({"mod1": "5"}, "mod1"), ({"units": "0"}, "units"),
            ({"units": "10000"}, "units"), ({"charge": "-1"}, "charge"), ({"charge": "1.005"}, "charge"),
            ({"pointers": "B"}, "pointers"), ({"pointers": "ABCDE"}, "pointers"),
            ({"pointers": "AA"}, "pointers"),
            ({"dx3": "M54.5"}, "dx2"), ({"dx1": "XX"}, "dx1"), ({"ndc": "00003029305"}, "ndc_qty"),
        ],
    )  # fmt: skip
    def test_a_bad_cell_refuses_the_whole(self, change: dict[str, str], column: str) -> None:
        one = make_practice()
        found = cells(one, table({**CHARGE, "encounter": "E0"}, {**CHARGE, **change}))
        assert (3, column) in found
        with within(one.practice.pk):
            assert not Encounter.objects.exists()

    def test_rows_of_one_encounter_that_differ(self) -> None:
        one = make_practice()
        assert cells(one, table(CHARGE, {**CHARGE, "served_on": "2026-11-18"})) == [(3, "served_on")]

    def test_two_practices_have_their_own_encounters_of_one_id(self) -> None:
        ours, theirs = make_practice("Ours"), make_practice("Theirs")
        take(ours, table(CHARGE))
        assert take(theirs, table(CHARGE)).counts["claims"] == 1
        with within(ours.practice.pk):
            assert Claim.objects.count() == 1


class TestSchedule:
    """Appointments come, move and are cancelled."""

    def test_an_appointment_by_the_practices_clock(self) -> None:
        one = make_practice()
        came = take(one, table(APPOINTMENT))
        assert (came.what, came.counts["appointments"]) == ("appointments", 1)
        with within(one.practice.pk):
            found = Appointment.objects.get()
            assert found.when.lower == dt.datetime(2026, 12, 1, 14, 30, tzinfo=dt.UTC)
            assert (found.codes, found.state) == (["20553", "J3301"], "planned")

    def test_it_moves_and_is_not_doubled(self) -> None:
        one = make_practice()
        take(one, table(APPOINTMENT))
        moved = {**APPOINTMENT, "start": "2026-12-02 09:30", "end": "2026-12-02 10:00", "state": "Kept"}
        assert take(one, table(moved)).counts["changed"] == 1
        assert take(one, table({**moved, "reason": ""})).counts["known"] == 1
        with within(one.practice.pk):
            assert Appointment.objects.get().state == "kept"

    def test_another_patients_id_is_for_a_person(self) -> None:
        one = make_practice()
        take(one, table(PATIENT))
        take(one, table(APPOINTMENT))
        assert len(take(one, table({**APPOINTMENT, "patient": "P2"})).told) == 1

    @pytest.mark.parametrize(
        ("change", "column"),
        [
            ({"start": "2026-12-01"}, "start"), ({"end": "2026-12-01 09:30"}, "end"),
            ({"end": "2026-12-03 09:30"}, "end"), ({"codes": "2055"}, "codes"), ({"state": "maybe"}, "state"),
            ({"patient": "P9"}, "patient"),
            ({"start": "2026-03-08 02:30", "end": "2026-03-08 03:30"}, "start"),
        ],
    )  # fmt: skip
    def test_a_bad_cell_refuses_the_whole(self, change: dict[str, str], column: str) -> None:
        assert (2, column) in cells(make_practice(), table({**APPOINTMENT, **change}))


class TestFiles:
    """Workbooks are read as CSV is; what is no table is told."""

    def test_a_workbook_with_numbers_and_days_as_such(self) -> None:
        one = make_practice()
        row: dict[str, Any] = {
            **CHARGE,
            "served_on": dt.date(2026, 11, 17),
            "units": 1,
            "charge": 175.5,
            "code": 20553,
        }
        came = take(one, workbook(row), "charges.xlsx")
        assert came.counts["charge_cents"] == 175_50

    def test_a_bad_cell_of_a_workbook_has_its_row(self) -> None:
        one = make_practice()
        assert cells(one, workbook(CHARGE, {**CHARGE, "encounter": "E2", "units": -1})) == [(3, "units")]
        assert (3, "") in cells(one, workbook(CHARGE, {}, {**CHARGE, "encounter": "E2"}))

    def test_what_is_none_of_the_tables(self) -> None:
        one = make_practice()
        for data in (b"a,b\n1,2\n", b"", b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0old", b"\0\1\2", b"ISA*00*"):
            with pytest.raises(UnreadableFile):
                take(one, data)

    def test_a_workbook_that_unpacks_to_more_than_fits_is_refused(self) -> None:
        import zipfile  # noqa: PLC0415

        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/worksheets/sheet1.xml", b"0" * (401 * 1024 * 1024))
        with pytest.raises(UnreadableFile, match="far larger"):
            take(make_practice(), out.getvalue())

    def test_an_unknown_column_is_told(self) -> None:
        assert (1, "colour") in cells(make_practice(), table({**PATIENT, "colour": "red"}))
