"""The checklist of a complaint on its page, and its dossier for paper."""

from __future__ import annotations

import re

import pytest

from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind
from models.complaint_states import Status
from tests import factories as make
from tests.backoffice.views.reading import texts
from tests.models.ways import HOUR, bring
from tests.support.client import sign_in
from tests.support.world import make_people


@pytest.fixture
def case(app):
    """A complaint that the supervisor took up to the proposal, with a compensation and a level more."""
    with app.app_context():
        people, levels = make_people(db.session), make.make_levels(db.session)
        order = make.make_order(db.session, advisor=people["advisor"], store=people["supervisor"].store)
        with acting(people["supervisor"]):
            one = bring(make.make_complaint(db.session, order=order, received_at=clock.now() - HOUR), Status.PROPOSAL_MADE)
            one.raise_level(reason="涉及两个部门", to=levels["L2"])
            db.session.flush()
            one.propose_compensation(kind=CompensationKind.VOUCHER, amount=50, reason="等待时间过长")
            db.session.commit()
        yield one


def page(app, login, address):
    client = sign_in(app.test_client(), login)
    client.set_cookie("language", "en")
    return client.get(address)


def test_the_checklist_says_who_did_each_step_and_what_the_open_ones_lack(app, case):
    """The trail tells when and who; a decision that was taken back is open again."""
    steps = texts(page(app, "supervisor", f"/complaints/{case.id}"), "check")

    assert [one.split(" 20")[0] for one in steps[:5]] == [
        "Received", "Acknowledged to the customer", "Assessed", "Investigated", "Answered with a solution",
    ]
    assert [one for one in steps[:5] if not re.search(r" · E\d+ supervisor", one)] == []
    assert [one for one in steps if "What the customer was told is not logged." in one] == [steps[1]]
    assert steps[3].endswith("Tell the customer that a higher level is asked.")
    assert steps[5] == "Decision told to the customer The customer has not been told of the decision."
    assert "Missing: the decision told to the customer" in steps[7]


def test_the_dossier_has_the_whole_case_and_no_more_than_the_person_may_see(app, case):
    """Levels with reasons, compensations and every step; the phone stays masked, and another store gets nothing."""
    answer = page(app, "supervisor", f"/complaints/{case.id}/dossier")
    text = answer.get_data(as_text=True)

    assert [word for word in ("涉及两个部门", "等待时间过长", "免费更换刹车片") if word not in text] == []
    assert "Status Acknowledged" in texts(answer, "dossier-steps")[0]
    assert case.customer.phone not in text
    assert page(app, "supervisor", f"/complaints/{make.make_complaint(db.session).id}/dossier").status_code == 404
    assert page(app, "supervisor", f"/customers/{case.customer_id}/dossier").status_code == 404
    assert not db.session.query(AuditEntry).filter_by(resource="customers", deed=Deed.REVEAL).count()
