"""A selection of rows: what an address says about search, filters and order, as one query.

The list, the export and runs over many rows read it alike, so that they mean the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from backoffice import serving
from backoffice.access import Access, field_access, scoped_query
from backoffice.declare import Verb, _
from backoffice.declare.kinds import Selection as Closed
from backoffice.declare.kinds import Verbatim
from backoffice.errors import BadRequest
from backoffice.plan import Field, Plan
from backoffice.views import conditions, figures, filters
from backoffice.views.common import clipped
from backoffice.views.filters import Chip
from backoffice.views.matching import cleaned, matching
from backoffice.views.ordering import ordered

OWN = frozenset({"q", "sort", "page", "at", "count", "archived", "queue", "view", conditions.WHERE, figures.FIGURE, figures.PART})
OF_PAGE = ("page", "at", "count")


class Selection:
    """The rows that an address selects, among those that the person reaches for a purpose.

    ``also`` names parameters that mean something else to the page (a file format, say).
    Raises :class:`BadRequest` with a sentence for everything that cannot be meant.
    """

    def __init__(
        self, person: Any, plan: Plan, args: MultiDict[str, str], purpose: Verb = Verb.READ, *, also: Iterable[str] = ()
    ) -> None:
        self.person, self.plan, self.args, self.purpose = person, plan, args, purpose
        self.words = cleaned(args.get("q"))
        self.is_archived = _switch(args, "archived")
        self.queue = _queue(plan, args.get("queue"))
        self.sort = self._sort(args.get("sort"))
        self.filters = [*filters.read(person, plan, args, OWN | frozenset(also)), *conditions.read(person, plan, args), *figures.read(person, plan, args)]

    @property
    def chips(self) -> list[Chip]:
        """The active filters, to be shown and taken away one by one."""
        return [chip for one in self.filters for chip in one.chips]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the person's rights leaves rows out."""
        return bool(self.words or self.filters or self.queue or self.is_archived)

    def rows(self) -> Select[Any]:
        """The rows, in no order."""
        query = scoped_query(self.person, self.plan, self.purpose, archived=self.is_archived)
        return query.where(*self._conditions())

    def query(self) -> Select[Any]:
        """The rows in their order, which is the same every time: the id breaks ties."""
        return ordered(self.rows(), self.plan, self.order)

    @property
    def order(self) -> tuple[str, ...]:
        """The fields that sort it, as far as the person may know their order. Rows of one choice stand in the noun's own order."""
        names = self.plan.resource.order
        if self.sort:
            is_closed = isinstance(self.plan.fields[self.sort.removeprefix("-")].kind, Closed)
            names = (self.sort, *(name for name in names if is_closed and name.removeprefix("-") != self.sort.removeprefix("-")))
        return tuple(name for name in names if name.removeprefix("-") == "id" or may_know_order(self.person, self.plan, self.plan.fields[name.removeprefix("-")]))

    def count(self, session: Session) -> int:
        """How many rows there are, exactly."""
        return session.execute(select(func.count()).select_from(self.rows().with_only_columns(self.plan.model.id).subquery())).scalar_one()

    def address(self, *, without: Iterable[tuple[str, str | None]] = (), **changes: str | int | None) -> str:
        """The address of this selection with changes; a new selection starts on its first page."""
        dropped = set(without)
        kept = [
            (name, value) for name, value in self.kept()
            if name not in changes and (name, value) not in dropped and (name, None) not in dropped
        ]
        pairs = [*kept, *((name, str(value)) for name, value in changes.items() if value is not None)]
        return f"/{self.plan.name}/" + (f"?{urlencode(pairs)}" if pairs else "")

    def kept(self) -> list[tuple[str, str]]:
        """What of the address says which rows are meant and in which order."""
        return [(name, value) for name, value in self.args.items(multi=True) if value.strip() and name not in OF_PAGE]

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        yield from (one.condition for one in self.filters)
        if self.words:
            yield matching(self.person, self.plan, self.words)
        if self.queue:
            yield self.queue.where(self.person)

    def _sort(self, text: str | None) -> str:
        if not text:
            return ""
        one = self.plan.fields.get(text.removeprefix("-"))
        if one is None or not is_sortable(self.person, self.plan, one):
            raise BadRequest(_("The list cannot be sorted by “{name}”.", name=clipped(text)))
        return text


def is_sortable(person: Any, plan: Plan, one: Field) -> bool:
    """Whether the person may sort by it, and an index has that order."""
    return may_know_order(person, plan, one) and serving.sorts(plan, one)


def may_know_order(person: Any, plan: Plan, one: Field) -> bool:
    """Whether the person may sort by it: the order of masked values would give them away, long texts have none."""
    return field_access(person, plan, one) >= Access.READ and one.personal is None and not isinstance(one.kind, Verbatim)


def _switch(args: MultiDict[str, str], name: str) -> bool:
    text = args.get(name) or "0"
    if text not in {"0", "1"}:
        raise BadRequest(_("“{name}” is 1 or nothing.", name=name))
    return text == "1"


def _queue(plan: Plan, name: str | None) -> Any:
    if not name:
        return None
    for queue in plan.resource.queues:
        if queue.name == name:
            return queue
    raise BadRequest(_("There is no filter “{name}” here.", name=clipped(name)))
