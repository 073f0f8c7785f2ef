"""Work in the background: every minute, what was told goes on its way out."""

from __future__ import annotations

from flask import current_app

from backoffice.jobs import Ticket, periodic
from backoffice.messages.sending import send_due
from backoffice.messages.spreading import make_digests, spread

EVERY_S = 30
"""Less than the minute between two looks at what comes round, so that every look finds it due."""


@periodic("messages.send", every_s=EVERY_S)
def send(ticket: Ticket) -> None:
    """Fill the outbox from the inboxes, and empty it."""
    while spread():
        ticket.check()
    make_digests()
    send_due(ticket.owner, current_app.config, ticket.check)
