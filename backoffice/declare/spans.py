"""Arithmetic with moments inside a query, alike on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class seconds_between(FunctionElement[int]):  # noqa: N801  # it reads as a function of the query
    """Whole seconds from one moment to a later one: ``seconds_between(Loan.lent_at, Loan.returned_at)``; parts of a second are left off."""

    inherit_cache = True
    type = BigInteger()
    name = "seconds_between"

    def __init__(self, start: Any, end: Any) -> None:
        super().__init__(start, end)


@compiles(seconds_between, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    start, end = (f"CAST(strftime('%s', {compiler.process(one, **more)}) AS INTEGER)" for one in element.clauses)
    return f"({end} - {start})"


@compiles(seconds_between, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    start, end = (f"CAST(floor(extract(epoch FROM {compiler.process(one, **more)})) AS BIGINT)" for one in element.clauses)
    return f"({end} - {start})"
