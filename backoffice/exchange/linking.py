"""Links of a file: the other side's natural key becomes the other record, one query per column and chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from backoffice import access
from backoffice.declare import Invalid, Model, Verb, _
from backoffice.exchange.keys import by_text
from backoffice.plan import Field, plan_of


@dataclass(frozen=True)
class Hit:
    """The record that a text names, and whether the person may know of it."""

    record: Model
    is_visible: bool


class Linker:
    """Remembers for one link column which text names which record. Misses are asked again: a later row may make them true."""

    def __init__(self, session: Session, person: Any, field: Field) -> None:
        assert field.target is not None  # noqa: S101  # a link has a target
        self.session, self.person, self.plan = session, person, plan_of(field.target)
        self.known: dict[str, Hit] = {}

    def load(self, texts: set[str]) -> None:
        """Look up what is not known yet."""
        new = {text for text in texts if text not in self.known and self._may_name(text)}
        if not new:
            return
        found = by_text(self.session, self.plan, new)
        visible = self._visible({record.id for record in found.values()})
        self.known |= {text: Hit(record, record.id in visible) for text, record in found.items()}

    def find(self, text: str) -> Hit | Invalid:
        """The record, or why there is none."""
        return self.known.get(text) or self.objection(text)

    def _visible(self, ids: set[int]) -> set[int]:
        if access.right(self.person, self.plan).rows is None and access.can(self.person, Verb.READ, self.plan):
            return ids
        query = access.scoped_query(self.person, self.plan, archived=None).where(self.plan.model.id.in_(ids))
        return set(self.session.scalars(query.with_only_columns(self.plan.model.id)))

    def _may_name(self, text: str) -> bool:
        return not isinstance(self._plain(text), Invalid)

    def _plain(self, text: str) -> Any:
        """The value of a key of one plain field; the text itself for any other."""
        key = self.plan.key
        if len(key) != 1 or key[0].is_link:
            return text
        try:
            return key[0].kind.parse(text)
        except Invalid as problem:
            return problem

    def objection(self, text: str) -> Invalid:
        """Why the text names no record."""
        value = self._plain(text)
        if isinstance(value, Invalid):
            return value
        return Invalid("unknown_link", _("There is no such record: {noun}.", noun=self.plan.resource.singular))
