"""The commands of ``flask``: import, export, seed, resources, check, and those that the domain declares."""

from __future__ import annotations

from flask import Flask

from backoffice.cli import checking, declared, exchange, migrating, resources, searching, seeding, undoing, working


def register(app: Flask) -> None:
    """Add the commands."""
    own = (exchange.load, exchange.save, undoing.undo, resources.listing, checking.check, seeding.seed, working.worker, searching.group)
    for command in (migrating.Steps(app), *own, *declared.commands()):
        app.cli.add_command(command)
