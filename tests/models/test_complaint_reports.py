"""The report of complaints against a plain count of the same complaints; each of its numbers against the list that it opens."""

from __future__ import annotations

import html
import itertools
import random
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.db import db
from backoffice.declare import clock
from models.complaint_states import WORKING, Severity, Status
from models.complaints import Complaint
from models.roles import Role
from tests import factories as make
from tests.models.ways import STEPS
from tests.support.client import sign_in
from tests.support.world import make_people

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
FIRST = datetime(2026, 8, 24, tzinfo=ZoneInfo("Asia/Shanghai"))
SETTLED = (Status.RESOLVED, Status.FOLLOW_UP, Status.CLOSED, Status.REJECTED, Status.WITHDRAWN)
HOUR = timedelta(hours=1)
HOW_MANY = 60


@pytest.fixture
def people(app):
    with app.app_context(), clock.stopped_at(NOW):
        made = make_people(db.session)
        live(db.session, made)
        db.session.commit()
        yield made


def live(session, people):
    """Complaints of fourteen weeks at two stores: some ended, some late, some raised, some of an old system."""
    dice = random.Random(5)
    levels = make.make_levels(session)
    others = [make.make_staff(session, role=Role.ADVISOR, name=f"顾问{at}", store=make.make_store(session, name=f"门店{at}")) for at in range(2)]
    orders = [make.make_order(session, advisor=one) for one in (people["advisor"], people["advisor"], *others)]
    for number in range(HOW_MANY):
        start = NOW - timedelta(hours=dice.uniform(1, 14 * 7 * 24))
        more = {"from_history": True} if number % 9 == 0 else {}
        with clock.stopped_at(start):
            order = dice.choice(orders)
            case = make.make_complaint(
                session, order=order, category=dice.choice(["制动系", "发动机", "空调"]), received_at=start,
                owner=dice.choice([people["advisor"], *others]), **more,
            )
        go_on(case, start, dice, levels)
        session.flush()
    session.commit()


def go_on(case, start, dice, levels):
    """Some steps of its way, an hour or a day apart."""
    at = start
    goal = dice.choice([None, Status.ACKNOWLEDGED, Status.INVESTIGATING, Status.RESOLVED, Status.CLOSED, Status.CLOSED, Status.WITHDRAWN, Status.EXTERNAL])
    is_raised, is_reopened = dice.random() < 0.4, dice.random() < 0.4
    while case.status is not goal and goal is not None:
        at += timedelta(hours=dice.choice([0.5, 1, 3, 9]))
        if at > NOW:
            return
        with clock.stopped_at(at):
            if is_raised and case.status is Status.INVESTIGATING and case.level.code == "L1" and not case.from_history:
                case.raise_level(reason="客户要求", to=levels[dice.choice(["L2", "CRISIS"])])
            elif case.reply_due_at is not None and case.replied_at is None and dice.random() < 0.7:
                case.reply_publicly(reply="已在微博说明")
            step(case, goal)
    if goal is Status.CLOSED and is_reopened and at + HOUR < NOW:
        with clock.stopped_at(at + HOUR):
            case.reopen(reason="客户不满意")


def step(case, goal):
    if goal is Status.WITHDRAWN:
        case.withdraw(reason="客户撤回")
    elif goal is Status.EXTERNAL:
        case.refer(reason="12315")
    elif case.status is Status.FOLLOW_UP:
        case.close(cause="装配", breach_reason="等待配件")
    elif case.status is Status.ACKNOWLEDGED:
        case.assess(severity=Severity.CONSIDERABLE, assessment="先检查")
    else:
        order = list(STEPS)
        goal = order[order.index(case.status) + 1] if case.status in order else order[0]
        if goal is Status.PROPOSAL_MADE:
            case.propose(decision="免费更换", promised_at=clock.now() + HOUR, responsible=case.owner)
        else:
            STEPS[goal](case)


def cases_of(person):
    """Whose complaints the report is about, by the words of the table of rights."""
    since = [one for one in db.session.query(Complaint) if FIRST <= one.received_at <= NOW]
    if person.role is Role.MANAGER:
        return since
    if person.role is Role.WORKSHOP:
        return [one for one in since if one.order.store is person.store]
    mine = [one for one in since if person in (one.owner, one.first_owner) or one.order.advisor is person]
    return [one for one in since if one.store is person.store or (person.role is Role.ADVISOR and one in mine)]


def share(cases, judged, met, words=("in time", "late")):
    """A share as the page writes it, counted one by one."""
    of = [one for one in cases if not one.from_history and judged(one)]
    good = len([one for one in of if met(one)])
    if not of:
        return "– No case"
    percent = (200 * good + len(of)) // (2 * len(of))
    return f"{percent}% n={len(of)} {words[0]} {good} {words[1]} {len(of) - good}"


def overdue(case, due):
    return case.status in WORKING and case.clock_stopped_at is None and due is not None and due < NOW


def solved(cases):
    def late(one):
        return one.overall_breached_at is not None or overdue(one, one.overall_due_at)

    return share(cases, lambda one: late(one) or one.status in SETTLED, lambda one: not late(one))


def on_level(cases, level):
    def late(one):
        return any(row.breached_at for row in one.segments if row.level is level) or (one.level is level and overdue(one, one.level_due_at))

    were = [one for one in cases if any(row.level is level for row in one.segments)]
    return len(were), share(were, lambda one: late(one) or one.level is not level or one.status in SETTLED, lambda one: not late(one))


def replied(cases):
    """The crisis level owes the public a first reply within two hours."""
    def late(one):
        return one.reply_breached_at is not None or (one.replied_at is None and one.status in WORKING and one.reply_due_at < NOW)

    return share([one for one in cases if one.reply_due_at], lambda one: late(one) or one.replied_at is not None, lambda one: not late(one))


def reopened(cases):
    return share(cases, lambda one: one.closed_at is not None or one.reopened_count > 0, lambda one: one.reopened_count > 0, ("reopened", "not"))


def page(client, query="from=2026-08-24&to=2026-11-20"):
    answer = client.get(f"/complaints/report?{query}")

    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def table(text, name):
    """The lines of one table: its first cell, and what stands in the others."""
    part = text.partition(f'id="by-{name}"')[2].partition("</section>")[0].partition("<tbody>")[2]
    found = {}
    for row in re.split(r"<tr[^>]*>", part)[1:]:
        first, *cells = re.split(r"<t[dh][^>]*>", row)[1:]
        found[plain(re.sub(r'<span class="hint">.*?</span>', "", first))] = [plain(one) for one in cells]
    return found


def plain(text):
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(text)).split())


def reader(app, login):
    client = sign_in(app.test_client(), login)
    client.set_cookie("language", "en")
    return client


def check_counts(cases, text):
    """In all, by week, by level, by store, by owner and by category."""
    for name, value in {"store": lambda one: one.store, "owner": lambda one: one.owner, "category": lambda one: one.category}.items():
        rows = table(text, name)
        labels = {str(value(one)) for one in cases}
        assert set(rows) == labels
        for label in labels:
            mine = [one for one in cases if str(value(one)) == label]
            assert rows[label][0].split()[0] == str(len(mine))
            assert (rows[label][1], rows[label][4], rows[label][-1]) == (solved(mine), replied(mine), reopened(mine))
    total = table(text, "time")["All together"]
    assert (total[0], total[1], total[4], total[-1]) == (str(len(cases)), solved(cases), replied(cases), reopened(cases))
    rows = {label.split()[0]: row for label, row in table(text, "segments-level").items()}
    for level in make.make_levels(db.session).values():
        number, said = on_level(cases, level)
        row = rows.get(level.code, ["0", "– No case"])
        assert (row[0].split()[0], row[1]) == (str(number), said)
    weeks = [row[0] for label, row in table(text, "time").items() if label != "All together"]
    ends = [FIRST + timedelta(days=7 * at) for at in range(14)]
    assert weeks == [str(len([one for one in cases if start <= one.received_at < end])) for start, end in itertools.pairwise(ends)]


def misled(client, text, dice):
    """Numbers whose list has another number of rows; some of the many are followed."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>(.*?)</a>', re.sub(r"<svg.*?</svg>", "", text.partition('class="tiles"')[2], flags=re.DOTALL), re.DOTALL)
    numbered = {html.unescape(address): int(number[-1]) for address, inside in found if (number := re.findall(r"\d+(?!%)\b", plain(inside).replace(",", "")))}
    followed = dice.sample(sorted(numbered), 30)
    return {one: numbered[one] for one in followed if client.get(one.replace("/?", "/count?")).json["count"] != numbered[one]}


@pytest.mark.long(20)
def test_the_report_is_what_a_plain_count_gives(app, people):
    """For somebody who sees all, and for people who see a part; and each number opens the list of as many records."""
    for login in ("manager", "advisor", "supervisor", "workshop"):
        client, cases = reader(app, login), cases_of(people[login])
        text = page(client)

        assert len(cases) > 20
        check_counts(cases, text)
        assert misled(client, text, random.Random(login)) == {}
