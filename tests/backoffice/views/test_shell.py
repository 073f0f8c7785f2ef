from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from backoffice.views import base_style, icons
from tests import toys
from tests.backoffice.views.reading import texts

STATIC = Path(__file__).parents[3] / "backoffice" / "static"


def test_the_menu_holds_what_the_person_may_read(toy_app, clerk, monkeypatch):
    before = clerk.get("/").get_data(as_text=True)
    monkeypatch.delitem(toys.Librarian.__resource__.rights, toys.Role.CLERK)
    after = clerk.get("/").get_data(as_text=True)

    assert 'href="/librarians/"' in before
    assert 'href="/librarians/"' not in after
    assert clerk.get("/librarians/").status_code == 403


def test_every_page_names_its_language_and_has_one_heading(head):
    for address in ("/", "/loans/", "/search?q=Ann", "/nowhere"):
        page = head.get(address).get_data(as_text=True)

        assert '<html lang="en"' in page
        assert page.count("<h1") == 1
        assert 'class="skip" href="#content"' in page


def test_pages_hold_no_style_and_no_handler_that_the_content_policy_forbids(head):
    for address in ("/", "/loans/?q=x", "/loans/", "/search?q=Ann", "/nowhere"):
        page = head.get(address).get_data(as_text=True)

        assert not re.search(r"\sstyle=|\son\w+=|javascript:", page)
        assert all("nonce=" in tag for tag in re.findall(r"<script[^>]*>", page))


def test_files_keep_for_a_year_under_an_address_that_changes_with_them(head):
    page = head.get("/").get_data(as_text=True)
    for name in ("/base.css", "/static/home.css"):
        address = re.search(rf'href="({name}\?v=\w+)"', page)[1]
        with head.get(address) as kept, head.get(name) as unnamed:
            assert "immutable" in kept.headers["Cache-Control"]
            assert "immutable" not in unnamed.headers.get("Cache-Control", "")


def test_the_sheet_of_every_page_leaves_out_what_no_page_uses():
    """Of Bootstrap only rules for classes of ours, whole, also inside of media queries; then our own."""
    css = "@charset 'x';a{b:c}.btn,.card{d:e}.card{f:g}@media (x){.card{h:i}.btn.x,.btn:not(.y,.btn){j:k}}@keyframes z{to{l:m}}@media print{.card{n:o}}"
    whole = base_style.sheet()

    assert base_style.trimmed(css, frozenset({"btn", "x", "y"})) == "a{b:c}.btn{d:e}@media (x){.btn.x,.btn:not(.y,.btn){j:k}}@keyframes z{to{l:m}}"
    assert ".form-control:focus{" in whole
    assert ".carousel" not in whole
    assert whole.index(".form-control:focus{") < whole.index("--pine") < whole.index(".picker-list")
    assert len(whole) < 90_000


def test_files_travel_packed_for_whoever_understands_that(head):
    """A sixth of the size, the same content; pages stay plain, for they hold secrets."""
    plain = head.get("/base.css", headers={"Accept-Encoding": "identity"})
    answers = [head.get("/base.css", headers={"Accept-Encoding": "gzip, br"}) for _time in range(2)]

    assert [answer.headers["Content-Encoding"] for answer in answers] == ["gzip", "gzip"]
    assert all(gzip.decompress(answer.get_data()) == plain.get_data() for answer in answers)
    assert "Content-Encoding" not in plain.headers
    assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (plain, *answers))
    assert "Content-Encoding" not in head.get("/", headers={"Accept-Encoding": "gzip"}).headers


def test_browsers_find_the_mark(toy_client):
    with toy_client.get("/favicon.ico") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "image/svg+xml"


def test_an_unknown_address_gets_a_page_in_words(head):
    answer = head.get("/loans/none/of/this")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.get_data(as_text=True)


def test_an_icon_is_decoration_unless_it_is_named():
    assert 'aria-hidden="true"' in icons.icon("house")
    assert 'aria-label="&lt;b&gt;"' in icons.icon("house", "<b>")
    assert icons.icon("no such icon") == icons.icon("circle")


def test_the_icons_of_all_nouns_exist(toy_app):
    assert [plan.resource.icon for plan in toy_app.extensions["plans"].values() if not icons.is_known(plan.resource.icon)] == []


@pytest.mark.parametrize("name", ["--neutral", "--info", "--good", "--warn", "--bad"])
def test_badges_have_contrast_in_light_and_dark(name):
    """At least 4.5 to 1, as WCAG 2.2 asks (1.4.3)."""
    styles = (STATIC / "aftercare.css").read_text(encoding="utf-8")
    inks, grounds = (re.findall(rf"{name}-{part}: (#\w{{6}})", styles) for part in ("ink", "bg"))

    assert len(inks) == len(grounds) == 2
    assert all(contrast(ink, ground) >= 4.5 for ink, ground in zip(inks, grounds, strict=True))


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_language_can_be_changed_from_every_page(clerk):
    page = clerk.get("/loans/?state=out")

    assert "中文" in " ".join(texts(page, "menu-item"))
    assert 'name="next" value="/loans/?state=out"' in page.get_data(as_text=True)
