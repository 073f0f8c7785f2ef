"""How long a pass takes with many open complaints: ``python -m benchmarks.escalation``. At most 3 seconds are wanted where nothing is due.

``BENCH_ROWS`` (100000) is how many complaints are open; then ``BENCH_DUE`` (1000) of them reach half of their limit, and half a day
later miss it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.people import acting
from benchmarks.serving import ROOT
from config import Config
from models.clock_segments import ClockSegment
from models.complaints import Complaint
from models.escalating import escalate
from models.roles import Role
from tests import factories as make
from tests.support import apps, postgres

ROWS, DUE = int(os.environ.get("BENCH_ROWS") or 100_000), int(os.environ.get("BENCH_DUE") or 1_000)
HOUR = timedelta(hours=1)


def command(url: str, *words: str) -> str:
    """What ``flask …`` takes as a process of its own, in seconds."""
    settings = {"DATABASE_URL": url, "SECRET_KEY": "only to measure " * 3}
    begun, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *words], cwd=ROOT, env={**os.environ, **settings}, check=True, stdout=subprocess.DEVNULL)
    spent = os.times().children_user + os.times().children_system - before.children_user - before.children_system
    return f"{time.perf_counter() - begun:.2f} s ({spent:.2f} s of processor)"


def fill(session: Session) -> None:
    """So many like one that came in just now, and so many like one that came in six hours ago."""
    order = make.make_order(session)
    agent, _head = (make.make_staff(session, role=role, store=order.store) for role in (Role.AGENT, Role.SUPERVISOR))
    for count, name, ago in ((ROWS - DUE, "N", 0), (DUE, "D", 6)):
        with clock.stopped_at(clock.now() - ago * HOUR), acting(agent):
            case = make.make_complaint(session, order=order, category=name)
            case.acknowledge()
            session.flush()
            copy(session, case, count - 1, name)
    session.commit()
    session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).execute(sa.text("ANALYZE"))
    session.commit()


def copy(session: Session, case: Complaint, count: int, prefix: str) -> None:
    """Many like this one, each with its log, by two statements."""
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < count))
    cases, log = Complaint.__table__, ClockSegment.__table__
    names = [one.name for one in cases.c if one.name != "id"]
    values = [(sa.literal(prefix) + sa.cast(numbers.c.n, sa.String)) if name == "complaint_no" else cases.c[name] for name in names]
    session.execute(sa.insert(cases).from_select(names, sa.select(*values).select_from(cases.join(numbers, sa.true())).where(cases.c.id == case.id)))
    names = [one.name for one in log.c if one.name != "id"]
    made = cases.alias("made")
    values = [made.c.id if name == "complaint_id" else log.c[name] for name in names]
    is_copy = made.c.complaint_no.startswith(prefix) & (made.c.id != case.id)
    session.execute(sa.insert(log).from_select(names, sa.select(*values).select_from(log.join(made, is_copy)).where(log.c.complaint_id == case.id)))


def timed(deed: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds, seconds of our processor time, and the answer."""
    begun, spent = time.perf_counter(), time.process_time()
    answer = deed()
    return time.perf_counter() - begun, time.process_time() - spent, answer


def measure(kind: str, url: str, folder: Path) -> None:
    """Fill one database, and print what a pass takes there."""
    command(url, "db", "upgrade")
    command(url, "seed", "reference")
    app = apps.make_models(Config(database_url=url, secret_key="only to measure " * 3, instance_path=folder))
    with app.app_context():
        session = db.session()
        now = clock.now()
        with clock.stopped_at(now):
            fill(session)
        for name, hours in (("nothing due", 0), (f"{DUE:,} warned by both clocks", 6.5), (f"{DUE:,} late, told and raised", 18.5)):
            moment = now + hours * HOUR
            if hours > 12:
                hold(session, moment)
            wall, processor, report = timed(lambda moment=moment: escalate(session, now=moment))
            print(f"{kind}, {ROWS:,} open, {name}: {wall:.2f} s ({processor:.2f} s of processor) | {report}", flush=True)
        hold(session, now + 9_999 * HOUR)
        db.session.remove()
        db.engine.dispose()
    print(f"{kind}, `flask escalate` as a whole, nothing due: {command(url, 'escalate')}; `flask clock` of nothing: {idle(url, folder)}", flush=True)


def hold(session: Session, until: Any) -> None:
    """The many that came in just now are not due before this moment."""
    session.execute(sa.update(Complaint).where(Complaint.category == "N", Complaint.clock_next_at <= until).values(clock_next_at=until + HOUR))
    session.commit()


def idle(url: str, folder: Path) -> str:
    """What a command takes that asks the database nothing."""
    file = folder / "cases.json"
    file.write_text('{"timezone": "Asia/Shanghai", "hours": {}, "cases": []}', encoding="utf-8")
    return command(url, "clock", str(file))


def on_both(measure: Callable[[str, str, Path], None]) -> None:
    """Measure on SQLite, then on PostgreSQL: each gets its name, the address of an empty database and a folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "instance").mkdir()
        print(f"load {os.getloadavg()[0]:.1f}")
        measure("SQLite", f"sqlite:///{folder / 'measured.db'}", folder / "instance")
        server = folder / "postgres"
        address = postgres.start(server, os.getpid())
        try:
            with sa.create_engine(f"{address}postgres", isolation_level="AUTOCOMMIT").connect() as house:
                house.execute(sa.text("CREATE DATABASE measured"))
            measure("PostgreSQL", f"{address}measured", folder / "instance")
        finally:
            postgres.stop(server)


if __name__ == "__main__":
    on_both(measure)
