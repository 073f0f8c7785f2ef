"""A person carries a list away in a browser."""

from __future__ import annotations

import pytest

from tests.support.browser import DESK, PHONE, assert_accessible, enter
from tests.support.client import PASSWORD_HASH

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what a browser shows does not depend on it


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_list_is_carried_away(toy_address, make_page, photograph, library, toy_session, size):
    """What the list shows, as a download."""
    library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
    toy_session.commit()
    page = enter(make_page(size), toy_address, "hedda")
    page.goto(f"{toy_address}/readers/export?q=Bob")
    photograph(page, "export-form")
    assert_accessible(page)
    with page.expect_download() as download:
        page.click("form.choose button[type=submit]")

    assert "Bob" in download.value.path().read_text(encoding="utf-8-sig")
