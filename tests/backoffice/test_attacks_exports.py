"""Files that are larger than what is read at once."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from backoffice.db import db
from backoffice.declare import clock
from backoffice.exchange.exporting import CHUNK
from tests import toys
from tests.backoffice.lending import client_of, stock

MANY = CHUNK + 50


@pytest.fixture
def head(toy_app, toy_session):
    stock(toy_session)
    now = clock.now()
    rows = [{"code": f"X{number}", "name": "=1+1", "version": 1, "created_at": now, "updated_at": now, "from_history": False} for number in range(MANY)]
    toy_session.execute(insert(toys.Branch), rows)
    toy_session.commit()
    return client_of(toy_app, "head")


@pytest.mark.parametrize(("kind", "mark"), [("csv", b"\r\n"), ("json", b'"code"')])
def test_a_file_of_more_rows_than_are_read_at_once_comes_whole(head, kind, mark):
    answer = head.get(f"/branches/export?format={kind}&columns=code,name")

    assert answer.status_code == 200
    assert answer.data.count(mark) == MANY + 2 + (kind == "csv")


def test_a_download_leaves_no_connection_behind(head):
    """Whether the file was read or only its headers were asked for."""
    for _again in range(8):
        head.get("/branches/export?format=csv")
        head.head("/branches/export?format=csv")

    with head.application.app_context():
        assert db.engine.pool.checkedout() == 0
