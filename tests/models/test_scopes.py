"""Whose rows: the table of rights of domain.md 3.9 for customers, vehicles and the work on them."""

import pytest

from backoffice import access
from backoffice.declare import Verb
from backoffice.plan import plan_of
from models.authorizations import Authorization
from models.contact_preferences import ContactPreference
from models.customers import Customer
from models.extra_work import ExtraWorkRequest
from models.extra_work_lines import PRICES, ExtraWorkLine
from models.order_lines import OrderLine
from models.orders import ServiceOrder
from models.ownerships import Ownership
from models.roles import Role
from models.vehicles import Vehicle
from tests.factories import (
    CONSENT,
    make_contact_preference,
    make_customer,
    make_order_in_repair,
    make_sent_request,
    make_staff,
    make_store,
    make_vehicle,
)

CHILDREN = (Ownership, ContactPreference, ServiceOrder, OrderLine, ExtraWorkRequest, ExtraWorkLine, Authorization)
STORE_ROLES = (Role.AGENT, Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR)


def visit(session, *, home=None, served_at=None, advisor=None):
    """A customer of one store whose car is served at a store by an advisor, with everything that hangs on it."""
    home = home or make_store(session)
    customer = make_customer(session, store=home)
    vehicle = make_vehicle(session, owner=customer)
    make_contact_preference(session, customer=customer)
    order = make_order_in_repair(session, vehicle=vehicle, store=served_at or home, advisor=advisor or make_staff(session))
    make_sent_request(session, order=order).lines[0].approve(**CONSENT)
    session.flush()
    return order


def reached(session, person, model, purpose=Verb.READ):
    """How many rows of a noun the person reaches for a purpose."""
    return len(session.scalars(access.scoped_query(person, plan_of(model), purpose)).all())


@pytest.mark.parametrize("role", STORE_ROLES)
@pytest.mark.parametrize("model", [Customer, Vehicle, *CHILDREN])
def test_a_store_sees_its_own_rows_and_no_others(session, role, model):
    mine, other = visit(session), visit(session)
    here, elsewhere = (make_staff(session, role=role, store=order.store) for order in (mine, other))
    nobody = make_staff(session, role=role)

    assert reached(session, here, model) == reached(session, elsewhere, model) > 0
    assert reached(session, nobody, model) == 0


@pytest.mark.parametrize("model", [Customer, Vehicle])
def test_a_store_sees_the_customers_of_others_that_it_served(session, model):
    """The links of its orders lead somewhere"""
    order = visit(session, served_at=make_store(session))

    assert reached(session, make_staff(session, role=Role.AGENT, store=order.store), model) == 1


@pytest.mark.parametrize("model", CHILDREN)
def test_a_person_of_no_store_sees_no_rows_of_stores(session, model):
    """Not even those whose store is not known"""
    visit(session)

    assert reached(session, make_staff(session, role=Role.AGENT, store=None), model) == 0


@pytest.mark.parametrize("model", [Customer, Vehicle, ServiceOrder, OrderLine, ExtraWorkRequest, ExtraWorkLine])
def test_an_advisor_changes_own_orders_at_any_store_and_only_reads_those_of_colleagues(session, model):
    advisor = make_staff(session)
    visit(session, served_at=make_store(session), advisor=advisor)
    visit(session, home=advisor.store)
    here = reached(session, make_staff(session, role=Role.AGENT, store=advisor.store), model)

    assert reached(session, advisor, model) == 2 * here
    assert reached(session, advisor, model, Verb.UPDATE) == here


def test_an_advisor_may_open_a_file_for_a_customer_nobody_serves_yet(session):
    advisor = make_staff(session)
    make_customer(session, store=advisor.store)

    assert reached(session, advisor, Customer, Verb.UPDATE) == 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.AUDITOR])
@pytest.mark.parametrize("model", [Customer, Vehicle, *CHILDREN])
def test_manager_admin_and_auditor_see_every_store(session, role, model):
    visit(session)

    assert reached(session, make_staff(session, role=role, store=None), model) > 0


def test_the_workshop_sees_no_price_of_extra_work(session):
    technician = make_staff(session, role=Role.WORKSHOP)
    plan = plan_of(ExtraWorkLine)

    assert {access.field_access(technician, plan, plan.fields[name]) for name in PRICES} == {access.Access.HIDDEN}


LETTERS = {
    "customers": ("CRUE", "CRU", "R", "CRUDEI", "CRUDEI", "REIPH", "RE"),
    "vehicles": ("CRUE", "CRU", "R", "CRUDEI", "CRUDEI", "REIPH", "RE"),
    "orders": ("R", "CRUA", "RUA", "CRUDAEI", "CRUDAEI", "REIPH", "RE"),
    "order-lines": ("R", "CRUA", "RUA", "CRUDAEI", "CRUDAEI", "REIPH", "RE"),
    "extra-work": ("R", "CRUA", "CRU", "CRUDAE", "CRUDAE", "REIPH", "RE"),
    "extra-work-lines": ("R", "CRUA", "CRU", "CRUDAE", "CRUDAE", "REIPH", "RE"),
    "authorizations": ("R", "R", "R", "RE", "RE", "REIPH", "RE"),
    "stores": ("R", "R", "R", "R", "R", "CRUDEIPH", "RE"),
    "staff": ("R", "R", "R", "R", "R", "CRUDEIPH", "RE"),
}


@pytest.mark.parametrize("noun", LETTERS)
def test_each_role_has_the_letters_of_the_table(models, noun):
    """In the order of the table's columns; evidence of a customer's word is made by actions alone"""
    rights = next(model.__resource__.rights for model in models if model.__resource__.name == noun)

    assert tuple(rights[role].verbs.letters for role in Role) == LETTERS[noun]
