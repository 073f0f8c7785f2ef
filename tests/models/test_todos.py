from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice.declare import Refused, clock
from backoffice.declare.people import acting
from models.roles import Role
from models.todos import Todo, TodoStatus, own_todos
from tests.factories import make_staff, make_store, make_todo


def test_a_todo_knows_who_made_it(session):
    maker = make_staff(session)
    with acting(maker):
        todo = make_todo(session)

    assert todo.made_by is maker
    assert todo.todo_no == "DB20261120-0001"


def test_a_todo_belongs_to_somebody(session):
    """A person or a role, before the database has to say so"""
    with pytest.raises(Refused) as no:
        make_todo(session, role=None)

    assert no.value.field == "person"


def test_doing_it_says_when_by_whom_and_what_came_of_it(session):
    person, todo = make_staff(session), make_todo(session)
    with acting(person):
        todo.done(result="已说明")
    session.flush()

    assert (todo.status, todo.ended_by, todo.ended_at, todo.result) == (TodoStatus.DONE, person, clock.now(), "已说明")


def test_dropping_keeps_the_reason(session):
    todo = make_todo(session)
    todo.drop(reason="客户已自行到店")

    assert (todo.status, todo.result) == (TodoStatus.DROPPED, "客户已自行到店")


@pytest.mark.parametrize("act", [lambda todo: todo.done(), lambda todo: todo.drop(reason="x"), lambda todo: todo.reassign(role=Role.AGENT)])
def test_what_is_ended_stays_ended(session, act):
    todo = make_todo(session)
    todo.done()

    with pytest.raises(Refused) as no:
        act(todo)

    assert no.value.code == "wrong_state"
    assert todo.status is TodoStatus.DONE


def test_reassigning_to_a_role_frees_it_from_the_person(session):
    todo = make_todo(session, person=make_staff(session), due_at=clock.now())
    todo.reassign(role=Role.SUPERVISOR, due_at=clock.now() + timedelta(days=1))

    assert (todo.person, todo.role, todo.due_at) == (None, Role.SUPERVISOR, clock.now() + timedelta(days=1))


def test_reassigning_needs_somebody_who_works_here(session):
    todo, leaver = make_todo(session), make_staff(session, active=False)

    with pytest.raises(Refused, match=r"离职|no longer"):
        todo.reassign(person=leaver)
    with pytest.raises(Refused):
        todo.reassign()


def test_an_ended_todo_without_a_time_is_no_record(session):
    """The database keeps it too"""
    with pytest.raises(IntegrityError, match="ended_has_time"):
        make_todo(session, status=TodoStatus.DONE)


def test_history_may_lack_the_time(session):
    todo = make_todo(session, status=TodoStatus.DONE, from_history=True)

    assert (todo.status, todo.made_by, todo.ended_at) == (TodoStatus.DONE, None, None)


def test_own_todos_are_mine_or_of_my_role_at_my_store(session):
    """Not those of my role at another store, nor a colleague's"""
    store = make_store(session)
    person, colleague = make_staff(session, role=Role.AGENT, store=store), make_staff(session, role=Role.AGENT, store=store)
    mine, of_role = make_todo(session, person=person, role=None), make_todo(session, store=store)
    make_todo(session)
    make_todo(session, person=colleague, role=Role.AGENT, store=store)
    session.flush()

    assert set(session.query(Todo).where(own_todos(person))) == {mine, of_role}
