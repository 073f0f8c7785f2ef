"""Detail pages."""

from __future__ import annotations

from backoffice.plan import Plan


class RecordPages:
    """Detail pages, for the plan of the view."""

    plan: Plan
