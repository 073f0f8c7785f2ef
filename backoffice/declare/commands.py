"""What a domain declares beside its models: commands (``@command("escalate")`` on a function), and work that comes round by itself (``@periodic``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

Run = Callable[..., Any]


@dataclass(frozen=True)
class CommandSpec:
    """A command of the house. Keyword-only parameters of ``run`` are its options, typed as an action's are, others its arguments.

    ``run`` gets the session first; what it answers is printed, as JSON where ``--json`` asks for it. It raises ``Invalid`` (or
    ``OSError``) for what it cannot read, ``Refused`` for what a rule turns down.
    """

    name: str
    run: Run


@dataclass(frozen=True)
class PeriodicSpec:
    """Work that one of the workers does again and again, ``every_s`` seconds after it was last done, as nobody.

    ``run`` gets the session first and is a generator: what it has done is committed at each ``yield`` and at its end. It may be ended there, and begun anew.
    """

    name: str
    run: Callable[[Session], Iterator[None]]
    every_s: int


COMMANDS: dict[str, CommandSpec] = {}
"""Every declared command, by name."""

PERIODIC: dict[str, PeriodicSpec] = {}
"""All declared work that comes round by itself, by name."""


def command(name: str) -> Callable[[Run], Run]:
    """Declare a function of a model file as ``flask NAME``."""

    def keep(run: Run) -> Run:
        COMMANDS[name] = CommandSpec(name, run)
        return run

    return keep


def periodic(name: str, *, every_s: int) -> Callable[[Callable[[Session], Iterator[None]]], Callable[[Session], Iterator[None]]]:
    """Declare a generator of a model file as work that comes round by itself."""

    def keep(run: Callable[[Session], Iterator[None]]) -> Callable[[Session], Iterator[None]]:
        PERIODIC[name] = PeriodicSpec(name, run, every_s)
        return run

    return keep
