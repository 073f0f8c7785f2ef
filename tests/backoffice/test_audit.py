"""Every write leaves its entry, in the same transaction, typed and named."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice.audit.context import circumstances
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry, Deed, Source
from backoffice.declare.people import acting
from backoffice.plan import plan_of
from tests import toys


@pytest.fixture
def loan(toy_session: Session) -> toys.Loan:
    branch = toys.Branch(code="A", name="Here")
    loan = toys.Loan(loan_no="L1", reader=toys.Reader(card="R1", name="Ann", branch=branch), title="Emma", fine=Decimal("1.10"))
    toy_session.add_all([loan, toys.Reader(card="R2", name="Bob", branch=branch)])
    toy_session.commit()
    return loan


def entries(session: Session, record: Any) -> list[AuditEntry]:
    name = plan_of(type(record)).name
    query = select(AuditEntry).where(AuditEntry.resource == name, AuditEntry.record_id == record.id).order_by(AuditEntry.id)
    return list(session.scalars(query))


def test_a_new_record_is_told_with_its_values_and_defaults(toy_session: Session, loan: toys.Loan) -> None:
    """Who made it, what it was called, every value that it began with."""
    (made,) = entries(toy_session, loan)

    assert (made.deed, made.record_name, made.record_version) == (Deed.CREATE, "L1", 1)
    assert made.changes["state"] == [None, "out"]
    assert made.changes["fine"] == [None, "1.10"]
    assert made.changes["reader"] == [None, {"id": loan.reader_id, "name": "R1 Ann"}]


def test_a_change_is_told_before_and_after(toy_session: Session, loan: toys.Loan) -> None:
    """Only what changed, typed, with the person, the action and the channel."""
    head = toys.Librarian(badge="9", name="Helen", branch=loan.reader.branch, role=toys.Role.HEAD)
    toy_session.add(head)
    toy_session.commit()
    with acting(head), circumstances(source=Source.PAGE, action="give_back"), clock.stopped_at(datetime(2026, 1, 2, tzinfo=UTC)):
        loan.give_back()
        toy_session.commit()

    changed = entries(toy_session, loan)[-1]

    assert changed.changes == {"state": ["out", "back"], "returned_at": [None, "2026-01-02T00:00:00+00:00"]}
    assert (changed.who, changed.user_id, changed.action, changed.source) == ("Helen", head.id, "give_back", Source.PAGE)
    assert (changed.at, changed.record_version) == (datetime(2026, 1, 2, tzinfo=UTC), 2)


@pytest.mark.parametrize("by_id", [True, False])
def test_a_moved_link_is_told_by_both_names(toy_session: Session, loan: toys.Loan, by_id: bool) -> None:
    """Whether the code sets the other record or its id, the trail names the old and the new one."""
    bob = toy_session.scalars(select(toys.Reader).where(toys.Reader.card == "R2")).one()
    ann_id = loan.reader_id
    if by_id:
        loan.reader_id = bob.id
    else:
        loan.reader = bob
    toy_session.commit()

    assert entries(toy_session, loan)[-1].changes == {"reader": [{"id": ann_id, "name": "R1 Ann"}, {"id": bob.id, "name": "R2 Bob"}]}


def test_archiving_restoring_and_removing_are_told_by_name(toy_session: Session, loan: toys.Loan) -> None:
    """The deed says what it was; a removed record leaves its last values."""
    loan.archived_at = clock.now()
    toy_session.commit()
    loan.archived_at = None
    toy_session.commit()
    toy_session.delete(loan)
    toy_session.commit()

    deeds = entries(toy_session, loan)

    assert [one.deed for one in deeds] == [Deed.CREATE, Deed.ARCHIVE, Deed.RESTORE, Deed.DELETE]
    assert deeds[-1].changes["title"] == ["Emma", None]


def test_a_change_that_is_rolled_back_leaves_no_entry(toy_session: Session, loan: toys.Loan) -> None:
    """The entry lives and dies with the change."""
    loan.title = "Persuasion"
    toy_session.flush()
    toy_session.rollback()

    assert len(entries(toy_session, loan)) == 1


def test_a_value_set_to_itself_is_no_change(toy_session: Session, loan: toys.Loan) -> None:
    """Saving a form without changing anything does not fill the history."""
    loan.title, loan.fine = "Emma", Decimal("1.1")
    toy_session.commit()

    assert len(entries(toy_session, loan)) == 1


def test_secrets_never_reach_the_trail(toy_session: Session, loan: toys.Loan) -> None:
    """That a password changed is told, not what it is."""
    person = toys.Librarian(badge="9", name="Helen", branch=loan.reader.branch, password_hash="argon")
    toy_session.add(person)
    toy_session.commit()

    assert entries(toy_session, person)[0].changes["password_hash"] == [None, "•"]
