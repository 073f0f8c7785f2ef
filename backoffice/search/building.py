"""Makes what the index stands on: one index for each noun, the triggers that mark what is written, and a function.

All of it follows from the models: :func:`prepare` makes what is missing or out of date, at the end of
every ``flask db upgrade`` and wherever tables are made at once; migrations need not know of it.
A trigger only marks: an import pays a microsecond a row. Updates that touch no searched column mark nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, event, inspect

from backoffice.declare import Base, Model
from backoffice.search import initials
from backoffice.search.nouns import Noun, noun_of
from backoffice.search.shelves import shelf_of
from backoffice.search.tables import BUILT, DUE, PREFIX

FUNCTION = "search_initials"


def prepare(connection: Connection) -> None:
    """Make what is missing for the nouns whose tables are there; a noun whose search was declared anew is indexed anew."""
    there = set(inspect(connection).get_table_names())
    if DUE.name not in there:
        return
    if connection.dialect.name == "postgresql":
        for statement in _functions():
            connection.exec_driver_sql(statement)
    before = {row.noun: row.definition for row in connection.execute(sa.select(BUILT.c.noun, BUILT.c.definition))}
    for noun in known(there):
        for statement in triggers(noun, connection.dialect.name):
            connection.exec_driver_sql(statement)
        if before.get(noun.name) != noun.definition or noun.index not in there:
            _begin(connection, noun)


def remove(connection: Connection) -> None:
    """Take all of it away, before the tables of marks go."""
    for name in inspect(connection).get_table_names():
        for ending in ("insert", "update"):
            _drop_trigger(connection, name, ending)
    for name in inspect(connection).get_table_names():
        if name.startswith(PREFIX) and name not in (DUE.name, BUILT.name) and not _is_shadow(connection, name):
            connection.exec_driver_sql(f"DROP TABLE {name}")
    if connection.dialect.name == "postgresql":
        for name in (f"{FUNCTION}(text)", "search_mark_row()", "search_mark_rows()"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}")


def known(tables: Container[str]) -> Iterator[Noun]:
    """The indexed nouns that are kept in these tables; no other declaration is looked at."""
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if issubclass(model, Model) and "__resource__" in vars(model) and model.__tablename__ in tables and (noun := noun_of(model)):
            yield noun


def fill(connection: Connection, noun: Noun) -> None:
    """Mark every record: whoever works off the marks puts it in."""
    connection.execute(sa.insert(DUE).from_select(["noun", "record_id"], sa.select(sa.literal(noun.name), noun.table.c.id)))


def triggers(noun: Noun, dialect: str) -> list[str]:
    """The statements that make the triggers of a table, in the place of older ones."""
    return list(_lite(noun) if dialect == "sqlite" else _post(noun))


def _begin(connection: Connection, noun: Noun) -> None:
    shelf_of(connection).make(connection, noun.index)
    connection.execute(sa.delete(BUILT).where(BUILT.c.noun == noun.name))
    connection.execute(sa.insert(BUILT).values(noun=noun.name, definition=noun.definition))
    fill(connection, noun)


def _lite(noun: Noun) -> Iterator[str]:
    table, mark = noun.name, f"INSERT INTO {DUE.name} (noun, record_id) VALUES ('{noun.name}', new.id);"  # noqa: S608  # names of ours
    names = ", ".join(column.name for column in noun.columns)
    differs = " OR ".join(f"old.{column.name} IS NOT new.{column.name}" for column in noun.columns)
    yield f"DROP TRIGGER IF EXISTS search_{table}_insert"
    yield f"CREATE TRIGGER search_{table}_insert AFTER INSERT ON {table} BEGIN {mark} END"
    yield f"DROP TRIGGER IF EXISTS search_{table}_update"
    yield f"CREATE TRIGGER search_{table}_update AFTER UPDATE OF {names} ON {table} WHEN {differs} BEGIN {mark} END"


def _post(noun: Noun) -> Iterator[str]:
    table = noun.name
    differs = " OR ".join(f"old.{column.name} IS DISTINCT FROM new.{column.name}" for column in noun.columns)
    yield f"DROP TRIGGER IF EXISTS search_{table}_insert ON {table}"
    yield (
        f"CREATE TRIGGER search_{table}_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh"
        " FOR EACH STATEMENT EXECUTE FUNCTION search_mark_rows()"
    )
    yield f"DROP TRIGGER IF EXISTS search_{table}_update ON {table}"
    yield f"CREATE TRIGGER search_{table}_update AFTER UPDATE ON {table} FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION search_mark_row()"


def _functions() -> Iterator[str]:
    """First letters in PostgreSQL, as :func:`initials_of` says them; and what the triggers do."""
    surnames = "".join(initials.SURNAMES), "".join(initials.SURNAMES.values())
    yield f"""
CREATE OR REPLACE FUNCTION {FUNCTION}(name text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $body$
DECLARE usual text := ''; sign text; surname text;
BEGIN
  IF octet_length(name) = char_length(name) THEN RETURN ''; END IF;
  FOREACH sign IN ARRAY regexp_split_to_array(name, '') LOOP
    IF ascii(sign) BETWEEN {initials.FIRST} AND {initials.LAST} THEN
      usual := usual || chr(get_byte('{initials.letters()}'::bytea, ascii(sign) - {initials.FIRST}));
    ELSIF sign ~ '^[0-9A-Za-z]$' THEN usual := usual || lower(sign);
    END IF;
  END LOOP;
  usual := replace(usual, '{initials.NONE}', '');
  surname := translate(left(name, 1), '{surnames[0]}', '{surnames[1]}');
  IF surname = left(name, 1) OR surname = left(usual, 1) THEN RETURN usual; END IF;
  RETURN surname || substr(usual, 2) || ' ' || usual;
END $body$"""
    for name, written in (("rows", "SELECT TG_TABLE_NAME, id FROM fresh"), ("row", "VALUES (TG_TABLE_NAME, NEW.id)")):
        yield f"""
CREATE OR REPLACE FUNCTION search_mark_{name}() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN INSERT INTO {DUE.name} (noun, record_id) {written}; RETURN NULL; END $body$"""  # names of ours


def _drop_trigger(connection: Connection, table: str, ending: str) -> None:
    on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS search_{table}_{ending}{on}")


def _is_shadow(connection: Connection, name: str) -> bool:
    """Whether SQLite keeps the table for an index, with which it goes."""
    return connection.dialect.name == "sqlite" and name.rpartition("_")[2] in {"data", "idx", "config"}


def _made(target: Any, connection: Connection, tables: Iterable[Any] = (), **_given: Any) -> None:
    if DUE in tables:
        prepare(connection)


event.listen(Base.metadata, "after_create", _made)
