"""From declared models to frozen plans: all that pages, files and rights need to know, found once."""

from __future__ import annotations

import functools
import inspect as python
import types
import typing
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import inspect
from sqlalchemy.orm import ColumnProperty, MappedColumn, Mapper, RelationshipProperty

from backoffice.declare import ActionSpec, BadDeclaration, Choice, Kind, Line, Model, Resource, Text, Whole
from backoffice.declare.base import SYSTEM_FIELDS
from backoffice.declare.fields import FieldSpec
from backoffice.declare.kinds import Selection, Truth, Verbatim


@dataclass(frozen=True)
class Field:
    """One field of a noun, or one parameter of an action: a value of a kind, or a link to a record."""

    name: str
    label: Text
    kind: Kind
    target: type[Model] | None = None
    column: str = ""
    help: Text | None = None
    aliases: tuple[str, ...] = ()
    required: bool = False
    nullable: bool = True
    unique: bool = False
    locked: bool = False
    secret: bool = False
    numbered: bool = False
    waiting: tuple[Choice, ...] = ()
    default: Any = None
    word: str = ""
    """Its name in files, commands and findings; a link may be called after the other side's key."""

    @property
    def is_link(self) -> bool:
        """Whether the value is another record."""
        return self.target is not None

    @property
    def is_system(self) -> bool:
        """Whether every record has it and nobody writes it."""
        return self.name in SYSTEM_FIELDS

    @property
    def personal(self) -> str | None:
        """The sort of personal data, if it is any."""
        return self.kind.personal

    def dump(self, value: Any) -> Any:
        """The value for the audit trail: typed JSON; a link is its id and its name."""
        if value is not None and self.is_link:
            return {"id": value.id, "name": str(value)}
        return self.kind.dump(value)


@dataclass(frozen=True)
class Action:
    """An action with the fields of its dialog."""

    spec: ActionSpec
    fields: tuple[Field, ...]
    help: str = ""

    @property
    def name(self) -> str:
        """The method's name, which is also its address."""
        return self.spec.name


@dataclass(frozen=True)
class Children:
    """The records that point here by the link ``back`` of ``target``."""

    name: str
    label: Text
    target: type[Model]
    back: str


@dataclass(frozen=True)
class Plan:
    """Everything the generator knows of one noun."""

    model: type[Model]
    resource: Resource
    fields: Mapping[str, Field]
    actions: Mapping[str, Action]
    children: tuple[Children, ...]

    @property
    def name(self) -> str:
        """The address and the word on the command line."""
        return self.resource.name

    @property
    def table(self) -> sa.Table:
        """The table that the records stand in."""
        return typing.cast(sa.Table, self.model.__table__)

    @functools.cached_property
    def key(self) -> tuple[Field, ...]:
        """The fields of the natural key; the internal id where there is none."""
        return tuple(self.fields[name] for name in self.resource.key if name != "id")

    @functools.cached_property
    def by_word(self) -> Mapping[str, Field]:
        """The fields by their names and by their words."""
        return {**{one.word: one for one in self.fields.values()}, **self.fields}

    @functools.cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that a list shows, unless the person chose others."""
        return tuple(self.fields[name] for name in self.resource.columns or tuple(self.fields)[:6])

    @functools.cached_property
    def open_fields(self) -> tuple[Field, ...]:
        """The fields that people write: not locked, not kept by the system."""
        return tuple(one for one in self.fields.values() if not one.locked and not one.is_system)

    def key_of(self, record: Model) -> str:
        """The natural key as one text, its parts joined by a slash; links by their own key."""
        parts = (getattr(record, one.name) for one in self.key)
        return "/".join(self._key_part(one, part) for one, part in zip(self.key, parts, strict=True)) or str(record.id)

    @staticmethod
    def _key_part(one: Field, part: Any) -> str:
        if part is None:
            return ""
        return plan_of(part.__class__).key_of(part) if one.is_link else one.kind.write(part)


class Plans(Mapping[str, Plan]):
    """The plans of one app, by resource name, in menu order."""

    def __init__(self, models: typing.Iterable[type[Model]]) -> None:
        self._plans: dict[str, Plan] = {}
        for model in models:
            plan = plan_of(model)
            if plan.name in self._plans:
                raise BadDeclaration(f"B013 {model.__name__}: the name {plan.name!r} is taken. Give Resource another name.")
            self._plans[plan.name] = plan

    def __getitem__(self, name: str) -> Plan:
        return self._plans[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plans)

    def __len__(self) -> int:
        return len(self._plans)

    @property
    def accounts(self) -> Plan:
        """The plan of the people who sign in."""
        return next(plan for plan in self.values() if plan.resource.accounts)


@functools.cache
def plan_of(model: type[Model]) -> Plan:
    """The plan of a model; the same object every time."""
    mapper: Mapper[Any] = inspect(model)
    fields = {one.name: one for one in _worded(list(_fields(mapper)))}
    actions = {name: _action(model, method, fields) for name, method in _marked(model)}
    return Plan(model, model.__resource__, fields, actions, tuple(_children(mapper)))


def _fields(mapper: Mapper[Any]) -> Iterator[Field]:
    """Columns and links in the order of declaration, the system's own fields last."""
    tail: list[Field] = []
    by_column = {one.local_remote_pairs[0][0].key: one for one in mapper.relationships if "field" in one.info}
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if column.key in by_column:
            yield _link(by_column[column.key], attribute)
        elif "field" in column.info:
            one = _field(attribute)
            if one.is_system:
                tail.append(one)
            else:
                yield one
    yield from tail


def _worded(fields: list[Field]) -> Iterator[Field]:
    """The same fields with their words; two links to one noun keep their own names."""
    counted = Counter(one.target for one in fields if one.target is not None)
    taken = {one.name for one in fields}
    for one in fields:
        wish = one.target.__resource__.linked_as if one.target is not None and counted[one.target] == 1 else None
        yield replace(one, word=one.name if wish is None or wish in taken else wish)


def _field(attribute: ColumnProperty[Any]) -> Field:
    column: sa.Column[Any] = attribute.columns[0]  # type: ignore[assignment]  # a mapped table's column
    spec: FieldSpec = column.info["field"]
    kind = column.info.get("kind") or _plain_kind(column.type)
    has_default = column.default is not None or spec.numbered is not None
    return Field(
        attribute.key, spec.label, kind, None, attribute.key, spec.help, spec.aliases,
        required=(not column.nullable and not has_default) or spec.needed, nullable=bool(column.nullable), unique=bool(column.unique),
        locked=spec.locked, secret=spec.secret, numbered=spec.numbered is not None, waiting=spec.waiting,
        default=column.default.arg if isinstance(column.default, sa.ColumnDefault) and column.default.is_scalar else None,
    )


def _link(relation: RelationshipProperty[Any], attribute: ColumnProperty[Any]) -> Field:
    column: sa.Column[Any] = attribute.columns[0]  # type: ignore[assignment]  # a mapped table's column
    spec: FieldSpec = relation.info["field"]
    return Field(
        relation.key, spec.label, Line(), relation.mapper.class_, attribute.key, spec.help, spec.aliases,
        required=not column.nullable or spec.needed, nullable=bool(column.nullable), unique=bool(column.unique), locked=spec.locked,
    )


def _plain_kind(column_type: Any) -> Kind:
    """The kind of a column that was declared with a bare SQLAlchemy type."""
    if isinstance(column_type, sa.Enum) and column_type.enum_class:
        return Selection(members=typing.cast(type[Choice], column_type.enum_class))
    if isinstance(column_type, sa.Boolean):
        return Truth()
    if isinstance(column_type, sa.Integer):
        return Whole()
    if isinstance(column_type, sa.Text):
        return Verbatim(width=20_000)
    if isinstance(column_type, sa.String):
        return Line(width=column_type.length or 200)
    raise BadDeclaration(f"B006 {column_type!r} has no kind. Use a type of backoffice.declare, or column_of(Kind).")


def _children(mapper: Mapper[Any]) -> Iterator[Children]:
    for relation in mapper.relationships:
        if spec := relation.info.get("children"):
            yield Children(relation.key, spec.label, relation.mapper.class_, relation.back_populates or "")


def _marked(model: type[Model]) -> Iterator[tuple[str, Any]]:
    """The decorated methods, in the order of declaration, bases first."""
    seen = {name: None for base in reversed(model.__mro__) for name in vars(base)}
    for name in seen:
        method = python.getattr_static(model, name)
        if hasattr(method, "__action__"):
            yield name, method


def _action(model: type[Model], method: Any, fields: Mapping[str, Field]) -> Action:
    spec: ActionSpec = method.__action__
    known = {mapper.class_.__name__: mapper.class_ for mapper in model.registry.mappers}
    hints = typing.get_type_hints(method, localns=known, include_extras=True)
    parameters = python.signature(method).parameters.values()
    asked = [one for one in parameters if one.kind is one.KEYWORD_ONLY]
    return Action(spec, tuple(_parameter(model, spec, one, hints[one.name], fields) for one in asked), python.getdoc(method) or "")


def _parameter(model: type[Model], spec: ActionSpec, one: python.Parameter, hint: Any, fields: Mapping[str, Field]) -> Field:
    label = (spec.labels or {}).get(one.name) or (fields[one.name].label if one.name in fields else None)
    if label is None:
        raise BadDeclaration(f"B007 {model.__name__}.{spec.name}: the parameter {one.name!r} has no label. Name it in labels={{…}}.")
    bare, optional = _without_none(hint)
    required = one.default is one.empty and not optional
    default = None if one.default is one.empty else one.default
    if isinstance(bare, type) and issubclass(bare, Model):
        return Field(one.name, label, Line(), bare, one.name, required=required, nullable=optional)
    kind = _hinted_kind(bare)
    if kind is None:
        raise BadDeclaration(f"B007 {model.__name__}.{spec.name}: the type of {one.name!r} has no kind. Use one of backoffice.declare.")
    required = required and not isinstance(kind, Truth)
    return Field(one.name, label, kind, None, one.name, required=required, nullable=optional, default=default)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        rest = [arm for arm in typing.get_args(hint) if arm is not type(None)]
        return (rest[0], True) if len(rest) == 1 else (hint, False)
    return hint, False


def _hinted_kind(hint: Any) -> Kind | None:
    for extra in getattr(hint, "__metadata__", ()):
        if isinstance(extra, MappedColumn):
            return typing.cast(Kind, extra.column.info["kind"])
    if isinstance(hint, type) and issubclass(hint, Choice):
        return Selection(members=hint)
    plain: dict[Any, Kind] = {bool: Truth(), int: Whole(), str: Line()}
    return plain.get(hint)


