from __future__ import annotations

import re

import pytest
from flask_login import login_user

from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare.journal import AuditEntry, Deed, Source
from backoffice.plan import plan_of
from backoffice.views import cells
from backoffice.views.events import event_of
from tests import toys
from tests.backoffice.lending import again, trail


def text_of(html):
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def bring_back(client, record, entry, field, version=None):
    path = f"/{record.__resource__.name}/{record.id}/history/{entry.id}/{field}"
    return client.post(path, data={"version": str(version or again(record).version)})


def test_the_history_tells_who_changed_what_newest_first(head, clerk, library):
    """With the name of the action, and values before and after."""
    loan = library.loan
    due = str(loan.due_on)
    clerk.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "title": "Emma II"})
    head.post(f"/loans/{loan.id}/do/renew", data={"until": "2027-12-01"})
    words = text_of(head.get(f"/loans/{loan.id}/history").text)

    assert re.search(rf"Renew Hedda .*Due {due} 2027-12-01.*Changed Cleo .*Title Emma Emma II.*Created", words)


def test_a_moved_link_is_told_by_the_names_of_that_time(head, library, toy_session):
    """A reader who was renamed since keeps the old name in the history."""
    loan = library.loan
    head.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "reader": str(library.bob.id)})
    library.bob.name = "Robert"
    toy_session.commit()
    words = text_of(head.get(f"/loans/{loan.id}/history").text)

    assert "Reader C1 Ann C2 Bob" in words
    assert "Robert" not in words


def test_hidden_fields_are_left_out_and_masked_ones_masked(head, clerk, library):
    """History is no way round the rights."""
    head.post(f"/loans/{library.loan.id}/edit", data={"version": str(library.loan.version), "fine": "7.5"})
    head.post(f"/readers/{library.ann.id}/edit", data={"version": str(library.ann.version), "mobile": "13811112222"})
    loans, readers = (text_of(clerk.get(f"/{path}/history").text) for path in (f"loans/{library.loan.id}", f"readers/{library.ann.id}"))

    assert "7.5" not in loans
    assert "Fine" not in loans
    assert "13811112222" not in readers
    assert "13900000489" not in readers
    assert "138****2222" in readers


def test_an_import_is_named_as_the_channel(head, library, toy_session):
    """With the number of its run."""
    with circumstances(source=Source.IMPORT, run_id=7):
        library.loan.title = "From a file"
        toy_session.commit()

    assert "Import · Import 7" in text_of(head.get(f"/loans/{library.loan.id}/history").text)


def test_a_look_is_in_the_history_without_the_value(clerk, library):
    """Who saw the number, not the number."""
    clerk.post(f"/readers/{library.ann.id}/reveal/mobile")
    words = text_of(clerk.get(f"/readers/{library.ann.id}/history").text)

    assert "Personal data shown Cleo" in words
    assert "13900000489" not in words


def test_an_old_value_is_brought_back_by_a_click(clerk, library):
    """As a change of its own, with its own entry."""
    loan = library.loan
    clerk.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "title": "Oops"})
    entry = trail(loan)[-1]
    page = clerk.get(f"/loans/{loan.id}/history").text
    answer = bring_back(clerk, loan, entry, "title")

    assert f"/history/{entry.id}/title" in page
    assert answer.location == f"/loans/{loan.id}/history"
    assert again(loan).title == "Emma"
    assert trail(loan)[-1].changes == {"title": ["Oops", "Emma"]}
    assert trail(loan)[-1].deed is Deed.UPDATE


def test_an_old_link_is_brought_back_too(head, library):
    """The loan is Ann's again."""
    loan = library.loan
    head.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "reader": str(library.bob.id)})
    bring_back(head, loan, trail(loan)[-1], "reader")

    assert again(loan).reader_id == library.ann.id


def test_only_what_one_may_write_is_brought_back(clerk, head, library):
    """Not a locked field, not a hidden one, not another branch's, not to where one does not reach."""
    loan = library.loan
    head.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "fine": "7.5"})
    fine = trail(loan)[-1]
    clerk.post(f"/loans/{loan.id}/do/give_back")
    back = trail(loan)[-1]
    foreign = bring_back(clerk, library.foreign, trail(library.foreign)[0], "title")
    head.post(f"/readers/{library.bob.id}/edit", data={"version": str(library.bob.version), "branch": str(library.here.id)})
    moved = trail(library.bob)[-1]
    page = head.get(f"/loans/{loan.id}/history").text

    assert f"{back.id}/state" not in page
    assert foreign.status_code == 404
    assert bring_back(head, loan, back, "state").status_code == 403
    assert bring_back(clerk, loan, fine, "fine").status_code == 403
    assert bring_back(clerk, library.bob, moved, "branch").status_code == 422
    assert again(library.bob).branch_id == library.here.id
    assert again(loan).fine is not None


def test_bringing_back_never_overwrites_what_nobody_saw(clerk, head, library):
    """The page is older than somebody's change to the same field: 409, nothing happens."""
    loan = library.loan
    clerk.post(f"/loans/{loan.id}/edit", data={"version": str(loan.version), "title": "Second"})
    entry, seen = trail(loan)[-1], again(loan).version
    head.post(f"/loans/{loan.id}/edit", data={"version": str(seen), "title": "Third"})

    assert bring_back(clerk, loan, entry, "title", seen).status_code == 409
    assert bring_back(clerk, loan, entry, "due_on").status_code == 404
    assert bring_back(clerk, library.ann, entry, "title").status_code == 404
    assert again(loan).title == "Third"


def test_a_rule_says_no_to_an_old_value_as_to_a_new_one(clerk, library, toy_session):
    """A record that is not from an old system cannot lose its title again."""
    old = toys.Loan(reader=library.ann, from_history=True)
    toy_session.add(old)
    toy_session.commit()
    old.title = "Found"
    toy_session.commit()
    old.from_history = False
    toy_session.commit()
    entry = next(one for one in trail(old) if "title" in one.changes)

    assert bring_back(clerk, old, entry, "title").status_code == 422
    assert again(old).title == "Found"


def test_a_long_history_comes_in_pages(head, library, toy_session):
    """Twenty entries to a page; a wrong number is said."""
    for number in range(25):
        library.loan.title = f"Title {number}"
        toy_session.commit()
    path = f"/loans/{library.loan.id}/history"

    assert head.get(path).text.count('class="sheet event"') == 20
    assert head.get(f"{path}?page=2").text.count('class="sheet event"') == 6
    assert head.get(f"{path}?page=x").status_code == 400
    assert db.session.get(toys.Loan, library.loan.id) is not None


def test_an_entry_tells_its_changes_as_far_as_the_rights_of_its_noun_go(toy_app, library, head, clerk):
    """On a page of its own, without a way to write: what is masked stays masked."""
    clerk.post(f"/readers/{library.ann.id}/edit", data={"version": str(library.ann.version), "mobile": "13811112222", "name": "Anne"})
    entry = trail(library.ann)[-1]
    with toy_app.test_request_context():
        login_user(library.head)
        event = event_of(plan_of(toys.Reader), None, entry, may_write=False)
    steps = {step.field.name: (str(step.before), str(step.after), step.may_restore) for step in event.steps}

    assert steps["name"] == ("Ann", "Anne", False)
    assert "138****2222" in steps["mobile"][1]
    assert "13811112222" not in steps["mobile"][1]


@pytest.mark.parametrize(("entry", "field", "words"), [
    ({"resource": "loans"}, "resource", '借阅 <span class="unit">loans</span>'),
    ({"resource": "loans", "action": "renew"}, "action", '续借 <span class="unit">renew</span>'),
    ({"resource": "readers", "action": "renew"}, "action", '续借 <span class="unit">renew</span>'),
])
def test_the_journal_says_nouns_and_actions_in_words(toy_app, entry, field, words):
    """Beside the word of the address stands what people call it, also where an action changed another noun's record."""
    with toy_app.test_request_context():
        assert cells.in_words(plan_of(AuditEntry).fields[field], AuditEntry(**entry)) == words


def test_what_the_journal_calls_by_no_known_name_stays_as_it_is(toy_app):
    """A noun that was taken out, and an action that was none."""
    with toy_app.test_request_context():
        assert cells.in_words(plan_of(AuditEntry).fields["resource"], AuditEntry(resource="maps")) is None
        assert cells.in_words(plan_of(AuditEntry).fields["action"], AuditEntry(resource="loans", action="set_password")) is None
