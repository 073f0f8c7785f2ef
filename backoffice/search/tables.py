"""What the index keeps beside itself: marks of records that were written, and what each index was built of."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text

from backoffice.declare import Base
from backoffice.declare.columns import Utc

PREFIX = "search_"
OLD = "~"
"""Before the name of a noun: marks that its new index makes needless, once it stands."""

DUE = Table(
    "search_due", Base.metadata,
    Column("seq", Integer, primary_key=True),
    Column("noun", String(64), nullable=False),
    Column("record_id", Integer, nullable=False),
)
"""Marks, appended by triggers and removed when the record is in the index: nobody waits for anybody."""

BUILT = Table(
    "search_built", Base.metadata,
    Column("noun", String(64), primary_key=True),
    Column("definition", Text, nullable=False),
    Column("rebuilding_until", Utc()),
)
"""What an index holds; while it is made anew beside the old one, marks are kept until it is there."""
