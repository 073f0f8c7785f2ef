"""Every kind of page of every noun, at a desk and on a phone, in both languages: accessible, no wider than the window.

``make_page`` adds: no script error, no breach of the content policy, nothing loaded from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select, update

from backoffice import access
from backoffice.db import db
from backoffice.declare import Language, Model, Verb
from backoffice.plan import Plan
from models.complaints import Complaint
from models.staff import Staff
from tests.journeys import steps
from tests.support.browser import DESK, PHONE, assert_accessible, enter

pytestmark = pytest.mark.browser
ADMINS = {"stores", "staff", "callback-codes", "callback-plans", "escalation-levels", "audit", "imports"}
"""Nouns whose forms the administrator sees; the manager sees the others."""
RICH = "complaints"
"""The noun whose pages are looked at in all four ways, two of them in the long matrix."""
WAYS = [
    pytest.param(PHONE, Language.CHINESE, id="phone-zh"), pytest.param(DESK, Language.ENGLISH, id="desk-en"),
    pytest.param(PHONE, Language.ENGLISH, id="phone-en", marks=pytest.mark.acceptance),
    pytest.param(DESK, Language.CHINESE, id="desk-zh", marks=pytest.mark.acceptance),
]


def pages_of(plan: Plan, login: str) -> Iterator[str]:
    """The pages of a noun that a person may open, about a record that may be worked on if there is one."""
    person = db.session.query(Staff).filter_by(login=login).one()
    record, dialog = working_example(person, plan)
    yield f"/{plan.name}/"
    for verb, path in ((Verb.CREATE, "new"), (Verb.IMPORT, "import"), (Verb.EXPORT, "export")):
        if access.can(person, verb, plan):
            yield f"/{plan.name}/{path}"
    if plan.resource.report:
        yield f"/{plan.name}/report"
    if record is None:
        return
    here = f"/{plan.name}/{record.id}"
    yield here
    if plan.name not in {"audit", "imports"}:
        yield f"{here}/history"
    if access.can(person, Verb.UPDATE, plan):
        yield f"{here}/edit"
    if dialog is not None:
        yield f"{here}/do/{dialog}"
    if plan.resource.trial:
        yield f"{here}/trial"


def working_example(person: Staff, plan: Plan) -> tuple[Model | None, str | None]:
    """A record of the noun that offers the person a dialog, and its name; else any record, or none."""
    query = access.scoped_query(person, plan, Verb.ACT if plan.actions else Verb.READ).order_by(plan.model.id).limit(60)
    records = list(db.session.scalars(query)) or list(db.session.scalars(access.scoped_query(person, plan).limit(1)))
    asking = [one for one in plan.actions.values() if one.fields and access.can_act(person, one, plan)]
    found = ((record, action.name) for record in records for action in asking if action.spec.fits(record))
    return next(found, (records[0] if records else None, None))


def nouns(app: Flask, login: str) -> list[str]:
    """All pages of the nouns that the person is to look at."""
    with app.app_context():
        chosen = [plan for plan in app.extensions["plans"].values() if (plan.name in ADMINS) is (login == "admin")]
        return [path for plan in chosen for path in pages_of(plan, login)]


@pytest.fixture
def person(request, house, place, make_page):
    """A window of a size, and a person who reads a language, signed in."""

    def sign_in(login: str, size: tuple[int, int], language: Language) -> Page:
        with house.app_context():
            db.session.execute(update(Staff).where(Staff.login == login).values(language=language))
            db.session.commit()
        return enter(make_page(size), place, login)

    return sign_in


@pytest.mark.long(25)
@pytest.mark.parametrize(("size", "language"), WAYS)
def test_every_kind_of_page(house, place, person, make_page, size, language):
    """One noun with all its pages, and the pages that belong to no noun."""
    page = person("manager", size, language)
    with house.app_context():
        paths = [*pages_of(house.extensions["plans"][RICH], "manager"), "/", "/account", "/account/messages", "/inbox"]
        paths += ["/search?q=TS", "/search?q=zzzz", f"/{RICH}/?q=zzzz", "/nowhere"]
        number = db.session.scalar(select(Complaint.complaint_no).order_by(Complaint.id))
    for path in paths:
        page.goto(place + path)
        assert_accessible(page)
    page.goto(f"{place}/{RICH}/import")
    rows = f"complaint_no,breach_reason\n{number},{language.value} {size[0]}\nNOBODY,x\n"
    page.set_input_files("[name=file]", {"name": "some.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.locator("main form.upload [type=submit]").click()
    page.wait_for_url("**/mapping")
    assert_accessible(page)
    steps.check_file(page, house)
    page.locator("main form.apply [name=skip_invalid]").check()
    assert_accessible(page)
    steps.apply_file(page, house)
    assert_accessible(page)
    stranger = make_page(size, locale="zh-CN" if language is Language.CHINESE else "en-US")
    stranger.goto(f"{place}/login")
    assert_accessible(stranger)

    assert len(paths) == 17
    assert page.locator("html").get_attribute("lang").startswith(language.value[:2])


@pytest.mark.long(15)
@pytest.mark.parametrize("login", ["manager", "admin"])
def test_every_list_and_record_fits_a_phone(house, place, person, login):
    """Of each noun; in English, whose words are longer."""
    page = person(login, PHONE, Language.ENGLISH)
    too_wide = []
    for path in nouns(house, login):
        if path.count("/") == 2 and not path.endswith(("import", "export", "new")):
            page.goto(place + path)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                too_wide.append(path)

    assert not too_wide


@pytest.mark.long(120)
@pytest.mark.acceptance
@pytest.mark.parametrize(("login", "size", "language"), [("manager", *WAYS[0].values), ("admin", *WAYS[1].values)])
def test_every_page_of_every_noun(house, place, person, login, size, language):
    """List, record, form, dialog, history, import and export of each noun, at a desk or on a phone."""
    page = person(login, size, language)
    paths = nouns(house, login)
    for path in paths:
        answer = page.goto(place + path)

        assert answer.status == 200, path
        assert_accessible(page)

    assert len(paths) > 30
