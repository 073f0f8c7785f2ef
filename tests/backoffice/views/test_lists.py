from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backoffice.declare import Personal, Right, Verb, clock
from tests import toys
from tests.backoffice.lending import client_of
from tests.backoffice.views.reading import counted, names, sentence, texts


def add_loans(session, library, count, **values):
    session.add_all([toys.Loan(reader=library.ann, title=f"Volume {at}", **values) for at in range(count)])
    session.commit()


def test_a_list_shows_the_rows_of_the_person_and_no_others(clerk, head, library):
    assert names(clerk.get("/loans/")) == [library.loan.loan_no]
    assert sorted(names(head.get("/loans/"))) == [library.loan.loan_no, library.foreign.loan_no]


def test_a_hidden_field_is_no_column_no_filter_and_no_order(clerk, library):
    page = clerk.get("/loans/").get_data(as_text=True)

    assert "Fine" not in page
    assert clerk.get("/loans/?fine=3").status_code == 400
    assert clerk.get("/loans/?fine_from=3").status_code == 400
    assert clerk.get("/loans/?sort=fine").status_code == 400


def test_personal_data_is_masked_in_lists_even_for_those_who_may_reveal_it(head, library):
    page = head.get("/readers/").get_data(as_text=True)

    assert "139****0489" in page
    assert "13900000489" not in page


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("/loans/?page=-1", "page number"), ("/loans/?page=abc", "page number"), ("/loans/?page=0", "page number"),
        ("/loans/?page=99999999999999999999", "page number"), ("/loans/?page=~", "page number"), ("/loans/?count=all", "count"),
        ("/loans/?" + "&title=x" * 51, "at most 50"), ("/loans/?page=１", "page number"),
        ("/loans/?state=nowhere", "State"), ("/loans/?due_on=tomorrow", "Due"), ("/loans/?due_on_from=2026-13-01", "Due"),
        ("/loans/?reader=abc", "abc"), ("/loans/?reader=99999999999999999999", "999"), ("/loans/?reader=-1", "-1"),
        ("/loans/?reader_key=nobody", "nobody"), ("/loans/?fine=cheap", "Fine"), ("/loans/?renewals=1.5", "Renewals"),
        ("/loans/?sort=nothing", "nothing"), ("/loans/?sort=title", "title"), ("/readers/?sort=mobile", "mobile"),
        ("/loans/?nonsense=1", "nonsense"), ("/loans/?state_from=out", "state_from"), ("/loans/?archived=perhaps", "archived"),
        ("/loans/?queue=nothing", "nothing"), ("/loans/?reader.nonsense=1", "reader.nonsense"), ("/loans/?title.name=1", "title.name"),
        ("/loans/?returned_at=0001-01-01", "Returned"), ("/loans/?q=" + "x" * 101, "100"), ("/loans/?version=1", "version"),
        ("/librarians/?password_hash=x", "password_hash"),
    ],
)
def test_an_address_that_means_nothing_is_refused_with_a_sentence(head, address, why):
    answer = head.get(address)

    assert answer.status_code == 400
    assert why in sentence(answer)


def test_a_page_past_the_end_leads_back_to_the_last(head, library):
    answer = head.get("/loans/?page=9")

    assert answer.status_code == 404
    assert "There is no page 9." in texts(answer, "empty-title")
    assert 'href="/loans/?page=last"' in answer.get_data(as_text=True)
    assert 'href="/loans/"' in answer.get_data(as_text=True)


def test_filters_narrow_and_stand_in_the_address(head, library, toy_session):
    toy_session.add_all([
        toys.Loan(reader=library.ann, title="Lost one", state=toys.State.LOST, due_on=date(2026, 1, 5), fine=3),
        toys.Loan(reader=library.bob, title="Lost two", state=toys.State.LOST, due_on=date(2026, 1, 9), fine=7),
    ])
    toy_session.commit()
    one, two = (row.loan_no for row in toy_session.query(toys.Loan).filter(toys.Loan.state == toys.State.LOST).order_by(toys.Loan.id))
    both = {one, two}

    assert set(names(head.get("/loans/?state=lost"))) == both
    assert set(names(head.get("/loans/?state=丢失"))) == both
    assert len(names(head.get("/loans/?state=lost&state=out"))) == 4
    assert names(head.get(f"/loans/?state=lost&reader={library.ann.id}")) == [one]
    assert names(head.get("/loans/?state=lost&reader_key=C2")) == [two]
    assert names(head.get("/loans/?due_on_to=2026-01-05")) == [one]
    assert names(head.get("/loans/?due_on=2026/1/9")) == [two]
    assert names(head.get("/loans/?due_on_from=2026-01-06&due_on_to=2026-01-31")) == [two]
    assert names(head.get("/loans/?fine_from=5")) == [two]
    assert names(head.get("/loans/?fine=3.00")) == [one]
    assert set(names(head.get("/loans/?title=lost ONE"))) == {one}
    assert set(names(head.get("/loans/?reader.name=bob&state=lost"))) == {two}


def test_a_day_is_all_its_moments_in_the_zone_of_the_house(head, library, toy_session):
    """16:30 UTC is half past midnight in Shanghai, on the next day."""
    add_loans(toy_session, library, 1, state=toys.State.BACK, returned_at=datetime(2026, 3, 1, 16, 30, tzinfo=UTC))

    assert len(names(head.get("/loans/?returned_at=2026-03-02"))) == 1
    assert names(head.get("/loans/?returned_at=2026-03-01")) == []
    assert len(names(head.get("/loans/?returned_at_from=2026-03-02&returned_at_to=2026-03-02"))) == 1
    assert len(names(head.get("/loans/?returned_at=2026-03-02 00:30"))) == 1


def test_active_filters_are_chips_whose_links_take_one_away(head, library):
    answer = head.get(f"/loans/?state=out&state=lost&reader={library.ann.id}&q=Emma")
    page = answer.get_data(as_text=True)

    assert texts(answer, "chip-text") == ["Emma", "Lent", "Lost", "C1 Ann"]
    assert f'href="/loans/?state=lost&amp;reader={library.ann.id}&amp;q=Emma"' in page
    assert f'href="/loans/?state=out&amp;state=lost&amp;reader={library.ann.id}"' in page


def test_search_takes_percent_and_underscore_as_what_they_are(head, toy_session):
    toy_session.add_all([toys.Branch(code="P", name="100% paper"), toys.Branch(code="U", name="under_score"), toys.Branch(code="X", name="back\\slash")])
    toy_session.commit()

    assert names(head.get("/branches/?q=%25")) == ["P"]
    assert names(head.get("/branches/?q=_")) == ["U"]
    assert names(head.get("/branches/?q=%5C")) == ["X"]
    assert names(head.get("/branches/?name=%25")) == ["P"]


def test_sorting_has_a_stable_order_and_links_sort_by_name(head, library, toy_session):
    add_loans(toy_session, library, 3, due_on=date(2026, 1, 1))
    upward = names(head.get("/loans/?sort=due_on"))

    assert upward[:3] == sorted(upward[:3])
    assert names(head.get("/loans/?sort=-due_on"))[-3:] == list(reversed(upward[:3]))
    assert names(head.get("/loans/?sort=-reader"))[0] == library.foreign.loan_no


def test_the_head_of_a_column_says_how_it_is_sorted(head, library):
    page = head.get("/loans/?sort=-due_on").get_data(as_text=True)

    assert page.count('aria-sort="descending"') == 1
    assert 'href="/loans/?sort=due_on"' in page


def test_pages_hold_fifty_rows_and_no_row_twice(head, library, toy_session):
    add_loans(toy_session, library, 58, due_on=date(2026, 1, 1))
    first, second = head.get("/loans/"), head.get("/loans/?page=2")

    assert texts(first, "total") == ["1–50 of 60"]
    assert texts(second, "total") == ["51–60 of 60"]
    assert len({*names(first), *names(second)}) == 60


@pytest.mark.parametrize("login", ["clerk", "head"])
def test_a_list_asks_the_database_as_often_for_a_few_readers_as_for_fifty(request, login, library, toy_session):
    """Links are loaded with the rows, however many there are."""
    client = request.getfixturevalue(login)
    add_loans(toy_session, library, 60)
    client.get("/loans/")
    with counted() as few:
        client.get("/loans/")
    readers = [toys.Reader(card=f"R{at}", name=f"Reader {at}", branch=library.here) for at in range(60)]
    toy_session.add_all([toys.Loan(reader=reader, title="x", due_on=date(2030, 1, 1)) for reader in readers])
    toy_session.commit()
    with counted() as many:
        rows = names(client.get("/loans/"))

    assert len(rows) == 50
    assert len(many) == len(few)


def test_a_link_to_a_record_that_one_may_not_open_is_plain_text(toy_app, library, toy_session, monkeypatch):
    """A clerk who reads all loans still opens only the readers of the own branch."""
    monkeypatch.setitem(toys.Loan.__resource__.rights, toys.Role.CLERK, Right(Verb.READ, personal=Personal.MASKED))
    answer = client_of(toy_app, "clerk").get("/loans/")
    page = answer.get_data(as_text=True)

    assert set(texts(answer, "name")) == {"C1 Ann", "C2 Bob"}
    assert f'href="/readers/{library.ann.id}"' in page
    assert f"/readers/{library.bob.id}" not in page


def test_an_empty_list_and_an_empty_result_say_different_things(head, toy_session, library):
    toy_session.query(toys.Loan).delete()
    toy_session.commit()

    assert "There are no records here yet." in texts(head.get("/loans/"), "empty-title")
    assert "Nothing matches." in texts(head.get("/loans/?q=whatever"), "empty-title")


def test_buttons_show_only_what_the_role_may_do(clerk, head, library):
    def buttons(client, noun):
        return " ".join(texts(client.get(f"/{noun}/"), "page-actions"))

    assert buttons(clerk, "loans") == "New"
    assert buttons(clerk, "branches") == ""
    assert buttons(head, "branches") == "Export Import New"


def test_export_takes_the_filters_along(head, library):
    page = head.get("/loans/?state=out&q=Emma&page=1").get_data(as_text=True)

    assert 'href="/loans/export?state=out&amp;q=Emma"' in page


def test_ticked_rows_are_offered_the_bulk_actions_of_the_role(clerk, library):
    page = clerk.get("/loans/").get_data(as_text=True)

    assert 'formaction="/loans/bulk/give_back"' in page
    assert 'formaction="/loans/bulk/renew"' in page
    assert "waive" not in page
    assert f'name="ids" value="{library.loan.id}"' in page
    assert 'name="ids"' not in clerk.get("/branches/").get_data(as_text=True)


def test_archived_records_show_only_when_asked_for(head, library, toy_session):
    library.foreign.archived_at = clock.now()
    toy_session.commit()

    assert names(head.get("/loans/")) == [library.loan.loan_no]
    assert names(head.get("/loans/?archived=1")) == [library.foreign.loan_no]


def test_text_in_a_cell_is_text(head, library, toy_session):
    toy_session.add(toys.Loan(reader=library.ann, title="<script>alert(1)</script>"))
    toy_session.commit()
    page = head.get("/loans/?q=script").get_data(as_text=True)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
