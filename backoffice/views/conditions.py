"""Conditions that hold together or one instead of another, as JSON in one parameter of the address.

``where={"any":[{"field":"state","is":"lost"},{"all":[{"field":"due_on","to":"2026-01-01"},{"field":"reader.branch","is":"mine"}]}]}``

A group holds where ``all`` or ``any`` of what it lists does. A condition is about one field, over links with a dot; it says
``is`` or ``not`` (a value or a list of them), ``from``, ``to``, ``has`` (a part of a text) or ``empty`` (true or false).
Each is judged as the simple filter of the field is, by the same rights.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, not_, or_
from werkzeug.datastructures import MultiDict

from backoffice.declare import Invalid, Text, _
from backoffice.declare.kinds import Code, Selection, Truth
from backoffice.errors import BadRequest
from backoffice.plan import Plan
from backoffice.views.common import clipped
from backoffice.views.filter_words import EMPTY
from backoffice.views.filters import FROM, TO, Chip, Filter, about, is_ranged
from backoffice.views.matching import cleaned, escaped
from backoffice.views.paths import Path, path_to

WHERE = "where"
DEEPEST, MOST, MOST_VALUES, LONGEST = 4, 30, 100, 6_000
GROUPS = ("all", "any")
TESTS = ("is", "not", "from", "to", "has", "empty")
UNREADABLE = _("The conditions in the address cannot be read.")


def read(person: Any, plan: Plan, args: MultiDict[str, str]) -> list[Filter]:
    """The conditions of an address as one filter, or none. Raises :class:`BadRequest` for what cannot be meant."""
    texts = [text for text in args.getlist(WHERE) if text.strip()]
    if not texts:
        return []
    if len(texts) > 1:
        raise BadRequest(_("An address has one “{name}”.", name=WHERE))
    found = Reading(person, plan)
    condition, words = found.node(parsed(texts[0]), 1)
    return [Filter(WHERE, condition, (Chip(str(_("Conditions")), words, WHERE, texts[0]),))]


def parsed(text: str) -> Any:
    """The JSON; numbers stay as they were written."""
    if len(text) > LONGEST:
        raise BadRequest(_("The conditions are too long: {most} characters are possible.", most=LONGEST))
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as problem:
        raise BadRequest(UNREADABLE) from problem


class Reading:
    """One reading of conditions. It counts what it has met; ``names`` keeps how people call the records among the values."""

    def __init__(self, person: Any, plan: Plan) -> None:
        self.person, self.plan = person, plan
        self.conditions = self.values = 0
        self.names: dict[str, str] = {}

    def node(self, said: Any, depth: int) -> tuple[ColumnElement[bool], str]:
        """A group or a condition: what it asks of a row, and the same in words."""
        if not isinstance(said, dict):
            raise BadRequest(UNREADABLE)
        if "field" in said:
            return self._leaf(said)
        if len(said) != 1 or (name := next(iter(said))) not in GROUPS or not isinstance(said[name], list):
            raise BadRequest(_("A group of conditions is a list called “all” or “any”."))
        if not said[name]:
            raise BadRequest(_("A group needs at least one condition."))
        if depth > DEEPEST:
            raise BadRequest(_("Groups stand at most {most} deep in each other.", most=DEEPEST))
        parts = [self._part(one, depth) for one in said[name]]
        join: Any = and_ if name == "all" else or_
        return join(*(condition for condition, _words in parts)), f" {_('and') if name == 'all' else _('or')} ".join(words for _condition, words in parts)

    def _part(self, said: Any, depth: int) -> tuple[ColumnElement[bool], str]:
        condition, words = self.node(said, depth + 1)
        is_group = isinstance(said, dict) and any(isinstance(said.get(name), list) and len(said[name]) > 1 for name in GROUPS)
        return condition, f"({words})" if is_group else words

    def _leaf(self, said: dict[str, Any]) -> tuple[ColumnElement[bool], str]:
        self.conditions += 1
        if self.conditions > MOST:
            raise BadRequest(_("At most {most} conditions fit into an address.", most=MOST))
        path = self._path(said["field"])
        tests = [(name, value) for name, value in said.items() if name != "field"]
        if not tests or any(name not in TESTS for name, _value in tests):
            raise BadRequest(_("A condition says one of: {known}.", known=", ".join(TESTS)))
        parts = [self._test(path, name, value) for name, value in tests]
        return and_(*(condition for condition, _words in parts)), f" {_('and')} ".join(words for _condition, words in parts)

    def _path(self, name: Any) -> Path:
        plain = cleaned(name) if isinstance(name, str) else ""
        word = self.plan.by_word.get(plain)
        path = path_to(self.person, self.plan, word.name if word else plain)
        if path is None:
            raise BadRequest(_("There is no filter “{name}” here.", name=clipped(name)))
        return path

    def _test(self, path: Path, test: str, value: Any) -> tuple[ColumnElement[bool], str]:
        if test == "empty":
            return self._asked(path, path.name + EMPTY, ["1" if self._truth(value) else "0"], "{label}: {values}")
        if test in {"from", "to"}:
            if not is_ranged(path):
                raise BadRequest(_wrong(path))
            return self._asked(path, path.name + (FROM if test == "from" else TO), self._values(path, value, most=1), "{label} {values}")
        texts = self._values(path, value, most=1 if test == "has" else MOST_VALUES)
        if test == "has":
            if not is_text(path):
                raise BadRequest(_wrong(path))
            return self._asked(path, path.name, texts, _("{label} contains “{values}”"))
        if is_text(path) and path.field.personal is None:
            condition, values = or_(*(same(path, text) for text in texts)), _either(texts)
        else:
            condition, values = self._given(path, path.name, texts)
        if test == "not":
            return not_(func.coalesce(condition, false())), str(_("{label} is not {values}", label=path.label, values=values))
        return condition, f"{path.label}: {values}"

    def _asked(self, path: Path, name: str, texts: list[str], words: Text | str) -> tuple[ColumnElement[bool], str]:
        condition, values = self._given(path, name, texts)
        return condition, str(words.format(label=path.label, values=values))

    def _given(self, path: Path, name: str, texts: list[str]) -> tuple[ColumnElement[bool], str]:
        """As the simple filter understands it."""
        found = about(self.person, path, MultiDict([(name, text) for text in texts]))
        self.names.update({f"{path.name}:{chip.value}": chip.text for chip in found.chips})
        return found.condition, _either([chip.text for chip in found.chips])

    def _values(self, path: Path, value: Any, most: int) -> list[str]:
        texts = [_text(path, one) for one in (value if isinstance(value, list) else [value])]
        self.values += len(texts)
        if not texts:
            raise BadRequest(_wrong(path))
        if len(texts) > most or self.values > MOST_VALUES:
            raise BadRequest(_("A filter takes at most {most} values.", most=most))
        return texts

    @staticmethod
    def _truth(value: Any) -> bool:
        if value in (True, "1"):
            return True
        if value in (False, "0"):
            return False
        raise BadRequest(_("“{name}” is true or false.", name="empty"))


def is_text(path: Path) -> bool:
    """Whether one looks for parts of it."""
    return not path.field.is_link and not is_ranged(path) and not isinstance(path.field.kind, Selection | Truth)


def same(path: Path, text: str) -> ColumnElement[bool]:
    """The whole text is this, whatever its case."""
    kind = path.field.kind
    if not isinstance(kind, Code):
        return path.where(lambda column: column.ilike(escaped(text), escape="\\"))
    try:
        code = kind.parse(text)
    except Invalid:
        return false()
    return path.where(lambda column: column == code)


def _text(path: Path, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = cleaned(value) if isinstance(value, str) else ""
    if not text:
        raise BadRequest(_("A value is missing: {label}.", label=path.label))
    return text


def _either(words: list[str]) -> str:
    return f" {_('or')} ".join(words)


def _wrong(path: Path) -> Text:
    return _("“{label}” cannot be asked like that.", label=path.label)
