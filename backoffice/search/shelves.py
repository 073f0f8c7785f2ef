"""Where the pieces stand: for each indexed table one index, ``search_<table>``.

SQLite: a contentless FTS5 table that keeps which record has which piece, and nothing else. What a
record no longer has stays until the index is made anew: it costs a look, since every find is compared
with its row. PostgreSQL: a table with a GIN index over the pieces as numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from backoffice.search.grams import Clause, Way, number_of

Rows = Iterable[tuple[int, set[str]]]
AT_ONCE = 1000
LARGE = 50_000
PLACES, NEIGHBORS, OFTEN = 23, 9, 8
"""A large index on PostgreSQL is tried at so many places, evenly spread; where that many records there hold the words, it is not read through.
A prime number of places: between round ones the same digits would come again."""


class Lite:
    """The index on SQLite."""

    def make(self, connection: Connection, index: str) -> None:
        """Make an empty one, ready to be searched."""
        self.drop(connection, index)
        connection.exec_driver_sql(
            f"CREATE VIRTUAL TABLE {index} USING fts5(pieces, content='', detail=none, columnsize=0, tokenize='ascii')",
        )

    def make_to_fill(self, connection: Connection, index: str) -> None:
        """Make an empty one that is not searched before it is ``finished``."""
        self.make(connection, index)

    def finish(self, connection: Connection, index: str) -> None:
        """Make a filled one ready to be searched."""

    def drop(self, connection: Connection, index: str) -> None:
        """Remove it, if it is there."""
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index}")

    def rename(self, connection: Connection, index: str, name: str) -> None:
        """Put it in another's place."""
        self.drop(connection, name)
        connection.exec_driver_sql(f"ALTER TABLE {index} RENAME TO {name}")

    def add(self, connection: Connection, index: str, rows: Rows) -> None:
        """Put records in, in the order of their ids (otherwise it is slow)."""
        given = [(number, " ".join(pieces)) for number, pieces in rows]
        if given:
            connection.exec_driver_sql(f"INSERT INTO {index} (rowid, pieces) VALUES (?, ?)", given)  # noqa: S608  # a table of ours

    def find(self, connection: Connection, index: str, groups: Sequence[Sequence[Way]], most: int) -> list[int] | None:
        """The newest records that fit one way of each group; one more than ``most`` where there are more."""
        match = " AND ".join(f"({' OR '.join(f'({self._way(way)})' for way in group)})" for group in groups)
        found = f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608  # a table of ours
        told = connection.exec_driver_sql(f"SELECT json_group_array(rowid) FROM ({found})", (match, most + 1)).scalar_one()  # noqa: S608  # one row is quicker
        return sorted(json.loads(told), reverse=True)

    @staticmethod
    def _way(way: Way) -> str:
        return " AND ".join(f"({' OR '.join(_quoted(piece) for piece in clause)})" for clause in way)


class Post:
    """The index on PostgreSQL."""

    def make(self, connection: Connection, index: str) -> None:
        """Make an empty one, ready to be searched."""
        self.make_to_fill(connection, index)
        self.finish(connection, index)

    def make_to_fill(self, connection: Connection, index: str) -> None:
        """Make an empty one that is not searched before it is ``finished``."""
        self.drop(connection, index)
        connection.exec_driver_sql(f"CREATE TABLE {index} (id integer NOT NULL, pieces integer[] NOT NULL)")

    def finish(self, connection: Connection, index: str) -> None:
        """Make a filled one ready to be searched."""
        connection.exec_driver_sql(f"CREATE UNIQUE INDEX {index}_id ON {index} (id)")
        connection.exec_driver_sql(f"CREATE INDEX {index}_pieces ON {index} USING gin (pieces) WITH (gin_pending_list_limit = 512)")
        connection.exec_driver_sql(f"ANALYZE {index}")

    def drop(self, connection: Connection, index: str) -> None:
        """Remove it, if it is there."""
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {index}")

    def rename(self, connection: Connection, index: str, name: str) -> None:
        """Put it in another's place."""
        self.drop(connection, name)
        connection.exec_driver_sql(f"ALTER TABLE {index} RENAME TO {name}")
        for ending in ("id", "pieces"):
            connection.exec_driver_sql(f"ALTER INDEX {index}_{ending} RENAME TO {name}_{ending}")

    def add(self, connection: Connection, index: str, rows: Rows) -> None:
        """Put records in, or in the place of what was known of them."""
        sql = (
            f"INSERT INTO {index} (id, pieces) SELECT id, pieces::integer[] FROM unnest(%s::integer[], %s::text[]) AS given (id, pieces)"  # noqa: S608  # a table of ours
            " ON CONFLICT (id) DO UPDATE SET pieces = excluded.pieces"
        )
        for some in _parts(rows):
            given = [number for number, _pieces in some], [_array(pieces) for _number, pieces in some]
            connection.exec_driver_sql(sql, given)

    def pour(self, connection: Connection, index: str, rows: Rows) -> None:
        """Put new records into one that is made to be filled."""
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor, cursor.copy(f"COPY {index} (id, pieces) FROM STDIN") as copy:
            for number, pieces in rows:
                copy.write_row((number, _array(pieces)))

    def find(self, connection: Connection, index: str, groups: Sequence[Sequence[Way]], most: int) -> list[int] | None:
        """The records that fit one way of each group, newest first; where there are more than ``most``, some and one more; None where they are very many.

        GIN makes the whole set of finds before it gives the first: a second for a code that a million records hold. So a sample is looked at before.
        """
        where = " AND ".join(f"({' OR '.join(f'({self._way(way)})' for way in group)})" for group in groups)
        sql = (
            f"WITH ends AS MATERIALIZED (SELECT (SELECT min(id) FROM {index}) AS first, (SELECT max(id) FROM {index}) AS last),"  # noqa: S608  # numbers, and a table of ours
            f" spread AS (SELECT place + step AS id FROM ends, generate_series(first, last, greatest((last - first) / {PLACES}, 1)) AS place,"
            f" generate_series(0, {NEIGHBORS - 1}) AS step WHERE last - first > {LARGE}),"
            " tried AS MATERIALIZED (SELECT count(*) AS hits FROM"
            f" (SELECT pieces FROM {index} WHERE id = ANY(ARRAY(SELECT id FROM spread)) OFFSET 0) AS sample WHERE {where})"
            f" SELECT hits, id FROM tried LEFT JOIN LATERAL (SELECT id FROM {index} WHERE hits < {OFTEN} AND {where} LIMIT {int(most) + 1}) AS found ON true"
        )
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the planner thinks little of arrays, and would read them all
        rows = connection.exec_driver_sql(sql).all()
        connection.exec_driver_sql("SET LOCAL enable_seqscan = on")
        if rows[0].hits >= OFTEN:
            return None
        return sorted((row.id for row in rows if row.id is not None), reverse=True)

    @staticmethod
    def _way(way: Way) -> str:
        alone = [clause[0] for clause in way if len(clause) == 1]
        some = [clause for clause in way if len(clause) > 1]
        return " AND ".join([*([f"pieces @> '{_array(alone)}'"] if alone else []), *(f"pieces && '{_array(clause)}'" for clause in some)])


Shelf = Lite | Post
SHELVES: dict[str, Shelf] = {"sqlite": Lite(), "postgresql": Post()}


def shelf_of(connection: Connection) -> Shelf:
    """How the database of the connection keeps pieces."""
    return SHELVES[connection.dialect.name]


def among(column: Any, numbers: Sequence[int], dialect: str) -> Any:
    """The column is one of the numbers, which travel as one parameter."""
    if dialect == "sqlite":
        listed = sa.func.json_each(sa.literal(f"[{','.join(map(str, numbers))}]")).table_valued("value")
        return column.in_(sa.select(listed.c.value))
    return column == sa.any_(sa.literal(list(numbers), sa.ARRAY(sa.Integer())))


def _array(pieces: Iterable[str]) -> str:
    return f"{{{','.join(str(number_of(piece)) for piece in pieces)}}}"


def _quoted(piece: str) -> str:
    return f'"{piece}"'


def _parts(rows: Rows) -> Iterator[list[tuple[int, set[str]]]]:
    every = iter(rows)
    while some := list(islice(every, AT_ONCE)):
        yield some


__all__ = ["SHELVES", "Clause", "Lite", "Post", "Rows", "Shelf", "among", "shelf_of"]
