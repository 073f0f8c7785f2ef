"""What ``@concerns`` says of each rule is true: an import trusts it, and writes past the rule."""

from __future__ import annotations

import functools
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from backoffice.declare import BadDeclaration, Model, Refused, concerns
from backoffice.declare.kinds import Amount, Calendar, Instant, Selection, Truth, Whole
from backoffice.declare.rules import Brought, Lacking, refusals_of, spec_of
from backoffice.exchange.writing.rules import concern_of
from backoffice.plan import Field, plan_of
from models import load_models
from models.roles import Role
from tests.support import world
from tests.toys import Branch

RULED = [model for model in load_models() if model.before_save is not Model.before_save]
DECORATED = [model for model in RULED if concern_of(model).fields is not None]


@functools.cache
def values(one: Field) -> st.SearchStrategy[Any]:
    """Values of a plain field."""
    match one.kind:
        case Truth():
            return st.booleans()
        case Selection(members=members):
            return st.sampled_from(list(members))
        case Whole(least=least, most=most):
            return st.integers(least, most)
        case Amount():
            return st.decimals(0, 99999, places=2)
        case Calendar():
            return st.dates(date(1990, 1, 1), date(2090, 1, 1))
        case Instant():
            return st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
    return st.text("abc甲乙", min_size=1, max_size=12)


@pytest.fixture
def rows(session: Session) -> dict[str, Model]:
    people = world.make_people(session)
    return world.make_rows(session, people[Role.ADVISOR.value])


def written(record: Model) -> dict[str, Any]:
    """What the columns hold."""
    return {attribute.key: inspect(record).dict.get(attribute.key) for attribute in inspect(type(record)).column_attrs}


@pytest.mark.parametrize("model", DECORATED, ids=lambda model: model.__name__)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), is_history=st.booleans())
def test_a_change_of_what_does_not_concern_a_rule_leaves_it_silent(model, data, is_history, rows, session) -> None:
    """Neither refuses it nor writes anything else, here or in another record."""
    plan, record = plan_of(model), rows[plan_of(model).name]
    session.refresh(record)
    free = [one for one in plan.open_fields + tuple(x for x in plan.fields.values() if x.locked and not x.is_system)
            if not one.is_link and one.name not in concern_of(model).fields]
    if not free:
        return
    one = data.draw(st.sampled_from(free))
    with session.no_autoflush:
        record.from_history = is_history
        setattr(record, one.column, data.draw(values(one)))
        before = written(record)
        record.before_save(is_new=False)

        assert written(record) == before
        assert not session.new
        assert {other for other in session.dirty if session.is_modified(other)} <= {record}
    session.expire_all()


def said(model: type[Model], *, is_history: bool) -> Brought:
    spec = spec_of(model.before_save)
    return spec.history if is_history else spec.new


@pytest.mark.parametrize(
    ("model", "is_history"),
    [(model, is_history) for model in RULED for is_history in (False, True) if said(model, is_history=is_history) is not True],
    ids=lambda value: value.__name__ if isinstance(value, type) else "history" if value else "today",
)
def test_a_new_record_that_does_not_concern_a_rule_stays_as_it_came(model, is_history, rows, session) -> None:
    """Nothing is filled in, nothing refused, nothing made beside it; neither where all is filled nor where all is empty."""
    record, told = rows[plan_of(model).name], said(model, is_history=is_history) or ()
    session.refresh(record)
    left_out = {"id", "version", *(plan_of(model).fields[name].column for name in told if not isinstance(name, Lacking))}
    filled = {name: value for name, value in written(record).items() if name not in left_out}
    needed = {(one := plan_of(model).fields[name]).column: some(one) for name in told if isinstance(name, Lacking)}
    with session.no_autoflush:
        for values_now in (filled | needed, needed):
            new = model(**{**values_now, "from_history": is_history})
            session.add(new)
            before = written(new)
            new.before_save(is_new=True)

            assert written(new) == before
            assert list(session.new) == [new]
            session.expunge(new)


def some(one: Field) -> Any:
    """A value of a plain field."""
    match one.kind:
        case Selection(members=members):
            return next(iter(members))
        case Calendar():
            return date(2026, 1, 2)
    raise NotImplementedError(one.name)


@pytest.mark.parametrize(
    ("model", "is_history"),
    [(model, is_history) for model in RULED for is_history in (False, True) if ("history" if is_history else "new") not in refusals_of(model.before_save)],
    ids=lambda value: value.__name__ if isinstance(value, type) else "history" if value else "today",
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_rule_that_refuses_no_new_record_refuses_none(model, is_history, data, rows, session) -> None:
    """Whatever it holds or lacks; and what the rule makes beside it is not refused either."""
    record = rows[plan_of(model).name]
    session.refresh(record)
    plain = {one.column: values(one) for one in plan_of(model).fields.values() if not one.is_link and not one.is_system and not one.secret}
    linked = {one.column: st.sampled_from((None, getattr(record, one.column))) for one in plan_of(model).fields.values() if one.is_link}
    drawn = data.draw(st.fixed_dictionaries({}, optional=plain | linked))
    said, made = [], set()
    with session.no_autoflush:
        session.add(model(**drawn, from_history=is_history))
        while waiting := set(session.new) - made:
            made |= waiting
            for one in waiting:
                try:
                    one.before_save(is_new=True)
                except Refused as refused:
                    said.append(str(refused))
        for one in made:
            session.expunge(one)
    session.expire_all()

    assert not said


def test_some_rules_say_what_they_look_at() -> None:
    """Else every large file would be written one by one."""
    names = {plan_of(model).name for model in DECORATED}

    assert {"customers", "orders", "vehicles"} <= names


def test_a_concern_about_no_field_is_told(monkeypatch) -> None:
    """A name that was renamed would let rows pass by the rule."""
    monkeypatch.setattr(Branch, "before_save", concerns("titel")(lambda self, *, is_new: None))

    with pytest.raises(BadDeclaration, match="titel"):
        concern_of(Branch, brought=("told",))
