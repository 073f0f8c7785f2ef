"""Who works here, and the shape of the table of rights (domain.md 3.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, or_

from backoffice.declare import NOTHING, Choice, Personal, Right, Verb, _

Scope = Callable[[Any], ColumnElement[bool]]


class Role(Choice):
    """The seven roles of the dealership."""

    AGENT = "agent", _("Customer-relations agent", "客服专员"), "info", ("回访员", "信息员", "客户关系专员")
    ADVISOR = "advisor", _("Service advisor", "服务顾问"), "info", ("接待顾问", "SA")
    WORKSHOP = "workshop", _("Workshop", "车间"), "neutral", ("车间主管", "质检", "技师", "质检员", "班组长", "维修技师")
    SUPERVISOR = "supervisor", _("Supervisor", "部门主管"), "warn", ("主管", "客服经理")
    MANAGER = "manager", _("General manager", "总经理"), "warn", ("服务总监",)
    ADMIN = "admin", _("Administrator", "系统管理员"), "bad", ("管理员",)
    AUDITOR = "auditor", _("Auditor", "审计"), "neutral", ("审计员",)


R = Verb.READ
C = Verb.CREATE
U = Verb.UPDATE
CR = C | R
RU = R | U
CRU = C | R | U
A = Verb.ACT
E = Verb.EXPORT
I = Verb.IMPORT  # noqa: E741  # the letter of the table of rights
D = Verb.DELETE

LEADS = (Role.SUPERVISOR, Role.MANAGER)
"""Who answers for the data of others."""
AUTHORITY = {Role.AGENT: 1, Role.ADVISOR: 1, Role.WORKSHOP: 1, Role.SUPERVISOR: 2, Role.MANAGER: 3}
"""Up to which level of complaints a role decides (domain.md 3.5); the others decide none."""
AT_STORE = (Role.AGENT, Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR)
PERSONAL = {
    Role.AGENT: Personal.REVEALED, Role.ADVISOR: Personal.REVEALED, Role.WORKSHOP: Personal.HIDDEN,
    Role.SUPERVISOR: Personal.LOGGED, Role.MANAGER: Personal.LOGGED,
}


def rights(
    *, agent: Verb = NOTHING, advisor: Verb = NOTHING, workshop: Verb = NOTHING, supervisor: Verb = NOTHING,
    manager: Verb = NOTHING, admin: Verb = NOTHING, auditor: Verb = NOTHING,
    store: Scope | None = None, own: Scope | None = None, only_own: tuple[Role, ...] = (),
    change: Mapping[Role, Scope] | None = None, hidden: Mapping[Role, tuple[str, ...]] | None = None,
    frozen: Mapping[Role, tuple[str, ...]] | None = None,
) -> dict[Role, Right]:
    """One row of the table of rights.

    ``store`` limits the roles at a store to its rows. ``own`` are an advisor's own rows: they may
    be changed at any store, and read beside those of the store; roles in ``only_own`` read
    nothing else. ``change`` narrows what a role may change further.
    Whoever changes records as a supervisor or manager may archive them; an administrator may
    remove archived ones for good and import history.
    """
    verbs = {
        Role.AGENT: agent, Role.ADVISOR: advisor, Role.WORKSHOP: workshop,
        Role.SUPERVISOR: supervisor | (D if U in supervisor else NOTHING), Role.MANAGER: manager | (D if U in manager else NOTHING),
        Role.ADMIN: admin and admin | Verb.PURGE | Verb.HISTORY | (D if U in admin else NOTHING), Role.AUDITOR: auditor,
    }

    def rows(role: Role) -> Scope | None:
        if role not in AT_STORE or store is None:
            return None
        if role in only_own:
            return own
        if role is Role.ADVISOR and own is not None:
            return either(store, own)
        return store

    def changed(role: Role) -> Scope | None:
        if change and role in change:
            return change[role]
        return own if role is Role.ADVISOR and own is not None else rows(role)

    return {
        role: Right(
            verb, rows(role), changed(role), frozenset((hidden or {}).get(role, ())), frozenset((frozen or {}).get(role, ())),
            PERSONAL.get(role, Personal.MASKED),
        )
        for role, verb in verbs.items() if verb
    }


def either(first: Scope, second: Scope) -> Scope:
    """Rows that one or the other scope holds."""
    return lambda person: or_(first(person), second(person))
