"""Empties a PostgreSQL database of a test for the next one: making it anew costs many times as much.

Everything is as it was in the template: rows, sequences, what the planner knows, room on disk, schemas and
connections. What cannot be taken back (a changed table, a rebuilt index, very many rows) is said, and the caller
makes the database anew.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg

MOST_BYTES = 4_000_000
"""More is not deleted but dropped with its database."""

WATCH: LiteralString = """
CREATE SCHEMA suite;
CREATE TABLE suite.changed (what text);
CREATE TABLE suite.kept (name regclass, print text);

CREATE FUNCTION suite.print(name regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE print text;
BEGIN
  EXECUTE format('SELECT md5(string_agg(one::text, chr(10) ORDER BY one::text)) FROM %s AS one', name) INTO print;
  RETURN print;
END $$;
INSERT INTO suite.kept SELECT oid, suite.print(oid) FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0;

CREATE FUNCTION suite.empty(most bigint) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE one record; used text[];
BEGIN
  PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
  IF EXISTS (SELECT FROM suite.changed) OR EXISTS (SELECT FROM suite.kept WHERE print IS DISTINCT FROM suite.print(name))
    OR EXISTS (SELECT FROM pg_statistic JOIN pg_class ON pg_class.oid = starelid WHERE relnamespace = 'public'::regnamespace)
  THEN RETURN NULL; END IF;
  FOR one IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_.*|public|suite|information_schema)$' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', one.nspname);
  END LOOP;
  SET LOCAL session_replication_role = replica;
  used := '{}';
  FOR one IN SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 AND oid NOT IN (SELECT name FROM suite.kept)
  LOOP
    IF one.size > most THEN RETURN NULL; END IF;
    EXECUTE format('DELETE FROM %s', one.name);
    used := used || one.name::text;
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
  RETURN used;
END $$;

CREATE FUNCTION suite.note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_EVENT = 'sql_drop' THEN
    INSERT INTO suite.changed SELECT object_identity FROM pg_event_trigger_dropped_objects() WHERE object_identity LIKE '%public.%';
  ELSE
    INSERT INTO suite.changed SELECT object_identity FROM pg_event_trigger_ddl_commands() WHERE object_identity LIKE '%public.%';
  END IF;
END $$;
CREATE EVENT TRIGGER suite_makes ON ddl_command_end EXECUTE FUNCTION suite.note();
CREATE EVENT TRIGGER suite_drops ON sql_drop EXECUTE FUNCTION suite.note();
"""


def watch(address: str) -> None:
    """Let a template remember what it is like, so that its copies can be emptied."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(WATCH)


def empty(connection: psycopg.Connection) -> bool:
    """Make the database of the connection as good as new; whether that could be done."""
    (used,) = connection.execute("SELECT suite.empty(%s)", (MOST_BYTES,)).fetchone() or (None,)
    if used:
        connection.execute(f"VACUUM (INDEX_CLEANUP ON, TRUNCATE ON) {', '.join(used)}".encode())
        connection.execute("UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0 WHERE oid = ANY(%s::text[]::regclass[])", (used,))
    return used is not None
