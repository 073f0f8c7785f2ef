"""Chromium for tests: a served app, a page that tells on itself, pictures, and the accessibility check.

Needs Debian's ``chromium``; without it these tests are skipped with that reason (in CI they fail).
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import waitress
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress import wasyncore

from tests.support.client import PASSWORD

DESK, PHONE = (1440, 900), (390, 844)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = Axe()
CHECK = """async (options) => {
  const { violations } = await axe.run(options);
  return [violations, document.documentElement.scrollWidth - document.documentElement.clientWidth];
}"""
expect.set_options(timeout=20_000)  # milliseconds: how long a page may take on a busy machine is no claim of a journey
UNUSED = (  # what Playwright leaves out itself, and pages that every window would otherwise keep ready for typing an address
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable", "LensOverlay",
    "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
    "PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
)
QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--no-sandbox", f"--disable-features={','.join(UNUSED)}",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that opens a window is marked ``browser``."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the app on a free port of this machine for the length of a block; gives its address."""
    sockets: dict[int, object] = {}
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4, map=sockets)
    is_over = threading.Event()

    def serve() -> None:
        while not is_over.is_set():
            wasyncore.loop(timeout=0.05, map=sockets, count=1)

    thread = threading.Thread(target=serve, name="served")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        is_over.set()
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the dealership is served."""
    with served(app) as url:
        yield url


@pytest.fixture
def toy_address(toy_app: Flask) -> Iterator[str]:
    """Where the library is served."""
    with served(toy_app) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def make_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open windows of separate people: ``make_page(PHONE, locale="en-US")``.

    At the end no window may have had a script error, a breach of the content policy, or a request
    to anywhere but this machine.
    """
    contexts, complaints = [], []

    def make(size: tuple[int, int] = DESK, locale: str = "zh-CN") -> Page:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, timezone_id="Asia/Shanghai", is_mobile=size[0] < 600,
            has_touch=size[0] < 600, accept_downloads=True, reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        page.on("console", lambda message: "Content Security Policy" in message.text and complaints.append(message.text))
        page.on("request", lambda request: _is_local(request.url) or complaints.append(f"request to {request.url}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(make_page: Callable[..., Page]) -> Page:
    """A window at a desk."""
    return make_page()


@pytest.fixture
def photograph() -> Callable[[Page, str], None]:
    """Take a picture of the whole page, ``photograph(page, "home")``, for whoever names a folder in ``AFTERCARE_PICTURES``."""
    folder = os.environ.get("AFTERCARE_PICTURES")

    def take(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{page.viewport_size['width']}.png", full_page=True, animations="disabled")

    return take


def enter(page: Page, address: str, login: str, password: str = PASSWORD) -> Page:
    """Sign in by the login page."""
    page.goto(f"{address}/login")
    page.fill("[name=login]", login)
    page.fill("[name=password]", password)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def assert_accessible(page: Page) -> None:
    """Axe finds nothing against WCAG 2.2 AA, and the page does not scroll sideways."""
    if not page.evaluate("window.axe !== undefined"):
        page.evaluate(AXE.axe_script)
    breaches, too_wide = page.evaluate(CHECK, {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    found = [
        f"{breach['id']} ({breach['impact']}): {breach['help']}\n" + "\n".join(f"    {node['html'][:300]}" for node in breach["nodes"][:5])
        for breach in breaches
    ]

    assert not found, f"{page.url}\n" + "\n".join(found)
    assert too_wide <= 0, f"{page.url} is {too_wide} pixels wider than the window"


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))
