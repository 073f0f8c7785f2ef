"""The real files fit the models: every header, every value, every row, every CHECK."""

import csv
import json
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert

from backoffice.declare import clock, fold
from backoffice.declare.kinds import Selection
from backoffice.declare.text import CHINESE, ENGLISH
from backoffice.exchange.mapping import words
from backoffice.plan import plan_of
from models.customers import Customer, CustomerType
from models.evidence import Method
from models.extra_work_lines import LineStatus, Urgency
from models.order_lines import Approval, LineKind
from models.order_states import OrderStatus, Payer, ServiceType
from models.orders import ServiceOrder
from models.roles import Role
from models.staff import Staff
from models.stores import Store
from models.vehicles import Energy, Vehicle

NOUNS = {"stores": Store, "staff": Staff, "customers": Customer, "vehicles": Vehicle, "orders": ServiceOrder}
ENCODINGS = {"utf8": "utf-8-sig", "gb18030": "gb18030"}


class File(NamedTuple):
    """A file as text: its headers and its rows."""

    headers: list[str]
    rows: list[list[str]]


@pytest.fixture(scope="session")
def read(data):
    """A real file by folder and noun, read once."""
    files: dict[tuple[str, str], File] = {}

    def reader(folder: str, noun: str) -> File:
        if (folder, noun) not in files:
            with (data / "real" / folder / f"{noun}.csv").open(encoding=ENCODINGS[folder], newline="") as file:
                headers, *rows = csv.reader(file)
            files[folder, noun] = File(headers, rows)
        return files[folder, noun]

    return reader


def mapped(noun: str, headers: list[str]) -> list[Any]:
    """The field of each header, as an import understands it."""
    known = words(plan_of(NOUNS[noun]))
    return [known.get(fold(header), (None,))[0] for header in headers]


@pytest.mark.parametrize("folder", ENCODINGS)
@pytest.mark.parametrize("noun", NOUNS)
def test_every_header_means_one_field(models, read, folder, noun):
    """In English and in Chinese; no two headers of a file mean the same field"""
    headers = read(folder, noun).headers
    names = [field and field.name for field in mapped(noun, headers)]

    assert None not in names, dict(zip(headers, names, strict=True))
    assert len(set(names)) == len(names)


def test_both_folders_have_the_same_columns(models, read):
    for noun in ("stores", "staff", "customers", "vehicles", "orders"):
        english, chinese = (mapped(noun, read(folder, noun).headers) for folder in ENCODINGS)

        assert [field.name for field in english] == [field.name for field in chinese]


def test_every_row_is_taken_by_types_and_constraints(session, read):
    """Each value parses, what new records need is there, each link leads somewhere, and the tables take the rows"""
    ids: dict[type, dict[str, int]] = {}
    for noun, model in NOUNS.items():
        ids[model] = load(session, noun, read("utf8", noun), ids)

    assert [len(ids[model]) for model in NOUNS.values()] == [15, 59, 7291, 7291, 7552]


def load(session, noun: str, file: File, ids: dict[type, dict[str, int]]) -> dict[str, int]:
    """Insert every row of a file as an import of history would; ids by natural key."""
    plan, fields = plan_of(NOUNS[noun]), mapped(noun, file.headers)
    is_history = any(field.locked for field in fields)
    stamp = {"version": 1, "created_at": clock.now(), "updated_at": clock.now(), "from_history": is_history}
    records = []
    for number, row in enumerate(file.rows, 1):
        record = {**stamp, "id": number}
        for field, text in zip(fields, row, strict=True):
            record[field.column] = value_of(field, text, ids)
            assert record[field.column] is not None or is_history or not field.required, (number, field.name)
        records.append(record)
    session.execute(insert(plan.model), records)
    (key,) = plan.key
    return {record[key.column]: record["id"] for record in records}


def value_of(field: Any, text: str, ids: dict[type, dict[str, int]]) -> Any:
    if not text:
        return None
    return ids[field.target][fold(text)] if field.is_link else field.kind.parse(text)


def test_doubts_are_notices_not_refusals(models, read):
    """257 foreign numbers that their plan does not know, and one VIN with a wrong check digit"""

    def doubted(noun: str, name: str) -> int:
        kind, (headers, rows) = plan_of(NOUNS[noun]).fields[name].kind, read("utf8", noun)
        return sum(kind.notice(kind.parse(row[headers.index(name)])) is not None for row in rows)

    assert (doubted("customers", "phone"), doubted("vehicles", "vin")) == (257, 1)


def test_rare_characters_stay(models, read):
    """233 customers cannot be written in GBK; their names are kept to the letter"""
    kind = plan_of(Customer).fields["name"].kind
    names = [row[read("utf8", "customers").headers.index("name")] for row in read("utf8", "customers").rows]

    assert sum(any(not can_gbk(sign) for sign in name) for name in names) > 0
    assert [kind.parse(name) for name in names] == names


def can_gbk(sign: str) -> bool:
    try:
        sign.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True


LISTS = [
    ("hztl_erp_settlement_bill", "order", "orders"), ("hztl_erp_settlement_bill", "service_items", "order-lines"),
    ("hztl_erp_settlement_bill", "parts", "order-lines"), ("hztl_erp_settlement_bill", "other_fees", "order-lines"),
    ("arms_shop", "order", "orders"), ("arms_shop", "vehicle", "vehicles"), ("arms_shop", "order", "customers"),
]
UNDERSTOOD = {
    "orders": {"工单号", "维修单号", "服务顾问", "接待顾问", "车架号", "VIN", "里程", "进厂里程", "业务类型", "应结金额", "工单状态", "出厂时间"},
    "order-lines": {"项目编码", "配件编码", "项目名称", "配件名称", "工时", "已领数量", "单价", "金额", "收费性质"},
    "vehicles": {"车牌号", "车架号", "发动机号", "品牌", "车型", "承保公司", "车辆年份", "车辆注册登记日期"},
    "customers": {"车主名", "车主电话", "联系地址"},
}


@pytest.mark.parametrize(("system", "table", "noun"), LISTS)
def test_columns_of_other_systems_are_understood(models, data, system, table, noun):
    """Those with a field are mapped, the rest is ignored by name, and no two mean one field"""
    headers = json.loads((data / "csv" / "dms_header_aliases.json").read_text(encoding="utf-8"))[system][table]
    known = words(next(plan_of(model) for model in models if model.__resource__.name == noun))
    found = {header: known[fold(header)][0].name for header in headers if fold(header) in known}

    assert UNDERSTOOD[noun] & set(headers) <= set(found)
    assert len(set(found.values())) == len(found), found


@pytest.mark.parametrize(("text", "member"), [
    ("维修接待", OrderStatus.RECEIVED), ("维修派工", OrderStatus.SCHEDULED), ("维修完检", OrderStatus.FINAL_CHECK), ("费用结算", OrderStatus.SETTLED),
    ("交车", OrderStatus.DELIVERED), ("已交车", OrderStatus.DELIVERED), ("保养", ServiceType.MAINTENANCE), ("首保", ServiceType.FIRST),
    ("新能源", Energy.NEW_ENERGY), ("单位", CustomerType.COMPANY), ("服务顾问", Role.ADVISOR),
])
def test_values_of_other_systems_are_understood(text, member):
    assert Selection(members=type(member)).parse(text) is member


@pytest.mark.parametrize("closed_list", [OrderStatus, ServiceType, Payer, Energy, CustomerType, Role, LineKind, Approval, Urgency, LineStatus, Method])
def test_no_word_means_two_members_of_a_list(closed_list):
    """Code, labels and aliases"""
    meanings = [
        (fold(word), member) for member in closed_list
        for word in {member.value, member.label.in_locale(CHINESE), member.label.in_locale(ENGLISH), *member.aliases}
    ]

    assert len(dict(meanings)) == len({(word, member) for word, member in meanings})
