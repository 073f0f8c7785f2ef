"""What people do on every page: follow a link, fill in a dialog, read the note afterwards."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.jobs import work_off


def ask(page: Page, button: str) -> None:
    """Open the dialog of an action by its button."""
    page.locator(".page-head, main").get_by_role("link", name=button, exact=True).first.click()
    expect(page.locator("dialog[open]")).to_be_visible()


def fill(page: Page, **values: str) -> None:
    """Fill in the open dialog by the names of its fields."""
    for name, value in values.items():
        control = page.locator(f"dialog[open] [name={name}]:not([type=hidden])")
        if control.evaluate("it => it.tagName") == "SELECT":
            control.select_option(value)
        elif control.get_attribute("type") == "checkbox":
            control.set_checked(value == "yes")
        else:
            control.fill(value)


def pick(page: Page, label: str, words: str, option: str) -> None:
    """Choose a record in the open dialog by typing."""
    box = page.locator("dialog[open]").get_by_role("combobox", name=label)
    box.fill(words)
    page.get_by_role("option").filter(has_text=option).first.click()


def send(page: Page) -> None:
    """Press the dialog's button and wait until the page says that it is done."""
    page.locator("dialog[open] [type=submit]").click()
    expect(page.locator(".note-good")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)


def refused(page: Page) -> str:
    """Press the dialog's button; the sentence that says why not, in the dialog that stays."""
    page.locator("dialog[open] [type=submit]").click()
    error = page.locator("dialog[open] .error, dialog[open] .note-bad").first
    expect(error).to_be_visible()
    return error.inner_text()


def state(page: Page) -> str:
    """The state beside the record's name."""
    return page.locator(".page-head .tone").first.inner_text().strip()


def check_file(page: Page, app: Flask) -> None:
    """On the page about the columns of a file: go on, let a worker compare it, and look at what it would do."""
    page.wait_for_url("**/mapping")
    page.locator("main form button[value=check]").click()
    page.wait_for_url(lambda url: url.split("/")[-2] == "imports")
    work_off(app)
    page.reload()
    expect(page.locator("main form.apply")).to_be_visible()


def apply_file(page: Page, app: Flask) -> None:
    """Let a worker write what was looked at."""
    page.locator("[type=submit][form=apply]").click()
    with page.expect_navigation():
        page.locator("#confirm [data-answer=yes]").click()
    work_off(app)
    page.reload()
