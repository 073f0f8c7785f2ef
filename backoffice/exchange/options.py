"""How a file is to be taken: what the command line and the pages let a person choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from backoffice.declare import _
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Field, Plan

Mode = Literal["upsert", "create", "update"]
MODES: tuple[Mode, ...] = ("upsert", "create", "update")

Policy = Literal["keep", "clear", "fill", "null"]
POLICIES: tuple[Policy, ...] = ("keep", "clear", "fill", "null")
"""What a column's cells do: blank keeps what is stored; blank empties; only what is empty is filled; only a written NULL empties."""


@dataclass(frozen=True)
class Options:
    """The choices for one run. Fields are called by their words in files.

    ``mode``: rows may be new and known, only new, or only known. ``clear_blank``: a blank cell
    empties the field instead of keeping it; ``policies`` say so column by column. ``match``: other
    fields than the natural key to find known records by. ``columns``: headers matched by hand.
    ``values``: for a field, which text stands for a text that is no value ("" leaves the cell
    blank). ``parents``: links whose missing records are made. ``given``: of a flat
    layout, the texts of fields that the file has no column of. ``cells``: texts corrected by hand, by
    row number. ``take`` and ``leave``: rows to be decided that were decided
    (``noun:row`` where a file holds several nouns). ``export``: the token of
    the export that the file was once.
    """

    dry_run: bool = False
    mode: Mode = "upsert"
    skip_invalid: bool = False
    encoding: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    clear_blank: bool = False
    policies: Mapping[str, Policy] = field(default_factory=dict)
    match: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    take: tuple[int | str, ...] = ()
    leave: tuple[int | str, ...] = ()
    export: str | None = None
    file_name: str = ""

    def keys(self, plan: Plan) -> tuple[Field, ...]:
        """The fields that rows are matched by; raises :class:`Unreadable` for names that are none."""
        for name in self.match:
            if name not in plan.by_word or plan.by_word[name].secret:
                raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
        return tuple(plan.by_word[name] for name in self.match) or plan.key

    def policy(self, one: Field) -> Policy:
        """What the cells of this field's column do."""
        return self.policies.get(one.word) or ("clear" if self.clear_blank else "keep")

    def as_json(self) -> dict[str, Any]:
        """The choices for keeping."""
        return asdict(self) | {"cells": {str(row): dict(texts) for row, texts in self.cells.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The choices that :meth:`as_json` made; what is not known is left out."""
        known = {one.name for one in fields(cls)}
        given: dict[str, Any] = {name: value for name, value in stored.items() if name in known}
        for name in ("match", "parents", "take", "leave"):
            given[name] = tuple(given.get(name) or ())
        given["cells"] = {int(row): texts for row, texts in (given.get("cells") or {}).items()}
        return cls(**given)
