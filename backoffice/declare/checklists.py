"""A checklist on the page of a record: the steps of a procedure, each done or with what it lacks."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.declare.text import Text


@dataclass(frozen=True)
class Step:
    """One step: done, or what is missing.

    ``field`` is the one that the step fills in: the trail of the record says when that was and who did it, and whoever may not see
    the field is not shown the step.
    """

    label: Text
    field: str
    is_done: bool
    missing: Text
