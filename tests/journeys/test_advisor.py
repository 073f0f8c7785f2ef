"""The advisor's question to a customer: send extra work, record the answer line by line."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.authorizations import Authorization
from models.extra_work import ExtraWorkRequest, RequestStatus
from models.extra_work_lines import ExtraWorkLine, LineStatus, Urgency
from models.order_states import OrderStatus
from models.orders import ServiceOrder
from tests.journeys import steps
from tests.support.browser import enter

pytestmark = pytest.mark.browser
WORD = {"person": "车主本人", "relation": "self"}


@pytest.fixture
def request_with_three_lines(look_up):
    """A draft that asks about safety, something recommended, and something optional."""
    wanted = select(ExtraWorkLine.request_id).where(ExtraWorkLine.urgency == Urgency.OPTIONAL)
    safe = select(ExtraWorkLine.request_id).where(ExtraWorkLine.urgency == Urgency.SAFETY)
    query = select(ExtraWorkRequest).where(
        ExtraWorkRequest.status == RequestStatus.DRAFT, ExtraWorkRequest.id.in_(wanted), ExtraWorkRequest.id.in_(safe),
    )
    return look_up(query)[0]


def answer(page, line: ExtraWorkLine, deed: str) -> None:
    """Open the dialog of an answer to one line."""
    page.locator(f"a[data-dialog][href^='/extra-work-lines/{line.id}/do/{deed}']").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def test_the_advisor_asks_and_records_each_answer(place, page, look_up, request_with_three_lines):
    """A phone call needs its number, a declined safety item its note; the order waits meanwhile and then goes on."""
    asked = request_with_three_lines
    safety, recommended, optional = look_up(select(ExtraWorkLine).where(ExtraWorkLine.request_id == asked.id).order_by(ExtraWorkLine.line_no))
    enter(page, place, "advisor")
    page.get_by_role("link", name=asked.request_no).first.click()
    steps.ask(page, "发送客户")
    steps.send(page)

    assert steps.state(page) == "已发送"
    assert look_up(select(ServiceOrder.status).where(ServiceOrder.id == asked.order_id)) == [OrderStatus.WAITING_APPROVAL]

    answer(page, safety, "decline")
    steps.fill(page, **WORD, method="in_person")

    assert "书面" in steps.refused(page)

    steps.fill(page, note="客户已知悉风险，签字自行承担。")
    steps.send(page)

    assert steps.state(page) == "部分已确认"

    answer(page, recommended, "approve")
    steps.fill(page, **WORD, method="phone")

    assert "号码" in steps.refused(page)

    steps.fill(page, phone_called="13800005566")
    steps.send(page)
    answer(page, optional, "defer")
    steps.fill(page, **WORD, method="wechat", follow_up_km="90000")
    steps.send(page)

    assert steps.state(page) == "已确认"
    assert look_up(select(ExtraWorkLine.status).where(ExtraWorkLine.request_id == asked.id).order_by(ExtraWorkLine.line_no)) == [
        LineStatus.DECLINED, LineStatus.APPROVED, LineStatus.DEFERRED,
    ]
    assert look_up(select(ServiceOrder.status).where(ServiceOrder.id == asked.order_id)) == [OrderStatus.IN_REPAIR]

    evidence = look_up(select(Authorization).where(Authorization.extra_line_id == recommended.id))[0]
    page.goto(f"{place}/authorizations/{evidence.id}")
    expect(page.locator("dl.facts")).to_contain_text("车主本人")
    expect(page.locator("dl.facts")).to_contain_text(f"{evidence.revised_total:,.2f}")
