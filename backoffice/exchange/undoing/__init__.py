"""Taking an import back, by the audit trail of its run: what would become of each record, and the work.

:func:`preview` only looks; :func:`begin` writes a run that undoes another, :func:`carry_on` works it off slice by slice;
:func:`undo` does both. :func:`take_back` is the way back of an import that broke off. See ``docs/exchange.md``.
"""

from __future__ import annotations

from backoffice.exchange.undoing import tasks as _tasks  # noqa: F401  # so that workers know the task
from backoffice.exchange.undoing.going import preview
from backoffice.exchange.undoing.outcome import Detail, Outcome, Verdict
from backoffice.exchange.undoing.runs import begin, may_undo, objection
from backoffice.exchange.undoing.work import carry_on, take_back, undo

__all__ = ["Detail", "Outcome", "Verdict", "begin", "carry_on", "may_undo", "objection", "preview", "take_back", "undo"]
