"""What one writes by hand, and Flask-Admin's export: ``python -m benchmarks.peers WHAT URL FILE MOST``."""

from __future__ import annotations

import csv
import sys
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from typing import Any

import xlsxwriter
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session

from benchmarks.report import measured, streamed

JOIN = """
SELECT o.order_no, v.vin, o.plate, o.customer, o.phone, o.opened_on, o.promised_at, o.mileage, o.service, o.amount, o.is_paid, o.complaint, o.remark,
       o.source, s.code, m.badge
FROM bench_orders o JOIN bench_vehicles v ON v.id = o.vehicle_id LEFT JOIN bench_shops s ON s.id = o.shop_id
     LEFT JOIN bench_mechanics m ON m.id = o.mechanic_id
ORDER BY o.id
"""


def parsed(row: dict[str, str], in_cents: bool) -> dict[str, Any]:
    """The values of a row, by hand."""
    return {
        "plate": row["plate"] or None, "customer": row["customer"] or None, "phone": row["phone"] or None,
        "opened_on": date.fromisoformat(row["opened_on"]),
        "promised_at": datetime.fromisoformat(row["promised_at"]), "mileage": int(row["mileage"]), "service": row["service"],
        "amount": int(Decimal(row["amount"]) * 100) if in_cents else Decimal(row["amount"]), "is_paid": row["is_paid"] == "yes",
        "complaint": row["complaint"], "remark": row["remark"] or None,
        "source": row["source"],
    }


def first_rows(file: str, most: int) -> Iterator[dict[str, str]]:
    with open(file, encoding="utf-8-sig", newline="") as lines:  # noqa: PTH123  # as such a loop does
        yield from islice(csv.DictReader(lines), most)


def mapped(url: str) -> tuple[Any, Any]:
    """An engine that begins as it should, and plain classes on the same tables."""
    engine = create_engine(url)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys=ON").connection.execute("PRAGMA journal_mode=WAL"))
    base = automap_base()
    base.prepare(autoload_with=engine)
    return engine, base.classes


def loop(url: str, file: str, most: int) -> int:
    """The loop that everybody writes first: two queries and a flush for each row."""
    engine, nouns = mapped(url)
    with Session(engine) as session:
        rows = list(first_rows(file, most))
        for row in rows:
            car = session.scalar(select(nouns.bench_vehicles).where(nouns.bench_vehicles.vin == row["vin"]))
            order = session.scalar(select(nouns.bench_orders).where(nouns.bench_orders.order_no == row["order_no"]))
            if order is None:
                order = nouns.bench_orders(order_no=row["order_no"], version=1, created_at=datetime.now(UTC), updated_at=datetime.now(UTC), from_history=False)
                session.add(order)
            for name, value in parsed(row, url.startswith("sqlite")).items():
                setattr(order, name, value)
            order.vehicle_id = car.id
            session.flush()
        session.commit()
    return len(rows)


def cached(url: str, file: str, most: int) -> int:
    """The same with the keys of all cars in memory, and known orders and flushes five hundred at a time."""
    engine, nouns = mapped(url)
    total, rows = 0, first_rows(file, most)
    with Session(engine) as session:
        cars = {vin: key for vin, key in session.execute(select(nouns.bench_vehicles.vin, nouns.bench_vehicles.id))}  # noqa: C416  # a result has keys()
        while some := list(islice(rows, 500)):
            numbers = [row["order_no"] for row in some]
            known = {one.order_no: one for one in session.scalars(select(nouns.bench_orders).where(nouns.bench_orders.order_no.in_(numbers)))}
            for row in some:
                order = known.get(row["order_no"])
                if order is None:
                    order = nouns.bench_orders(order_no=row["order_no"], version=1, created_at=datetime.now(UTC), updated_at=datetime.now(UTC), from_history=False)
                    session.add(order)
                for name, value in parsed(row, url.startswith("sqlite")).items():
                    setattr(order, name, value)
                order.vehicle_id = cars[row["vin"]]
            session.flush()
            total += len(some)
        session.commit()
    return total


def joined(url: str) -> tuple[int, Iterator[Any]]:
    """The rows of a bare join, from a cursor that streams, and how many there are."""
    engine = create_engine(url)
    connection = engine.connect()
    count = connection.execute(text("SELECT count(*) FROM bench_orders")).scalar_one()
    raw: Any = connection.connection.driver_connection
    cursor = raw.cursor("bare") if not url.startswith("sqlite") else raw.cursor()
    if not url.startswith("sqlite"):
        cursor.itersize = 2_000
    cursor.execute(JOIN)
    return count, iter(cursor)


def as_csv(rows: Iterator[Any]) -> Iterator[bytes]:
    """The bare rows, written by csv.writer."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    while some := list(islice(rows, 2_000)):
        writer.writerows(some)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def as_xlsx(count: int, rows: Iterator[Any], target: str) -> int:
    """The bare rows, written by XlsxWriter."""
    options = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd", "remove_timezone": True}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(number, column, value)
    return count


def flask_admin(url: str) -> Iterator[bytes]:
    """Flask-Admin's own CSV export of the same columns, through its page."""
    from flask import Flask  # noqa: PLC0415  # only this measurement needs it
    from flask_admin import Admin  # noqa: PLC0415  # as above
    from flask_admin.contrib.sqla import ModelView  # noqa: PLC0415  # as above

    engine, nouns = mapped(url)
    keys = {"bench_vehicles": "vin", "bench_shops": "code", "bench_mechanics": "badge"}
    for table, key in keys.items():
        setattr(getattr(nouns, table), "__str__", lambda one, key=key: getattr(one, key))  # noqa: B010  # a class made a moment ago
    names = [one.name for one in nouns.bench_orders.__table__.columns if one.name not in {"id", "vehicle_id", "shop_id", "mechanic_id"}]

    class Orders(ModelView):  # type: ignore[misc]  # no types in that wheel
        can_export = True
        column_list = column_export_list = [*names, *keys]

    app = Flask("peer")
    app.secret_key = "only to measure"
    session = Session(engine)
    Admin(app).add_view(Orders(nouns.bench_orders, session, endpoint="orders"))
    answer = app.test_client().get("/admin/orders/export/csv/", buffered=False)
    assert answer.status_code == 200, answer.status
    yield from answer.response  # type: ignore[misc]  # a stream of bytes


def main(what: str, url: str, file: str, most: str) -> None:
    """Do what is asked."""
    warnings.simplefilter("ignore")
    if what == "loop":
        measured(lambda: loop(url, file, int(most)))
    elif what == "cached":
        measured(lambda: cached(url, file, int(most)))
    elif what == "flask-admin":
        streamed(lambda: flask_admin(url), file, int(most))
    elif what == "xlsx":
        measured(lambda: as_xlsx(*joined(url), file))
    else:
        count, rows = joined(url)
        streamed(lambda: as_csv(rows), file, count)


if __name__ == "__main__":
    main(*sys.argv[1:])
