"""The commands of ``flask``: import, export, seed, resources, check, and those that the domain declares."""

from __future__ import annotations

from flask import Flask

from backoffice.cli import checking, declared, exchange, resources, seeding, working


def register(app: Flask) -> None:
    """Add the commands."""
    for command in (exchange.load, exchange.save, resources.listing, checking.check, seeding.seed, working.worker, *declared.commands()):
        app.cli.add_command(command)
