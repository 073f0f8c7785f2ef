import pytest
from sqlalchemy.exc import IntegrityError

from models.roles import Role
from tests.factories import make_staff


@pytest.mark.parametrize(("role", "level"), [
    (Role.AGENT, 1), (Role.ADVISOR, 1), (Role.WORKSHOP, 1), (Role.SUPERVISOR, 2), (Role.MANAGER, 3), (Role.ADMIN, 0), (Role.AUDITOR, 0),
])
def test_a_role_has_its_level(session, role, level):
    """The levels of domain.md 3.5; who only administers or reads decides none"""
    assert make_staff(session, role=role).level == level


def test_a_persons_own_authority_goes_before_the_roles(session):
    assert make_staff(session, role=Role.ADVISOR, level_authority=2).level == 2


@pytest.mark.parametrize("level", [0, 4])
def test_an_authority_is_a_level(session, level):
    with pytest.raises(IntegrityError, match="authority_is_a_level"):
        make_staff(session, level_authority=level)


def test_nobody_is_the_own_deputy(session):
    person = make_staff(session)
    person.deputy = person

    with pytest.raises(IntegrityError, match="nobody_is_the_own_deputy"):
        session.flush()
