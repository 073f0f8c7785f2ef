"""The glossary and the declarations use the same words."""

from __future__ import annotations

import pytest

from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.declare.text import CHINESE, ENGLISH
from backoffice.messages import Outgoing
from backoffice.plan import plan_of
from models import load_models
from models.callback_issues import IssueStatus
from models.callbacks import TaskStatus
from models.compensations import CompensationStatus
from models.complaint_states import EscalationStatus, Status
from models.extra_work import RequestStatus
from models.extra_work_lines import LineStatus
from models.order_states import OrderStatus
from models.recall import Outcome
from models.roles import Role
from models.todos import TodoStatus
from tests.guards.sources import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
LISTS = (
    OrderStatus, RequestStatus, LineStatus, TaskStatus, IssueStatus, Status, EscalationStatus, CompensationStatus, TodoStatus, Outcome, Role,
)


@pytest.mark.parametrize("model", [*load_models(), AuditEntry, ImportRun, Outgoing], ids=lambda model: model.__name__)
def test_a_noun_is_explained(model):
    """In both languages, with a meaning."""
    singular = plan_of(model).resource.singular
    row = f"| {singular.in_locale(CHINESE)} | {singular.in_locale(ENGLISH)} | "
    meaning = PAGE.partition(row)[2].split(" |\n")[0]

    assert len(meaning) > 10, f"add a row to docs/glossary.md: {row}…"


@pytest.mark.parametrize("choices", LISTS, ids=lambda choices: choices.__name__)
def test_a_state_is_named_in_both_languages(choices):
    """As the pages show it: Chinese first, English behind it."""
    missing = [
        str(one.value) for one in choices
        if all(f"{one.label.in_locale(CHINESE)}{gap}{one.label.in_locale(ENGLISH)}" not in PAGE for gap in (" ", " | "))
    ]

    assert not missing
