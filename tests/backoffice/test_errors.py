"""An unexpected error: a number for the person, a trace for the house, and nothing that is nobody's business."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from backoffice.accounts.guard import public
from backoffice.db import db

SECRET = "13900000007"


@pytest.fixture
def broken(toy_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of an app with two views that fail."""

    @public
    def by_value() -> str:
        raise ValueError(f"cannot call {SECRET}")

    @public
    def by_sql() -> str:
        db.session.execute(text("SELECT * FROM nowhere WHERE mobile = :mobile"), {"mobile": SECRET})
        return ""

    monkeypatch.setitem(toy_app.view_functions, "healthz", by_value)
    monkeypatch.setitem(toy_app.view_functions, "readyz", by_sql)
    return toy_app.test_client()


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_an_unexpected_error_has_a_number_and_keeps_values_to_itself(broken: Any, caplog: Any, address: str) -> None:
    """The page shows the number that the log knows; neither holds SQL or a person's number."""
    with caplog.at_level(logging.ERROR):
        answer = broken.get(address)
    page = answer.get_data(as_text=True)
    number = re.search(r"[0-9A-F]{8}", page)

    assert answer.status_code == 500
    assert number is not None
    assert number[0] in caplog.text
    assert "Traceback" in caplog.text
    assert "test_errors.py" in caplog.text
    for told in (page, caplog.text):
        assert SECRET not in told
        assert "SELECT" not in re.sub(r"db\.session\.execute\(.*", "", told)
