"""A biller's way out in a real browser, by the keyboard: make, look, release, see it accepted."""

import contextlib
import datetime as dt
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from django.db import connections
from playwright.sync_api import Error, Page, expect
from procrastinate.contrib.django import app

from anodyne.app.practice.handing import receive
from anodyne.store.models import Claim, ClaimVersion, Submission
from anodyne.store.scope import within
from anodyne.web import worker
from tests.app.practice.test_answers import BATCH, said
from tests.denials.acknowledged import claim_file
from tests.faces.browser import faults, needs_chromium
from tests.outward import AS_OF, make_sending
from tests.practice import Small, make_user
from tests.web.live import browsing, served, sign_in

pytestmark = [needs_chromium, pytest.mark.usefixtures("database")]
SHOTS = os.environ.get("ANODYNE_SHOTS")
LATER = f"{dt.datetime.now(dt.UTC):%Y%m%d}"


def keep(tab: Page, name: str) -> None:
    if SHOTS:
        tab.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def go_to_sending(tab: Page) -> None:
    """By `g` and `s`, which must follow each other within a second and a half, as a slow machine may not."""
    expect(tab.get_by_role("link", name="Sending", exact=True)).to_be_visible()
    tab.wait_for_load_state("networkidle")
    for _ in range(5):
        tab.keyboard.type("gs")
        with contextlib.suppress(Error):
            tab.wait_for_url("**/sending/", timeout=5_000)
            break
    expect(tab.get_by_role("heading", name="Sending", exact=True)).to_be_visible()


def apart(do: Callable[..., object], *given: object, **more: object) -> None:
    """Do something in a thread of its own: the browser's loop runs in this one."""

    def work() -> None:
        try:
            do(*given, **more)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def fail(one: Small) -> None:
    """Let the handing over of what was sent have failed."""
    with within(one.practice.pk):
        assert Claim.objects.filter(state="accepted").count() == 1
        Submission.objects.update(
            problem="ANO-505 the server does not answer, or no longer (at sftp://river.example.test:22). "
            "Try again later; nothing is half done."
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_batch_leaves_by_the_keyboard_and_every_page_can_be_read(
    tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    one, house, claims = make_sending(tmp_path, *(f"A{n}" for n in range(1, 7)))
    manager = make_user(one.practice, "Max Manager", "manager")
    with within(one.practice.pk, one.user.pk):
        ClaimVersion.objects.filter(claim=claims[5]).update(checked_at=None)
    found: dict[str, list[str]] = {}

    def seen(tab: Page, name: str) -> None:
        keep(tab, f"sending-{name}-{scheme}")
        found[name] = faults(tab)
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name

    with served() as address, browsing(address, scheme=scheme, width=1280, height=860) as tab:
        sign_in(tab, manager)
        go_to_sending(tab)
        seen(tab, "ready")
        tab.wait_for_load_state("networkidle")
        tab.keyboard.press("b")
        expect(tab.get_by_role("heading", name="1 claim stays here")).to_be_visible()
        seen(tab, "left")
        tab.get_by_role("link", name="batch 000000001").click()
        expect(tab.get_by_role("heading", name="Batch 000000001")).to_be_visible()
        tab.get_by_text("Its text, a segment a line").click()
        seen(tab, "submission")
        tab.wait_for_load_state("networkidle")
        tab.keyboard.press("r")
        expect(tab.get_by_role("heading", name="Released")).to_be_visible()
        apart(worker.run, app, wait=False)
        data = claim_file(
            said("A1", control="ICN1", on=LATER), said("A2", "A3:21:85", action="U", on=LATER),
            said("ZZ9", "A3:21", action="U", on=LATER), batch=BATCH, on=LATER, received=LATER,
        )  # fmt: skip
        apart(receive, one.practice.pk, None, "answers.277", data, as_of=AS_OF)
        tab.reload()
        expect(tab.get_by_role("heading", name="Handed over")).to_be_visible()
        expect(tab.get_by_role("row", name="A1")).to_contain_text("Accepted")
        expect(tab.get_by_role("row", name="A2")).to_contain_text("Rejected")
        seen(tab, "answered")
        apart(fail, one)
        tab.goto("/sending/")
        seen(tab, "overview")
        tab.get_by_role("link", name="Say whose they are").click()
        seen(tab, "unmatched")
        tab.goto("/sending/clearinghouses")
        seen(tab, "clearinghouses")
        tab.goto(f"/sending/clearinghouses/{house.pk}")
        seen(tab, "clearinghouse")
    assert {name: what for name, what in found.items() if what} == {}
