"""A day at the desk: calls from a phone, a list by keyboard, and a form that outlives its session."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, select

from backoffice.accounts.models import SignIn
from backoffice.db import db
from models.callbacks import CallbackTask, TaskStatus
from models.complaints import Complaint
from tests.journeys import steps
from tests.support.browser import PHONE, assert_accessible, enter
from tests.support.client import PASSWORD

pytestmark = pytest.mark.browser
WORDS = "客户说：异响又出现了，周五前要答复。"


def test_a_call_desk_fits_a_phone(place, make_page, look_up):
    """Home says whom to call; a tap opens the callback, one shows the number, one dials it, and the outcome is written down."""
    page = make_page(PHONE)
    enter(page, place, "agent")
    assert_accessible(page)
    line = page.locator("section", has_text="现在该回访的客户").locator(".tasks a").first
    address = line.get_attribute("href")
    line.click()
    page.wait_for_url(f"**{address}")
    page.locator("form.reveal button").first.click()
    number = page.locator("a[href^='tel:']").first

    expect(number).to_be_visible()
    assert number.get_attribute("href").removeprefix("tel:").lstrip("+").isdigit()
    assert_accessible(page)

    page.goto(f"{place}{address}")
    steps.ask(page, "记录通话")
    steps.fill(page, outcome="NA", note="没有人接。")
    steps.send(page)
    page.goto(place)

    expect(page.locator(f".tasks a[href='{address}']")).to_have_count(0)
    task = look_up(select(CallbackTask).where(CallbackTask.id == int(address.rpartition("/")[2])))[0]
    assert task.status is TaskStatus.RETRY_WAIT


def test_a_list_by_keyboard_and_a_form_that_outlives_its_session(house, place, page, look_up):
    """Keys move, tick, open and edit, and are letters again while one types; what was typed waits behind the login, and leaving asks."""
    enter(page, place, "manager")
    page.goto(f"{place}/complaints/")
    rows = page.locator(".rows tbody tr")
    for key in "jjkx":
        page.keyboard.press(key)
    expect(rows.nth(0).locator(".row-name a")).to_be_focused()
    expect(rows.nth(0).locator(".tick input")).to_be_checked()

    page.keyboard.press("?")
    sheet = page.locator("#keys")
    expect(sheet).to_contain_text("勾选该行")
    expect(sheet.get_by_text("保存表单")).to_be_hidden()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    address = rows.nth(1).locator(".row-name a").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")
    page.keyboard.press("e")
    page.wait_for_url(f"**{address}/edit")
    words = page.locator("[name=description]")
    words.fill("")
    words.press_sequentially("xje?")
    expect(words).to_have_value("xje?")
    words.fill(WORDS)

    page.locator(".crumbs a").first.click()
    expect(page.locator("#confirm")).to_contain_text("尚未保存")
    page.locator("#confirm [data-answer=no]").click()

    with house.app_context():
        db.session.execute(delete(SignIn))
        db.session.commit()
    page.locator("main form.record-form [type=submit]").first.click()
    page.wait_for_url("**/login**")
    expect(page.locator("main")).to_contain_text("登录已过期")
    page.fill("[name=login]", "manager")
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_url(f"**{address}/edit")

    expect(page.locator("[name=description]")).to_have_value(WORDS)
    expect(page.locator("[data-draft=back]")).to_be_visible()
    assert_accessible(page)

    page.locator("main form.record-form [type=submit]").first.click()
    page.wait_for_url(f"**{address}")
    expect(page.locator(".note-good")).to_be_visible()
    assert look_up(select(Complaint.description).where(Complaint.id == int(address.rpartition("/")[2]))) == [WORDS]
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:'))") == []
