"""What rows are sorted by, and the stretches of a list that an index serves one after the other.

Rows without a value stand last, upward and downward; a choice stands in the order of its members.
No index has that order as a whole. But it has each stretch: the rows of one member, the rows with a
value, those without. So a list is read stretch by stretch, and never sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, or_, true, tuple_
from sqlalchemy.orm import aliased

from backoffice.declare import Kind, Whole
from backoffice.declare.kinds import Selection as Closed
from backoffice.plan import Field, Plan, plan_of
from backoffice.views.common import titled


@dataclass(frozen=True)
class Key:
    """One thing that rows are sorted by; ``label`` is how people call it. Empty values stand last, in a list that is turned around first."""

    name: str
    label: Any
    column: Any
    kind: Kind
    is_down: bool = False
    is_open: bool = False
    is_turned: bool = False

    @property
    def turned(self) -> Key:
        """The same, backward."""
        return replace(self, is_down=not self.is_down, is_turned=not self.is_turned)

    @property
    def members(self) -> list[Any]:
        """The values of a closed list, in the order of this key; nothing for other kinds."""
        found = list(self.kind.members) if isinstance(self.kind, Closed) else []
        return found[::-1] if self.is_down else found

    def sorting(self, *, is_alone: bool = False) -> ColumnElement[Any]:
        """The expression of ORDER BY; ``is_alone`` where all values are there, or all are missing."""
        ordered: ColumnElement[Any] = self.column.desc() if self.is_down else self.column.asc()
        if is_alone or not self.is_open:
            return ordered
        return ordered.nulls_first() if self.is_turned else ordered.nulls_last()

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Rows that stand after this value."""
        if value is None:
            return self.column.is_not(None) if self.is_turned else false()
        after: ColumnElement[bool] = self.column < value if self.is_down else self.column > value
        return or_(after, self.column.is_(None)) if self.is_open and not self.is_turned else after

    def same(self, value: Any) -> ColumnElement[bool]:
        """Rows with this value."""
        return self.column.is_(None) if value is None else self.column == value  # type: ignore[no-any-return]  # a column


@dataclass(frozen=True)
class Stretch:
    """Neighbors in the list: what they have in common, and what sorts them. ``fixed`` are the values of the first keys that all of them have."""

    keys: tuple[Key, ...]
    fixed: tuple[Any, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()

    @property
    def rest(self) -> tuple[Key, ...]:
        """The keys by which its rows differ."""
        return self.keys[len(self.fixed) :]

    def has(self, values: Sequence[Any]) -> bool:
        """Whether rows with these values stand in it; a value that is not known may be any."""
        if any(value is not fixed for value, fixed in zip(values, self.fixed, strict=False)):
            return False
        is_filled = len(self.where) == len(self.fixed) or values[len(self.fixed) : len(self.fixed) + 1] != (None,)
        return bool(is_filled)

    @property
    def order(self) -> list[ColumnElement[Any]]:
        """What ORDER BY says. The fixed keys stand in it, so that databases see the order of the index."""
        known, (first, *others) = self.keys[: len(self.fixed)], self.rest
        alike = (replace(one, is_down=first.is_down) for one in known)
        return [*(one.sorting(is_alone=True) for one in (*alike, first)), *(one.sorting() for one in others)]

    def starting(self, values: Sequence[Any], *, inclusive: bool) -> ColumnElement[bool]:
        """The rows from this place on; keys without a value decide nothing."""
        pairs = list(zip(self.keys, values, strict=False))[len(self.fixed) :]
        if pairs:
            pairs[0] = (replace(pairs[0][0], is_open=False), pairs[0][1])
        return _from(pairs, inclusive=inclusive)


def _from(pairs: list[tuple[Key, Any]], *, inclusive: bool) -> ColumnElement[bool]:
    """The rows after these values. Databases follow an index where all values are compared at once."""
    if not pairs:
        return true()
    if len({key.is_down for key, _value in pairs}) == 1 and not any(key.is_open for key, _value in pairs):
        left, right = _at_once(pairs)
        if pairs[0][0].is_down:
            return left <= right if inclusive else left < right  # type: ignore[no-any-return]  # a condition
        return left >= right if inclusive else left > right  # type: ignore[no-any-return]  # a condition
    either = [and_(true(), *(key.same(value) for key, value in pairs[:at]), pairs[at][0].beyond(pairs[at][1])) for at in range(len(pairs))]
    if inclusive:
        either.append(and_(*(key.same(value) for key, value in pairs)))
    lead, value = pairs[0]
    return and_(or_(lead.same(value), lead.beyond(value)), or_(*either)) if not lead.is_open else or_(*either)


def _at_once(pairs: list[tuple[Key, Any]]) -> tuple[Any, Any]:
    if len(pairs) == 1:
        return pairs[0][0].column, pairs[0][1]
    return tuple_(*(key.column for key, _value in pairs)), tuple(value for _key, value in pairs)


def stretches(keys: Sequence[Key]) -> list[Stretch]:
    """The list in stretches, first to last."""
    return list(_split(Stretch(tuple(keys))))


def _split(whole: Stretch) -> Iterator[Stretch]:
    first = whole.rest[0]
    missing = (None,) if first.is_open else ()
    values = [*missing, *first.members] if first.is_turned else [*first.members, *missing]
    if not values:
        yield whole
        return
    filled = replace(whole, where=(*whole.where, first.column.is_not(None)))
    if not first.members and first.is_turned:
        values = [*values, ...]
    elif not first.members:
        values = [..., *values]
    for value in values:
        part = replace(whole, fixed=(*whole.fixed, value), where=(*whole.where, first.same(value))) if value is not ... else filled
        yield from _split(part) if value is not ... and _parts_again(part) else [part]


def _parts_again(part: Stretch) -> bool:
    """Whether the next key has rows without a value, which no index has at that end."""
    return part.rest[0].is_open and not part.rest[0].members


def keyed(query: Select[Any], plan: Plan, names: Iterable[str]) -> tuple[Select[Any], list[Key]]:
    """The query with what it takes to sort it by these fields (``-`` downward), and the keys; the id comes last, so that no two rows tie."""
    keys: list[Key] = []
    for name in names:
        if name.removeprefix("-") == "id":
            return query, [*keys, _identity(plan, is_down=name.startswith("-"))]
        query, key = _key(query, plan, plan.fields[name.removeprefix("-")], is_first=not keys)
        keys.append(replace(key, is_down=name.startswith("-")))
    return query, [*keys, _identity(plan, is_down=keys[-1].is_down if keys else True)]


def _identity(plan: Plan, *, is_down: bool) -> Key:
    return Key("id", None, plan.model.id, Whole(least=1), is_down)


def _key(query: Select[Any], plan: Plan, one: Field, *, is_first: bool) -> tuple[Select[Any], Key]:
    """A link sorts by what the other record is called."""
    named = next((field for field in titled(plan_of(one.target)) if not field.is_link), None) if one.target else None
    if one.target is None or named is None:
        column, kind = getattr(plan.model, one.column), Whole() if one.target else one.kind
        if isinstance(kind, Closed) and not is_first:
            column, kind = in_order(column, kind), Whole()
        return query, Key(one.name, one.label, column, kind, is_open=one.nullable)
    other = aliased(one.target)
    query = query.join(getattr(plan.model, one.name).of_type(other), isouter=one.nullable)
    return query, Key(one.name, one.label, getattr(other, named.column), named.kind, is_open=one.nullable or named.nullable)


def in_order(column: Any, kind: Closed) -> ColumnElement[int]:
    """The place of a choice among its members."""
    return case(*((column == member, at) for at, member in enumerate(kind.members)))


def ordered(query: Select[Any], plan: Plan, names: Iterable[str]) -> Select[Any]:
    """The query in the order of the named fields, for those who read it to its end."""
    query, keys = keyed(query, plan, names)
    first, *rest = keys
    if isinstance(first.kind, Closed):
        first = replace(first, column=in_order(first.column, first.kind))
    return query.order_by(*_sorting((first, *rest)))


def _sorting(keys: Iterable[Key]) -> Iterator[ColumnElement[Any]]:
    return (one.sorting() for one in keys)
