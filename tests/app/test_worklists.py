"""Which claims a worklist shows, in which order, page by page; and what is done with many at once."""

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anodyne.app.practice import worklists
from anodyne.app.practice.worklists import Wanted
from anodyne.kernel.errors import BadRequest
from anodyne.store.models import Claim, ClaimState, Finding, Patient, Task, TaskKind
from anodyne.store.scope import within
from tests.practice import DAY, Small, make_practice, make_user

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def one(database: object) -> Iterator[Small]:
    del database
    small = make_practice()
    with within(small.practice.pk, small.user.pk):
        yield small


def ids(wanted: Wanted, size: int = 50) -> list[str]:
    return [row.claim.claim_id for row in worklists.page(wanted, size=size).rows]


def test_each_filter_leaves_what_fits(one: Small) -> None:
    one.claim("A1", ClaimState.HELD, worst="deny", charge_cents=100, owner=one.user, file_by=DAY)
    one.claim("A2", ClaimState.READY, charge_cents=200, follow_up_on=DAY)
    one.claim("A3", ClaimState.PAID, charge_cents=300, served_on=DAY - dt.timedelta(9))
    cases = {
        Wanted(states=("held",)): ["A1"],
        Wanted(states=("held", "ready")): ["A2", "A1"],
        Wanted(outcome="deny"): ["A1"],
        Wanted(outcome="clean"): ["A2", "A3"],
        Wanted(owner=one.user.pk): ["A1"],
        Wanted(owner=worklists.NOBODY): ["A2", "A3"],
        Wanted(payer=one.payer.pk): ["A2", "A1", "A3"],
        Wanted(payer=one.payer.pk + 1): [],
        Wanted(served_to=DAY - dt.timedelta(1)): ["A3"],
        Wanted(served_from=DAY): ["A2", "A1"],
        Wanted(least_cents=200): ["A2", "A3"],
        Wanted(most_cents=199): ["A1"],
        Wanted(follow_up_to=DAY): ["A2"],
        Wanted(follow_up_to=DAY - dt.timedelta(1)): [],
        Wanted(file_to=DAY): ["A1"],
        Wanted(sort="charge", descending=False): ["A1", "A2", "A3"],
        Wanted(sort="deadline"): ["A1"],
        Wanted(clearinghouse=worklists.PAPER): [],
    }
    assert {wanted: ids(wanted) for wanted in cases} == cases


def test_a_rule_leaves_claims_with_a_finding_of_it_that_stands(one: Small) -> None:
    held, waived = one.claim("A1", ClaimState.HELD), one.claim("A2", ClaimState.HELD)
    one.claim("A3", ClaimState.HELD)
    for claim in (held, waived):
        finding = Finding.objects.create(
            version=claim.versions.get(), rule="INJ-01", rule_key="INJ-01", outcome="deny", message="told"
        )
    waiver = waived.waivers.create(rule="INJ-01", reason="told", by=one.user)
    finding.waiver = waiver
    finding.save()
    assert ids(Wanted(rule="INJ-01")) == ["A1"]
    assert worklists.page(Wanted(rule="INJ-01")).rows[0].rules == ("INJ-01",)
    assert ids(Wanted(rule="INJ-02")) == []


@pytest.mark.parametrize("sort", worklists.SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_one_after_the_other_are_the_whole_list_there_and_back(
    one: Small, sort: str, descending: bool
) -> None:
    for at in range(23):
        one.claim(
            f"A{at}", ClaimState.values[at % 3], served_on=DAY - dt.timedelta(at % 4), charge_cents=at % 5,
            at_risk_cents=at % 2, file_by=DAY + dt.timedelta(at % 3) if at % 4 else None,
            follow_up_on=DAY if at % 5 else None,
        )  # fmt: skip
    wanted = Wanted(sort=sort, descending=descending)
    whole = [row.claim.pk for row in worklists.page(wanted, size=100).rows]
    assert len(set(whole)) == len(whole) > 0
    seen, place, last = [], None, None
    while True:
        part = worklists.page(wanted, after=place, size=4)
        seen += [row.claim.pk for row in part.rows]
        if part.after is None:
            last = part
            break
        place = part.after
    assert seen == whole
    back = [row.claim.pk for row in last.rows]
    while last.before is not None:
        last = worklists.page(wanted, before=last.before, size=4)
        back = [row.claim.pk for row in last.rows] + back
    assert back == whole


def test_a_place_that_is_none_is_told(one: Small) -> None:
    del one
    for told in ("", "x", "2026-11-17", "~", "2026-13-01~1", "1~2"):
        with pytest.raises(BadRequest, match="no place"):
            worklists.page(Wanted(), after=told)


def test_counts_are_by_state_and_stop_at_a_bound(one: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    for at in range(4):
        one.claim(f"A{at}", ClaimState.HELD)
    one.claim("B", ClaimState.PAID)
    found = worklists.counts(Wanted(states=("held",)))
    assert (found.by_state["held"], found.by_state["paid"], found.wanted) == (4, 1, 4)
    monkeypatch.setattr(worklists, "MOST_COUNTED", 2)
    assert worklists.counts(Wanted()).by_state["held"] == 3


@pytest.mark.parametrize(
    ("text", "patients", "claims"),
    [
        ("sample", 1, 0), ("SAMPLE, ALEX", 1, 0), ("sam al", 1, 0), ("sample, zoe", 0, 0), ("P1", 1, 0),
        ("lh10", 0, 2), ("LH1008", 0, 1), ("ctl-9", 0, 1), ("van der", 1, 0), ("van der meer", 1, 0),
        ("nothing", None, 0), ("  ", None, 0), ("%", None, 0),
    ],
)  # fmt: skip
def test_a_text_finds_claims_and_patients(one: Small, text: str, patients: int | None, claims: int) -> None:
    one.claim("LH1008")
    one.claim("LH1009", payer_control="CTL-9")
    Patient.objects.create(number="P2", last="Van Der Meer", first="Jo", birth_date=DAY, sex="U")
    found = worklists.looked_for(text)
    if found is None:
        assert not patients
    else:
        assert (len(found.patients), len(found.claims)) == (patients, claims)


def test_claims_are_given_to_somebody_and_taken_back(one: Small) -> None:
    first, second = one.claim("A1"), one.claim("A2", owner=one.user)
    changed = worklists.assign([first.pk, second.pk], one.user.pk)
    assert changed.claims == 1
    first.refresh_from_db()
    assert (first.owner_id, first.revision) == (one.user.pk, 2)
    assert worklists.take_back(changed) == 1
    first.refresh_from_db()
    assert (first.owner_id, first.revision) == (None, 3)
    assert worklists.take_back(changed) == 0


def test_what_somebody_changed_since_is_not_taken_back(one: Small) -> None:
    claim = one.claim("A1")
    changed = worklists.follow_up([claim.pk], DAY)
    worklists.follow_up([claim.pk], DAY + dt.timedelta(1))
    assert worklists.take_back(changed) == 0
    claim.refresh_from_db()
    assert claim.follow_up_on == DAY + dt.timedelta(1)


def test_nobody_of_another_practice_is_given_a_claim(one: Small) -> None:
    stranger = make_user(make_practice("Theirs").practice, "Sam Stranger")
    claim = one.claim("A1")
    with pytest.raises(BadRequest, match="does not work here"):
        worklists.assign([claim.pk], stranger.pk)


def test_claims_of_another_practice_are_not_changed(one: Small) -> None:
    theirs = make_practice("Theirs")
    with within(theirs.practice.pk):
        claim = theirs.claim("A1")
    assert worklists.follow_up([claim.pk], DAY).claims == 0
    with within(one.practice.pk, one.user.pk):
        tasks = worklists.add_tasks([claim.pk], kind=TaskKind.OTHER, title="x", due_on=None, owner=None)
    assert tasks.claims == 0


def test_tasks_carry_what_is_at_stake_and_are_taken_back(one: Small) -> None:
    claim = one.claim("A1")
    changed = worklists.add_tasks(
        [claim.pk], kind=TaskKind.APPEAL, title="appeal", due_on=DAY, owner=one.user.pk
    )
    assert Task.objects.get().stake_cents == claim.charge_cents
    assert worklists.take_back(changed) == 1
    assert not Task.objects.exists()


def test_more_than_is_done_at_once_is_refused(one: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = [one.claim(f"A{at}").pk for at in range(3)]
    assert len(worklists.keys_of(Wanted(), most=3)) == 3
    with pytest.raises(BadRequest, match="more than 2"):
        worklists.keys_of(Wanted(), most=2)
    monkeypatch.setattr(worklists, "MOST_RECHECKED", 2)
    with pytest.raises(BadRequest, match="more than 2"):
        worklists.check_again(claims, as_of=DAY)


def test_filters_are_kept_shared_written_over_and_dropped(one: Small) -> None:
    other = make_user(one.practice, "Sam Second")
    mine = worklists.keep(one.user.pk, "held", {"state": ["held"]}, shared=False)
    worklists.keep(other.pk, "all of us", {}, shared=True)
    worklists.keep(other.pk, "theirs alone", {}, shared=False)
    worklists.keep(one.user.pk, "held", {"state": ["ready"]}, shared=False)
    assert [(row.name, row.query) for row in worklists.saved(one.user.pk)] == [
        ("held", {"state": ["ready"]}), ("all of us", {}),
    ]  # fmt: skip
    assert not worklists.drop(other.pk, mine.pk)
    assert worklists.drop(one.user.pk, mine.pk)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=12))
def test_no_text_breaks_the_search(one: Small, text: str) -> None:
    del one
    worklists.looked_for(text)
    assert Claim.objects.count() >= 0
