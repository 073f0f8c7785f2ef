"""The history of one record."""

from __future__ import annotations

from backoffice.plan import Plan


class HistoryPages:
    """The history of one record, for the plan of the view."""

    plan: Plan
