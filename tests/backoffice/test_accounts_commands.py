"""Logins from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from backoffice.accounts import commands, passwords
from backoffice.db import db
from backoffice.declare.journal import AuditEntry, Deed, Source
from tests import toys
from tests.support.client import PASSWORD, sign_in
from tests.support.people import hire


@pytest.fixture
def branch(toy_session):
    branch = toys.Branch(code="B1", name="Main")
    toy_session.add(branch)
    toy_session.commit()
    return branch


@pytest.fixture
def flask(toy_app, toy_session):
    """``flask librarians …``, in a process of its own as far as the database can tell."""

    def run(*arguments, typed=None):
        toy_session.commit()
        result = toy_app.test_cli_runner().invoke(args=["librarians", *arguments], input=typed)
        toy_session.expire_all()
        assert "Traceback" not in result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


@pytest.fixture
def terminal(monkeypatch):
    """Somebody sits there and can be asked."""
    monkeypatch.setattr(commands, "is_terminal", lambda: True)


def librarian(session, login):
    return session.scalars(select(toys.Librarian).where(toys.Librarian.login == login)).one()


def printed_password(result):
    return result.stdout.strip().splitlines()[-1].rpartition(" ")[2]


def test_create_makes_a_person_who_can_sign_in(flask, branch, toy_session, toy_client):
    """The password is made and printed once; the record is as asked."""
    result = flask("create", "Ann", "--role", "head", "--badge", "n 7", "--name", "Ann Ode", "--branch", "b1")
    ann = librarian(toy_session, "ann")

    assert result.exit_code == 0
    assert (ann.badge, ann.name, ann.role, ann.branch.code) == ("N7", "Ann Ode", toys.Role.HEAD, "B1")
    assert sign_in(toy_client, "ann", printed_password(result)).get("/account").status_code == 200
    assert printed_password(result) not in ann.password_hash


@pytest.mark.parametrize("role", ["head", "HEAD", "Head librarian", "馆长", " 馆长 "])
def test_a_role_is_a_code_or_a_label(flask, branch, toy_session, role):
    """In either language."""
    flask("create", "ann", "--role", role, "--branch", "B1")

    assert librarian(toy_session, "ann").role is toys.Role.HEAD


def test_what_is_not_given_is_the_login(flask, branch, toy_session):
    """One line is enough for a first person."""
    flask("create", "ann", "--role", "clerk", "--branch", "B1")
    ann = librarian(toy_session, "ann")

    assert (ann.badge, ann.name) == ("ANN", "ann")


def test_the_key_of_a_person_already_there_gives_a_login(flask, toy_session):
    """Nothing else of the record changes but the role that was named."""
    there = hire(toy_session, None, badge="N7", name="Ann Ode", password_hash=None)
    result = flask("create", "ann", "--role", "head", "--badge", "n7")
    toy_session.refresh(there)

    assert result.exit_code == 0
    assert (there.login, there.name, there.role) == ("ann", "Ann Ode", toys.Role.HEAD)
    assert toy_session.query(toys.Librarian).count() == 1


def test_every_command_is_in_the_trail_as_nobodys(flask, branch, toy_session):
    """Source command, no person, and no secret."""
    flask("create", "ann", "--role", "head", "--branch", "B1")
    flask("reset", "ann")
    flask("disable", "ann")
    entries = toy_session.scalars(select(AuditEntry).where(AuditEntry.resource == "librarians").order_by(AuditEntry.id)).all()

    assert {(entry.source, entry.user_id, entry.who) for entry in entries} == {(Source.COMMAND, None, None)}
    assert [entry.deed for entry in entries] == [Deed.CREATE, Deed.UPDATE, Deed.UPDATE]
    assert [set(entry.changes) for entry in entries[1:]] == [{"password_hash"}, {"disabled_at"}]
    assert "argon2" not in str([entry.changes for entry in entries])


@pytest.mark.parametrize(("arguments", "code", "sentence"), [
    (["create", "ann"], 2, "--role"),
    (["create", "--role", "head"], 2, "LOGIN"),
    (["create", "new", "--role", "king", "--branch", "B1"], 2, "馆员, 馆长"),
    (["create", "new", "--role", "head"], 1, "--branch"),
    (["create", "new", "--role", "head", "--branch", "B9"], 1, "B9"),
    (["create", "new", "--role", "head", "--branch", "B1", "--badge", "n-ann"], 1, "ann"),
    (["create", "new", "--role", "head", "--branch", "B1", "--badge", "n-filed"], 1, "Filed"),
    (["create", "new", "--role", "head", "--branch", "B1", "--badge", "x" * 50], 1, "40"),
    (["create", "new", "--role", "head", "--branch", "B1", "--name", "x" * 101], 1, "100"),
    (["create", "ANN", "--role", "head", "--branch", "B1"], 1, "ann"),
    (["create", "ann ode", "--role", "head", "--branch", "B1"], 1, "64"),
    (["create", "", "--role", "head", "--branch", "B1"], 1, "64"),
    (["create", "x" * 65, "--role", "head", "--branch", "B1"], 1, "64"),
    (["create", "a\x00b", "--role", "head", "--branch", "B1"], 1, "64"),
    (["create", "new", "--role", "head", "--password", "secret"], 2, "--password"),
    (["reset", "nobody"], 1, "nobody"),
    (["disable", "nobody"], 1, "nobody"),
    (["enable", "nobody"], 1, "nobody"),
    (["promote", "ann"], 2, "promote"),
])
def test_each_mistake_has_its_sentence(flask, toy_session, arguments, code, sentence):
    """On the error channel, with exit code 1 or 2, and nothing is written."""
    hire(toy_session)
    hire(toy_session, None, badge="N-FILED", name="Filed", archived_at=datetime(2026, 1, 1, tzinfo=UTC))
    result = flask(*arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert sentence in result.stderr
    assert toy_session.query(toys.Librarian).count() == 2


def test_a_badge_that_the_login_would_repeat_is_refused(flask, toy_session):
    """A new person never takes over somebody's record by having a login that looks like its key."""
    there = hire(toy_session, None, badge="ANN", name="Ann Ode", password_hash=None)
    result = flask("create", "ann", "--role", "head", "--branch", "B1")
    toy_session.refresh(there)

    assert result.exit_code == 1
    assert "工牌" in result.stderr
    assert there.login is None


def test_reset_ends_the_sessions(flask, toy_session, toy_client):
    """The old password is dead, the new one works."""
    hire(toy_session)
    sign_in(toy_client, "ann")
    result = flask("reset", "ANN")

    assert result.exit_code == 0
    assert toy_client.get("/account").status_code == 302
    assert toy_client.post("/login", data={"login": "ann", "password": PASSWORD}).status_code == 401
    assert sign_in(toy_client, "ann", printed_password(result)).get("/account").status_code == 200


def test_disable_ends_the_sessions_and_enable_undoes_it(flask, toy_session, toy_client):
    """Out at once; afterwards the same password works again, the old session does not."""
    hire(toy_session)
    sign_in(toy_client, "ann")
    result = flask("disable", "ann")
    out = toy_client.get("/account").status_code
    refused = toy_client.post("/login", data={"login": "ann", "password": PASSWORD}).status_code
    flask("enable", "ann")

    assert result.exit_code == 0
    assert (out, refused) == (302, 401)
    assert toy_client.get("/account").status_code == 302
    assert sign_in(toy_client, "ann").get("/account").status_code == 200


def test_a_person_who_was_disabled_twice_left_the_first_time(flask, toy_session):
    """The moment stays."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    ann = hire(toy_session, disabled_at=moment)
    result = flask("disable", "ann")
    toy_session.refresh(ann)

    assert (result.exit_code, ann.disabled_at) == (0, moment)


def test_list_shows_everybody_with_a_login(flask, toy_session):
    """Login, role, state and name; nobody without a login, and no hash."""
    hire(toy_session)
    hire(toy_session, "zoe", disabled_at=datetime(2026, 1, 1, tzinfo=UTC), role=toys.Role.HEAD)
    hire(toy_session, None, badge="N9", name="Nameless")
    lines = [line.split() for line in flask("list").stdout.splitlines()]

    assert lines == [["ann", "clerk", "Ann"], ["zoe", "head", "disabled", "Zoe"]]


def test_at_a_terminal_the_password_is_asked_for(flask, branch, terminal, toy_session):
    """Twice, again after a weak one, and it is not printed."""
    typed = "short\nseven dry hens wake\nseven dry hens wake\n"
    result = flask("create", "ann", "--role", "head", "--branch", "B1", typed=typed)

    assert result.exit_code == 0
    assert "10" in result.output
    assert "hens" not in result.output
    assert passwords.matches(librarian(toy_session, "ann").password_hash, "seven dry hens wake")


def test_nobody_waits_while_a_password_is_typed(flask, terminal, toy_session, monkeypatch):
    """No transaction is open at the question: others write on."""
    hire(toy_session)
    right = passwords.weakness

    def slowly(*question):
        with db.engine.begin() as other:
            other.execute(update(toys.Branch).values(name="Meanwhile"))
        return right(*question)

    monkeypatch.setattr(passwords, "weakness", slowly)
    result = flask("reset", "ann", typed="seven dry hens wake\n" * 2)

    assert result.exit_code == 0
    assert toy_session.scalars(select(toys.Branch.name)).one() == "Meanwhile"


def test_made_passwords_are_long_and_never_the_same():
    """79 random bits each, without letters that are misread."""
    made = {passwords.generated() for _number in range(200)}

    assert len(made) == 200
    assert all(passwords.weakness(one, "ann") is None and not set(one) & set("l1o0") for one in made)
