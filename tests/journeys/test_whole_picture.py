"""The phone rings: who is it, what to beware of, what happened; and a new case is opened without losing a word."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models.complaint_states import OPEN
from models.complaints import Complaint
from models.customers import Customer
from models.orders import ServiceOrder
from models.stores import Store
from models.vehicles import Vehicle
from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser
VIN = "LFV2A21K7G3000019"


@pytest.fixture
def customer(look_up):
    """A customer of the first store with most orders, who has nothing open to complain about."""
    complains = select(Complaint.id).where(Complaint.customer_id == Customer.id, Complaint.status.in_(OPEN)).exists()
    query = select(Customer).join(Store, Customer.store).join(ServiceOrder, ServiceOrder.customer_id == Customer.id)
    return look_up(query.where(Store.code == "DM-NJ", ~complains).group_by(Customer.id).order_by(func.count().desc(), Customer.id))[0]


def test_a_call_on_a_small_screen(place, make_page, customer, look_up):
    """The whole picture at a glance and by kinds, and a complaint about a car that nobody knew yet."""
    page = make_page(PHONE)
    enter(page, place, "agent")
    page.goto(f"{place}/customers/{customer.id}")
    assert_accessible(page)
    page.locator("form.reveal[action$='/phone'] button").click()
    expect(page.locator(".head-facts a[href^='tel:']")).to_have_text(customer.phone)
    expect(page.locator(f"[data-copy='{customer.phone}']")).to_be_visible()

    everything = page.locator(".story-line").count()
    page.locator(".story-kinds a", has_text="维修工单").click()
    expect(page.locator(".story-kinds a", has_text="维修工单")).to_have_attribute("aria-current", "true")
    assert 0 < page.locator(".story-line").count() < everything

    page.locator("details#orders summary").click()
    expect(page.locator("details#orders tbody tr").first).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="新建投诉").click()
    page.wait_for_url("**/complaints/new**")
    page.fill("[name=description]", "刹车异响，没人说明原因。")
    car = page.get_by_role("combobox", name="车辆")
    car.click()
    expect(page.locator(".picker-option").first).to_be_visible()
    car.fill(VIN)
    page.get_by_role("option", name="新建车辆").click()
    form = page.locator("dialog[open]")
    expect(form.locator("[name=vin]")).to_have_value(VIN)
    form.locator("[name=brand]").fill("大众")
    assert_accessible(page)
    sent = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    form.locator("[type=submit]").first.dblclick()
    expect(form).to_have_count(0)
    expect(car).to_have_value(VIN)
    assert len(sent) == 1
    expect(page.locator("[name=description]")).to_have_value("刹车异响，没人说明原因。")

    page.fill("[name=category]", "刹车异响")
    page.fill("[name=problem_type]", "维修质量")
    page.locator("form.record-form [type=submit]").first.click()
    page.wait_for_url(f"**/customers/{customer.id}")
    expect(page.locator(".alert-line", has_text="未结投诉")).to_contain_text("刹车异响")
    expect(page.locator(".story-line").first).to_contain_text("没人说明原因")

    vehicle = look_up(select(Vehicle).where(Vehicle.vin == VIN))[0]
    page.goto(f"{place}/vehicles/{vehicle.id}")
    expect(page.locator(".alert-line", has_text="未结投诉")).to_be_visible()
    assert_accessible(page)
