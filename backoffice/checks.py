"""Start-up checks: a wrong declaration is refused with class, field and remedy, before any request.

Each check yields findings; ids are stable (``docs/checks.md`` lists them).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa

from backoffice import action_checks, board_checks, list_checks, report_checks, trial_checks
from backoffice.declare import BadDeclaration, Handover, Verb, fold
from backoffice.declare.kinds import Calendar, Instant, Selection
from backoffice.declare.text import CHINESE, ENGLISH
from backoffice.findings import Finding, field_at
from backoffice.findings import at as _at
from backoffice.plan import Action, Plan, Plans, plan_of
from backoffice.saving import numbered

MOST_FIELDS = 63


def check(plans: Plans) -> list[Finding]:
    """All findings on these plans."""
    found = [finding for plan in plans.values() for one in _CHECKS for finding in one(plan, plans)]
    return found + list(_accounts(plans))


def insist(plans: Plans, more: Sequence[Finding] = ()) -> None:
    """Raise :class:`BadDeclaration` with every finding, one a line."""
    if found := [*check(plans), *more]:
        raise BadDeclaration("\n".join(map(str, found)))


def _key(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    if plan.resource.key == ("id",):
        return
    for name in plan.resource.key:
        if name not in plan.fields:
            yield Finding("B002", _at(plan), f"the key names {name!r}, which is no field.", "Name fields that exist.")
    columns = {plan.fields[name].column for name in plan.resource.key if name in plan.fields}
    if not any(columns == unique for unique in _unique_sets(plan)):
        yield Finding("B004", _at(plan), f"nothing keeps the key {plan.resource.key} unique.", "Add unique=True or a UniqueConstraint.")


def _unique_sets(plan: Plan) -> Iterator[set[str]]:
    table = plan.table
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            yield {column.name for column in constraint.columns}
    yield from ({column.name for column in index.columns} for index in table.indexes if index.unique)
    yield from ({column.name} for column in table.columns if column.unique)


def _named_fields(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    given = plan.resource
    named = {"columns": given.columns, "filters": given.filters, "title": given.title, "order": given.order, "search": given.search, "contact": given.contact}
    named |= {f"the queue {one.name}": (*one.order, *one.shows) for one in given.queues}
    for option, names in named.items():
        for name in names:
            if field_at(plan, name) is None and name.lstrip("-") != "id":
                yield Finding("B003", _at(plan), f"{option} names {name!r}, which is no field.", "Name a field, over links with a dot.")
    for role, right in given.rights.items():
        for name in right.hidden | right.frozen:
            if name not in plan.fields:
                yield Finding("B016", _at(plan), f"the rights of {role} name {name!r}, which is no field.", "Name fields that exist.")


def _personal_names(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for name in plan.resource.title or plan.resource.key:
        if (one := plan.fields.get(name)) is not None and one.personal:
            problem = "names its records by personal data, which links, pickers and the trail would show to all."
            yield Finding("B018", _at(plan, name), problem, "Choose other fields for the title.")


def _contacts(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for path in plan.resource.contact:
        one = field_at(plan, path)
        if one is not None and ("." not in path or not one.personal):
            yield Finding("B019", _at(plan, path), "contact names no personal field of a linked record.", "Name one over a link, as in reader.mobile.")


def _unlabeled(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    known = {one.column for one in plan.fields.values()}
    for attribute in sa.inspect(plan.model).column_attrs:
        column = attribute.columns[0]
        if attribute.key in known or attribute.key in ("id", "version"):
            continue
        if column.foreign_keys:
            yield Finding("B005", _at(plan, attribute.key), "a foreign key without a link.", "Add link(_(…)) beside it.")


def _aliases(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    headers: dict[str, str] = {}
    for one in plan.fields.values():
        for word in {one.name, one.label.in_locale(ENGLISH), one.label.in_locale(CHINESE), *one.aliases}:
            other = headers.setdefault(fold(word), one.name)
            if other != one.name and not (one.is_system or plan.fields[other].is_system):
                yield Finding("B009", _at(plan, one.name), f"the header {word!r} also means {other!r}.", "Rename one label or alias.")


def _links(plan: Plan, plans: Plans) -> Iterator[Finding]:
    models = {one.model for one in plans.values()}
    for one in (*plan.fields.values(), *(field for action in plan.actions.values() for field in action.fields)):
        if one.target is not None and one.target not in models:
            yield Finding("B010", _at(plan, one.name), f"links to {one.target.__name__}, which is not loaded.", "Add it to load_models().")


def _actions(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for action in plan.actions.values():
        yield from _action_roles(plan, action)
        if not action.spec.targets:
            continue
        state = plan.fields.get(action.spec.field)
        if state is None or not isinstance(state.kind, Selection) or not state.locked:
            yield Finding("B011", _at(plan, action.name), f"moves {action.spec.field!r}.", "Make that field a locked Choice.")


def _action_roles(plan: Plan, action: Action) -> Iterator[Finding]:
    if not action.spec.by:
        yield Finding("B008", _at(plan, action.name), "is offered to nobody.", "Name the roles in by=.")
    for role in action.spec.by:
        right = plan.resource.rights.get(role)
        if right is None or Verb.ACT not in right.verbs:
            problem = f"is offered to {role.value}, who may not act here."
            yield Finding("B008", _at(plan, action.name), problem, "Give Verb.ACT or drop the role.")


def _doubts(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for doubt in plan.resource.doubts:
        for name in doubt.names:
            one = plan.fields.get(name)
            if one is None or one.is_link is not isinstance(doubt, Handover):
                problem = f"the doubt {doubt.code!r} names {name!r}, which is no {'link' if isinstance(doubt, Handover) else 'plain field'}."
                yield Finding("B020", _at(plan), problem, "A Twin compares two plain fields, a Handover is about a link.")


def _merges(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    merge = plan.resource.merge
    if merge is None:
        return
    into = plan.fields.get(merge.into)
    if into is None or into.target is not plan.model or not into.locked or not into.nullable:
        yield Finding("B035", _at(plan, merge.into), "merge needs a link to where a record went.", "Declare a locked, optional link to the noun itself.")
    for name in merge.names:
        if name not in plan.fields or plan.fields[name].locked:
            yield Finding("B036", _at(plan), f"merge names {name!r}, which is no field that people write.", "Name fields that exist and are not locked.")
    for role in merge.by:
        given = plan.resource.rights.get(role)
        if given is None or Verb.UPDATE not in given.verbs:
            yield Finding("B037", _at(plan), f"merge is offered to {role.value}, who may not change records here.", "Give Verb.UPDATE or drop the role.")


def _pages(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    page, children = plan.resource.page, {one.name: one for one in plan.children}
    if page is None:
        return
    for name in page.names:
        if name not in plan.fields:
            yield Finding("B045", _at(plan), f"page names {name!r}, which is no field.", "Name fields of the noun itself.")
    for name in (*page.first, *(one.children for one in page.begin)):
        if name not in children:
            yield Finding("B045", _at(plan), f"page names {name!r}, which are no children.", "Declare children(…), or name others.")
    for begin in page.begin:
        there = plan_of(children[begin.children].target) if begin.children in children else None
        for name, own in begin.fills.items() if there else ():
            one, mine = there.fields.get(name) if there else None, plan.fields.get(own)
            if one is None or mine is None or one.target is None or one.target is not mine.target:
                yield Finding("B045", _at(plan), f"page fills {name!r} from {own!r}.", "Name two links to one noun: of the new record, and of this one.")


def _told(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    told, alerts = plan.resource.timeline, plan.resource.alerts
    for path in (*(told.of if told else ()), *(path for one in alerts for path in one.of)):
        one = field_at(plan, path)
        if one is None or one.target is None:
            yield Finding("B046", _at(plan, path), "alerts or timeline belong to what is no link.", "Name a link, over links with a dot.")
    for name in (*(told.shows if told else ()), *(name for one in alerts for name in one.says)):
        if name not in plan.fields:
            yield Finding("B046", _at(plan), f"alerts or timeline tell {name!r}, which is no field.", "Name fields of the noun itself.")
    times = [plan.fields.get(name) for name in told.at] if told else []
    if told and not (times and all(one is not None and isinstance(one.kind, (Instant, Calendar)) for one in times)):
        yield Finding("B047", _at(plan), "timeline stands at what is no day or moment.", "Name such fields in at=.")
    elif times and times[-1] is not None and times[-1].nullable:
        yield Finding("B047", _at(plan, times[-1].name), "timeline stands at what may be empty.", 'End at= with one that is not, "created_at" say.')


def _many_fields(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A staged row keeps one bit of a whole number for each column that changes."""
    count = sum(not (one.is_system or one.secret) for one in plan.fields.values())
    if plan.resource.importable and count > MOST_FIELDS:
        yield Finding("B057", _at(plan), f"{count} fields do not fit into one file.", f"Keep at most {MOST_FIELDS}, or say importable=False.")


def _numbers(plan: Plan, plans: Plans) -> Iterator[Finding]:
    for name, letters in numbered(plan.model):
        others = [other.model.__name__ for other in plans.values() if other is not plan and letters in dict(numbered(other.model)).values()]
        if others:
            yield Finding("B060", _at(plan, name), f"takes its numbers from the series {letters!r}, as {others[0]} does.", "Give each noun letters of its own.")


def _needed(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for attribute in sa.inspect(plan.model).column_attrs:
        spec = attribute.columns[0].info.get("field")
        if spec and spec.needed and not attribute.columns[0].nullable:
            problem = "is needed of new records but the column is never empty."
            yield Finding("B012", _at(plan, attribute.key), problem, "Write Mapped[… | None].")


def _waiting(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    for one in plan.fields.values():
        if one.waiting and not (isinstance(one.kind, Selection) and set(one.waiting) <= set(one.kind.members)):
            yield Finding("B038", _at(plan, one.name), "waits in what is none of its members.", "Name members of its own Choice in waiting=.")


def _readers(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    if not plan.resource.rights or not any(Verb.READ in right.verbs for right in plan.resource.rights.values()):
        yield Finding("B017", _at(plan), "nobody may read it.", "Give rights to at least one role.")


def _accounts(plans: Plans) -> Iterator[Finding]:
    people = [plan for plan in plans.values() if plan.resource.accounts]
    if len(people) != 1:
        yield Finding("B014", "load_models()", f"{len(people)} models sign in.", "Say accounts=True in exactly one Resource.")


_CHECKS: tuple[Callable[[Plan, Plans], Iterator[Finding]], ...] = (
    _key, _named_fields, _personal_names, _contacts, _unlabeled, _aliases, _links, _actions, _doubts, _merges, _pages, _told, _many_fields, _numbers,
    _needed, _waiting, _readers,
    *list_checks.CHECKS, *report_checks.CHECKS, *board_checks.CHECKS, *action_checks.CHECKS, *trial_checks.CHECKS,
)
