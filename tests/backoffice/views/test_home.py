"""Home: what needs me now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backoffice.plan import plan_of
from backoffice.views import home
from tests import toys
from tests.backoffice.views.reading import counted, names, texts


@pytest.fixture
def late(library, toy_session):
    """Both loans of the library should be back by now."""
    library.loan.due_on, library.foreign.due_on = date(2026, 1, 2), date(2026, 1, 1)
    toy_session.commit()


@pytest.fixture
def shown(monkeypatch):
    """The queue says whom to ask for the book."""
    queue = replace(toys.Loan.__resource__.queues[0], shows=("reader", "due_on"))
    monkeypatch.setattr(home, "waiting", lambda who: [home._waiting(who, plan_of(toys.Loan), queue)])


@pytest.mark.usefixtures("late")
def test_home_shows_what_waits_and_leads_to_all_of_it(head, clerk, library):
    assert texts(head.get("/"), "hit-name") == [library.foreign.loan_no, library.loan.loan_no]
    assert texts(clerk.get("/"), "hit-name") == [library.loan.loan_no]
    assert "/loans/?queue=overdue" in clerk.get("/").get_data(as_text=True)
    assert names(clerk.get("/loans/?queue=overdue")) == [library.loan.loan_no]


@pytest.mark.usefixtures("late", "shown")
def test_a_line_is_headed_by_what_its_queue_names(clerk, library):
    """Whom to call is read before any number; the line leads to the record."""
    page = clerk.get("/")

    assert texts(page, "hit-name") == ["C1 Ann"]
    assert library.loan.loan_no in " ".join(texts(page, "hit-facts"))
    assert f'href="/loans/{library.loan.id}"' in page.get_data(as_text=True)


@pytest.mark.usefixtures("late")
def test_a_long_queue_is_counted_so_far_and_no_further(head, monkeypatch):
    """However much waits, home reads the first lines and says that there are more."""
    monkeypatch.setattr(home, "MOST", 1)

    page = head.get("/")

    assert "1+" in texts(page, "tone")
    assert len(texts(page, "hit-name")) == 2


def test_home_asks_no_more_for_many_records_than_for_few(head, library, toy_session):
    """The number of queries depends on the queues alone."""
    library.loan.due_on = date(2026, 1, 2)
    toy_session.commit()
    with counted() as few:
        head.get("/")
    toy_session.add_all([toys.Loan(reader=library.bob, title=f"Book {number}", due_on=date(2026, 1, 1)) for number in range(30)])
    toy_session.commit()
    with counted() as many:
        head.get("/")

    assert len(many) == len(few)


def test_home_says_what_to_do_when_nothing_waits(clerk, head, library):
    """What the person may make, and what is looked after."""
    page = clerk.get("/")

    assert texts(page, "empty-title") == ["Nothing waits for you."]
    assert 'href="/readers/new"' in page.get_data(as_text=True)
    assert 'href="/branches/new"' not in page.get_data(as_text=True)
    assert "Overdue" in texts(page, "calm")[0]
