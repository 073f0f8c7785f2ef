"""Commands that a domain declares beside its models: ``@command("escalate")`` on a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Run = Callable[..., Any]


@dataclass(frozen=True)
class CommandSpec:
    """A command of the house. Keyword-only parameters of ``run`` are its options, typed as an action's are, others its arguments.

    ``run`` gets the session first; what it answers is printed, as JSON where ``--json`` asks for it. It raises ``Invalid`` (or
    ``OSError``) for what it cannot read, ``Refused`` for what a rule turns down.
    """

    name: str
    run: Run


COMMANDS: dict[str, CommandSpec] = {}
"""Every declared command, by name."""


def command(name: str) -> Callable[[Run], Run]:
    """Declare a function of a model file as ``flask NAME``."""

    def keep(run: Run) -> Run:
        COMMANDS[name] = CommandSpec(name, run)
        return run

    return keep
