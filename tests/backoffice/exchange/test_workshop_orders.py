"""The order export of a workshop system, planned: customers, cars, orders and complaints out of one line each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
import sqlalchemy as sa

from backoffice.access import SYSTEM
from backoffice.exchange import stage as staging
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Verdict
from backoffice.exchange.preparing import knows, plan_all, prepared, target_named
from backoffice.exchange.reading import open_file
from backoffice.exchange.running import take
from backoffice.exchange.stage import Stage
from models.complaints import Complaint
from models.customers import Customer
from models.orders import ServiceOrder
from tests.backoffice.exchange.test_identity import verdicts
from tests.factories import make_customer, make_staff, make_store, make_vehicle

VIN, OTHER = "LSVAM418907184847", "LFV2A21K8A3000001"
ERP = (
    "工单号,接待日期,客户名称,客户电话,车牌号,车型,车架号,业务类型,进厂里程,存油量,应结金额,接待顾问,门店,投诉简述\r\n"
    f"WT1,2026-03-01 09:10,王芳,139 2258 0489,京A12345,帕萨特,{VIN},保养,41000,1/2,1050.69,E1,S1,\r\n"
    f"WT2,2026-04-02 10:00,王芳,13922580489,京A12345,帕萨特,{VIN.lower()},一般维修,43000,1/4,380,E1,S1,空调异响，等了两小时\r\n"
    f"WT3,2026-04-03 11:00,李强,13922580489,京B12345,速腾,{OTHER},保养,9000,1/2,200,E1,S1,\r\n"
)


@pytest.fixture
def house(session):
    store = make_store(session, code="S1")
    advisor = make_staff(session, staff_no="E1", store=store)
    session.commit()
    return store, advisor


@contextmanager
def planned(tmp_path, text: str, **given) -> Iterator[Stage]:
    """The staged rows of a file."""
    file, options, target = tmp_path / "export.csv", Options(**given), target_named("workshop-orders")
    file.write_text(text, encoding="utf-8")
    table = open_file(file, knows(target, options))
    with prepared(SYSTEM, target, table, options) as ready, staging.opened(None) as stage:
        stage.clear()
        plan_all(stage, SYSTEM, ready)
        yield stage


def verdicts_of(stage: Stage) -> dict[str, list[str]]:
    return {part.plan.name: verdicts(stage, part) for part in stage.parts()}


def told(stage: Stage) -> list[tuple[str, int, int, str]]:
    """Noun, row, line and code of what is said, without the doubts of single cells."""
    found = stage.findings
    query = sa.select(found.c.part, found.c.row, found.c.line, found.c.code).where(found.c.code != "vin_check_digit").order_by(found.c.id)
    return [tuple(one) for one in stage.connection.execute(query)]


def test_one_file_makes_four_nouns(house, tmp_path):
    """Three visits of two customers with two cars and one complaint; two names share a telephone, which is told."""
    with planned(tmp_path, ERP) as stage:
        assert verdicts_of(stage) == {"customers": ["c", "c"], "vehicles": ["c", "c"], "orders": ["c", "c", "c"], "complaints": ["c"]}
        assert told(stage) == [("customers", 3, 4, "same_phone_other_name")]


def test_what_is_here_already_is_found_and_not_made_again(house, session, tmp_path):
    """The customer by phone and name, the car by its VIN; who owns it now is kept, and told."""
    store, _advisor = house
    wang = make_customer(session, name="王芳", phone="13922580489", store=store)
    zhao = make_customer(session, name="赵云", phone="13700000000", store=store)
    make_vehicle(session, vin=OTHER, plate="京B12345", brand=None, series=None, trim="速腾", owner=zhao)
    session.commit()
    with planned(tmp_path, ERP) as stage:
        customers, cars = stage.parts()[:2]
        owner = cars.place(cars.plan.fields["owner"])

        assert stage.connection.scalars(sa.select(customers.rows.c.record_id).order_by(customers.rows.c.row)).all() == [wang.id, None]
        assert verdicts_of(stage) == {"customers": ["u", "c"], "vehicles": ["c", "u"], "orders": ["c", "c", "c"], "complaints": ["c"]}
        assert set(told(stage)) == {("customers", 3, 4, "same_phone_other_name"), ("vehicles", 3, 4, "other_owner")}
        assert stage.connection.scalar(sa.select(cars.value(owner)).where(cars.rows.c.row == 1)) == wang.id


def test_english_headers_and_field_names_do_as_well(house, tmp_path):
    """And a customer number, where the export has one."""
    text = (
        "order_no;dealer_code;customer_no;customer name;phone;plate;vin;service_type;advisor_no;amount;complaint\n"
        f"WT9;S1;K-9;Emma;13900000009;京C12345;{VIN};general;E1;99.50;Too late\n"
    )
    with planned(tmp_path, text) as stage:
        assert verdicts_of(stage) == {"customers": ["c"], "vehicles": ["c"], "orders": ["c"], "complaints": ["c"]}


def test_two_plates_for_one_car_are_refused_with_both_lines(house, tmp_path):
    """The car is refused, and with it the orders that would hang on it."""
    with planned(tmp_path, ERP.replace("京A12345,帕萨特,lsv", "京A99999,帕萨特,lsv")) as stage:
        assert verdicts_of(stage)["vehicles"] == ["r", "c"]
        assert verdicts_of(stage)["orders"] == ["r", "r", "c"]
        assert ("vehicles", 1, 3, "differs_in_file") in told(stage)


def test_a_cell_is_traced_to_its_line_and_column(house, tmp_path):
    """A wrong amount on the second data row, a wrong plate on the third."""
    with planned(tmp_path, ERP.replace(",380,", ",viel,").replace("京B12345", "京?")) as stage:
        found = stage.connection.execute(sa.select(stage.findings).where(stage.findings.c.code.in_(["invalid_number", "invalid_plate"]))).all()

        assert {(one.part, one.row, one.line, one.column, one.value) for one in found} == {
            ("orders", 2, 3, "应结金额", "viel"), ("vehicles", 3, 4, "车牌号", "京?"),
        }


@pytest.fixture
def load(house, tmp_path):
    """Import a text at once, as the command line does."""

    def run(text: str, **given):
        file = tmp_path / "export.csv"
        file.write_text(text, encoding="utf-8")
        return take(SYSTEM, target_named("workshop-orders"), file, Options(file_name="export.csv", **given))

    return run


def test_all_of_it_is_written_and_comes_again_unchanged(load, session):
    """Owners, links between the parts, the complaint with its visit; the same file once more changes nothing."""
    first, again = load(ERP), load(ERP)
    orders = {one.order_no: one for one in session.scalars(sa.select(ServiceOrder))}
    (complaint,) = session.scalars(sa.select(Complaint))

    assert (first.applied, first.rows, first.counts[Verdict.CREATED], first.errors) == (True, 8, 8, [])
    assert first.parts["orders"] == {"created": 3, "updated": 0, "unchanged": 0, "refused": 0}
    assert (again.applied, again.rows, again.counts[Verdict.UNCHANGED], again.errors) == (False, 8, 8, [])
    assert {no: (one.customer.name, one.vehicle.vin, one.amount, one.from_history) for no, one in orders.items()} == {
        "WT1": ("王芳", VIN, Decimal("1050.69"), True), "WT2": ("王芳", VIN, Decimal(380), True), "WT3": ("李强", OTHER, Decimal(200), True),
    }
    assert orders["WT1"].customer is orders["WT2"].customer
    assert orders["WT1"].vehicle.owner is orders["WT1"].customer
    assert orders["WT1"].customer.customer_no.startswith("KH")
    assert (complaint.order, complaint.customer, complaint.description) == (orders["WT2"], orders["WT2"].customer, "空调异响，等了两小时")
    assert complaint.received_at == orders["WT2"].checked_in_at


def test_nothing_is_written_where_a_line_is_refused_unless_the_rest_is_wanted(load, session):
    """A wrong amount keeps all four nouns out; left out by choice, the others are written."""
    strict = load(ERP.replace(",380,", ",viel,"))

    assert (strict.applied, strict.refused) == (False, 2)
    assert session.scalar(sa.select(sa.func.count()).select_from(Customer)) == 0

    lenient = load(ERP.replace(",380,", ",viel,"), skip_invalid=True)

    assert (lenient.applied, lenient.counts[Verdict.CREATED], lenient.refused) == (True, 6, 2)
    assert [(one.line, one.column, one.code) for one in lenient.errors] == [(3, "应结金额", "invalid_number"), (3, "工单号", "unknown_link")]


def test_what_the_file_has_no_column_of_is_said_for_all_lines(load, session):
    """An export without a store: refused for want of one, taken with one."""
    text = ERP.replace(",门店", "").replace(",S1,", ",")

    assert {one.code for one in load(text).errors} >= {"required"}
    assert load(text, given={"store": "S1"}).applied
    assert {one.store.code for one in session.scalars(sa.select(ServiceOrder))} == {"S1"}
