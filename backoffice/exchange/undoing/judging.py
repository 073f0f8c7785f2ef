"""Whether a touched record, looked at by itself, may be reversed; and which columns get which values back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from backoffice import access
from backoffice.access import Access
from backoffice.declare import Invalid, Verb
from backoffice.declare.columns import Utc
from backoffice.declare.journal import Deed
from backoffice.declare.kinds import Kind
from backoffice.exchange.undoing import words
from backoffice.exchange.undoing.outcome import Verdict
from backoffice.exchange.undoing.trail import Touched
from backoffice.plan import Field, Plan, plan_of


class Judge:
    """Looks at records of one noun at a time, whole slices at once.

    ``main`` are the nouns that the run was about: for them the person's own rights count, to do what it did (``purpose``). What
    rules made along follows.
    """

    def __init__(self, session: Session, person: Any, main: Iterable[str], purpose: Verb = Verb.IMPORT, *, locks: bool) -> None:
        self.session, self.person, self.main, self.purpose, self.locks = session, person, frozenset(main), purpose, locks

    def look(self, records: Sequence[Touched]) -> None:
        """Load the rows, and give the verdicts that need no other record."""
        by_plan: dict[str, list[Touched]] = {}
        for one in records:
            by_plan.setdefault(one.plan.name, []).append(one)
        for of_one in by_plan.values():
            self._look(of_one[0].plan, of_one)

    def _look(self, plan: Plan, records: list[Touched]) -> None:
        rows = self._rows(plan, {one.id for one in records})
        own = self._own(plan, set(rows))
        for one in records:
            one.row = rows.get(one.id)
            if one.row is None:
                self._vanished(one)
            elif one.is_created and plan.resource.lasting and plan.name not in self.main:
                one.leave(Verdict.KEPT, words.LASTING)
            elif own is not None and one.id not in own:
                one.leave(Verdict.REFUSED, words.NOT_YOURS)
            else:
                self._edited(one)
        self._check_unexplained([one for one in records if one.is_good and one.row.version != one.last.record_version])
        for one in records:
            if one.is_good and not one.is_created:
                self._prepare(one)
        self._check_links([one for one in records if one.is_good and one.values])

    def _rows(self, plan: Plan, ids: set[int]) -> dict[int, Any]:
        query = select(*watched(plan)).where(plan.table.c.id.in_(ids)).order_by(plan.table.c.id)
        return {row.id: row for row in self.session.execute(query.with_for_update() if self.locks else query)}

    def _own(self, plan: Plan, ids: set[int]) -> set[int] | None:
        """The person's own rows among these; None where all are."""
        if plan.name not in self.main or reaches_all(self.person, plan, self.purpose):
            return None
        query = access.scoped_query(self.person, plan, self.purpose, archived=None).where(plan.model.id.in_(ids))
        return set(self.session.scalars(query.with_only_columns(plan.model.id)))

    def _vanished(self, one: Touched) -> None:
        gone = next((entry for entry in reversed(one.since) if entry.deed is Deed.DELETE), None)
        one.leave(Verdict.REFUSED, partial(words.removed, self.session, gone.id) if gone is not None else words.VANISHED)

    def _edited(self, one: Touched) -> None:
        if not one.since:
            return
        toggles = [entry for entry in one.since if entry.deed in (Deed.ARCHIVE, Deed.RESTORE)]
        if toggles and toggles[-1].deed is Deed.ARCHIVE:
            one.leave(Verdict.REFUSED, partial(words.archived, self.session, toggles[-1].id))
            return
        edits = [entry for entry in one.since if one.is_created or entry.changes.keys() & one.old.keys()]
        if edits:
            one.leave(Verdict.KEPT, partial(words.edited, self.session, edits[-1].id))

    def _check_unexplained(self, records: list[Touched]) -> None:
        """The version moved on without an entry: fields that nobody tracks, or somebody at the database itself. The values tell."""
        if not records:
            return
        plan, ids = records[0].plan, [one.id for one in records]
        rows = {row.id: row for row in self.session.execute(select(plan.table).where(plan.table.c.id.in_(ids)))}
        for one in records:
            names = [name for name in one.new if name in plan.fields]
            if not all(_is_still(plan.fields[name], rows[one.id], one.new[name]) for name in names):
                one.leave(Verdict.KEPT, words.UNKNOWN_CHANGE)

    def _prepare(self, one: Touched) -> None:
        """Turn the old values of the trail into those of the columns."""
        for name, dumped in one.old.items():
            field = one.plan.fields.get(name)
            if field is None:  # the domain has dropped it since
                continue
            if field.secret and dumped is not None:
                one.leave(Verdict.REFUSED, words.SECRET)
            elif not self._may_write(one.plan, field):
                one.leave(Verdict.REFUSED, words.NO_RIGHT)
            else:
                try:
                    one.values[field.column] = stored(field, one.plan.table.c[field.column].type, dumped)
                except (Invalid, ValueError, TypeError):
                    one.leave(Verdict.REFUSED, words.NO_VALUE)

    def _may_write(self, plan: Plan, field: Field) -> bool:
        """What only actions and rules write comes back with the rest; what the role may not write does not."""
        if self.person is access.SYSTEM or plan.name not in self.main or field.locked or field.is_system or field.secret:
            return True
        if self.purpose not in (Verb.IMPORT, Verb.UPDATE):  # what actions write, whoever may act takes back
            return True
        return access.field_access(self.person, plan, field, self.purpose) is Access.WRITE

    def _check_links(self, records: list[Touched]) -> None:
        """What a record pointed to before must still be there."""
        if not records:
            return
        for field in (one for one in records[0].plan.fields.values() if one.target is not None):
            ids = {value for one in records if (value := one.values.get(field.column)) is not None}
            if not ids:
                continue
            target = plan_of(field.target).table
            there = set(self.session.scalars(select(target.c.id).where(target.c.id.in_(ids))))
            for one in records:
                value = one.values.get(field.column)
                if value is not None and value not in there:
                    one.leave(Verdict.REFUSED, words.LINK_GONE)


def reaches_all(person: Any, plan: Plan, purpose: Verb = Verb.IMPORT) -> bool:
    """Whether the person reaches every row of the noun for a purpose."""
    given = access.right(person, plan)
    return purpose in given.verbs and given.rows is None and given.change is None


def watched(plan: Plan) -> list[Any]:
    """The columns that verdicts are made of: identity, version, links, and what must be unique."""
    table = plan.table
    unique = {column.name for columns, _where in uniques(plan) for column in columns}
    names = {"id", "version", "archived_at", *unique, *(column.name for column in table.columns if column.foreign_keys)}
    return [column for column in table.columns if column.name in names]


def uniques(plan: Plan) -> list[tuple[list[Any], Any]]:
    """The columns that together are unique, and where; the condition of a partial index or None."""
    found: list[tuple[list[Any], Any]] = []
    for one in (*plan.table.constraints, *plan.table.indexes):
        if isinstance(one, sa.UniqueConstraint):
            found.append((list(one.columns), None))
        elif isinstance(one, sa.Index) and one.unique and len(one.columns) == len(one.expressions):
            found.append((list(one.columns), one.dialect_options["postgresql"].get("where")))
    return found


def stored(field: Field, column_type: Any, dumped: Any) -> Any:
    """The value of a column that the trail keeps as ``dumped``, exactly: what is a text in both is not judged anew."""
    if dumped is None:
        return None
    if field.is_link:
        return int(dumped["id"])
    if isinstance(column_type, Utc):
        return datetime.fromisoformat(dumped)
    kind, is_text = type(field.kind), isinstance(column_type, sa.String) and not isinstance(column_type, sa.Enum)
    if is_text and isinstance(dumped, str) and (kind.write, kind.dump) == (Kind.write, Kind.dump):
        return dumped
    return field.kind.load(dumped)


def _is_still(field: Field, row: Any, dumped: Any) -> bool:
    """Whether a row still holds the value that the trail keeps."""
    value = getattr(row, field.column)
    if value is None or dumped is None or field.secret:
        return (value is None) == (dumped is None)
    if field.is_link:
        return bool(value == dumped["id"])
    try:
        return bool(field.kind.dump(value) == dumped or value == stored(field, None, dumped))
    except (Invalid, ValueError, TypeError):
        return False
