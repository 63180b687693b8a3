"""A small made-up practice on an ordinary morning, with a made-up clearinghouse, and what its tests share."""

import datetime as dt
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.db import connections
from playwright.sync_api import Page, expect
from procrastinate.contrib.django import app

from anodyne.app.practice.checking import recheck
from anodyne.store.models import (
    Claim,
    Clearinghouse,
    Line,
    Patient,
    Payer,
    Role,
    Task,
    TaskKind,
    User,
)
from anodyne.store.scope import within
from anodyne.web import clearinghouse, jobs, worker
from tests.faces.browser import faults
from tests.outward import make_house
from tests.practice import Small, make_practice, make_user
from tests.web.test_jobs import by_clock

SHOTS = os.environ.get("ANODYNE_SHOTS")
"""A folder in which pictures of the pages are kept."""
P = ParamSpec("P")
T = TypeVar("T")
Services = Sequence[tuple[str, int, int]]
"""Of each its code, units and charge in cents."""


def aside(do: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """What `do` gives, in a thread of its own: in the browser's an event loop runs; Django refuses it."""

    def alone() -> T:
        try:
            return do(*args, **more)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(alone).result()


def seen(tab: Page, name: str) -> None:
    """Keep a picture of the page, which everybody can read."""
    if SHOTS:
        # The caret as it is: to hide it writes styles, which the page forbids once htmx takes them over.
        tab.screenshot(path=Path(SHOTS) / f"morning-{name}.png", full_page=True, caret="initial")
    found = faults(tab)
    assert not found, (name, found)


def press(tab: Page, *keys: str) -> None:
    for key in keys:
        tab.keyboard.press(key)


def walk_to(tab: Page, words: str) -> None:
    """Go down the rows with `j` until one that says `words` has the focus."""
    before = None
    for _ in range(60):
        press(tab, "j")
        now = tab.evaluate("document.activeElement.closest('tr')?.textContent ?? ''")
        if words in now:
            return
        assert now != before, f"no row says {words!r}"
        before = now
    raise AssertionError(f"no row says {words!r}")


@dataclass
class Morning:
    """The practice, its people by their roles, and the folders of its clearinghouse."""

    one: Small
    house: Clearinghouse
    root: Path
    people: dict[str, User]

    @property
    def practice(self) -> int:
        return self.one.practice.pk

    def claim(self, claim_id: str) -> Claim:
        with within(self.practice):
            return Claim.objects.get(claim_id=claim_id)

    def state(self, claim_id: str) -> str:
        return aside(self.claim, claim_id).state

    def work(self) -> None:
        """Let the job worker do what is waiting."""
        aside(worker.run, app, wait=False)

    def answer(self) -> list[str]:
        """Let the clearinghouse answer, and the jobs look for it as they do each minute."""
        written = clearinghouse.look(self.root.parent, {}, now=time.time())
        aside(by_clock, jobs.pick_up_near)
        self.work()
        self.work()
        return written

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.root / "outbound").iterdir())


def make_morning(folder: Path) -> Morning:
    """Three claims that are held for different reasons, two that are ready, and somebody for each role."""
    one = make_practice(time_zone="UTC")
    root = folder / str(one.practice.pk)
    house = make_house(one, root)
    people = {Role.BILLER.value: one.user} | {
        role: make_user(one.practice, name, role)
        for role, name in (
            (Role.CODER.value, "Cory Coder"),
            (Role.CLINICIAN.value, "Casey Clinician"),
            (Role.MANAGER.value, "Max Manager"),
            (Role.ADMINISTRATOR.value, "Ada Admin"),
        )
    }
    today = dt.datetime.now(dt.UTC).date()
    with within(one.practice.pk, one.user.pk):
        other = Payer.objects.create(
            name="BUCKEYE HEALTH PLAN", payer_id="32004", filing="CI", clearinghouse=house
        )
        trigger = ("20553", 1, 17_500)
        claims = [
            _claim(one, "M1", [trigger, ("20552", 1, 14_000)], "M7918", today),
            _claim(one, "M2", [trigger], "M7918", today),
            _claim(one, "M3", [("62323", 1, 62_500)], "M545", today),
            _claim(one, "M4", [("99214", 1, 20_000), trigger], "M7918", today),
            _claim(one, "M5", [trigger], "M7918", today, payer=other),
        ]
        recheck([claim.pk for claim in claims], as_of=today)
        Task.objects.create(
            kind=TaskKind.QUESTION, title="Was the visit of M4 separate?", claim=claims[3], due_on=today,
            owner=people[Role.CLINICIAN.value], stake_cents=20_000,
        )  # fmt: skip
    return Morning(one, house, root, people)


def _claim(
    one: Small, claim_id: str, services: Services, diagnosis: str, today: dt.date, **more: Any
) -> Claim:
    """A claim of a patient of its own, twelve days old."""
    day, cents = today - dt.timedelta(12), sum(service[2] for service in services)
    patient = Patient.objects.create(
        number=f"P-{claim_id}", last=f"SAMPLE {claim_id}", first="ALEX", birth_date=dt.date(1950, 4, 2),
        sex="F", street="1 MADE UP ST", city="CLEVELAND", state="OH", zip="441140001",
    )  # fmt: skip
    claim = one.claim(claim_id, patient=patient, served_on=day, served_to=day, charge_cents=cents, **more)
    version = claim.versions.get()
    version.lines.all().delete()
    payer = claim.payer
    version.facts |= {
        "charge_cents": cents, "dx1": diagnosis, "payer_id": payer.payer_id, "payer_name": payer.name,
        "filing": payer.filing,
    }  # fmt: skip
    version.save()
    for number, (code, units, charge) in enumerate(services, 1):
        Line.objects.create(
            version=version, line=number, code=code, units=units, unit_basis="UN", charge_cents=charge,
            served_on=day, served_to=day, dx_pointers="1", facts={"code_system": "HC"},
        )  # fmt: skip
    return claim


def shows(tab: Page, state: str) -> None:
    """The claim that is open stands so."""
    expect(tab.locator("#claim .head .state").first).to_have_text(state)
