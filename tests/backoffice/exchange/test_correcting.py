"""Cells corrected, texts replaced and conflicts decided on the page of a planned run: only those rows are checked again."""

from __future__ import annotations

import io

import pytest

from backoffice.db import db
from backoffice.declare.journal import ImportRun, RunState
from backoffice.declare.people import acting
from backoffice.exchange import rechecking, running, runs
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import ChangeSet
from backoffice.exchange.options import Options
from tests.support.client import PASSWORD_HASH, sign_in


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in."""
    for person, login in ((library.head, "hedda"), (library.clerk, "clara")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return sign_in(toy_app.test_client(), "hedda")


@pytest.fixture
def plan_file(toy_app, library, plans, toy_session):
    """Plan a text for the head librarian, as a worker would."""

    def run(text, resource="readers", **options):
        made = runs.begin(db.session, library.head, plans[resource], io.BytesIO(text.encode()), f"{resource}.csv")
        chosen = Options(file_name=made.file_name, **options)
        made.options = chosen.as_json()
        db.session.commit()
        with staging.opened(made.id) as stage, acting(library.head):
            receipt = running.plan_on(stage, library.head, plans[resource], running.opened(plans[resource], runs.file_of(made), chosen), chosen)
            made.receipt, made.state = receipt.as_json(), RunState.PLANNED
            rechecking.keep(made, rechecking.counts(stage))
        db.session.commit()
        return made

    return run


def rows_of(run, view):
    with staging.opened(run.id) as stage:
        changes = ChangeSet(stage)
        return changes.page(changes.parts[-1], view).rows


def counts(run):
    db.session.expire_all()
    now = db.session.get(ImportRun, run.id)
    return now.created, now.updated, now.unchanged, now.conflicts, now.refused


def test_a_corrected_cell_makes_its_row_a_row_to_be_written(head, plan_file):
    """The others stay as they were; the file itself is not touched."""
    run = plan_file("card,name,mobile,branch\nC8,Zoe,12,B1\nC9,Yan,34,B1\nC1,Anna,,B1\n")
    before = counts(run)
    answer = head.post(f"/imports/{run.id}/cells", data={"part": "readers", "row": "1", "c0": "C8", "c1": "Zoe", "c2": "13900000008", "c3": "B1"})

    assert (before, answer.status_code) == ((0, 1, 0, 0, 2), 302)
    assert counts(run) == (1, 1, 0, 0, 1)
    assert [(row.number, row.errors[0].code) for row in rows_of(run, "refused")] == [(2, "invalid_phone")]
    assert [cell.value for cell in rows_of(run, "new")[0].cells][:3] == ["C8", "Zoe", "13900000008"]


def test_a_correction_that_is_still_wrong_stands_in_the_input(head, plan_file):
    """What was typed is not lost."""
    run = plan_file("card,name,mobile,branch\nC8,Zoe,12,B1\n")
    head.post(f"/imports/{run.id}/cells", data={"part": "readers", "row": "1", "c2": "345"})
    page = head.get(f"/imports/{run.id}").get_data(as_text=True)

    assert counts(run) == (0, 0, 0, 0, 1)
    assert 'value="345"' in page


def test_one_text_for_another_in_all_rows(head, plan_file):
    """A distinct bad value is put right once."""
    run = plan_file("card,name,branch\nC8,Zoe,总店\nC9,Yan,总店\nC10,Xu,B7\n")
    page = head.get(f"/imports/{run.id}?show=refused").get_data(as_text=True)
    head.post(f"/imports/{run.id}/values", data={"part": "readers", "word": "branch", "value": "总店", "instead": "B1"})

    assert "“总店”" in page
    assert counts(run) == (2, 0, 0, 0, 1)


def test_the_refused_rows_as_a_file_come_back_corrected(head, plan_file):
    """All columns as they stand in the file, with the reason; unknown ones as well."""
    run = plan_file("card,name,mobile,shoe,branch\nC8,Zoe,12,38,B1\nC9,Yan,13900000009,39,B1\nC10,=Xu,,40,B7\n")
    text = head.get(f"/imports/{run.id}/errors.csv").get_data(as_text=True)
    lines = text.removeprefix("\ufeff").splitlines()

    assert lines[0].startswith("card,name,mobile,shoe,branch,")
    assert [line.split(",")[:5] for line in lines[1:]] == [["C8", "Zoe", "12", "38", "B1"], ["C10", "'=Xu", "", "40", "B7"]]

    again = plan_file(text.replace(",12,", ",13900000008,").replace("B7", "B2"))

    assert counts(again) == (2, 0, 0, 0, 0)
    assert [one["column"] for one in again.receipt["notices"]] == ["shoe"]


def test_nobody_else_corrects_or_carries_away(head, plan_file, toy_app):
    """A run is worked on by the person who brought it."""
    run = plan_file("card,name,mobile,branch\nC8,Zoe,12,B1\n")
    clerk = sign_in(toy_app.test_client(), "clara")

    assert clerk.post(f"/imports/{run.id}/cells", data={"row": "1", "c2": "13900000008"}).status_code == 404
    assert clerk.get(f"/imports/{run.id}/errors.csv").status_code == 404
    assert counts(run) == (0, 0, 0, 0, 1)


@pytest.mark.parametrize(("path", "data"), [
    ("cells", {"row": "9"}), ("cells", {"row": "x"}), ("values", {"word": "name", "value": "?"}), ("decide", {"choice": "take", "row": "1"}),
    ("decide", {"choice": "burn", "row": "1"}),
])
def test_what_makes_no_sense_changes_nothing(head, plan_file, path, data):
    """A row that is not there, a text that nobody wrote, a choice that nobody has."""
    run = plan_file("card,name,mobile,branch\nC8,Zoe,12,B1\n")

    assert head.post(f"/imports/{run.id}/{path}", data=data).status_code in {400, 404}
    assert counts(run) == (0, 0, 0, 0, 1)


def test_a_run_that_has_gone_further_is_not_corrected(head, plan_file, toy_session):
    """Two windows: the second finds that it is too late."""
    run = plan_file("card,name,mobile,branch\nC8,Zoe,12,B1\n")
    toy_session.get(ImportRun, run.id).state = RunState.APPLYING
    toy_session.commit()

    assert head.post(f"/imports/{run.id}/cells", data={"row": "1", "c2": "13900000008"}).status_code == 409


TWIN = "card,name,mobile,branch\nC8,Zoe,13900000001,B1\nC9,Yan,13900000002,B1\nC10,Xu,13900000010,B1\n"


def test_a_doubt_is_taken_or_left_row_by_row(head, plan_file):
    """The same telephone under another name is asked about; who is left out is not written, and may still be taken."""
    run = plan_file(TWIN)
    before = counts(run)
    head.post(f"/imports/{run.id}/decide", data={"choice": "take", "row": "1"})
    head.post(f"/imports/{run.id}/decide", data={"choice": "leave", "row": "2"})
    decided = counts(run)
    head.post(f"/imports/{run.id}/decide", data={"choice": "take", "row": "2"})

    assert before == (1, 0, 0, 2, 0)
    assert decided == (2, 0, 1, 0, 0)
    assert counts(run) == (3, 0, 0, 0, 0)


def test_all_doubts_of_a_kind_are_decided_at_once(head, plan_file):
    """One click for all of them; what was left out stays so when the file is checked again."""
    run = plan_file(TWIN)
    page = head.get(f"/imports/{run.id}").get_data(as_text=True)
    head.post(f"/imports/{run.id}/decide", data={"choice": "leave", "code": "same_mobile_other_name"})

    assert "same_mobile_other_name" in page
    assert counts(run) == (1, 0, 2, 0, 0)

    run = plan_file(TWIN, leave=(1, 2))

    assert counts(run) == (1, 0, 2, 0, 0)
