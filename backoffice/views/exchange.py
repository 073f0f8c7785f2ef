"""Import and export pages."""

from __future__ import annotations

from backoffice.plan import Plan


class ExchangePages:
    """Import and export pages, for the plan of the view."""

    plan: Plan
