"""``flask resources``: what the house knows, for scripts."""

from __future__ import annotations

from typing import Any

import click

from backoffice.cli.house import AS_JSON, command, plans, say_json
from backoffice.declare import Choice, Text
from backoffice.declare.kinds import Selection
from backoffice.declare.text import CHINESE, ENGLISH
from backoffice.plan import Action, Field, Plan, plan_of


@command("resources", AS_JSON)
def listing(as_json: bool) -> None:
    """List the resources with their fields, rights and actions."""
    if as_json:
        say_json([described(plan) for plan in plans().values()])
        return
    for plan in plans().values():
        click.echo(f"{plan.name}: {plan.resource.plural} ({', '.join(one.word for one in plan.key) or 'id'})")


def described(plan: Plan) -> dict[str, Any]:
    """A resource, as the contract of the commands says."""
    given = plan.resource
    return {
        "name": plan.name, "label": str(given.plural), "labels": both(given.plural), "key": [one.word for one in plan.key] or ["id"], "import": given.importable,
        "export": True, "fields": [_field(one) for one in plan.fields.values() if not (one.is_system or one.secret)],
        "columns": [one.word for one in plan.columns],
        "roles": {_code(role): right.verbs.letters for role, right in given.rights.items()},
        "actions": [_action(one) for one in plan.actions.values()], "address": f"/{plan.name}/",
    }


def both(text: Text) -> dict[str, str]:
    """A text in both languages."""
    return {"zh": text.in_locale(CHINESE), "en": text.in_locale(ENGLISH)}


def _field(one: Field) -> dict[str, Any]:
    choices = one.kind.members if isinstance(one.kind, Selection) else ()
    return {
        "name": one.word or one.name, "labels": both(one.label), "type": "link" if one.is_link else one.kind.code, "required": one.required,
        "personal": one.personal, "locked": one.locked, "choices": [{"code": choice.value, "labels": both(choice.label)} for choice in choices],
        "link": plan_of(one.target).name if one.target else None, "aliases": list(one.aliases),
    }


def _action(one: Action) -> dict[str, Any]:
    return {
        "name": one.name, "labels": both(one.spec.label), "roles": [_code(role) for role in one.spec.by],
        "fields": [_field(field) for field in one.fields],
    }


def _code(role: Choice | Any) -> str:
    return str(role.value)
