"""A flat layout on the command line: one word, one file, one receipt, and one way back."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests import toys

SHEET = "card,name,branch,loan_no,title,line_no,text\nC1,Ann,B1,L7,It,1,late\nC9,Zoe,B2,L8,Dune,,\nc9,Zoe,B2,L9,Emma,1,torn\n"


@pytest.fixture
def flask(toy_app, library, toy_session, tmp_path):
    """Import a text by a command of the library; answers exit code and JSON."""

    def run(text, *options, resource="desk-sheets"):
        toy_session.commit()
        (tmp_path / "in.csv").write_text(text, encoding="utf-8")
        answer = toy_app.test_cli_runner().invoke(args=["import", resource, str(tmp_path / "in.csv"), "--json", *options])
        toy_session.rollback()
        return answer.exit_code, json.loads(answer.output)

    return run


def test_a_flat_file_has_one_receipt_with_the_counts_of_each_noun(flask, toy_session):
    """Rows are records: two readers, three loans, two notes."""
    code, receipt = flask(SHEET)
    loans = {one.loan_no: one.reader.card for one in toy_session.scalars(select(toys.Loan)) if one.loan_no != "L1"}

    assert code == 0
    assert {name: receipt[name] for name in ("resource", "applied", "rows", "created", "updated", "unchanged", "refused")} == {
        "resource": "desk-sheets", "applied": True, "rows": 7, "created": 6, "updated": 0, "unchanged": 1, "refused": 0,
    }
    assert {name: (one["created"], one["unchanged"]) for name, one in receipt["parts"].items()} == {"readers": (1, 1), "loans": (3, 0), "notes": (2, 0)}
    assert loans == {"L7": "C1", "L8": "C9", "L9": "C9"}


def test_a_flat_file_is_taken_back_as_a_whole(flask, toy_app, toy_session):
    """Notes, loans and readers that the file made are gone; who was there before is still there."""
    _code, receipt = flask(SHEET)
    answer = toy_app.test_cli_runner().invoke(args=["undo-import", str(receipt["run"]), "--json"])
    undone = json.loads(answer.output)
    toy_session.rollback()

    assert (answer.exit_code, undone["reversed"], undone["kept"], undone["refused"]) == (0, 6, 0, 0)
    assert set(toy_session.scalars(select(toys.Reader.card).where(toys.Reader.archived_at.is_(None)))) == {"C1", "C2"}
    assert toy_session.scalars(select(toys.Loan.loan_no).where(toys.Loan.archived_at.is_(None))).all() == ["L1"]


def test_a_dry_run_says_the_same_and_writes_nothing(flask, toy_session):
    """The counts of the run that follows."""
    _code, dry = flask(SHEET, "--dry-run")

    assert toy_session.scalar(select(toys.Reader).where(toys.Reader.card == "C9")) is None

    _code, real = flask(SHEET)

    assert dry["parts"] == real["parts"]
    assert (dry["run"], dry["applied"]) == (None, False)


def test_refused_lines_come_back_as_a_file_of_the_same_shape(flask, tmp_path):
    """Corrected, it is imported; what was written before is found again."""
    rest = tmp_path / "rest.csv"
    code, receipt = flask(SHEET.replace("B2,L8", "B7,L8").replace("B2,L9", "B7,L9"), "--skip-invalid", "--errors", str(rest))
    corrected = rest.read_text(encoding="utf-8-sig").replace("B7", "B2")
    again, fixed = flask(corrected)

    assert (code, receipt["applied"], receipt["parts"]["readers"]["refused"]) == (1, True, 1)
    assert corrected.count("\n") == 3
    assert (again, fixed["refused"], fixed["parts"]["loans"]["created"]) == (0, 0, 2)


def test_what_a_layout_does_not_take_is_wrong_usage(flask):
    """One sentence, exit code 2, nothing looked at."""
    for options in (("--mode", "create"), ("--match", "name"), ("--set", "shoe=7"), ("--map", "card=shoe")):
        code, answer = flask(SHEET, *options)

        assert (code, answer["error"]["code"]) == (2, "usage" if options[0] in {"--mode", "--match"} else "unknown_field")


def test_a_text_for_all_lines_is_given_on_the_command_line(flask, toy_session):
    """The branch, where the sheet has none."""
    code, _receipt = flask("card,name,loan_no,title\nC9,Zoe,L8,Dune\n", "--set", "branch=B2")

    assert code == 0
    assert toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "C9")).one().branch.code == "B2"


def test_parents_that_need_more_are_refused_at_once(flask):
    """A loan does not make a reader."""
    code, answer = flask("loan_no,reader,title\nL8,C77,Dune\n", "--parents", "reader", resource="loans")

    assert (code, answer["error"]["code"]) == (2, "parent_needs_more")
