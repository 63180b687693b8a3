"""Pages seen in a real browser: Debian's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium on this machine: `apt-get install chromium`, or CHROMIUM=/path/to/it",
)


@contextmanager
def opened(page: Path) -> Iterator[Page]:
    """`page` in the browser; whatever it says on the console or asks of a network fails the test."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        tab = browser.new_page(viewport={"width": 1280, "height": 1000})
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on(
            "request", lambda request: None if request.url.startswith("file:") else said.append(request.url)
        )
        tab.goto(page.as_uri())
        yield tab
        browser.close()
    assert said == []


def faults(tab: Page) -> list[str]:
    """What axe finds wrong with the page for people who see, hear or point otherwise."""
    return [fault["id"] for fault in Axe().run(tab).response["violations"]]
