"""Forms to create and edit."""

from __future__ import annotations

from backoffice.plan import Plan


class FormPages:
    """Forms to create and edit, for the plan of the view."""

    plan: Plan
