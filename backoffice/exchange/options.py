"""How a file is to be taken: what the command line and the upload form let a person choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from backoffice.declare import _
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Field, Plan

Mode = Literal["upsert", "create", "update"]
MODES: tuple[Mode, ...] = ("upsert", "create", "update")


@dataclass(frozen=True)
class Options:
    """The choices for one run.

    ``mode``: rows may be new and known, only new, or only known. ``clear_blank``: a blank cell
    empties the field instead of keeping it. ``match``: other fields than the natural key to find
    known records by. ``columns``: headers mapped by hand.
    """

    dry_run: bool = False
    mode: Mode = "upsert"
    skip_invalid: bool = False
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    clear_blank: bool = False
    match: tuple[str, ...] = ()
    file_name: str = ""

    def keys(self, plan: Plan) -> tuple[Field, ...]:
        """The fields that rows are matched by; raises :class:`Unreadable` for names that are none."""
        for name in self.match:
            if name not in plan.by_word or plan.by_word[name].secret:
                raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
        return tuple(plan.by_word[name] for name in self.match) or plan.key
