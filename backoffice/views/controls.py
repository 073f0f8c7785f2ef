"""The controls of a form: which one asks for a value, and how it is drawn."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from wtforms.widgets import CheckboxInput, DateInput, DateTimeLocalInput, EmailInput, TelInput, TextArea, html_params

from backoffice.declare.kinds import Truth
from backoffice.plan import Field


class TickedInput(CheckboxInput):  # type: ignore[misc]  # WTForms is untyped
    """A checkbox that says no when it is not ticked; a form without it says nothing."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        silent = Markup('<input type="hidden" name="{}" value="no">').format(field.name)
        box: Markup = super().__call__(field, **options)
        return silent + box


class Options:
    """A select; a value that was sent and is none of the list stands for nothing chosen."""

    input_type = "select"

    def __call__(self, field: Any, **options: Any) -> Markup:
        if field.flags.required:
            options["required"] = True
        inside = [
            Markup("<option {}>{}</option>").format(Markup(html_params(value=code, selected=code == field.text)), label)  # noqa: S704  # escaped
            for code, label in field.choices()
        ]
        attributes = html_params(**{"id": field.id, "name": field.name, **options})
        return Markup("<select {}>{}</select>").format(Markup(attributes), Markup("").join(inside))  # noqa: S704  # escaped by html_params


WIDGETS = {
    "textarea": TextArea(), "select": Options(), "checkbox": TickedInput(), "date": DateInput(), "datetime-local": DateTimeLocalInput(),
    "tel": TelInput(), "email": EmailInput(),
}
EXTRAS = {
    "textarea": {"rows": 4}, "number": {"inputmode": "numeric"}, "decimal": {"inputmode": "decimal"}, "tel": {"autocomplete": "off"},
    "email": {"autocomplete": "off"},
}


def control_of(one: Field) -> str:
    """Which control asks for a value: text, textarea, select, checkbox, picker, date and so on."""
    if one.is_link:
        return "picker"
    return "select" if isinstance(one.kind, Truth) and one.nullable else one.kind.control
