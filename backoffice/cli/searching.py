"""``flask search rebuild``: make the search index anew."""

from __future__ import annotations

import functools
import time

import click
from flask import current_app

from backoffice import search
from backoffice.cli.house import command
from backoffice.declare import _
from backoffice.exchange.outcome import Unreadable


@command("rebuild", click.Argument(["resources"], nargs=-1, metavar="[RESOURCE]..."))
def rebuild(resources: tuple[str, ...]) -> None:
    """Make the index of these resources anew (of all without a name). People go on working meanwhile; what they write is kept in step."""
    nouns = search.nouns(current_app.extensions["plans"])
    for name in resources:
        if name not in nouns:
            raise Unreadable("unknown_resource", _("There is no resource “{name}”. Known: {known}.", name=name[:60], known=", ".join(nouns)))
    for name in resources or tuple(nouns):
        began = time.monotonic()
        count = search.rebuild(nouns[name], functools.partial(_tell, name))
        click.echo(f"{name}: {count:,} records, {time.monotonic() - began:.1f} s")
    search.work_off()


def _tell(name: str, done: int) -> None:
    click.echo(f"{name}: {done:,} …", err=True)


group = click.Group("search", commands={"rebuild": rebuild}, help="The search index.")
