"""Who sees what the house remembers by itself: the audit trail, the imported files (domain.md 3.9), the saved views of lists, and what was sent out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from backoffice.declare import Choice, Right
from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.declare.views import own_or_shared
from models.roles import LEADS, RU, A, E, R, Role
from models.scopes import of_person, of_store
from models.staff import Staff


def of_colleagues(model: type[AuditEntry | ImportRun]) -> Callable[[Any], ColumnElement[bool]]:
    """What people of the person's store did."""
    return lambda person: model.user_id.in_(select(Staff.id).where(of_store(Staff.store_id)(person)))


def own_imports(person: Any) -> ColumnElement[bool]:
    """Files that the person loaded."""
    return of_person(ImportRun.user_id)(person)


_ALL: Final[Mapping[Choice, Right]] = {Role.MANAGER: Right(R | E), Role.ADMIN: Right(R | E), Role.AUDITOR: Right(R | E)}

JOURNAL: Final[Mapping[str, Mapping[Choice, Right]]] = {
    "audit": {Role.SUPERVISOR: Right(R, of_colleagues(AuditEntry)), **_ALL},
    "imports": {
        Role.AGENT: Right(R, own_imports),
        Role.SUPERVISOR: Right(R, of_colleagues(ImportRun)), **_ALL,
    },
    "outbox": {Role.MANAGER: Right(R), Role.ADMIN: Right(R | A | E), Role.AUDITOR: Right(R | E)},
    "views": {**dict.fromkeys((*LEADS, Role.ADMIN), Right(RU, own_or_shared)), Role.AUDITOR: Right(R, own_or_shared)},
}
