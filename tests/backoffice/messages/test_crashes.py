"""Workers that are killed while they send: each mail arrives once, and none is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from backoffice.declare import _, tell
from backoffice.messages import Outgoing
from backoffice.messages.outbox import SendState
from backoffice.messages.tables import Message
from tests import toys
from tests.support.jobs import a_worker, eventually

MAILS = 30


def settled(session) -> int:
    session.rollback()
    count = session.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.state.in_([SendState.SENT, SendState.UNSURE])))
    session.rollback()
    return count


def unsure(session) -> set[int]:
    """The numbers of the mails of which the outbox says that they may have arrived."""
    told = select(Message.key).join(Outgoing, Outgoing.message_id == Message.id).where(Outgoing.state == SendState.UNSURE)
    return {int(key) for key in session.scalars(told)}


@pytest.mark.long(10)
@pytest.mark.parametrize("kills", [1, pytest.param(2, marks=pytest.mark.acceptance)])
def test_workers_that_are_killed_send_no_mail_twice_and_lose_none(toy_app, library, toy_session, post_office, kills):
    """Two at a time, killed again and again in the midst of it; what was in the hands of the server at that moment is said to be unsure."""
    chance = random.Random(5)
    for number in range(MAILS):
        tell(library.loan, toys.ALARM, [library.head], key=str(number), title=_("{n}", "{n}", n=number))
    toy_session.commit()
    post_office.dawdle_s = 0.03
    mail = {name: str(toy_app.config[name]) for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_TLS", "MAIL_FROM")}
    for _round in range(kills):
        before = len(post_office.letters)
        with ExitStack() as stack:
            killed = [stack.enter_context(a_worker(toy_app, lease_s=1.5, is_awaited=False, **mail)) for _each in range(2)]
            eventually(lambda before=before: len(post_office.letters) > before + 2)
            time.sleep(chance.uniform(0, 0.2))
            for one in killed:
                one.kill()
                one.wait()

        assert settled(toy_session) < MAILS
    with a_worker(toy_app, lease_s=1.5, **mail):
        eventually(lambda: settled(toy_session) == MAILS)
    arrived = Counter(one["Message-ID"] for one in post_office.letters)

    assert set(arrived.values()) == {1}
    assert {int(one["Subject"]) for one in post_office.letters} | unsure(toy_session) == set(range(MAILS))
    assert len(unsure(toy_session)) <= 2 * kills
