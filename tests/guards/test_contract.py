"""What other systems rely on: names of resources, their keys, and what columns are called in files and addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from backoffice.plan import plan_of
from models import load_models
from tests.support.client import sign_in
from tests.support.world import make_people, make_rows

KEYS = {
    "stores": "code", "staff": "staff_no", "customers": "customer_no", "vehicles": "vin", "ownerships": "vin,customer_no,from_on",
    "contact-preferences": "customer_no,purpose,vin", "orders": "order_no", "order-lines": "order_no,line_no", "extra-work": "request_no",
    "extra-work-lines": "request_no,line_no", "authorizations": "authorization_no", "callback-plans": "code", "callback-codes": "code",
    "callbacks": "task_no", "callback-attempts": "task_no,attempt_no", "callback-answers": "task_no,question", "callback-issues": "issue_no",
    "complaints": "complaint_no", "escalation-levels": "code", "escalations": "complaint_no,sequence", "compensations": "compensation_no",
    "todos": "todo_no", "calendars": "code", "calendar-days": "calendar,on", "clock-segments": "complaint_no,sequence", "escalation-triggers": "code",
    "standard-phrases": "code", "customer-notices": "notice_no",
    "escalation-drafts": "draft_no", "escalation-draft-lines": "draft,sequence",
    "authority-limits": "level,kind", "budgets": "month,level,store", "compensation-decisions": "compensation,sequence",
}
COLUMNS = {
    "complaints": {"customer_no", "vin", "order_no", "store", "first_owner", "status"}, "orders": {"customer_no", "vin", "store", "advisor", "amount"},
    "vehicles": {"vin", "customer_no", "plate"}, "callback-issues": {"task_no", "order_no"}, "extra-work": {"order_no"},
}


@pytest.fixture
def listed(app: Flask) -> dict[str, Any]:
    answer = app.test_cli_runner().invoke(args=["resources", "--json"])
    return {one["name"]: one for one in json.loads(answer.output)}


def test_every_noun_has_the_name_and_the_key_that_others_know(listed: dict[str, Any]) -> None:
    """A script that matches by these keys goes on working."""
    keys = {name: ",".join(one["key"]) for name, one in listed.items() if name not in {"imports", "audit", "views", "outbox"}}

    assert {name: set(key.split(",")) for name, key in keys.items()} == {name: set(key.split(",")) for name, key in KEYS.items()}


def test_a_sole_link_is_called_after_the_other_sides_key(listed: dict[str, Any]) -> None:
    """Vin and customer_no, not vehicle and customer; a link that shares its noun keeps its own name."""
    for noun, wanted in COLUMNS.items():
        assert wanted <= {field["name"] for field in listed[noun]["fields"]}, noun


def test_the_first_line_of_an_export_says_the_same(app: Flask, listed: dict[str, Any]) -> None:
    """What is listed, is written, is understood again."""
    for model in load_models():
        noun = plan_of(model).name
        header = app.test_cli_runner().invoke(args=["export", noun]).output.lstrip("\ufeff").splitlines()[0].split(",")

        assert header == [field["name"] for field in listed[noun]["fields"]], noun


def test_a_list_is_filtered_by_the_same_names(app: Flask) -> None:
    """A link by the other side's key, in the address of the list."""
    with app.app_context():
        from backoffice.db import db  # inside the app's context

        people = make_people(db.session)
        order: Any = make_rows(db.session, people["advisor"])["orders"]
        client = sign_in(app.test_client(), "manager")
        found = client.get(f"/orders/?vin={order.vehicle.vin}&customer_no={order.customer.customer_no}")
        wrong = client.get("/orders/?vin=LSVAM418907184847")

        assert order.order_no in found.get_data(as_text=True)
        assert wrong.status_code == 400
