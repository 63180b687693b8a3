"""Files come in by a page that is never at a loss, whatever is sent."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from anodyne.store.models import Claim, Document, Encounter
from anodyne.store.scope import within
from tests.app.practice.test_importing import claim_file, one_claim
from tests.app.practice.test_tables_in import CHARGE, PATIENT, table
from tests.practice import make_practice, make_user
from tests.web.served import signed_in

pytestmark = pytest.mark.usefixtures("database")


def send(client: Any, data: bytes, name: str = "day.837", **more: str) -> Any:
    return client.post("/imports/", {"file": SimpleUploadedFile(name, data), **more})


def test_a_claim_file_comes_in_and_its_page_tells_what_came() -> None:
    one = make_practice()
    client = signed_in(one.user)
    answer = send(client, claim_file(one_claim("A1"), one_claim("A2", charge="250")))
    assert answer.status_code == 302
    text = client.get(answer.headers["Location"]).content.decode()
    assert "<dt>claims came in</dt><dd>2</dd>" in text
    assert "$350.00" in text
    assert "day.837 is taken in" in text
    assert "day.837" in client.get("/imports/").content.decode()
    again = send(client, claim_file(one_claim("A1"), one_claim("A2", charge="250")), "other.837")
    assert again.headers["Location"] == answer.headers["Location"]
    assert "taken in before" in client.get(again.headers["Location"]).content.decode()
    with within(one.practice.pk):
        assert Claim.objects.count() == 2


def test_a_claim_left_for_a_person_is_listed_with_a_link_to_the_one_here() -> None:
    one = make_practice()
    client = signed_in(one.user)
    send(client, claim_file(one_claim("A1")))
    answer = send(client, claim_file(one_claim("A1", charge="120")))
    text = client.get(answer.headers["Location"]).content.decode()
    with within(one.practice.pk):
        key = Claim.objects.get().pk
    assert f'<a href="/claims/{key}/">claim A1</a>' in text
    assert "says something else" in text


def test_claims_sent_elsewhere() -> None:
    one = make_practice(time_zone="America/New_York")
    send(signed_in(one.user), claim_file(one_claim()), claims="elsewhere", sent_on="2026-10-20")
    with within(one.practice.pk):
        claim = Claim.objects.get()
        assert (claim.state, claim.sent_at) == ("sent", dt.datetime(2026, 10, 20, 16, tzinfo=dt.UTC))


def test_a_table_is_told_by_its_columns_whatever_it_is_called() -> None:
    one = make_practice()
    client = signed_in(one.user)
    assert send(client, table(PATIENT), "x.837").status_code == 302
    assert send(client, table(CHARGE), "../../x").status_code == 302
    with within(one.practice.pk):
        assert Encounter.objects.count() == 1
        assert set(Document.objects.values_list("name", flat=True)) == {"x.837", "x"}


def test_every_bad_cell_is_listed() -> None:
    one = make_practice()
    answer = send(signed_in(one.user), table({**PATIENT, "sex": "X", "zip": "1"}), "patients.csv")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing of patients.csv was taken in" in text
    assert "<td>sex</td>" in text
    assert "<td>zip</td>" in text


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 10_000, b"\xff\xfe\x00", b"PK\x03\x04" + b"x" * 50, b"\xd0\xcf\x11\xe0" + b"\0" * 600,
        b"ISA", b"ISA*00*" + b"~" * 500, b"ISA" * 5_000, b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"a" * 300_000,
        b"<html>", b"last\n", b"last,last\nA,B\n", b'patient,last\n"', b"PAR1" + b"\0" * 100, b"{}",
        b"\r\n\r\n",
        b"encounter," + b"x," * 5_000 + b"\n", claim_file(one_claim())[:-40], claim_file(one_claim())[:400],
        claim_file(one_claim()).replace(b"005010X222A1", b"004010X098A1"),
    ],
    ids=lambda data: data[:8].hex(),
)  # fmt: skip
def test_whatever_is_sent_gets_a_clear_page_and_nothing_stays(data: bytes) -> None:
    one = make_practice()
    answer = send(signed_in(one.user), data, 'x"><script>alert(1)</script>')
    assert answer.status_code == 422, answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
    with within(one.practice.pk):
        assert not Document.objects.exists()
        assert not Claim.objects.exists()


def test_the_page_names_the_columns_of_each_table() -> None:
    text = signed_in(make_practice().user).get("/imports/").content.decode()
    for name in ("<b>encounter</b>", "<b>appointment</b>", "covered_from"):
        assert name in text


def test_nothing_sent_and_too_much_sent() -> None:
    one = make_practice()
    client = signed_in(one.user)
    assert client.post("/imports/", {}).status_code == 422
    with override_settings(IMPORT_MOST_BYTES=1_000):
        answer = send(client, b"x" * 1_001)
    assert answer.status_code == 422
    assert "larger than" in answer.content.decode()


def test_a_file_of_another_practice_is_not_there() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    address = send(signed_in(theirs.user), claim_file(one_claim())).headers["Location"]
    client = signed_in(ours.user)
    assert client.get(address).status_code == 404
    assert "day.837" not in client.get("/imports/").content.decode()
    assert send(client, claim_file(one_claim())).headers["Location"] != address


def test_a_clinician_takes_no_files_in_and_nobody_does_without_the_forms_token() -> None:
    one = make_practice()
    doctor = make_user(one.practice, "Dana Doctor", "clinician")
    assert signed_in(doctor).get("/imports/").status_code == 403
    client = signed_in(one.user)
    client.handler.enforce_csrf_checks = True
    assert send(client, claim_file(one_claim())).status_code == 403
