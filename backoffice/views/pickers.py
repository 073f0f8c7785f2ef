"""Answers for pickers: records by what somebody types."""

from __future__ import annotations

from backoffice.plan import Plan


class PickerPages:
    """The options at ``/<resource>/options``."""

    plan: Plan
