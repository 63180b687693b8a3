"""A claim's page: what the form says, what was found, and each thing a person can do with it."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from anodyne.store.models import Claim, ClaimState, Finding, Note, Task
from anodyne.store.scope import within
from tests.app.practice.test_checking import both
from tests.database import Database
from tests.practice import Small, make_practice, make_user
from tests.web.served import signed_in, stranger


class Page:
    """A claim with a line too many, and a biller's browser at its page."""

    def __init__(self, one: Small) -> None:
        self.one = one
        self.client = signed_in(one.user)
        with within(one.practice.pk, one.user.pk):
            self.claim = both(one)
        self.at = f"/claims/{self.claim.pk}/"

    def now(self) -> Claim:
        with within(self.one.practice.pk):
            return Claim.objects.get(pk=self.claim.pk)

    def finding(self) -> int:
        with within(self.one.practice.pk):
            return Finding.objects.get(rule="INJ-01").pk

    def codes(self) -> list[str]:
        with within(self.one.practice.pk):
            version = self.claim.versions.get(closed_at=None)
            return list(version.lines.order_by("line").values_list("code", flat=True))

    def post(self, what: str, status: int = 302, **told: Any) -> str:
        revision = told.pop("revision", self.now().revision)
        answer = self.client.post(f"{self.at}{what}", {"revision": revision, **told})
        assert answer.status_code == status, answer.content[:2000]
        return answer.content.decode()


@pytest.fixture
def page(database: Database) -> Page:  # noqa: ARG001  the database is empty
    return Page(make_practice())


LINE: dict[str, Any] = {
    "served_on": "2026-11-17",
    "code": "20553",
    "charge": "180.00",
    "units": "1",
    "pointers": "A",
}


def test_it_shows_the_form_the_finding_its_authority_and_fix(page: Page) -> None:
    text = page.client.get(page.at).content.decode()
    for told in ("SAMPLE, ALEX", "1EG4TE5MK72", "M79.18", "20552", "$315.00", "INJ-01", "Fix: drop line 2",
                 "CPT code set", "file by 17 Nov 2027"):  # fmt: skip
        assert told in text


def test_a_fix_is_accepted_and_undone(page: Page) -> None:
    page.post(f"fix/{page.finding()}/")
    assert (page.codes(), page.now().state) == (["20553"], "ready")
    page.post("undo/")
    assert (page.codes(), page.now().state) == (["20553", "20552"], "held")


def test_the_diff_is_shown_at_once(page: Page) -> None:
    answer = page.client.post(
        f"{page.at}fix/{page.finding()}/", {"revision": 1}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert "<del>20552 × 1, $140.00" in text
    assert "The fix is made" in text
    assert "<html" not in text


def test_a_line_is_changed_added_and_left_out(page: Page) -> None:
    page.post("line/1/", **LINE, mod1="LT")
    assert page.now().charge_cents == 32_000
    page.post("line/0/", **{**LINE, "code": "J3301", "charge": "12.50", "units": "4"}, ndc="00003029305")
    assert page.codes() == ["20553", "20552", "J3301"]
    page.post("line/2/drop/")
    assert page.codes() == ["20553", "J3301"]


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"code": "2"}, "five letters or digits"),
        ({"units": "0"}, "greater than or equal"),
        ({"charge": "-1"}, "greater than or equal"),
        ({"charge": "x"}, "Enter a number"),
        ({"served_on": "yesterday"}, "valid date"),
        ({"pointers": "Z"}, "letters, as AB"),
        ({"mod1": "!!"}, "two letters or digits"),
        ({"served_to": "2026-11-16"}, "ends before it begins"),
    ],
)
def test_what_is_wrong_is_told_in_its_field_and_nothing_is_kept(
    page: Page, told: dict[str, Any], says: str
) -> None:
    text = page.post("line/1/", 422, **{**LINE, **told})
    assert says in text
    assert page.now().charge_cents == 31_500
    assert page.now().revision == 1


def test_what_would_be_found_is_told_and_nothing_is_kept(page: Page) -> None:
    text = page.post("line/1/", 200, **{**LINE, "units": "3"}, **{"try": "1"})
    assert "INJ-01a" in text
    assert (page.now().revision, page.now().charge_cents) == (1, 31_500)
    assert "not filled in" in page.post("line/1/", 200, **{**LINE, "units": ""}, **{"try": "1"})


def test_days_are_shown_as_on_the_form_and_read_either_way(page: Page) -> None:
    assert 'value="11/17/2026"' in page.client.get(f"{page.at}?edit=1").content.decode()
    page.post("line/1/", **{**LINE, "served_on": "11/16/2026"})
    with within(page.one.practice.pk):
        line = page.claim.versions.get().lines.get(line=1)
    assert (line.served_on, line.served_to) == (dt.date(2026, 11, 16), dt.date(2026, 11, 16))


def test_diagnoses_are_edited_with_their_dots(page: Page) -> None:
    page.post("facts/", dx1="M54.16", dx2="G89.4", auth_number="AUTH1")
    with within(page.one.practice.pk):
        facts = page.claim.versions.get().facts
    assert (facts["dx1"], facts["dx2"], facts["auth_number"]) == ("M5416", "G894", "AUTH1")
    assert "written as M54.16" in page.post("facts/", 422, dx1="nonsense")


def test_a_waiver_and_its_withdrawal(page: Page) -> None:
    page.post(f"waive/{page.finding()}/", 422, reason="")
    page.post(f"waive/{page.finding()}/", reason="the payer confirmed it by phone", until="2099-01-01")
    assert page.now().state == ClaimState.READY
    text = page.client.get(page.at).content.decode()
    assert "the payer confirmed it by phone" in text
    assert "nothing to say" not in text
    with within(page.one.practice.pk):
        waiver = page.claim.waivers.get().pk
    page.post(f"unwaive/{waiver}/")
    assert page.now().state == ClaimState.HELD


def test_two_people_edit_one_claim_and_the_second_is_told(page: Page) -> None:
    page.post("line/1/", **LINE, revision=1)
    text = page.post("line/1/", 409, **{**LINE, "charge": "999.00"}, revision=1)
    assert "somebody else changed this claim" in text
    assert page.now().charge_cents == 32_000


def test_notes_and_tasks(page: Page) -> None:
    page.post("note/", text="called; <b>on hold</b>")
    page.post("task/", kind="follow_up", title="call again", owner=page.one.user.pk, due_on="2026-12-01")
    page.post("task/", 422, kind="nonsense", title="call again")
    with within(page.one.practice.pk):
        task = Task.objects.get()
        assert Note.objects.get().by == page.one.user
    page.post(f"task/{task.pk}/done/", outcome="paid")
    text = page.client.get(page.at).content.decode()
    assert "&lt;b&gt;on hold&lt;/b&gt;" in text
    assert "<del>call again</del>" in text


def sent(page: Page, control: str) -> None:
    with within(page.one.practice.pk):
        page.claim.versions.update(closed_at=timezone.now())
        Claim.objects.update(state=ClaimState.ACCEPTED, payer_control=control)


def test_a_correction_carries_the_payers_number(page: Page) -> None:
    sent(page, "ICN9")
    assert "payer's number: ICN9" in page.client.get(page.at).content.decode()
    page.post("correct/")
    assert "replacement of ICN9" in page.client.get(page.at).content.decode()


def test_without_the_payers_number_it_says_what_to_do(page: Page) -> None:
    sent(page, "")
    assert "ask the payer for it" in page.post("correct/", 422)


def test_a_clinician_reads_and_does_not_change(page: Page) -> None:
    user = make_user(page.one.practice, "Casey Clinician", "clinician")
    page.client = signed_in(user)
    assert "Fix: drop" not in page.client.get(page.at).content.decode()
    page.post(f"fix/{page.finding()}/", 403)
    page.post("note/", text="the record shows three muscles")


def test_a_claim_of_another_practice_is_not_there(page: Page) -> None:
    other = make_practice("Theirs")
    client = signed_in(other.user)
    for answer in (
        client.get(page.at),
        client.post(f"{page.at}fix/{page.finding()}/", {"revision": 1}),
        client.post(f"{page.at}note/", {"text": "x"}),
        client.post(f"{page.at}task/", {"kind": "other", "title": "x"}),
    ):
        assert answer.status_code in (404, 422)
        assert "SAMPLE" not in answer.content.decode()
    assert page.now().revision == 1
    with within(page.one.practice.pk):
        assert not Note.objects.exists()
        assert not Task.objects.exists()


def test_nobody_sees_it_without_signing_in(page: Page) -> None:
    assert stranger().get(page.at).status_code == 302
