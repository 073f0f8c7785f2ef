"""From headers to fields: by name, label in either language or alias, folded; a link also by the other side's key."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backoffice.declare import Model, _, fold
from backoffice.declare.text import CHINESE, ENGLISH, Text
from backoffice.exchange.outcome import Finding, Unreadable
from backoffice.exchange.reading import Sheet
from backoffice.plan import Field, Plan, plan_of

IGNORED = ""
"""What ``--map HEADER=`` leaves a column to."""


@dataclass(frozen=True)
class Column:
    """A column of the file that goes to a field. ``word`` is how findings call it."""

    index: int
    header: str
    field: Field
    word: str


@dataclass(frozen=True)
class Mapped:
    """The columns that are understood, and notices about the others."""

    columns: tuple[Column, ...]
    notices: tuple[Finding, ...]

    def of(self, field: Field) -> Column | None:
        """The column of a field."""
        return next((one for one in self.columns if one.field is field), None)


def known_by(plan: Plan, said: Mapping[str, str]) -> functools.partial[str | None]:
    """A function from a header to the name of its field, for finding the header line."""
    return functools.partial(_known, words(plan), {fold(header): name for header, name in said.items()})


def _known(table: Mapping[str, tuple[Field, str]], said: Mapping[str, str], header: str) -> str | None:
    folded = fold(header)
    if folded in said:
        return said[folded] or None
    found = table.get(folded)
    return found[0].name if found else None


def words(plan: Plan) -> Mapping[str, tuple[Field, str]]:
    """Every folded header that is understood: its field, and the word that findings use for it."""
    return _words(plan.model)


@functools.cache
def _words(model: type[Model]) -> Mapping[str, tuple[Field, str]]:
    plan = plan_of(model)
    table: dict[str, tuple[Field, str]] = {}
    fields = sorted((one for one in plan.fields.values() if not one.secret), key=lambda one: one.is_system)
    for one in fields:
        for word in names_of(one):
            table.setdefault(fold(word), (one, one.word))
    for one, key in links_by_key(plan):
        for word in names_of(key):
            table.setdefault(fold(word), (one, one.word))
    return table


def names_of(field: Field) -> Iterator[str]:
    """The field's name, its labels, its aliases."""
    yield from (field.name, field.word, field.label.in_locale(CHINESE), field.label.in_locale(ENGLISH), *field.aliases)


def links_by_key(plan: Plan) -> Iterator[tuple[Field, Field]]:
    """Links that are the only one to their noun, with that noun's key where it is one plain field."""
    counted = Counter(one.target for one in plan.fields.values() if one.is_link)
    for one in plan.fields.values():
        if one.target is not None and counted[one.target] == 1:
            key = plan_of(one.target).key
            if len(key) == 1 and not key[0].is_link:
                yield one, key[0]


def match(plan: Plan, sheet: Sheet, keys: tuple[Field, ...], said: Mapping[str, str]) -> Mapped:
    """Map the headers of a file. ``keys`` must be among them; ``said`` is what the person maps by hand.

    Raises :class:`Unreadable` where the file cannot mean one thing.
    """
    by_hand = _by_hand(plan, sheet, said)
    columns: list[Column] = []
    notices: list[Finding] = []
    for index, header in enumerate(sheet.headers):
        if fold(header) in by_hand and by_hand[fold(header)] is None:
            continue
        found = by_hand.get(fold(header)) or words(plan).get(fold(header))
        if found is None or found[0].is_system:
            notices.extend(_left_out(sheet, index, header, is_system=found is not None))
        else:
            columns.append(Column(index, header, *found))
    _insist_on_one_each(columns)
    _insist_on_keys(plan, columns, keys)
    return Mapped(tuple(columns), tuple(notices))


def _by_hand(plan: Plan, sheet: Sheet, said: Mapping[str, str]) -> dict[str, tuple[Field, str] | None]:
    headers = {fold(header) for header in sheet.headers}
    chosen: dict[str, tuple[Field, str] | None] = {}
    for header, name in said.items():
        if fold(header) not in headers:
            raise Unreadable("unknown_header", _("The file has no column “{header}”.", header=header[:60]))
        found = words(plan).get(fold(name))
        if found is None and name != IGNORED:
            raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
        chosen[fold(header)] = found if name != IGNORED else None
    return chosen


def _left_out(sheet: Sheet, index: int, header: str, *, is_system: bool) -> Iterator[Finding]:
    sample = next((cell.strip() for row in sheet.rows if index < len(row.cells) and (cell := row.cells[index]).strip()), None)
    if not header and sample is None:
        return
    code, why = "unknown_column", _("Nobody knows this column; it is left out.")
    if is_system:
        code, why = "system_column", _("The system keeps this column by itself; it is left out.")
    yield Finding(sheet.header_line, 0, header, None, sample, code, str(why))


def _insist_on_one_each(columns: list[Column]) -> None:
    seen: dict[str, str] = {}
    for one in columns:
        if one.field.name in seen:
            why = _("“{first}” and “{second}” both mean the field {field}. Leave one out.",
                    first=seen[one.field.name], second=one.header, field=one.field.label)
            raise Unreadable("duplicate_header", why)
        seen[one.field.name] = one.header


def _insist_on_keys(plan: Plan, columns: list[Column], keys: tuple[Field, ...]) -> None:
    there = {one.field.name for one in columns}
    missing = [one for one in keys if one.name not in there and not (one.nullable and len(keys) > 1)]
    if missing:
        labels: list[Text | str] = [one.label for one in missing]
        why = _("The column that names the record is missing: {columns}.", columns="、".join(map(str, labels)))
        raise Unreadable("missing_key_column", why)
