"""Between check and writing somebody else edits a record: that row alone is asked about again, old and new anew."""

from __future__ import annotations

import io

import pytest

from backoffice.db import db
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange import runs
from backoffice.exchange.options import Options
from backoffice.jobs import enqueue
from tests import toys
from tests.support.client import PASSWORD_HASH, sign_in
from tests.support.jobs import work_off

TEXT = "card,name,branch\nC1,Anna,B1\nC2,Bert,B2\nC8,Zoe,B1\n"


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in."""
    library.head.login, library.head.password_hash = "hedda", PASSWORD_HASH
    toy_session.commit()
    return sign_in(toy_app.test_client(), "hedda")


@pytest.fixture
def planned(toy_app, library, plans, head):
    """A file that a worker has checked."""
    run = runs.begin(db.session, library.head, plans["readers"], io.BytesIO(TEXT.encode()), "readers.csv")
    run.options, run.state = Options(file_name="readers.csv").as_json(), RunState.PLANNING
    enqueue(db.session, "import.plan", subject_id=run.id, user_id=library.head.id)
    db.session.commit()
    work_off(toy_app)
    return run.id


def now(run):
    db.session.expire_all()
    return db.session.get(ImportRun, run)


def names():
    db.session.expire_all()
    return dict(db.session.execute(toys.Reader.__table__.select().with_only_columns(toys.Reader.card, toys.Reader.name)).all())


@pytest.mark.parametrize(("choice", "name"), [("take", "Anna"), ("leave", "Annie")])
def test_a_row_whose_record_changed_since_is_asked_again_alone(head, toy_app, library, planned, choice, name):
    """The others are written; the one waits on the receipt with what it would change now."""
    db.session.get(toys.Reader, library.ann.id).name = "Annie"
    db.session.commit()
    head.post(f"/imports/{planned}/apply")
    work_off(toy_app)
    run, before = now(planned), names()
    page = head.get(f"/imports/{planned}").get_data(as_text=True)

    assert (run.state, run.conflicts, run.refused) == (RunState.APPLIED, 1, 0)
    assert before == {"C1": "Annie", "C2": "Bert", "C8": "Zoe"}
    assert ("Annie" in page, "Anna" in page, "之后有变动" in page) == (True, True, True)

    head.post(f"/imports/{planned}/decide", data={"choice": choice, "row": "1"})
    if choice == "take":
        assert "写入这些行" in head.get(f"/imports/{planned}").get_data(as_text=True)
        head.post(f"/imports/{planned}/apply")
        work_off(toy_app)

    assert names() == {"C1": name, "C2": "Bert", "C8": "Zoe"}
    assert (now(planned).state, now(planned).conflicts) == (RunState.APPLIED, 0)


def test_it_is_taken_back_as_a_whole(head, toy_app, library, planned):
    """The page shows what would become of each record; the work makes a run of its own, and both lead to each other."""
    head.post(f"/imports/{planned}/apply")
    work_off(toy_app)
    page = head.get(f"/imports/{planned}/undo").get_data(as_text=True)
    answer = head.post(f"/imports/{planned}/undo")
    work_off(toy_app)
    undo = int(answer.headers["Location"].rpartition("/")[2])

    assert "3" in page
    assert names() == {"C1": "Ann", "C2": "Bob"}
    assert (now(planned).state, now(undo).undoes_id) == (RunState.UNDONE, planned)
    assert f'href="/imports/{planned}"' in head.get(f"/imports/{undo}").get_data(as_text=True)
    assert f'href="/imports/{undo}"' in head.get(f"/imports/{planned}").get_data(as_text=True)
    assert head.get(f"/imports/{planned}/undo").status_code == 422
    assert head.post(f"/imports/{undo}/undo").status_code == 422


SHEET = "card,name,branch,loan_no,title,line_no,text\nC1,Ann,B1,L7,It,1,late\nC9,Zoe,B7,L8,Dune,,\nc9,Zoe,B7,L9,Emma,1,torn\n"


def test_a_flat_file_is_put_right_noun_by_noun(head, toy_app, library, toy_session):
    """A reader that is refused keeps her loans out; her cell corrected, all of it is checked again, and nothing else is touched."""
    from backoffice.exchange import preparing

    target = preparing.target_named("desk-sheets")
    run = runs.begin(db.session, library.head, target, io.BytesIO(SHEET.encode()), "desk.csv")
    run.options, run.state = Options(file_name="desk.csv").as_json(), RunState.PLANNING
    enqueue(db.session, "import.plan", subject_id=run.id, user_id=library.head.id)
    db.session.commit()
    work_off(toy_app)
    before = now(run.id).refused
    page = head.get(f"/imports/{run.id}?show=refused&part=readers").get_data(as_text=True)
    lines = head.get(f"/imports/{run.id}/errors.csv").get_data(as_text=True).splitlines()

    assert (before > 1, "B7" in page, "part=loans" in page) == (True, True, True)
    assert [line.split(",")[3] for line in lines[1:]] == ["L8", "L9"]

    place = [column.word for column in _columns(run.id, "readers")].index("branch")
    head.post(f"/imports/{run.id}/cells", data={"part": "readers", "row": "2", f"c{place}": "B2"})

    assert now(run.id).state is RunState.PLANNING

    work_off(toy_app)

    assert (now(run.id).state, now(run.id).refused, now(run.id).created) == (RunState.PLANNED, 0, 6)

    head.post(f"/imports/{run.id}/apply")
    work_off(toy_app)

    assert names()["C9"] == "Zoe"
    assert head.get(f"/imports/{run.id}?show=new&part=loans").get_data(as_text=True).count("review-row") == 3


def _columns(run, name):
    from backoffice.exchange import stage as staging

    with staging.opened(run) as stage:
        return stage.part(name).mapped.columns
