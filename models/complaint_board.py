"""The supervisor's desk: open complaints by level, those with the least time left first."""

from __future__ import annotations

from datetime import timedelta

from backoffice.declare import Board, _

AT_RISK = timedelta(hours=4)

BOARD = Board(
    _("Board", "看板"), columns="level", state="status", due="level_due_at", since="level_entered_at", stopped="clock_stopped_at", soon=AT_RISK,
    shows=("customer", "category", "owner", "first_owner", "status"),
)
