"""Presses the buttons for many rows of a list and reads what became of each."""

from __future__ import annotations

import re
from datetime import date

from backoffice.db import db
from backoffice.declare.journal import ImportRun

DAY = date(2027, 3, 1)


def batch_of(page) -> str:
    found = re.search(r'name="batch" value="(\d+)"', page.text)
    assert found, page.text[:3000]
    return found[1]


def edit(client, on=("due_on",), confirmed="confirmed", noun="loans", **data):
    """Press the button of the list, then the last one of the dialog."""
    page = client.post(f"/{noun}/bulk-edit", data=data)
    values = {"due_on": str(DAY), "title": "Same"}
    return client.post(f"/{noun}/bulk-edit", data={"batch": batch_of(page), "on": list(on), confirmed: "1", **values}, follow_redirects=True)


def outcomes(page) -> list[tuple[str, str]]:
    """Label and reason of each row."""
    return re.findall(r"<tr><td>.*?</td>\s*<td><span class=\"tone tone-\w+\">(.*?)</span></td><td>(.*?)</td>", page.text)


def run_of(page) -> ImportRun:
    db.session.rollback()
    return db.session.get_one(ImportRun, int(page.request.path.rsplit("/", 1)[-1]), populate_existing=True)
