"""An order export of a system that nobody has met: chosen, its columns matched by hand, checked, looked through, written, and known the next time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models.complaints import Complaint
from models.customers import Customer
from models.orders import ServiceOrder
from models.staff import Staff
from models.stores import Store
from models.vehicles import Vehicle
from tests.journeys.steps import apply_file, check_file
from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser
FILE = """单号,进厂,机主,联系方式,牌照,底盘号,类别,接车人,店面,投诉情况,天气
FX1,2026-03-01 09:10,王小芳,139 2258 0417,京A12345,LSVAM418907184847,例行,{advisor},{store},,雨
FX2,2026-04-02 10:00,王小芳,13922580417,京A12345,lsvam418907184847,保养,{advisor},{store},空调异响,晴
FX3,2026-04-03 11:00,李大强,13700580489,京B12345,LFV2A21K8A3000001,保养,{advisor},{store},,晴
"""
GOES = (
    "orders.order_no", "orders.checked_in_at", "customers.name", "customers.phone", "vehicles.plate", "vehicles.vin", "orders.service_type",
    "orders.advisor", "store", "complaints.description", "",
)
NOUNS = (Customer, Vehicle, ServiceOrder, Complaint)


def test_a_flat_file_with_foreign_headers(house, place, make_page, photograph, look_up, tmp_path):
    """Four nouns out of one line each; the column of the weather stays out; the next file of the source needs nothing."""
    (advisor,) = look_up(select(Staff.staff_no).where(Staff.login == "advisor"))
    (store,) = look_up(select(Store.code).join(Staff, Staff.store_id == Store.id).where(Staff.login == "advisor"))
    file = tmp_path / "接待记录.csv"
    file.write_text(FILE.format(advisor=advisor, store=store), encoding="gb18030")
    before = {noun: look_up(select(func.count()).select_from(noun))[0] for noun in NOUNS}
    page = enter(make_page(), place, "admin")
    page.goto(f"{place}/orders/import")
    page.get_by_role("link", name="维修系统工单导出").click()
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping")
    expect(page.locator("#live .note-bad")).to_contain_text("还没有列对应到字段")
    for index, word in enumerate(GOES):
        page.select_option(f"#field-{index}", word)

    expect(page.locator("#how-2")).to_have_text("由您选择")
    expect(page.locator(".finds dd").first).to_have_text("2")
    expect(page.locator("#live .note-bad")).to_have_count(0)

    page.get_by_label("“例行” · 1 行").select_option("maintenance")
    assert_accessible(page)
    photograph(page, "journey-flat-mapping")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert_accessible(page)
    photograph(page, "journey-flat-mapping")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.fill("#name", "老系统")
    page.press("#name", "Enter")
    expect(page.locator(".tone-good").first).to_have_text("按记住的来源：老系统")
    check_file(page, house)

    expect(page.locator(".apply-summary")).to_contain_text("新建 8")

    assert_accessible(page)
    photograph(page, "journey-flat-review")
    apply_file(page, house)

    expect(page.locator(".note-good").first).to_be_visible()
    after = {noun: look_up(select(func.count()).select_from(noun))[0] - before[noun] for noun in NOUNS}
    assert after == {Customer: 2, Vehicle: 2, ServiceOrder: 3, Complaint: 1}

    page.goto(f"{place}/import/workshop-orders")
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping")

    assert [page.input_value(f"#field-{index}") for index in range(len(GOES))] == list(GOES)
