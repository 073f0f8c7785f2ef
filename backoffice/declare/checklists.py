"""A checklist on the page of a record: the steps of a procedure, each done or with what it lacks."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.declare.text import Text


@dataclass(frozen=True)
class Step:
    """One step: done, or what is missing.

    ``field`` is the one that the step fills in: the trail of the record says when that was and who did it, and whoever may not see
    the field is not shown the step. ``says`` is what else there is to tell of it; with ``is_lacking`` it is something that is still to be done.
    """

    label: Text
    field: str
    is_done: bool
    missing: Text
    says: Text | None = None
    is_lacking: bool = False
