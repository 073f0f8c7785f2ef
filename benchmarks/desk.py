"""How long the board and the report of complaints take with very many: ``python -m benchmarks.desk``. At most 2 seconds are wanted.

``BENCH_ROWS`` (100000) is how many complaints there are, of a year, in fifteen stores; a tenth of them is open, then all.
"""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from backoffice.accounts import passwords
from backoffice.db import db
from backoffice.declare import clock
from benchmarks.escalation import HOUR, command, on_both, timed
from config import Config
from models.clock_segments import ClockSegment
from models.complaint_states import Severity, Status
from models.complaints import Complaint
from models.escalation_levels import EscalationLevel
from models.roles import Role
from tests import factories as make
from tests.support import apps
from tests.support.client import PASSWORD_HASH, QUICK, Client, sign_in

ROWS, STORES, AT_ONCE, TIMES = int(os.environ.get("BENCH_ROWS") or 100_000), 15, 5_000, 5
CASES, LOG = Complaint.__table__, ClockSegment.__table__


def fill(session: Session) -> None:
    """The complaints of a year, as they would stand there, and people who look at them."""
    now, dice = clock.now(), random.Random(5)
    stores = [make.make_store(session) for _one in range(STORES)]
    people = [[make.make_staff(session, store=store, role=Role.AGENT) for _one in range(4)] for store in stores]
    for role in (Role.SUPERVISOR, Role.MANAGER):
        make.make_staff(session, role=role, store=stores[0], login=role.value, password_hash=PASSWORD_HASH)
    pattern = make.make_complaint(session)
    session.flush()
    like = {one.name: getattr(pattern, one.name) for one in CASES.c if one.name != "id"}
    levels = list(session.scalars(sa.select(EscalationLevel).order_by(EscalationLevel.rank)))
    for first in range(0, ROWS, AT_ONCE):
        session.execute(sa.insert(CASES), [
            {**like, "complaint_no": f"B{number:06}", **_case(dice, now, stores, people, levels, is_open=number % 10 == 0)}
            for number in range(first, min(first + AT_ONCE, ROWS))
        ])
    log(session, pattern)
    session.commit()
    session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(sa.text("ANALYZE"))
    session.commit()


def log(session: Session, pattern: Complaint) -> None:
    """One stretch of the clock for each."""
    first = next(iter(pattern.segments))
    of = {"complaint_id": CASES.c.id, "level_id": CASES.c.level_id, "started_at": CASES.c.received_at, "ended_at": CASES.c.closed_at,
          "breached_at": CASES.c.level_breached_at}
    names = [one.name for one in LOG.c if one.name != "id"]
    values = [of.get(name, LOG.c[name]) for name in names]
    rows = sa.select(*values).select_from(LOG.join(CASES, CASES.c.id != pattern.id)).where(LOG.c.id == first.id)
    session.execute(sa.insert(LOG).from_select(names, rows))


def _case(dice: random.Random, now: datetime, stores: list[Any], people: list[list[Any]], levels: list[Any], *, is_open: bool) -> dict[str, Any]:
    """One of them: whatever the report tells apart differs."""
    received = now - timedelta(minutes=dice.randrange(3 * 1440 if is_open else 365 * 1440))
    store, level = dice.randrange(STORES), dice.choice((0, 0, 0, 1, 1, 2))
    took, due = dice.expovariate(1 / 20) * HOUR, received + levels[level].limit_hours * HOUR
    owner = dice.choice(people[store]).id
    known: dict[str, Any] = {
        "store_id": stores[store].id, "owner_id": owner, "first_owner_id": owner, "level_id": levels[level].id, "category": f"类别{dice.randrange(40)}",
        "severity": dice.choice([*Severity]), "received_at": received, "level_entered_at": received, "level_due_at": due, "overall_due_at": received + 24 * HOUR,
        "status": dice.choice((Status.ACKNOWLEDGED, Status.INVESTIGATING, Status.PROPOSAL_MADE)), "acknowledged_at": received + took / 20,
        "clock_next_at": due,
    }
    if is_open:
        return known
    end, is_late = received + took, took > 24 * HOUR
    missed = due if end > due else None
    return {
        **known, "status": Status.CLOSED, "cause": "密封圈老化", "responsible_id": owner, "communicated_at": end, "confirmed_at": end, "resolved_at": end,
        "closed_at": end, "clock_stopped_at": end, "clock_next_at": None, "reopened_count": int(dice.random() < 0.05),
        "level_breached_at": missed, "overall_breached_at": received + 24 * HOUR if is_late else None, "breach_reason": "等待配件" if is_late or missed else None,
    }


def pages() -> Iterator[tuple[str, str]]:
    """What is asked for."""
    today = clock.today()
    yield "report of 13 weeks", "/complaints/report"
    yield "report of a year", f"/complaints/report?from={today - timedelta(days=364)}&to={today}"
    yield "board", "/complaints/board"


def look(app: Flask, kind: str, state: str) -> None:
    """Ask for each page as a manager, who sees all stores, and as a supervisor, who sees one."""
    for role in (Role.MANAGER, Role.SUPERVISOR):
        client = sign_in(app.test_client(), role.value)
        for name, address in pages():
            answers = [timed(lambda address=address, client=client: client.get(address)) for _time in range(TIMES + 1)][1:]
            assert {answer.status_code for _wall, _spent, answer in answers} == {200}, address
            wall, spent = (statistics.median(answer[place] for answer in answers) for place in (0, 1))
            print(f"{kind}, {ROWS:,} complaints, {state}, {role.value}: {name} {wall:.2f} s ({spent:.2f} s of our processor)", flush=True)


def measure(kind: str, url: str, folder: Path) -> None:
    """Fill one database, and print what the pages take there."""
    command(url, "db", "upgrade")
    command(url, "seed", "reference")
    app = apps.make_models(Config(database_url=url, secret_key="only to measure " * 3, instance_path=folder))
    app.test_client_class = Client
    with app.app_context():
        fill(db.session())
        db.session.remove()
    look(app, kind, "a tenth of them open")
    with app.app_context():
        ended = sa.update(CASES).where(CASES.c.status == Status.CLOSED)
        db.session.execute(ended.values(status=Status.INVESTIGATING, closed_at=None, clock_stopped_at=None, resolved_at=None))
        db.session.commit()
        db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(sa.text("ANALYZE"))
        db.session.remove()
    look(app, kind, "all open")
    apps.close(app)


if __name__ == "__main__":
    passwords.HASHER = QUICK
    on_both(measure)
