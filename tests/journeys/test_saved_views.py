"""A supervisor narrows a list in words, saves it as a view in the menu, joins conditions, and sets the columns right."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser


def said(page):
    """What the address says."""
    return parse_qs(urlsplit(page.url).query)


def test_a_list_becomes_a_view_with_conditions_and_columns(place, page, make_page, photograph):
    """By words, in dialogs, with the keyboard; the colleague of another store who gets the link sees the own store's."""
    enter(page, place, "supervisor")
    page.goto(f"{place}/complaints/")
    page.locator(".filter-more > summary").click()
    page.locator(".words[aria-label='门店'] label", has_text="我的门店").click()
    page.locator(".words[aria-label='解决到期时间'] label", has_text="已逾期").click()
    assert_accessible(page)
    page.get_by_role("button", name="查看结果").click()
    expect(page.locator(".chip-text")).to_have_text(["我的门店", "已逾期"])

    assert said(page) == {"store": ["mine"], "overall_due_at": ["overdue"]}

    page.get_by_role("link", name="保存视图").click()
    page.locator("dialog[open] [name=name]").fill("本店逾期投诉")
    page.locator("dialog[open] [name=pinned]").check()
    assert_accessible(page)
    page.locator("dialog[open] [type=submit]").click()
    expect(page.locator(".views-tabs [aria-current]")).to_have_text("本店逾期投诉")
    expect(page.locator(".sidebar .pin-count")).to_have_text(str(page.locator(".rows tbody tr").count()))

    page.get_by_role("button", name="组合条件").click()
    builder = page.locator("dialog.builder")
    builder.locator("[data-field]").select_option("severity")
    builder.locator("[data-in]").select_option(["4", "5"])
    builder.get_by_role("button", name="+ 条件组").click()
    builder.locator("[data-group] [data-group] [data-field]").select_option("customer.name")
    builder.locator("[data-group] [data-group] [data-test]").select_option("filled")
    assert_accessible(page)
    builder.locator("[type=submit]").click()
    expect(page.locator(".chip-text").last).to_contain_text("4 严重 或 5 紧急")

    assert json.loads(said(page)["where"][0]) == {"all": [{"field": "severity", "is": ["4", "5"]}, {"any": [{"field": "customer.name", "empty": False}]}]}

    expect(page.locator(".views-changed")).to_be_visible()
    page.get_by_role("button", name="组合条件").click()
    expect(builder.locator("[data-leaf]")).to_have_count(2)
    expect(builder.locator("[data-test]").last).to_have_value("filled")
    page.keyboard.press("Escape")

    page.get_by_role("link", name="列", exact=True).click()
    columns = page.locator("dialog[open]")
    columns.get_by_role("button", name="状态：上移").focus()
    for _step in range(8):
        page.keyboard.press("Enter")
    columns.get_by_label("投诉编号", exact=True).uncheck()
    assert_accessible(page)
    with page.expect_navigation():
        columns.get_by_role("button", name="显示这些列").click()
    expect(page.locator("thead th:not(.tick)").first).to_have_text("状态")

    phone = make_page(PHONE)
    phone.context.add_cookies(page.context.cookies())
    phone.goto(page.url)
    assert_accessible(phone)
    photograph(phone, "view")

    page.get_by_role("link", name="编辑视图").click()
    page.locator("dialog[open]").get_by_role("link", name="删除").click()
    page.locator("dialog[open] .btn-danger[type=submit]").click()
    expect(page.locator(".notes")).to_contain_text("已删除")
    expect(page.locator(".sidebar .pin-count")).to_have_count(0)
