"""The search index: which records a word may stand in, found without reading every row.

A record's searched fields are cut into short pieces (:mod:`grams`), which an index keeps by record
(:mod:`shelves`: FTS5 on SQLite, GIN on PostgreSQL). Triggers mark what is written, on every path
(:mod:`building`); marks are worked off in the writing session, or by the worker (:mod:`keeping`).
A search asks for candidates (:mod:`candidates`), marked records among them, and compares these with
the text and with the person's rights: the index decides how fast, never what is found.
"""

from __future__ import annotations

from backoffice.search.building import prepare, remove
from backoffice.search.candidates import Look, narrowed
from backoffice.search.grams import first_letters
from backoffice.search.initials import initials_of, spans_of
from backoffice.search.keeping import catch_up, rebuild, register, watch, work_off
from backoffice.search.nouns import Noun, is_name, nouns
from backoffice.search.shelves import among

__all__ = [
    "Look", "Noun", "among", "catch_up", "first_letters", "initials_of", "is_name", "narrowed", "nouns", "prepare", "rebuild", "register", "remove",
    "spans_of", "watch", "work_off",
]
