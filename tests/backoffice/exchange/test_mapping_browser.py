"""A person chooses a file in a browser, matches its columns, has the source remembered, and is offered it the next time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from backoffice.jobs.tasks import TASKS, Task
from tests.support.browser import DESK, PHONE, assert_accessible, enter
from tests.support.client import PASSWORD_HASH

FILE = "Nr,Reader,Tel,House,Shoes\nC1,Anna,13900000001,B1,38\nC8,Zoe,13900000008,Main house,39\nC9,Yan,13900000009,Main house,40\n"
pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)  # what a browser shows does not depend on it
DROP = """([selector, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/csv" }));
  const target = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def people(library, toy_session, monkeypatch):
    """The head librarian has a login; whether a file is good is another test's question."""
    monkeypatch.setitem(TASKS, "import.plan", Task("import.plan", lambda _ticket: None))
    library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
    toy_session.commit()
    return library


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_file_is_matched_and_its_source_remembered(toy_address, make_page, photograph, people, tmp_path, size):
    """Guesses, choices by hand with what follows from them at once, a name for the source; the second file needs nothing."""
    file = tmp_path / "list.csv"
    file.write_text(FILE, encoding="gb18030")
    page = enter(make_page(size, locale="en-US"), toy_address, "hedda")
    page.context.add_cookies([{"name": "language", "value": "en", "url": toy_address}])
    page.goto(f"{toy_address}/readers/import")
    photograph(page, "import-form")
    assert_accessible(page)
    page.set_input_files("input[name=file]", file)
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping")
    expect(page.locator("#live .note-bad")).to_contain_text("No column says which record a row means")
    assert_accessible(page)
    for index, word in enumerate(("card", "name", "mobile", "branch")):
        page.select_option(f"#field-{index}", word)
    expect(page.locator("#live .finds dd").first).to_have_text("3")
    expect(page.locator("#live .note")).to_have_count(0)
    page.get_by_role("combobox", name="“Main house” · 2 rows").fill("Main")
    page.locator(".picker-list [role=option]").first.click()
    page.select_option("#blank-1", "fill")
    photograph(page, "import-mapping")
    assert_accessible(page)
    page.fill("#name", "Old system")
    page.press("#name", "Enter")
    expect(page.locator(".tone-good").first).to_have_text("as remembered: Old system")
    assert_accessible(page)

    page.goto(f"{toy_address}/readers/import")
    expect(page.get_by_role("link", name="Match its columns (list.csv)")).to_be_visible()
    assert_accessible(page)
    page.evaluate(DROP, ["[data-drop]", "next.csv", FILE.replace("C8", "C88")])
    page.click("form.upload button[type=submit]")
    page.wait_for_url("**/mapping")

    expect(page.locator("h1")).to_have_text("Columns of next.csv")
    assert [page.input_value(f"#field-{index}") for index in range(5)] == ["card", "name", "mobile", "branch", ""]
    assert page.input_value("#blank-1") == "fill"
    assert page.get_by_role("combobox", name="“Main house” · 2 rows").input_value() == "B1"

    page.get_by_role("button", name="Check the file").click()
    page.wait_for_url(lambda url: url.split("/")[-2:-1] == ["imports"])


def test_a_file_that_is_no_table_is_told_in_place(toy_address, make_page, people, tmp_path):
    """The page stays with its choices, the sentence is read aloud, and the next file can be sent."""
    page = enter(make_page(), toy_address, "hedda")
    page.goto(f"{toy_address}/readers/import")
    page.click("summary")
    page.select_option("#mode", "update")
    page.set_input_files("input[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": b"\x89PNG\r\n\x1a\n" + bytes(200)})
    page.click("form.upload button[type=submit]")
    expect(page.locator("[data-why]")).to_be_visible()
    assert_accessible(page)

    assert (page.input_value("#mode"), page.url.endswith("/readers/import")) == ("update", True)
    assert page.locator("form.upload button[type=submit]").is_enabled()


def test_too_large_a_file_is_not_even_sent(toy_address, make_page, people):
    """The page knows the limit."""
    page = enter(make_page(locale="en-US"), toy_address, "hedda")
    page.goto(f"{toy_address}/readers/import")
    page.evaluate("document.querySelector('[data-upload]').dataset.most = 10")
    page.set_input_files("input[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    expect(page.locator("[data-why]")).to_be_visible()
    page.click("form.upload button[type=submit]")

    assert page.url.endswith("/readers/import")


def test_without_scripts_the_same_works_by_buttons(toy_address, chromium, people, tmp_path):
    """Choose, match, look again, check: each is a form."""
    context = chromium.new_context(java_script_enabled=False, locale="en-US")
    page = enter(context.new_page(), toy_address, "hedda")
    context.add_cookies([{"name": "language", "value": "en", "url": toy_address}])
    page.goto(f"{toy_address}/readers/import")
    page.set_input_files("input[name=file]", {"name": "list.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.click("form.upload button[type=submit]")
    for index, word in enumerate(("card", "name", "mobile", "branch")):
        page.select_option(f"#field-{index}", word)
    page.get_by_role("button", name="Look at the choices again").click()

    assert page.locator("#live .finds dd").first.inner_text() == "3"

    page.get_by_label("“Main house” · 2 rows").fill("B1")
    page.get_by_role("button", name="Check the file").click()

    assert page.url.split("/")[-2] == "imports"

    context.close()
