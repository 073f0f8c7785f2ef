"""Every address, as every role, with an own row and a foreign one: what is not given is denied.

The expectation comes from the table of rights as it is written out in ``test_rights_table``, not
from the code that decides. A new address fails here until it is put into ``ADDRESSES``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from backoffice.db import db
from backoffice.declare import Model
from backoffice.plan import Plan
from models import load_models
from models.roles import Role
from tests import factories
from tests.guards.test_rights_table import PLANS, ROLES, letters
from tests.support.client import sign_in
from tests.support.world import AT_STORE, make_people, make_rows

OPEN = {"static", "bootstrap.static", "admin.static", "favicon", "base_style", "accounts.login", "accounts.sign_in", "accounts.language", "healthz", "readyz"}
MESSAGES = {"inbox.page", "inbox.open_message", "inbox.read", "message_choices.page", "message_choices.save"}
SIGNED_IN = {
    *MESSAGES, "pinned.counts", "jobs.show", "jobs.stop", "accounts.logout", "accounts.account", "accounts.change_password", "search.results", "admin.index", *(
    f"exchange.{page}" for page in (
        "receipt", "errors", "apply", "approve", "send_back", "withdraw", "cancel", "check_again", "correct", "replace", "decide",
        "undo_page", "undo", "outcomes",
    )
), "mapping.page", "mapping.send", "mapping.live", "mapping.source", "exports.export", "exports.download", "flat_files.page"}
FOR_ALL = {
    "stores", "staff", "callback-plans", "callback-codes", "escalation-levels", "escalation-triggers", "authority-limits", "standard-phrases", "calendars",
    "calendar-days", "escalation-drafts", "escalation-draft-lines",
}
"""Nouns without rows of one's own: who reads them reads them all."""
NOT_THEIRS = {("agent", "todos"), ("workshop", "todos")}
"""The own row of the world is a to-do of the advisor's."""

TERSE = {"Accept": "application/json"}
"""A no in one line instead of a page with the whole menu; what may be seen is asked for as a browser does."""


@dataclass(frozen=True)
class Ask:
    """One request: the letter of the table that it needs, and whether it is about a row."""

    method: str
    path: str
    letter: str
    about_row: bool = True
    roles: tuple[Any, ...] = ()


def actions(plan: Plan, path: str) -> Iterator[Ask]:
    for action in plan.actions.values():
        yield Ask("GET", f"{path}/do/{action.name}", "A", roles=action.spec.by)
        yield Ask("POST", f"{path}/do/{action.name}", "A", roles=action.spec.by)


def bulk(plan: Plan, _path: str) -> Iterator[Ask]:
    for action in plan.actions.values():
        if action.spec.bulk:
            yield Ask("POST", f"/{plan.name}/bulk/{action.name}", "A", about_row=False, roles=action.spec.by)


def reveals(plan: Plan, path: str) -> Iterator[Ask]:
    for field in plan.fields.values():
        if field.personal:
            yield Ask("POST", f"{path}/reveal/{field.name}", "R")
    for contact in plan.resource.contact:
        yield Ask("POST", f"{path}/reveal/{contact}", "R")


def merging(*addresses: tuple[str, str], about_row: bool) -> Any:
    """Pages of nouns whose records can be merged, for the roles that may."""

    def asked(plan: Plan, path: str) -> Iterator[Ask]:
        if plan.resource.merge is not None:
            start = path if about_row else f"/{plan.name}"
            yield from (Ask(method, f"{start}/{rest}", "U", about_row, plan.resource.merge.by) for method, rest in addresses)

    return asked


def alike(plan: Plan, _path: str) -> Iterator[Ask]:
    if plan.resource.merge is not None:
        yield Ask("GET", f"/{plan.name}/alike?name=a", "C", about_row=False)


ADDRESSES = {
    "list_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/", "R", about_row=False)],
    "count_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/count", "R", about_row=False)],
    "options": lambda plan, _path: [Ask("GET", f"/{plan.name}/options?q=a", "R", about_row=False)],
    "new_page": lambda plan, _path: [Ask(method, f"/{plan.name}/new", "C", about_row=False) for method in ("GET", "POST")],
    "record_page": lambda _plan, path: [Ask("GET", path, "R")],
    "key_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/by-key/{{key}}", "R")],
    "look_at_page": lambda _plan, path: [Ask("GET", f"{path}/look", "R")],
    "look_reveal_page": lambda plan, path: [Ask("POST", f"{path}/look/{one.name}", "R") for one in plan.fields.values() if one.personal],
    "cell_page": lambda plan, path: [Ask(method, f"{path}/cell/{one.name}", "U") for one in plan.open_fields[:2] for method in ("GET", "POST")],
    "history_page": lambda _plan, path: [Ask("GET", f"{path}/history", "R")],
    "edit_page": lambda _plan, path: [Ask(method, f"{path}/edit", "U") for method in ("GET", "POST")],
    "bring_back_page": lambda _plan, path: [Ask("POST", f"{path}/history/1/created_at", "U")],
    "archive_page": lambda _plan, path: [Ask("GET", f"{path}/archive", "D")],
    "restore_page": lambda _plan, path: [Ask("POST", f"{path}/restore", "D")],
    "purge_page": lambda _plan, path: [Ask("GET", f"{path}/purge", "P")],
    "reveal_page": reveals,
    "action_page": actions,
    "bulk_page": bulk,
    "bulk_edit_page": lambda plan, _path: [Ask("POST", f"/{plan.name}/bulk-edit", "U", about_row=False)],
    "bulk_archive_page": lambda plan, _path: [Ask("POST", f"/{plan.name}/bulk-archive", "D", about_row=False)],
    "import_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/import", "I", about_row=False)] if plan.resource.importable else [],
    "export_page": lambda plan, _path: [Ask(method, f"/{plan.name}/export", "E", about_row=False) for method in ("GET", "POST")],
    "merge_page": merging(("GET", "merge"), ("POST", "merge"), about_row=True),
    "unmerge_page": merging(("POST", "unmerge/1"), about_row=True),
    "pairs_page": merging(("GET", "duplicates"), about_row=False),
    "different_page": merging(("POST", "duplicates/different"), about_row=False),
    "look_page": merging(("POST", "duplicates/look"), about_row=False),
    "alike": alike,
    "conditions_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/conditions", "R", about_row=False)],
    "columns_page": lambda plan, _path: [Ask(method, f"/{plan.name}/columns", "R", about_row=False) for method in ("GET", "POST")],
    "new_view_page": lambda plan, _path: [Ask(method, f"/{plan.name}/views/new", "R", about_row=False) for method in ("GET", "POST")],
    "view_page": lambda plan, _path: [Ask("POST", f"/{plan.name}/views/1", "R", about_row=False)],
    "drop_view_page": lambda plan, _path: [Ask("POST", f"/{plan.name}/views/1/delete", "R", about_row=False)],
    "report_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/report", "R", about_row=False)] if plan.resource.report else [],
    "board_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/board", "R", about_row=False)] if plan.resource.board else [],
    "dossier_page": lambda plan, path: [Ask("GET", f"{path}/dossier", "R")] if plan.resource.dossier else [],
    "trial_page": lambda plan, path: [Ask("GET", f"{path}/trial", "R")] if plan.resource.trial else [],
    "template_page": lambda plan, _path: [Ask("GET", f"/{plan.name}/template.csv", "I", about_row=False)],
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.acceptance)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The walk is long; on PostgreSQL it belongs to the long matrix."""
    return request.param


def test_every_address_is_covered(app: Flask) -> None:
    """An address that is neither open to all, nor for whoever signed in, nor in the walk below fails here."""
    found = {rule.endpoint for rule in app.url_map.iter_rules()}
    names = set(app.extensions["plans"])
    resource_pages = {endpoint.partition(".")[2] for endpoint in found if endpoint.partition(".")[0] in names}

    assert resource_pages == set(ADDRESSES)
    assert {endpoint for endpoint in found if endpoint.partition(".")[0] not in names} == OPEN | SIGNED_IN


def test_a_noun_has_no_page_of_what_it_does_not_declare(app: Flask) -> None:
    """No report, board, dossier, trial, merge or import of a noun without one: an address is there only where it leads somewhere."""
    needed = {"import_page": "importable", "merge_page": "merge", "alike": "merge", **{f"{name}_page": name for name in ("report", "board", "dossier", "trial")}}
    found = {rule.endpoint for rule in app.url_map.iter_rules()}

    for name, plan in app.extensions["plans"].items():
        for page, option in needed.items():
            assert (f"{name}.{page}" in found) is bool(getattr(plan.resource, option)), (name, page)


def test_a_stranger_gets_no_further_than_the_login(app: Flask) -> None:
    """Without a session every address but the open ones leads to the login page, whether it exists or not."""
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = client.open(re.sub(r"<[^>]+>", "1", rule.rule), method=method)

        assert (answer.status_code, answer.headers.get("Location", "")[:6]) == (302, "/login"), rule.rule


def may(role: str, noun: str, side: str, ask: Ask) -> bool:
    """What the document says: the role has the letter, is named by the action, and the row is its own."""
    right = PLANS[noun].resource.rights.get(Role(role))
    given = letters(noun, role) | (set(right.verbs.letters) & set("DP") if right else set())
    if ask.letter not in given or (ask.roles and Role(role) not in ask.roles):
        return False
    return not ask.about_row or reads(role, noun, side)


def reads(role: str, noun: str, side: str) -> bool:
    if "R" not in letters(noun, role):
        return False
    if Role(role) not in AT_STORE or noun in FOR_ALL:
        return True
    return side == "own" and (role, noun) not in NOT_THEIRS


def asks(noun: str, record: Model) -> Iterator[Ask]:
    plan = PLANS[noun]
    for make in ADDRESSES.values():
        for ask in make(plan, f"/{noun}/{record.id}"):
            yield Ask(ask.method, ask.path.replace("{key}", plan.key_of(record)), ask.letter, ask.about_row, ask.roles)


def versions() -> dict[str, list[Any]]:
    tables = [model.__tablename__ for model in load_models()]
    return {table: list(db.session.execute(text(f"SELECT id, version FROM {table} ORDER BY id"))) for table in tables}


@pytest.mark.long(15)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_what_the_table_gives_and_nothing_else(app: Flask, role: str) -> None:
    """Own row and foreign row, every address: allowed ones answer, all others are denied and change nothing."""
    with app.app_context():
        people = make_people(db.session)
        sides = {"own": make_rows(db.session, people["advisor"])}
        stranger = make_people_elsewhere()
        sides["foreign"] = make_rows(db.session, stranger)
        client = sign_in(app.test_client(), role)
        before, wrong = versions(), []
        for side, rows in sides.items():
            for noun, record in rows.items():
                asked = [ask for ask in asks(noun, record) if ask.about_row or side == "own"]
                wrong += [found for ask in asked if (found := judge(client, role, noun, side, ask))]
        db.session.rollback()

        assert not wrong, "\n".join(wrong)
        assert versions() == before


def make_people_elsewhere() -> Any:
    return factories.make_staff(db.session, role=Role.ADVISOR, store=factories.make_store(db.session))


def judge(client: Any, role: str, noun: str, side: str, ask: Ask) -> str:
    """Empty where the answer is what the document says; a POST is sent only where it must be denied or says nothing."""
    allowed = may(role, noun, side, ask)
    if allowed and ask.method == "POST" and ask.letter in {"A", "D", "R"}:
        return ""
    answer = client.open(ask.path, method=ask.method, headers=None if allowed else TERSE)
    if allowed:
        fine = answer.status_code in {200, 302, 400, 404, 409, 422} if ask.method == "POST" else answer.status_code in {200, 302, 409, 422}
    else:
        hidden = ask.about_row and not reads(role, noun, side)
        fine = answer.status_code in ({403, 404} if hidden else {403})
    return "" if fine else f"{role} {side} {ask.method} {ask.path}: {answer.status_code}, {'allowed' if allowed else 'denied'}"


def test_a_foreign_record_is_not_told_apart_from_none(app: Flask) -> None:
    """An agent gets the same page for a record of another store as for one that never was."""
    with app.app_context():
        make_people(db.session)
        foreign = make_rows(db.session, make_people_elsewhere())["customers"]
        client = sign_in(app.test_client(), "agent")
        there, nowhere = (client.get(f"/customers/{number}") for number in (foreign.id, 999_999))

        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert said(there) == said(nowhere)


def said(page: Any) -> str:
    """The page without its address, nonces and tokens."""
    return re.sub(r'nonce="[^"]+"|value="[^"]+"|content="[^"]+"|/customers/\d+', "", page.get_data(as_text=True))


def test_pickers_lists_and_search_hold_no_foreign_row(app: Flask) -> None:
    """What an agent may not open is not named to the agent anywhere either."""
    with app.app_context():
        make_people(db.session)
        foreign = make_rows(db.session, make_people_elsewhere())["customers"]
        db.session.execute(select(1))
        client = sign_in(app.test_client(), "agent")
        pages = [client.get(path).get_data(as_text=True) for path in (
            f"/customers/?q={foreign.customer_no}", f"/customers/options?q={foreign.customer_no}", f"/search?q={foreign.customer_no}",
        )]

        assert not any(f'/customers/{foreign.id}"' in page or f'"id": {foreign.id}' in page for page in pages)
