"""Exports: the chosen rows and columns, as much as the person may see, streamed; each one is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.access import Access
from backoffice.audit import record as trail
from backoffice.declare import Invalid, Verb, _
from backoffice.declare.journal import Deed
from backoffice.exchange.exporting_cells import labeled, masked, written
from backoffice.exchange.exporting_query import Key, Part, Reach, type_of
from backoffice.exchange.formats import Format
from backoffice.exchange.formats.shape import Columns, Outgoing
from backoffice.exchange.keys import by_text
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Field, Plan, plan_of

Headers = Literal["names", "labels"]
PassOn = Callable[[Iterable[Columns]], Iterable[Columns]]
CHUNK = 500


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

    def count(self, place: Session | Connection) -> int:
        """How many rows it has."""
        ids = self.query.with_only_columns(self.plan.model.id).order_by(None)
        return place.execute(select(func.count()).select_from(ids.subquery())).scalar_one()

    def stream(self, place: Session | Connection, kind: Format, token: str = "", pass_on: PassOn = lambda chunks: chunks) -> Iterator[bytes]:
        """The file, piece by piece; memory does not grow with it. What depends on language and zone is settled now.

        The rows go through ``pass_on`` on their way. Raises :class:`Unreadable` where the format holds fewer rows.
        """
        most = kind.most_rows
        if most is not None and self.count(place) > most:
            raise Unreadable("too_many_rows", _("Such a file holds at most {most} rows. Choose CSV, or fewer rows.", most=f"{most:,}"))
        return kind.stream(self.table(place, token, pass_on))

    def table(self, place: Session | Connection, token: str, pass_on: PassOn) -> Outgoing:
        """The cells of each row, some rows at a time."""
        connection = place.connection() if isinstance(place, Session) else place
        reach = Reach(self.query.select_from(self.plan.model), connection.dialect.name)
        parts = [self._part(reach, one) for one in self.fields]
        chunks = ([part.cells(values) for part in parts] for values in reach.rows(connection, CHUNK))
        return Outgoing(self.header_row, [part.shape for part in parts], pass_on(chunks), token, str(self.plan.resource.plural))

    def _part(self, reach: Reach, one: Field) -> Part | Key:
        """What gives the cells of this field to this person."""
        if one.is_link:
            return reach.key_of(one, self.plan.model)
        column, column_type = getattr(self.plan.model, one.column), type_of(self.plan, one)
        if one.personal and access.field_access(self.person, self.plan, one, Verb.EXPORT) < Access.READ:
            return reach.take(masked(one.kind, column))
        words = labeled(one.kind, column, column_type) if self.headers == "labels" else None
        return reach.take(words or written(one.kind, column, column_type, reach.dialect))


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


def write_down(session: Session, export: Export, kind: Format, filters: Mapping[str, Any], count: int, token: str) -> None:
    """Say in the trail who exported what."""
    columns = [one.name for one in export.fields]
    facts = {"format": kind.name, "filter": dict(filters), "columns": columns, "rows": count, "token": token}
    trail.note(session, export.plan, None, Deed.EXPORT, {name: [None, fact] for name, fact in facts.items()})


def file_name(plan: Plan, kind: Format, day: str, token: str) -> str:
    """The name of a downloaded file; by the token it is recognized when it comes back."""
    return f"{plan.name}-{day}-{token}.{kind.name}"
