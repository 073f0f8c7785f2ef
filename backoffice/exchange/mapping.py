"""From headers to fields: by name, label in either language or alias, folded; a link also by the other side's key."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backoffice.declare import Model, _, fold
from backoffice.declare.text import CHINESE, ENGLISH, Text, series
from backoffice.exchange.outcome import Finding, Unreadable
from backoffice.plan import Field, Plan, plan_of

IGNORED = ""
"""What ``--map HEADER=`` leaves a column to."""
REASON = _("Why it was refused")
"""The column that a file of refused rows has more than their own file; it is passed over when that comes back."""


class Headed(Protocol):
    """What the headers of a file are read from."""

    @property
    def headers(self) -> list[str]:
        """The headers in the order of the columns."""

    @property
    def header_line(self) -> int:
        """The line that they stand on."""


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


def headings(headers: Sequence[str]) -> list[str]:
    """The headers as choices by hand call them: one that stands there before gets a number, a blank one the number of its column."""
    seen: Counter[str] = Counter()
    named = []
    for index, header in enumerate(headers):
        name = header or f"#{index + 1}"
        seen[fold(name)] += 1
        named.append(name if seen[fold(name)] == 1 else f"{name} ({seen[fold(name)]})")
    return named


def match(plan: Plan, sheet: Headed, keys: tuple[Field, ...], said: Mapping[str, str]) -> Mapped:
    """Map the headers of a file. ``keys`` must be among them; ``said`` is what the person maps by hand.

    Raises :class:`Unreadable` where the file cannot mean one thing.
    """
    names = headings(sheet.headers)
    by_hand = _by_hand(plan, sheet, names, said)
    columns: list[Column] = []
    left: list[tuple[int, bool]] = []
    for index, header in enumerate(sheet.headers):
        told = next((fold(name) for name in (names[index], header) if fold(name) in by_hand), None)
        if told is not None and by_hand[told] is None:
            continue
        found = (by_hand[told] if told is not None else None) or words(plan).get(fold(header))
        if found is None or found[0].is_system:
            left.append((index, found is not None))
        else:
            columns.append(Column(index, header or names[index], *found))
    _insist_on_one_each(columns)
    _insist_on_keys(plan, columns, keys)
    return Mapped(tuple(columns), tuple(_left_out(sheet, left)))


def _by_hand(plan: Plan, sheet: Headed, names: Sequence[str], said: Mapping[str, str]) -> dict[str, tuple[Field, str] | None]:
    headers = {fold(header) for header in (*sheet.headers, *names)}
    chosen: dict[str, tuple[Field, str] | None] = {}
    for header, name in said.items():
        if fold(header) not in headers:
            raise Unreadable("unknown_header", _("The file has no column “{header}”.", header=header[:60]))
        found = words(plan).get(fold(name))
        if found is None and name != IGNORED:
            raise Unreadable("unknown_field", _("There is no field “{name}” here.", name=name[:60]))
        chosen[fold(header)] = found if name != IGNORED else None
    return chosen


def _left_out(sheet: Headed, left: Sequence[tuple[int, bool]]) -> Iterator[Finding]:
    """A notice for each column that goes nowhere, with its first filled cell."""
    samples = first_texts(sheet, [index for index, _is_system in left])
    for index, is_system in left:
        header, sample = sheet.headers[index], samples.get(index)
        if (not header and sample is None) or is_reason(header):
            continue
        code, why = "unknown_column", _("Nobody knows this column; it is left out.")
        if is_system:
            code, why = "system_column", _("The system keeps this column by itself; it is left out.")
        yield Finding(sheet.header_line, 0, header, None, sample, code, str(why))


def is_reason(header: str) -> bool:
    """Whether this is the column that a file of refused rows has more."""
    return fold(header) in {fold(REASON.in_locale(locale)) for locale in (CHINESE, ENGLISH)}


def first_texts(sheet: Headed, wanted: Sequence[int]) -> dict[int, str]:
    """The first filled cell of these columns, as far as the first rows have one."""
    found: dict[int, str] = {}
    for cells in _first_rows(sheet) if wanted else ():
        for index in wanted:
            if index not in found and index < len(cells) and (text := cells[index].strip()):
                found[index] = text
        if len(found) == len(wanted):
            break
    return found


def _first_rows(sheet: Any) -> Iterable[list[str]]:
    if hasattr(sheet, "rows"):
        return (row.cells for row in sheet.rows)
    first = next(sheet.chunks(), None)
    return first.cells if first is not None else ()


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
        why = _("The column that names the record is missing: {columns}.", columns=series(labels))
        raise Unreadable("missing_key_column", why)
