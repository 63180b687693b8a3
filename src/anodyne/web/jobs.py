"""What is done in the background.

A job knows keys alone, and acts in one practice, for one person or the program itself.  Each can be killed at
any point and done again: what it does has the effect of once.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from django.db import close_old_connections, transaction
from procrastinate import App, BaseRetryStrategy, Blueprint, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.tasks import Task

from anodyne.app.practice import handing
from anodyne.app.practice.checking import AT_ONCE
from anodyne.app.practice.checking import recheck as recheck_claims
from anodyne.app.practice.rounds import practices, today
from anodyne.kernel.errors import AnodyneError, NotExchanged
from anodyne.store.scope import within

FIRST_REST: Final = 30
LONGEST_REST: Final = 3_600
"""Seconds until something is tried again: each time twice as long, at most an hour."""
MOST_TRIES: Final = 30
STALLED_SECONDS: Final = 60
"""After so long without a sign of life the jobs of a worker are taken up by others."""
EVERY_MINUTE: Final = "* * * * *"
EVERY_FIVE: Final = "*/5 * * * *"
EVERY_TEN: Final = "*/10 * * * *"

work: Final = Blueprint()


class WhereItMayHelp(BaseRetryStrategy):
    """Tries again what may succeed without anything being mended, with growing rests.

    What a person has to mend first waits for them: its reason stands where they see it.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """When to try again; None for never."""
        hopeless = isinstance(exception, AnodyneError) and not (
            isinstance(exception, NotExchanged) and exception.again
        )
        if hopeless or job.attempts >= MOST_TRIES:
            return None
        rest = min(FIRST_REST * 2 ** min(job.attempts, 16), LONGEST_REST)
        return RetryDecision(retry_in={"seconds": rest})


@work.task(name="hand_over", retry=WhereItMayHelp())
def hand_over(practice: int, user: int | None, submission: int) -> None:
    """Leave the file of a released submission with its clearinghouse."""
    handing.hand_over(practice, user, submission)


@work.task(name="pick_up", retry=WhereItMayHelp())
def pick_up(practice: int, user: int | None, clearinghouse: int) -> None:
    """Take what lies in a clearinghouse's mailbox, and work it."""
    handing.pick_up(practice, user, clearinghouse, as_of=today(practice))


@work.task(name="recheck", retry=WhereItMayHelp())
def recheck(practice: int, user: int | None, claims: Sequence[int]) -> None:
    """Judge claims again, many at a time."""
    as_of = today(practice)
    for start in range(0, len(claims), AT_ONCE):
        with within(practice, user):
            recheck_claims(claims[start : start + AT_ONCE], as_of=as_of)


@work.periodic(cron=EVERY_FIVE)
@work.task(name="hand_over_all", queueing_lock="hand_over_all", pass_context=False)
def hand_over_all(timestamp: int) -> None:
    """See that every released file is on its way, also where the job of it was lost."""
    del timestamp
    close_old_connections()
    for practice in practices():
        for submission in handing.to_hand_over(practice):
            soon(hand_over, f"hand_over:{submission}", practice=practice, user=None, submission=submission)


@work.periodic(cron=EVERY_TEN)
@work.task(name="pick_up_all", queueing_lock="pick_up_all", pass_context=False)
def pick_up_all(timestamp: int) -> None:
    """Look into the mailbox of every clearinghouse."""
    del timestamp
    _pick_up(handing.to_pick_up)


@work.periodic(cron=EVERY_MINUTE)
@work.task(name="pick_up_near", queueing_lock="pick_up_near", pass_context=False)
def pick_up_near(timestamp: int) -> None:
    """Look into the mailboxes that are folders of this machine, which costs nobody else anything."""
    del timestamp
    _pick_up(partial(handing.to_pick_up, near=True))


def _pick_up(of: Callable[[int], list[int]]) -> None:
    close_old_connections()
    for practice in practices():
        for house in of(practice):
            soon(pick_up, f"pick_up:{house}", practice=practice, user=None, clearinghouse=house)


@work.periodic(cron=EVERY_MINUTE)
@work.task(name="take_up_stalled", queueing_lock="take_up_stalled", pass_context=True)
async def take_up_stalled(context: Any, timestamp: int) -> None:  # noqa: ANN401  procrastinate's own
    """Let other workers do the jobs of one that was killed."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job)


def soon(task: Task[Any, Any, Any], lock: str, **keys: Any) -> bool:  # noqa: ANN401  whatever the task takes
    """Have `task` done in the background, once the transaction is; whether it was not waiting already."""
    try:
        with transaction.atomic():
            task.configure(queueing_lock=lock).defer(**keys)
    except AlreadyEnqueued:
        return False
    return True


def at_once(task: Task[Any, Any, Any], lock: str, **keys: Any) -> None:  # noqa: ANN401  whatever the task takes
    """Have `task` done in the background now, also where it waits for a later try."""
    from procrastinate.contrib.django import app  # noqa: PLC0415  needs Django's models

    for job in app.job_manager.list_jobs(queueing_lock=lock, status="todo"):
        if job.id is not None and job.scheduled_at is not None:
            app.job_manager.cancel_job_by_id(job.id, delete_job=True)
    soon(task, lock, **keys)


def ready(app: App) -> None:
    """Tell the queue of the jobs; called once Django knows its models."""
    app.add_tasks_from(work, namespace="practice")
