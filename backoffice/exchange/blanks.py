"""Empty files to fill in: the columns that a person may import, each with what it wants and an example.

In XLSX the first sheet has the headers alone, with a note on each, lists for choices and text cells
for codes; a second sheet explains. In CSV the explanations stand above the headers: the import
passes over what comes before them.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from sqlalchemy import inspect

from backoffice.access import Access, field_access
from backoffice.declare import Code, Invalid, Kind, Verb, _, clock
from backoffice.declare.contact import Mailbox, Telephone
from backoffice.declare.fields import FieldSpec
from backoffice.declare.kinds import Amount, Calendar, Instant, Line, Selection, Truth, Verbatim, Whole
from backoffice.declare.text import series
from backoffice.exchange.formats.shape import Shape
from backoffice.exchange.formats.xlsx import PIECE, PROPERTIES, WIDTHS, look_of, sheet_of, workbook
from backoffice.exchange.guard import guarded
from backoffice.plan import Field, Plan, plan_of

LAST_ROW = 1_048_575
LISTED = 255
"""Signs of a list that a spreadsheet keeps in the rule itself; a longer one stands on the second sheet."""
SHAPES: tuple[tuple[type[Kind], Shape], ...] = (
    (Whole, Shape.WHOLE), (Amount, Shape.AMOUNT), (Calendar, Shape.DAY), (Instant, Shape.MOMENT), (Verbatim, Shape.LONG),
)


@dataclass(frozen=True)
class Hint:
    """What a person is told of a column."""

    field: Field
    header: str
    shape: Shape
    choices: tuple[str, ...]
    example: str

    @property
    def note(self) -> str:
        """All of it, in lines."""
        lines = [_("required") if self.field.required else _("may stay blank")]
        if self.field.help:
            lines.append(self.field.help)
        if self.field.target is not None:
            other = plan_of(self.field.target)
            lines.append(_("The key of a record that exists: {noun} ({key}).", noun=other.resource.singular, key=" / ".join(str(one.label) for one in other.key)))
        if self.choices:
            lines.append(_("One of: {choices}", choices=series(self.choices)))
        if self.example:
            lines.append(_("Example: {example}", example=self.example))
        return "\n".join(map(str, lines))


def hints(person: Any, plan: Plan) -> list[Hint]:
    """The columns that the person may write, and the key, as declared."""
    fields = [one for one in plan.fields.values() if one in plan.key or field_access(person, plan, one, Verb.IMPORT) is Access.WRITE]
    return [_hint(plan, one) for one in fields]


def _hint(plan: Plan, one: Field) -> Hint:
    shape = next((shape for kind, shape in SHAPES if isinstance(one.kind, kind) and not one.is_link), Shape.TEXT)
    return Hint(one, str(one.label), shape, _choices(one.kind) if not one.is_link else (), example(plan, one))


def _choices(kind: Kind) -> tuple[str, ...]:
    if isinstance(kind, Selection):
        return tuple(str(one.label) for one in kind.members)
    return (kind.show(True), kind.show(False)) if isinstance(kind, Truth) else ()


def example(plan: Plan, one: Field) -> str:
    """A text that the column takes; nothing where only a record's own value would do."""
    if one.target is not None:
        other = plan_of(one.target)
        parts = [example(other, key) for key in other.key]
        return "/".join(parts) if all(parts) else ""
    text = _example(plan, one)
    try:
        one.kind.parse(text)
    except Invalid:
        return ""
    return text


def _example(plan: Plan, one: Field) -> str:
    kind, today = one.kind, clock.today()
    if choices := _choices(kind):
        return choices[0]
    if isinstance(kind, Whole):
        return str(min(max(kind.least, 1), kind.most)) if kind.most < 1900 or kind.least < 1900 else str(today.year)
    if isinstance(kind, Code):
        spec: FieldSpec = inspect(plan.model).column_attrs[one.column].columns[0].info["field"]
        return kind.example or (f"{spec.numbered}{today:%Y%m%d}-0001" if spec.numbered else "A-001")
    known: dict[type[Kind], str] = {
        Amount: "1280.00", Calendar: today.isoformat(), Instant: f"{today.isoformat()} 14:30", Telephone: "13900000000", Mailbox: "name@example.com",
        Verbatim: str(_("Any text")), Line: str(_("Any text")),
    }
    return next((text for sort, text in known.items() if isinstance(kind, sort)), "")


def as_csv(person: Any, plan: Plan) -> bytes:
    """What each column wants with an example, and below it the headers that rows are written under."""
    some = hints(person, plan)
    above = _("Fill in below the line of headers; what stands above it is passed over.")
    rows = ([str(above)], [one.note.replace("\n", " · ") for one in some], [one.header for one in some])
    text = StringIO(newline="")
    text.write("\ufeff")
    csv.writer(text).writerows([guarded(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def as_xlsx(person: Any, plan: Plan) -> Iterator[bytes]:
    """The workbook, piece by piece."""
    with tempfile.TemporaryFile() as file:
        with workbook(file, constant_memory=False) as book:
            _fill(book, plan, hints(person, plan))
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(book: Any, plan: Plan, some: list[Hint]) -> None:
    looks = {name: book.add_format(given) for name, given in PROPERTIES.items()}
    looks["required"] = book.add_format({**PROPERTIES["header"], "bg_color": "#FFE9A8"})
    looks["wrapped"] = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet, guide = sheet_of(book, str(plan.resource.plural)), sheet_of(book, str(_("Explanations")))
    sheet.freeze_panes(1, 0)
    headings = [_("Column"), _("What it wants"), _("Example"), _("Choices")]
    for place, heading in enumerate(headings):
        guide.write_string(0, place, str(heading), looks["header"])
    guide.set_column(0, 0, 20)
    guide.set_column(1, 3, 40)
    below = len(some) + 3
    for place, one in enumerate(some):
        _column(sheet, place, one, looks)
        for column, text in enumerate((one.header, one.note, one.example, series(one.choices))):
            guide.write_string(place + 1, column, guarded(text), looks["wrapped"])
        if one.choices:
            sheet.data_validation(1, place, LAST_ROW, place, {"validate": "list", "source": _list(guide, below, place, one.choices)})


def _column(sheet: Any, place: int, one: Hint, looks: dict[str, Any]) -> None:
    sheet.set_column(place, place, max(WIDTHS[one.shape], min(len(one.header) * 2 + 4, 30)), looks[look_of(one.shape)])
    sheet.write_string(0, place, one.header, looks["required" if one.field.required else "header"])
    sheet.write_comment(0, place, one.note, {"x_scale": 2, "y_scale": 1.5})


def _list(guide: Any, below: int, place: int, choices: tuple[str, ...]) -> Any:
    """The choices as a rule takes them: themselves, or where they stand."""
    from xlsxwriter.utility import xl_range_abs  # noqa: PLC0415  # as in formats/xlsx.py

    if sum(len(choice) + 1 for choice in choices) <= LISTED and not any("," in choice for choice in choices):
        return list(choices)
    for row, choice in enumerate(choices):
        guide.write_string(below + row, place + 5, choice)
    name = guide.get_name().replace("'", "''")
    return f"='{name}'!{xl_range_abs(below, place + 5, below + len(choices) - 1, place + 5)}"
