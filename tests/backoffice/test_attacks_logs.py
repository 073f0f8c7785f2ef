"""What logs keep: never the values that a statement carried."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from tests import toys


def test_an_error_of_the_database_repeats_no_value(toy_session):
    """Servers and tools write such errors into logs that we do not see."""
    toy_session.add(toys.Reader(card="C9", name="Ann", mobile="13900000489", branch_id=None))

    with pytest.raises(DBAPIError) as caught:
        toy_session.flush()
    toy_session.rollback()

    assert "Ann" not in str(caught.value).split("DETAIL")[0]
    assert "13900000489" not in str(caught.value).split("DETAIL")[0]
