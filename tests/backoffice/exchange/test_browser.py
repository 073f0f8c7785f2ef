"""A person loads a list in a browser, sees what it would do, applies it, and carries a list away."""

from __future__ import annotations

import pytest

from tests.support.browser import DESK, PHONE, assert_accessible, enter
from tests.support.client import PASSWORD_HASH

FILE = "姓名,读者证号,手机,分馆,鞋码\nAnna,C1,13900000001,B1,38\nZoe,C8,13900000008,B2,39\nYan,C9,12,B2,40\nXu,C10,13900000010,B7,\n"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_list_is_loaded_and_carried_away(toy_address, make_page, photograph, library, toy_session, tmp_path, size):
    """Preview with reasons, a decision about the refused rows, a receipt, a download."""
    library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
    toy_session.commit()
    file = tmp_path / "readers.csv"
    file.write_text(FILE, encoding="gb18030")
    page = enter(make_page(size), toy_address, "hedda")
    page.goto(f"{toy_address}/readers/import")
    photograph(page, "import-form")
    assert_accessible(page)
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_selector("form.apply")
    photograph(page, "import-preview")
    assert_accessible(page)
    page.check("#skip")
    page.click("form.apply button[type=submit]")
    page.wait_for_url("**/imports/*")
    photograph(page, "import-receipt")
    assert_accessible(page)

    assert page.locator(".tile").all_inner_texts()[1].split()[-1] == "1"

    page.goto(f"{toy_address}/readers/export?q=Zoe")
    photograph(page, "export-form")
    assert_accessible(page)
    with page.expect_download() as download:
        page.click("form.choose button[type=submit]")

    assert "Zoe" in download.value.path().read_text(encoding="utf-8-sig")
