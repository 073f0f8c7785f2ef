"""One box for every kind of key, with and without an input method."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from backoffice.search import initials_of
from models.customers import Customer
from models.vehicles import Vehicle
from tests.support.browser import enter

pytestmark = pytest.mark.browser


@pytest.fixture
def car(look_up):
    """A car with a plate, whose owner has a Chinese name of three signs."""
    query = select(Vehicle).join(Customer, Vehicle.owner).where(Vehicle.plate.is_not(None), func.length(Customer.name) == 3)
    return look_up(query.order_by(Vehicle.id))[0]


@pytest.fixture
def owner(look_up, car):
    return look_up(select(Customer).where(Customer.id == car.owner_id))[0]


def offered(page, words):
    """What the box offers for a text."""
    page.locator("input[name=q][role=combobox]").fill(words)
    page.locator("#find-all", has_text=f"“{words}”").wait_for()
    return page.locator(".find-hit").all_inner_texts()


def test_a_person_on_the_phone_is_found_before_the_second_sentence(place, page, car, owner):
    """By digits, parts of a code, signs, first letters and in any order; Enter opens the first."""
    enter(page, place, "manager")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="全局搜索")).to_be_focused()
    for words in (owner.phone[-4:], owner.name[:1], owner.name[1:], initials_of(owner.name).split()[0], f"{owner.name[1:]} {owner.customer_no[-6:]}"):
        assert any(owner.name in line for line in offered(page, words)), words
    for words in (car.vin[6:12], car.plate[1:], f"{owner.name} {car.vin[-5:]}"):
        assert any(car.vin in line for line in offered(page, words)), words

    offered(page, owner.customer_no)
    expect(page.locator(".find-hit mark").first).to_have_text(owner.customer_no)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{owner.id}")


def test_an_input_method_composes_in_peace(place, page, owner):
    """Half-composed text is not asked for, and the Enter that ends it sends nothing."""
    enter(page, place, "manager")
    here, asked = page.url, []
    page.on("request", lambda request: asked.append(request.url) if "/search" in request.url and "part=box" in request.url else None)
    page.keyboard.press("/")
    method = page.context.new_cdp_session(page)
    for text in ("w", "wa", "wan", "wang"):
        method.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)

    assert not asked
    assert page.url == here

    method.send("Input.imeSetComposition", {"text": owner.name, "selectionStart": 3, "selectionEnd": 3})
    method.send("Input.insertText", {"text": owner.name})
    expect(page.locator(".find-hit").first).to_contain_text(owner.name)

    assert len(asked) == 1
