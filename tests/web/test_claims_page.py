"""The worklist as a page: what its address means, what its forms do, and what never stands in an address."""

import datetime as dt
import io
import logging
import re
from pathlib import Path

import pytest
from django.test import Client
from openpyxl import load_workbook

from anodyne.app.practice import worklists
from anodyne.store.models import Claim, ClaimState, SavedFilter, Submission, Task
from anodyne.store.scope import within
from anodyne.web.logs import WithoutDetails
from anodyne.web.pages import today as today_page
from tests.outward import make_sending
from tests.practice import DAY, Small, make_practice, make_user
from tests.web.served import signed_in, stranger

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one(database: object) -> Small:
    del database
    small = make_practice(time_zone="UTC")
    with within(small.practice.pk, small.user.pk):
        small.claim("A1", ClaimState.HELD, charge_cents=100_00, worst="deny", at_risk_cents=100_00)
        small.claim("A2", ClaimState.READY, charge_cents=250_50)
        small.claim("A3", ClaimState.PAID)
    return small


@pytest.fixture
def client(one: Small) -> Client:
    return signed_in(one.user)


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/claims/?{query}")
    assert answer.status_code == 200
    return re.findall(r"data-open[^>]*>(\w+)</a>", answer.content.decode())


def key(one: Small, claim_id: str) -> int:
    with within(one.practice.pk):
        return Claim.objects.get(claim_id=claim_id).pk


def test_the_address_says_what_is_shown(client: Client) -> None:
    cases = {
        "": ["A3", "A2", "A1"], "state=held": ["A1"], "state=held&state=ready": ["A2", "A1"],
        "least=250.50": ["A2"], "most=$100": ["A1"], "outcome=clean": ["A3", "A2"],
        "owner=nobody": ["A3", "A2", "A1"],
        "owner=me": [], "sort=charge&up=on&state=held&state=ready": ["A1", "A2"], "rule=INJ-1": [],
        f"served_from={DAY}": ["A3", "A2", "A1"], f"served_to={DAY - dt.timedelta(1)}": [],
    }  # fmt: skip
    assert {query: shown(client, query) for query in cases} == cases


@pytest.mark.parametrize(
    "query", ["state=none", "payer=x", "owner=9", "served_from=31", "least=x", "patient=x", "claim=1,-2",
              "sort=x", "rule=%27;--", "columns=x", "patient=" + "9" * 5000, "through=x"],
)  # fmt: skip
def test_an_address_that_means_nothing_is_told_kindly(client: Client, query: str) -> None:
    answer = client.get(f"/claims/?{query}")
    assert answer.status_code == 400
    assert "cannot be read" in answer.content.decode()


def test_a_place_that_is_none_is_told(client: Client) -> None:
    assert client.get("/claims/?after=x").status_code == 422


def test_columns_are_the_users_choice(client: Client) -> None:
    text = client.get("/claims/?columns=paid&columns=number").content.decode()
    assert "Payer&#x27;s number</th>" in text
    assert ">Findings</th>" not in text


def test_what_is_looked_for_stands_in_no_address(one: Small, client: Client) -> None:
    answer = client.post("/claims/look", {"text": "Sample, Al", "query": "state=held&state=ready"})
    address = answer.headers["Location"]
    assert "ample" not in address
    assert f"patient={one.patient.pk}" in address
    assert shown(client, address.partition("?")[2]) == ["A2", "A1"]
    nothing = client.post("/claims/look", {"text": "nobody", "query": "state=held"}, follow=True)
    assert "No claim, payer&#x27;s number or patient fits" in nothing.content.decode()


def test_the_search_of_the_head_finds_and_stands_in_no_address(one: Small, client: Client) -> None:
    answer = client.post("/find", {"q": "sample"})
    text = answer.content.decode()
    assert f"/claims/?patient={one.patient.pk}" in text
    assert "1 patient" in text
    assert "A2" in client.post("/find", {"q": "a2"}).content.decode()
    assert "Nothing begins so" in client.post("/find", {"q": "zzz"}).content.decode()
    assert client.post("/find", {"q": "zzz\x00"}).status_code == 400


def test_chosen_rows_are_assigned_undone_and_not_others(one: Small, client: Client) -> None:
    told = {"do": "assign", "owner": "me", "key": [key(one, "A1"), key(one, "A2")], "query": "sort=charge"}
    answer = client.post("/claims/bulk", told)
    assert answer.headers["Location"] == "/claims/?sort=charge"
    assert shown(client, "owner=me") == ["A2", "A1"]
    page = client.get("/claims/").content.decode()
    assert "data-undo" in page
    assert "2 claims given to Robin Lakeside Pain" in page
    assert "Undone for 2 claims" in client.post("/claims/undo", {}, follow=True).content.decode()
    assert shown(client, "owner=me") == []
    assert "nothing to undo" in client.post("/claims/undo", {}, follow=True).content.decode()


def test_all_that_the_list_asks_for_is_changed_with_one_word(one: Small, client: Client) -> None:
    told = {"do": "follow_up", "day": "2026-12-01", "every": "on", "query": "state=held&state=ready"}
    client.post("/claims/bulk", told)
    assert shown(client, "sort=follow_up") == ["A1", "A2"]
    client.post("/claims/undo", {})
    assert shown(client, "sort=follow_up") == []
    with within(one.practice.pk):
        assert not Claim.objects.exclude(follow_up_on=None).exists()


def test_more_than_is_done_at_once_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        worklists, "keys_of", lambda wanted: worklists._keys(wanted, "served_on", None, True, 9)
    )
    answer = client.post("/claims/bulk", {"do": "follow_up", "day": "x", "every": "on"})
    assert answer.status_code == 400


def test_tasks_are_added_and_undone(one: Small, client: Client) -> None:
    told = {"do": "task", "kind": "appeal", "title": "appeal it", "due_on": "2026-12-01", "owner": "me",
            "key": key(one, "A1")}  # fmt: skip
    client.post("/claims/bulk", told)
    with within(one.practice.pk):
        task = Task.objects.get()
    assert (task.title, task.owner_id) == ("appeal it", one.user.pk)
    client.post("/claims/undo", {})
    with within(one.practice.pk):
        assert not Task.objects.exists()
    assert "give it words" in client.post("/claims/bulk", {**told, "title": ""}, follow=True).content.decode()


def test_chosen_rows_are_checked_again(one: Small, client: Client) -> None:
    answer = client.post("/claims/bulk", {"do": "recheck", "key": key(one, "A2")}, follow=True)
    assert "1 claim checked again" in answer.content.decode()
    with within(one.practice.pk):
        assert Claim.objects.get(claim_id="A2").versions.get().checked_at is not None


def test_chosen_rows_leave_in_a_file_or_none_does(one: Small, client: Client) -> None:
    told = {"do": "batch", "key": [key(one, "A1"), key(one, "A2")]}
    refused = client.post("/claims/bulk", told)
    assert refused.status_code == 422
    assert "No file is made" in refused.content.decode()
    assert ">A1</a>" in refused.content.decode()
    with within(one.practice.pk):
        assert not Claim.objects.filter(state=ClaimState.BATCHED).exists()


def test_chosen_rows_that_are_fit_leave_in_one_file(tmp_path: Path) -> None:
    one, _, claims = make_sending(tmp_path, "F1", "F2", "F3")
    told = {"do": "batch", "key": [claims[0].pk, claims[2].pk]}
    answer = signed_in(one.user).post("/claims/bulk", told)
    with within(one.practice.pk):
        made = Submission.objects.get()
        batched = Claim.objects.filter(state=ClaimState.BATCHED).order_by("claim_id")
        assert [claim.claim_id for claim in batched] == ["F1", "F3"]
    assert answer.headers["Location"] == f"/sending/{made.pk}"


def test_nothing_chosen_is_told(client: Client) -> None:
    answer = client.post("/claims/bulk", {"do": "assign", "owner": "me", "key": ["x", "9" * 30]}, follow=True)
    assert "No claim is chosen" in answer.content.decode()


def test_a_forged_key_of_another_practice_changes_nothing(client: Client) -> None:
    theirs = make_practice("Theirs")
    with within(theirs.practice.pk):
        claim = theirs.claim("Z1")
    answer = client.post("/claims/bulk", {"do": "assign", "owner": "me", "key": claim.pk}, follow=True)
    assert "0 claims given" in answer.content.decode()
    with within(theirs.practice.pk):
        assert Claim.objects.get().owner_id is None


def test_lists_are_kept_shared_and_forgotten(one: Small, client: Client) -> None:
    client.post("/claims/keep", {"name": "Work", "shared": "on", "query": "state=held&state=ready&sort=risk"})
    with within(one.practice.pk):
        kept = SavedFilter.objects.get()
    other = signed_in(make_user(one.practice, "Sam Second"))
    assert "Work" in other.get("/claims/").content.decode()
    address = other.get(f"/claims/kept/{kept.pk}").headers["Location"]
    assert sorted(address.partition("?")[2].split("&")) == ["sort=risk", "state=held", "state=ready"]
    assert other.post(f"/claims/kept/{kept.pk}/drop").status_code == 404
    assert client.post(f"/claims/kept/{kept.pk}/drop").status_code == 302
    assert client.get(f"/claims/kept/{kept.pk}").status_code == 404
    assert "give it one" in client.post("/claims/keep", {"name": " "}, follow=True).content.decode()


def test_the_list_goes_out_and_comes_back(one: Small, client: Client) -> None:
    answer = client.get("/claims/export?state=held")
    assert "claims-" in answer.headers["Content-Disposition"]
    book = load_workbook(io.BytesIO(answer.content))
    heads = {str(cell.value): cell.column for cell in book["Claims"][1]}
    assert book["Claims"].max_row == 2
    book["Claims"].cell(2, heads["Owner"]).value = one.user.email
    told = io.BytesIO()
    book.save(told)
    for says in ("1 owners", "Nothing in the workbook differs"):
        upload = io.BytesIO(told.getvalue())
        upload.name = "claims.xlsx"
        assert says in client.post("/claims/import", {"workbook": upload}, follow=True).content.decode()
    bad = io.BytesIO(b"no workbook")
    bad.name = "claims.xlsx"
    refused = client.post("/claims/import", {"workbook": bad})
    assert refused.status_code == 422
    assert "Nothing of the workbook was taken" in refused.content.decode()
    assert "Choose a workbook" in client.post("/claims/import", {}, follow=True).content.decode()


def test_today_leads_to_what_it_counts(client: Client) -> None:
    text = client.get("/").content.decode()
    for address in re.findall(r'href="(/claims/\?[^"]+)"', text):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    assert client.get("/?mine=on").status_code == 200


@pytest.mark.parametrize(("page", "status"), [("/nothing", 404), ("/claims/kept/1", 404), ("/people", 403)])
def test_what_goes_wrong_is_said_in_our_look(client: Client, page: str, status: int) -> None:
    answer = client.get(page)
    assert answer.status_code == status
    assert "anodyne.css" in answer.content.decode()


def test_a_form_that_did_not_come_from_here_is_refused(one: Small) -> None:
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    client.force_login(one.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post("/claims/bulk", {"do": "assign"})
    assert (answer.status_code, "Not for you" in answer.content.decode()) == (403, True)


def test_a_page_that_fails_keeps_nothing_names_nobody_and_logs_no_data(
    one: Small, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(user: int, *_: object, **__: object) -> None:
        worklists.assign([key(one, "A1")], user)
        raise RuntimeError("SAMPLE, ALEX born 1950-04-02")

    client = signed_in(one.user)
    client.raise_request_exception = False
    monkeypatch.setattr(today_page, "day_of", fails)
    caplog.handler.addFilter(WithoutDetails())
    with caplog.at_level(logging.ERROR):
        answer = client.get("/")
    assert answer.status_code == 500
    assert "nothing of what you asked was kept" in answer.content.decode()
    assert "SAMPLE" not in answer.content.decode() + caplog.text
    assert "RuntimeError at fails" in caplog.text
    with within(one.practice.pk):
        assert Claim.objects.get(claim_id="A1").owner_id is None


def test_a_clinician_reads_lists_and_changes_none(one: Small) -> None:
    client = signed_in(make_user(one.practice, "Dana Doctor", "clinician"))
    text = client.get("/claims/").content.decode()
    assert "A1" in text
    assert 'id="bulk"' not in text
    told = {"do": "assign", "owner": "me", "key": key(one, "A1")}
    assert client.post("/claims/bulk", told).status_code == 403
    assert client.post("/claims/import", {}).status_code == 403
    assert client.post("/claims/undo", {}).status_code == 403


def test_a_form_that_is_too_large_is_refused_kindly(client: Client) -> None:
    answer = client.post("/find", "q=" + "x" * 6_000_000, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, "smaller parts" in answer.content.decode()) == (413, True)


def test_nobody_reads_a_list_without_signing_in() -> None:
    assert stranger().get("/claims/export").status_code == 302
