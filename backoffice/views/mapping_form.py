"""What the page about columns sends: each column's field, what its blank cells do, how records are found, and what unknown texts mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from backoffice.access import scoped_query
from backoffice.db import db
from backoffice.declare import Text, _
from backoffice.declare.text import series
from backoffice.exchange import guessing
from backoffice.exchange.counting import is_listed
from backoffice.exchange.goals import Goal
from backoffice.exchange.layouts import LayoutPlan
from backoffice.exchange.mapping import IGNORED
from backoffice.exchange.options import MODES, POLICIES, Options, Policy
from backoffice.exchange.preparing import Target
from backoffice.exchange.surveying import Survey
from backoffice.plan import Field, Plan
from backoffice.views.common import target_of, whole_number

NATURAL, OTHER, BLANK = "", "*", "\u2205"
"""Values of two selects: the natural key, a choice of fields; and a text that leaves the cell blank."""
Form = MultiDict[str, str]


def chosen(person: Any, target: Target, survey: Survey, options: Options, form: Form) -> Options:
    """The choices as the form has them; a field that is not offered is left out."""
    offered = {one.word: one for some in guessing.offered(person, target) for one in some}
    columns, policies = {}, dict[str, Policy]()
    for index, content in enumerate(survey.columns):
        word = form.get(f"field.{index}", options.columns.get(content.heading, IGNORED))
        columns[content.heading] = word if word in offered else IGNORED
        policy = next((one for one in POLICIES if one == form.get(f"blank.{index}")), None)
        if word in offered and policy is not None and not offered[word].is_shared:
            policies[word] = policy
    goals = [offered[word] for word in columns.values() if word != IGNORED]
    mine = replace(options, columns=columns, policies=policies, clear_blank=False, values=_values(person, options, goals, form))
    return _of_noun(person, target, survey, goals, mine, form) if isinstance(target, Plan) else _of_layout(target, mine, form)


def _of_noun(person: Any, plan: Plan, survey: Survey, goals: list[Goal], options: Options, form: Form) -> Options:
    """The choices that there are for files of one noun."""
    return replace(
        options, match=_match(person, plan, form), mode=next((one for one in MODES if one == form.get("mode")), options.mode),
        parents=tuple(one.word for one in goals if one.word in form.getlist("parents") and guessing.may_make(person, one.field)),
        export=survey.export_token if form.get("as_export", "1") == "1" else None,
    )


def _of_layout(layout: LayoutPlan, options: Options, form: Form) -> Options:
    """The choices that there are for flat files: what holds for all lines."""
    sent = {one.word: form.get(f"given.{one.word}", options.given.get(one.word, "")).strip() for one in layout.common}
    return replace(options, given={word: text for word, text in sent.items() if text})


def _match(person: Any, plan: Plan, form: Form) -> tuple[str, ...]:
    given = form.get("key", NATURAL)
    names = form.getlist("match") if given == OTHER else given.split(",")
    known = {one.name for one in guessing.findable(person, plan)}
    match = tuple(dict.fromkeys(name for name in names if name in known))
    return () if match == tuple(one.name for one in plan.key) else match


def key_choice(plan: Plan, sets: list[tuple[Field, ...]], options: Options) -> str:
    """The value of the select for how records are found."""
    if not options.match:
        return NATURAL
    joined = ",".join(options.match)
    return joined if any(joined == named(some) for some in sets[1:]) else OTHER


def named(some: tuple[Field, ...]) -> str:
    """A set of fields as the value of an option."""
    return ",".join(one.name for one in some)


def _values(person: Any, options: Options, goals: list[Goal], form: Form) -> dict[str, dict[str, str]]:
    """What stands for texts that mean nothing: as the form says, else as it was."""
    values = {word: dict(texts) for word, texts in options.values.items()}
    for goal in goals:
        for bad, text in _replaced(person, goal, form):
            texts = values.setdefault(goal.word, {})
            if text is None:
                texts.pop(bad, None)
            else:
                texts[bad] = text
    return {word: texts for word, texts in values.items() if texts}


def _replaced(person: Any, goal: Goal, form: Form) -> Iterator[tuple[str, str | None]]:
    """Each unknown text of a field, and what stands for it; None where it stays as it is."""
    for place, bad in enumerate(form.getlist(f"bad.{goal.word}")):
        name = f"value.{goal.word}.{place}"
        if is_listed(goal.field):
            given = form.get(name, "")
            yield bad, "" if given == BLANK else given or None
        else:
            yield bad, _picked(person, goal.field, form.get(name)) or form.get(f"{name}_key", "").strip() or None


def _picked(person: Any, one: Field, text: str | None) -> str | None:
    """The natural key of a record that was picked."""
    number = whole_number(text)
    if number is None:
        return None
    target = target_of(one)
    record = db.session.scalars(scoped_query(person, target, archived=None).where(target.model.id == number)).first()
    return target.key_of(record) if record is not None else None


def warnings(plan: Plan, options: Options, rows: int) -> Iterator[tuple[str, Text]]:
    """What keeps the file from being checked (``bad``), or is worth knowing before (``warn``)."""
    counted = Counter(word for word in options.columns.values() if word != IGNORED)
    for word, count in counted.items():
        if count > 1:
            headers = series(f"“{header}”" for header, chosen_word in options.columns.items() if chosen_word == word)
            yield "bad", _("{headers} all go to the field {field}. Leave all but one out.", headers=headers, field=plan.by_word[word].label)
    keys = [plan.by_word[name] for name in options.match] or list(plan.key)
    missing = [one for one in keys if one.word not in counted and not (one.nullable and len(keys) > 1)]
    if missing:
        yield "bad", _("No column says which record a row means: {fields}. Choose the column, or find records by other fields.", fields=labels(missing))
    absent = [one for one in needed(plan) if one.word not in counted and one not in missing]
    if absent and options.mode != "update":
        yield "warn", _("New records also need: {fields}. Without these columns rows can only change records that are there.", fields=labels(absent))
    yield from no_rows(rows)


def no_rows(rows: int) -> Iterator[tuple[str, Text]]:
    """A word about a file that holds nothing."""
    if not rows:
        yield "warn", _("The file has a header and no rows.")


def needed(plan: Plan) -> list[Field]:
    """The fields that a new record needs from its file."""
    return [one for one in plan.fields.values() if one.required and one.default is None and not (one.locked or one.is_system or one.numbered or one.secret)]


def labels(fields: Iterable[Field]) -> str:
    """Fields for a sentence."""
    return series(one.label for one in fields)
