"""A complaint from the first word to the last, and once more: people act in their windows, time passes by the pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from backoffice.db import db
from backoffice.declare import clock
from models.complaint_states import OPEN
from models.complaints import Complaint
from models.customers import Customer, CustomerType, Grade
from models.staff import Staff
from models.stores import Store
from tests.journeys import steps
from tests.support.browser import enter, served
from tests.support.client import PASSWORD_HASH

pytestmark = [pytest.mark.browser, pytest.mark.long(30)]
HOUR = timedelta(hours=1)
LOGINS = {"DM031": "agent-hz", "DM032": "advisor-hz", "DM024": "manager-sz"}
"""Agent and senior advisor of the store in Hangzhou, and a general manager of another."""
Done = set[tuple[str, str, str, int | None]]
"""What a pass did to a complaint: what, on which level, by which clock, at which percentage."""


class Wall:
    """The dealership by the clock of the story: whatever is asked of it, it is ``hours`` after nine in the morning."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.start = datetime.combine(clock.today() + timedelta(days=1), time(9), clock.zone())
        self.now = self.start

    def __call__(self, environ: dict[str, Any], answer: Callable[..., Any]) -> list[bytes]:
        with clock.stopped_at(self.now):
            body = self.app(environ, answer)
            try:
                return list(body)
            finally:
                body.close()

    def pass_at(self, hours: float, number: str) -> Done:
        """It is so late, and ``flask escalate`` runs; what it did to one complaint."""
        self.now = self.start + hours * HOUR
        told = self.app.test_cli_runner().invoke(args=["escalate", "--now", self.now.isoformat(), "--json"])

        assert told.exit_code == 0, told.output
        report = json.loads(told.output)
        return {
            (what, one["level"], one["clock"], one["mark"])
            for what in ("warned", "breached", "raised", "reassigned") for one in report[what] if one["complaint_no"] == number
        }


@pytest.fixture
def wall(house: Flask) -> Wall:
    """In Hangzhou a senior advisor has the authority of a head of department, whom nobody else stands in for."""
    with house.app_context():
        for number, login in LOGINS.items():
            db.session.execute(update(Staff).where(Staff.staff_no == number).values(login=login, password_hash=PASSWORD_HASH))
        db.session.execute(update(Staff).where(Staff.login == "advisor-hz").values(level_authority=2))
        db.session.commit()
    return Wall(house)


@pytest.fixture
def visit(wall: Wall, make_page: Callable[..., Page]) -> Iterator[Callable[[str, str], Page]]:
    """A window of somebody who signs in at this hour and opens a page."""
    with served(wall) as place:

        def open_window(login: str, path: str) -> Page:
            page = enter(make_page(), place, login)
            page.goto(place + path)
            return page

        yield open_window


@pytest.fixture
def customer(look_up) -> Customer:
    """A private customer of the store in Hangzhou without an open complaint, not of gold."""
    complains = select(Complaint.id).where(Complaint.customer_id == Customer.id, Complaint.status.in_(OPEN)).exists()
    query = select(Customer).join(Store, Customer.store).where(Store.code == "DM-HZ", ~complains, Customer.customer_type == CustomerType.PERSON)
    return look_up(query.where((Customer.grade != Grade.GOLD) | Customer.grade.is_(None)).order_by(Customer.id))[0]


def act(page: Page, button: str, **values: str) -> None:
    """Press a button of the record and fill in its dialog."""
    steps.ask(page, button)
    steps.fill(page, **values)
    steps.send(page)


def read_message(page: Page, title: str) -> None:
    """Follow the message to what it is about."""
    expect(page.locator(".inbox-count")).to_be_visible()
    page.locator(".message-title a", has_text=title).first.click()
    page.wait_for_url(lambda url: "/inbox" not in url)


def clocks(page: Page) -> dict[str, tuple[str, str]]:
    """What the bars of the clocks say, and how long they are."""
    bars = [one.get_by_role("meter") for one in page.locator(".meter").all()]
    return {one.get_attribute("aria-label"): (one.get_attribute("aria-valuetext"), one.get_attribute("aria-valuenow")) for one in bars}


def send_away(wall: Wall, page: Page) -> None:
    """The head of department is away from tomorrow on; the senior advisor stands in."""
    page.get_by_role("combobox", name="代理人").fill("DM032")
    page.get_by_role("option").filter(has_text="DM032").first.click()
    page.fill("[name=absent_from]", (wall.start + 24 * HOUR).date().isoformat())
    page.fill("[name=absent_until]", (wall.start + 96 * HOUR).date().isoformat())
    page.locator("form.record-form [type=submit]").first.click()
    expect(page.locator(".note-good")).to_be_visible()


def receive(page: Page) -> None:
    """The agent writes down what the customer says, and takes care of it."""
    page.get_by_role("link", name="新建投诉").click()
    page.wait_for_url("**/complaints/new**")
    page.get_by_role("combobox", name="车辆").click()
    page.locator(".picker-option").first.click()
    for name, text in (("category", "空调异味"), ("problem_type", "维修质量"), ("description", "换了滤芯还是有异味，说好昨天给答复。")):
        page.fill(f"[name={name}]", text)
    page.locator("form.record-form [type=submit]").first.click()
    page.wait_for_url("**/customers/*")
    page.locator(".alert-line", has_text="空调异味").click()
    page.wait_for_url("**/complaints/*")
    act(page, "受理")


def promise(page: Page, until: datetime) -> None:
    """The deputy finds the cause, proposes a solution, and asks for more money than is the deputy's to give."""
    act(page, "接手")
    act(page, "开始调查")
    steps.ask(page, "提出方案")
    steps.pick(page, "责任人", "DM032", "DM032")
    steps.fill(page, decision="更换蒸发箱并减免维修费。", promised_at=until.strftime("%Y-%m-%dT%H:%M"), cause="蒸发箱霉变。")
    steps.send(page)
    act(page, "申请补偿", kind="fee_reduction", amount="3000", reason="第二次来店仍未修好。")


def finish(page: Page) -> str:
    """Done, asked in a call, and closed; the sentence of what was still missing on the first attempt."""
    act(page, "客户同意")
    act(page, "解决", result="已更换蒸发箱，减免三千元。")
    steps.ask(page, "关闭")
    missing = steps.refused(page)
    page.goto(page.url)
    act(page, "客户确认回访", satisfied="yes", satisfaction="8")
    act(page, "关闭", breach_reason="主管休假，无人跟进。")
    return missing


def test_a_complaint_lives_twice(wall, visit, customer, look_up):
    """Received, warned, raised by time, accepted by the deputy, paid for on a higher authority, closed by the list, reopened under its number."""
    send_away(wall, visit("admin", f"/staff/{look_up(select(Staff.id).where(Staff.staff_no == 'DM034'))[0]}/edit"))
    page = visit("agent-hz", f"/customers/{customer.id}")
    receive(page)
    number, address = page.locator("h1").inner_text().strip(), page.url
    due = f"{wall.start + 24 * HOUR:%Y-%m-%d %H:%M}到期"

    assert clocks(page) == dict.fromkeys(("L1 前线员工：", "解决时限："), (f"{due}：已用0小时，限时24小时，剩余24小时。", "0"))
    assert wall.pass_at(22, number) == {("warned", "L1", "level", 90), ("warned", "L1", "overall", 90)}

    page = visit("agent-hz", "/inbox")
    read_message(page, f"投诉 {number}：本级时限已用 90%")

    assert clocks(page)["L1 前线员工："] == (f"{due}：已用22小时，限时24小时，剩余2小时。", "91")
    assert wall.pass_at(24.1, number) == {
        ("breached", "L1", "overall", 100), ("breached", "L1", "level", 100), ("raised", "L2", "level", 100), ("reassigned", "L2", "level", 100),
    }
    assert wall.pass_at(24.1, number) == set()

    deputy = visit("advisor-hz", "/inbox")
    read_message(deputy, f"投诉 {number} 已升级至L2 部门主管")
    expect(deputy.locator(".page-head")).to_contain_text("已受理")
    promise(deputy, wall.start + 96 * HOUR)

    assert {name: says.split("：")[0] for name, (says, _length) in clocks(deputy).items()} == {
        "L2 部门主管：": f"{wall.start + 72.1 * HOUR:%Y-%m-%d %H:%M}到期", "解决时限：": "已超时6分钟",
    }
    assert wall.pass_at(26, number) == set()

    for login, button, more in (("manager", "批准", {"reason": "同类投诉的惯例。"}), ("manager-sz", "第二人签字", {"reason": "同意。"})):
        page = visit(login, "/inbox")
        read_message(page, "补偿 BC")
        expect(page.locator("dl.facts").first).to_contain_text("¥3,000.00")
        act(page, button, **more)
    act(page, "发放", voucher_no="JM-0001")
    decisions = page.locator("section.related", has_text="审批记录").locator("tbody tr")

    assert [one.split()[1] for one in decisions.all_inner_texts()] == ["提交审批", "批准", "第二人签字"]
    assert wall.pass_at(28, number) == set()

    deputy.goto(address)
    assert finish(deputy) == "暂不能关闭，还缺少：回访并经客户确认、超时原因。"
    expect(deputy.locator(".page-head")).to_contain_text("已关闭")
    assert wall.pass_at(39, number) == set()

    deputy.goto(address)
    act(deputy, "重新打开", reason="异味又出现了。")
    expect(deputy.locator("h1")).to_have_text(number)
    facts = deputy.locator("dl.facts").first

    assert [word for word in ("重开次数\n1", "异味又出现了。", "蒋雪梅") if word not in facts.inner_text()] == []
    assert clocks(deputy)["L2 部门主管："][0].endswith("已用3小时54分钟，限时48小时，剩余44小时6分钟。")
    assert clocks(deputy)["解决时限："] == ("已超时4小时：已用28小时，限时24小时。", "100")

    deputy.goto(f"{address.split('?')[0]}/history")
    told = [tuple(one.split("\n")[1:3]) for one in reversed(deputy.locator("ol.history .event-head").all_inner_texts())]

    assert [name for name in dict.fromkeys(told) if name[1] != "DM032 Daniel Brooks"] == [
        ("DM031 蒋雪梅", f"{wall.start:%Y-%m-%d %H:%M}"), ("受理", "DM031 蒋雪梅"), ("系统", f"{wall.start + 24.1 * HOUR:%Y-%m-%d %H:%M}"),
    ]
    assert [deed for deed, who in dict.fromkeys(told) if who == "DM032 Daniel Brooks"] == [
        "开始调查", "提出方案", "客户同意", "解决", "客户确认回访", "关闭", "重新打开",
    ]
