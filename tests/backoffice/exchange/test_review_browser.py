"""The pages of a planned and of an applied import in a browser: readable, by keyboard, on a phone, without script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from backoffice.declare.journal import RunState
from tests import toys
from tests.backoffice.exchange.staged import stage_run
from tests.support.browser import DESK, PHONE, assert_accessible, enter
from tests.support.client import PASSWORD_HASH

HEADERS = ["card", "name", "mobile", "branch"]
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what a browser shows does not depend on it


@pytest.fixture
def make_run(library, plans, toy_session):
    """A file with every verdict."""
    library.deputy = toys.Librarian(badge="N3", name="Dora", role=toys.Role.HEAD, branch=library.north)
    toy_session.add(library.deputy)
    for person, login in ((library.head, "hedda"), (library.deputy, "dora")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    phone = ("mobile", "12", "invalid_phone", "这不是有效的电话号码。")
    rows = [
        *({"verdict": "c", "values": {"card": f"C8{number}", "name": "Zoe", "mobile": "13900000008", "branch": library.main}} for number in range(60)),
        {"verdict": "m", "record": library.ann, "values": {"card": "C1", "name": "Anna " * 12, "mobile": "13700000007", "branch": library.north}},
        {"verdict": "u", "record": library.bob, "values": {"card": "C2", "name": "Bob"}},
        *({"verdict": "r", "raw": [f"C9{number}", "Yan", "12", "B2"], "errors": [phone]} for number in range(3)),
        {"verdict": "x", "record": library.bob, "values": {"card": "C2", "name": "Robert"}, "raw": ["C2", "Robert", "", ""],
         "notices": [("name", "Robert", "same_mobile_other_name", "C7 的手机号相同。")]},
    ]
    return lambda state=RunState.PLANNED: stage_run(plans["readers"], library.head, HEADERS, rows, state=state)


def speaking(page, address, locale):
    """A window whose person has chosen a language."""
    page.context.add_cookies([{"name": "language", "value": locale, "url": address}])
    return page


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_every_view_is_readable(toy_address, make_page, photograph, make_run, size, locale):
    """Nothing breaks the rules of accessibility or the width of the window, in either language, light and dark."""
    run, asked, done = make_run(), make_run(RunState.WAITING), make_run(RunState.APPLIED)
    page = enter(speaking(make_page(size), toy_address, locale), toy_address, "hedda")
    for view in ("new", "changed", "decide", "refused"):
        page.goto(f"{toy_address}/imports/{run.id}?show={view}")
        photograph(page, f"review-{view}-{locale}")
        assert_accessible(page)
    for other in (asked, done):
        page.goto(f"{toy_address}/imports/{other.id}")
        photograph(page, f"review-{other.state.value}-{locale}")
        assert_accessible(page)
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert_accessible(page)
    page.goto(f"{toy_address}/imports/{run.id}?show=refused")
    photograph(page, f"review-dark-{locale}")
    assert_accessible(page)

    deputy = enter(speaking(make_page(size), toy_address, locale), toy_address, "dora")
    deputy.goto(f"{toy_address}/imports/{asked.id}?show=changed")
    deputy.locator("details.send-back summary").click()
    photograph(deputy, f"review-approve-{locale}")
    assert_accessible(deputy)


def test_rows_are_decided_by_keyboard(toy_address, make_page, make_run):
    """A conflict is left out with the keys alone, and the counts follow."""
    run = make_run()
    page = enter(make_page(), toy_address, "hedda")
    page.goto(f"{toy_address}/imports/{run.id}")
    page.get_by_role("button", name="不写入").last.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".tile", has_text="待确认").locator(".tile-count")).to_have_text("0")


def test_it_works_without_script(toy_address, chromium, make_run):
    """Links and forms do it all."""
    run = make_run()
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN")
    page = enter(context.new_page(), toy_address, "hedda")
    page.goto(f"{toy_address}/imports/{run.id}")
    page.get_by_role("link", name="新建").first.click()
    page.get_by_role("link", name="下一页").click()

    expect(page.locator(".review-row")).to_have_count(10)
    context.close()
