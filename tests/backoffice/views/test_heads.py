from __future__ import annotations

from datetime import timedelta

import pytest

from backoffice.declare import clock
from tests import toys
from tests.backoffice.views.reading import texts


@pytest.fixture
def late(toy_session, library):
    """Ann keeps two books too long; Bob of the other branch keeps one."""
    day = clock.today() - timedelta(days=3)
    library.loan.due_on, library.loan.fine, library.foreign.due_on = day, 7, day
    toy_session.add(toys.Loan(reader=library.ann, title="Persuasion", due_on=day))
    toy_session.commit()
    return library


def alerts(client, record, name="readers"):
    return texts(client.get(f"/{name}/{record.id}"), "alert-line")


def test_an_alert_stands_on_the_page_that_it_is_about(head, late, toy_session):
    """Each late book with a word and a link, and no more when it is back."""
    before = alerts(head, late.ann)
    page = head.get(f"/readers/{late.ann.id}").text
    late.loan.give_back()
    toy_session.commit()

    assert [line.split()[:2] for line in before] == [["Overdue", "book"]] * 2
    assert f'<a class="alert-line tone-bad" href="/loans/{late.loan.id}">' in page
    assert ["Persuasion" in line for line in alerts(head, late.ann)] == [True]


def test_an_alert_tells_no_more_than_the_person_may_know(clerk, head, late, monkeypatch):
    """Not a fine to a clerk; and nothing at all of a noun that a role does not read."""
    assert "7.00" in " ".join(alerts(head, late.ann))
    assert "7.00" not in " ".join(alerts(clerk, late.ann))

    monkeypatch.delitem(toys.Loan.__resource__.rights, toys.Role.CLERK)

    assert alerts(clerk, late.ann) == []


def test_of_many_alerts_the_first_are_named(head, late, toy_session):
    """Three, and a word that there are more."""
    day = clock.today() - timedelta(days=3)
    toy_session.add_all(toys.Loan(reader=late.ann, title=f"Book {at}", due_on=day) for at in range(9))
    toy_session.commit()
    told = alerts(head, late.ann)

    assert len(told) == 3
    assert ["and more" in line for line in told] == [False, False, True]


def test_a_number_in_sight_is_dialed_and_copied(head, clerk, library):
    """A mask offers neither; the click that shows it brings both."""
    masked = clerk.get(f"/readers/{library.ann.id}").text
    shown = clerk.post(f"/readers/{library.ann.id}/reveal/mobile").text

    assert 'data-copy="139' not in masked
    for page in (shown, head.get(f"/readers/{library.ann.id}").text):
        assert 'href="tel:13900000489"' in page
        assert 'data-copy="13900000489"' in page


def test_what_is_begun_here_comes_back_here(clerk, library, toy_session):
    """The form knows the reader, and leads back after saving; an archived reader begins nothing."""
    path = f"/readers/{library.ann.id}"
    form = f"/loans/new?reader={library.ann.id}&next=%2Freaders%2F{library.ann.id}"

    assert form.replace("&", "&amp;") in clerk.get(path).text

    saved = clerk.post(form, data={"title": "Sanditon", "reader": str(library.ann.id)})

    assert saved.location == path
    assert "Sanditon" in clerk.get(path).text

    library.ann.archived_at = clock.now()
    toy_session.commit()

    assert "/loans/new" not in clerk.get(path).text
