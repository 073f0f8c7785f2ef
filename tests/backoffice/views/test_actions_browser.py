from __future__ import annotations

import pytest

from backoffice.db import db
from tests import toys
from tests.backoffice.lending import again
from tests.support.browser import PHONE, assert_accessible, enter

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what a browser shows does not depend on it


def test_a_dialog_keeps_what_was_typed_until_it_is_right(toy_address, library, page):
    """The refusal stands in the dialog; after the right day the page is asked for anew, once: a second asking would lose the note."""
    enter(page, toy_address, "clerk")
    page.goto(f"{toy_address}/loans/{library.loan.id}")
    page.click("a[data-dialog][href$='/do/renew']")
    page.fill("dialog [name=until]", "2020-01-01")
    page.fill("dialog [name=reason]", "a journey\nto sea")
    page.click("dialog [type=submit]")
    page.wait_for_selector("dialog .error")
    assert_accessible(page)
    kept = page.input_value("dialog [name=reason]")
    page.fill("dialog [name=until]", "2028-01-01")
    asked = []
    page.on("request", lambda request: request.is_navigation_request() and asked.append(request.url))
    page.click("dialog [type=submit]")
    page.wait_for_selector(".note-good")

    assert len(asked) == 1
    assert kept == "a journey\nto sea"
    assert page.locator("dialog[open]").count() == 0
    assert str(again(library.loan).due_on) == "2028-01-01"


def test_escape_leaves_a_dialog_without_a_deed(toy_address, library, page):
    """And the keyboard alone gets there."""
    enter(page, toy_address, "clerk")
    page.goto(f"{toy_address}/loans/{library.loan.id}")
    page.focus("a[data-dialog][href$='/do/give_back']")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Escape")

    assert page.locator("dialog[open]").count() == 0
    assert again(library.loan).state is toys.State.OUT


def test_rows_on_a_readers_page_are_worked_on_right_there(toy_address, library, make_page):
    """On a phone: one row by its button, two by ticking them; each has its outcome."""
    other = toys.Loan(reader=library.ann, title="Persuasion")
    db.session.add(other)
    db.session.commit()
    page = enter(make_page(PHONE), toy_address, "clerk")
    page.goto(f"{toy_address}/readers/{library.ann.id}")
    assert_accessible(page)
    page.click(f"a[data-dialog][href^='/loans/{other.id}/do/give_back']")
    page.click("dialog [type=submit]")
    page.wait_for_selector(".note-good")
    for box in page.locator("[name=ids]").all():
        box.check()
    page.click("[formaction='/loans/bulk/renew']")
    page.fill("[name=until]", "2028-01-01")
    page.click("main [type=submit]")
    page.wait_for_selector(".related .tone-good")

    assert page.locator(".related .tone-good").count() == 2
    assert again(other).state is toys.State.BACK
    assert again(library.loan).renewals == 1


def test_two_versions_are_chosen_from_on_one_page(toy_address, library, head, page):
    """Nobody's words are lost, and the choice is saved."""
    enter(page, toy_address, "clerk")
    page.goto(f"{toy_address}/loans/{library.loan.id}/edit")
    page.fill("[name=title]", "Mine,\nwith two lines")
    head.post(f"/loans/{library.loan.id}/edit", data={"version": page.input_value("[name=version]"), "title": "Theirs"})
    page.click(".record-form [type=submit]")
    page.wait_for_selector(".clash")
    assert_accessible(page)
    page.check("input[value=mine]")
    page.click("main [type=submit]")
    page.wait_for_selector(".note-good")

    assert again(library.loan).title == "Mine,\nwith two lines"


def test_an_untouched_form_changes_nothing(toy_address, library, page):
    """What a browser sends back of every control is what was stored, to the byte."""
    library.loan.title = "\n  first\r\nsecond \n"
    db.session.commit()
    before = library.loan.version
    enter(page, toy_address, "clerk")
    page.goto(f"{toy_address}/loans/{library.loan.id}/edit")
    page.click(".record-form [type=submit]")
    page.wait_for_selector(".note-good")
    loan = again(library.loan)

    assert (loan.title, loan.version) == ("\n  first\r\nsecond \n", before)
