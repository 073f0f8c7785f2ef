"""A flat layout: one file, one line a case, that is taken apart into the records of several nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from backoffice.declare.base import Model
from backoffice.declare.text import Text


@dataclass(frozen=True)
class Part:
    """One noun in the file.

    ``fields`` are what a line may say of it: under the headers that the noun itself understands,
    or under those that ``headers`` gives instead. ``links`` are filled from the same line: the
    link, and the part that it leads to. ``match`` finds a record in a file without the noun's key
    (and a new one then gets a number). ``fills`` only complete what is empty, so lines that say
    different things of them are no contradiction; of all other fields they are. ``given`` are texts
    for new records where the file has no column of a field.
    """

    model: type[Model]
    fields: tuple[str, ...]
    links: Mapping[str, type[Model]] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    fills: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A kind of flat file. ``name`` is its word on the command line; parents stand before what links to them."""

    name: str
    label: Text
    parts: tuple[Part, ...]
    hint: Text | None = None
