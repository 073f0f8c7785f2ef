from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser import DESK, PHONE, assert_accessible, enter

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what a browser shows does not depend on it
PAGES = ("/", "/loans/", "/loans/?state=out&q=Emma", "/loans/?q=nothing+like+it", "/search?q=Ann", "/nowhere")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_every_page_is_accessible_and_fits_the_window(make_page, toy_address, library, size):
    """In the light and in the dark."""
    page = enter(make_page(size), toy_address, "head")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in PAGES:
            page.goto(toy_address + path)
            assert_accessible(page)


def test_the_picker_works_by_keyboard_and_waits_for_the_input_method(page, toy_address, library):
    """Half-composed text is not searched; arrow and Enter choose; the id travels, and a change of the text drops it."""
    asked = []
    page.on("request", lambda request: "/options" in request.url and asked.append(request.url))
    enter(page, toy_address, "head")
    page.goto(f"{toy_address}/loans/")
    page.click("details.filter-more summary")
    picker, hidden = page.get_by_role("combobox", name="读者"), page.locator("input[type=hidden][name=reader]")

    picker.focus()
    picker.evaluate("it => { it.value = 'an'; it.dispatchEvent(new InputEvent('input', {isComposing: true, bubbles: true})) }")
    page.wait_for_timeout(400)
    assert asked == []

    picker.dispatch_event("compositionend")
    expect(page.get_by_role("option", name="C1 Ann")).to_be_visible()
    assert len(asked) == 1

    picker.press("ArrowDown")
    picker.press("Enter")
    expect(picker).to_have_value("C1 Ann")
    expect(hidden).to_have_value(str(library.ann.id))

    picker.press("End")
    picker.press("x")
    expect(hidden).to_have_value("")
    expect(page.get_by_text("C1 Annx")).to_have_count(0)


def test_ticking_rows_opens_the_bar_of_actions(page, toy_address, library):
    enter(page, toy_address, "head")
    page.goto(f"{toy_address}/loans/")
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()

    page.locator("[data-tick-all]").check()
    expect(bar).to_contain_text("2")
    page.locator("tbody .tick input").first.uncheck()
    expect(bar).to_contain_text("1")


def test_a_slash_goes_to_the_search_box(page, toy_address, library):
    enter(page, toy_address, "head")
    page.keyboard.press("/")
    page.keyboard.type("Emma")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{toy_address}/loans/{library.loan.id}")
    expect(page.locator("h1")).to_contain_text(library.loan.loan_no)


def test_the_menu_of_a_phone_opens_and_closes(make_page, toy_address, library):
    page = make_page(PHONE)
    enter(page, toy_address, "head")
    menu = page.locator("#menu")
    expect(menu).to_be_hidden()

    page.locator("[popovertarget=menu]").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
