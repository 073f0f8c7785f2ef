"""Saved views of lists: who has them, what they keep, and what becomes of those that are out of date."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from backoffice.db import db
from backoffice.declare import Right, Verb
from backoffice.declare.journal import Deed
from backoffice.declare.views import Audience, SavedView, own_or_shared
from tests import toys
from tests.backoffice.lending import again, trail
from tests.backoffice.views.reading import counted, names, texts


@pytest.fixture(autouse=True)
def _heads_keep_views(monkeypatch):
    """Whoever heads the library saves views for others."""
    monkeypatch.setitem(SavedView.__resource__.rights, toys.Role.HEAD, Right(Verb.READ | Verb.UPDATE, own_or_shared))


def save(client, query="state=out&sort=due_on", **form):
    return client.post(f"/loans/views/new?{query}", data={"name": "Out", "audience": "own", **form})


def views():
    db.session.rollback()
    return list(db.session.scalars(select(SavedView).order_by(SavedView.id).execution_options(populate_existing=True)))


def place(answer):
    """Where an answer leads, and what that address says."""
    parts = urlsplit(answer.headers["Location"])
    return parts.path, sorted(parse_qsl(parts.query))


def test_two_who_change_a_shared_view_learn_of_each_other(head, library):
    """The slower one is told, keeps what was typed, and saves once more if it shall hold."""
    save(head, audience="all")
    (view,) = views()
    seen, form = view.version, {"audience": "all"}
    head.post(f"/loans/views/{view.id}", data={"name": "Quick", "version": seen, **form})
    late = head.post(f"/loans/views/{view.id}", data={"name": "Slow", "version": seen, **form})

    assert (late.status_code, views()[0].name) == (422, "Quick")
    assert 'value="Slow"' in late.text
    head.post(f"/loans/views/{view.id}", data={"name": "Slow", "version": views()[0].version, **form})
    assert views()[0].name == "Slow"


def test_a_view_keeps_filters_search_and_order_and_opens_in_words(clerk, library):
    """Not the page: a view is a list, not a place in it."""
    saved = save(clerk, "state=out&q=Emma&sort=due_on&due_on=overdue&page=2&count=exact&fragment=1", pinned="1")
    (view,) = views()
    said = [("due_on", "overdue"), ("q", "Emma"), ("sort", "due_on"), ("state", "out")]

    assert sorted(parse_qsl(view.query)) == said
    assert (view.resource, view.who, view.owner_id, view.pinned, view.is_default) == ("loans", "Cleo", library.clerk.id, True, False)
    assert saved.headers["X-Next"].startswith("/loans/?")
    assert place(clerk.get(f"/loans/?view={view.id}")) == ("/loans/", sorted([*said, ("view", str(view.id))]))


def test_views_stand_over_the_list_and_pinned_ones_in_the_menu(clerk, library):
    save(clerk, pinned="1")
    save(clerk, "state=lost", name="Lost & gone")
    save(clerk, "state=back", name="Elsewhere")
    (out, lost, _back) = views()
    page = clerk.get(f"/loans/?state=lost&view={lost.id}")
    menu = clerk.get("/branches/")

    assert texts(page, "views-tabs") == ["All Out Lost & gone Elsewhere"]
    assert f'href="/loans/?view={lost.id}" aria-current="page"' in page.get_data(as_text=True)
    assert f'href="/loans/?view={out.id}" title="Loans"' in menu.get_data(as_text=True)
    assert "Lost &amp; gone" not in menu.get_data(as_text=True)


def test_counts_of_the_menu_come_beside_the_page_and_are_kept_for_seconds(clerk, library, toy_session):
    save(clerk, "state=out", pinned="1")
    save(clerk, "state=out", name="Not pinned")
    pin = views()[0]

    assert clerk.get("/pinned").json == {"counts": {str(pin.id): "1"}}

    with counted() as statements:
        clerk.get("/pinned")

    assert not [one for one in statements if "toy_loans" in one]
    assert f'data-view="{pin.id}">1</span>' in clerk.get("/branches/").get_data(as_text=True)


def test_a_large_view_is_counted_no_further_than_the_menu_shows(clerk, library, toy_session, monkeypatch):
    monkeypatch.setattr("backoffice.views.pinned.HIGHEST", 1)
    save(clerk, "state=out", pinned="1")
    toy_session.add_all([toys.Loan(reader=library.ann, title=f"Volume {at}") for at in range(3)])
    toy_session.commit()

    assert list(clerk.get("/pinned").json["counts"].values()) == ["1+"]


def test_a_personal_view_is_nobody_elses(clerk, head, library):
    """Neither to see nor to change, nor to be told apart from none."""
    save(clerk, name="Mine alone")
    (view,) = views()

    assert "Mine alone" not in head.get("/loans/").get_data(as_text=True)
    assert head.get(f"/loans/views/{view.id}").status_code == head.get("/loans/views/99").status_code == 404
    assert head.post(f"/loans/views/{view.id}", data={"name": "x"}).status_code == 404
    assert head.post(f"/loans/views/{view.id}/delete").status_code == 404
    assert [one.name for one in views()] == ["Mine alone"]


def test_a_view_for_others_is_saved_and_changed_by_those_who_may(clerk, head, library):
    assert save(clerk, audience="all").status_code == 403
    assert save(clerk, audience="team", team="clerk").status_code == 403
    save(head, name="For clerks", audience="team", team="clerk")
    save(head, name="For all", audience="all")
    team, everyone = views()

    assert "For clerks" in clerk.get("/loans/").get_data(as_text=True)
    assert "For all" in clerk.get("/loans/").get_data(as_text=True)
    assert texts(head.get("/loans/"), "views-tabs") == ["All For all"]
    assert "For clerks" in texts(head.get("/loans/"), "views-others")[0]
    assert clerk.get(f"/loans/views/{everyone.id}").status_code == 403
    assert clerk.post(f"/loans/views/{team.id}/delete").status_code == 403
    assert clerk.post(f"/loans/views/{team.id}", data={"name": "x"}).status_code == 403
    assert head.post(f"/loans/views/{team.id}", data={"name": "Renamed", "audience": "team", "team": "clerk"}).status_code == 302
    assert [one.name for one in views()] == ["Renamed", "For all"]


def test_a_view_is_renamed_replaced_and_deleted_and_all_of_it_is_on_the_trail(clerk, library):
    save(clerk)
    (view,) = views()
    clerk.post(f"/loans/views/{view.id}?state=lost&view={view.id}", data={"name": "New name"})

    assert (again(view).name, view.query) == ("New name", "state=out&sort=due_on")

    clerk.post(f"/loans/views/{view.id}?state=lost&view={view.id}", data={"name": "New name", "replace": "1"})
    number = view.id

    assert again(view).query == "state=lost"
    assert "New name" in " ".join(texts(clerk.get(f"/loans/views/{number}/delete"), "page-name"))

    gone = clerk.post(f"/loans/views/{number}/delete")

    assert place(gone) == ("/loans/", [("view", "all")])
    assert views() == []
    view.id = number
    assert [entry.deed for entry in trail(view)] == [Deed.CREATE, Deed.UPDATE, Deed.UPDATE, Deed.DELETE]


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({"name": "  "}, "Give it a name first."), ({"name": "x" * 101}, "At most 100 characters"), ({"name": "Out"}, "There is a view of this name already"),
        ({"name": "New", "audience": "team", "team": "nobody"}, "Choose a team."), ({"name": "New", "audience": "team"}, "Choose a team."),
    ],
)
def test_a_view_that_cannot_be_is_asked_about_again(head, library, form, why):
    save(head)
    answer = save(head, **form)

    assert answer.status_code == 422
    assert why in " ".join([*texts(answer, "error"), *texts(answer, "note-text")])
    assert len(views()) == 1


@pytest.mark.parametrize("query", ["nonsense=1", "state=nowhere", "sort=nothing", "where={", "view=abc", "q=" + "x" * 101])
def test_what_no_list_understands_is_not_saved(head, library, query):
    assert save(head, query).status_code == 400
    assert views() == []


@pytest.mark.parametrize("address", ["/loans/views/abc", "/loans/views/0", "/loans/views/99999999999", "/loans/views/7"])
def test_a_view_that_is_none_is_not_found(head, library, address):
    assert head.get(address).status_code == 404
    assert head.post(address).status_code == 404
    assert head.post(f"{address}/delete").status_code == 404


def test_a_form_with_a_strange_audience_is_refused(head, library):
    assert save(head, audience="world").status_code == 400


def test_a_view_of_another_list_is_none_of_this_one(clerk, library):
    save(clerk)
    (view,) = views()

    assert clerk.get(f"/readers/views/{view.id}").status_code == 404
    assert "This view is gone" in " ".join(texts(clerk.get(f"/readers/?view={view.id}"), "note-text"))


def kept(toy_session, library, query, **facts):
    view = SavedView(name="Old", resource="loans", query=query, owner_id=library.clerk.id, who="Cleo", **facts)
    toy_session.add(view)
    toy_session.commit()
    return view


@pytest.mark.parametrize(
    ("query", "rest", "why"),
    [
        ("gone=1&state=out", [("state", "out")], "gone"), ("fine_from=3&state=out", [("state", "out")], "fine_from"),
        ("sort=fine&state=out", [("state", "out")], "fine"),
        ("reader=999&state=out", [("state", "out")], "999"), ("state=vanished&q=Emma", [("q", "Emma")], "State"),
        ("where=%7B%22field%22%3A%22fine%22%2C%22from%22%3A%221%22%7D&state=out", [("state", "out")], "fine"), ("queue=gone&state=out", [("state", "out")], "gone"),
    ],
)
def test_a_view_that_is_out_of_date_says_so_and_shows_the_rest(clerk, library, toy_session, query, rest, why):
    """A field that is gone, hidden from the person by now, or a value that means nothing any more: a sentence, no error page."""
    view = kept(toy_session, library, query)
    leads = clerk.get(f"/loans/?view={view.id}")
    page = clerk.get(leads.headers["Location"])

    assert place(leads) == ("/loans/", sorted([*rest, ("view", str(view.id))]))
    assert page.status_code == 200
    assert "out of date" in texts(page, "note-text")[0]
    assert why in texts(page, "note-text")[0]
    assert clerk.get("/pinned").status_code == 200


def test_a_view_of_which_nothing_is_left_shows_the_whole_list_and_says_why(clerk, library, toy_session):
    view = kept(toy_session, library, "gone=1", is_default=True, pinned=True)
    page = clerk.get(f"/loans/?view={view.id}")

    assert (page.status_code, names(page)) == (200, [library.loan.loan_no])
    assert "gone" in texts(page, "note-text")[0]
    assert clerk.get("/loans/").headers["Location"] == f"/loans/?view={view.id}"
    assert clerk.get("/pinned").json == {"counts": {str(view.id): ""}}


def test_a_view_that_is_not_there_or_not_yours_says_so_over_the_whole_list(head, library, toy_session):
    view = kept(toy_session, library, "state=lost")
    for number in (view.id, 99):
        page = head.get(f"/loans/?view={number}")

        assert page.status_code == 200
        assert "This view is gone, or it is somebody else's." in texts(page, "note-text")[0]
    assert head.get("/loans/?view=abc").status_code == 400


def test_an_address_with_a_view_means_the_same_list_to_whoever_gets_it(head, library, toy_session):
    view = kept(toy_session, library, "state=lost")

    assert names(head.get(f"/loans/?state=out&view={view.id}")) == names(head.get("/loans/?state=out"))


def test_a_list_opens_with_the_own_default_else_the_teams_else_everybodys(clerk, head, library):
    def opens():
        return clerk.get("/loans/").headers.get("Location", "").partition("?")[2].partition("&view")[0]

    assert opens() == ""
    save(head, "state=back", audience="all", is_default="1")
    assert opens() == "state=back"
    save(head, "state=lost", audience="team", team="clerk", is_default="1")
    assert opens() == "state=lost"
    save(clerk, "state=out", is_default="1")
    assert opens() == "state=out"

    whole = clerk.get("/loans/?view=all")

    assert whole.status_code == 200
    assert 'href="/loans/?view=all"' in whole.get_data(as_text=True)
    assert clerk.get("/loans/?state=back").status_code == 200


def test_of_one_team_one_view_opens_first(head, library):
    save(head, audience="team", team="clerk", is_default="1")
    save(head, name="Better", audience="team", team="clerk", is_default="1")

    assert [one.is_default for one in views()] == [False, True]


def test_a_changed_view_is_told_from_one_as_it_was_saved(clerk, library):
    save(clerk)
    (view,) = views()

    assert texts(clerk.get(f"/loans/?sort=due_on&state=out&view={view.id}&page=1"), "views-changed") == []
    assert texts(clerk.get(f"/loans/?state=lost&view={view.id}"), "views-changed") == ["changed"]


def test_nobody_keeps_more_views_than_anybody_finds_again(clerk, library, toy_session, monkeypatch):
    monkeypatch.setattr("backoffice.views.saving_views.MOST", 1)
    save(clerk)

    assert save(clerk, name="Another").status_code == 422


def test_a_forged_form_saves_nothing(clerk, library):
    clerk.is_forging = True

    assert save(clerk).status_code == 400
    assert views() == []


def test_views_cost_a_page_the_same_however_many_there_are(clerk, library, toy_session):
    clerk.get("/loans/")
    with counted() as none:
        clerk.get("/loans/")
    toy_session.add_all([
        SavedView(name=f"View {at}", resource="loans", query="state=out", owner_id=library.clerk.id, audience=Audience.OWN, pinned=True) for at in range(30)
    ])
    toy_session.commit()
    with counted() as many:
        clerk.get("/loans/")

    assert len(many) == len(none)
