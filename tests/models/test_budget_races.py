"""Two who grant at the same moment: on either database nobody spends what is no longer there."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import select

from backoffice.db import db
from backoffice.declare.people import acting
from models.authority_limits import CompensationKind as Kind
from models.budgets import spent
from models.compensations import Compensation
from models.roles import Role
from tests.factories import make_budget, make_complaint, make_levels, make_staff
from tests.support.client import PASSWORD_HASH, sign_in


@pytest.fixture
def session(app):
    """The look at the database that the clients write to."""
    with app.app_context():
        yield db.session


def test_approvals_at_the_same_moment_never_overdraw_a_budget(app, session):
    """Of six requests of 400 at once, a budget of 1,000 covers two; the others are passed on to the next level."""
    budget = make_budget(session, level=make_levels(session)["L2"], amount=Decimal(1000))
    case = make_complaint(session)
    heads = [make_staff(session, role=Role.SUPERVISOR, store=case.store, login=f"head{number}", password_hash=PASSWORD_HASH) for number in range(3)]
    with acting(make_staff(session, role=Role.AGENT, store=case.store)):
        for _number in range(6):
            case.propose_compensation(kind=Kind.VOUCHER, amount=Decimal(400), reason="久等")
            session.flush()
    ids = list(session.scalars(select(Compensation.id)))
    session.commit()
    clients = [sign_in(app.test_client(), head.login) for head in heads for _twice in range(2)]
    threads = [
        threading.Thread(target=client.post, args=(f"/compensations/{number}/do/approve",), kwargs={"data": {"reason": "合理"}})
        for client, number in zip(clients, ids, strict=True)
    ]
    session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.expire_all()
    found = session.scalars(select(Compensation)).all()

    assert sorted((one.status.value, one.required_level.code) for one in found) == [("approved", "L2")] * 2 + [("pending", "L3")] * 4
    assert (budget.used, budget.left, spent(budget)) == (800, 200, 800)
