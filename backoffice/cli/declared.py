"""Commands that the domain declares with ``declare.command``."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Iterator
from typing import Any

import click

from backoffice.cli.house import AS_JSON, command, say_json
from backoffice.db import db
from backoffice.declare import Invalid, Kind, _
from backoffice.declare.commands import COMMANDS, CommandSpec
from backoffice.declare.kinds import Line
from backoffice.exchange.outcome import Unreadable


def commands() -> Iterator[click.Command]:
    """One command for each declaration."""
    return map(_made, COMMANDS.values())


def _made(spec: CommandSpec) -> click.Command:
    kinds = {name: _kind(hint) for name, hint in _options(spec)}
    options = [click.Option([f"--{name.replace('_', '-')}", name]) for name in kinds]
    arguments = [click.Argument([one.name]) for one in list(inspect.signature(spec.run).parameters.values())[1:] if one.kind is not one.KEYWORD_ONLY]

    def run(as_json: bool, **given: str | None) -> None:
        values = {name: _parsed(kinds[name], text) if name in kinds else text for name, text in given.items() if text is not None}
        answer = _answer(spec, values)
        db.session.commit()
        if as_json:
            say_json(answer)
        elif answer is not None:
            click.echo(str(answer))

    run.__doc__ = inspect.getdoc(spec.run)
    return command(spec.name, *arguments, *options, AS_JSON)(run)


def _answer(spec: CommandSpec, values: dict[str, Any]) -> Any:
    try:
        return spec.run(db.session(), **values)
    except Invalid as problem:
        raise Unreadable(problem.code, problem.why) from None
    except OSError as problem:
        raise Unreadable("no_such_file", _("The file {file} cannot be read: {why}.", file=problem.filename, why=problem.strerror)) from None


def _options(spec: CommandSpec) -> Iterator[tuple[str, Any]]:
    hints = typing.get_type_hints(spec.run, include_extras=True)
    for one in inspect.signature(spec.run).parameters.values():
        if one.kind is one.KEYWORD_ONLY:
            yield one.name, hints[one.name]


def _kind(hint: Any) -> Kind:
    """The kind of a semantic type, optional or not; a plain text otherwise."""
    for arm in (hint, *typing.get_args(hint)):
        for extra in getattr(arm, "__metadata__", ()):
            return typing.cast(Kind, extra.column.info["kind"])
    return Line()


def _parsed(kind: Kind, text: str) -> Any:
    try:
        return kind.parse(text)
    except Invalid as problem:
        raise Unreadable(problem.code, problem.why) from None
