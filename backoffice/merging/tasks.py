"""Work in the background: once a day, and when somebody asks, a look for records that may be one."""

from __future__ import annotations

from flask import current_app

from backoffice.jobs import Ticket, periodic, task
from backoffice.merging.suspecting import look
from backoffice.plan import Plans

DAY_S = 24 * 3600


@periodic("merging.daily", every_s=DAY_S)
def look_daily(_ticket: Ticket) -> None:
    """Look at every noun whose records can be merged."""
    for name, plan in _plans().items():
        if plan.resource.merge is not None and name in _plans():
            look(plan)


@task("merging.look")
def look_now(ticket: Ticket) -> None:
    """Look at the nouns that somebody asked about; the same as every day, only now."""
    look_daily(ticket)


def _plans() -> Plans:
    return current_app.extensions["plans"]  # type: ignore[no-any-return]  # put there by create_app
