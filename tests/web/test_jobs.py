"""Jobs: files handed over in the background, tried again, and taken up when a worker was killed."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.jobs import Job
from procrastinate.tasks import Task

from anodyne.app.practice import handing
from anodyne.app.practice.handing import BEGUN, to_pick_up
from anodyne.app.practice.sending import batch, release
from anodyne.kernel.errors import NameTaken, Unreachable
from anodyne.store.models import Claim, ClaimState, Clearinghouse, Submission
from anodyne.store.scope import within
from anodyne.web import jobs, worker
from tests.app.practice.test_handing import run
from tests.database import Database
from tests.outward import AS_OF, MADE_AT, make_sending
from tests.practice import Small, make_practice

pytestmark = pytest.mark.usefixtures("database")


def released(one: Small) -> int:
    with within(one.practice.pk, one.user.pk):
        (made,) = batch(as_of=AS_OF, made_at=MADE_AT, user=one.user.pk).submissions
        release(made.pk, as_of=AS_OF)
    return made.pk


def later(one: Small, submission: int) -> bool:
    keys = {"practice": one.practice.pk, "user": one.user.pk, "submission": submission}
    return jobs.soon(jobs.hand_over, f"hand_over:{submission}", **keys)


def jobs_of(status: str, name: str = "hand_over") -> list[Job]:
    """Jobs of one task; the periodic ones come when their minute does."""
    found = app.job_manager.list_jobs(status=status)
    return [job for job in found if job.task_name == f"practice:{name}"]


def by_clock(task: Task[Any, Any, Any]) -> None:
    """Have a periodic job done, beside what its own minute brings."""
    assert jobs.soon(task, f"of the test: {task.name}", timestamp=0)


def waiting() -> list[Job]:
    return jobs_of("todo")


def state(one: Small) -> str:
    with within(one.practice.pk):
        return Submission.objects.get().state


def test_a_job_hands_over_and_knows_keys_alone(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)
    assert later(one, key)
    assert not later(one, key)
    (job,) = waiting()
    told = job.task_kwargs if isinstance(job.task_kwargs, dict) else json.loads(job.task_kwargs)
    assert told == {"practice": one.practice.pk, "user": one.user.pk, "submission": key}
    worker.run(app, wait=False)
    assert state(one) == "handed_over"
    assert waiting() == []


def test_a_job_is_no_job_where_its_transaction_fails(tmp_path: Path) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)

    def fail() -> None:
        with within(one.practice.pk, one.user.pk):
            assert later(one, key)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert waiting() == []


def test_an_outage_is_tried_again_later_and_longer() -> None:
    outage = Unreachable("the server does not answer", where="sftp://made-up", fix="Try again later.")
    taken = NameTaken("another file lies there", where="sftp://made-up", fix="Look.")
    strategy = jobs.WhereItMayHelp()

    def tried(error: Exception, attempts: int) -> object:
        job = Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="hand_over", attempts=attempts)
        return strategy.get_retry_decision(exception=error, job=job)

    assert tried(outage, 0) is not None
    assert tried(OSError(), 3) is not None
    assert tried(outage, jobs.MOST_TRIES) is None
    assert tried(taken, 0) is None


def test_a_payer_outage_leaves_the_job_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)

    def down(*_: object) -> None:
        raise Unreachable("the server does not answer", where="sftp://made-up", fix="Try again later.")

    monkeypatch.setattr(handing, "hand_over", down)
    later(one, key)
    worker.run(app, wait=False)
    (job,) = waiting()
    assert job.attempts == 1
    assert job.scheduled_at is not None
    assert state(one) == "released"


def test_what_waits_for_a_later_try_is_done_now_where_somebody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    key = released(one)
    (tmp_path / "outbound").rename(tmp_path / "gone")
    monkeypatch.setattr(jobs, "FIRST_REST", 600)
    later(one, key)
    worker.run(app, wait=False)
    (tmp_path / "gone").rename(tmp_path / "outbound")
    worker.run(app, wait=False)
    assert state(one) == "released"
    keys = {"practice": one.practice.pk, "user": one.user.pk, "submission": key}
    for _ in range(2):
        jobs.at_once(jobs.hand_over, f"hand_over:{key}", **keys)
    assert len(waiting()) == 1
    worker.run(app, wait=False)
    assert state(one) == "handed_over"
    assert waiting() == []


def test_folders_of_this_machine_are_looked_into_each_minute_and_servers_are_not(tmp_path: Path) -> None:
    one, house, _ = make_sending(tmp_path, "A1")
    assert to_pick_up(one.practice.pk, near=True) == [house.pk]
    with within(one.practice.pk):
        Clearinghouse.objects.update(carrier="sftp")
    assert to_pick_up(one.practice.pk, near=True) == []
    assert to_pick_up(one.practice.pk) == [house.pk]


KILLED = """
    import os, signal
    import django
    django.setup()
    from procrastinate.contrib.django import app
    from anodyne.app.practice import handing
    from anodyne.web import worker
    left = handing.left_here
    handing.left_here = lambda made: os.kill(os.getpid(), signal.SIGKILL)
    worker.run(app, wait=False)
"""


def test_the_job_of_a_worker_that_was_killed_is_taken_up_and_has_the_effect_of_once(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _, _ = make_sending(tmp_path, "A1")
    later(one, released(one))
    assert run(database, KILLED, home=tmp_path) == -signal.SIGKILL
    with within(one.practice.pk):
        assert Submission.objects.get().problem == BEGUN
    assert len(jobs_of("doing")) == 1
    (file,) = (tmp_path / "outbound").iterdir()
    before = file.stat().st_mtime_ns
    monkeypatch.setattr(jobs, "STALLED_SECONDS", 0)
    by_clock(jobs.take_up_stalled)
    worker.run(app, wait=False)
    worker.run(app, wait=False)
    assert state(one) == "handed_over"
    (file,) = (tmp_path / "outbound").iterdir()
    assert file.stat().st_mtime_ns == before
    with within(one.practice.pk):
        assert Claim.objects.get().state == ClaimState.SENT


def test_rounds_go_through_all_practices_and_mix_none(tmp_path: Path) -> None:
    ours, _, _ = make_sending(tmp_path / "ours", "A1")
    make_practice("Idle")
    released(ours)
    by_clock(jobs.hand_over_all)
    by_clock(jobs.pick_up_all)
    worker.run(app, wait=False)
    worker.run(app, wait=False)
    assert state(ours) == "handed_over"
    assert waiting() == []
