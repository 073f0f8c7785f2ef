"""The generic column types. A domain adds its own in the same way, with :func:`column_of`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy.orm import MappedColumn, mapped_column

from backoffice.declare.contact import Mailbox, Telephone
from backoffice.declare.kinds import Amount, Calendar, Code, Instant, Kind, Line, Truth, Verbatim, Whole


def column_of(kind: Kind) -> MappedColumn[Any]:
    """The metadata of a semantic type: ``Isbn = Annotated[str, column_of(Code(width=13, …))]``."""
    return mapped_column(kind.sql, info={"kind": kind})


Name = Annotated[str, column_of(Line(width=100))]
ShortText = Annotated[str, column_of(Line(width=200))]
LongText = Annotated[str, column_of(Verbatim(width=20_000))]
Number = Annotated[str, column_of(Code(width=40))]
Mobile = Annotated[str, column_of(Telephone(width=32, personal="phone"))]
Email = Annotated[str, column_of(Mailbox(width=120, personal="email"))]
Money = Annotated[Decimal, column_of(Amount())]
Count = Annotated[int, column_of(Whole())]
Moment = Annotated[datetime, column_of(Instant())]
Day = Annotated[date, column_of(Calendar())]
Flag = Annotated[bool, column_of(Truth())]
