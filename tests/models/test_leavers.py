"""Who may sign in at the dealership."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.roles import Role
from models.staff import Staff


@pytest.mark.parametrize(("fact", "may"), [
    ({}, True),
    ({"active": False}, False),
    ({"disabled_at": datetime(2026, 1, 1, tzinfo=UTC)}, False),
    ({"archived_at": datetime(2026, 1, 1, tzinfo=UTC)}, False),
    ({"login": None}, False),
])
def test_whoever_left_is_out(fact, may):
    """Not working here any more, disabled, archived or without a login: each is enough."""
    person = Staff(**{"staff_no": "S1", "name": "Wang", "role": Role.AGENT, "login": "wang", "active": True, **fact})

    assert person.may_sign_in is may
