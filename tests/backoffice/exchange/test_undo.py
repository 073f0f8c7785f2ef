"""An import is taken back: what it made goes, what it changed is as before, and what people did since stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from backoffice.access import SYSTEM
from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare import Refused, clock
from backoffice.declare.journal import AuditEntry, Deed, ImportRun, RunState, Source
from backoffice.declare.people import acting
from backoffice.exchange import undoing
from backoffice.exchange.undoing import Outcome, Verdict, work
from tests import toys
from tests.backoffice.exchange.conftest import counts


@pytest.fixture
def take_back(toy_session) -> Callable[..., Outcome]:
    """Take a run back as somebody; first look, and insist that the look and the work agree."""

    def run(number: int, person: Any = SYSTEM) -> Outcome:
        def told_by(job: Callable[..., Outcome]) -> tuple[Outcome, dict[str, tuple[str, str | None]]]:
            heard: list[undoing.Detail] = []
            outcome = job(heard.append)
            assert len(heard) == len({(one.resource, one.record_id) for one in heard})
            return outcome, {f"{one.resource} {one.key}": (one.verdict.value, one.reason) for one in heard}

        looked, foreseen = told_by(lambda tell: undoing.preview(db.session(), person, db.session.get(ImportRun, number), tell=tell))
        db.session.rollback()
        outcome, told = told_by(lambda tell: undoing.undo(person, db.session.get(ImportRun, number), tell=tell))
        db.session.expire_all()
        outcome.told = told  # type: ignore[attr-defined]  # for the tests alone

        assert (looked.reversed, looked.kept, looked.refused, foreseen) == (outcome.reversed, outcome.kept, outcome.refused, told)
        return outcome

    return run


@pytest.fixture
def running(toy_session) -> Callable[..., Any]:
    """Make changes as a run of an import makes them."""

    @contextmanager
    def run(resource: str) -> Iterator[int]:
        one = ImportRun(resource=resource, file_name="x.csv", sha256="", encoding="utf-8", state=RunState.APPLIED)
        toy_session.add(one)
        toy_session.commit()
        with circumstances(source=Source.IMPORT, run_id=one.id):
            yield one.id
            toy_session.commit()

    return run


def verdicts(outcome: Outcome) -> dict[str, str]:
    """The verdict of each record by its key."""
    return {name.split(" ", 1)[1]: verdict for name, (verdict, _reason) in outcome.told.items()}


def reader(card: str) -> toys.Reader | None:
    return db.session.scalars(select(toys.Reader).where(toys.Reader.card == card)).one_or_none()


def entries(run: int | None) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.run_id == run).order_by(AuditEntry.id)))


def test_what_was_made_goes_and_comes_again(load, take_back):
    """The records are gone for good, the trail keeps their values, and the same file makes them anew."""
    text = "card,name,branch,mobile\nC8,Zoe,B1,13900000008\nC9,Yan,B2,\n"
    first = load("readers", text)
    outcome = take_back(first.run)
    told = entries(outcome.undo_run)

    assert (outcome.reversed, outcome.kept, outcome.refused) == (2, 0, 0)
    assert reader("C8") is None
    assert {(one.deed, one.record_name) for one in told} == {(Deed.DELETE, "C8 Zoe"), (Deed.DELETE, "C9 Yan")}
    assert told[-1].changes["mobile"] == ["13900000008", None]
    assert told[-1].changes["branch"][0]["name"] == "Main"
    assert counts(load("readers", text)) == (2, 0, 0, 0)


def test_what_was_changed_is_as_before(load, take_back, library):
    """Values, links and what was empty come back; the version moves on, and the trail tells it."""
    before = (library.ann.name, library.ann.branch_id, library.ann.email, library.ann.mobile)
    receipt = load("readers", "card,name,branch,email,member_since\nC1,Anna,B2,anna@example.com,2020-01-02\n")
    version = reader("C1").version
    outcome = take_back(receipt.run)
    ann, (told,) = reader("C1"), entries(outcome.undo_run)

    assert (outcome.reversed, (ann.name, ann.branch_id, ann.email, ann.mobile), ann.member_since) == (1, before, None)
    assert (ann.version, told.record_version, told.deed, told.record_name) == (version + 1, version + 1, Deed.UPDATE, "C1 Ann")
    assert told.changes["name"] == ["Anna", "Ann"]
    assert told.changes["email"] == ["anna@example.com", None]
    assert told.changes["branch"][1]["name"] == "Main"


def test_amounts_moments_and_choices_come_back_exactly(load, take_back, toy_session, library):
    """A file of history wrote them; the old ones return to the microsecond."""
    library.loan.fine, library.loan.due_on = Decimal("1.10"), clock.today()
    toy_session.commit()
    before = (library.loan.fine, library.loan.due_on, library.loan.title)
    receipt = load("loans", "loan_no,fine,due_on,title\nL1,2.20,2030-01-01,  =odd title\n")
    take_back(receipt.run)
    loan = toy_session.get(toys.Loan, library.loan.id)

    assert (loan.fine, loan.due_on, loan.title) == before


def test_the_runs_say_what_happened(load, take_back, library):
    """The undoing is a run of its own with its counts; the undone one says so, and so does the trail."""
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC9,Yan,B2\n", library.head)
    outcome = take_back(receipt.run, library.head)
    run, undo = db.session.get(ImportRun, receipt.run), db.session.get(ImportRun, outcome.undo_run)
    states = [one.changes["state"] for one in db.session.scalars(select(AuditEntry).where(AuditEntry.resource == "imports"))]

    assert (run.state, undo.state, undo.undoes_id, undo.who, undo.user_id) == (
        RunState.UNDONE, RunState.APPLIED, run.id, "Hedda", library.head.id)
    assert (undo.rows, undo.updated, undo.unchanged, undo.refused) == (2, 2, 0, 0)
    assert undo.ended_at is not None
    assert states == [["applied", "undoing"], ["undoing", "undone"]]
    assert {one.who for one in entries(undo.id)} == {"Hedda"}


def test_what_somebody_edited_since_is_kept_whole(load, take_back, toy_session, library):
    """One field changed again is enough, and the person and the moment are named; other records are reversed."""
    receipt = load("readers", "card,name,email\nC1,Anna,anna@example.com\nC2,Bert,\n")
    with acting(library.head):
        reader("C1").name = "Annabel"
        toy_session.commit()
    outcome = take_back(receipt.run)

    assert verdicts(outcome) == {"C1": "kept", "C2": "reversed"}
    assert "Hedda" in outcome.told["readers C1"][1]
    assert (reader("C1").name, reader("C1").email, reader("C2").name) == ("Annabel", "anna@example.com", "Bob")
    assert db.session.get(ImportRun, receipt.run).state is RunState.APPLIED


def test_later_changes_of_other_fields_do_not_hinder(load, take_back, toy_session, library):
    """They stay, and what the file changed returns."""
    receipt = load("readers", "card,name\nC1,Anna\n")
    reader("C1").email = "ann@example.com"
    toy_session.commit()
    outcome = take_back(receipt.run)

    assert verdicts(outcome) == {"C1": "reversed"}
    assert (reader("C1").name, reader("C1").email) == ("Ann", "ann@example.com")


def test_a_made_record_that_somebody_touched_is_kept(load, take_back, toy_session, library):
    """Whatever field it was, it is theirs now as well."""
    receipt = load("readers", "card,name,branch\nC9,Yan,B2\n")
    with acting(library.clerk):
        reader("C9").email = "yan@example.com"
        toy_session.commit()
    outcome = take_back(receipt.run)

    assert verdicts(outcome) == {"C9": "kept"}
    assert "Clara" in outcome.told["readers C9"][1]
    assert reader("C9") is not None


def test_a_made_record_that_others_depend_on_is_refused(load, take_back, toy_session):
    """With the noun and the key of one of them, and how many there are."""
    receipt = load("readers", "card,name,branch\nC8,Zoe,B1\nC9,Yan,B2\n")
    toy_session.add_all([toys.Loan(loan_no=number, reader=reader("C9"), title="Emma") for number in ("L7", "L8")])
    toy_session.commit()
    outcome = take_back(receipt.run)

    assert verdicts(outcome) == {"C8": "reversed", "C9": "refused"}
    assert "L7" in outcome.told["readers C9"][1]
    assert "2" in outcome.told["readers C9"][1]


def test_records_of_one_file_that_point_at_each_other_go_together(load, take_back, plans):
    """A note that answers a later note of the same file; and none goes where one of them must stay."""
    text = "loan_no,line_no,text,answers\nL1,1,first,L1/3\nL1,2,second,L1/1\nL1,3,third,\n"
    receipt = load("notes", text)
    outcome = take_back(receipt.run)
    again = load("notes", text)
    note = db.session.scalars(select(toys.Note).where(toys.Note.line_no == 2)).one()
    note.text = "edited"
    db.session.commit()
    kept = take_back(again.run)

    assert (counts(receipt), outcome.reversed) == ((3, 0, 0, 0), 3)
    assert verdicts(kept) == {"L1/2": "kept", "L1/1": "refused", "L1/3": "refused"}


def test_a_value_that_another_record_took_meanwhile_is_refused(load, take_back, toy_session, library):
    """The card that is to come back belongs to somebody else now, who is named."""
    library.ann.mobile = "13900000077"
    toy_session.commit()
    receipt = load("readers", "card,mobile\nC5,13900000077\n", match=("mobile",))
    toy_session.add(toys.Reader(card="C1", name="New", branch=library.main))
    toy_session.commit()
    outcome = take_back(receipt.run)

    assert (counts(receipt), verdicts(outcome)) == ((0, 1, 0, 0), {"C5": "refused"})
    assert "C1" in outcome.told["readers C5"][1]


def test_a_value_that_the_run_itself_gave_away_comes_back(running, take_back, toy_session, library):
    """Bob's card got a new number, and a new reader the old one."""
    with running("readers") as run:
        library.bob.card = "C7"
        toy_session.flush()
        toy_session.add(toys.Reader(card="C2", name="New", branch=library.main))
    outcome = take_back(run)

    assert outcome.reversed == 2
    assert reader("C2").name == "Bob"


def test_unique_values_that_moved_along_a_chain_move_back(running, take_back, toy_session, library):
    """C1 became C7, C2 became C1: the way back works only in the other order."""
    with running("readers") as run:
        library.ann.card = "C7"
        toy_session.flush()
        library.bob.card = "C1"
    outcome = take_back(run)

    assert outcome.reversed == 2
    assert (reader("C1").name, reader("C2").name) == ("Ann", "Bob")


def test_a_chain_is_kept_from_where_somebody_holds_it(running, take_back, toy_session, library):
    """Bob's card was edited again and is not free, so Ann's cannot come back."""
    with running("readers") as run:
        library.ann.card = "C7"
        toy_session.flush()
        library.bob.card, library.bob.name = "C1", "Bert"
    with acting(library.head):
        library.bob.name = "Bertram"
        toy_session.commit()
    outcome = take_back(run)

    assert verdicts(outcome) == {"C7": "refused", "C1": "kept"}


def test_archived_and_removed_records_are_refused(load, take_back, toy_session, library):
    """Each with who did it; restored, the first one may be asked for again."""
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC8,Zoe,B1\nC9,Yan,B2\n")
    with acting(library.head):
        reader("C1").archived_at = clock.now()
        toy_session.delete(reader("C8"))
        toy_session.commit()
    outcome = take_back(receipt.run)
    reader("C1").archived_at = None
    toy_session.commit()
    again = take_back(receipt.run)

    assert sorted(verdicts(outcome).values()) == ["refused", "refused", "reversed"]
    assert all("Hedda" in reason for _verdict, reason in outcome.told.values() if reason)
    assert (again.reversed, again.refused, reader("C1").name) == (1, 1, "Ann")


def test_a_link_whose_record_is_gone_is_refused(load, take_back, toy_session, library):
    """There is nothing to point at any more."""
    branch = toys.Branch(code="B3", name="South")
    library.ann.branch = branch
    toy_session.commit()
    receipt = load("readers", "card,branch\nC1,B1\n")
    toy_session.delete(branch)
    toy_session.commit()

    assert verdicts(take_back(receipt.run)) == {"C1": "refused"}


def test_what_a_later_import_changed_again_is_kept_until_that_one_is_taken_back(load, take_back, library):
    """Backwards step by step everything returns."""
    first = load("readers", "card,name\nC1,Anna\nC2,Bert\n")
    second = load("readers", "card,name,branch\nC1,Annabel,B1\n")

    assert verdicts(take_back(first.run)) == {"C1": "kept", "C2": "reversed"}
    assert take_back(second.run).reversed == 1
    assert reader("C1").name == "Anna"
    assert verdicts(take_back(first.run)) == {"C1": "reversed"}
    assert reader("C1").name == "Ann"
    assert db.session.get(ImportRun, first.run).state is RunState.UNDONE


def test_a_look_at_personal_data_is_no_edit(load, take_back, plans):
    """Reading changes nothing."""
    from backoffice.audit import record as trail

    receipt = load("readers", "card,name,branch\nC9,Yan,B2\n")
    trail.note(db.session(), plans["readers"], reader("C9"), Deed.REVEAL, {"mobile": [None, None]})
    db.session.commit()

    assert verdicts(take_back(receipt.run)) == {"C9": "reversed"}


def test_a_change_past_the_trail_is_seen(load, take_back):
    """Somebody at the database itself leaves no entry, but a value that is neither the old nor the new one."""
    receipt = load("readers", "card,name\nC1,Anna\nC2,Bert\n")
    table = toys.Reader.__table__
    db.session.execute(table.update().where(table.c.card == "C1").values(name="By hand", version=table.c.version + 1))
    db.session.execute(table.update().where(table.c.card == "C2").values(version=table.c.version + 1))
    db.session.commit()

    assert verdicts(take_back(receipt.run)) == {"C1": "kept", "C2": "reversed"}
    assert reader("C1").name == "By hand"


def test_a_rule_of_the_database_that_speaks_against_it_is_told(load, toy_session, library):
    """The title that the file filled in is needed now: the loan is no history any more. The others come back."""
    loan = toys.Loan(loan_no="L9", reader=library.ann, title=None, from_history=True)
    toy_session.add_all([loan])
    toy_session.commit()
    receipt = load("loans", "loan_no,title\nL1,Persuasion\nL9,Sanditon\n")
    loan.from_history = False
    toy_session.commit()
    outcome = undoing.undo(SYSTEM, db.session.get(ImportRun, receipt.run))
    toy_session.expire_all()

    assert (outcome.reversed, outcome.refused, [one.key for one in outcome.details]) == (1, 1, ["L9"])
    assert (library.loan.title, loan.title) == ("Emma", "Sanditon")


@pytest.mark.parametrize("state", [RunState.REFUSED, RunState.PLANNED, RunState.CANCELLED])
def test_only_what_was_applied_can_be_taken_back(load, state):
    """Nothing was written, so nothing can be undone."""
    receipt = load("readers", "card,name\nC1,Anna\n")
    run = db.session.get(ImportRun, receipt.run)
    run.state = state
    db.session.commit()

    with pytest.raises(Refused) as refused:
        undoing.undo(SYSTEM, run)
    assert refused.value.code == "not_applied"


def test_what_an_import_left_that_failed_midway_can_be_taken_back_once(load, toy_session):
    """And a failed one that wrote nothing cannot."""
    receipt = load("readers", "card,name\nC1,Anna\n")
    empty = ImportRun(resource="readers", file_name="x.csv", sha256="", encoding="", state=RunState.FAILED)
    run = toy_session.get(ImportRun, receipt.run)
    run.state = RunState.FAILED
    toy_session.add(empty)
    toy_session.commit()
    outcome = undoing.undo(SYSTEM, run)

    assert (outcome.reversed, reader("C1").name, run.state) == (1, "Ann", RunState.UNDONE)
    with pytest.raises(Refused) as refused:
        undoing.undo(SYSTEM, empty)
    assert refused.value.code == "not_applied"


def test_nothing_is_taken_back_twice(load, take_back):
    """Neither the import, nor the undoing itself."""
    receipt = load("readers", "card,name\nC1,Anna\n")
    outcome = take_back(receipt.run)

    for run, code in ((receipt.run, "already_undone"), (outcome.undo_run, "is_undo")):
        with pytest.raises(Refused) as refused:
            undoing.undo(SYSTEM, db.session.get(ImportRun, run))
        assert refused.value.code == code
    assert db.session.scalar(select(func.count()).select_from(ImportRun)) == 2


class Crashed(Exception):
    """The process was killed."""


@pytest.mark.parametrize("deadly", [1, 2, 5])
def test_after_a_crash_it_goes_on_and_ends_the_same(load, toy_session, library, monkeypatch, deadly):
    """Killed before a slice was committed; the second try finishes the same run with the same counts."""
    for name, size in (("FIRST", 3), ("FEWEST", 3), ("MOST", 3)):
        monkeypatch.setattr(work, name, size)
    rows = "".join(f"D{number:02},Name{number},B1\n" for number in range(20))
    receipt = load("readers", f"card,name,branch\nC1,Anna,B1\n{rows}")
    reader("D07").name = "Seven"
    toy_session.commit()
    steps = []

    def dying(connection: Any, *, cursor: int, done: int, total: int | None = None) -> None:
        steps.append(cursor)
        if len(steps) == deadly:
            raise Crashed

    run = db.session.get(ImportRun, receipt.run)
    with pytest.raises(Crashed):
        undoing.undo(SYSTEM, run, dying)
    assert db.session.get(ImportRun, receipt.run).state is RunState.UNDOING
    outcome = undoing.undo(SYSTEM, run)
    toy_session.expire_all()
    left = set(toy_session.scalars(select(toys.Reader.card)))
    undo = db.session.scalars(select(ImportRun).where(ImportRun.undoes_id == run.id)).one()

    assert (outcome.reversed, outcome.kept, outcome.refused, [one.key for one in outcome.details]) == (20, 1, 0, ["D07"])
    assert left == {"C1", "C2", "D07"}
    assert len(entries(undo.id)) == len({one.record_id for one in entries(undo.id)}) == 20
    assert (run.state, undo.state, undo.rows) == (RunState.APPLIED, RunState.APPLIED, 21)


def test_an_import_that_broke_off_is_taken_back_whatever_its_state(load, library):
    """The way back of an apply: its own state is left to it."""
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC9,Yan,B2\n")
    run = db.session.get(ImportRun, receipt.run)
    run.state = RunState.APPLYING
    db.session.commit()
    outcome = undoing.take_back(library.clerk, run)
    db.session.expire_all()

    assert (outcome.reversed, reader("C9"), reader("C1").name) == (2, None, "Ann")
    assert db.session.get(ImportRun, receipt.run).state is RunState.APPLYING


def test_small_slices_say_the_same(load, take_back, monkeypatch, toy_session):
    """Whatever is decided together, parents and what depends on them get the same verdicts."""
    from backoffice.exchange.undoing import going

    monkeypatch.setattr(going, "LOOKED_AT", 2)
    for name in ("FIRST", "FEWEST", "MOST"):
        monkeypatch.setattr(work, name, 2)
    text = "loan_no,line_no,text,answers\n" + "".join(f"L1,{number},n,{f'L1/{number - 1}' if number > 1 else ''}\n" for number in range(1, 10))
    receipt = load("notes", text)
    note = db.session.scalars(select(toys.Note).where(toys.Note.line_no == 5)).one()
    note.text = "edited"
    toy_session.commit()
    outcome = take_back(receipt.run)

    assert outcome.kept == 1
    assert sorted(key for key, verdict in verdicts(outcome).items() if verdict == Verdict.REFUSED) == ["L1/1", "L1/2", "L1/3", "L1/4"]
    assert outcome.reversed == 4
