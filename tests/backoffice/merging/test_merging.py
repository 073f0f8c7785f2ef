"""Two records become one: what stays, what moves, and what the trail says."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.declare.journal import AuditEntry, Deed
from tests import toys
from tests.backoffice.lending import again, trail
from tests.backoffice.merging.deeds import last, merge, preview, sent


def test_everything_that_pointed_at_the_other_one_points_here(head, library):
    """Loans of the second card belong to the first one afterwards; the other card lies in the archive and says where it went."""
    answer = merge(head, library.ann, library.double)

    assert answer.status_code == 302
    assert again(library.second).reader_id == library.ann.id
    assert again(library.double).archived_at is not None
    assert library.double.merged_into_id == library.ann.id
    assert last().moved == {"loans": 1}


def test_a_value_that_is_missing_comes_from_the_other_one(head, library):
    """An e-mail that only the other card had is suggested, and kept; the name of the one that stays is not touched."""
    merge(head, library.ann, library.double)

    assert again(library.ann).email == "ann@example.org"
    assert library.ann.name == "Ann"


def test_the_person_chooses_value_by_value(head, library):
    """The other way than suggested is taken where the person says so."""
    merge(head, library.ann, library.double, name="gone", email="kept", branch="gone")

    assert (again(library.ann).name, library.ann.email, library.ann.branch_id) == ("Anne", None, library.there.id)


def test_the_smaller_value_is_suggested_where_the_noun_says_so(head, library, toy_session):
    """Of two days of joining the earlier one."""
    library.ann.member_since, library.double.member_since = date(2020, 5, 1), date(2018, 1, 2)
    toy_session.commit()
    merge(head, library.ann, library.double)

    assert again(library.ann).member_since == date(2018, 1, 2)


def test_words_of_both_can_stay(head, library, toy_session):
    """Remarks on both cards stand one below the other."""
    library.ann.remark, library.double.remark = "likes novels", "reads at night"
    toy_session.commit()
    merge(head, library.ann, library.double)

    assert again(library.ann).remark == "likes novels\nreads at night"


def test_what_only_one_record_can_have_is_no_choice(head, library):
    """The card's number stays with its card."""
    assert "stays-card" not in sent(head, library.ann, library.double)
    assert merge(head, library.ann, library.double, card="gone").status_code == 302
    assert again(library.ann).card == "C1"


def test_each_record_that_moved_remembers_it(head, library):
    """A loan's history says from whom to whom, by which merge, and by whom."""
    merge(head, library.ann, library.double)
    entry = trail(library.second)[-1]

    assert (entry.deed, entry.action, entry.who, entry.merge_id) == (Deed.UPDATE, "merge", "Hedda", last().id)
    assert [one["id"] for one in entry.changes["reader"]] == [library.double.id, library.ann.id]
    assert entry.record_version == again(library.second).version


def test_both_records_tell_of_it_in_their_history(head, library):
    """On the page of either one reads who went into whom."""
    merge(head, library.ann, library.double, email="kept")
    here, there = (head.get(f"/readers/{one.id}/history").get_data(as_text=True) for one in (library.ann, library.double))

    assert "C9 Anne into C1 Ann" in here
    assert "C9 Anne into C1 Ann" in there


def test_links_in_the_journal_still_lead_somewhere(head, library, toy_session):
    """An old entry that names the other card leads to where it went."""
    merge(head, library.ann, library.double)
    history = head.get(f"/loans/{library.second.id}/history").get_data(as_text=True)
    old = head.get(f"/readers/{library.double.id}")

    assert f'href="/readers/{library.double.id}"' in history
    assert old.headers["Location"].endswith(f"/readers/{library.ann.id}")


def test_the_old_key_leads_on_as_well(head, library):
    """By the number of the card that went one comes to the one that stayed, and is told."""
    merge(head, library.ann, library.double)
    answer = head.get("/readers/by-key/C9", follow_redirects=True)

    assert answer.request.path == f"/readers/{library.ann.id}"
    assert "C9 Anne was merged into this record." in answer.get_data(as_text=True)


def test_a_chain_leads_to_its_end(head, library):
    """A into B, B into C: the address of A leads to C."""
    merge(head, library.ann, library.double)
    merge(head, library.bob, library.ann)
    answer = head.get(f"/readers/{library.double.id}")

    assert answer.headers["Location"].endswith(f"/readers/{library.bob.id}")
    assert again(library.second).reader_id == library.bob.id


def test_a_reader_elsewhere_is_led_on_only_where_they_may_go(toy_app, library, head, clerk):
    """A clerk may not see cards of another branch, whatever was merged into them."""
    merge(head, library.bob, library.ann)

    assert clerk.get(f"/readers/{library.ann.id}").status_code == 200
    assert "archived" in clerk.get(f"/readers/{library.ann.id}").get_data(as_text=True).lower()


def test_what_has_gone_is_not_changed_any_more(head, library):
    """Editing and restoring it are refused with the name of the one that stayed."""
    merge(head, library.ann, library.double)
    restored = head.post(f"/readers/{library.double.id}/restore")
    edited = head.get(f"/readers/{library.double.id}/edit")

    assert restored.status_code == edited.status_code == 422
    assert "was merged into C1 Ann" in restored.get_data(as_text=True)
    assert "was merged into C1 Ann" in edited.get_data(as_text=True)


def test_a_form_that_was_open_at_what_moved_can_still_be_saved(head, library):
    """Somebody edits a loan while its card is merged away: both changes stand."""
    form = {"title": "Persuasion, 2nd copy", "version": str(again(library.second).version)}
    merge(head, library.ann, library.double)
    answer = head.post(f"/loans/{library.second.id}/edit", data=form)

    assert answer.status_code == 302
    assert (again(library.second).title, library.second.reader_id) == ("Persuasion, 2nd copy", library.ann.id)


@pytest.mark.parametrize("who", ["ann", "double"])
def test_what_changed_since_the_look_is_looked_at_again(head, library, toy_session, who):
    """A merge that was decided on an older version of either record is not done."""
    data = sent(head, library.ann, library.double)
    getattr(library, who).email = "new@example.org"
    toy_session.commit()
    answer = head.post(f"/readers/{library.ann.id}/merge", data=data)

    assert answer.status_code == 409
    assert again(library.second).reader_id == library.double.id


def test_a_record_is_not_merged_into_itself(head, library):
    """The page says so instead of doing it."""
    assert preview(head, library.ann, library.ann).status_code == 422
    assert head.post(f"/readers/{library.ann.id}/merge", data={"other": library.ann.id, "version": 1, "other_version": 1}).status_code in {409, 422}


def test_what_is_archived_or_gone_already_cannot_go_again(head, library):
    """Neither can anything go into it."""
    data = sent(head, library.bob, library.double)
    back = sent(head, library.double, library.bob)
    merge(head, library.ann, library.double)

    assert head.post(f"/readers/{library.bob.id}/merge", data=data).status_code == 422
    assert head.post(f"/readers/{library.double.id}/merge", data=back).status_code == 422


def test_who_may_not_merge_is_turned_away(clerk, library):
    """The clerk is not offered it, and cannot do it by hand."""
    page = clerk.get(f"/readers/{library.ann.id}").get_data(as_text=True)

    assert "/merge" not in page
    assert clerk.get(f"/readers/{library.ann.id}/merge").status_code == 403
    assert clerk.post(f"/readers/{library.ann.id}/merge", data={"other": library.bob.id}).status_code == 403
    assert clerk.get("/readers/duplicates").status_code == 403


def test_a_noun_without_merge_has_no_such_page(head, library):
    """Loans are never one."""
    assert head.get(f"/loans/{library.loan.id}/merge").status_code == 404
    assert head.get("/loans/duplicates").status_code == 404
    assert head.get("/loans/alike?title=Emma").status_code == 404


def test_personal_data_in_the_preview_is_a_look_that_is_remembered(head, library, toy_session):
    """Who sees numbers in full sees them here too, and each of the two looks stands in the trail."""
    library.double.mobile = "13900000777"
    toy_session.commit()
    page = preview(head, library.ann, library.double).get_data(as_text=True)
    looks = [one for one in trail(library.double) if one.deed is Deed.REVEAL]

    assert "13900000777" in page
    assert len(looks) == 1


def test_a_refused_merge_leaves_nothing(head, library, toy_session):
    """Texts that are too long together are refused; no entry, no moved loan."""
    library.ann.remark = library.double.remark = None
    toy_session.commit()
    library.ann.remark, library.double.remark = "a" * 15_000, "b" * 15_000
    toy_session.commit()
    answer = merge(head, library.ann, library.double)

    assert answer.status_code == 422
    assert last() is None
    assert again(library.second).reader_id == library.double.id
    assert toy_session.scalar(toys.Reader.__table__.select().where(toys.Reader.archived_at.is_not(None))) is None
    assert not [one for one in toy_session.scalars(AuditEntry.__table__.select().with_only_columns(AuditEntry.merge_id)) if one]
