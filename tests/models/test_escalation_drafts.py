"""Drafts of escalation: tried, switched on, taken back, and never over what somebody else has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backoffice.db import db
from backoffice.declare import Refused, clock
from models.complaint_states import Status
from models.escalation_draft_lines import EscalationDraftLine
from models.escalation_drafts import TRIAL, DraftStatus, EscalationDraft, in_words
from tests import factories as make
from tests.backoffice.views.reading import texts
from tests.models.ways import DAY, HOUR, bring
from tests.support.client import sign_in
from tests.support.world import make_people


def test_a_draft_is_written_into_the_ladder_and_taken_back(session):
    """Limits and triggers hold what the draft says, and afterwards what they said before."""
    levels, triggers = make.make_levels(session), make.make_triggers(session)
    draft = make.make_draft_line(session, limit_hours=12, warn_at="80, 60").draft
    session.add(EscalationDraftLine(draft=draft, trigger=triggers["T20"], active=False))
    session.flush()
    session.refresh(draft)
    draft.switch_on()
    session.flush()

    assert (levels["L1"].limit_hours, levels["L1"].warn_at, triggers["T20"].active) == (12, "60 80", False)
    draft.take_back()
    session.flush()

    assert (levels["L1"].limit_hours, levels["L1"].warn_at, triggers["T20"].active) == (24, "50 75 90", True)
    assert draft.status is DraftStatus.DRAFT


def test_what_somebody_else_has_changed_is_not_overwritten(session):
    """A stale draft is refused with what has changed, until it begins anew from the rules of today; taking back is refused likewise."""
    draft = make.make_draft_line(session).draft
    level = draft.lines[0].level
    level.limit_hours = 36
    draft.lines[0].accept_minutes = 15
    session.flush()
    with pytest.raises(Refused, match="24 → 36"):
        draft.switch_on()

    assert (level.limit_hours, draft.is_stale) == (36, True)
    draft.renew()
    draft.switch_on()
    level.limit_hours = 10
    with pytest.raises(Refused, match="12 → 10"):
        draft.take_back()

    assert level.limit_hours == 10


@pytest.mark.parametrize(("about", "values", "field"), [
    ("L1", {}, "limit_hours"), ("L1", {"limit_hours": 0}, "limit_hours"), ("L1", {"warn_at": "120"}, "warn_at"), ("L1", {"active": False}, "active"),
    ("T20", {"phrases": "，"}, "phrases"), ("T31", {"phrases": "漏油"}, "phrases"), ("T31", {"threshold": 3}, "threshold"), ("T02", {"threshold": 101}, "threshold"),
    ("T20", {"limit_hours": 3}, "limit_hours"), ("T10", {"threshold": 3_661}, "threshold"), (None, {"limit_hours": 3}, "level"),
])
def test_a_line_that_makes_no_sense_is_refused_where_it_is_written(session, about, values, field):
    """No limit of zero, no percentage above 100, no phrases of a trigger that looks for none, nothing about nothing."""
    found = {**make.make_levels(session), **make.make_triggers(session)}
    link = {} if about is None else {"level" if about.startswith("L") else "trigger": found[about]}
    session.add(EscalationDraftLine(**link, **values))
    with pytest.raises(Refused) as no:
        session.flush()

    assert no.value.field == field


def test_an_empty_draft_is_not_switched_on_and_one_in_force_is_not_changed(session):
    """Nothing is switched on that changes nothing; what holds is changed only after it was taken back."""
    draft = EscalationDraft(name="空")
    session.add(draft)
    session.flush()
    with pytest.raises(Refused):
        draft.switch_on()
    on = make.make_draft_line(session).draft
    on.switch_on()
    session.flush()
    on.lines[0].limit_hours = 6
    with pytest.raises(Refused):
        session.flush()


def test_a_line_does_not_leave_its_draft(session):
    """Taking a draft back gives back all that it changed: no line of it has gone elsewhere meanwhile."""
    line = make.make_draft_line(session)
    line.draft.switch_on()
    session.flush()
    line.draft = None
    with pytest.raises(Refused) as no:
        session.flush()

    assert no.value.field == "draft"


def test_a_draft_in_force_says_what_has_changed_since(session):
    """Both sides of its trial are the same only where nobody has changed a level by hand."""
    line = make.make_draft_line(session)
    line.draft.switch_on()
    session.flush()
    same = in_words(line.draft)
    line.level.limit_hours = 3
    session.flush()

    assert [len(same), "两侧相同" in str(same[0])] == [1, True]
    assert "L1" in str(in_words(line.draft)[0])


@pytest.fixture
def trial(app):
    """Last month: one complaint of the store that was never solved, one that was in time, one of another store; and one of this month."""
    with app.app_context():
        people, line = make_people(db.session), make.make_draft_line(db.session)
        order = make.make_order(db.session, advisor=people["advisor"], store=people["supervisor"].store)
        month = clock.now().astimezone(clock.zone()).replace(day=1, hour=12, minute=0, second=0, microsecond=0)
        cases = []
        for received, about in ((month - 9 * DAY, order), (month - 8 * DAY, order), (month - 7 * DAY, None), (month, order)):
            with clock.stopped_at(received):
                cases.append(make.make_complaint(db.session, order=about))
        with clock.stopped_at(month - 8 * DAY + 3 * HOUR):
            bring(cases[1], Status.RESOLVED)
        db.session.commit()
        yield app, f"/escalation-drafts/{line.draft_id}/trial", cases


def look(app, login, address):
    client = sign_in(app.test_client(), login)
    client.set_cookie("language", "en")
    return client.get(address)


def test_a_person_tries_a_draft_on_last_month(trial):
    """Each complaint of it that the person may read and that would have gone another way, with a link; a month without any says so."""
    app, address, (late, _in_time, elsewhere, _new) = trial
    manager, supervisor = (look(app, login, address) for login in ("manager", "supervisor"))

    assert texts(manager, "trial-name") == [late.complaint_no, elsewhere.complaint_no]
    assert texts(supervisor, "trial-name") == [late.complaint_no]
    assert texts(supervisor, "tile-number") == ["2", "1"]
    assert f'href="/complaints/{late.id}"' in supervisor.text
    assert "L1 Front line – Time limit (hours): 24 → 12" in supervisor.text
    assert "No records in this period." in look(app, "supervisor", f"{address}?from=2020-01-01&to=2020-01-31").text
    assert look(app, "supervisor", f"{address}?from=x").status_code == 400
    assert look(app, "agent", address).status_code == 403


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_too_many_are_not_tried_at_once(trial, monkeypatch):
    """The page says so, and how many it takes."""
    app, address, _cases = trial
    monkeypatch.setitem(vars(EscalationDraft.__resource__), "trial", replace(TRIAL, most=1))

    assert "2 complaints are too many for one page; at most 1 are tried at once." in look(app, "supervisor", address).text
