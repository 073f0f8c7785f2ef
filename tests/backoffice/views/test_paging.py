from __future__ import annotations

import base64
import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import insert
from werkzeug.datastructures import MultiDict

from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.text import CHINESE, ENGLISH, use_locale
from backoffice.plan import plan_of
from backoffice.views import counting, estimating
from backoffice.views.paging import Page, read_page
from backoffice.views.selection import Selection
from tests import toys
from tests.backoffice.views.reading import counted, names, sentence, texts

PER_PAGE = 50
ORDERS = ["due_on", "-due_on", "returned_at", "-returned_at", "state", "-state", "loan_no", "-loan_no", "reader", "-reader", "renewals", "fine", "-fine", ""]


@pytest.fixture
def shelf(library, toy_session):
    """Some two hundred loans with ties, gaps and every state."""
    states, now = list(toys.State), clock.now()
    toy_session.execute(insert(toys.Loan), [
        {
            "loan_no": f"V{at * 37 % 210:03}", "reader_id": (library.ann if at % 3 else library.bob).id, "title": f"Volume {at}", "from_history": True,
            "state": states[at % 3], "renewals": at % 2, "due_on": None if at % 5 == 0 else date(2026, 1, 1) + timedelta(days=at % 7),
            "fine": None if at % 4 else at % 3, "version": 1, "created_at": now, "updated_at": now,
            "returned_at": datetime(2026, 2, 1, tzinfo=UTC) + timedelta(microseconds=at // 2) if at % 3 == 1 else None,
        }
        for at in range(210)
    ])
    toy_session.commit()
    return library


def links(answer) -> dict[str, str]:
    """Where first, previous, next and last lead."""
    html = answer.text
    found = {rel: re.search(rf'href="([^"]*)" rel="{rel}"', html) for rel in ("prev", "next")}
    return {rel: match[1].replace("&amp;", "&") for rel, match in found.items() if match}


def page_of(who, args: str) -> Page:
    """The page of loans that an address names."""
    return read_page(db.session(), Selection(who, plan_of(toys.Loan), MultiDict(parse_qsl(args))))


def walk(who, args: str, way: str = "following") -> list[int]:
    """The ids of all pages from an address on, in the order of the list."""
    found: list[int] = []
    page = page_of(who, args)
    while not (way == "previous" and page.place.is_first):  # the first page is always full, and repeats what was seen
        found = [*found, *page.ids] if way == "following" else [*page.ids, *found]
        if getattr(page, way) is None:
            break
        page = page_of(who, f"{args.removesuffix('&page=last')}&page={getattr(page, way)}")
    return found


def test_every_row_stands_on_one_page_whatever_the_order(shelf):
    """Forward from the first page and backward from the last: the same rows in the same order, ties and gaps and all."""
    for order in ORDERS:
        forward = walk(shelf.head, f"sort={order}")
        backward = walk(shelf.head, f"sort={order}&page=last", "previous")

        assert len(set(forward)) == len(forward) == 212, order
        assert backward[-200:] == forward[-200:], order


def test_rows_without_a_value_stand_last_upward_and_downward(shelf, toy_session):
    for order in ("due_on", "-due_on", "-returned_at"):
        value = {loan.id: getattr(loan, order.removeprefix("-")) for loan in toy_session.query(toys.Loan)}
        found = [value[number] for number in walk(shelf.head, f"sort={order}")]
        filled = [one for one in found if one is not None]

        assert found == [*sorted(filled, reverse=order.startswith("-")), *([None] * (len(found) - len(filled)))]


def test_a_choice_sorts_in_the_order_of_its_members(shelf, toy_session):
    """Out, back, lost: as declared, not by the codes or labels; those of one state in the order of the noun."""
    state = dict(toy_session.query(toys.Loan.id, toys.Loan.state).all())
    found = [state[number] for number in walk(shelf.head, "sort=state")]

    assert list(dict.fromkeys(found)) == list(toys.State)
    assert [state[number] for number in walk(shelf.head, "sort=-state")] == found[::-1]
    assert walk(shelf.head, "sort=-state") == [one for wanted in reversed(toys.State) for one in walk(shelf.head, "") if state[one] is wanted]


def test_a_page_keeps_its_rows_while_others_add_and_remove(head, shelf, toy_session):
    second = links(head.get("/loans/?sort=due_on"))["next"]
    before = names(head.get(second))
    toy_session.add_all([toys.Loan(reader=shelf.ann, title="New", due_on=date(2020, 1, 1)) for _more in range(7)])
    toy_session.commit()

    assert names(head.get(second)) == before

    toy_session.query(toys.Loan).filter(toys.Loan.loan_no == before[0]).delete()
    toy_session.commit()

    assert names(head.get(second))[:49] == before[1:]


def test_the_way_back_leads_over_the_same_rows(head, shelf):
    first = head.get("/loans/?sort=-due_on")
    second = head.get(links(first)["next"])
    third = head.get(links(second)["next"])

    assert names(head.get(links(third)["prev"])) == names(second)
    assert names(head.get(links(head.get(links(third)["prev"]))["prev"])) == names(first)
    assert "prev" not in links(first)


@pytest.mark.parametrize("page", ["", "page=last", "at=2000-01-01&sort=due_on"])
def test_a_list_of_one_page_counts_its_rows(head, library, page):
    """However one came to it: a link to the last page of a list that has become short, say."""
    answers = head.get("/loans/"), head.get(f"/loans/?{page}")
    first, same = (texts(answer, "total") for answer in answers)

    assert first == same == [f"1–{len(names(answers[0]))} of {len(names(answers[1]))}"]


def test_the_last_page_ends_with_the_last_row_and_has_nothing_behind_it(head, shelf):
    answer = head.get("/loans/?sort=due_on&page=last")

    assert len(names(answer)) == PER_PAGE
    assert set(links(answer)) == {"prev"}
    assert texts(answer, "total") == ["163–212 of 212"]


def test_a_jump_leads_to_the_first_row_of_a_day(head, shelf, toy_session):
    due = dict(toy_session.query(toys.Loan.loan_no, toys.Loan.due_on).all())
    for order in ("due_on", "-due_on"):
        answer = head.get(f"/loans/?sort={order}&at=2026-01-04")
        before = head.get(links(answer)["prev"])

        assert due[names(answer)[0]] == date(2026, 1, 4)
        assert date(2026, 1, 4) not in [due[one] for one in names(before)]

    assert due[names(head.get("/loans/?sort=-due_on&at=2026-06-01"))[0]] == date(2026, 1, 7)


def test_a_jump_leads_to_a_number_or_to_what_begins_like_a_text(head, shelf, toy_session):
    of_bob = {one.loan_no for one in toy_session.query(toys.Loan).filter_by(reader=shelf.bob)}

    assert names(head.get("/loans/?sort=loan_no&at=v07"))[0] == "V070"
    assert names(head.get("/loans/?sort=-loan_no&at=V07"))[0] == "V079"
    assert set(names(head.get("/loans/?sort=reader&at=C2"))) <= of_bob


def test_a_jump_to_what_is_no_such_value_is_refused_with_a_sentence(head, library):
    for address in ("/readers/?at=%00", "/loans/?sort=due_on&at=soon", "/loans/?sort=renewals&at=many", "/loans/?sort=state&at=nowhere"):
        answer = head.get(address)

        assert answer.status_code == 400
        assert "Jump: " in sentence(answer)


def forged(*values: object) -> str:
    return "~" + base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


CURSORS = [
    forged(), forged("due_on"), forged("due_on", 0, "2026-01-01"), forged("due_on", 0, "2026-01-01", "x"), forged("due_on", 0, "soon", 1),
    forged("due_on", 0, "2026-01-01", 2**70), forged("due_on", 0, "2026-01-01", None), forged("due_on", 0, ["2026-01-01"], 1),
    forged("due_on", 2, "2026-01-01", 1), forged("-due_on", 0, "2026-01-01", 1), forged("due_on", 0, {}, 1), forged("due_on", 0, 3, 1),
    forged("due_on", 0, "2026-01-01", True), "~" + "A" * 3000, "~AAA", "~!!!", "~W10", "~é", "W10",
]
VALUES = [
    ("returned_at", "0001-01-01T00:00:00+14:00"), ("returned_at", "2026-01-01"), ("fine", "NaN"), ("fine", "1e400"), ("fine", 3), ("loan_no", "\ud800"),
     ("loan_no", "a\0"), ("state", "nowhere"), ("renewals", 1.5), ("loan_no", None), ("reader", []),
]


def test_a_cursor_that_nobody_made_is_refused_with_a_sentence(head, library):
    for cursor in CURSORS:
        answer = head.get("/loans/", query_string={"sort": "due_on", "page": cursor})

        assert answer.status_code == 400, cursor
        assert "page number" in sentence(answer)


def test_no_value_in_a_cursor_is_an_error_of_ours(head, library):
    for order, value in VALUES:
        answer = head.get("/loans/", query_string={"sort": order, "page": forged(order, 0, value, 1)})

        assert answer.status_code == (200 if value == 3 else 400), (order, value)


def test_pages_have_numbers_up_to_twenty_and_a_sentence_beyond(head, shelf):
    assert texts(head.get("/loans/?page=2"), "total") == ["51–100 of 212"]

    answer = head.get("/loans/?page=21")

    assert answer.status_code == 404
    assert "jump" in texts(answer, "empty-text")[0]
    assert 'href="/loans/"' in answer.text


def test_sort_and_filter_stay_when_one_goes_on_or_jumps(head, shelf):
    answer = head.get("/loans/?sort=-due_on&from_history=yes&page=2")

    assert links(answer)["next"].startswith("/loans/?sort=-due_on&from_history=yes&page=~")
    assert 'type="hidden" name="from_history" value="yes"' in answer.text.split('class="jump"')[1]
    assert 'name="page"' not in answer.text


def test_what_one_may_not_see_neither_sorts_nor_stands_in_a_link(clerk, shelf, monkeypatch):
    """A noun sorted by a field that the role does not see comes by its id, and no cursor tells the value."""
    monkeypatch.setitem(vars(toys.Loan.__resource__), "order", ("-fine",))
    cursor = links(clerk.get("/loans/"))["next"].rpartition("~")[2]

    assert len(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))) == 3


def test_a_list_asks_the_same_few_questions_whatever_it_holds(head, shelf, toy_session):
    """Rows, links, filters and order change what is asked, not how often."""
    toy_session.expire_all()

    def asked(address):
        head.get(address)
        with counted() as statements:
            assert head.get(address).status_code == 200
        return len(statements)

    few = {address: asked(address) for address in ("/loans/", "/loans/?sort=-state&page=3", "/loans/?sort=reader&page=last", "/loans/?state=out&at=2026-01-03")}
    readers = [toys.Reader(card=f"R{at}", name=f"Reader {at}", branch=shelf.here) for at in range(120)]
    toy_session.add_all([toys.Loan(reader=reader, title="x", from_history=True) for reader in readers])
    toy_session.commit()

    assert {address: asked(address) for address in few} == few
    assert max(few.values()) < 12


def test_a_list_reads_no_column_that_it_does_not_show(head, shelf):
    """Long texts and the like stay where they are."""
    head.get("/loans/")
    with counted() as statements:
        head.get("/loans/")
    read = [one for one in statements if "toy_loans.title" in one]

    assert read
    assert not [one for one in read if "renewals" in one or "updated_at" in one]
    assert not [one for one in statements if "mobile" in one]


def test_a_large_list_says_about_how_many_and_counts_when_asked(head, shelf, toy_session, monkeypatch):
    monkeypatch.setattr(estimating, "CHEAP", 30)
    monkeypatch.setattr(estimating, "COST", 0)
    answer = head.get("/loans/")

    assert "of about" in texts(answer, "total")[0]
    assert re.search(r'data-count="/loans/count"', answer.text)
    assert head.get("/loans/count").json == {"count": 212, "text": "212"}
    assert head.get("/loans/count?state=lost").json["count"] == 70
    assert texts(head.get("/loans/?count=exact"), "total") == ["1–50 of 212"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_an_estimate_is_good_for_a_minute_for_the_same_person_and_list(head, clerk, shelf, monkeypatch):
    """An exact number is counted anew each time."""
    asked = []
    monkeypatch.setattr(counting, "count_or_estimate", lambda *given: asked.append(given) or estimating.count_or_estimate(*given))
    for most, times in ((10_000, [1, 2, 3, 4, 5]), (30, [1, 1, 2, 3, 4])):
        monkeypatch.setattr(estimating, "CHEAP", most)
        asked.clear()
        seen = []
        for client, address, seconds in ((head, "", 0), (head, "?page=2", 59), (head, "?state=out", 59), (clerk, "", 59), (head, "", 61)):
            with clock.stopped_at(clock.now() + timedelta(seconds=seconds)):
                client.get(f"/loans/{address}")
            seen.append(len(asked))

        assert seen == times


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [(1_020_411, "1.02 million", "102 万"), (41_667, "42,000", "4.17 万"), (123_456_789, "123 million", "1.23 亿"), (999, "1,000", "1,000"), (7, "7", "7")],
)
def test_a_large_number_reads_in_few_digits(number, english, chinese):
    with use_locale(ENGLISH):
        assert counting.rough(number) == english
    with use_locale(CHINESE):
        assert counting.rough(number) == chinese
