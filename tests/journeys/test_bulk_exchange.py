"""A list comes in: chosen, matched, checked, put right, approved by another person, written, and taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from backoffice.declare.journal import ImportRun, RunState
from models.stores import Store
from tests.support.browser import assert_accessible, enter
from tests.support.jobs import work_off

pytestmark = pytest.mark.browser
FILE = """门店代码,门店名称,备注栏
{known},改名的门店,a
ZZ01,新门店一,b
ZZ02,,c
"""


@pytest.fixture
def known(look_up):
    """A store that is there already."""
    return look_up(select(Store).order_by(Store.id))[0]


@pytest.fixture
def approval(house, monkeypatch):
    """Every file needs a second person."""
    monkeypatch.setitem(house.config, "IMPORT_APPROVAL_ROWS", 1)


def test_a_list_is_loaded_approved_and_taken_back(house, place, make_page, photograph, look_up, known, tmp_path, approval, second_admin):
    """Nothing is written before the other person says so; afterwards every record is as it was."""
    file = tmp_path / "门店.csv"
    file.write_text(FILE.format(known=known.code), encoding="gb18030")
    page = enter(make_page(), place, "admin")
    page.goto(f"{place}/stores/import")
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping")
    page.get_by_role("button", name="检查文件").click()
    expect(page.locator("h1")).to_contain_text("正在检查")
    assert_accessible(page)
    work_off(house)
    expect(page.locator("h1")).to_contain_text("审阅", timeout=30_000)
    number = int(page.url.split("?")[0].split("#")[0].rpartition("/")[2])
    expect(page.locator(".tile-count")).to_have_text(["1", "1", "0", "0", "1", "0"])
    assert_accessible(page)

    page.locator(".fix input[aria-invalid]").first.fill("新门店二")
    page.get_by_role("button", name="重新检查这一行").click()
    expect(page.locator(".tile-count")).to_have_text(["2", "1", "0", "0", "0", "0"])
    photograph(page, "journey-import-review")
    page.get_by_role("button", name="申请批准").click()
    page.locator("#confirm [data-answer=yes]").click()
    expect(page.locator("h1 + .subtitle .tone, .run-facts .tone").first).to_have_text("待他人批准")

    assert look_up(select(Store.name).where(Store.id == known.id)) == [known.name]

    other = enter(make_page(), place, second_admin)
    other.get_by_role("link", name="门店.csv").click()
    assert_accessible(other)
    other.get_by_role("button", name="批准", exact=True).click()
    other.locator("#confirm [data-answer=yes]").click()
    expect(other.locator("h1")).to_contain_text("正在写入")
    work_off(house)
    page.goto(f"{place}/imports/{number}")
    expect(page.locator(".note-good").first).to_be_visible()
    photograph(page, "journey-import-receipt")
    assert_accessible(page)

    assert look_up(select(Store.name).where(Store.code.in_([known.code, "ZZ01", "ZZ02"])).order_by(Store.id)) == ["改名的门店", "新门店一", "新门店二"]
    assert [run.approved_by is not None for run in look_up(select(ImportRun).where(ImportRun.id == number))] == [True]

    page.get_by_role("link", name="撤销导入").click()
    expect(page.locator(".tile dd")).to_have_text(["3", "0", "0"])
    photograph(page, "journey-import-undo")
    assert_accessible(page)
    page.locator("form.apply button[type=submit]").click()
    page.locator("#confirm [data-answer=yes]").click()
    expect(page.locator("h1")).to_contain_text("正在撤销")
    work_off(house)
    expect(page.locator(".tile dd")).to_have_text(["3", "0", "0"], timeout=30_000)
    assert_accessible(page)
    page.locator(".facts").get_by_role("link", name=f"导入 {number}").click()
    expect(page.locator(".run-facts .tone").first).to_have_text("已撤销")

    assert look_up(select(Store.name).where(Store.code.in_([known.code, "ZZ01", "ZZ02"])).order_by(Store.id)) == [known.name]
    assert look_up(select(ImportRun.state).where(ImportRun.id == number)) == [RunState.UNDONE]


@pytest.fixture
def second_admin(house):
    """Another administrator, for one test."""
    from backoffice.db import db
    from models.roles import Role
    from models.staff import Staff
    from tests.support.client import PASSWORD_HASH

    with house.app_context():
        db.session.add(Staff(
            staff_no="ZZ900", name="第二管理员", role=Role.ADMIN, login="second", password_hash=PASSWORD_HASH, store_id=db.session.scalars(select(Store.id)).first(),
        ))
        db.session.commit()
    return "second"
