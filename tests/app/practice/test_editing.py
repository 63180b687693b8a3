"""A claim is changed by one person at a time, judged at once, and never made dearer by a fix."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from anodyne.app.practice import editing
from anodyne.app.practice.checking import recheck
from anodyne.kernel.errors import BadFields, BadRequest, Outdated
from anodyne.store.models import Claim, ClaimState, Finding, Note, Task, Trail
from anodyne.store.scope import within
from tests.app.practice.test_checking import TODAY, both
from tests.database import Database
from tests.practice import Small, make_practice


@pytest.fixture
def one(database: Database) -> Iterator[Small]:  # noqa: ARG001  the database is empty
    small = make_practice()
    with within(small.practice.pk, small.user.pk):
        yield small


def again(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def lines(claim: Claim) -> list[Any]:
    return list(claim.versions.get(closed_at=None).lines.order_by("line"))


def fix_of(claim: Claim, rule: str = "INJ-01") -> int:
    return Finding.objects.get(version__claim=claim, rule=rule).pk


def test_a_fix_is_made_and_the_claim_is_clean(one: Small) -> None:
    claim = both(one)
    editing.accept_fix(claim.pk, 1, fix_of(claim), user=one.user, as_of=TODAY)
    claim = again(claim)
    assert [line.code for line in lines(claim)] == ["20553"]
    assert (claim.state, claim.charge_cents, claim.revision) == ("ready", 17_500, 2)
    assert claim.versions.get().facts["charge_cents"] == 17_500
    edit = claim.versions.get().edits.get()
    assert (edit.what, edit.by) == ("fix of INJ-01 accepted", one.user)
    assert len(edit.before["lines"]) == len(edit.after["lines"]) + 1


def test_undo_brings_back_what_stood(one: Small) -> None:
    claim = both(one)
    editing.accept_fix(claim.pk, 1, fix_of(claim), user=one.user, as_of=TODAY)
    editing.edit_line(claim.pk, 2, 1, {"units": 2.0}, user=one.user, as_of=TODAY)
    assert editing.undo(claim.pk, 3, as_of=TODAY) == "line 1 changed"
    assert editing.undo(claim.pk, 4, as_of=TODAY) == "fix of INJ-01 accepted"
    claim = again(claim)
    assert [(line.code, line.units) for line in lines(claim)] == [("20553", 1), ("20552", 1)]
    assert (claim.state, claim.charge_cents) == ("held", 31_500)
    with pytest.raises(BadRequest, match="nothing is left to undo"):
        editing.undo(claim.pk, 5, as_of=TODAY)


def test_who_edits_what_another_changed_is_told(one: Small) -> None:
    claim = both(one)
    editing.edit_line(claim.pk, 1, 1, {"units": 2.0}, user=one.user, as_of=TODAY)
    with pytest.raises(Outdated, match="somebody else changed"):
        editing.edit_line(claim.pk, 1, 1, {"units": 3.0}, user=one.user, as_of=TODAY)
    assert lines(claim)[0].units == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "2055"}, "code"),
        ({"code": ""}, "code"),
        ({"mod1": "2"}, "mod1"),
        ({"units": 0.0}, "units"),
        ({"units": None}, "units"),
        ({"units": 10_000.0}, "units"),
        ({"charge_cents": -1}, "charge_cents"),
        ({"charge_cents": None}, "charge_cents"),
        ({"dx_pointers": "13"}, "dx_pointers"),
        ({"dx_pointers": "1:2:3:4:5"}, "dx_pointers"),
        ({"served_on": None}, "served_on"),
        ({"served_on": dt.date(2026, 11, 17), "served_to": dt.date(2026, 11, 16)}, "served_to"),
        ({"version": 3}, "version"),
        ({"id": 3}, "id"),
    ],
)
def test_what_is_no_value_of_a_line_is_refused_in_place(
    one: Small, values: dict[str, Any], field: str
) -> None:
    claim = one.claim()
    with pytest.raises(BadFields) as refused:
        editing.edit_line(claim.pk, 1, 1, values, user=one.user, as_of=TODAY)
    assert list(refused.value.fields) == [field]


def test_a_line_is_added_changed_and_left_out(one: Small) -> None:
    claim = one.claim()
    told = {"code": "j3301", "units": 4.0, "charge_cents": 1_200, "served_on": dt.date(2026, 11, 17),
            "ndc": "00003029305", "dx_pointers": "1"}  # fmt: skip
    editing.add_line(claim.pk, 1, told, user=one.user, as_of=TODAY)
    assert [(line.line, line.code) for line in lines(claim)] == [(1, "20553"), (2, "J3301")]
    assert lines(claim)[1].facts == {"code_system": "HC", "ndc": "00003029305"}
    assert again(claim).charge_cents == 18_700
    editing.edit_line(claim.pk, 2, 2, {"ndc": "", "charge_cents": 1_000}, user=one.user, as_of=TODAY)
    assert (lines(claim)[1].facts, again(claim).charge_cents) == ({"code_system": "HC"}, 18_500)
    editing.drop_line(claim.pk, 3, 1, user=one.user, as_of=TODAY)
    with pytest.raises(BadRequest, match="one line at least"):
        editing.drop_line(claim.pk, 4, 2, user=one.user, as_of=TODAY)
    with pytest.raises(BadFields, match="is needed"):
        editing.add_line(claim.pk, 4, {"code": "J3301"}, user=one.user, as_of=TODAY)


def test_diagnoses_are_changed_without_their_dot(one: Small) -> None:
    claim = one.claim()
    editing.edit_claim(claim.pk, 1, {"dx1": "m54.16", "dx2": "G89.4"}, user=one.user, as_of=TODAY)
    facts = claim.versions.get().facts
    assert (facts["dx1"], facts["dx2"]) == ("M5416", "G894")
    editing.edit_claim(claim.pk, 2, {"dx2": ""}, user=one.user, as_of=TODAY)
    assert "dx2" not in claim.versions.get().facts
    for values in ({"dx1": "5416"}, {"member_id": "X"}, {"charge_cents": 1}):
        with pytest.raises(BadFields):
            editing.edit_claim(claim.pk, 3, values, user=one.user, as_of=TODAY)


def test_a_fix_that_would_raise_the_bill_is_not_made(one: Small) -> None:
    claim = both(one)
    found = Finding.objects.get(rule="INJ-01")
    for fix in ({"set": {"units": 2}}, {"set": {"charge_cents": 99_999}}):
        found.fix = fix
        found.save()
        with pytest.raises(BadRequest, match="would rise"):
            editing.accept_fix(claim.pk, again(claim).revision, found.pk, user=one.user, as_of=TODAY)
        claim.refresh_from_db()


def test_a_waiver_has_a_reason_a_day_to_come_and_no_power_over_the_front_door(one: Small) -> None:
    claim = both(one)
    key = fix_of(claim)
    for reason, until in (("  ", None), ("payer said so", TODAY - dt.timedelta(1))):
        with pytest.raises(BadFields):
            editing.waive(claim.pk, 1, key, reason=reason, until=until, user=one.user, as_of=TODAY)
        claim.refresh_from_db()
    editing.waive(
        claim.pk, claim.revision, key, reason="payer said so", until=TODAY, user=one.user, as_of=TODAY
    )
    claim.refresh_from_db()
    assert claim.state == ClaimState.READY
    editing.withdraw_waiver(claim.pk, claim.revision, claim.waivers.get().pk, as_of=TODAY)
    claim.refresh_from_db()
    assert claim.state == ClaimState.HELD
    found = Finding.objects.get(rule="INJ-01")
    found.outcome = "reject"
    found.save()
    with pytest.raises(BadFields, match="front door"):
        editing.waive(claim.pk, claim.revision, found.pk, reason="x", until=None, user=one.user, as_of=TODAY)


def sent(one: Small, state: str = ClaimState.ACCEPTED, control: str = "ICN77") -> Claim:
    claim = one.claim(state=state, payer_control=control)
    claim.versions.update(closed_at=timezone.now())
    return claim


def test_what_was_sent_never_changes_and_is_corrected_with_the_payers_number(one: Small) -> None:
    claim = sent(one)
    with pytest.raises(BadRequest, match="has left"):
        editing.edit_line(claim.pk, 1, 1, {"units": 2.0}, user=one.user, as_of=TODAY)
    claim = again(claim)
    editing.correct(claim.pk, claim.revision, as_of=TODAY)
    version = claim.versions.get(closed_at=None)
    assert (version.number, version.frequency, version.original_ref) == (2, "7", "ICN77")
    assert [line.code for line in version.lines.all()] == ["20553"]
    assert again(claim).state in (ClaimState.HELD, ClaimState.READY)


def test_a_void_carries_the_number_too_and_none_goes_without(one: Small) -> None:
    claim = sent(one)
    editing.void(claim.pk, 1, as_of=TODAY)
    assert claim.versions.get(closed_at=None).frequency == "8"
    claim = sent(make_claimless(one), control="")
    with pytest.raises(BadRequest, match="payer's own number"):
        editing.correct(claim.pk, 1, as_of=TODAY)


def make_claimless(one: Small) -> Small:
    """The same practice, in which the next claim has another id."""
    Claim.objects.update(claim_id="A0")
    return one


def test_only_what_was_rejected_goes_anew(one: Small) -> None:
    claim = sent(one)
    with pytest.raises(BadRequest, match="duplicate"):
        editing.send_anew(claim.pk, 1, as_of=TODAY)
    Claim.objects.update(state=ClaimState.REJECTED)
    editing.send_anew(claim.pk, again(claim).revision, as_of=TODAY)
    version = claim.versions.get(closed_at=None)
    assert (version.frequency, version.original_ref) == ("1", None)


def test_a_claim_that_has_not_left_is_not_corrected(one: Small) -> None:
    with pytest.raises(BadRequest, match="not left yet"):
        editing.correct(one.claim().pk, 1, as_of=TODAY)


def test_notes_and_tasks(one: Small) -> None:
    claim = one.claim()
    editing.add_note(claim.pk, " called the payer ", user=one.user)
    editing.add_task(claim.pk, kind="follow_up", title="call again", owner=one.user.pk, due_on=TODAY)
    task = Task.objects.get()
    editing.finish_task(claim.pk, task.pk, outcome="paid", user=one.user)
    editing.finish_task(claim.pk, task.pk, outcome="again", user=one.user)
    task.refresh_from_db()
    assert (Note.objects.get().text, task.outcome, task.done_by) == ("called the payer", "paid", one.user)
    refusals: list[Callable[[], None]] = [
        lambda: editing.add_note(claim.pk, " ", user=one.user),
        lambda: editing.add_task(claim.pk, kind="other", title="", owner=None, due_on=None),
    ]
    for refused in refusals:
        with pytest.raises(BadFields):
            refused()


def test_a_change_is_in_the_trail_with_its_author(one: Small) -> None:
    claim = one.claim()
    recheck([claim.pk], as_of=TODAY)
    editing.edit_line(claim.pk, 1, 1, {"units": 2.0}, user=one.user, as_of=TODAY)
    row = Trail.objects.filter(table="lines", action="update").latest("id")
    assert (row.user_id, row.before, row.after) == (one.user.pk, {"units": 1.0}, {"units": 2.0})
