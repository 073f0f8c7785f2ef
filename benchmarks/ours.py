"""One measurement of ours: ``python -m benchmarks.ours WHAT URL FILE FOLDER``, by the functions that the commands call."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from backoffice.access import SYSTEM
from backoffice.db import db, reading
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.exporting_runs import Tally, begin, end, make, snapshot
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.options import Options
from backoffice.exchange.running import take
from backoffice.plan import Plan
from benchmarks.places import app_at
from benchmarks.report import measured, streamed, tell


def load(plan: Plan, file: str, *, dry_run: bool) -> int:
    """Import the file; everything must be written, or nothing where that is asked."""
    receipt = take(SYSTEM, plan, Path(file), Options(dry_run=dry_run, file_name=Path(file).name))
    half = receipt.rows // 2
    counts = [count for verdict, count in receipt.counts.items() if count]
    assert sorted(counts) == [half, receipt.rows - half], (receipt.counts, receipt.errors[:3])
    assert dry_run or receipt.applied
    return receipt.rows


def save(plan: Plan, kind: str) -> Iterator[bytes]:
    """Export every row, written down as an export is."""
    shape, tally = FORMATS[kind], Tally()
    with reading():
        fields = choose(SYSTEM, plan)
        query = everything(db.session(), SYSTEM, plan, [])
        db.session.rollback()
    export = Export(SYSTEM, plan, query, fields)
    with snapshot() as connection:
        run = make(export, shape, {})
        begin(db.session(), run, export, shape, connection)
        db.session.commit()
        yield from tally.weigh(export.stream(connection, shape, run.token, tally.count))
        end(db.session(), run.id, tally)
        db.session.commit()


def watch() -> None:
    """Save again and again, as a page does, until standard input ends; tell how long the longest save took."""
    waits: list[float] = []
    import threading  # noqa: PLC0415  # only here

    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    while not over.is_set():
        start = time.perf_counter()
        with suppress(Exception), db.engine.begin() as connection:
            connection.execute(text("UPDATE bench_shops SET version = version + 1 WHERE id = 1"))
        waits.append(time.perf_counter() - start)
        time.sleep(0.02)
    waits.sort()
    tell(saves=len(waits), longest=waits[-1], usual=waits[len(waits) // 2])


def main(what: str, url: str, file: str, folder: str) -> None:
    """Do what is asked."""
    app = app_at(url, Path(folder))
    with app.app_context():
        plan = app.extensions["plans"]["orders"]
        if what in {"import", "dry"}:
            measured(lambda: load(plan, file, dry_run=what == "dry"))
        elif what == "watch":
            watch()
        else:
            rows = db.session.execute(text("SELECT count(*) FROM bench_orders")).scalar_one()
            db.session.rollback()
            streamed(lambda: save(plan, what), file, rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
