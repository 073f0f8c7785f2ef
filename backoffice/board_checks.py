"""Start-up checks of boards: columns, the state, the moments, what the cards show."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.declare.kinds import Instant
from backoffice.findings import Finding, at
from backoffice.plan import Plan, Plans


def boards(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A board needs columns, records that wait, and moments to tell how much time is left."""
    board = plan.resource.board
    if board is None:
        return
    if missing := [name for name in board.names if name not in plan.fields]:
        yield Finding("B055", at(plan, missing[0]), "stands on a board and is no field.", "Name fields of the noun.")
        return
    if not plan.fields[board.columns].is_link:
        yield Finding("B056", at(plan, board.columns), "makes the columns of a board and is no link.", "Name a link in columns=.")
    if not plan.fields[board.state].waiting:
        yield Finding("B056", at(plan, board.state), "is the state of a board and nothing waits in it.", "Give the field waiting=.")
    for name in board.moments:
        if not isinstance(plan.fields[name].kind, Instant):
            yield Finding("B056", at(plan, name), "says how much time is left and is no moment.", "Name a field that is a moment.")


CHECKS = (boards,)
