"""Patients and the lists of a practice on their pages: by the keyboard, by role, and never another's."""

import os
from pathlib import Path
from typing import Literal

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from anodyne.app.practice.entry import enter
from anodyne.app.practice.registry_coverages import keep_coverage
from anodyne.store.models import Authorisation, Claim, Coverage, Note, Patient, Payer, Provider, Role
from anodyne.store.scope import within
from tests.app.practice.test_entry import TODAY, TYPED
from tests.app.practice.test_registry import APPROVED, LISTED, POLICY, WHO, approved, blue, covered
from tests.faces.browser import faults, needs_chromium
from tests.practice import Small, make_practice, make_user
from tests.web.live import browsing, served, sign_in
from tests.web.served import signed_in

pytestmark = pytest.mark.usefixtures("database")
SHOTS = os.environ.get("ANODYNE_SHOTS")
COVERED = {"rank": "1", "relationship": "18", "member_id": "M7", "since": "01/01/2026"}


def keep(tab: Page, name: str) -> None:
    if SHOTS:
        tab.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def of_role(one: Small, role: str) -> Client:
    return signed_in(make_user(one.practice, f"Kim {role} {one.practice.pk}", role))


def stood(client: Client, address: str) -> str:
    text = client.get(address).content.decode()
    return text.partition('name="stood" value="')[2].partition('"')[0]


def test_a_patient_and_what_covers_them_are_added_and_shown() -> None:
    one = make_practice()
    client = signed_in(one.user)
    answer = client.post("/registry/new/", {**WHO, "stood": ""})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/coverages/new/")
    kept = client.post(answer.headers["Location"], {**COVERED, "payer": str(one.payer.pk)})
    assert kept.status_code == 302
    text = client.get(kept.headers["Location"]).content.decode()
    for told in ("Made-Up, Kim", "04/02/1961", "44301-0001", "330-555-0100", "M7", "since 01/01/2026",
                 "Robin Lakeside Pain"):  # fmt: skip
        assert told in text
    with within(one.practice.pk):
        assert Coverage.objects.filter(patient__number="P2").count() == 1


def test_nothing_is_lost_where_something_is_wrong() -> None:
    one = make_practice()
    answer = signed_in(one.user).post("/registry/new/", {**WHO, "zip": "4430", "birth_date": "x"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "2 fields are not as they should be" in text
    assert "Write five or nine digits" in text
    for told in (
        'value="4430"',
        'value="x"',
        'value="Made-Up"',
        '<option value="M" selected>',
        "aria-invalid",
    ):
        assert told in text
    assert "is not here" not in text


def test_a_twin_is_asked_about_and_kept_once_it_is_ticked() -> None:
    one = make_practice()
    client = signed_in(one.user)
    same = {**WHO, "last": "SAMPLE", "first": "ALEX", "birth_date": "04/02/1950"}
    assert 'name="twin"' not in client.get("/registry/new/").content.decode()
    answer = client.post("/registry/new/", same)
    assert answer.status_code == 422
    assert 'name="twin"' in answer.content.decode()
    assert client.post("/registry/new/", {**same, "twin": "on"}).status_code == 302


def test_an_older_page_is_told_and_keeps_what_was_typed() -> None:
    one = make_practice()
    client = signed_in(one.user)
    address = f"/registry/{one.patient.pk}/change/"
    before = stood(client, address)
    assert client.post(address, {**WHO, "number": "P1", "stood": before}).status_code == 302
    answer = client.post(address, {**WHO, "number": "P1", "city": "Parma", "stood": before})
    assert answer.status_code == 409
    assert "omebody else changed this patient" in answer.content.decode()
    assert 'value="Parma"' in answer.content.decode()


def test_patients_are_looked_for_in_the_body_alone() -> None:
    one = make_practice()
    client = signed_in(one.user)
    assert "SAMPLE" in client.post("/registry/", {"q": "sam"}).content.decode()
    assert "Nobody begins so" in client.post("/registry/", {"q": "zzz"}).content.decode()
    assert client.get("/registry/?after=x").status_code == 200
    found = client.post("/find", {"q": "sample"}).content.decode()
    assert f'href="/registry/{one.patient.pk}/"' in found


def test_the_pages_of_a_claim_and_its_patient_lead_to_each_other() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = enter(TYPED, as_of=TODAY)
        Note.objects.create(claim=claim, text="rang the payer", by=one.user)
    client = signed_in(one.user)
    assert f'href="/registry/{one.patient.pk}/"' in client.get(f"/claims/{claim.pk}/").content.decode()
    text = client.get(f"/registry/{one.patient.pk}/").content.decode()
    assert f'href="/claims/{claim.pk}/"' in text
    assert "rang the payer" in text
    assert "P1 · SAMPLE" in client.get(f"/charges/?for={one.patient.pk}").content.decode()
    assert client.get("/charges/?for=999999").status_code == 200


def test_a_changed_payer_tells_the_open_claims_and_changes_none_until_asked() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        claim = enter(TYPED, as_of=TODAY)
        payer = blue()
    client = signed_in(one.user)
    page = f"/registry/{one.patient.pk}/"
    address = f"{page}coverages/{one.coverage.pk}/"
    told = {**COVERED, "payer": str(payer.pk), "since": "01/01/2020", "stood": stood(client, address)}
    assert client.post(address, told).status_code == 422
    assert client.post(address, {**told, "changes_on": "11/01/2026"}).status_code == 302
    text = client.get(page).content.decode()
    assert "1 open claim still names the old payer" in text
    with within(one.practice.pk):
        assert Claim.objects.get().payer_id == one.payer.pk
    made = client.post(f"{page}claims/{claim.pk}/remake/", {"revision": str(claim.revision)})
    assert made.status_code == 302
    assert "still name" not in client.get(page).content.decode()
    assert client.post(f"{page}claims/{claim.pk}/remake/", {"revision": "1"}).status_code == 422
    with within(one.practice.pk):
        assert Claim.objects.get().payer_id == payer.pk


def test_who_may_change_what() -> None:
    one = make_practice()
    page = f"/registry/{one.patient.pk}/"
    of_patients = ["/registry/new/", f"{page}change/", f"{page}coverages/new/", f"{page}authorisations/new/",
                   f"{page}coverages/{one.coverage.pk}/"]  # fmt: skip
    rows = {
        "providers": one.provider,
        "billing": one.billing,
        "facilities": one.facility,
        "payers": one.payer,
    }
    of_lists = [f"/registry/{kind}/new/" for kind in rows]
    of_lists += [f"/registry/providers/{one.provider.pk}/credentials/new/",
                 f"/registry/payers/{one.payer.pk}/plans/new/"]  # fmt: skip
    for role in Role.values:
        client = of_role(one, role)
        edits, keeps = role != Role.CLINICIAN, role in (Role.MANAGER, Role.ADMINISTRATOR)
        assert client.get("/registry/").status_code == 200
        assert client.get(page).status_code == 200
        assert (f"{page}change/" in client.get(page).content.decode()) == edits
        for address in of_patients:
            assert client.get(address).status_code == (200 if edits else 403)
            assert client.post(address, {}).status_code in ((409, 422) if edits else (403,))
        for address in of_lists:
            assert client.get(address).status_code == (200 if keeps else 403)
            assert client.post(address, {}).status_code == (422 if keeps else 403)
        for kind, row in rows.items():
            assert client.get(f"/registry/{kind}/").status_code == 200
            answer = client.get(f"/registry/{kind}/{row.pk}/")
            assert answer.status_code == 200
            assert ('name="stood"' in answer.content.decode()) == keeps
            assert client.post(f"/registry/{kind}/{row.pk}/", {}).status_code == (409 if keeps else 403)


def test_another_practices_rows_are_not_here() -> None:
    ours, theirs = make_practice("Ours"), make_practice("Theirs")
    with within(theirs.practice.pk, theirs.user.pk):
        row = approved(theirs)
    client = of_role(ours, Role.ADMINISTRATOR)
    page = f"/registry/{theirs.patient.pk}/"
    for address in (
        page, f"{page}change/", f"{page}coverages/new/", f"{page}authorisations/{row.pk}/",
        f"/registry/{ours.patient.pk}/coverages/{theirs.coverage.pk}/",
        f"/registry/{ours.patient.pk}/authorisations/{row.pk}/",
        f"/registry/providers/{theirs.provider.pk}/", f"/registry/payers/{theirs.payer.pk}/",
        f"/registry/payers/{theirs.payer.pk}/plans/new/",
        f"/registry/providers/{theirs.provider.pk}/credentials/new/",
        f"/registry/providers/{ours.provider.pk}/credentials/999999/",
        "/registry/nothing/", "/registry/nothing/new/",
    ):  # fmt: skip
        assert client.get(address).status_code == 404, address
    with within(ours.practice.pk):
        Provider.objects.filter(pk=ours.provider.pk).update(last="OURS")
    assert "EXAMPLE" not in client.get("/registry/providers/").content.decode()


def test_the_lists_are_kept_by_hand() -> None:
    one = make_practice()
    client = of_role(one, Role.MANAGER)
    for kind, typed in LISTED.items():
        assert client.post(f"/registry/{kind}/new/", typed).status_code == 302
        assert client.get(f"/registry/{kind}/").status_code == 200
    wrong = client.post(
        "/registry/payers/new/", {**LISTED["payers"], "payer_id": "B2", "policy": "id = 1\nx ="}
    )
    assert wrong.status_code == 422
    assert "id = 1\nx =" in wrong.content.decode()
    assert "The policy: not a policy file" in wrong.content.decode()
    with within(one.practice.pk):
        payer = Payer.objects.get(payer_id="BLUE1")
        provider = Provider.objects.get(npi="1730156282")
    plans = f"/registry/payers/{payer.pk}/plans/new/"
    assert client.post(plans, {"name": "Gold"}).status_code == 302
    enrolled = {"kind": "enrolment", "payer": str(payer.pk), "since": "01/01/2026"}
    credentials = f"/registry/providers/{provider.pk}/credentials/new/"
    assert client.post(credentials, enrolled).status_code == 302
    assert "holds" in client.get(f"/registry/providers/{provider.pk}/").content.decode()
    text = client.get(f"/registry/payers/{payer.pk}/").content.decode()
    assert "Gold" in text
    assert 'href="/sending/clearinghouses"' in text
    address = f"/registry/payers/{payer.pk}/"
    policy = POLICY % ("bilateral_form", '"one_line_50"')
    again = {**LISTED["payers"], "policy": policy, "stood": stood(client, address)}
    assert client.post(address, again).status_code == 302


def choose(tab: Page, name: str, letters: str) -> None:
    """Walk to a field and choose from its list by typing, as a browser lets one."""
    field = tab.locator(f"[id='id_{name}']")
    for _ in range(200):
        if field.evaluate("element => element === document.activeElement"):
            break
        tab.keyboard.press("Tab")
    tab.keyboard.type(letters)


def write(tab: Page, name: str, text: str) -> None:
    """Walk to a field and write into it."""
    choose(tab, name, "")
    tab.keyboard.press("Control+A")
    tab.keyboard.type(text)


@needs_chromium
def test_a_patient_is_added_and_charged_by_the_keyboard_alone() -> None:
    one = make_practice(time_zone="UTC")
    with served() as address, browsing(address) as tab:
        sign_in(tab, one.user)
        tab.keyboard.press("g")
        tab.keyboard.press("r")
        tab.wait_for_url("**/registry/")
        assert faults(tab) == []
        tab.keyboard.press("/")
        expect(tab.locator("#q")).to_be_focused()
        tab.keyboard.type("sample")
        tab.keyboard.press("Enter")
        expect(tab.locator("[data-rows] tr")).to_have_count(1)
        tab.keyboard.press("a")
        tab.wait_for_url("**/registry/new/")
        expect(tab.get_by_label("Last name")).to_be_focused()
        write(tab, "last", "MADEUP")
        write(tab, "first", "KIM")
        write(tab, "birth_date", "04/02/61")
        choose(tab, "sex", "m")
        write(tab, "street", "3 MADE UP ST")
        write(tab, "city", "AKRON")
        choose(tab, "state", "OH")
        write(tab, "zip", "44301-0001")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("alert")).to_contain_text("1 field is not as it should be")
        expect(tab.get_by_label("Born")).to_be_focused()
        assert faults(tab) == []
        keep(tab, "registry-wrong")
        write(tab, "birth_date", "04/02/1961")
        tab.keyboard.press("Enter")
        tab.wait_for_url("**/coverages/new/")
        expect(tab.get_by_label("Pays", exact=True)).to_be_focused()
        assert faults(tab) == []
        choose(tab, "payer", "MED")
        write(tab, "member_id", "1EG4TE5MK73")
        write(tab, "since", "01/01/2026")
        tab.keyboard.press("Enter")
        tab.wait_for_url(lambda url: url.endswith("/") and "coverages" not in url)
        expect(tab.get_by_role("heading", name="MADEUP, KIM")).to_be_visible()
        assert faults(tab) == []
        tab.keyboard.press("n")
        tab.wait_for_url("**/charges/?for=*")
        expect(tab.locator("#id_patient")).to_be_focused()
        write(tab, "dx1", "M79.18")
        write(tab, "served_on", "11/17/2026")
        write(tab, "line1-code", "20553")
        write(tab, "line1-pointers", "A")
        write(tab, "line1-charge", "175")
        write(tab, "line1-units", "1")
        tab.keyboard.press("Enter")
        tab.wait_for_url(lambda url: "for=" not in url)
        expect(tab.get_by_role("heading", name="Charge E261117-001")).to_be_visible()
    with within(one.practice.pk):
        claim = Claim.objects.select_related("patient").get()
        assert (claim.patient.last, claim.charge_cents) == ("MADEUP", 175_00)


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(scheme: Literal["light", "dark"]) -> None:
    one = make_practice(time_zone="UTC")
    admin = make_user(one.practice, "Ada Okafor", Role.ADMINISTRATOR)
    with within(one.practice.pk, one.user.pk):
        claim = enter({**TYPED, "auth_number": "AUTH7"}, as_of=TODAY)
        one.claim("CAME-IN")
        one.claim("PART", state="partly_paid", paid_cents=80_00, patient_cents=20_00)
        Note.objects.create(claim=claim, text="rang the payer", by=one.user)
        approved(one)
        payer = blue()
        covered(one, one.coverage.pk, payer=str(payer.pk), member_id="B77", changes_on="11/01/2026")
        second = {**COVERED, "payer": str(one.payer.pk), "rank": "2", "since": "11/01/2026"}
        keep_coverage(one.patient, second, as_of=TODAY)
        row = Authorisation.objects.get()
    patient = f"/registry/{one.patient.pk}/"
    pages = {
        "patients": "/registry/", "patient": patient, "change": f"{patient}change/",
        "coverage": f"{patient}coverages/{one.coverage.pk}/",
        "authorisation": f"{patient}authorisations/{row.pk}/", "providers": "/registry/providers/",
        "provider": f"/registry/providers/{one.provider.pk}/",
        "billing": f"/registry/billing/{one.billing.pk}/",
        "facility": f"/registry/facilities/{one.facility.pk}/", "payers": "/registry/payers/",
        "payer": f"/registry/payers/{payer.pk}/", "claim": f"/claims/{claim.pk}/",
    }  # fmt: skip
    found = {}
    with served() as address, browsing(address, scheme=scheme) as tab:
        sign_in(tab, admin)
        for name, page in pages.items():
            tab.goto(page)
            keep(tab, f"registry-{name}-{scheme}")
            found[name] = faults(tab)
            wide = tab.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not wide, name
    assert all(not some for some in found.values()), found


def test_patients_of_an_authorisation_stay_apart() -> None:
    one = make_practice()
    with within(one.practice.pk, one.user.pk):
        other = Patient.objects.create(number="P9", last="OTHER", birth_date=TODAY, sex="F")
        row = approved(one)
    client = signed_in(one.user)
    assert client.get(f"/registry/{other.pk}/authorisations/{row.pk}/").status_code == 404
    assert client.get(f"/registry/{other.pk}/coverages/{one.coverage.pk}/").status_code == 404
    address = f"/registry/{one.patient.pk}/authorisations/{row.pk}/"
    told = {**APPROVED, "payer": str(one.payer.pk), "units": "5", "stood": stood(client, address)}
    assert client.post(address, told).status_code == 302
    assert client.post(address, told).status_code == 409
