"""When two records turn out to be one: who may merge them, what makes one suspect it, and which values stand by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from backoffice.declare.text import Text

_WHOLE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Alike:
    """Two records with the same in all these ``fields`` may be one. ``last``: of a field only so many signs at its end count.

    ``Alike("name", "mobile", last={"mobile": 4}, code="…", why=_("…"))``; the ``code`` is remembered, ``why`` is said.
    """

    fields: tuple[str, ...]
    code: str
    why: Text
    last: Mapping[str, int] = field(default_factory=lambda: _WHOLE)

    def __init__(self, *fields: str, code: str, why: Text, last: Mapping[str, int] = _WHOLE) -> None:
        for name, value in (("fields", fields), ("code", code), ("why", why), ("last", MappingProxyType(dict(last)))):
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Merge:
    """Records of the noun can be merged, one into another, by these roles.

    ``into`` is the locked link to the noun itself that says where a record went. Of each field that differs a person
    chooses one value; fields in ``together`` are chosen as one. Suggested is what the record that stays has, else what the
    other one has; the larger value in ``most``, the smaller in ``least``. For ``days`` it can be undone.
    """

    by: tuple[Any, ...]
    alike: tuple[Alike, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    most: tuple[str, ...] = ()
    least: tuple[str, ...] = ()
    into: str = "merged_into"
    days: int = 30

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it speaks of."""
        alike = (name for one in self.alike for name in one.fields)
        return (*alike, *(name for group in self.together for name in group), *self.most, *self.least)
