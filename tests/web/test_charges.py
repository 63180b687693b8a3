"""A charge is entered by the keyboard alone, and what is wrong is told beside its field."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anodyne.store.models import Claim, ClaimState, Encounter, Patient, Provider
from anodyne.store.scope import within
from tests.app.practice.test_entry import TYPED
from tests.app.practice.test_importing import claim_file, one_claim
from tests.faces.browser import faults, needs_chromium
from tests.practice import DAY, make_practice
from tests.web.live import browsing, served, sign_in
from tests.web.served import signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.usefixtures("database")
SHOTS = os.environ.get("ANODYNE_SHOTS")


def keep(tab: "Page", name: str) -> None:
    if SHOTS:
        tab.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def test_a_charge_is_kept_and_what_was_found_is_shown() -> None:
    one = make_practice()
    client = signed_in(one.user)
    assert client.get("/charges/").status_code == 200
    second = {"line2-code": "20552", "line2-pointers": "A", "line2-charge": "140", "line2-units": "1"}
    answer = client.post("/charges/", {**TYPED, **second, "lines": "6"})
    assert answer.status_code == 302
    text = client.get(answer.headers["Location"]).content.decode()
    assert "INJ-01" in text
    assert "$315.00" in text
    assert 'value="M79.18"' in text
    with within(one.practice.pk):
        assert Claim.objects.get().state == ClaimState.HELD


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() -> None:
    one = make_practice()
    answer = signed_in(one.user).post("/charges/", {**TYPED, "dx1": "79", "line1-units": "", "lines": "6"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "2 fields are not as they should be" in text
    assert "Write an ICD-10-CM code" in text
    assert 'aria-invalid="true"' in text
    assert 'value="20553"' in text
    with within(one.practice.pk):
        assert not Encounter.objects.exists()


def test_more_lines_keep_what_was_typed() -> None:
    one = make_practice()
    text = signed_in(one.user).post("/charges/", {**TYPED, "lines": "6", "more": "1"}).content.decode()
    assert 'name="line12-code"' in text
    assert 'value="20553"' in text
    assert 'name="line13-code"' not in text
    assert 'name="line51-code"' not in signed_in(one.user).post(
        "/charges/", {"lines": "99", "more": "1"}
    ).content.decode()  # fmt: skip


def test_an_unsent_charge_is_changed_and_an_older_page_is_told() -> None:
    one = make_practice()
    client = signed_in(one.user)
    address = client.post("/charges/", {**TYPED, "lines": "6"}).headers["Location"]
    changed = client.post(address, {**TYPED, "line1-charge": "180", "lines": "6", "revision": "1"})
    assert changed.status_code == 302
    older = client.post(address, {**TYPED, "line1-charge": "190", "lines": "6", "revision": "1"})
    assert older.status_code == 409
    assert "omebody else changed" in older.content.decode()
    with within(one.practice.pk):
        assert Claim.objects.get().charge_cents == 180_00


def test_the_next_charge_begins_with_the_day_and_people_of_the_last_and_no_patient() -> None:
    one = make_practice()
    client = signed_in(one.user)
    address = client.post("/charges/", {**TYPED, "lines": "6"}).headers["Location"]
    text = client.get(f"/charges/?like={address.strip('/').split('/')[-1]}").content.decode()
    assert 'value="11/17/2026"' in text
    assert "SAMPLE" not in text


@pytest.mark.parametrize("page", ["/charges/999/", "/charges/look/nothing/", "/charges/?like=x"])
def test_what_is_not_there(page: str) -> None:
    client = signed_in(make_practice().user)
    assert client.get(page).status_code in {200, 404, 405}


def test_a_claim_that_came_in_has_no_charge_page_and_another_practices_is_not_there() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk, theirs.user.pk):
        claim = theirs.claim()
    assert signed_in(theirs.user).get(f"/charges/{claim.pk}/").status_code == 404
    address = signed_in(theirs.user).post("/charges/", {**TYPED, "lines": "6"}).headers["Location"]
    client = signed_in(ours.user)
    assert client.get(address).status_code == 404
    assert client.post(address, {**TYPED, "lines": "6", "revision": "1"}).status_code == 404


def test_lists_name_patients_of_the_practice_alone_and_only_in_the_body() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk):
        Patient.objects.create(number="Q7", last="SAMUEL", birth_date=DAY, sex="F")
    client = signed_in(ours.user)
    text = client.post("/charges/look/patient/", {"patient": "sam", "served_on": ""}).content.decode()
    assert "SAMPLE" in text
    assert "SAMUEL" not in text
    assert client.get("/charges/look/patient/?patient=sam").status_code == 405
    assert "MEDICARE" in client.post(
        "/charges/coverages/", {"patient": "P1", "served_on": "11/17/2026"}
    ).content.decode()  # fmt: skip


@needs_chromium
def test_a_charge_is_entered_by_the_keyboard_alone() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        Provider.objects.create(npi="1100200330", last="REFERRER", first="RAY")
        Patient.objects.create(number="P2", last="SAMSON", first="BO", birth_date=DAY, sex="M")
    with served() as address, browsing(address, width=1366, height=900) as tab:
        sign_in(tab, one.user)
        tab.wait_for_selector("nav[aria-label=Places]")
        press, write = tab.keyboard.press, tab.keyboard.type

        def tabs(count: int) -> None:
            for _ in range(count):
                press("Tab")

        def focused() -> str:
            name: str = tab.evaluate("document.activeElement.name || document.activeElement.textContent")
            return name

        press("g")
        press("n")
        tab.wait_for_url("**/charges/")
        keep(tab, "charge-empty")
        assert focused() == "patient"
        write("sam")
        tab.wait_for_selector("#list_patient [role=option] >> nth=1")
        keep(tab, "charge-list")
        assert faults(tab) == []
        press("ArrowDown")
        press("Enter")
        assert tab.input_value("#id_patient").startswith("P1 · SAMPLE, ALEX")
        tab.wait_for_selector("#id_coverage option >> nth=1", state="attached")
        order = []
        while focused() != "served_on":
            press("Tab")
            order.append(focused())
            if focused() == "referring":
                write("ref")
                tab.wait_for_selector("#list_referring [role=option]")
                press("Tab")
                order.append(focused())
                assert tab.input_value("#id_referring").startswith("1100200330 · REFERRER")
            if focused() == "dx1":
                write("m79.18")
        assert order == [
            "coverage", "employment", "auto", "cause_state", "other_accident", "onset_on", "accident_on",
            "referring", "admitted_on", "discharged_on", "note", *(f"dx{n}" for n in range(1, 13)),
            "auth_number", "referral_number", "served_on",
        ]  # fmt: skip
        write("111726")
        tabs(2)
        assert focused() == "line1-code"
        write("2055")
        tab.wait_for_selector("[id='list_line1-code'] [role=option] >> nth=3")
        for _ in range(4):
            press("ArrowDown")
        press("Enter")
        assert tab.input_value("[name=line1-code]") == "20553"
        for value in ("rt", "a", "175", "1"):
            press("Tab")
            write(value)
        tabs(4)
        assert focused() == "line2-code"
        write("20552")
        tabs(2)
        write("a")
        press("Tab")
        write("140")
        press("Tab")
        press("Enter")
        tab.wait_for_selector("[aria-invalid=true]")
        assert focused() == "line2-units"
        assert "Write the units." in tab.inner_text("td:has([name=line2-units])")
        keep(tab, "charge-wrong")
        assert faults(tab) == []
        write("1")
        while focused() != "rendering":
            press("Tab")
        write("exam")
        tabs(2)
        assert focused().startswith("Keep and check")
        press("Enter")
        tab.wait_for_url("**/charges/*/")
        assert "INJ-01" in tab.inner_text("main")
        keep(tab, "charge-kept")
        assert faults(tab) == []
        press("n")
        tab.wait_for_url("**/charges/?like=*")
        assert tab.input_value("#id_served_on") == "11/17/2026"
    with within(one.practice.pk):
        claim = Claim.objects.get()
        assert (claim.state, claim.charge_cents) == (ClaimState.HELD, 315_00)
        assert claim.encounter is not None
        assert claim.encounter.referring is not None


@needs_chromium
def test_files_come_in_by_the_page(tmp_path: Path) -> None:
    one = make_practice()
    good, other = tmp_path / "day.837", tmp_path / "again.837"
    good.write_bytes(claim_file(one_claim("A1"), one_claim("A2")))
    other.write_bytes(claim_file(one_claim("A1", charge="120"), one_claim("A3")))
    with served() as address, browsing(address, width=1366, height=860) as tab:
        sign_in(tab, one.user)
        tab.wait_for_selector("nav[aria-label=Places]")
        for file in (good, other):
            tab.goto("/imports/")
            assert faults(tab) == []
            tab.set_input_files("#id_file", file)
            tab.press("#id_sent_on", "Enter")
            tab.wait_for_url("**/imports/*/")
            assert faults(tab) == []
        keep(tab, "import-one")
        tab.goto("/imports/")
        keep(tab, "imports")
        bad = tmp_path / "patients.csv"
        bad.write_bytes(b"patient,last,birth_date,sex\nP9,X,1/2/1960,Q\n")
        tab.set_input_files("#id_file", bad)
        tab.get_by_role("button", name="Take it in").click()
        tab.wait_for_selector("text=Nothing of patients.csv")
        keep(tab, "import-refused")
        assert faults(tab) == []
