"""What a start-up check finds, and where a dotted name leads."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.plan import Field, Plan, plan_of


@dataclass(frozen=True)
class Finding:
    """One wrong declaration: which check, where, what is wrong, what to do."""

    id: str
    where: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.id} {self.where}: {self.problem} {self.remedy}"


def field_at(plan: Plan, path: str) -> Field | None:
    """The field at the end of a dotted path, or None where the path leads nowhere."""
    name, _dot, rest = path.lstrip("-").partition(".")
    one = plan.fields.get(name)
    if not rest or one is None:
        return None if rest else one
    return field_at(plan_of(one.target), rest) if one.target else None


def at(plan: Plan, name: str = "") -> str:
    """How a finding calls a place: ``Loan.due_on``."""
    return f"{plan.model.__name__}.{name}" if name else plan.model.__name__
