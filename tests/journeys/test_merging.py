"""A customer has two files: a form warns of it, the supervisor merges them, the old address leads on, and it is undone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.customers import Customer
from models.stores import Store
from tests.support.browser import enter

pytestmark = pytest.mark.browser


def test_two_files_become_one_and_two_again(place, page, look_up):
    """From the warning while typing to the merge, the redirect, and the undo."""
    query = select(Customer).join(Store, Customer.store).where(Store.code == "DM-NJ", Customer.phone.is_not(None)).order_by(Customer.id)
    kept, gone = look_up(query)[:2]
    enter(page, place, "supervisor")

    page.goto(f"{place}/customers/new")
    page.locator("main [name=phone]").press_sequentially(kept.phone)
    expect(page.locator(".alike")).to_contain_text(kept.name)

    page.goto(f"{place}/customers/{kept.id}")
    page.get_by_role("link", name="合并…").click()
    page.get_by_role("combobox", name="另一条记录").fill(gone.customer_no)
    page.get_by_role("option").filter(has_text=gone.customer_no).first.click()
    page.get_by_role("button", name="比较两条记录").click()
    page.locator("[name=stays-name][value=gone]").check()
    page.get_by_role("button", name="合并", exact=True).click()
    page.wait_for_url(f"**/customers/{kept.id}")
    expect(page.locator("h1")).to_contain_text(gone.name)

    page.goto(f"{place}/customers/{gone.id}")
    expect(page).to_have_url(re.compile(rf"/customers/{kept.id}$"))
    expect(page.locator(".notes")).to_contain_text("已并入本记录")

    page.get_by_role("link", name="撤销合并").first.click()
    page.get_by_role("button", name="撤销合并").click()
    expect(page.locator(".notes")).to_contain_text("已重新成为独立记录")
    expect(page.locator("h1")).to_contain_text(kept.name)

    page.goto(f"{place}/customers/{gone.id}")
    expect(page).to_have_url(re.compile(rf"/customers/{gone.id}$"))
