"""What becomes of a row: each verdict, each code, and that a refused file leaves nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from backoffice.declare.journal import AuditEntry, ImportRun, NumberSeries, RunState, Source
from backoffice.exchange.outcome import Unreadable
from tests import toys
from tests.backoffice.exchange.conftest import codes, counts


def count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_rows_are_created_updated_and_left_alone(load, library, toy_session):
    """One file may do all three, and says what it did."""
    receipt = load("readers", "card,name,branch\nC1,Anna,B1\nC2,Bob,B2\nC3,Cid,B2\n")

    assert counts(receipt) == (1, 1, 1, 0)
    assert receipt.applied
    assert [one.name for one in toy_session.scalars(select(toys.Reader).order_by(toys.Reader.card))] == ["Anna", "Bob", "Cid"]


def test_headers_are_understood_in_every_spelling(load, toy_session):
    """Labels in both languages, aliases, other letter case, full width; the branch also by its label."""
    receipt = load("readers", "读者证号,ＮＡＭＥ,手机,Member Since,分馆\nC9,Zoe,139 0000 0009,2026年1月2日,b1\n")
    zoe = toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "C9")).one()

    assert counts(receipt) == (1, 0, 0, 0)
    assert (zoe.mobile, zoe.member_since, zoe.branch.code) == ("13900000009", date(2026, 1, 2), "B1")


def test_a_column_that_is_not_there_and_a_blank_cell_change_nothing(load, library, toy_session):
    """Only what the file says is changed."""
    load("readers", "card,name,email\nC2,Bobby,\n")
    toy_session.refresh(library.bob)

    assert (library.bob.name, library.bob.email, library.bob.mobile) == ("Bobby", "bob@example.com", "13900000002")


def test_blank_cells_empty_a_field_when_told_so(load, library, toy_session):
    """``--blank clear`` empties what may be empty, and refuses what may not."""
    receipt = load("readers", "card,name,email\nC2,Bob,\n", clear_blank=True)
    toy_session.refresh(library.bob)
    refused = load("readers", "card,name\nC2,\n", clear_blank=True)

    assert (counts(receipt), library.bob.email) == ((0, 1, 0, 0), None)
    assert codes(refused) == ["required"]


@pytest.mark.parametrize("cell", ["NULL", "\\N", "（空）"])
def test_a_word_for_nothing_empties_a_text_when_told_so(load, library, toy_session, cell):
    """Of a column whose nulls are written out; elsewhere it is a text like any other."""
    for policy in ("keep", "null"):
        load("notes", f"loan,line_no,text\nL1,1,{cell}\nL1,2,other\n", policies={"text": policy})
        stored = toy_session.scalars(select(toys.Note.text).order_by(toys.Note.line_no)).all()

        assert stored == [cell if policy == "keep" else None, "other"]


def test_one_bad_row_keeps_the_whole_file_out(load, library, toy_session):
    """All or nothing: the counts are verdicts, and nothing but the record of the attempt is written."""
    receipt = load("readers", "card,name,branch,mobile\nC3,Cid,B1,13900000003\nC4,Dan,B1,12\n")
    run = toy_session.get(ImportRun, receipt.run)

    assert (counts(receipt), receipt.applied, codes(receipt)) == ((1, 0, 0, 1), False, ["invalid_phone"])
    assert (count(toy_session, toys.Reader), run.state, run.refused) == (2, RunState.REFUSED, 1)


def test_good_rows_may_go_in_without_the_bad_ones(load, toy_session):
    """``--skip-invalid`` writes what can be written."""
    receipt = load("readers", "card,name,branch\nC3,Cid,B1\nC4,Dan,B7\n", skip_invalid=True)

    assert (counts(receipt), receipt.applied) == ((1, 0, 0, 1), True)
    assert count(toy_session, toys.Reader) == 3


def test_a_finding_says_where_and_what(load):
    """Physical line, data row, column as in the file, field, value, code and a sentence."""
    receipt = load("readers", 'Title\ncard,姓名,分馆\n\nC3,"Cid\nB.",B1\nC4,Dan,B7\n')
    line, unknown = receipt.errors

    assert (line.line, line.row, line.column, line.field, line.code) == (4, 1, "姓名", "name", "invalid_text")
    assert (unknown.line, unknown.row, unknown.column, unknown.field, unknown.value) == (6, 2, "分馆", "branch", "B7")
    assert unknown.message


VERDICTS = {
    "twice": ("readers", "card,name,branch\nC8,A,B1\nc 8,B,B1\n", ["duplicate_in_file"] * 2),
    "no key": ("readers", "card,name,branch\n,A,B1\n", ["missing_key"]),
    "no link": ("readers", "card,name,branch\nC8,A,B9\n", ["unknown_link"]),
    "spreadsheet number": ("readers", "card,name,branch\n2.02404E+19,A,B1\n", ["scientific_number"]),
    "missing": ("readers", "card,name\nC8,A\n", ["required"]),
    "missing need": ("loans", "loan_no,card\nL8,C1\n", ["required"]),
    "locked": ("loans", "loan_no,state\nL1,back\n", ["locked_field"]),
    "choice": ("loans", "loan_no,card,title,state\nL8,C1,Emma,sold\n", ["invalid_choice"]),
    "rule": ("loans", "loan_no,card,title,fine\nL8,C1,Emma,-1\n", ["out_of_range"]),
    "masked": ("readers", "card,name,branch,email\nC8,A,B1,a***@example.com\n", ["masked_value"]),
    "too many cells": ("readers", "card,name,branch\nC8,A,B1,extra\n", ["too_many_cells"]),
    "cut off": ("readers", "card,name,branch\nC8,A", ["cut_off"]),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_a_row_is_refused_with_its_code(load, case):
    """Each kind of trouble has a code of its own, in a dry run as in a real one."""
    resource, text, expected = VERDICTS[case]
    dry, real = load(resource, text, dry_run=True), load(resource, text)

    assert codes(dry) == codes(real) == expected
    assert dry.errors == real.errors


def test_modes(load):
    """Only new, only known: the other rows are refused."""
    text = "card,name,branch\nC1,Ann,B1\nC8,New,B1\n"

    assert codes(load("readers", text, mode="create")) == ["already_exists"]
    assert codes(load("readers", text, mode="update")) == ["no_such_record"]


def test_a_dry_run_leaves_no_trace(load, library, toy_session):
    """No record, no audit entry, no run, and no number taken from its series."""
    before = [count(toy_session, model) for model in (toys.Loan, AuditEntry, ImportRun, NumberSeries)]
    receipt = load("loans", "loan_no,card,title\nL8,C1,Emma\n", dry_run=True)

    assert (counts(receipt), receipt.run, receipt.applied) == ((1, 0, 0, 0), None, False)
    assert [count(toy_session, model) for model in (toys.Loan, AuditEntry, ImportRun, NumberSeries)] == before


def test_history_may_set_what_only_actions_set(load, toy_session):
    """A locked column on a new record makes it history, which may lack what new records need."""
    receipt = load("loans", "loan_no,card,state\nL8,C1,home\n")
    loan = toy_session.scalars(select(toys.Loan).where(toys.Loan.loan_no == "L8")).one()

    assert counts(receipt) == (1, 0, 0, 0)
    assert (loan.state, loan.from_history, loan.due_on) == (toys.State.BACK, True, None)


def test_a_blank_locked_cell_makes_no_history(load, toy_session):
    """The rules of new records hold where the file says nothing of locked fields."""
    receipt = load("loans", "loan_no,card,title,state\nL8,C1,Emma,\n")
    loan = toy_session.scalars(select(toys.Loan).where(toys.Loan.loan_no == "L8")).one()

    assert (counts(receipt), loan.from_history, loan.state) == ((1, 0, 0, 0), False, toys.State.OUT)
    assert loan.due_on is not None


def test_a_locked_field_that_is_equal_is_fine(load):
    """A file that came out goes in again."""
    assert counts(load("loans", "loan_no,state,title\nL1,借出,Persuasion\n")) == (0, 1, 0, 0)


def test_what_the_database_refuses_names_its_row(load):
    """A key that only the database finds taken stops its own row, in words, whatever stands around it."""
    rows = "".join(f"D{number},A,B1,139000001{number:02}\n" for number in range(20))
    receipt = load("readers", "card,name,branch,mobile\n" + rows + "C1,Ann,B1,13900000099\n", match=("mobile",), skip_invalid=True)

    assert (counts(receipt), codes(receipt)) == ((20, 0, 0, 1), ["not_unique"])
    assert (receipt.errors[0].line, receipt.errors[0].column, receipt.errors[0].value) == (22, "card", "C1")
    assert "UNIQUE" not in receipt.errors[0].message


def test_a_rule_that_says_no_names_its_row_alone(load, monkeypatch, toy_session):
    """One record that its rule refuses in a chunk of many is found, and the others go in."""
    def refuse(self, *, is_new):
        if self.name == "Nemo":
            raise toys.Refused(toys._("Nobody is called that."), field="name")

    monkeypatch.setattr(toys.Reader, "before_save", refuse)
    rows = [f"N{number},{'Nemo' if number == 13 else 'Ok'},B1" for number in range(30)]
    receipt = load("readers", "card,name,branch\n" + "\n".join(rows) + "\n", skip_invalid=True)

    assert counts(receipt) == (29, 0, 0, 1)
    assert [(one.line, one.column, one.value, one.code) for one in receipt.errors] == [(15, "name", "Nemo", "refused")]
    assert toy_session.scalar(select(func.count()).where(AuditEntry.resource == "readers", AuditEntry.run_id == receipt.run)) == 29


def test_every_change_knows_its_run(load, library, toy_session):
    """The audit trail says that the change came by a file, and by which one."""
    receipt = load("readers", "card,name\nC1,Anna\n", file_name="readers.csv")
    entry = toy_session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    run = toy_session.get(ImportRun, receipt.run)

    assert (entry.source, entry.run_id, entry.changes) == (Source.IMPORT, receipt.run, {"name": ["Ann", "Anna"]})
    assert (run.file_name, run.updated, run.state) == ("readers.csv", 1, RunState.APPLIED)


def test_only_a_header_is_no_mistake(load):
    """No rows, a notice, nothing refused."""
    receipt = load("readers", "card,name\n")

    assert (receipt.rows, receipt.refused, [one.code for one in receipt.notices]) == (0, 0, ["no_rows"])


def test_a_column_nobody_knows_is_a_notice(load):
    """It is left out, and said so once; what the system keeps by itself is left out too."""
    receipt = load("readers", "card,name,shoe size,created_at\nC1,Ann,38,2020-01-01\n")

    assert [(one.code, one.column, one.line) for one in receipt.notices] == [("unknown_column", "shoe size", 1), ("system_column", "created_at", 1)]
    assert counts(receipt) == (0, 0, 1, 0)


FILES = {
    "two headers": ("card,读者证号,name\nC1,C1,A\n", {}, "duplicate_header"),
    "no key column": ("name,branch\nA,B1\n", {}, "missing_key_column"),
    "no header": ("C1,Ann,B1\n", {}, "no_header"),
    "map nothing": ("card,name\nC1,A\n", {"columns": {"Nome": "name"}}, "unknown_header"),
    "map to nothing": ("card,name\nC1,A\n", {"columns": {"name": "nome"}}, "unknown_field"),
    "match nothing": ("card,name\nC1,A\n", {"match": ("shoe",)}, "unknown_field"),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_mean_one_thing(load, case):
    """Two columns for one field, none for the key, a mapping to nowhere: one sentence, and nothing is tried."""
    text, options, expected = FILES[case]
    with pytest.raises(Unreadable) as problem:
        load("readers", text, **options)

    assert problem.value.code == expected


def test_columns_may_be_mapped_by_hand(load, library, toy_session):
    """Also to nothing."""
    receipt = load("readers", "Ausweis,Nome,name\nC1,Anna,ignored\n", columns={"Ausweis": "card", "Nome": "name", "name": ""})
    toy_session.refresh(library.ann)

    assert (counts(receipt), library.ann.name, receipt.notices) == ((0, 1, 0, 0), "Anna", [])


def test_records_may_be_found_by_other_fields(load, library, toy_session):
    """By the mobile, say; where it means several records the row is refused."""
    receipt = load("readers", "mobile,name\n13900000001,Anna\n", match=("mobile",))
    toy_session.refresh(library.ann)
    library.bob.mobile = library.ann.mobile
    toy_session.commit()

    assert (counts(receipt), library.ann.name) == ((0, 1, 0, 0), "Anna")
    assert codes(load("readers", "mobile,name\n13900000001,Anna\n", match=("mobile",))) == ["ambiguous_match"]


def test_composite_keys_and_links_to_them(load, toy_session):
    """A key of a link and a number; a link to such a record; a row that answers a later one."""
    receipt = load("notes", "loan_no,line_no,text,answers\nL1,1,Late?,L1/3\nL1,2,Again,\nL1,3,Why,L1/2\n")
    notes = {one.line_no: one for one in toy_session.scalars(select(toys.Note))}

    assert counts(receipt) == (3, 0, 0, 0)
    assert (notes[1].answers, notes[3].answers) == (notes[3], notes[2])
    assert codes(load("notes", "loan_no,line_no,answers\nL1,2,L1/9\n")) == ["unknown_link"]


def test_rows_that_answer_each_other_are_refused(load):
    """A circle has no beginning; it is said, not waited for."""
    assert codes(load("notes", "loan,line_no,answers\nL1,1,L1/2\nL1,2,L1/1\n")) == ["unknown_link"] * 2


def test_an_archived_record_is_not_changed_behind_its_back(load, library, toy_session):
    """Equal rows are fine; a change is refused until somebody restores the record."""
    library.bob.archived_at = toys.clock.now()
    toy_session.commit()

    assert counts(load("readers", "card,name\nC2,Bob\n")) == (0, 0, 1, 0)
    assert codes(load("readers", "card,name\nC2,Bert\n")) == ["archived"]


def test_doubtful_values_are_notices(load):
    """A number that its country does not know goes in, and is said."""
    receipt = load("readers", "card,name,branch,mobile\nC8,A,B1,+1 895 555 9791\n")

    assert counts(receipt) == (1, 0, 0, 0)
    assert [(one.code, one.field) for one in receipt.notices] == [("unknown_phone", "mobile")]


def test_a_link_is_asked_once_for_many_rows(load, plans, toy_session):
    """One query per column and chunk, not one per row: three hundred rows take as many statements as three."""
    from sqlalchemy import event

    def statements(prefix: str, count: int) -> int:
        seen = []
        engine = toy_session.get_bind()
        event.listen(engine, "before_cursor_execute", listener := lambda _c, _k, statement, *_: seen.append(statement))
        try:
            load("readers", "card,name,branch\n" + "".join(f"{prefix}{number},A,B{1 + number % 2}\n" for number in range(count)))
        finally:
            event.remove(engine, "before_cursor_execute", listener)
        return len([one for one in seen if "SELECT" in one])

    few = statements("Z", 3)

    assert statements("Y", 300) <= few + 2


@pytest.mark.parametrize("sign", ["\ufffe", "\uffff"])
def test_what_a_workbook_would_lose_is_refused_on_the_way_in(load, sign):
    """No character at all: the row says so, and the others are written."""
    receipt = load("notes", f"loan,line_no,text\nL1,1,a{sign}b\nL1,2,ab\n", skip_invalid=True)

    assert [(one.row, one.code, bool(one.message)) for one in receipt.errors] == [(1, "invalid_text", True)]
    assert counts(receipt) == (1, 0, 0, 1)
