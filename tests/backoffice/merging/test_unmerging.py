"""A merge is taken back: everything as it was, but for what others have changed since."""

from __future__ import annotations

from datetime import timedelta

from backoffice.access import SYSTEM
from backoffice.declare import clock
from backoffice.declare.journal import Deed
from backoffice.merging import look
from backoffice.plan import plan_of
from tests import toys
from tests.backoffice.lending import again, trail
from tests.backoffice.merging.deeds import last, merge, unmerge


def test_all_is_as_it_was(head, library):
    """The loan, the borrowed e-mail, the archive and the link: nothing is left of the merge but the history."""
    merge(head, library.ann, library.double)
    answer = unmerge(head, library.ann)

    assert answer.status_code == 302
    assert again(library.second).reader_id == library.double.id
    assert (again(library.double).archived_at, library.double.merged_into_id) == (None, None)
    assert again(library.ann).email is None
    assert last().undone_by == "Hedda"
    assert head.get(f"/readers/{library.double.id}").status_code == 200


def test_the_way_back_stands_in_every_history(head, library):
    """The loan, the one that stayed and the one that came back tell of it."""
    merge(head, library.ann, library.double, email="kept")
    unmerge(head, library.ann)
    deeds = [trail(one)[-1] for one in (library.second, library.ann, library.double)]

    assert [one.action for one in deeds] == ["unmerge"] * 3
    assert [one.deed for one in deeds] == [Deed.UPDATE, Deed.UPDATE, Deed.RESTORE]
    assert "C9 Anne into C1 Ann" in head.get(f"/readers/{library.ann.id}/history").get_data(as_text=True)


def test_what_was_changed_since_stays(head, library, toy_session):
    """A loan that went to a third reader meanwhile stays there, and so does an e-mail that was typed anew."""
    merge(head, library.ann, library.double)
    again(library.second).reader = library.bob
    toy_session.commit()
    again(library.ann).email = "new@example.org"
    toy_session.commit()
    page = head.get(f"/readers/{library.ann.id}/unmerge/{last().id}").get_data(as_text=True)
    unmerge(head, library.ann)

    assert "It was edited since" in page
    assert "E-mail" in page
    assert again(library.second).reader_id == library.bob.id
    assert again(library.ann).email == "new@example.org"
    assert again(library.double).archived_at is None


def test_what_was_changed_elsewhere_goes_back_all_the_same(head, library):
    """A new title of a loan is no reason to leave it where it does not belong."""
    merge(head, library.ann, library.double)
    again(library.second)
    head.post(f"/loans/{library.second.id}/edit", data={"title": "Persuasion II", "version": str(library.second.version)})
    unmerge(head, library.ann)

    assert (again(library.second).title, library.second.reader_id) == ("Persuasion II", library.double.id)


def test_what_was_added_since_stays_with_the_one_that_stayed(head, library, toy_session):
    """Nobody knows whose it would have been."""
    merge(head, library.ann, library.double)
    later = toys.Loan(reader=again(library.ann), title="Sanditon")
    toy_session.add(later)
    toy_session.commit()
    unmerge(head, library.ann)

    assert again(later).reader_id == library.ann.id


def test_a_chain_is_undone_from_its_end(head, library):
    """A into B into C: the first merge waits until the second is undone."""
    merge(head, library.ann, library.double)
    first = last().id
    merge(head, library.bob, library.ann)
    early = head.post(f"/readers/{library.ann.id}/unmerge/{first}")
    unmerge(head, library.bob)
    late = head.post(f"/readers/{library.ann.id}/unmerge/{first}")

    assert early.status_code == 422
    assert "C1 Ann has been merged into C2 Bob since" in early.get_data(as_text=True)
    assert late.status_code == 302
    assert again(library.second).reader_id == library.double.id
    assert again(library.loan).reader_id == library.ann.id


def test_two_merges_into_one_are_undone_in_any_order(head, library):
    """Each one takes back only what it brought."""
    merge(head, library.ann, library.double)
    first = last().id
    merge(head, library.ann, library.bob)

    assert head.post(f"/readers/{library.ann.id}/unmerge/{first}").status_code == 302
    assert again(library.second).reader_id == library.double.id
    assert again(library.foreign).reader_id == library.ann.id


def test_after_thirty_days_it_is_over(head, library, toy_session):
    """The button is gone, and the address says why."""
    merge(head, library.ann, library.double)
    merged = last()
    merged.at = clock.now() - timedelta(days=30, minutes=1)
    toy_session.commit()
    answer = head.post(f"/readers/{library.ann.id}/unmerge/{merged.id}")

    assert answer.status_code == 422
    assert "30 days" in answer.get_data(as_text=True)
    assert "/unmerge/" not in head.get(f"/readers/{library.ann.id}").get_data(as_text=True)


def test_it_is_undone_once(head, library):
    """A second click changes nothing."""
    merge(head, library.ann, library.double)
    unmerge(head, library.ann)

    assert unmerge(head, library.ann).status_code == 422
    assert again(library.second).reader_id == library.double.id


def test_the_same_two_can_be_merged_again(head, library):
    """And undone again."""
    merge(head, library.ann, library.double)
    unmerge(head, library.ann)
    merge(head, library.ann, library.double)

    assert again(library.second).reader_id == library.ann.id
    assert unmerge(head, library.ann).status_code == 302
    assert again(library.second).reader_id == library.double.id


def test_what_was_removed_for_good_cannot_come_back(head, library):
    """The archive was cleaned: the address still leads on, the merge is final."""
    merge(head, library.ann, library.double)
    head.post(f"/readers/{library.double.id}/purge")

    assert unmerge(head, library.ann).status_code == 422
    assert head.get(f"/readers/{library.double.id}").headers["Location"].endswith(f"/readers/{library.ann.id}")


def test_a_merge_is_undone_where_it_was_made(head, library):
    """The number of a merge of other records is no merge of this one."""
    merge(head, library.ann, library.double)

    assert head.post(f"/readers/{library.bob.id}/unmerge/{last().id}").status_code == 404
    assert head.post(f"/readers/{library.ann.id}/unmerge/{last().id + 1}").status_code == 404
    assert head.post(f"/readers/{library.ann.id}/unmerge/x").status_code == 404


def test_who_may_not_merge_may_not_undo(head, clerk, library):
    """The clerk reads what happened, and that is all."""
    merge(head, library.ann, library.double)
    page = clerk.get(f"/readers/{library.ann.id}").get_data(as_text=True)

    assert "C9 Anne was merged into this record" in page
    assert "/unmerge/" not in page
    assert clerk.post(f"/readers/{library.ann.id}/unmerge/{last().id}").status_code == 403


def test_looking_writes_nothing(head, library, toy_session):
    """The page that asks has counted, not tried."""
    merge(head, library.ann, library.double)
    outcome = look(toy_session(), SYSTEM, plan_of(toys.Reader), last())

    assert outcome.back == {"loans": 1, "readers": 2}
    assert again(library.second).reader_id == library.ann.id
