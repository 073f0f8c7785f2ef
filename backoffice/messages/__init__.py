"""Messages: an inbox for everybody, and the ways out of the house that follow it.

:func:`backoffice.declare.tell` tells; ``writing`` puts it into the inboxes with the commit; the outbox and what empties it never hold
anybody up. See ``docs/messages.md``.
"""

from __future__ import annotations

from backoffice.accounts import sessions
from backoffice.db import db
from backoffice.messages import inbox, writing
from backoffice.messages import tasks as _tasks  # noqa: F401  # so that workers know the task
from backoffice.messages.outbox import Outgoing
from backoffice.messages.tables import Message, MessageChoice, MessageTimes

__all__ = ["UNREAD", "Message", "MessageChoice", "MessageTimes", "Outgoing"]
writing.register(db.session)
UNREAD = "unread_messages"
sessions.ASKED_ALONG[UNREAD] = inbox.unread
