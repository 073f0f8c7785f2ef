"""Buttons, dialogs and bulk runs of declared actions."""

from __future__ import annotations

from backoffice.plan import Plan


class ActionPages:
    """Buttons, dialogs and bulk runs of declared actions, for the plan of the view."""

    plan: Plan
