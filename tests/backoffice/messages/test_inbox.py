"""The inbox as a person sees it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select, update

from backoffice.declare import _, tell
from backoffice.messages import Message
from tests import toys
from tests.backoffice.lending import client_of
from tests.backoffice.views.reading import counted, texts


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """What pages make of it is the same on both; how it is written is tested on both elsewhere."""
    return request.param


def say(session, record, person, *titles):
    for title in titles:
        tell(record, toys.DUE, [person], key=title, title=_("{title}", "{title}", title=title))
        session.commit()


def test_unread_messages_come_first_and_are_counted_on_every_page(clerk, library, toy_session):
    """Newest first among them; reading one by hand, opening one, or marking all takes them off the count."""
    say(toy_session, library.loan, library.clerk, "one", "two", "three", "four")
    inbox = clerk.get("/inbox")

    assert texts(inbox, "message-title") == ["Unread: four", "Unread: three", "Unread: two", "Unread: one"]
    assert texts(clerk.get("/"), "inbox-count") == ["4 unread"]

    number = re.search(r'name="id" value="(\d+)"', inbox.get_data(as_text=True))[1]
    clerk.post("/inbox/read", data={"id": number})
    opened = clerk.get(re.findall(r'href="(/inbox/\d+)">three', inbox.get_data(as_text=True))[0])

    assert opened.location == f"/loans/{library.loan.id}"
    assert texts(clerk.get("/inbox"), "message-title") == ["Unread: two", "Unread: one", "four", "three"]

    clerk.post("/inbox/read", data={"all": "1"})

    assert texts(clerk.get("/"), "inbox-count") == []
    assert texts(clerk.get("/inbox"), "message-title") == ["four", "three", "two", "one"]


def test_an_inbox_is_its_persons_alone(toy_app, clerk, library, toy_session):
    """Others neither see, open nor mark it; and what a message is about may be opened by those alone who may read it now."""
    say(toy_session, library.loan, library.head, "for Hedda")
    say(toy_session, library.foreign, library.clerk, "of another branch")
    hers, his = toy_session.scalars(select(Message.id).order_by(Message.id)).all()
    page = clerk.get("/inbox").get_data(as_text=True)

    assert "for Hedda" not in page
    assert "of another branch" in page
    assert f'href="/inbox/{his}"' not in page
    assert clerk.get(f"/inbox/{his}").location == "/inbox"
    assert [clerk.get(f"/inbox/{number}").status_code for number in (hers, 999_999, "x")] == [404] * 3

    clerk.post("/inbox/read", data={"id": hers})

    assert "Unread" in client_of(toy_app, "head").get("/inbox").get_data(as_text=True)
    assert [clerk.post("/inbox/read", data={"id": "x"}).status_code, clerk.get("/inbox?from=x").status_code] == [400, 400]


def test_a_long_inbox_is_read_to_its_end_in_pages_of_few_questions(clerk, library, toy_session):
    """Each message stands on one page, whatever has been read in between; many cost as many statements as few."""
    assert "Nobody has told you anything yet." in clerk.get("/inbox").get_data(as_text=True)

    say(toy_session, library.loan, library.clerk, *map(str, range(3)))
    clerk.get("/inbox")
    with counted() as few:
        clerk.get("/inbox")
    for number in range(3, 130):
        tell(library.loan, toys.DUE, [library.clerk], key=str(number), title=_("{n}", "{n}", n=number))
    toy_session.commit()
    toy_session.execute(update(Message).where(Message.id % 2 == 0).values(read_at=func.coalesce(Message.read_at, Message.told_at)))
    toy_session.commit()
    with counted() as many:
        page = clerk.get("/inbox")
    seen, pages = texts(page, "message-title"), 1
    while more := re.search(r'href="(/inbox\?from=\w+)"', page.get_data(as_text=True)):
        page = clerk.get(more[1])
        seen, pages = seen + texts(page, "message-title"), pages + 1

    assert len(many) <= len(few)
    assert pages == 5
    assert [one for one in seen if "Unread" in one] == seen[:65]
    assert sorted(int(one.removeprefix("Unread: ")) for one in seen) == list(range(130))
