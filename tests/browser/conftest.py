"""A real browser: the system's Chromium, driven by Playwright."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.journeys.product import Product

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
QUIET = ("background-networking", "component-update", "sync", "quic")
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


def chromium() -> str | None:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(MAC) if MAC.exists() else None)


# What the browser and htmx say of a request that was refused, or that nobody answered.
OF_A_LOST_REQUEST = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("CI must prove the pages in a browser: install chromium.")
    if path is None:
        pytest.skip("NOT PROVEN: no Chromium or Chrome here, so no page was opened.")
    # Playwright's synchronous interface runs a loop, in which Django would refuse its ORM.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", *(f"--disable-{word}" for word in QUIET)]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test when a script fails or the content policy is broken."""
    yield from watched(browser, lambda said: said.type == "error")


@pytest.fixture
def refused_page(browser: Browser) -> Iterator[Page]:
    """The same, where the test itself makes the server refuse or be gone."""
    yield from watched(
        browser,
        lambda said: said.type == "error" and not said.text.startswith(OF_A_LOST_REQUEST),
    )


def watched(browser: Browser, is_wrong: Callable[[ConsoleMessage], bool]) -> Iterator[Page]:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with tempfile.TemporaryDirectory() as var, Product(Path(var)) as running:
        yield running
