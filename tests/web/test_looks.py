"""Each page, light and dark, as a browser shows it; ANODYNE_SHOTS=folder keeps pictures of them."""

import datetime as dt
import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page

from anodyne.store.models import User
from anodyne.store.scope import within
from tests.faces.browser import faults, needs_chromium
from tests.practice import make_practice, make_user
from tests.web.busy import fill
from tests.web.live import browsing, served, sign_in

pytestmark = [needs_chromium, pytest.mark.usefixtures("database")]

SHOTS = os.environ.get("ANODYNE_SHOTS")
PAGES = {
    "today": "/", "claims": "/claims/", "held": "/claims/?state=held&sort=risk", "find": "/find",
    "none": "/claims/?rule=NONE-1", "people": "/people", "help": "/help", "mfa": "/accounts/2fa/",
    "practices": "/practices", "password": "/accounts/password/change/", "missing": "/nothing",
    "reauth": "/accounts/reauthenticate/", "unread": "/claims/?served_from=x", "logout": "/accounts/logout/",
}  # fmt: skip


@pytest.fixture
def admin() -> User:
    one = make_practice(time_zone="UTC")
    user = make_user(one.practice, "Ada Okafor", "administrator")
    with within(one.practice.pk, user.pk):
        fill(one, 160, today=dt.datetime.now(dt.UTC).date(), owners=(one.user, user))
    return user


def keep(tab: Page, name: str) -> None:
    if SHOTS:
        tab.screenshot(path=Path(SHOTS) / f"{name}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_read_by_everybody(admin: User, scheme: Literal["light", "dark"]) -> None:
    found = {}
    with served() as address, browsing(address, scheme=scheme, width=1366, height=860) as tab:
        tab.goto("/accounts/login/")
        keep(tab, f"login-{scheme}")
        found["login"] = faults(tab)
        sign_in(tab, admin)
        for name, page in PAGES.items():
            tab.goto(page)
            assert "/login/" not in tab.url
            keep(tab, f"{name}-{scheme}")
            found[name] = faults(tab)
            assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        tab.goto(PAGES["held"])
        for key in "jjxjx":
            tab.keyboard.press(key)
        keep(tab, f"chosen-{scheme}")
        found["chosen"] = faults(tab)
        tab.keyboard.press("?")
        keep(tab, f"keys-{scheme}")
        found["keys"] = faults(tab)
    assert {name: ids for name, ids in found.items() if ids} == {}
