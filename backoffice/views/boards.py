"""The board of a noun at ``/<resource>/board``: what waits, in columns, with the least time left first.

It understands the search and the filters of the list. One query places the cards and counts them, however many records wait;
what the cards show is read for the first of each column alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select, true

from backoffice.access import Access, can, field_access, fields_for, scoped_query
from backoffice.db import db
from backoffice.declare import Board, Model, Tone, Verb, _, clock
from backoffice.errors import NotFound
from backoffice.plan import Field, Plan
from backoffice.views import cells, links
from backoffice.views.bulk import work_on
from backoffice.views.common import person, target_of
from backoffice.views.ordering import ordered
from backoffice.views.reckoning import duration
from backoffice.views.selection import Selection, is_sortable

MOST = 30
"""Cards of a column; the list has the rest."""


@dataclass(frozen=True)
class Card:
    """One record: its name, what is shown of it, and how much time it has left."""

    record: Model
    facts: list[tuple[Field, Markup]]
    says: str
    tone: Tone
    percent: int


@dataclass(frozen=True)
class Lane:
    """One column: its name, how many wait in it, how many of them are late or due soon, and the list of all."""

    id: str
    label: str
    total: int
    late: int
    soon: int
    address: str
    cards: list[Card]

    @property
    def further(self) -> int:
        """How many have no card."""
        return self.total - len(self.cards)


class Asked:
    """The board that an address asks for, as the person may see it."""

    def __init__(self, who: Any, plan: Plan, board: Board) -> None:
        self.person, self.plan, self.board, self.now = who, plan, board, clock.now()
        self.selection = Selection(who, plan, request.args)
        self.lanes_by = plan.fields[board.columns]

    @property
    def has_state(self) -> bool:
        """Whether the address itself says which states are meant."""
        return any(one.name == self.board.state for one in self.selection.filters)

    def column(self, name: str) -> Any:
        """A field of the noun in a query."""
        return getattr(self.plan.model, self.plan.fields[name].column)

    def rows(self) -> Select[Any]:
        """The records on the board."""
        state = self.plan.fields[self.board.state]
        waits = [] if self.has_state else [self.column(state.name).in_(state.waiting)]
        return self.selection.rows().where(*waits)

    def runs(self) -> ColumnElement[bool]:
        """Whether the time of a record runs."""
        due: ColumnElement[bool] = self.column(self.board.due).is_not(None)
        return and_(due, self.column(self.board.stopped).is_(None)) if self.board.stopped else due

    def list_of(self, number: int | None) -> str:
        """The list of the records of a column, with the least time left first where the list has that order."""
        due, state = self.plan.fields[self.board.due], self.plan.fields[self.board.state]
        waits = [] if self.has_state else [(state.name, one.value) for one in state.waiting]
        own = [(self.lanes_by.name, str(number))] if number is not None else []
        kept = [pair for pair in self.selection.kept() if pair[0] != "sort" and not (own and pair[0] == self.lanes_by.name)]
        sort = [("sort", due.name)] if is_sortable(self.person, self.plan, due) else []
        return f"/{self.plan.name}/?{urlencode([*kept, *waits, *own, *sort])}"


class BoardPages:
    """The board of the plan's noun, where it has one."""

    needs = "board"
    plan: Plan
    render: Any

    @expose("/board")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def board_page(self) -> str:
        """Show what waits, column by column."""
        who, plan, board = person(), self.plan, self.plan.resource.board
        if board is None or any(field_access(who, plan, plan.fields[name]) < Access.READ for name in (board.columns, board.state, *board.moments)):
            raise NotFound
        asked = Asked(who, plan, board)
        return str(self.render(
            "list/board.html", plan=plan, board=board, selection=asked.selection, lanes=list(_lanes(asked)), whole=asked.list_of(None),
            hours=round(board.soon.total_seconds() / 3600), bulk=work_on(who, asked.selection), may=lambda verb: can(who, Verb[verb], plan),
        ))


def _lanes(asked: Asked) -> Iterator[Lane]:
    placed: dict[int | None, list[Row[Any]]] = {}
    for row in db.session.execute(_placed(asked)):
        placed.setdefault(row.lane, []).append(row)
    cards = _cards(asked, [row.id for rows in placed.values() for row in rows])
    for number, label in _heads(asked, placed):
        rows = placed.get(number, ())
        total, late, soon = (rows[0].total, rows[0].late, rows[0].soon) if rows else (0, 0, 0)
        yield Lane(str(number or "none"), label, total, late, soon, asked.list_of(number), [cards[row.id] for row in rows if row.id in cards])


def _placed(asked: Asked) -> Select[Any]:
    """The first records of each column with their place, and beside each what its whole column comes to."""
    board, model, now = asked.board, asked.plan.model, asked.now
    due, lane, runs = asked.column(board.due), asked.column(asked.lanes_by.name), asked.runs()
    late = and_(runs, due < now)
    soon = and_(runs, due >= now, due <= now + board.soon)
    place = func.row_number().over(partition_by=lane, order_by=(case((runs, 0), else_=1), due.is_(None), due, model.id))

    def counted(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0)).over(partition_by=lane)

    rows = asked.rows().with_only_columns(
        model.id.label("id"), lane.label("lane"), place.label("place"), counted(true()).label("total"), counted(late).label("late"), counted(soon).label("soon"),
    ).subquery()
    return select(rows.c.id, rows.c.lane, rows.c.total, rows.c.late, rows.c.soon).where(rows.c.place <= MOST).order_by(rows.c.place)


def _heads(asked: Asked, placed: Mapping[int | None, Any]) -> Iterator[tuple[int | None, str]]:
    """The columns: those that the person may choose, in their order, and those where something stands; last what has none."""
    target = target_of(asked.lanes_by)
    model, found = target.model, [one for one in placed if one is not None]
    offered = scoped_query(asked.person, target).with_only_columns(model.id) if can(asked.person, Verb.READ, target) else select(literal(0))
    chosen = select(model).where(or_(model.id.in_(offered), model.id.in_(found)))
    for one in db.session.scalars(ordered(chosen, target, target.resource.order).options(*links.naming(target))):
        yield one.id, str(one)
    if None in placed:
        yield None, str(_("Without {field}", field=asked.lanes_by.label))


def _cards(asked: Asked, ids: Sequence[int]) -> dict[int, Card]:
    """What the cards show, read together."""
    plan, seen = asked.plan, fields_for(asked.person, asked.plan)
    fields = [one for name in asked.board.shows if (one := plan.fields[name]) in seen]
    needed = [*fields, *(plan.fields[name] for name in asked.board.moments)]
    query = select(plan.model).where(plan.model.id.in_(ids)).options(*links.lean(plan, needed, is_strict=current_app.testing))
    records = db.session.scalars(query).all() if ids else []
    reach = links.reachable(db.session(), asked.person, fields, records)
    draws = [(one, cells.column(asked.person, plan, one, reach.get(one.name))) for one in fields]
    return {
        record.id: Card(record, [(one, draw(record)) for one, draw in draws if getattr(record, one.name) not in (None, "")], *left(asked.board, record, asked.now))
        for record in records
    }


def left(board: Board, record: Model, now: datetime) -> tuple[str, Tone, int]:
    """How much time a record has left, in words, how urgent that is, and how many percent of it are used."""
    due, since = getattr(record, board.due), getattr(record, board.since)
    stopped = getattr(record, board.stopped) if board.stopped else None
    if due is None:
        return str(_("Without a time limit")), "neutral", 0
    rest = due - (stopped or now)
    words = duration(abs(int(rest.total_seconds())) // 60)
    used = 100 if since is None or due <= since else max(0, min(100, round(100 - rest / (due - since) * 100)))
    is_late = rest.total_seconds() < 0
    if stopped is not None:
        says = _("Stands still, {time} late", time=words) if is_late else _("Stands still, {time} left", time=words)
        return str(says), "neutral", used
    if is_late:
        return str(_("{time} late", time=words)), "bad", used
    return str(_("{time} left", time=words)), "warn" if rest <= board.soon else "info", used
