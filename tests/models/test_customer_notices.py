"""What the customer of a complaint was told: when, how, by whom, in which words, and what came back."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from backoffice.db import db
from backoffice.declare import Language, Refused, clock
from backoffice.declare.people import acting
from models.complaint_states import Status
from models.customer_notices import Means, NoticeStep
from models.roles import Role
from models.telling import begins, told
from tests import factories as make
from tests.backoffice.views.many import batch_of, run_of
from tests.backoffice.views.reading import texts
from tests.models.ways import HOUR, STEPS, bring, later, staff
from tests.support.client import sign_in
from tests.support.world import make_people


def logged(case):
    case.session.flush()
    return [(one.step, one.means, one.words, one.answer) for one in case.notices]


def go_on(case, goal):
    """From the state where it stands."""
    states = list(STEPS)
    for state in states[states.index(case.status) + 1 : states.index(goal) + 1]:
        STEPS[state](case)
        case.session.flush()


def next_step(case):
    case.session.flush()
    return begins(case)["step"]


def test_words_are_kept_with_moment_means_and_whoever_said_them(session):
    """The signed-in person unless another is named; as often as needed, each with a number of its own."""
    case, person, other = make.make_complaint(session, received_at=clock.now() - 2 * HOUR), staff(session, Role.AGENT), staff(session, Role.SUPERVISOR)
    with acting(person):
        case.tell(step=NoticeStep.PROGRESS, words="配件明天到店", means=Means.SMS)
        case.tell(step=NoticeStep.PROGRESS, words="配件到了", answer="好的", told_at=clock.now() - HOUR, told_by=other)
    session.flush()
    two, one = case.notices

    assert (one.told_at, one.means, one.told_by, one.words, one.answer) == (clock.now(), Means.SMS, person, "配件明天到店", None)
    assert (two.told_at, two.means, two.told_by, two.answer) == (clock.now() - HOUR, Means.PHONE, other, "好的")
    assert [notice.notice_no for notice in (one, two)] == ["GZ20261120-0001", "GZ20261120-0002"]


def test_a_decision_counts_as_told_from_the_moment_it_was(session):
    """Not before it is made, not in the future, not before the complaint came; the closing list asks no more than that."""
    case = make.make_complaint(session, received_at=clock.now() - 2 * HOUR)
    with pytest.raises(Refused) as early:
        case.tell(step=NoticeStep.DECISION, words="免费更换")
    bring(case, Status.PROPOSAL_MADE)
    for moment in (clock.now() + HOUR, clock.now() - 3 * HOUR):
        with pytest.raises(Refused) as wrong:
            case.tell(step=NoticeStep.DECISION, words="免费更换", told_at=moment)
        assert wrong.value.field == "told_at"
    case.tell(step=NoticeStep.DECISION, words="免费更换", told_at=clock.now() - HOUR)

    assert early.value.field == "step"
    assert case.communicated_at == clock.now() - HOUR
    assert "将处理决定告知客户" not in str(case.closing_says())


def test_what_was_said_stays_said_and_an_answer_comes_once(session):
    case = make.make_complaint(session)
    case.tell(step=NoticeStep.PROGRESS, words="已寄出说明函", means=Means.LETTER)
    session.flush()
    notice = case.notices[0]
    notice.record_answer(answer="收到了")
    session.flush()

    with pytest.raises(Refused):
        notice.record_answer(answer="没收到")
    notice.words = "从未寄出"
    with pytest.raises(Refused):
        session.flush()


def test_the_dialogs_of_the_steps_keep_what_was_said_beside(session):
    """Acknowledging, raising, the follow-up call, closing, and the reason of a refusal; without words nothing is kept."""
    case, silent, refused = (make.make_complaint(session) for _ in range(3))
    make.make_levels(session)
    with acting(staff(session, Role.MANAGER)):
        case.acknowledge(told="编号已告知", means=Means.WECHAT)
        case.raise_level(reason="涉及两个部门", told="已请主管处理")
        go_on(case, Status.RESOLVED)
        case.confirm(satisfied=True, note="没有异响了", told="想向您确认")
        case.close(told="感谢您")
        refused.reject(reason="车辆不属本店服务范围", means=Means.LETTER)
    bring(silent, Status.CLOSED)

    assert logged(case) == [
        (NoticeStep.ACKNOWLEDGED, Means.WECHAT, "编号已告知", None), (NoticeStep.RAISED, Means.PHONE, "已请主管处理", None),
        (NoticeStep.FOLLOW_UP, Means.PHONE, "想向您确认", "没有异响了"), (NoticeStep.CLOSED, Means.PHONE, "感谢您", None),
    ]
    assert logged(refused) == [(NoticeStep.DECISION, Means.LETTER, "车辆不属本店服务范围", None)]
    assert (silent.status, logged(silent)) == (Status.CLOSED, [])


def test_the_dialog_begins_with_the_first_step_not_yet_told(session):
    """In the order of the steps, as far as the case has come; progress where nothing is owed; what was taken back is owed again."""
    case, seen = make.make_complaint(session), []
    make.make_levels(session)
    with acting(staff(session, Role.MANAGER)):
        seen.append(next_step(case))
        case.acknowledge(told="我来跟进")
        seen.append(next_step(case))
        case.raise_level(reason="客户要求")
        seen.append(next_step(case))
        case.tell(step=NoticeStep.RAISED, words="已请主管")
        go_on(case, Status.PROPOSAL_MADE)
        seen.append(next_step(case))
        case.tell(step=NoticeStep.DECISION, words="免费更换")
        seen.append(next_step(case))
        with later(hours=1):
            go_on(case, Status.RESOLVED)
            seen.append(next_step(case))
            case.confirm(satisfied=False)
            go_on(case, Status.PROPOSAL_MADE)
            seen.append(next_step(case))
        with later(hours=2):
            go_on(case, Status.CLOSED)
            seen.append(next_step(case))

    assert [step.value for step in seen] == ["acknowledged", "progress", "raised", "decision", "progress", "follow_up", "decision", "closed"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)
def test_the_case_its_dossier_and_the_customers_timeline_show_it(app):
    """The checklist says when, how and by whom; the words stand on the dossier and on the timeline of the customer, for those who may read the complaint."""
    with app.app_context():
        people = make_people(db.session)
        make.make_levels(db.session)
        order = make.make_order(db.session, advisor=people["advisor"], store=people["agent"].store)
        with acting(people["agent"]):
            case = make.make_complaint(db.session, order=order, received_at=clock.now() - timedelta(hours=1))
            case.acknowledge(told="我是客服，由我负责到底", means=Means.WECHAT)
            db.session.commit()
        client, foreign = sign_in(app.test_client(), "agent"), make.make_complaint(db.session)
        client.set_cookie("language", "en")
        foreign.tell(step=NoticeStep.PROGRESS, words="别家门店的话")
        db.session.commit()
        steps = texts(client.get(f"/complaints/{case.id}"), "check")
        pages = [client.get(address).get_data(as_text=True) for address in (f"/complaints/{case.id}/dossier", f"/customers/{order.customer_id}")]

        assert "WeChat: agent" in steps[1]
        assert [page.count("我是客服，由我负责到底") for page in pages] == [1, 1]
        assert "别家门店的话" not in client.get("/customer-notices/").get_data(as_text=True)
        assert client.get(f"/customer-notices/{foreign.notices[0].id}").status_code == 404
        assert client.get("/customer-notices/new").status_code == 403


def test_a_dialog_that_is_sent_again_writes_nothing_again(app):
    """Back and Send once more, or a second window: an action that only writes beside the complaint makes older dialogs old too."""
    with app.app_context():
        people = make_people(db.session)
        case = make.make_complaint(db.session, order=make.make_order(db.session, advisor=people["advisor"], store=people["agent"].store))
        db.session.commit()
        client = sign_in(app.test_client(), "agent")
        sent = {"version": str(case.version), "step": "progress", "means": "phone", "words": "配件明天到店"}
        first, second = (client.post(f"/complaints/{case.id}/do/tell", data=sent) for _time in range(2))
        db.session.expire_all()

        assert (first.status_code, second.status_code) == (302, 409)
        assert "配件明天到店" in second.get_data(as_text=True)
        assert [one.words for one in case.notices] == ["配件明天到店"]


def test_what_was_told_stays_when_a_change_of_many_rows_is_taken_back(app):
    """That the customer has heard of it is so: the complaint and the notice stay as they are, with the reason."""
    with app.app_context():
        people = make_people(db.session)
        case = make.make_complaint(db.session, order=make.make_order(db.session, advisor=people["advisor"], store=people["agent"].store))
        db.session.commit()
        client = sign_in(app.test_client(), "agent")
        page = client.post("/complaints/bulk/acknowledge", data={"ids": [case.id]})
        told = {"batch": batch_of(page), "confirmed": "1", "told": "我们已受理", "means": "phone"}
        run = run_of(client.post("/complaints/bulk/acknowledge", data=told, follow_redirects=True))
        look = client.get(f"/imports/{run.id}/undo")
        client.post(f"/imports/{run.id}/undo")
        db.session.expire_all()

        assert (case.status, [one.words for one in case.notices]) == (Status.ACKNOWLEDGED, ["我们已受理"])
        assert "它记录已发生的事实" in look.text


def test_what_was_told_of_an_old_decision_is_not_told_of_a_new_one(session):
    """The customer declined it; once the next one is agreed to, its words are still owed."""
    case = make.make_complaint(session, received_at=clock.now() - 5 * HOUR)
    bring(case, Status.PROPOSAL_MADE)
    case.tell(step=NoticeStep.DECISION, words="先按A方案", told_at=clock.now() - HOUR)
    with later(hours=1):
        case.decline(reason="不接受")
        go_on(case, Status.AGREED)

        assert told(case, NoticeStep.DECISION) is None
        case.tell(step=NoticeStep.DECISION, words="改按B方案")
        session.flush()
        assert told(case, NoticeStep.DECISION).words == "改按B方案"


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)
def test_the_phrases_of_the_step_stand_beside_the_words(app):
    """In the customer's language, with what the case knows; what it does not know, and what stands twice, is left to be filled in."""
    with app.app_context():
        people = make_people(db.session)
        phrases = make.make_phrases(db.session)
        phrases["H04"].active = False
        order = make.make_order(db.session, advisor=people["advisor"], store=people["agent"].store)
        order.customer.language = Language.ENGLISH
        case = make.make_complaint(db.session, order=order, remedy_sought="new pads.", summary="squealing brakes")
        db.session.commit()
        client = sign_in(app.test_client(), "agent")
        told, asked = (client.get(f"/complaints/{case.id}/do/{name}?fragment=1") for name in ("tell", "acknowledge"))
        offers, told, asked = texts(asked, "offer"), told.get_data(as_text=True), asked.get_data(as_text=True)

        assert '<option selected value="acknowledged">' in told
        assert "Good day, I am agent." in offers[0]
        assert "squealing brakes, and you would like new pads. Have I" in offers[1]
        assert f"registered under {case.complaint_no}; I call you back by &lt;time&gt;" in asked
        assert len(offers) == 4
        assert "had promised an answer by &lt;time&gt;. Because" in told
        assert re.findall(r"&#34;([a-z_]+)&#34;\]", told)[:8] == ["acknowledged"] * 4 + ["progress"] * 3 + ["raised"]
        assert told.index("Because") < told.rindex("I would be upset")
