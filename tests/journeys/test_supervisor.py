"""The supervisor's day: a complaint goes up a level, money is granted, a file goes out and comes back changed."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.compensations import Compensation, CompensationStatus
from models.complaint_states import Severity, Status
from models.complaints import Complaint
from models.escalation_levels import EscalationLevel
from models.stores import Store
from tests.journeys import steps
from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser


@pytest.fixture
def case(look_up):
    """A complaint of the first store, just received at level 1."""
    query = (
        select(Complaint).join(Store, Complaint.store).join(EscalationLevel, Complaint.level)
        .where(Complaint.status == Status.RECEIVED, EscalationLevel.code == "L1", Store.code == "DM-NJ").order_by(Complaint.id)
    )
    return look_up(query)[0]


def test_a_complaint_goes_up_a_level_and_is_accepted(place, page, case):
    """With its reason; the supervisor accepts and owns it, and the history of levels has it."""
    enter(page, place, "supervisor")
    page.goto(f"{place}/complaints/")
    page.locator("main [type=search], main [name=q]").first.fill(case.complaint_no)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.locator("table").get_by_role("link", name=case.complaint_no).first.click()
    steps.ask(page, "升级")
    steps.pick(page, "目标级别", "L2", "L2")
    steps.fill(page, reason="同一问题第三次反映，客户要求主管处理。")
    steps.send(page)
    facts, levels = page.locator("dl.facts").first, page.locator("section.related", has_text="投诉升级")
    expect(facts).to_contain_text("L2 部门主管")
    expect(levels).to_contain_text("已升级")

    steps.ask(page, "接手")
    steps.send(page)
    expect(facts).to_contain_text("周敏")
    expect(levels).to_contain_text("已接手")


def test_the_customer_is_told_in_ready_made_words(place, make_page, case):
    """On a phone by keyboard: the phrases of the step that is due, one put in by Enter, its blank typed over; the checklist says who told when."""
    page = enter(make_page(PHONE), place, "agent")
    page.goto(f"{place}/complaints/{case.id}")
    steps.ask(page, "登记客户告知")
    words, phrases = page.locator("dialog [name=words]"), page.locator("dialog .offer:visible")
    expect(page.locator("dialog [name=step]")).to_have_value("acknowledged")
    words.focus()
    for _offer in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .blank")).to_have_count(1)
    page.keyboard.type("17:00")
    expect(page.locator("dialog .blank")).to_have_count(0)
    said = words.input_value()
    assert_accessible(page)
    steps.fill(page, step="closed")
    expect(phrases).to_have_count(2)
    steps.fill(page, step="acknowledged")
    phrases.last.click()

    assert case.complaint_no in said
    assert "17:00" in said
    assert words.input_value().startswith(said)

    steps.fill(page, means="wechat")
    steps.send(page)
    expect(page.locator(".checklist")).to_contain_text("微信 林晓雨")
    expect(page.locator("section.related", has_text="客户告知")).to_contain_text("17:00")


def test_money_is_granted_by_somebody_else(place, page, look_up):
    """A proposal above the agent's limit waits on the supervisor's home page; the dialog shows what is left; approved, it names who approved and why."""
    query = select(Compensation).where(Compensation.status == CompensationStatus.PENDING).order_by(Compensation.id)
    proposal = next(one for one in look_up(query) if one.amount == 680)
    enter(page, place, "supervisor")
    page.get_by_role("link", name=proposal.compensation_no).first.click()
    steps.ask(page, "批准")
    expect(page.locator("dialog").get_by_role("meter")).to_have_attribute("aria-valuetext", re.compile("剩余¥[0-9,.]+.*本次需¥680.00"))
    steps.fill(page, reason="同类投诉的惯例金额。")
    steps.send(page)

    assert steps.state(page) == "已批准"
    expect(page.locator("dl.facts").first).to_contain_text("周敏")
    expect(page.locator("section.related", has_text="审批记录")).to_contain_text("同类投诉的惯例金额。")


def test_a_file_goes_out_is_changed_and_comes_back(house, place, page, look_up, tmp_path):
    """One cell of the filtered list was changed: one record is updated, and its history shows before, after, and the run."""
    ordinary = select(Complaint).join(Store, Complaint.store).where(Store.code == "DM-NJ", Complaint.severity == Severity.ORDINARY)
    case, *others = look_up(ordinary.order_by(Complaint.id.desc()))
    enter(page, place, "supervisor")
    page.goto(f"{place}/complaints/?severity=2")
    page.get_by_role("link", name="导出").first.click()
    page.select_option("[name=headers]", "labels")
    with page.expect_download() as download:
        page.locator("main form.choose [type=submit]").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"), newline="")))

    assert len(rows) == 1 + 1 + len(others)

    number, category = rows[0].index("投诉编号"), rows[0].index("投诉问题")
    row = next(one for one in rows if one[number] == case.complaint_no)
    before, row[category] = row[category], "空调系统（核对后更正）"
    changed = tmp_path / "complaints.csv"
    with changed.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(rows)

    page.goto(f"{place}/complaints/import")
    page.set_input_files("[name=file]", changed)
    page.locator("main form.upload [type=submit]").click()
    expect(page.locator(".subtitle")).to_contain_text("gb18030")
    steps.check_file(page, house)
    steps.apply_file(page, house)
    expect(page.locator("main")).to_contain_text("complaints.csv")
    page.goto(f"{place}/complaints/{case.id}/history")
    newest = page.locator("ol.history > li").first
    expect(newest).to_contain_text(before)
    expect(newest).to_contain_text("空调系统（核对后更正）")
    expect(newest).to_contain_text("导入")
