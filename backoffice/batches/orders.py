"""What is to be done to each row: fields that get a value, an action with its details, archiving, restoring."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from backoffice import access
from backoffice.access import Access, field_access
from backoffice.declare import Refused, Text, Verb, _
from backoffice.declare.text import series
from backoffice.plan import Action, Field, Plan, plan_of


class Deed(enum.StrEnum):
    """The sorts of orders."""

    EDIT = "edit"
    ACT = "act"
    ARCHIVE = "archive"
    RESTORE = "restore"


VERBS = {Deed.EDIT: Verb.UPDATE, Deed.ACT: Verb.ACT, Deed.ARCHIVE: Verb.DELETE, Deed.RESTORE: Verb.DELETE}
LABELS = {Deed.ARCHIVE: _("Archive"), Deed.RESTORE: _("Restore")}


@dataclass(frozen=True)
class Order:
    """One order for records of a noun. ``values`` are those of the fields, or of the action's parameters, by their names."""

    plan: Plan
    deed: Deed
    action: Action | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verb(self) -> Verb:
        """What the person must be allowed to do to each row."""
        return VERBS[self.deed]

    @property
    def fields(self) -> list[Field]:
        """The fields that get a value."""
        known = {one.name: one for one in self.action.fields} if self.action is not None else self.plan.fields
        return [known[name] for name in self.values if name in known]

    @property
    def label(self) -> Text:
        """What is done, in few words."""
        if self.action is not None:
            return self.action.spec.label
        if self.deed is Deed.EDIT:
            return _("Change {fields}", fields=series(one.label for one in self.fields))
        return LABELS[self.deed]

    def as_json(self) -> dict[str, Any]:
        """The order as its run keeps it."""
        values = {one.name: one.dump(value) if (value := self.values[one.name]) is not None else None for one in self.fields}
        return {"deed": self.deed.value, "verb": self.verb.name, "action": self.action.name if self.action else None, "values": values}


def of(plan: Plan, told: Mapping[str, Any], session: Session, person: Any) -> Order:
    """The order that a run keeps; raises :class:`Refused` where it cannot be followed any more."""
    action = plan.actions.get(told["action"]) if told["action"] else None
    order = Order(plan, Deed(told["deed"]), action, told["values"])
    if (order.deed is Deed.ACT and action is None) or len(order.fields) != len(told["values"]):
        raise Refused(_("The program has changed since this was asked for. Choose the rows again."), code="unknown_order")
    return Order(plan, order.deed, action, {one.name: _loaded(one, told["values"][one.name], session, person) for one in order.fields})


def _loaded(one: Field, dumped: Any, session: Session, person: Any) -> Any:
    if dumped is None or one.target is None:
        return None if dumped is None else one.kind.load(dumped)
    target = plan_of(one.target)
    found = session.scalars(access.scoped_query(person, target).where(target.model.id == dumped["id"])).first()
    if found is None:
        raise Refused(_("“{name}” is no record that you can choose any more.", name=dumped["name"]), code="unknown_link")
    return found


def editable(person: Any, plan: Plan) -> list[Field]:
    """The fields that many records may be given at once: those that the person writes, and that do not tell records apart.

    Personal data is left out. It belongs to one person, and of a masked value an unchanged row would tell what it is.
    """
    return [one for one in plan.open_fields if not _is_own(plan, one) and field_access(person, plan, one, Verb.UPDATE) is Access.WRITE]


def _is_own(plan: Plan, one: Field) -> bool:
    is_named_by_it = one.name in (*plan.resource.key, *plan.resource.title)
    return one.unique or one.numbered or one.secret or one.personal is not None or (is_named_by_it and not one.is_link)


def objection(person: Any, order: Order) -> Text | None:
    """Why the person may not give this order at all, now."""
    if order.action is not None and not access.can_act(person, order.action, order.plan):
        return _("You may not do this any more.")
    if order.action is None and not access.can(person, order.verb, order.plan):
        return _("You may not do this any more.")
    if order.deed is Deed.EDIT and not _names(order.fields) <= _names(editable(person, order.plan)):
        return _("You may not write one of these fields any more.")
    return None


def _names(some: Iterable[Field]) -> set[str]:
    return {one.name for one in some}
