"""Rows checked again after a decision: a few at once, many in the background."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backoffice.exchange import lifecycle
from backoffice.exchange.stage import Stage
from backoffice.views.imports.looking import Look

AT_ONCE = 500
"""As many rows are checked while the person waits."""


def check(session: Session, look: Look, stage: Stage, rows: list[int]) -> None:
    """Check these rows with the choices of now; the counts of the run follow."""
    if len(rows) > AT_ONCE:
        lifecycle.plan_again(session, look.run)
        return
    raise NotImplementedError
