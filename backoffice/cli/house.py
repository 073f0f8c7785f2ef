"""How every command acts and answers: as the house itself, in the house's language, and in sentences when it fails."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare import Refused, Text, _, clock
from backoffice.declare.journal import Source
from backoffice.declare.people import acting
from backoffice.declare.text import set_locale
from backoffice.exchange.outcome import Unreadable
from backoffice.plan import Plan, Plans

AS_JSON = click.Option(["--json", "as_json"], is_flag=True, help="Print JSON alone.")
WRONG = 2
"""The exit code of wrong usage and unreadable files."""


class HouseCommand(click.Command):
    """A command that says what is wrong with its arguments as JSON too, where ``--json`` asks for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        as_json = "--json" in args and any(one.name == "as_json" for one in self.params)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as problem:
            if not as_json:
                raise
            give_up("usage", problem.format_message(), as_json=True)


def command(name: str, *parameters: click.Parameter) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command that acts as the house."""

    def make(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(**given: Any) -> None:
            with _sentences(as_json=bool(given.get("as_json"))), as_the_house():
                function(**given)

        return HouseCommand(name, params=list(parameters), callback=with_appcontext(run), help=function.__doc__)

    return make


@contextmanager
def as_the_house() -> Iterator[None]:
    """Nobody is signed in; the language and the zone are the house's."""
    set_locale(current_app.config["LOCALE"])
    clock.set_zone(current_app.config["TIMEZONE"])
    with acting(None), circumstances(source=Source.COMMAND):
        yield


@contextmanager
def _sentences(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except Unreadable as problem:
        give_up(problem.code, problem.why, as_json=as_json)
    except Refused as problem:
        give_up(problem.code, problem.why, as_json=as_json, exit_code=1)
    except (OperationalError, ProgrammingError) as problem:
        why = _("The database does not answer as it should ({error}). Run flask db upgrade.", error=type(problem.orig).__name__)
        give_up("database", why, as_json=as_json)
    finally:
        db.session.rollback()


def give_up(code: str, why: Text | str, *, as_json: bool, exit_code: int = WRONG) -> NoReturn:
    """End the command with a sentence."""
    if as_json:
        say_json({"error": {"code": code, "message": str(why)}})
    else:
        click.echo(str(why), err=True)
    raise SystemExit(exit_code)


def say_json(answer: Any) -> None:
    """Print JSON, readable, Chinese as it is."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=1))


def plans() -> Plans:
    """The plans of the app."""
    return current_app.extensions["plans"]  # type: ignore[no-any-return]  # put there by create_app


def plan_named(name: str) -> Plan:
    """The plan of a resource; raises :class:`Unreadable` for a name that is none."""
    if name not in plans():
        known = ", ".join([*plans(), *current_app.extensions["layouts"]])
        raise Unreadable("unknown_resource", _("There is no resource “{name}”. Known: {known}.", name=name[:60], known=known))
    return plans()[name]
