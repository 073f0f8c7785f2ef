"""What the pages remember for each person beside the records."""

from __future__ import annotations

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Base


class ListColumns(Base):
    """The columns that a person chose for a list, or for one saved view of it (``view_id``, else 0), as ``order_no:120,status``."""

    __tablename__ = "list_columns"

    user_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    resource: Mapped[str] = mapped_column(String(64), primary_key=True)
    view_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, index=True)
    columns: Mapped[str] = mapped_column(Text)
