"""The controls of a form: which one asks for a value, and how it is drawn."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from wtforms.widgets import CheckboxInput, DateInput, DateTimeLocalInput, EmailInput, TelInput, TextArea, html_params

from backoffice.declare.kinds import Truth
from backoffice.plan import Field
from backoffice.views.drawing import drawn, joined

SELECTED = Markup(" selected")


class TickedInput(CheckboxInput):  # type: ignore[misc]  # WTForms is untyped
    """A checkbox that says no when it is not ticked; a form without it says nothing."""

    def __call__(self, field: Any, **options: Any) -> Markup:
        silent = drawn('<input type="hidden" name="%s" value="no">', field.name)
        box: Markup = super().__call__(field, **options)
        return silent + box


class Options:
    """A select; a value that was sent and is none of the list stands for nothing chosen."""

    input_type = "select"

    def __call__(self, field: Any, **options: Any) -> Markup:
        if field.flags.required:
            options["required"] = True
        inside = [drawn('<option%s value="%s">%s</option>', SELECTED if code == field.text else "", code, label) for code, label in field.choices()]
        attributes = Markup(html_params(**{"id": field.id, "name": field.name, **options}))  # noqa: S704  # escaped by html_params
        return drawn("<select %s>%s</select>", attributes, joined(inside))


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
