"""Words in the address of a list: me, my house, today, overdue, empty."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import urlencode

import pytest
from werkzeug.datastructures import MultiDict

from backoffice.db import db
from backoffice.declare import Right, Verb, clock
from backoffice.plan import plan_of
from backoffice.views.filter_words import own_of
from backoffice.views.selection import Selection
from tests import toys
from tests.backoffice.lending import client_of
from tests.backoffice.views.reading import names, sent, sentence, texts

LOANS = plan_of(toys.Loan)


@pytest.fixture
def due(toy_session, library):
    """Loans by the day when they are due; the last one is back on the shelf, the one without a day from an old system."""
    days = {
        "long ago": date(2026, 10, 20), "monday": date(2026, 11, 16), "friday": date(2026, 11, 20), "today": date(2026, 11, 21), "sunday": date(2026, 11, 22),
        "next month": date(2026, 12, 1),
    }
    made = [toys.Loan(reader=library.ann, title=title, due_on=day) for title, day in days.items()]
    back = toys.Loan(reader=library.ann, title="back", state=toys.State.BACK, due_on=date(2026, 10, 1), returned_at=datetime(2026, 11, 20, 16, 30, tzinfo=UTC))
    old = toys.Loan(reader=library.ann, title="old", from_history=True)
    library.loan.due_on = library.foreign.due_on = date(2027, 6, 1)
    toy_session.add_all([*made, back, old])
    toy_session.commit()
    return library


def titles(person, query):
    """What a person's list of loans holds on the morning of Saturday, 21 November 2026."""
    with clock.stopped_at(datetime(2026, 11, 21, 1, 0, tzinfo=UTC)):
        rows = Selection(person, LOANS, MultiDict(query)).rows()
    return {loan.title for loan in db.session.scalars(rows)}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("today", {"today"}), ("yesterday", {"friday"}), ("this_week", {"monday", "friday", "today", "sunday"}),
        ("last_7_days", {"monday", "friday", "today"}), ("this_month", {"monday", "friday", "today", "sunday"}),
        ("overdue", {"long ago", "monday", "friday"}),
    ],
)
def test_a_word_for_a_day_means_it_as_of_now(due, word, meant):
    """What is overdue is before today, and still waits: a book that is back is not."""
    assert titles(due.head, [("due_on", word)]) == meant


def test_words_stand_beside_days_and_at_the_ends_of_ranges(due):
    assert titles(due.head, [("due_on", "today"), ("due_on", "2026-12-01")]) == {"today", "next month"}
    assert titles(due.head, [("due_on_from", "yesterday"), ("due_on_to", "today")]) == {"friday", "today"}
    assert titles(due.head, [("returned_at", "today")]) == {"back"}  # 00:30 in the zone of the house


def test_overdue_does_not_tell_a_state_that_one_may_not_see(due, monkeypatch):
    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, hidden=frozenset({"state"})))

    assert titles(due.clerk, [("due_on", "overdue")]) == {"long ago", "monday", "friday", "back"}


def test_empty_adds_what_has_no_value_and_not_empty_leaves_it_out(due):
    everything = titles(due.head, [])

    assert titles(due.head, [("due_on_empty", "1")]) == {"old"}
    assert titles(due.head, [("due_on_empty", "0")]) == everything - {"old"}
    assert titles(due.head, [("due_on_empty", "1"), ("due_on", "today")]) == {"old", "today"}
    assert titles(due.head, [("due_on_empty", "0"), ("due_on", "today")]) == {"today"}
    assert titles(due.head, [("due_on_empty", "0"), ("due_on_empty", "1")]) == everything
    assert titles(due.head, [("reader.member_since_empty", "0")]) == set()
    assert titles(due.head, [("reader.member_since_empty", "1")]) == everything


def test_a_list_of_my_house_is_another_one_for_somebody_of_another(toy_app, due, toy_session):
    due.head.branch = due.there
    toy_session.commit()
    clerk, head = (client_of(toy_app, login) for login in ("clerk", "head"))

    assert names(clerk.get("/readers/?branch=mine")) == ["C1"]
    assert names(head.get("/readers/?branch=mine")) == ["C2"]
    assert names(head.get("/librarians/?branch=mine")) == ["L2"]
    assert texts(head.get("/readers/?branch=mine"), "chip-text") == ["my branch"]


def test_me_is_whoever_asks(toy_app, library):
    with toy_app.app_context():
        people = plan_of(toys.Librarian)

        assert own_of(library.clerk, people)["me"].ids == (library.clerk.id,)
        assert own_of(library.head, people)["me"].ids == (library.head.id,)
        assert own_of(library.head, plan_of(toys.Reader)) == {}


def test_words_are_chips_in_words_and_offered_in_the_panel(clerk, library):
    answer = clerk.get("/loans/?due_on=overdue&due_on_empty=1&reader.branch=mine")
    page = answer.get_data(as_text=True)

    assert texts(answer, "chip-text") == ["overdue", "empty", "my branch"]
    assert 'name="due_on" id="f-due_on-overdue" value="overdue" checked' in page
    assert 'name="due_on" id="f-due_on-today" value="today">' in page
    assert 'name="due_on_empty" id="f-due_on_empty-1" value="1" checked' in page
    assert '<input type="hidden" name="reader.branch" value="mine">' in page


def test_the_form_of_the_filters_sends_again_what_the_address_says(head, library):
    """Words, and whatever else a control cannot show, stand beside it as ticked words."""
    for said in (
        "due_on_from=yesterday&due_on_to=today", "due_on_from=2026-11-16&due_on_to=today", "due_on=2026-11-20", "due_on=today&due_on=2026-12-01",
        "due_on_from=20261116", "due_on_empty=1&due_on_from=this_week", "due_on_to=2026-12-01&due_on_to=2026-12-24", "reader_key=C1", "state=out&state=lost",
    ):
        before = head.get(f"/loans/?{said}")
        after = head.get("/loans/?" + urlencode(sent(before)))

        assert meant(after) == meant(before) != [], said


def meant(answer):
    """What the chips over a list say; a day that stands at both ends of a range says it twice."""
    return sorted({chip.removeprefix("≥ ").removeprefix("≤ ") if "2026-11-20" in chip else chip for chip in texts(answer, "chip-text")})


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("/loans/?due_on=tomorrow", "Due"), ("/loans/?due_on_from=overdue", "Due"), ("/loans/?due_on_empty=yes", "due_on_empty"),
        ("/loans/?fine=today", "Fine"), ("/loans/?reader=me", "me"), ("/loans/?reader=mine", "mine"), ("/loans/?password_empty=1", "password_empty"),
        ("/loans/?due_on=TODAY", "Due"), ("/librarians/?password_hash_empty=0", "password_hash_empty"),
    ],
)
def test_a_word_in_the_wrong_place_is_refused_with_a_sentence(head, address, why):
    answer = head.get(address)

    assert answer.status_code == 400
    assert why in sentence(answer)


def test_emptiness_of_a_field_that_one_may_not_see_is_not_told(clerk, library):
    assert clerk.get("/loans/?fine_empty=1").status_code == 400
    assert clerk.get("/loans/?fine_empty=0").status_code == 400


def test_empty_over_a_link_says_nothing_of_records_out_of_reach(library, toy_session, monkeypatch):
    """A clerk who reads all loans learns nothing about readers of other branches."""
    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, Right(Verb.READ))
    library.ann.member_since = library.bob.member_since = date(2020, 1, 1)
    toy_session.commit()

    assert titles(library.clerk, [("reader.member_since_empty", "0")]) == {"Emma"}
    assert titles(library.clerk, [("reader.member_since_empty", "1")]) == {"Ulysses"}
