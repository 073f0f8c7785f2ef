"""Exports: the chosen rows and columns, as much as the person may see, streamed; each one is written down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad

from backoffice import access
from backoffice.access import Access
from backoffice.audit import record as trail
from backoffice.declare import Invalid, Verb, _
from backoffice.declare.journal import Deed
from backoffice.declare.kinds import Selection, Truth
from backoffice.exchange.formats import Format
from backoffice.exchange.keys import by_text
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Field, Plan, plan_of

Headers = Literal["names", "labels"]
CHUNK = 1000


@dataclass(frozen=True)
class Export:
    """What is exported: rows (a query of the plan's model), columns, and how headers and choices are written."""

    person: Any
    plan: Plan
    query: Select[Any]
    fields: tuple[Field, ...]
    headers: Headers = "names"

    @property
    def header_row(self) -> list[str]:
        """The headers."""
        return [one.word if self.headers == "names" else str(one.label) for one in self.fields]

    def count(self, session: Session) -> int:
        """How many rows it has."""
        ids = self.query.with_only_columns(self.plan.model.id).order_by(None)
        return session.execute(select(func.count()).select_from(ids.subquery())).scalar_one()

    def stream(self, session: Session, kind: Format) -> Iterator[bytes]:
        """The file, piece by piece; memory does not grow with it."""
        return kind.write(self.header_row, self.rows(session))

    def rows(self, session: Session) -> Iterator[list[Any]]:
        """The cells of each row."""
        writers = [(one.name if one.is_link else one.column, self._writer(one)) for one in self.fields]
        options = [option for one in self.fields for option in loading(self.plan, one)]
        with session.scalars(self.query.options(*options).execution_options(yield_per=CHUNK)) as records:
            for record in records:
                values = ((write, getattr(record, name)) for name, write in writers)
                yield [None if value is None else write(value) for write, value in values]

    def _writer(self, one: Field) -> Any:
        """The function that writes a value of this field for this person."""
        if one.target is not None:
            return plan_of(one.target).key_of
        if one.personal and access.field_access(self.person, self.plan, one, Verb.EXPORT) < Access.READ:
            return one.kind.mask
        if one.kind.numeric:
            return lambda value: value
        if self.headers == "labels" and isinstance(one.kind, Selection | Truth):
            return one.kind.show
        return one.kind.write


def loading(plan: Plan, one: Field, base: Any = None) -> Iterator[_AbstractLoad]:
    """What must be loaded along so that writing a link's key asks no query per row."""
    if one.target is None:
        return
    path = getattr(plan.model, one.name)
    option = base.selectinload(path) if base is not None else selectinload(path)
    yield option
    target = plan_of(one.target)
    for key in target.key:
        if key.target is not None:
            yield from loading(target, key, option)


def choose(person: Any, plan: Plan, names: Sequence[str] = ()) -> tuple[Field, ...]:
    """The columns that the person exports: those named, or all but what the system keeps by itself.

    Raises :class:`~backoffice.errors.Denied` where the person exports nothing here, and
    :class:`Unreadable` for a name that is no column for the person.
    """
    access.require(person, Verb.EXPORT, plan)
    open_to = access.fields_for(person, plan, Verb.EXPORT)
    for name in names:
        if plan.by_word.get(name) not in open_to:
            raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
    chosen = dict.fromkeys(plan.by_word[name] for name in names)
    return tuple(chosen or [one for one in open_to if not one.is_system])


def everything(session: Session, person: Any, plan: Plan, filters: Iterable[tuple[str, str]] = ()) -> Select[Any]:
    """All rows that the person exports, in the order they were made; ``filters`` are exact (links by their key).

    Raises :class:`Unreadable` for a filter that means nothing.
    """
    query = access.scoped_query(person, plan, Verb.EXPORT)
    for name, text in filters:
        one = plan.by_word.get(name)
        if one is None or access.field_access(person, plan, one, Verb.EXPORT) < Access.READ:
            raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
        query = query.where(_condition(session, plan, one, text))
    return query.order_by(plan.model.id)


def _condition(session: Session, plan: Plan, one: Field, text: str) -> Any:
    column = getattr(plan.model, one.column)
    if not text:
        return column.is_(None)
    if one.target is not None:
        found = by_text(session, plan_of(one.target), {text}).get(text)
        if found is None:
            raise Unreadable("unknown_link", _("There is no such record: {noun}.", noun=plan_of(one.target).resource.singular))
        return column == found.id
    try:
        return column == one.kind.parse(text)
    except Invalid as problem:
        raise Unreadable(problem.code, problem.why) from None


def write_down(session: Session, export: Export, kind: Format, filters: Mapping[str, Any], count: int) -> None:
    """Record who exported what."""
    facts = {"format": kind.name, "filter": dict(filters), "columns": [one.name for one in export.fields], "rows": count}
    trail.note(session, export.plan, None, Deed.EXPORT, {name: [None, fact] for name, fact in facts.items()})


def file_name(plan: Plan, kind: Format, day: str) -> str:
    """The name of a downloaded file."""
    return f"{plan.name}-{day}.{kind.name}"

