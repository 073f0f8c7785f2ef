"""The real files through the page, with a worker as a process: sent, checked, looked through, approved, written; the counts are the command line's."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from backoffice.db import db
from models.roles import Role
from tests.factories import make_staff, make_store
from tests.journeys.test_real_files import ENCODINGS, ROWS, few
from tests.support import apps
from tests.support.browser import enter, served
from tests.support.client import PASSWORD_HASH
from tests.support.jobs import a_worker

pytestmark = [pytest.mark.browser, pytest.mark.acceptance, pytest.mark.long(100)]
PATIENCE_MS = 240_000
PLANTED = {"stores": 1, "staff": 2}
WATCH = """addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-job]");
  if (!box) return;
  const told = () => ["rows", "speed", "left"].map((name) => box.querySelector(`[data-job-${name}]`).textContent);
  new MutationObserver(() => window.watched(told())).observe(box, { subtree: true, childList: true, characterData: true });
});"""
Seen = tuple[str, str, str]
"""What a page said of a job: rows, rate, time left."""


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The dealership before anything is loaded, with two administrators."""
    with apps.running("models", request.param) as app:
        with app.app_context():
            store = make_store(db.session, code="HQ")
            for login in ("first", "second"):
                make_staff(db.session, staff_no=f"HQ-{login}", store=store, role=Role.ADMIN, login=login, password_hash=PASSWORD_HASH)
            db.session.commit()
        yield app


@pytest.fixture
def files(request: pytest.FixtureRequest, data: Path, tmp_path: Path) -> dict[str, Path]:
    """The files, whole or the first customers of each, in turn of either encoding."""
    chosen = {name: data / f"real/{ENCODINGS[place % 2]}/{name}.csv" for place, name in enumerate(ROWS)}
    if request.param == "whole":
        return chosen
    for encoding in ENCODINGS:
        for name, content in few(data / "real", encoding).items():
            if chosen[name].parent.name == encoding:
                chosen[name] = tmp_path / f"{name}.csv"
                chosen[name].write_bytes(content)
    return chosen


def rows_of(file: Path) -> int:
    text = file.read_bytes()
    return len(list(csv.reader(io.StringIO(text.decode("utf-8-sig" if text.startswith(b"\xef\xbb\xbf") else "gb18030"), newline="")))) - 1


def counts(page: Page) -> list[int]:
    """New, changed, unchanged, to decide, refused."""
    return [int(text.replace(",", "")) for text in page.locator(".tile-count").all_inner_texts()][:5]


def check(page: Page, place: str, name: str, file: Path) -> list[int]:
    """Send a file, see that its columns need no hand, and have it checked."""
    page.goto(f"{place}/{name}/import")
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping", timeout=PATIENCE_MS)
    expect(page.locator("#live .finds, #live .note")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator("#live .note, #live .unknown, .map .is-left")).to_have_count(0)
    page.locator("main form button[value=check]").click()
    expect(page.locator("form.apply")).to_be_visible(timeout=PATIENCE_MS)
    return counts(page)


def write(page: Page, other: Page) -> list[int]:
    """Have it written; a large file is approved by the other person first."""
    page.locator("[type=submit][form=apply]").click()
    with page.expect_navigation():
        page.locator("#confirm [data-answer=yes]").click()
    if page.get_by_role("button", name="收回修改").count():
        other.goto(page.url)
        other.get_by_role("button", name="批准", exact=True).click()
        other.locator("#confirm [data-answer=yes]").click()
        expect(other.locator("[data-job], .note-good").first).to_be_visible(timeout=PATIENCE_MS)
        page.reload()
    expect(page.locator(".note-good").first).to_be_visible(timeout=PATIENCE_MS)
    return counts(page)


def has_moved(seen: list[Seen], rows: int) -> bool:
    """Whether the page showed the work on its way: more and more of all rows, how fast, and how long still."""
    on_its_way = [[int(number) for number in re.findall(r"\d+", told.replace(",", ""))] for told, speed, left in seen if speed and left]
    done = [numbers[0] for numbers in on_its_way if len(numbers) == 2 and numbers[1] == rows]
    return any(first < second < rows for first, second in itertools.pairwise(done))


@pytest.mark.parametrize(
    ("house", "files", "is_whole"), [("sqlite", "whole", True), ("postgresql", "few", False)], indirect=["house", "files"], ids=["sqlite", "postgresql"],
)
def test_the_real_files_through_the_page(house, files, is_whole, make_page):
    """Every row of every file is new and none refused, the page tells how far it is, and the receipt says what is stored."""
    moved, rows = [], {name: rows_of(file) for name, file in files.items()}
    with served(house) as place, a_worker(house):
        page, other = (enter(make_page(), place, login) for login in ("first", "second"))
        page.set_default_timeout(PATIENCE_MS)
        seen: list[Seen] = []
        page.expose_function("watched", lambda told: seen.append(tuple(told)))
        page.add_init_script(WATCH)
        for name, file in files.items():
            planned = check(page, place, name, file)
            written = write(page, other)
            moved.append(has_moved(seen, rows[name]))
            seen.clear()

            assert (name, planned, written) == (name, [rows[name], 0, 0, 0, 0], [rows[name], 0, 0, 0, 0])
            assert page.locator(".sum").inner_text() == hashlib.sha256(file.read_bytes()).hexdigest()

    with house.app_context():
        plans = house.extensions["plans"]
        stored = {name: db.session.scalar(select(func.count()).select_from(plans[name].model)) - PLANTED.get(name, 0) for name in files}

    assert stored == rows
    assert not is_whole or (rows, any(moved)) == (ROWS, True)
