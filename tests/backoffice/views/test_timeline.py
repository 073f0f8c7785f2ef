from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from backoffice.declare import clock
from tests import toys
from tests.backoffice.views.reading import counted, texts

EVE = datetime(2026, 11, 1, 4, tzinfo=UTC)


def spot(at, rank=3, number=1):
    plain = json.dumps([at, rank, number]).encode()
    return "~" + base64.urlsafe_b64encode(plain).decode().rstrip("=")


@pytest.fixture
def story(toy_session, library):
    """Ann has borrowed much: a loan a day, a note on each tenth, and her name has changed."""
    first = EVE.date()
    loans = [toys.Loan(reader=library.ann, title=f"Book {at:02}", due_on=first + timedelta(days=at)) for at in range(30)]
    notes = [toys.Note(loan=loan, line_no=1, text=f"Stain on {loan.title}") for loan in loans[::10]]
    toy_session.add_all([*loans, *notes])
    toy_session.commit()
    library.ann.name = "Annabel"
    toy_session.commit()
    return library


def lines(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, path
    return texts(answer, "story-line"), answer


def older(answer):
    found = re.search(r'href="([^"#]+)#timeline" data-part="more"', answer.text)
    return found and found[1].replace("&amp;", "&")


def test_everything_of_a_reader_stands_in_one_story_newest_first(head, story):
    """Page by page each loan, note and change once; a loan at the day it is due, a change when it was made."""
    path, told = f"/readers/{story.ann.id}", []
    while path:
        page, answer = lines(head, path)
        told += page
        path = older(answer)
    books = [re.search(r"Book \d\d", line)[0] for line in told if line.startswith("Loan") and "Book" in line]

    assert books == [f"Book {at:02}" for at in reversed(range(30))]
    assert sum("Stain on" in line for line in told) == 3
    assert [line for line in told if "Annabel" in line and line.startswith("Changed")]
    assert len(told) == len(set(told)) == 30 + 1 + 3 + 2


def test_rows_of_one_moment_are_told_once(head, library, toy_session):
    """A page that ends among them goes on right behind."""
    toy_session.add_all(toys.Loan(reader=library.ann, title=f"T{at}", due_on=EVE.date()) for at in range(45))
    toy_session.commit()
    path, told = f"/readers/{library.ann.id}?kind=loans", []
    while path:
        page, answer = lines(head, path)
        told += page
        path = older(answer)

    assert len(told) == len(set(told)) == 46


def test_a_story_is_narrowed_to_kinds(head, story):
    """One kind or several; further pages keep the choice, and each kind can be put away again."""
    notes, answer = lines(head, f"/readers/{story.ann.id}?kind=notes")
    both, more = lines(head, f"/readers/{story.ann.id}?kind=notes&kind=changes")

    assert len(notes) == 3
    assert "?kind=notes&amp;kind=loans#timeline" in answer.text
    assert len(both) == 5
    assert older(more) is None
    assert "kind=loans" in older(lines(head, f"/readers/{story.ann.id}?kind=loans")[1])


def test_nobody_is_told_what_is_not_theirs(clerk, head, story, toy_session):
    """A field that the role does not see, a kind that it does not read, records that are archived or of another branch."""
    loan = story.loan
    loan.fine = 7
    archived = toys.Loan(reader=story.ann, title="Gone", archived_at=clock.now(), due_on=EVE.date() + timedelta(days=90))
    toy_session.add(archived)
    toy_session.commit()
    path = f"/readers/{story.ann.id}?part=timeline"
    toys.Note.__resource__.rights.pop(toys.Role.CLERK)
    try:
        mine, theirs = clerk.get(path).text, head.get(path).text
        refused = clerk.get(f"{path}&kind=notes").status_code
    finally:
        toys.Note.__resource__.rights[toys.Role.CLERK] = NOTES

    assert "7.00" in theirs
    assert "7.00" not in mine
    assert "Gone" not in theirs
    assert "Stain on" not in mine
    assert refused == 400
    assert clerk.get(f"/readers/{story.bob.id}?part=timeline").status_code == 404


NOTES = toys.Note.__resource__.rights[toys.Role.CLERK]


def test_a_number_in_the_story_stays_masked(head, clerk, library, toy_session):
    """Even for those who see it in full on the page: its old value was not asked for."""
    library.ann.mobile = "13912345678"
    toy_session.commit()
    for client in (head, clerk):
        part = client.get(f"/readers/{library.ann.id}?part=timeline").text

        assert "139****5678" in part
        assert "13912345678" not in part
        assert "13900000489" not in part


@pytest.mark.parametrize("query", [
    "kind=nothing", "kind=branches", "before=x", "before=~", "before=~e30", "before=2", f"before={spot('2026-11-01')}",
    f"before={spot('9999-12-31T23:59:59+00:00')}", f"before={spot('2026-11-01T00:00:00+00:00', 'loans')}",
    f"before={spot('2026-11-01T00:00:00+00:00', 1, 2**70)}", f"before={spot(7)}",
    "before=~" + "A" * 900, "before=~" + base64.urlsafe_b64encode(b"[" * 120).decode(),
])
def test_a_story_that_cannot_be_meant_is_refused(head, library, query):
    """With a sentence, on the page and on its part."""
    for part in ("", "&part=timeline"):
        assert head.get(f"/readers/{library.ann.id}?{query}{part}").status_code == 400


def test_a_noun_without_a_story_has_no_such_part(head, library):
    assert head.get(f"/loans/{library.loan.id}?part=timeline").status_code == 404


def test_a_page_asks_no_more_the_longer_the_story(head, library, toy_session):
    """Alerts, tables and timeline cost a fixed number of questions to the database."""
    path = f"/readers/{library.ann.id}"
    head.get(path)
    with counted() as few:
        head.get(path)
    late = clock.today() - timedelta(days=9)
    toy_session.add_all([toys.Note(loan=library.loan, line_no=1, text="Stain")])
    toy_session.add_all(toys.Loan(reader=library.ann, title=f"Book {at}", due_on=late) for at in range(60))
    toy_session.commit()
    for name in ("Anna", "Anne", "Ann"):
        library.ann.name = name
        toy_session.commit()
    head.get(path)
    with counted() as many:
        head.get(path)

    assert len(many) <= len(few) + 4, "one each for the rows of the alert, of the table, of its links and its actions"
