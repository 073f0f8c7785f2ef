"""The commands: JSON alone, exit codes, sentences."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select

from backoffice.cli.declared import _made
from backoffice.declare import Day, command
from backoffice.declare.commands import COMMANDS
from backoffice.declare.journal import AuditEntry, Deed
from tests import toys


@pytest.fixture
def flask(toy_app, library, toy_session):
    """Run a command of the library."""
    runner = toy_app.test_cli_runner()

    def run(*arguments):
        toy_session.commit()
        answer = runner.invoke(args=list(arguments))
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exc_info
        return answer

    return run


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "in.csv"
        path.write_bytes(text.encode())
        return str(path)

    return write


def test_an_import_prints_json_alone(flask, file):
    """The shape that scripts rely on, with nothing around it, and exit code 0."""
    answer = flask("import", "readers", file("card,name,branch\nC8,Zoe,B1\n"), "--json")
    receipt = json.loads(answer.output)

    assert answer.exit_code == 0
    assert receipt | {"run": None} == {
        "run": None, "resource": "readers", "dry_run": False, "applied": True, "rows": 1, "created": 1, "updated": 0, "unchanged": 0,
        "refused": 0, "warnings": 0, "encoding": "utf-8", "dialect": {"delimiter": ",", "header_line": 1}, "errors": [], "notices": [],
    }
    assert isinstance(receipt["run"], int)


def test_a_refused_row_is_exit_code_1(flask, file, tmp_path):
    """And the refused rows come back as a file that can be corrected and imported."""
    source, rest = file("card,name,branch,mobile\nC8,Zoe,B1,12\nC9,Yan,B1,\n"), tmp_path / "rest.csv"
    answer = flask("import", "readers", source, "--json", "--skip-invalid", "--errors", str(rest))
    receipt = json.loads(answer.output)
    rest.write_text(rest.read_text(encoding="utf-8-sig").replace(",12,", ",13900000008,"), encoding="utf-8")
    again = json.loads(flask("import", "readers", str(rest), "--json").output)

    assert (answer.exit_code, receipt["created"], receipt["refused"]) == (1, 1, 1)
    assert set(receipt["errors"][0]) == {"line", "row", "column", "field", "value", "code", "message"}
    assert (again["created"], again["refused"], [one["code"] for one in again["notices"]]) == (1, 0, [])


@pytest.mark.parametrize(("arguments", "code"), [
    (("import", "shoes", "x.csv"), "unknown_resource"), (("import", "readers", "/nowhere.csv"), "no_such_file"),
    (("import", "readers"), "usage"), (("import", "readers", "x", "--mode", "sideways"), "usage"),
    (("import", "readers", "{file}", "--map", "nothing"), "usage"), (("import", "readers", "{file}", "--encoding", "klingon"), "unknown_encoding"),
])
def test_wrong_usage_is_exit_code_2_and_json(flask, file, arguments, code):
    """One object with a code and a sentence, whatever was wrong."""
    path = file("card,name\nC1,A\n")
    answer = flask(*(one.format(file=path) for one in arguments), "--json")
    error = json.loads(answer.output)["error"]

    assert (answer.exit_code, error["code"]) == (2, code)
    assert error["message"]


def test_without_json_people_read_sentences(flask, file):
    """Counts and the reasons, in the language of the house."""
    answer = flask("import", "readers", file("card,name,branch\nC8,Zoe,B9\n"), "--dry-run")

    assert answer.exit_code == 1
    assert "unknown_link" in answer.output
    assert flask("import", "readers", "/nowhere.csv").exit_code == 2


def test_an_export_goes_to_standard_output_or_a_file(flask, tmp_path, toy_session):
    """Bytes as they are, filtered, in the columns asked for; and written down."""
    target = tmp_path / "out.csv"
    shown = flask("export", "readers", "--columns", "card,name", "--filter", "branch=B2")
    answer = flask("export", "readers", "--output", str(target), "--format", "json", "--headers", "labels")
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.EXPORT).order_by(AuditEntry.id)).first()

    assert shown.stdout_bytes == "\ufeffcard,name\r\nC2,Bob\r\n".encode()
    assert (answer.exit_code, len(json.loads(target.read_text(encoding="utf-8")))) == (0, 2)
    assert (entry.resource, entry.changes["rows"], entry.changes["filter"]) == ("readers", [None, 1], [None, {"branch": "B2"}])


@pytest.mark.parametrize("arguments", [("--filter", "shoe=1"), ("--columns", "shoe"), ("--filter", "shoe"), ("--output", "/nowhere/x.csv")])
def test_an_export_of_nothing_that_exists(flask, arguments):
    """Exit code 2 and a sentence."""
    answer = flask("export", "readers", *arguments)

    assert answer.exit_code == 2
    assert "Traceback" not in answer.output


def test_resources_are_listed_for_scripts(flask):
    """Names, keys, fields, rights and actions of every noun."""
    listed = {one["name"]: one for one in json.loads(flask("resources", "--json").output)}
    loans = listed["loans"]
    fields = {one["name"]: one for one in loans["fields"]}

    assert set(loans) == {"name", "label", "labels", "key", "import", "export", "fields", "columns", "roles", "actions", "address"}
    assert (loans["key"], loans["address"], loans["roles"]["clerk"]) == (["loan_no"], "/loans/", "CRUA")
    assert fields["reader"] == {
        "name": "reader", "labels": {"zh": "读者", "en": "Reader"}, "type": "link", "required": True, "personal": None, "locked": False,
        "choices": [], "link": "readers", "aliases": ["借书人"],
    }
    assert fields["state"]["choices"][1] == {"code": "back", "labels": {"zh": "已还", "en": "Returned"}}
    assert [one["name"] for one in loans["actions"]] == ["give_back", "renew", "waive"]
    assert "password_hash" not in {one["name"] for one in listed["librarians"]["fields"]}


def test_checks_and_diagrams(flask):
    """Nothing is wrong with the library; a book goes out and comes back."""
    assert flask("check").exit_code == 0
    assert "out --> back: give_back" in flask("check", "--graph").output


def test_reference_data_loads_in_the_order_of_its_links(flask, monkeypatch, tmp_path, toy_session):
    """Branches before readers, and a second time nothing changes."""
    folder = tmp_path / "reference"
    folder.mkdir()
    (folder / "readers.csv").write_text("card,name,branch\nC8,Zoe,B8\n", encoding="utf-8")
    (folder / "branches.csv").write_text("code,name\nB8,South\n", encoding="utf-8")
    monkeypatch.setattr("backoffice.cli.seeding.SEEDS", tmp_path)
    first, second = flask("seed", "reference"), flask("seed", "reference")

    assert (first.exit_code, first.output.split()) == (0, ["branches:", "created", "1", "readers:", "created", "1"])
    assert (second.exit_code, "created" in second.output) == (0, False)


def test_reference_data_leaves_alone_what_somebody_has_changed(flask, file, monkeypatch, tmp_path, toy_session):
    """Loading it again, as after an update, changes what nobody touched and nothing else, even where nothing is left to load."""
    folder = tmp_path / "reference"
    folder.mkdir()
    shipped = folder / "branches.csv"
    shipped.write_text("code,name\nB8,South\nB9,North\n", encoding="utf-8")
    monkeypatch.setattr("backoffice.cli.seeding.SEEDS", tmp_path)
    flask("seed", "reference")
    flask("import", "branches", file("code,name\nB8,Ours\n"))
    shipped.write_text("code,name\nB8,Southern\nB9,Northern\n", encoding="utf-8")
    again = flask("seed", "reference")
    shipped.write_text("code,name\nB8,Southern\n", encoding="utf-8")
    last = flask("seed", "reference")

    assert [again.output.strip(), last.output.strip()] == ["branches: updated 1, kept 1", "branches: kept 1"]
    assert set(toy_session.scalars(select(toys.Branch.name).where(toys.Branch.code.in_(("B8", "B9"))))) == {"Ours", "Northern"}


def test_the_demo_is_planted_for_a_day_and_its_people_get_a_password(flask, monkeypatch, toy_session):
    """The planter is told the day and how many; whoever has a login and no password gets one, printed once."""
    asked = []

    def plant(session, day, orders=7, tell=print):
        asked.append((day, orders))
        tell("a word on the way")
        if not session.scalars(select(toys.Librarian).where(toys.Librarian.login == "dora")).first():
            branch = session.scalars(select(toys.Branch)).first()
            session.add(toys.Librarian(badge="D1", name="Dora", login="dora", branch=branch))

    planter = type("Planter", (), {"plant": staticmethod(plant), "accounts": staticmethod(lambda: ("dora",))})
    monkeypatch.setattr("backoffice.cli.seeding.import_module", lambda _name: planter)
    first, second = flask("seed", "demo", "--day", "2026-11-21"), flask("seed", "demo", "--orders", "3", "--day", "2026-11-21")

    assert asked == [(date(2026, 11, 21), 7), (date(2026, 11, 21), 3)]
    assert "dora" in first.output
    assert "a word on the way" in first.output
    assert "assword" not in second.output
    assert flask("seed", "demo", "--day", "someday").exit_code == 2


def test_a_domain_declares_commands(toy_session, toy_app):
    """A decorated function becomes a command; its keyword-only parameters are typed options."""
    @command("count-loans")
    def count_loans(session, *, since: Day | None = None):
        """Count the loans."""
        return {"since": str(since), "loans": session.query(toys.Loan).count()}

    made = _made(COMMANDS.pop("count-loans"))
    answer = toy_app.test_cli_runner().invoke(made, ["--since", "2026年1月2日", "--json"])

    assert json.loads(answer.output) == {"since": "2026-01-02", "loans": 0}
    assert toy_app.test_cli_runner().invoke(made, ["--since", "never", "--json"]).exit_code == 2
