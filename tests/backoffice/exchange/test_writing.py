"""Rows are written set by set or one by one, and nobody can tell which from what is stored or what the trail says."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry
from backoffice.exchange import stage as stages
from backoffice.exchange.options import Options
from backoffice.exchange.staging.noting import findings
from backoffice.exchange.writing.applying import apply, no_step
from backoffice.exchange.writing.one_by_one import OneByOne
from backoffice.exchange.writing.pace import Pace
from tests import toys
from tests.backoffice.exchange.written import begun, plan, stored, write
from tests.journeys.test_real_files import few
from tests.support import apps


def table(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


READERS = table([
    {"card": f"C{number}", "name": f'Ann "{number}" 王芳\\', "mobile": f"139{number:08}" if number % 3 else "", "member_since": "2020-02-29", "branch": "B1"}
    for number in range(1, 60)
])
LOANS = table([
    {
        "loan_no": f"L{number}", "reader": "C1" if number % 2 else "C2", "title": f"Über “{number}”", "state": "back", "returned_at": "2026-01-02 10:00:01",
        "due_on": "2026-03-01" if number % 5 else "", "renewals": number, "fine": f"{number}.5",
    }
    for number in range(2, 40)
])


def shelves() -> None:
    """Two branches, a reader in each, and a loan."""
    main, north = toys.Branch(code="B1", name="Main"), toys.Branch(code="B2", name="North")
    ann = toys.Reader(card="C1", name="Ann", mobile="13900000001", branch=main)
    bob = toys.Reader(card="C2", name="Bob", mobile="13900000002", email="bob@example.com", branch=north)
    db.session.add_all([ann, bob, toys.Loan(loan_no="L1", reader=ann, title="Emma")])
    db.session.commit()


def left(kind: str, folder: Path, files: list[tuple[str, str]], **how: Any) -> tuple[list[Any], dict[str, Any]]:
    """What is said of some files that are written one after the other, and what they leave."""
    with apps.running("toys", kind) as app, app.app_context():
        shelves()
        said = [write(folder, resource, text, **how)[1] for resource, text in files]
        return [(one.created, one.updated, one.refused, one.conflicts) for one in said], stored()


FILES = {
    "readers": [("readers", READERS), ("readers", READERS.replace("2020-02-29", "2021-03-01").replace("Ann", "Änn"))],
    "loans of history": [("loans", LOANS)],
    "loans of today": [("loans", "loan_no,reader,title,due_on\nL1,C2,Änne,\nL9,C1,New,\nL10,C2,New,2026-05-01\n")],
    "notes": [("notes", "loan,line_no,text\nL1,1,One\nL1,2,\n"), ("notes", "loan,line_no,text\nL1,1,“Zwei”\nL1,2,2\n")],
    "librarians": [("librarians", "badge,name,role,branch\nN7,Cleo,head,B1\nN8,Dan,,B2\n"), ("librarians", "badge,role\nN7,clerk\n")],
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_both_ways_leave_the_same(database_kind, tmp_path, files) -> None:
    """New records, changed ones and their trail, value by value."""
    in_sets = left(database_kind, tmp_path, files)
    one_by_one = left(database_kind, tmp_path, files, one_by_one=True)

    assert in_sets == one_by_one
    assert all(created or updated for created, updated, *_rest in in_sets[0])


def test_both_ways_leave_the_same_of_the_real_files(database_kind, tmp_path, data) -> None:
    """Two hundred customers with their cars, orders and complaints, and changes of all of them."""
    files = few(data / "real", "utf8")

    def written(**how: Any) -> tuple[list[tuple[int, ...]], dict[str, Any]]:
        with apps.running("models", database_kind) as app, app.app_context(), clock.stopped_at(datetime(2026, 11, 20, 4, tzinfo=UTC)):
            said = []
            for text in (files, {name: files[name].replace("大众".encode(), "大眾".encode()).replace("男".encode(), "女".encode()) for name in files}):
                said += [write(tmp_path, name, text[name], **how)[1] for name in files]
            return [(one.created, one.updated, one.refused, one.conflicts) for one in said], stored()

    in_sets, one_by_one = written(), written(one_by_one=True)
    assert in_sets[0] == one_by_one[0]
    assert in_sets[1].keys() == one_by_one[1].keys()
    for name, rows in in_sets[1].items():
        assert rows == one_by_one[1][name], name
    assert sum(updated for _created, updated, *_rest in in_sets[0]) > 20


@pytest.mark.parametrize("files", [FILES[name] for name in ("readers", "loans of history", "notes", "librarians")])
def test_rows_without_a_rule_never_meet_the_orm(tmp_path, files, monkeypatch) -> None:
    """Else the comparison would compare one way with itself."""
    monkeypatch.setattr(OneByOne, "write", lambda *_what: pytest.fail("written one by one"))

    said, _held = left("sqlite", tmp_path, files)
    assert all(created or updated for created, updated, *_rest in said)


def entries(resource: str) -> list[AuditEntry]:
    db.session.rollback()
    return list(db.session.scalars(db.select(AuditEntry).where(AuditEntry.resource == resource).order_by(AuditEntry.id)))


@pytest.fixture
def shelved(toy_app, toy_session):
    shelves()
    db.session.remove()
    return toy_app


def planned(folder: Path, resource: str, text: str, between: Any = None, **how: Any) -> Any:
    """Plan a text, let something happen, write it; gives the outcome and the rows as the stage has them then."""
    steps, cursor, options = how.pop("steps", None), how.pop("cursor", 0), Options(file_name="a.csv", **how)
    number = begun(resource, options)
    with stages.opened(number) as stage:
        plan(stage, folder, resource, text, SYSTEM, options)
        if between is not None:
            between(stage)
        applied = apply(stage, SYSTEM, options, steps or no_step, run_id=number, cursor=cursor, pace=Steady(20, 20))
        rows = {row.row: row for row in stage.connection.execute(stage.part(resource).rows.select())}
        said = findings(stage, notices=False)
    return SimpleNamespace(applied=applied, rows=rows, findings=said, run=number)


def change(stage: Any, **values: str) -> None:
    """Somebody edits a reader on a page."""
    stage.connection.rollback()
    reader = db.session.scalars(db.select(toys.Reader).where(toys.Reader.card == "C1")).one()
    for name, value in values.items():
        setattr(reader, name, value)
    db.session.commit()
    db.session.remove()


CHANGED = table([{"card": f"C{number}", "name": "Zoe", "branch": "B2"} for number in range(1, 80)])


def test_a_row_whose_record_was_edited_meanwhile_is_asked_again_alone(shelved, tmp_path) -> None:
    """The other rows are written; the edit stays."""
    done = planned(tmp_path, "readers", CHANGED, lambda stage: change(stage, name="Anna"))

    assert (done.applied.created, done.applied.updated, done.applied.conflicts) == (77, 1, 1)
    assert done.rows[1].verdict == "x"
    assert {one.card: one.name for one in db.session.scalars(db.select(toys.Reader))}["C1"] == "Anna"


def test_a_key_that_was_taken_meanwhile_is_asked_again_alone(shelved, tmp_path) -> None:
    """No second record, and no change of the one that somebody else made."""
    def add(stage: Any) -> None:
        stage.connection.rollback()
        branch = db.session.scalars(db.select(toys.Branch)).first()
        db.session.add(toys.Reader(card="C7", name="Gil", branch=branch))
        db.session.commit()
        db.session.remove()

    done = planned(tmp_path, "readers", CHANGED, add)

    assert (done.applied.created, done.applied.updated, done.applied.conflicts) == (76, 2, 1)
    assert {one.card: one.name for one in db.session.scalars(db.select(toys.Reader))}["C7"] == "Gil"


def test_new_records_are_numbered_in_the_order_of_the_file(database_kind, tmp_path) -> None:
    """However the rows lie on the stage, and whichever way the database takes to them: those that were touched later have moved to its end."""
    def move(stage: Any) -> None:
        rows = stage.part("readers").rows
        few = rows.c.row.between(25, 30)
        moved = [row._asdict() for row in stage.connection.execute(rows.select().where(few))]
        stage.connection.execute(rows.delete().where(few))
        stage.connection.execute(rows.insert(), moved)
        stage.connection.commit()
        if database_kind == "postgresql":
            stage.connection.exec_driver_sql("SET enable_indexscan = off")
            stage.connection.commit()

    with apps.running("toys", database_kind) as app, app.app_context():
        shelves()
        planned(tmp_path, "readers", CHANGED, move)
        cards = db.session.scalars(db.select(toys.Reader.card).order_by(toys.Reader.id)).all()

        assert cards == [f"C{number}" for number in range(1, 80)]


class Steady(Pace):
    """Slices of one size."""

    def took(self, seconds: float, rows: int, singles: int) -> None:
        """Learn nothing."""


class Crash(Exception):
    """The worker dies."""


@pytest.mark.parametrize("at", [20, 60])
@pytest.mark.parametrize("is_lost", [False, True], ids=["", "the stage lacks the last slice"])
def test_it_goes_on_where_it_was_interrupted(shelved, tmp_path, at, is_lost) -> None:
    """Nothing twice, nothing left out, and the same counts at the end."""
    options, cursors = Options(file_name="a.csv"), []
    number = begun("readers", options)

    def step(_connection: Any, *, cursor: int, done: int) -> None:
        if cursors and cursors[-1] >= at:
            raise Crash
        cursors.append(cursor)

    with stages.opened(number) as stage:
        plan(stage, tmp_path, "readers", CHANGED, SYSTEM, options)
        with pytest.raises(Crash):
            apply(stage, SYSTEM, options, step, run_id=number, pace=Steady(20, 20))
        stage.connection.rollback()
        rows = stage.part("readers").rows
        if is_lost:
            last = cursors[-2] if len(cursors) > 1 else 0
            stage.connection.execute(rows.update().where(rows.c.row > last).values(applied=False))
            stage.connection.execute(rows.update().where(rows.c.row > last, rows.c.verdict == "c").values(record_id=None))
            stage.connection.commit()
    with stages.opened(number) as stage:
        applied = apply(stage, SYSTEM, options, run_id=number, cursor=cursors[-1])

    assert (applied.created, applied.updated, applied.refused, applied.conflicts) == (77, 2, 0, 0)
    assert len(entries("readers")) == 2 + 79
    assert {one.name for one in db.session.scalars(db.select(toys.Reader))} == {"Zoe"}


def test_a_row_that_the_database_refuses_names_itself(shelved, tmp_path) -> None:
    """One bad row among many: the others are written, and nothing else changes."""
    def spoil(stage: Any) -> None:
        rows = stage.part("readers").rows
        stage.connection.execute(rows.update().where(rows.c.row == 40).values(c2=999_999))
        stage.connection.commit()

    done = planned(tmp_path, "readers", CHANGED, spoil, skip_invalid=True)

    assert (done.applied.created, done.applied.updated, done.applied.refused) == (76, 2, 1)
    assert [(one.row, one.code) for one in done.findings] == [(40, "unknown_link")]


def test_without_leave_to_skip_a_refused_row_takes_everything_back(shelved, tmp_path) -> None:
    """All of the file or nothing, also when the refusal comes late."""
    before = stored()

    def spoil(stage: Any) -> None:
        rows = stage.part("readers").rows
        stage.connection.execute(rows.update().where(rows.c.row == 70).values(c2=999_999))
        stage.connection.commit()

    done = planned(tmp_path, "readers", CHANGED, spoil)

    assert done.applied.is_taken_back
    assert [one.row for one in done.findings] == [70]
    held = {one.card: one.name for one in db.session.scalars(db.select(toys.Reader).where(toys.Reader.archived_at.is_(None)))}
    assert held == {"C1": "Ann", "C2": "Bob"}
    assert {row[1] for row in before["toy_branches"]} == {row[1] for row in stored()["toy_branches"]}


def test_rows_that_answer_rows_of_the_same_file_come_after_them(shelved, tmp_path) -> None:
    """Whatever the order in the file; and those that wait for each other say so."""
    text = "loan,line_no,text,answers\nL1,1,One,L1/3\nL1,2,Two,\nL1,3,Three,L1/2\n"
    done = planned(tmp_path, "notes", text)

    notes = {one.line_no: one for one in db.session.scalars(db.select(toys.Note))}
    assert done.applied.created == 3
    assert notes[1].answers is notes[3]
    assert notes[3].answers is notes[2]
    assert [one.changes["answers"][1]["name"].split()[-1] for one in entries("notes") if "answers" in one.changes] == ["2", "3"]
