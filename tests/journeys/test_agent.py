"""The agent's morning: find a customer by the last four digits, log the callback, raise what is to be put right."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from backoffice.declare import Language
from models.callbacks import CallbackTask, TaskStatus
from models.customers import Customer
from models.stores import Store
from tests.journeys import steps
from tests.support.browser import enter

pytestmark = pytest.mark.browser


@pytest.fixture
def task(look_up):
    """A callback of the first store that nobody has made yet, oldest first."""
    query = (
        select(CallbackTask).join(Customer, CallbackTask.customer).join(Store, CallbackTask.store)
        .where(CallbackTask.status == TaskStatus.PLANNED, Store.code == "DM-NJ", Customer.language == Language.CHINESE).order_by(CallbackTask.due_at)
    )
    return look_up(query)[0]


@pytest.fixture
def customer(look_up, task):
    return look_up(select(Customer).where(Customer.id == task.customer_id))[0]


def test_the_agent_calls_a_customer_back(place, page, task, customer):
    """From four digits on a slip of paper to an issue with its code, all of it in the history."""
    enter(page, place, "agent")
    page.keyboard.press("/")
    page.keyboard.type(customer.phone[-4:])
    page.get_by_role("option").filter(has_text=customer.name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(customer.name)
    expect(page.locator(".head-facts")).not_to_contain_text(customer.phone)

    page.locator("form.reveal[action$='/phone'] button").click()
    expect(page.locator(".head-facts")).to_contain_text(customer.phone)

    page.locator(f"a[href='/callbacks/{task.id}']").first.click()
    steps.ask(page, "记录通话")
    steps.fill(page, outcome="OK", score="4", criticism="等了四十分钟才接待，也没人说一声。", seconds="186")

    assert "代码" in steps.refused(page)

    steps.pick(page, "问题代码", "B", "接待手续")
    steps.send(page)

    assert steps.state(page) == "已完成"
    expect(page.locator("section.related", has_text="回访问题")).to_contain_text("等了四十分钟才接待")

    steps.ask(page, "登记问题")
    steps.pick(page, "问题代码", "E", "按约定时间交车")
    steps.fill(page, verbatim="说好四点，六点才交车。")
    steps.send(page)
    issues = page.locator("section.related", has_text="回访问题")
    expect(issues.locator("tbody tr")).to_have_count(2)

    page.get_by_role("link", name="历史").first.click()
    expect(page.locator("ol.history")).to_contain_text("记录通话")
    expect(page.locator("ol.history")).to_contain_text("林晓雨")


def test_a_call_that_nobody_takes_comes_back_later(place, page, look_up):
    """The callback waits for another part of the day; a second call right away is refused."""
    query = (
        select(CallbackTask).join(Store, CallbackTask.store).where(CallbackTask.status == TaskStatus.DUE, Store.code == "DM-NJ").order_by(CallbackTask.id)
    )
    task = look_up(query)[0]
    enter(page, place, "agent")
    page.goto(f"{place}/callbacks/{task.id}")
    steps.ask(page, "记录通话")
    steps.fill(page, outcome="NA")
    steps.send(page)
    waits = steps.state(page)
    steps.ask(page, "记录通话")
    steps.fill(page, outcome="NA")

    assert waits == "待重拨"
    assert "再拨" in steps.refused(page)
