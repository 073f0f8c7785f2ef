from decimal import Decimal

import pytest

from backoffice.declare import Refused
from models.authority_limits import AuthorityLimit, CompensationKind, able_to_grant, limit_of
from tests.factories import make_levels


def limit(session, code, kind=CompensationKind.VOUCHER):
    return limit_of(session, make_levels(session)[code], kind)


@pytest.mark.parametrize(("kind", "amount", "code"), [
    (CompensationKind.VOUCHER, "200.00", "L1"), (CompensationKind.VOUCHER, "200.01", "L2"), (CompensationKind.VOUCHER, "2000.01", "L3"),
    (CompensationKind.REDUCTION, "10.00", "L2"), (CompensationKind.REDUCTION, "2000.00", "L2"), (CompensationKind.PRIORITY, "0.00", "L2"),
    (CompensationKind.EXCEPTION, "0.00", "L3"), (CompensationKind.REFUND, "99999.99", "L3"),
])
def test_the_lowest_level_that_may_grant_kind_and_amount_is_found(session, kind, amount, code):
    """Domain.md 3.5: what a level may grant, and up to how much"""
    make_levels(session)

    assert able_to_grant(session, kind, Decimal(amount))[0].level.code == code


def test_without_a_level_nothing_is_granted(session):
    with pytest.raises(Refused):
        able_to_grant(session, CompensationKind.VOUCHER, Decimal(1))


@pytest.mark.parametrize(("code", "amount", "no"), [
    ("L2", "199.99", "below_a_lower_level"), ("L3", "1999.99", "below_a_lower_level"),
    ("L1", "2000.01", "above_a_higher_level"), ("L1", None, "above_a_higher_level"),
    ("L2", "200.00", None), ("L1", "2000.00", None), ("L2", None, None), ("L3", "2000.00", None), ("CRISIS", "2000.00", None),
])
def test_a_higher_level_grants_no_less_than_a_lower_one(session, code, amount, no):
    """A slip of the pen is refused where it is made, with the level that it contradicts; L3 and a crisis are of the same people"""
    one = limit(session, code)
    one.max_amount = None if amount is None else Decimal(amount)
    if no is None:
        session.flush()
        return

    with pytest.raises(Refused) as refused:
        session.flush()
    assert (refused.value.code, refused.value.field) == (no, "max_amount")


def test_a_new_row_fits_in_as_well(session):
    """Level 1 may not grant a full refund without limit below a level 3 with one"""
    limit(session, "L3", CompensationKind.REFUND).max_amount = Decimal(5000)
    session.flush()
    session.add(AuthorityLimit(level=make_levels(session)["L1"], kind=CompensationKind.REFUND))

    with pytest.raises(Refused, match="L3"):
        session.flush()


def test_each_level_on_the_way_up_has_more_authority_than_the_one_before(session):
    """A crisis is decided by whoever decides at L3: it is no way around the budget of L3"""
    make_levels(session)

    assert [one.level.code for one in able_to_grant(session, CompensationKind.VOUCHER, Decimal(50))] == ["L1", "L2", "L3"]


def test_a_kind_without_a_row_is_not_granted(session):
    """Archived rows count as none"""
    limit(session, "L1").archived_at = limit(session, "L2").created_at
    session.flush()

    assert able_to_grant(session, CompensationKind.VOUCHER, Decimal(50))[0].level.code == "L2"
