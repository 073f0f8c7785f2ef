"""Start-up checks of reports: what places a record in a period, what tells records apart, what the figures are called and made of."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.declare import By, Line, Per, Report
from backoffice.declare.kinds import Calendar, Code, Instant, Selection, Truth
from backoffice.findings import Finding, at, field_at
from backoffice.plan import Field, Plan, Plans, plan_of


def periods(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A record needs a day or moment to belong to a period."""
    report = plan.resource.report
    one = plan.fields.get(report.at) if report else None
    if report and (one is None or not isinstance(one.kind, Instant | Calendar)):
        yield Finding("B050", at(plan, report.at), "places the records of a report and is no day or moment.", "Name such a field in at=.")


def splits(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """What tells records apart has values that are named on the page."""
    for said in plan.resource.report.by if plan.resource.report else ():
        one = field_at(plan, said.path) if isinstance(said, By) else _below(plan, said)
        if one is None or one.personal or not (one.is_link or isinstance(one.kind, Selection | Truth | Line | Code)):
            problem = "tells the records of a report apart and is no link, choice, mark or short text."
            yield Finding("B051", at(plan, said.path), problem, "Name such a field that is not personal; Per names one of children, as in loans.state.")


def figures(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """Names of figures stand in addresses; their fields decide who sees them."""
    report = plan.resource.report
    names = [one.name for one in report.every] if report else []
    for name in names:
        if names.count(name) > 1 or not name or "." in name:
            yield Finding("B052", at(plan, name), "is no name of one figure.", "Give each figure a name of its own, without a dot.")
    for name in _named(report) if report else ():
        if field_at(plan, name) is None:
            yield Finding("B052", at(plan), f"the report names {name!r}, which is no field.", "Name fields that exist.")


def _below(plan: Plan, said: Per) -> Field | None:
    name, _dot, end = said.path.partition(".")
    children = next((one for one in plan.children if one.name == name), None)
    return plan_of(children.target).fields.get(end) if children else None


def _named(report: Report) -> Iterator[str]:
    yield from report.filters
    yield from (name for one in report.every for name in one.tells)


CHECKS = (periods, splits, figures)
