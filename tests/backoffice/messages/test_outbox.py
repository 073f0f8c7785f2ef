"""The outbox at the dealership: who sees what could not be sent."""

from __future__ import annotations

import pytest

from backoffice.messages import Outgoing
from backoffice.messages.outbox import SendState, Way, Why
from tests import toys  # noqa: F401  # an occasion of theirs
from tests.support.client import sign_in
from tests.support.world import make_people


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Rights and a page; the database makes no difference."""
    return request.param


def test_an_administrator_finds_what_failed_and_sends_it_again(app, session):
    """On the first page and in the outbox; others see none of it."""
    make_people(session)
    failed = Outgoing(event="mail:1", way=Way.MAIL, state=SendState.FAILED, why=Why.UNREACHABLE, attempts=6, who="A1 Ann", occasion="due")
    session.add(failed)
    session.commit()
    admin, agent = (sign_in(app.test_client(), login) for login in ("admin", "agent"))
    home, listed = (admin.get(page).get_data(as_text=True) for page in ("/", "/outbox/"))

    assert "未能发出的消息" in home
    assert f'href="/outbox/{failed.id}"' in home
    assert "服务器无响应" in listed
    assert "图书到期" in listed
    assert [agent.get(page).status_code for page in ("/outbox/", f"/outbox/{failed.id}")] == [403, 403]

    answer = admin.post(f"/outbox/{failed.id}/do/send_again")
    session.refresh(failed)

    assert answer.status_code == 302
    assert (failed.state, failed.attempts, failed.why) == (SendState.WAITING, 0, None)
    assert admin.post(f"/outbox/{failed.id}/do/send_again").status_code == 422
