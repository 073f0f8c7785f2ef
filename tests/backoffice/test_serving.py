"""What a list that grows offers: only what an index answers."""

from __future__ import annotations

import pytest

from backoffice import serving
from backoffice.plan import plan_of
from models.callbacks import CallbackTask
from models.order_lines import OrderLine
from models.orders import ServiceOrder
from models.stores import Store
from tests import toys
from tests.backoffice.lending import client_of, stock

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)


@SQLITE
def test_a_column_without_an_index_has_no_order_to_click_on(toy_app, toy_session):
    """In a noun that grows; asking for it by hand is refused with a sentence."""
    library = stock(toy_session)
    toy_session.add(toys.Note(loan=library.loan, line_no=1))
    toy_session.commit()
    head = client_of(toy_app, "head")
    small, large = (head.get(path).get_data(as_text=True) for path in ("/loans/", "/notes/"))

    assert "/loans/?sort=fine" in small
    assert "sort=" not in large
    assert head.get("/notes/?sort=line_no").status_code == 400


@pytest.mark.parametrize(
    ("model", "name", "is_filter", "is_order"),
    [
        (ServiceOrder, "status", True, True), (ServiceOrder, "order_no", True, True), (ServiceOrder, "amount", False, False),
        (ServiceOrder, "customer", True, False), (OrderLine, "line_no", False, False), (CallbackTask, "urgent", True, False), (Store, "phone", True, True),
    ],
)
def test_an_index_answers_by_the_column_that_it_begins_with(model, name, is_filter, is_order):
    """A mark has an index of the few rows that bear it; a link sorts by a name that stands elsewhere; small nouns need none."""
    plan = plan_of(model)

    assert (serving.filters(plan, plan.fields[name]), serving.sorts(plan, plan.fields[name])) == (is_filter, is_order)
