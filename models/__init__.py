"""The dealership: one file per noun, named here in menu order."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.declare import Model

NOUNS = (
    "customers:Customer",
    "vehicles:Vehicle",
    "ownerships:Ownership",
    "contact_preferences:ContactPreference",
    "orders:ServiceOrder",
    "order_lines:OrderLine",
    "extra_work:ExtraWorkRequest",
    "extra_work_lines:ExtraWorkLine",
    "authorizations:Authorization",
    "callbacks:CallbackTask",
    "callback_attempts:CallAttempt",
    "callback_answers:Answer",
    "callback_issues:CallbackIssue",
    "complaints:Complaint",
    "escalations:Escalation",
    "customer_notices:CustomerNotice",
    "clock_segments:ClockSegment",
    "compensations:Compensation",
    "compensation_decisions:CompensationDecision",
    "budgets:Budget",
    "todos:Todo",
    "callback_plans:CallbackPlan",
    "callback_codes:CallbackCode",
    "escalation_levels:EscalationLevel",
    "triggers:Trigger",
    "escalation_drafts:EscalationDraft",
    "escalation_draft_lines:EscalationDraftLine",
    "standard_phrases:StandardPhrase",
    "authority_limits:AuthorityLimit",
    "calendars:WorkCalendar",
    "calendar_days:CalendarDay",
    "stores:Store",
    "staff:Staff",
)
"""``file:Class``; a new noun is one line."""

COMMANDS = ("clock_cases", "escalating")
"""Files that declare commands and periodic work, and no noun."""


def load_models() -> tuple[type[Model], ...]:
    """Import the nouns, and what the command line and the worker do beside them."""
    pairs = (noun.split(":") for noun in NOUNS)
    nouns = tuple(getattr(import_module(f"models.{file}"), name) for file, name in pairs)
    for file in COMMANDS:
        import_module(f"models.{file}")
    return nouns
