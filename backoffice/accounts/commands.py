"""``flask <people> create | list | reset | disable | enable``: logins from the command line.

The group is named after the people's resource, the options after their fields. A password is asked
for on a terminal, else made and printed once; it is never an argument, so no process list shows it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm.exc import StaleDataError

from backoffice.accounts import granting, logins, passwords
from backoffice.audit import context
from backoffice.db import db
from backoffice.declare import Choice, Invalid, Refused, _, clock
from backoffice.declare.journal import Source
from backoffice.declare.people import acting
from backoffice.declare.text import ENGLISH, set_locale
from backoffice.integrity import explain
from backoffice.plan import Field, Plan


def register(app: Flask) -> None:
    """Add the group to ``flask``."""
    plan: Plan = app.extensions["plans"].accounts
    group = AppGroup(plan.name, help=f"{plan.resource.plural.in_locale(ENGLISH)}: who signs in.")
    group.add_command(_create(plan))
    for command in (listing, reset, disable, enable):
        group.add_command(command)
    app.cli.add_command(group)


def _command(name: str, *parameters: click.Parameter) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command that acts as the house itself and says no in a sentence."""

    def make(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            with as_the_house():
                function(**given)

        return AppGroup().command(name, params=list(parameters), help=function.__doc__)(run)

    return make


@contextmanager
def as_the_house() -> Iterator[None]:
    """Act as nobody in particular, from the command line; what is refused becomes a sentence and exit code 1."""
    set_locale(current_app.config["LOCALE"])
    clock.set_zone(current_app.config["TIMEZONE"])
    try:
        with acting(None), context.circumstances(source=Source.COMMAND):
            yield
    except Refused as refused:
        raise click.ClickException(str(refused.why)) from None
    except IntegrityError as problem:
        raise click.ClickException(str(explain(problem, logins.plan()).why)) from None
    except StaleDataError:
        raise click.ClickException(str(_("Somebody else changed the record meanwhile. Try again."))) from None
    except (OperationalError, ProgrammingError) as problem:
        raise click.ClickException(f"The database does not answer as it should ({type(problem.orig).__name__}). Run flask db upgrade.") from None
    finally:
        db.session.rollback()


def _login() -> click.Argument:
    return click.Argument(["login"])


def _create(plan: Plan) -> click.Command:
    role = click.Option(["--role"], required=True, metavar="ROLE", help=_role_help(plan))
    options = [click.Option([f"--{granting.option(one)}", one.name], metavar=_metavar(one), help=_help(plan, one)) for one in granting.asked_fields(plan)]

    @_command("create", _login(), role, *options)
    def create(login: str, role: str, **given: str | None) -> None:
        """Give somebody a login: a new person, or one who is there already."""
        chosen = _role(plan, role)
        texts = {name: text for name, text in given.items() if text is not None}
        granting.check(login, texts)
        password, is_made = _password(login)
        person = granting.create(login, chosen, texts, password)
        click.echo(f"{person}: {person.login} ({person.role})")
        _show(password, is_made=is_made)

    return create


@_command("list")
def listing() -> None:
    """Show everybody who has a login."""
    rows = [(one.login, one.role.value, "" if one.may_sign_in else "disabled", str(one)) for one in granting.people()]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip())


@_command("reset", _login())
def reset(login: str) -> None:
    """Give somebody another password. It ends all sessions."""
    granting.known(login)
    db.session.rollback()  # nobody waits while the password is typed
    password, is_made = _password(login)
    person = granting.reset(login, password)
    click.echo(f"{person}: {person.login}" + ("" if person.may_sign_in else " (disabled)"))
    _show(password, is_made=is_made)


@_command("disable", _login())
def disable(login: str) -> None:
    """Shut somebody out, at once. The record stays."""
    person = granting.disable(login)
    click.echo(f"{person}: {person.login} (disabled)")


@_command("enable", _login())
def enable(login: str) -> None:
    """Let somebody who was disabled in again."""
    person = granting.enable(login)
    click.echo(f"{person}: {person.login}")


def _role(plan: Plan, text: str) -> Choice:
    try:
        chosen: Choice = plan.fields["role"].kind.parse(text)
    except Invalid as problem:
        raise click.BadParameter(str(problem.why), param_hint="--role") from None
    return chosen


def _role_help(plan: Plan) -> str:
    members: Any = plan.fields["role"].kind
    return "One of: " + ", ".join(f"{one.value} ({one.label.in_locale(ENGLISH)})" for one in members.members)


def _metavar(one: Field) -> str:
    return one.name.rpartition("_")[2].upper()


def _help(plan: Plan, one: Field) -> str:
    label = one.label.in_locale(ENGLISH).removesuffix(".")
    if one in plan.key:
        return f"{label}. Of a person already there: gives that person a login."
    return f"{label}, by its key." if one.is_link else f"{label}."


def _password(login: str) -> tuple[str, bool]:
    """A password and whether it was made here; a person at a terminal is asked for one."""
    if not is_terminal():
        return passwords.generated(), True

    def strong(text: str) -> str:
        if why := passwords.weakness(text, login):
            raise click.BadParameter(str(why))
        return text

    return click.prompt("Password", hide_input=True, confirmation_prompt=True, value_proc=strong), False


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()


def _show(password: str, *, is_made: bool) -> None:
    if is_made:
        click.echo(f"Password (shown only now): {password}")
