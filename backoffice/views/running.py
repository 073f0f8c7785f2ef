"""Running an action: which one is meant, the form of its parameters, and the call with typed values."""

from __future__ import annotations

from typing import Any

from backoffice.access import Access, can_act, field_access
from backoffice.db import db
from backoffice.declare import Model, Text, _
from backoffice.declare.kinds import Line, Truth, Verbatim
from backoffice.errors import Denied, NotFound
from backoffice.performing import perform
from backoffice.plan import Action, Field, Plan
from backoffice.views.common import person
from backoffice.views.converter import PlanForm, action_form_class


def action_named(plan: Plan, name: str) -> Action:
    """The action; raises NotFound where there is none, Denied where it is not the person's."""
    action = plan.actions.get(name)
    if action is None:
        raise NotFound
    if not can_act(person(), action, plan):
        raise Denied
    return action


def action_form(plan: Plan, action: Action, record: Model | None = None, given: Any = None) -> PlanForm:
    """The dialog's form: defaults, or what the record says in a field of the same name, or what the action begins with, then what was sent."""
    values = {one.name: _initial(plan, one, record) for one in action.fields}
    if record is not None and action.spec.begins is not None:
        values |= action.spec.begins(record)
    return action_form_class(plan.model, action.name)(given, values=values)


def _initial(plan: Plan, one: Field, record: Model | None) -> Any:
    field = plan.fields.get(one.name)
    if one.default is not None or record is None or field is None or (isinstance(one.kind, Verbatim | Line | Truth) and not one.is_link):
        return one.default
    is_same = field.target is one.target and type(field.kind) is type(one.kind)
    return getattr(record, one.name) if is_same and field_access(person(), plan, field) is Access.READ else None


def run(plan: Plan, action: Action, record: Model, form: PlanForm) -> Text:
    """Run the method with typed values and write what it changed; a sentence that says what came of it, the method's own where it gives one.

    Raises Refused, and then nothing is written.
    """
    answer = perform(db.session(), plan, action, record, details_of(action, form))
    return answer if isinstance(answer, Text) else _("{action}: done for {name}.", action=action.spec.label, name=record)


def details_of(action: Action, form: PlanForm) -> dict[str, Any]:
    """The values that the method is called with."""
    return {one.name: _detail(one, form[one.name].data) for one in action.fields}


def _detail(one: Field, value: Any) -> Any:
    """Blank means the parameter's default."""
    if isinstance(one.kind, Truth) and not one.nullable:
        return bool(value)
    return one.default if value is None else value
