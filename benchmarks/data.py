"""Makes the data: orders as they are stored before, and a file of which half is new and half changes them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, insert

from benchmarks.domain import COLUMNS, Mechanic, Order, Service, Shop, Vehicle

FAMILY, GIVEN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
TROUBLES = ("发动机异响", "空调不制冷", "刹车有抖动", "常规保养", "车窗升降不畅", "仪表盘报警", "轮胎磨损", "变速箱顿挫")
PLACES = ("冷车启动时明显", "高速行驶时明显", "下雨天更严重", "客户要求尽快处理", "上次维修后再次出现")
SERVICES = tuple(Service)
MORNING = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
SHOPS, MECHANICS = 15, 60


def vehicles(rows: int) -> int:
    """How many cars so many orders belong to."""
    return max(10, rows // 4)


def order(number: int, cars: int, *, is_changed: bool = False) -> dict[str, Any]:
    """The values of one order, always the same for its number."""
    moment = MORNING + timedelta(minutes=7 * (number % 60_000))
    trouble = f"{TROUBLES[number % 8]}，{PLACES[number % 5]}" + (f"，里程表 {number} 处" if number % 3 == 0 else "")
    return {
        "order_no": f"WO{number:010d}", "vin": f"LSVAA{number * 7919 % cars:012d}", "plate": f"沪A{number * 31 % 99_991:05d}",
        "customer": FAMILY[number % 18] + GIVEN[number // 18 % 20] + GIVEN[number // 7 % 20], "phone": f"139{number * 104_729 % 100_000_000:08d}",
        "opened_on": moment.date(), "promised_at": moment + timedelta(hours=30), "mileage": number * 37 % 250_000, "service": SERVICES[number % 3],
        "amount": Decimal(number * 131 % 900_000 + (50_000 if is_changed else 0)) / 100, "is_paid": number % 2 == 0, "complaint": trouble,
        "remark": "已电话确认" if is_changed else None, "source": "dms",
    }


def write(path: Path, rows: int) -> None:
    """The file: by turns a known order that changes, and a new one."""
    cars = vehicles(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            is_known = number % 2 == 0
            values = order(number if is_known else rows + number, cars, is_changed=is_known)
            writer.writerow([written(values[name]) for name in COLUMNS])


def written(value: Any) -> Any:
    """A value as our files write it."""
    if isinstance(value, datetime):
        return (value + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return getattr(value, "value", value)


def fill(engine: Engine, rows: int) -> None:
    """Store the orders that are there before, and what they link to."""
    cars = vehicles(rows)
    _store(engine, Shop.__table__, ({"id": number + 1, "code": f"S{number:02d}"} for number in range(SHOPS)))
    people = ({"id": number + 1, "badge": f"M{number:03d}", "role": "clerk"} for number in range(MECHANICS))
    _store(engine, Mechanic.__table__, people)
    _store(engine, Vehicle.__table__, ({"id": number + 1, "vin": f"LSVAA{number:012d}"} for number in range(cars)))
    _store(engine, Order.__table__, (_stored(number, cars) for number in range(rows)))


def _stored(number: int, cars: int) -> dict[str, Any]:
    values = order(number, cars)
    links = {"vehicle_id": int(values.pop("vin")[5:]) + 1, "shop_id": number % SHOPS + 1, "mechanic_id": number % MECHANICS + 1}
    return {"id": number + 1, **values, **links}


def _store(engine: Engine, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    assert isinstance(table, Table)
    now = datetime.now(UTC)
    stamps = {"version": 1, "created_at": now, "updated_at": now, "from_history": False}
    while some := [{**row, **stamps} for row in islice(rows, 10_000)]:
        with engine.begin() as connection:
            connection.execute(insert(table), some)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))")
