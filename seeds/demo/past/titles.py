"""What records are called, for whoever points to them: the trail tells a link with the name of its record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import repeat
from typing import Any

from sqlalchemy.orm import Session

from backoffice.declare import Model
from backoffice.exchange.stage import stored_column
from backoffice.plan import Plan
from seeds.demo.past.press import Columns


class Titles:
    """Of the nouns that ``last`` all names are kept, of others those of the last set; what is not known is looked up."""

    def __init__(self, session: Session, last: Collection[type[Model]]) -> None:
        self.session, self.last = session, last
        self._known: dict[type[Model], tuple[int, list[str]]] = {}

    def keep(self, noun: type[Model], first: int, names: list[str]) -> None:
        """Remember the names of records with ids from the first on."""
        if noun in self.last and noun in self._known:
            self._known[noun][1].extend(names)
        else:
            self._known[noun] = first, names

    def finder(self, noun: type[Model]) -> Callable[[int], str]:
        """From an id to a name."""
        first, names = self._known.get(noun, (1, []))
        stop = first + len(names)

        def find(number: int) -> str:
            return names[number - first] if first <= number < stop else str(self.session.get(noun, number))

        return find

    def of(self, plan: Plan, columns: Columns, count: int) -> list[str]:
        """What ``str(record)`` says of so many new records: the fields of the title that are filled."""
        parts = [self._part(plan, name, columns, count) for name in plan.resource.title or plan.resource.key]
        return list(parts[0]) if len(parts) == 1 else [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]

    def _part(self, plan: Plan, name: str, columns: Columns, count: int) -> Any:
        field = plan.fields[name]
        values = columns[stored_column(plan, field).name]
        say = str if field.target is None else self.finder(field.target)
        if not isinstance(values, list):
            return repeat(say(values), count)
        return [None if value is None else say(value) for value in values]
