"""What the database refuses, in words: which field, which rule, and never SQL or values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backoffice.declare import Refused, Text, _
from backoffice.declare.text import series
from backoffice.plan import Field, Plan

_SQLITE = re.compile(r"(UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed(?:: (?P<what>.+))?")


def flush(session: Session, plan: Plan) -> None:
    """Write what has changed; what the database refuses becomes a :class:`Refused` with a sentence."""
    try:
        session.flush()
    except IntegrityError as error:
        raise explain(error, plan) from error


def explain(error: IntegrityError, plan: Plan) -> Refused:
    """The refusal that a violated constraint stands for.

    A CHECK may carry its own sentence: ``CheckConstraint(…, name=…, info={"why": _(…)})``.
    """
    kind, what = _violation(error)
    if kind == "UNIQUE":
        fields = _fields(plan, what)
        return Refused(not_unique(fields), field=fields[0].name if fields else None, code="not_unique")
    if kind == "CHECK":
        return Refused(_claim(plan, what), code="broken_rule")
    if kind == "NOT NULL":
        fields = _fields(plan, what)
        return Refused(_("This must be filled in."), field=fields[0].name if fields else None, code="required")
    return Refused(_("Other records depend on this one."), code="in_use")


def _violation(error: IntegrityError) -> tuple[str, str]:
    """The sort of constraint, and its name or ``table.column, …``."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        kinds = {"23505": "UNIQUE", "23514": "CHECK", "23502": "NOT NULL"}
        return kinds.get(diag.sqlstate, "FOREIGN KEY"), diag.constraint_name or diag.column_name or ""
    found = _SQLITE.search(str(error.orig))
    return (found[1], found["what"] or "") if found else ("FOREIGN KEY", "")


def _fields(plan: Plan, what: str) -> list[Field]:
    """The fields that a unique constraint, an index or a list of columns names."""
    table = plan.table
    columns = {part.strip().rpartition(".")[2] for part in what.split(",")}
    for unique in (*table.constraints, *table.indexes):
        if isinstance(unique, sa.UniqueConstraint | sa.Index) and unique.name == what:
            columns = {column.name for column in unique.columns}
    return [one for one in plan.fields.values() if one.column in columns]


def not_unique(fields: Iterable[Field]) -> Text:
    """The sentence for values that another record has."""
    return _("There is already a record with this: {fields}.", fields=series(one.label for one in fields))


def _claim(plan: Plan, name: str) -> Text:
    table = plan.table
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint) and name in (constraint.name, f"ck_{table.name}_{constraint.name}"):
            return claim(constraint)
    return _claimed(table, name)


def claim(constraint: sa.CheckConstraint) -> Text:
    """The sentence of a CHECK, else its name, which is a claim."""
    if "why" in constraint.info:
        return constraint.info["why"]  # type: ignore[no-any-return]  # declared as a Text
    return _claimed(constraint.table, str(constraint.name))


def _claimed(table: Any, name: str) -> Text:
    words = name.removeprefix(f"ck_{table.name}_").replace("_", " ")
    return _("This would break a rule: {claim}.", claim=words)
