"""The served demo once a session; a window per person and screen; what a page must never do."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.served import Served, launch, served, signed_in
from tests.servers import chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _fast() -> None:
    """Nothing to speed up here: the pages come from another process."""


@pytest.fixture(scope="session")
def site() -> Iterator[Served]:
    if chromium() is None:
        pytest.skip("没有 Chromium")
    with served() as found:
        yield found


@pytest.fixture(scope="session")
def browser(site: Served) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()


class Watched:
    """What a page said, asked elsewhere, or failed at; empty is well."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.faults: list[str] = []
        self.base = base
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        self.forgives_offline = False
        self.forgives_status = 0

    def _console(self, message: Any) -> None:
        forgiven = self.forgives_offline or f"status of {self.forgives_status}" in message.text
        if message.type in {"error", "warning"} and not forgiven:
            self.faults.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.faults.append(f"elsewhere: {request.url}")

    def _failed(self, request: Any) -> None:
        if not self.forgives_offline and request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed: {request.url} {request.failure}")


Opened = Callable[..., Page]


@pytest.fixture
def window(browser: Browser, site: Served) -> Iterator[Opened]:
    """Opens a page as somebody: ``window("secretary", screen="desk", …)``.

    ``page.watched`` tells what went wrong on it; anything there fails the test.
    """
    contexts: list[BrowserContext] = []
    watched: list[Watched] = []

    def opened(role: str, *, screen: str = "phone", **more: Any) -> Page:
        context = signed_in(browser, site, role, screen=screen, **more)
        contexts.append(context)
        seen = Watched(context, site.base)
        watched.append(seen)
        page = context.new_page()
        page.watched = seen  # type: ignore[attr-defined]
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [fault for seen in watched for fault in seen.faults] == []
