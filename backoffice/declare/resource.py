"""What is true of a noun's page, and who may do what with its records."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement

from backoffice.declare.boards import Board
from backoffice.declare.checklists import Step
from backoffice.declare.choice import Tone
from backoffice.declare.doubts import Doubt
from backoffice.declare.merging import Merge
from backoffice.declare.page import Alert, Meter, Page, Timeline
from backoffice.declare.reports import Report
from backoffice.declare.text import Text
from backoffice.declare.trials import Trial

type_of_scope = Callable[[Any], ColumnElement[bool]]
"""From the person to the condition on the rows that are theirs."""


class Verb(enum.Flag):
    """What a person may do with the records of a noun. Nothing is allowed that is not given."""

    READ = enum.auto()
    CREATE = enum.auto()
    UPDATE = enum.auto()
    DELETE = enum.auto()
    ACT = enum.auto()
    EXPORT = enum.auto()
    IMPORT = enum.auto()
    PURGE = enum.auto()
    HISTORY = enum.auto()

    @property
    def letters(self) -> str:
        """The verbs as letters, as in ``CRUDAEI``."""
        order = "CREATE READ UPDATE DELETE ACT EXPORT IMPORT PURGE HISTORY".split()
        letters = dict(zip(order, "CRUDAEIPH", strict=True))
        return "".join(letter for name, letter in letters.items() if Verb[name] in self)


NOTHING = Verb(0)


class Personal(enum.IntEnum):
    """How much of a personal field a role sees."""

    HIDDEN = 0
    MASKED = 1
    REVEALED = 2
    """Masked, and shown for one record by a click that is logged, where the row may be changed."""
    LOGGED = 3
    """Shown on the record's page and in exports, each logged; masked in lists."""


@dataclass(frozen=True)
class Right:
    """What one role may do with one noun.

    ``rows`` limits what is read, ``change`` what is created, changed, acted on and revealed (the
    same as ``rows`` unless given). ``hidden`` fields do not exist for the role; of personal
    fields it sees what ``personal`` says; ``frozen`` fields it reads but does not write.
    """

    verbs: Verb
    rows: type_of_scope | None = None
    change: type_of_scope | None = None
    hidden: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()
    personal: Personal = Personal.MASKED


@dataclass(frozen=True)
class Queue:
    """Records that wait for somebody: home counts them and shows the first, in the noun's order.

    ``where`` gives, for the person, the condition on the rows; the person's rights narrow it
    further. ``name`` stands in the address of the list. ``roles`` limits who is shown it.
    ``order`` sorts its rows, where another order than the noun's says what comes first.
    ``shows`` are fields that home tells of each record before those of the list; the first of them
    heads the line, as what people call the record (whom to call, say).
    """

    name: str
    label: Text
    where: type_of_scope
    tone: Tone = "neutral"
    roles: tuple[Any, ...] = ()
    order: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    def is_for(self, person: Any) -> bool:
        """Whether the person's role is shown it."""
        return not self.roles or getattr(person, "role", None) in self.roles


@dataclass(frozen=True)
class Resource:
    """A noun's page.

    ``key`` is the natural key: imports match on it, pages and the audit trail show it.
    ``name`` is its address and its word on the command line. ``title`` are the fields that name
    a record (the key unless given). ``columns`` the list shows; ``search`` are fields, over links
    with a dot; ``order`` sorts (``-field`` downward). ``group`` is the menu it stands in.
    ``linked_as`` is the column, in files and commands, of another noun's only link to this one
    (``card``); without it the column is called as the link. ``accounts`` marks the model of the people who sign in (one model says so).
    ``importable`` is false where records come from the system alone. ``queues`` are what home
    shows of it. ``contact`` are personal fields of linked records (``reader.mobile``) that its page
    shows beside the link, so that one can call. ``doubts`` are what an import asks about before it believes a file.
    ``small`` is a noun of some thousand records for good (reference data): it may be filtered and sorted by anything.
    ``merge`` says how two of its records become one. ``page`` makes its page a whole picture; ``alerts`` and ``timeline`` are what
    its records tell on the pages of those that they belong to. ``meters`` gives, for a record, the bars at the top of its page.
    ``report`` is what is counted of many of them. ``board`` shows those that wait, in columns.
    ``copies`` are texts that a click on the record's page puts on the clipboard. ``checklist`` gives, for a record,
    the steps of its procedure; ``dossier`` is what the page is called that has all of a record, for paper. ``trial`` works out what a record
    would change for others. ``lasting`` records say what happened: a change of others that made them is not taken back.
    """

    singular: Text
    plural: Text
    name: str
    key: tuple[str, ...]
    rights: Mapping[Any, Right]
    columns: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    group: Text | None = None
    icon: str = "circle"
    hint: Text | None = None
    accounts: bool = False
    linked_as: str | None = None
    importable: bool = True
    small: bool = False
    lasting: bool = False
    sections: Mapping[Text, tuple[str, ...]] = field(default_factory=dict)
    queues: tuple[Queue, ...] = ()
    contact: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    merge: Merge | None = None
    page: Page | None = None
    alerts: tuple[Alert, ...] = ()
    timeline: Timeline | None = None
    meters: Callable[[Any], Iterable[Meter]] | None = None
    report: Report | None = None
    board: Board | None = None
    checklist: Callable[[Any], Iterable[Step]] | None = None
    dossier: Text | None = None
    trial: Trial | None = None
    copies: tuple[str, ...] = ()
