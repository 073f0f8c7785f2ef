from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests import toys
from tests.backoffice.lending import again
from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser


@pytest.fixture
def database_kind():
    """What a browser shows is the same on both."""
    return "sqlite"


def test_rows_are_worked_on_without_leaving_the_list(toy_address, library, page, make_page, toy_session):
    """All that match are changed and taken back; a row is looked at and left by Esc; a cell is changed, refused, and left."""
    toy_session.add_all([toys.Loan(reader=library.ann, title=f"Volume {at:02}") for at in range(60)])
    toy_session.commit()
    enter(page, toy_address, "clerk")
    page.goto(f"{toy_address}/loans/?q=Volume&sort=loan_no")

    page.check("[data-tick-all]")
    page.click("[data-all]")
    expect(page.locator(".bulk-count")).to_contain_text("60")
    page.click("[formaction='/loans/bulk-edit']")
    page.fill("[name=due_on]", "2028-05-01")
    expect(page.locator("#on-due_on")).to_be_checked()
    assert_accessible(page)
    page.click("main [type=submit]")
    expect(page.locator("h1")).to_contain_text("60")
    assert_accessible(page)
    page.click("[name=confirmed]")
    expect(page.locator(".note-good")).to_be_visible()
    assert_accessible(page)
    page.click("a[href$='/undo']")
    page.click("main [type=submit]")
    page.click("#confirm [data-answer=yes]")
    expect(page.locator(".subtitle")).to_contain_text("已写入")
    page.goto(f"{toy_address}/loans/?q=Volume&sort=loan_no")
    expect(page.locator("tbody tr").first).not_to_contain_text("2028-05-01")

    first = page.locator("tbody tr").first
    first.locator("[data-key-target=look]").click()
    expect(page.locator(".panel #look-title")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1)).to_have_class("is-looked")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    expect(page.locator("tbody tr").nth(1).locator("[data-key-target=look]")).to_be_focused()

    due = first.locator("td[data-label=应还日期]")
    due.dblclick()
    due.locator("input[type=date]").fill("")
    page.keyboard.press("Escape")
    expect(due.locator("form")).to_have_count(0)
    title = first.locator("td[data-label=书名]")
    title.click()
    page.keyboard.press("e")
    title.locator("textarea").fill(" ")
    page.keyboard.press("Control+Enter")
    expect(title.locator(".error")).to_be_visible()
    title.locator("textarea").fill("Another title")
    page.keyboard.press("Control+Enter")
    expect(title.locator("form")).to_have_count(0)
    expect(title).to_contain_text("Another title")
    assert page.url.startswith(f"{toy_address}/loans/?q=Volume")

    phone = enter(make_page(PHONE), toy_address, "clerk")
    phone.goto(f"{toy_address}/loans/?q=Emma")
    phone.locator("[data-key-target=look]").first.click()
    expect(phone.locator(".panel .look-foot")).to_be_visible()
    assert phone.evaluate("document.querySelector('.panel').getBoundingClientRect().width") == 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(phone)
    phone.locator(".panel .fact[data-field=title] .cell-pencil").click()
    phone.locator(".panel textarea").fill("Emma, again")
    phone.locator(".panel .cell-form [type=submit]").click()
    expect(phone.locator(".panel .fact[data-field=title]")).to_contain_text("Emma, again")

    assert again(library.loan).title == "Emma, again"
