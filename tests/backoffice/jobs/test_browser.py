"""The page of a job in a browser: it moves by itself, goes on when it is over, and asks before it cancels."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import insert

from backoffice.db import reading
from backoffice.declare import clock
from backoffice.jobs import enqueue, tasks
from backoffice.jobs.tables import WORKERS, Job, JobState
from tests.support import wsgi
from tests.support.browser import PHONE, assert_accessible, enter
from tests.support.client import PASSWORD_HASH
from tests.support.jobs import a_worker, workers
from tests.toys import Branch, Librarian, Role


@pytest.fixture
def put(toy_session, monkeypatch):
    """Queue a job of Ann's that leads to the list of branches; gives its number."""
    ann = Librarian(badge="ann", name="Ann", role=Role.HEAD, branch=Branch(code="B1", name="North"), login="ann", password_hash=PASSWORD_HASH)
    toy_session.add(ann)
    toy_session.commit()
    monkeypatch.setitem(tasks.TASKS, "toys.fill", tasks.Task("toys.fill", wsgi.fill, where="/branches/"))

    def make(**payload) -> int:
        job = enqueue(toy_session, "toys.fill", subject_id=1, user_id=ann.id, payload=payload)
        toy_session.commit()
        return job.id

    return make


@pytest.fixture
def database_kind() -> str:
    """What a page does by itself does not hang on the database."""
    return "sqlite"


def state(session, number: int) -> str:
    with reading():
        session.rollback()
        found = session.get_one(Job, number, populate_existing=True).state
        session.rollback()
    return found


def test_a_page_moves_by_itself_and_goes_on(toy_app, toy_session, toy_address, make_page, put):
    """No worker: it says so. One comes: the bar fills. It is over: the next page opens."""
    number = put(count=100, pause_s=0.4)
    page = enter(make_page(), toy_address, "ann")
    page.goto(f"{toy_address}/jobs/{number}")

    expect(page.locator("[data-job-alone]")).to_be_visible()
    expect(page.locator("[data-job-title]")).to_have_text("等待后台进程")
    assert_accessible(page)

    with a_worker(toy_app):
        expect(page.locator("[data-job-rows]")).to_contain_text("/ 100 行", timeout=30_000)
        expect(page.locator("[data-job-alone]")).to_be_hidden()

        assert 0 < page.locator("progress").evaluate("bar => bar.value") < 100

        page.wait_for_url(f"{toy_address}/branches/", timeout=60_000)


def test_cancelling_asks_first(toy_app, toy_session, toy_address, make_page, put):
    """“No” leaves it alone; “yes” ends it, and the page goes on."""
    number = put(count=100)
    page = enter(make_page(PHONE), toy_address, "ann")
    page.goto(f"{toy_address}/jobs/{number}")
    page.click("[data-job-cancel] button")
    page.click("#confirm [data-answer=no]")

    assert state(toy_session, number) == JobState.QUEUED

    page.click("[data-job-cancel] button")
    page.click("#confirm [data-answer=yes]")
    expect(page.locator("[data-job-title]")).to_have_text("已取消")

    assert state(toy_session, number) == JobState.CANCELLED
    assert_accessible(page)


def test_the_page_works_without_script(toy_app, toy_session, toy_address, chromium, put):
    """There is a button to look again, and cancelling needs no dialog."""
    number = put(count=100)
    toy_session.execute(insert(WORKERS).values(name="w", started_at=clock.now(), seen_at=clock.now()))
    toy_session.commit()
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = enter(context.new_page(), toy_address, "ann")
    page.goto(f"{toy_address}/jobs/{number}")
    page.click("noscript a")
    page.click("[data-job-cancel] button")

    expect(page.locator("[data-job-title]")).to_have_text("已取消")

    context.close()

    assert workers(toy_session) == ["w"]
