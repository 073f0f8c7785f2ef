"""Reports: what is counted of the records of a period, and that each number leads to exactly its records."""

from __future__ import annotations

import contextvars
import html
import itertools
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import literal, update

from backoffice.declare import clock
from backoffice.declare.kinds import Instant
from backoffice.views.charts import Step, chart
from backoffice.views.filters import span_of
from backoffice.views.periods import Period, bucket_of
from backoffice.views.reckoning import duration, rounded
from tests import toys
from tests.backoffice.views.reading import counted, names, sentence, texts

NOVEMBER = "from=2026-11-01&to=2026-11-30"


@pytest.fixture
def lent(library, toy_session):
    """Due in November: sixteen books of Main and one of Hill; two of Main came back after 90 minutes, and one of these cost a fine."""
    start = datetime(2026, 10, 20, 1, tzinfo=UTC)
    library.loan.due_on = date(2026, 11, 20)
    library.foreign.due_on = date(2026, 11, 2)
    back = {"state": toys.State.BACK, "returned_at": start + timedelta(minutes=90)}
    for number in range(15):
        more = back if number < 2 else {}
        toy_session.add(toys.Loan(
            loan_no=f"N{number:02}", reader=library.ann, title="Emma", due_on=date(2026, 11, 3 + number), from_history=number == 14, fine=3 if number == 1 else None,
            **more,
        ))
    toy_session.flush()
    toy_session.execute(update(toys.Loan).values(created_at=start))
    toy_session.commit()
    return library


def page(client, query=NOVEMBER, noun="loans"):
    return client.get(f"/{noun}/report?{query}")


def links(answer):
    """What each number says and where it leads, on the whole page."""
    found = re.findall(r'<a href="([^"]+)"(?: tabindex="-1")?>(.*?)</a>', answer.get_data(as_text=True).partition('class="tiles"')[2], re.DOTALL)
    return [(html.unescape(address), int(numbers[-1].replace(",", ""))) for address, inside in found if (numbers := re.findall(r"[\d,]+", shown(inside)))]


def shown(inside):
    return re.sub(r"<title>.*?</title>|<[^>]+>|\d+%(?! \()", " ", inside)


def test_each_number_leads_to_as_many_records(head, clerk, lent):
    """For whoever asks: the list behind a number holds that many rows."""
    for client in (head, clerk):
        found = links(page(client)) + links(page(client, "from=2020-01-01&to=2020-01-31", "readers"))
        wrong = [(address, number, got) for address, number in dict(found).items() if (got := client.get(address.replace("/?", "/count?")).json["count"]) != number]

        assert len(found) > 40
        assert wrong == []


def test_shares_are_pooled_and_rounded_half_up(head, clerk, lent):
    """2 of 16 are 13 %; what the clerk of one house sees is of that house; nothing of what a role may not see is told."""
    whole, here = page(head), page(clerk)

    assert [texts(one, "tile-number")[0] for one in (whole, here)] == ["17", "16"]
    assert texts(whole, "tile-number")[1] == "13% n=16"
    assert texts(here, "tile-number")[1] == "13% n=15"
    assert "50% n=2" in texts(whole, "tile-number")
    assert "1 h 30 min n=2" in texts(whole, "tile-number")
    assert "Fined" in whole.get_data(as_text=True)
    assert "ined" not in here.get_data(as_text=True).partition('class="tiles"')[2]
    assert clerk.get("/loans/?figure=fined").status_code == 400


def test_no_case_is_a_dash_and_no_record_an_answer(head, lent):
    assert "– No case" in texts(page(head, "from=2026-11-20&to=2026-11-20"), "tile-number")
    assert texts(page(head, "from=2026-12-24&to=2026-12-24"), "empty-title") == ["No records in this period."]


def test_a_report_asks_as_often_for_many_records_as_for_few(head, lent, toy_session):
    with counted() as few:
        page(head)
    toy_session.add_all([toys.Loan(reader=lent.bob, title=f"Book {number}", due_on=date(2026, 11, 1 + number)) for number in range(28)])
    toy_session.commit()
    with counted() as many:
        page(head)

    assert len(many) == len(few)


@pytest.mark.parametrize(("query", "why"), [
    ("from=tomorrow", "year first"), ("from=2026-11-02&to=2026-11-01", "ends before it begins"), ("from=2019-01-01&to=2026-01-01", "five years"),
    ("by=colour", "does not tell records apart"), ("colour=red", "no filter"), ("due_on=today", "said by “from” and “to”"), ("figure=back", "no filter"),
    ("state=green", "Choose one of"),
])
def test_a_report_says_what_cannot_be_meant(head, query, why):
    answer = page(head, query)

    assert answer.status_code == 400
    assert why in sentence(answer)


@pytest.mark.parametrize("query", [
    "figure=", "figure=nothing", "figure=back.what", "figure=back&figure=away", "part=colour:red", "part=state:green", "part=reader.branch:x",
    f"part=loan_no:{'x' * 400}",
])
def test_a_list_says_which_figure_it_does_not_know(head, library, query):
    """An empty one is none."""
    assert head.get(f"/loans/?{query}").status_code == (200 if query == "figure=" else 400)
    assert head.get("/readers/?figure=lucky").status_code == 400


def test_a_list_of_a_figure_says_so_and_can_be_narrowed(head, lent):
    """The figure and the value are filters among others: shown, taken away one by one, sent again with the form."""
    answer = head.get(f"/loans/?figure=back.not&part=reader.branch:{lent.here.id}&state=out")

    assert texts(answer, "chip") == ["State Lent", "Branch Main", "Came back still away"]
    assert len(names(answer)) == 13
    assert re.search(r'<input type="hidden" name="figure" value="back.not">', answer.get_data(as_text=True))
    assert names(head.get("/loans/?part=loan_no:N03")) == ["N03"]


def test_one_table_alone_has_all_its_lines(head, lent):
    """Among others a table shows the first ten."""
    assert "Show all · Loan no." in texts(page(head), "more")
    rows = re.findall(r'<th scope="row">(\w+)', page(head, f"{NOVEMBER}&by=loan_no").get_data(as_text=True))

    assert {"N00", "N14"} <= set(rows)


def test_the_report_stands_in_the_menu_of_those_who_read_it(head, toy_client, library):
    assert 'href="/loans/report" aria-current="page"' in page(head).get_data(as_text=True)
    assert 'href="/loans/" aria-current' not in page(head).get_data(as_text=True)
    assert head.get("/branches/report").status_code == 404
    assert toy_client.get("/loans/report").status_code == 302


def test_weeks_run_from_monday_and_are_called_after_their_thursday():
    """2026-01-01 is a Thursday; the week from 2026-06-29 is the first of July. The ends of a period cut the first and last week."""
    weeks = Period(date(2025, 12, 31), date(2026, 7, 1)).buckets()

    assert [(one.first, one.last, one.label) for one in (weeks[0], weeks[-1])] == [
        (date(2025, 12, 31), date(2026, 1, 4), "1月第一周"), (date(2026, 6, 29), date(2026, 7, 1), "7月第一周"),
    ]
    assert all(after.first - before.last == timedelta(days=1) for before, after in itertools.pairwise(weeks))
    assert [one.label for one in Period(date(2025, 12, 31), date(2026, 8, 1)).buckets()][:2] == ["2025年12月", "2026年1月"]


def test_a_day_may_have_25_hours():
    """Where clocks are set back, the day lasts until the next one begins; a week and the days of a list agree."""

    def last_day_of_summer():
        clock.set_zone("Europe/Berlin")
        first, last = span_of(Instant(), "2026-10-25")
        number = bucket_of(Period(date(2026, 10, 19), date(2026, 11, 1)).buckets(), literal(0), Instant())
        return last - first, last, number.whens[0][0].right.value

    length, last, end = contextvars.copy_context().run(last_day_of_summer)

    assert length == timedelta(hours=25, microseconds=-1)
    assert end == last


def test_numbers_are_rounded_half_up():
    assert [rounded(200, 16), rounded(50, 100), rounded(1, 3)] == [13, 1, 0]
    assert [duration(one) for one in (0, 59, 65, 2880)] == ["0分钟", "59分钟", "1小时05分", "2天0小时"]


def test_a_picture_leaves_a_gap_where_there_was_no_case():
    """Neighbors are joined; the highest column stays within the picture."""
    steps = [Step("1", "", "week", 3, "/a", 50, 2, "/b"), Step("2", "", "week", 0, "/a"), Step("3", "", "week", 12, "/a", 100, 1, "/b")]
    drawn = chart(steps)

    assert [one.to for one in drawn.points] == [None, None]
    assert all(one.y >= 18 and one.y + one.height <= drawn.foot + 0.1 for one in drawn.bars if one.height)
