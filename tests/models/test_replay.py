"""A replay by the rules as they are does what the pass did; by other rules it does what a plain count finds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.audit import record
from backoffice.declare import clock
from models.complaints import Complaint
from models.escalations import Escalation
from models.replay import replay
from models.simulation import HEADINGS, compare, ladder_of
from models.story_reading import stories
from tests import factories as make
from tests.models import quarter
from tests.models.test_quarter import BEGIN, MINUTE, live

HOUR = timedelta(hours=1)


def again(session, ladder) -> dict[int, list[tuple]]:
    """What the rules do with each complaint, as the program and the plain count tell it."""
    return {
        story.id: [
            ((one.at - BEGIN) // MINUTE, one.what, one.level, one.clock, one.mark)
            for one in replay(story, ladder, clock.now()) if one.what != "reassigned" or one.level != "L3"  # nobody stands in for the chief
        ]
        for story in stories(session, select(Complaint.id), ladder_of(session).rules)
    }


def without_owners(lines: list[tuple]) -> list[tuple]:
    """A replay does not know who owns a complaint."""
    return [one for one in lines if one[1:4:2] != ("reassigned", "level")]


@pytest.mark.parametrize(("number", "seed"), [(16, 3), *(pytest.param(400, seed, marks=pytest.mark.acceptance) for seed in range(3))])
def test_the_rules_as_they_are_do_again_what_the_pass_did(session, number, seed):
    """Each warning, missed limit, raise and call to a deputy of the quarter, in the same minute."""
    house, last = live(session, quarter.stories(number, seed), every_minute=False)
    with clock.stopped_at(BEGIN + last * MINUTE):
        found = again(session, ladder_of(session))

    assert len(found) == number
    for case in house.cases:
        assert found[case.id] == without_owners(house.lines[case.id])


@pytest.mark.parametrize("number", [16, pytest.param(400, marks=pytest.mark.acceptance)])
def test_a_shorter_limit_does_what_a_plain_count_finds(session, monkeypatch, number):
    """Twelve hours instead of 24 on the first level: the same events in the same minutes, and as many complaints late as are counted."""
    told = quarter.stories(number, 9)
    for story in told:  # whom people raise and accept depends on what the rules did before
        story.steps = [one for one in story.steps if one[1] not in ("raise", "accept")]
    _house, last = live(session, told, every_minute=False)
    monkeypatch.setitem(quarter.LIMITS, 1, 12 * quarter.HOUR)
    monkeypatch.setitem(quarter.SEEN, 1, quarter.seen(12 * quarter.HOUR))
    counted = [quarter.Plain(one).live().lines for one in told]
    front = make.make_levels(session)["L1"]
    with clock.stopped_at(BEGIN + last * MINUTE):
        found = again(session, ladder_of(session, {front: {"limit_hours": 12}}))
        came = compare(session, select(Complaint.id), {front: {"limit_hours": 12}})
    late = sum(any(one[1:4] == ("breached", "L1", "level") for one in lines) for lines in counted)

    assert list(found.values()) == [without_owners(one) for one in counted]
    assert (came.count, late > number / 8) == (number, True)
    assert [one.then for one in came.effects if one.heading is HEADINGS["breached"] and "L1" in str(one.label)] == [late]


def test_signs_are_heard_when_they_were_said(session):
    """By the rules of today a case is raised when it was; without a trigger what it had marked is not marked, and a new phrase is heard from the receipt on."""
    record.register(session)
    triggers, noon = make.make_triggers(session), clock.now()
    at_once, marked, later, oil = (make.make_complaint(session, description=text) for text in ("刹车失灵", "一直响", "慢慢处理", "地上漏油"))
    with clock.stopped_at(noon + HOUR):
        marked.safety, later.description = True, "方向失控"
        session.flush()
    with clock.stopped_at(noon + 2 * HOUR):
        ladder = ladder_of(session)
        raised = {
            story.id: [(one.level, one.at, one.rule) for one in replay(story, ladder, clock.now()) if one.what == "raised"]
            for story in stories(session, select(Complaint.id), ladder.rules)
        }
        came = compare(session, select(Complaint.id), {triggers["T20"]: {"phrases": "漏油"}})
    lived = {one.complaint_id: [(one.to_level.code, one.raised_at, one.rule)] for one in session.scalars(select(Escalation))}

    assert raised == {oil.id: [], **lived}
    assert [lived[one.id][0][1:] for one in (at_once, marked, later)] == [(noon, "T20"), (noon + HOUR, "T30"), (noon + HOUR, "T20")]
    assert {one.name: one.parts[0][1:] for one in came.changes} == {
        at_once.complaint_no: (noon, None), later.complaint_no: (noon + HOUR, None), oil.complaint_no: (None, noon),
    }


def test_a_trial_changes_nothing(session):
    """No record is written while it is worked out."""
    case = make.make_complaint(session, received_at=clock.now() - 30 * HOUR)
    compare(session, select(Complaint.id), {case.level: {"limit_hours": 1, "accept_minutes": 5}})

    assert not session.dirty
    assert not session.new
    assert case.level.limit_hours == 24
