"""What is told stands in each inbox once, with the commit and not without it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from backoffice.db import db
from backoffice.declare import BadDeclaration, Occasion, _, tell
from backoffice.messages import Message
from tests import toys
from tests.backoffice.views.reading import counted

TITLE = _("“{title}” is due.", "《{title}》到期。", title="Emma")


def told(session) -> list[tuple[int, int, str, str]]:
    return [(one.person_id, one.record_id, one.key, one.title_en) for one in session.scalars(select(Message).order_by(Message.person_id, Message.id))]


def test_one_event_is_one_message_for_each_person(library, toy_session):
    """However often it is told, in one transaction or several, to one list of people or two that overlap; in both languages."""
    tell(library.loan, toys.DUE, [library.head], key="1", title=TITLE)
    tell(library.loan, toys.DUE, [library.head, library.clerk.id], key="1", title=_("Another wording", "另一种说法"))
    toy_session.commit()
    tell(library.loan, toys.DUE, [library.head, library.clerk], key="1", title=TITLE)
    tell(library.loan, toys.DUE, [library.head], key="2", title=TITLE)
    tell(library.foreign, toys.DUE, [library.head], key="1", title=TITLE)
    toy_session.commit()
    messages = toy_session.scalars(select(Message).where(Message.person_id == library.head.id).order_by(Message.id)).all()

    assert sorted(one.key + str(one.record_id == library.loan.id) for one in messages) == ["1False", "1True", "2True"]
    assert {(one.title_zh, one.title_en) for one in messages} == {("《Emma》到期。", "“Emma” is due.")}
    assert toy_session.scalar(select(func.count()).select_from(Message).where(Message.person_id == library.clerk.id)) == 1


def test_what_is_rolled_back_was_never_told(library, toy_session):
    """Neither the whole transaction nor a part of it; the rest of it holds, and a record is told of before it has its number."""
    tell(library.loan, toys.DUE, [library.head], key="gone", title=TITLE)
    toy_session.rollback()
    tell(library.loan, toys.DUE, [library.head], key="before", title=TITLE)
    outer = toy_session.begin_nested()
    with toy_session.begin_nested():
        tell(library.loan, toys.DUE, [library.head], key="inside", title=TITLE)
    outer.rollback()
    with toy_session.begin_nested():
        new = toys.Loan(reader=library.ann, title="Persuasion")
        toy_session.add(new)
        tell(new, toys.DUE, [library.head], key="new", title=TITLE)
    toy_session.commit()

    assert {(key, record) for _who, record, key, _title in told(toy_session)} == {("before", library.loan.id), ("new", new.id)}


def test_two_who_tell_the_same_at_once_tell_it_once(toy_app, library, toy_session):
    """Each waits for the other's commit, and neither fails."""
    people, loan_id = [library.head.id, library.clerk.id], library.loan.id
    toy_session.rollback()
    ready, failures = threading.Barrier(4), []

    def go(order: int) -> None:
        try:
            with toy_app.app_context():
                ready.wait(30)
                loan = db.session.get(toys.Loan, loan_id)
                for key in ("a", "b", "c")[::order]:
                    tell(loan, toys.DUE, people[::order], key=key, title=TITLE)
                db.session.commit()
        except Exception as problem:  # noqa: BLE001  # said below
            failures.append(problem)

    threads = [threading.Thread(target=go, args=(order,)) for order in (1, -1, 1, -1)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert not failures
    assert len(told(toy_session)) == 6


def test_a_thousand_messages_are_one_statement(library, toy_session):
    """A pass over many records tells of all of them in one go."""
    for number in range(1_000):
        tell(library.loan, toys.DUE, [library.head], key=str(number), title=TITLE)
    with counted() as statements:
        toy_session.commit()

    assert len([one for one in statements if "messages" in one]) == 1
    assert len(told(toy_session)) == 1_000


def test_an_occasion_has_a_name_of_its_own():
    """Choices are kept by it."""
    for name in ("due", "No address"):
        with pytest.raises(BadDeclaration, match="B048"):
            Occasion(name, _("Twice", "重复"), "loans")
