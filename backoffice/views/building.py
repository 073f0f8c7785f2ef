"""What the builder of conditions needs to know of a noun, at ``/<resource>/conditions``: fields, what each can be asked, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, jsonify, request
from flask_admin import expose

from backoffice.access import can, fields_for
from backoffice.declare import Text, Verb, _
from backoffice.declare.kinds import Selection, Truth
from backoffice.plan import Field, Plan
from backoffice.views import conditions
from backoffice.views.common import person, target_of
from backoffice.views.filter_words import TIMES, is_timed, own_of
from backoffice.views.filters import is_ranged
from backoffice.views.paths import Path, path_to

WORDS: dict[str, Text] = {
    "title": _("Conditions"), "all": _("All of these hold"), "any": _("At least one of these holds"), "add": _("Condition"), "group": _("Group"),
    "remove": _("Remove"), "apply": _("Show matches"), "cancel": _("Cancel"), "clear": _("No conditions"), "close": _("Close"), "field": _("Field"),
    "test": _("Comparison"), "value": _("Value"), "own": _("Fields of the record"), "none": _("Nothing found"),
    "failed": _("The search did not work. Try again."), "found": _("{count} results"), "search": _("Type to search"), "missing": _("Fill in every value first."),
    "choose": _("Hold all, or any, of a group; a group may hold groups."),
}
TESTS: dict[str, Text] = {
    "is": _("is"), "not": _("is not"), "from": _("from"), "to": _("up to"), "has": _("contains"), "empty": _("is empty"), "filled": _("is not empty"),
}


class BuilderPages:
    """The fields of one noun, and of those that it links to."""

    plan: Plan

    @expose("/conditions")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def conditions_page(self) -> Response:
        """Tell what one can ask; with ``where=``, also how the records in it are called."""
        who = person()
        reading = conditions.Reading(who, self.plan)
        text = request.args.get(conditions.WHERE)
        said = conditions.parsed(text) if text else None
        if said is not None:
            reading.node(said, 1)
        return jsonify(
            fields=list(_fields(who, self.plan)), where=said, names=reading.names, words={name: str(text) for name, text in WORDS.items()},
            tests={name: str(text) for name, text in TESTS.items()}, most=conditions.MOST, deepest=conditions.DEEPEST,
        )


def _fields(who: Any, plan: Plan) -> Iterator[dict[str, Any]]:
    """The noun's own fields, then those of the records that it links to."""
    own = fields_for(who, plan)
    yield from (_field(path, None) for one in own if (path := path_to(who, plan, one.name)))
    for link in own:
        if link.target is not None and can(who, Verb.READ, target_of(link)):
            deeper = [one for one in fields_for(who, target_of(link)) if not one.is_system]
            yield from (_field(path, link) for one in deeper if (path := path_to(who, plan, f"{link.name}.{one.name}")))


def _field(path: Path, group: Field | None) -> dict[str, Any]:
    field = path.field
    kind, tests = _kind(path)
    is_open = field.nullable or len(path.steps) > 1
    known: dict[str, Any] = {"name": path.name, "label": str(field.label), "group": str(group.label) if group else "", "kind": kind}
    known["tests"] = [*tests, *(("empty", "filled") if is_open else ())]
    known["words"] = {word: str(label) for word, label in _words(path)}
    if isinstance(field.kind, Selection) and not field.is_link:
        known["choices"] = [[str(one.value), str(one.label)] for one in field.kind.members]
    elif isinstance(field.kind, Truth):
        known["choices"] = [["yes", str(_("Yes"))], ["no", str(_("No"))]]
    if field.is_link and can(path.person, Verb.READ, target_of(field)):
        known["options"] = f"/{target_of(field).name}/options"
    return known


def _kind(path: Path) -> tuple[str, tuple[str, ...]]:
    """Which control asks for a value, and what can be asked."""
    field = path.field
    if field.is_link:
        return "link", ("is", "not") if can(path.person, Verb.READ, target_of(field)) else ()
    if isinstance(field.kind, Selection):
        return "choice", ("is", "not")
    if isinstance(field.kind, Truth):
        return "truth", ("is",)
    if is_timed(field.kind):
        return "date", ("from", "to", "is")
    if is_ranged(path):
        return "number", ("is", "from", "to", "not")
    return "text", ("is",) if field.personal else ("has", "is", "not")


def _words(path: Path) -> Iterator[tuple[str, Text]]:
    if path.field.is_link:
        yield from ((word, own.label) for word, own in own_of(path.person, target_of(path.field)).items() if own.ids)
    elif is_timed(path.field.kind):
        yield from TIMES.items()
