"""The supervisor's desk: the board of open complaints, and who takes them over."""

from __future__ import annotations

import pytest

from backoffice.db import db
from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.complaint_states import EscalationStatus, PauseReason, Status
from models.roles import Role
from tests import factories as make
from tests.backoffice.views.reading import counted, texts
from tests.models.ways import DAY, HOUR, bring, later
from tests.support.client import sign_in
from tests.support.world import make_people


@pytest.fixture
def board(app):
    """Six open complaints of the store: late, soon, two in time, one that waits, one a level up; and three that are none of its."""
    with app.app_context(), clock.stopped_at(clock.now().replace(microsecond=0)):
        people, levels = make_people(db.session), make.make_levels(db.session)
        order = make.make_order(db.session, advisor=people["advisor"], store=people["supervisor"].store)
        cases = [make.make_complaint(db.session, order=order, received_at=clock.now() - hours * HOUR) for hours in (2, 30, 22, 1, 3, 4)]
        bring(cases[4], Status.INVESTIGATING).pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)
        cases[5].raise_level(reason="客户要求", to=levels["L2"])
        bring(make.make_complaint(db.session, order=order), Status.REJECTED)
        make.make_complaint(db.session)
        make.make_complaint(db.session, order=order).archived_at = clock.now()
        db.session.commit()
        client = sign_in(app.test_client(), "supervisor")
        client.set_cookie("language", "en")
        yield client, cases, people


def numbers(*cases):
    return [one.complaint_no for one in cases]


def test_the_board_shows_what_has_the_least_time_left_first(board):
    """Late, then soon, then the rest; what stands still comes last; what is closed or of another store does not stand there."""
    client, (two, late, soon, newest, paused, raised), _people = board
    answer = client.get("/complaints/board")

    assert texts(answer, "card-name") == numbers(late, soon, two, newest, paused, raised)
    assert texts(answer, "card-left")[:5] == ["6 h 00 min late", "2 h 00 min left", "22 h 00 min left", "23 h 00 min left", "Stands still, 21 h 00 min left"]
    assert texts(answer, "lane-counts")[:2] == ["5 in all: L1 Front line 1 late1 soon", "1 in all: L2 Department head"]


def test_a_board_costs_the_same_however_many_wait(board, monkeypatch):
    """The list has what does not fit, with the same records; a filter of the list holds on the board."""
    client, cases, _people = board
    client.get("/complaints/board")
    with counted() as before:
        client.get("/complaints/board")
    for _number in range(8):
        make.make_complaint(db.session, order=cases[0].order, category="空调")
    db.session.commit()
    monkeypatch.setattr("backoffice.views.boards.MOST", 10)
    with counted() as after:
        answer = client.get("/complaints/board")

    assert len(after) == len(before)
    assert texts(answer, "lane-more") == ["3 more: L1 Front line"]
    assert len(texts(client.get("/complaints/board?category=空调"), "card-name")) == 8
    assert texts(client.get("/complaints/board?category=x"), "empty-title") == ["Nothing waits here."]
    assert client.get("/complaints/board?level=x").status_code == 400
    assert client.get("/customers/board").status_code == 404


def test_whoever_has_the_authority_takes_over(session):
    """The first owner stays named; a raised level that waits is accepted by it; below the level nobody may."""
    head, agent = make.make_staff(session, role=Role.SUPERVISOR), make.make_staff(session, role=Role.AGENT)
    with acting(agent):
        case = make.make_complaint(session)
        case.raise_level(reason="客户要求", to=make.make_levels(session)["L2"])
        session.flush()
        with pytest.raises(Refused) as no:
            case.take_over()
    with acting(head), later(minutes=5):
        case.take_over()
        session.flush()

    assert no.value.code == "not_the_level"
    assert (case.owner, case.first_owner, case.accept_due_at) == (head, agent, None)
    assert case.escalations[0].status is EscalationStatus.ACKNOWLEDGED
