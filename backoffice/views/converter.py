"""From a plan's fields to form fields: one text or one picked record each, judged by the field's kind.

Built on Flask-Admin's form conversion, so that a form follows the declaration and nothing else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from flask_admin.contrib.sqla.form import AdminModelConverter, get_form
from flask_admin.form import BaseForm
from wtforms import Field as FormField
from wtforms.fields.core import UnboundField
from wtforms.utils import unset_value
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from backoffice import keys
from backoffice.access import can, scoped_query
from backoffice.db import db
from backoffice.declare import Invalid, Model, Text, Verb, _
from backoffice.declare.kinds import INVISIBLE, Selection, Truth, Verbatim
from backoffice.plan import Field, plan_of
from backoffice.views.common import clipped, person, whole_number
from backoffice.views.controls import EXTRAS, WIDGETS, control_of
from backoffice.views.words import noun

NEEDED = _("This must be filled in.")


class KindField(FormField):  # type: ignore[misc]  # WTForms is untyped
    """A value typed as text. Blank means none; an unchanged text leaves the stored value as it is, to the byte.

    A field that the form did not send keeps its value. A masked one shows nothing, and blank keeps what is stored.
    """

    def __init__(self, plan_field: Field, **options: Any) -> None:
        super().__init__(label=plan_field.label, description=plan_field.help or "", **options)
        self.plan_field, self.kind, self.is_masked = plan_field, plan_field.kind, False
        self.control = control_of(plan_field)
        self.widget = WIDGETS.get(self.control, TextInput())
        self.type = f"{self.control.title()}Field"
        self.render_kw = EXTRAS.get(self.control)
        self.require(plan_field.required)

    @property
    def is_required(self) -> bool:
        """Whether blank is refused."""
        return bool(self.flags.required)

    def require(self, is_required: bool) -> None:
        """Refuse blank, or allow it."""
        self.flags.required = is_required and self.control != "checkbox"

    @property
    def is_given(self) -> bool:
        """Whether the form sent it."""
        return bool(self.raw_data)

    @property
    def is_changed(self) -> bool:
        """Whether the person sent something else than what the form showed."""
        return self.is_given and (bool(self.process_errors) or self.data != self.object_data)

    @property
    def mask(self) -> str:
        """What stands for the stored value where it may not be shown."""
        return "" if self.object_data is None or not self.is_masked else self.kind.mask(self.object_data)

    @property
    def checked(self) -> bool:
        """Whether the box is ticked."""
        return bool(self.data)

    def choices(self) -> list[tuple[str, str]]:
        """The values of a select with their labels."""
        blank = [] if self.is_required and self.data is not None else [("", "—")]
        if isinstance(self.kind, Selection):
            return blank + [(one.value, str(one.label)) for one in self.kind.members]
        return [*blank, ("yes", str(_("Yes"))), ("no", str(_("No")))]

    @property
    def text(self) -> str:
        """What the control shows: as typed, else as stored."""
        if self.raw_data:
            return str(self.raw_data[-1])
        return "" if self.data is None or self.is_masked else self._written(self.data)

    def _value(self) -> str:
        return "yes" if self.control == "checkbox" else self.text

    def typed(self) -> list[tuple[str, str]]:
        """What the person sent, as pairs that a later form sends again."""
        return [(self.name, str(value)) for value in self.raw_data[-1:]]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the stored value, then what was sent."""
        super().process(formdata, data, extra_filters)
        if self.mask:
            self.require(is_required=False)
            self.render_kw = {"placeholder": self.mask, "autocomplete": "off"}
            self.description = _("Stored: {mask}. Leave empty to keep it.", mask=self.mask)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Judge the text; raises ValueError with a sentence, as WTForms asks."""
        if not valuelist:
            return
        text = str(valuelist[-1])
        if isinstance(self.kind, Truth) and self.control == "checkbox":
            self.data = bool(text.strip()) and self._parsed(text)
        elif _is_blank(text):
            self.data = self.object_data if self.is_masked else None
        elif self.is_masked or self.object_data is None or _lines(text) != _lines(self._written(self.object_data)):
            self.data = self._parsed(_lines(text) if isinstance(self.kind, Verbatim) else text)

    def pre_validate(self, _form: Any) -> None:
        """Refuse an empty field that must be filled in."""
        if self.is_required and self.data is None and not self.process_errors and self.control != "checkbox":
            raise ValidationError(str(NEEDED))

    def refuse(self, why: Text) -> None:
        """Show a sentence at the field."""
        self.errors: list[str] = [*self.errors, str(why)]

    def _parsed(self, text: str) -> Any:
        try:
            return self.kind.parse(text)
        except Invalid as no:
            raise ValueError(str(no.why)) from no

    def _written(self, value: Any) -> str:
        text = self.kind.write(value)
        return text.replace(" ", "T") if self.control == "datetime-local" else text


class PickedField(KindField):
    """Another record, by its internal id (``reader``) or its natural key (``reader_key``)."""

    data: Any

    def __init__(self, plan_field: Field, **options: Any) -> None:
        super().__init__(plan_field, **options)
        self.target = plan_of(cast("type[Model]", plan_field.target))

    @property
    def picker(self) -> str:
        """Where its options are asked for."""
        return f"/{self.target.name}/options"

    @property
    def picker_new(self) -> Text | None:
        """What making a new record from inside is called; None for whoever may not, or would not see it then."""
        may = can(person(), Verb.CREATE, self.target) and can(person(), Verb.READ, self.target)
        return _("New {noun}", noun=noun(self.target.resource.singular)) if may else None

    @property
    def picker_text(self) -> str:
        """The chosen record's name, or the key as it was typed."""
        return self.key_typed or (str(self.data) if self.data is not None else "")

    @property
    def is_changed(self) -> bool:
        return self.is_given and (bool(self.process_errors) or _id(self.data) != _id(self.object_data))

    @property
    def text(self) -> str:
        """The internal id."""
        return str(_id(self.data) or "")

    def typed(self) -> list[tuple[str, str]]:
        return [(self.name, self.text), (f"{self.name}_key", self.key_typed)]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the id where one was picked, else the key that was typed."""
        super().process(None, data, extra_filters)
        self.raw_data, self.key_typed = [], ""
        if formdata is None or not (self.name in formdata or f"{self.name}_key" in formdata):
            return
        number, key = (formdata.getlist(name)[-1:] or [""] for name in (self.name, f"{self.name}_key"))
        self.raw_data = [number[0] or key[0]]
        try:
            self.data = self._picked(number[0].strip(), key[0].strip())
        except ValueError as no:
            self.key_typed, self.data = key[0].strip() or number[0].strip(), None
            self.process_errors.append(str(no))

    def _picked(self, number: str, key: str) -> Model | None:
        if not number and not key:
            return None
        if number and number == str(_id(self.object_data)):
            if not key or key.split() == str(self.object_data).split():
                return self.object_data  # type: ignore[no-any-return]  # a record
            number = ""  # without scripts one types over the name, and the id stays behind
        plan = self.target
        query = scoped_query(person(), plan)
        by_id = query.where(plan.model.id == (whole_number(number) or 0))
        found: Model | None = db.session.scalars(by_id).first() if number else keys.find(db.session(), query, plan, key)
        if found is None:
            why = _("There is no “{text}” among the records of “{noun}” that you can choose.", text=clipped(key or number), noun=plan.resource.plural)
            raise ValueError(str(why))
        return found


Prepare = Callable[[KindField], bool]


class PlanForm(BaseForm):  # type: ignore[misc]  # Flask-Admin is untyped
    """A form whose fields are those of a plan or of an action.

    ``prepare`` sees each field before anything is read into it; what it answers False to is left out.
    """

    def __init__(self, formdata: Any = None, *, prepare: Prepare | None = None, values: dict[str, Any] | None = None) -> None:
        self._prepare = prepare
        super().__init__(formdata, data=values or {})

    def process(self, *given: Any, **named: Any) -> None:
        for name in list(self._fields):
            if self._prepare is not None and not self._prepare(self[name]):
                del self[name]
        super().process(*given, **named)

    def refuse(self, why: Text, field: str | None = None) -> None:
        """Show a sentence at its field, else above the form."""
        if field in self:
            self[field].refuse(why)
        else:
            self.form_errors: list[str] = [*self.form_errors, str(why)]


class PlanConverter(AdminModelConverter):  # type: ignore[misc]  # Flask-Admin is untyped
    """Asks the plan, not the column, what a property becomes."""

    def convert(self, model: Any, _mapper: Any, name: str, _prop: Any, _args: Any, _hidden_pk: bool) -> UnboundField | None:
        return control_for(plan_of(model).fields[name])


def control_for(one: Field, **options: Any) -> UnboundField:
    """The form field that asks for a field of a plan or a parameter of an action."""
    return PickedField(one, **options) if one.is_link else KindField(one, **options)


@functools.cache
def form_class(model: type[Model]) -> type[PlanForm]:
    """The form of a noun, with every field that anybody may write."""
    names = [one.name for one in plan_of(model).open_fields]
    return get_form(model, PlanConverter(db, None), base_class=PlanForm, only=names)  # type: ignore[no-any-return]  # untyped


@functools.cache
def action_form_class(model: type[Model], action: str) -> type[PlanForm]:
    """The dialog of an action, made of its parameters."""
    fields = plan_of(model).actions[action].fields
    return type("ActionForm", (PlanForm,), {one.name: control_for(one, id=f"do-{one.name}") for one in fields})


def _id(record: Any) -> int | None:
    return None if record is None else int(record.id)


def _is_blank(text: str) -> bool:
    return not INVISIBLE.sub("", text).strip()


def _lines(text: str) -> str:
    """The text as a browser sends it back, whatever it ends its lines with."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


