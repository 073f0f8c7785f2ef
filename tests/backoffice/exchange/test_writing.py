"""Rows are written set by set or one by one, and nobody can tell which from what is stored or what the trail says."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from backoffice.db import db
from backoffice.exchange.writing.one_by_one import OneByOne
from tests import toys
from tests.backoffice.exchange.written import stored, write
from tests.support import apps


def table(rows: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


READERS = table([
    {"card": f"C{number}", "name": f'Ann "{number}" 王芳\\', "mobile": f"139{number:08}" if number % 3 else "", "member_since": "2020-02-29", "branch": "B1"}
    for number in range(1, 60)
])
LOANS = table([
    {
        "loan_no": f"L{number}", "reader": "C1" if number % 2 else "C2", "title": f"Über “{number}”", "state": "back", "returned_at": "2026-01-02 10:00:01",
        "due_on": "2026-03-01" if number % 5 else "", "renewals": number, "fine": f"{number}.5",
    }
    for number in range(2, 40)
])


def shelves() -> None:
    """Two branches, a reader in each, and a loan."""
    main, north = toys.Branch(code="B1", name="Main"), toys.Branch(code="B2", name="North")
    ann = toys.Reader(card="C1", name="Ann", mobile="13900000001", branch=main)
    bob = toys.Reader(card="C2", name="Bob", mobile="13900000002", email="bob@example.com", branch=north)
    db.session.add_all([ann, bob, toys.Loan(loan_no="L1", reader=ann, title="Emma")])
    db.session.commit()


def left(kind: str, folder: Path, files: list[tuple[str, str]], **how: Any) -> tuple[list[Any], dict[str, Any]]:
    """What is said of some files that are written one after the other, and what they leave."""
    with apps.running("toys", kind) as app, app.app_context():
        shelves()
        said = [write(folder, resource, text, **how)[1] for resource, text in files]
        return [(one.created, one.updated, one.refused, one.conflicts) for one in said], stored()


FILES = {
    "readers": [("readers", READERS), ("readers", READERS.replace("2020-02-29", "2021-03-01").replace("Ann", "Änn"))],
    "loans of history": [("loans", LOANS)],
    "loans of today": [("loans", "loan_no,reader,title,due_on\nL1,C2,Änne,\nL9,C1,New,\nL10,C2,New,2026-05-01\n")],
    "notes": [("notes", "loan,line_no,text\nL1,1,One\nL1,2,\n"), ("notes", "loan,line_no,text\nL1,1,“Zwei”\nL1,2,2\n")],
    "librarians": [("librarians", "badge,name,role,branch\nN7,Cleo,head,B1\nN8,Dan,,B2\n"), ("librarians", "badge,role\nN7,clerk\n")],
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_both_ways_leave_the_same(database_kind, tmp_path, files) -> None:
    """New records, changed ones and their trail, value by value."""
    in_sets = left(database_kind, tmp_path, files)
    one_by_one = left(database_kind, tmp_path, files, one_by_one=True)

    assert in_sets == one_by_one
    assert all(created or updated for created, updated, *_rest in in_sets[0])


@pytest.mark.parametrize("files", [FILES[name] for name in ("readers", "loans of history", "notes", "librarians")])
def test_rows_without_a_rule_never_meet_the_orm(tmp_path, files, monkeypatch) -> None:
    """Else the comparison would compare one way with itself."""
    monkeypatch.setattr(OneByOne, "write", lambda *_what: pytest.fail("written one by one"))

    said, _held = left("sqlite", tmp_path, files)
    assert all(created or updated for created, updated, *_rest in said)
