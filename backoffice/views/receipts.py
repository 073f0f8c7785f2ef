"""The receipt of an import at ``/imports/<id>``: for the person who made it, and for those who see all imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import Blueprint, current_app, render_template

from backoffice.access import get_record
from backoffice.db import db
from backoffice.declare.journal import ImportRun
from backoffice.errors import NotFound
from backoffice.exchange.applying import KEPT_FINDINGS
from backoffice.exchange.outcome import Finding
from backoffice.plan import Plan
from backoffice.views.answers import moment
from backoffice.views.common import person, record_id

receipts = Blueprint("exchange", __name__)
HIDDEN = "•" * 6


@dataclass(frozen=True)
class Group:
    """Findings of one kind in one column."""

    column: str | None
    code: str
    message: str
    count: int
    lines: str


@receipts.route("/imports/<number>")
def receipt(number: str) -> str:
    """Show what became of an imported file."""
    run = db.session.get(ImportRun, record_id(number))
    if run is None:
        raise NotFound
    is_own = run.user_id is not None and run.user_id == person().id
    plans = current_app.extensions["plans"]
    if not is_own:
        if "imports" not in plans:
            raise NotFound
        get_record(db.session(), person(), plans["imports"], run.id)
    findings = [_finding(one, plans.get(run.resource), is_own=is_own) for one in run.receipt.get("errors", [])]
    notices = [_finding(one, plans.get(run.resource), is_own=is_own) for one in run.receipt.get("notices", [])]
    return render_template(
        "exchange/receipt.html", run=run, plan=plans.get(run.resource), groups=grouped(findings), errors=findings, notices=notices, moment=moment,
    )


def _finding(stored: dict[str, object], plan: Plan | None, *, is_own: bool) -> Finding:
    """A stored finding; what somebody else's file said of personal fields stays covered."""
    found = Finding(**stored)  # type: ignore[arg-type]  # as it was stored
    one = plan.fields.get(found.field or "") if plan else None
    is_personal = one is None or one.personal is not None
    return replace(found, value=HIDDEN) if found.value and is_personal and not is_own else found


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Findings by column and code, the most frequent first."""
    kinds: dict[tuple[str | None, str], list[Finding]] = {}
    for one in findings:
        kinds.setdefault((one.column, one.code), []).append(one)
    groups = [Group(column, code, some[0].message, len(some), _ranges([one.line for one in some])) for (column, code), some in kinds.items()]
    return sorted(groups, key=lambda group: -group.count)


def shown(findings: list[Finding]) -> list[Finding]:
    """As many as a page shows."""
    return findings[:KEPT_FINDINGS]


def _ranges(lines: list[int], most: int = 8) -> str:
    """Lines as ranges: ``3–7, 12``."""
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    texts = [str(first) if first == last else f"{first}–{last}" for first, last in ranges[:most]]
    return ", ".join(texts) + (" …" if len(ranges) > most else "")
