"""The practice's pages served on this machine and seen in a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect, sync_playwright
from waitress import create_server

from anodyne.store.models import User
from anodyne.web.wsgi import application
from tests.faces.browser import CHROMIUM, QUIET
from tests.practice import PASSWORD

QUIET_FAILURES = (
    "status of 422",
    "status of 404",
    "status of 403",
    "status of 400",
    "status of 429",
    "[DOM] Password forms should have",
)
"""What a browser says on its console of pages that are meant to refuse."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the running server."""
    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@contextmanager
def browsing(
    address: str, *, scheme: Literal["light", "dark"] = "light", width: int = 1280, height: int = 800
) -> Iterator[Page]:
    """A tab; what it says on the console, or asks of another server, fails the test."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, base_url=address
        )
        tab = context.new_page()
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on(
            "request",
            lambda request: None if request.url.startswith((address, "data:")) else said.append(request.url),
        )
        yield tab
        browser.close()
    loud = [text for text in said if not any(quiet in text for quiet in QUIET_FAILURES)]
    assert not loud, loud


def sign_in(tab: Page, user: User) -> None:
    """Sign in with the password, by the keyboard alone."""
    tab.goto("/accounts/login/")
    expect(tab.get_by_label("Email")).to_be_focused()
    tab.keyboard.type(user.email)
    tab.keyboard.press("Tab")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    tab.wait_for_url(lambda url: urlsplit(url).path == "/")
