"""``flask seed reference`` and ``flask seed demo``. The seeds stand beside the models; only their folder is known here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
from flask import current_app

from backoffice import access
from backoffice.accounts import granting, passwords
from backoffice.cli.house import command, give_up, plan_named, plans
from backoffice.db import db
from backoffice.declare import Invalid, _, clock
from backoffice.declare.kinds import Calendar
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.running import take
from backoffice.plan import Plan, plan_of

SEEDS = Path(__file__).parent.parent.parent / "seeds"
DEMO = "seeds.demo"

seed = click.Group("seed", help="Load the reference data, or the records of the demo.")


@command("reference")
def reference() -> None:
    """Load seeds/reference/*.csv by our own importer; a second time changes nothing."""
    files = {file.stem: file for file in (SEEDS / "reference").glob("*.csv")}
    for plan in in_order([plan_named(name) for name in sorted(files)]):
        receipt = take(access.SYSTEM, plan, files[plan.name], Options(file_name=files[plan.name].name))
        counts = ", ".join(f"{verdict.value} {count}" for verdict, count in receipt.counts.items() if count)
        click.echo(f"{plan.name}: {counts or 0}")
        for finding in receipt.errors:
            click.echo(f"  {finding.line}: {finding.column}: {finding.message} [{finding.code}]", err=True)
        if receipt.refused:
            raise SystemExit(1)


@command(
    "demo",
    click.Option(["--orders"], type=click.IntRange(0), help="About how many orders; the demo has its own number."),
    click.Option(["--day"], metavar="YYYY-MM-DD", help="The day that the demo is about; today unless given."),
)
def demo(orders: int | None, day: str | None) -> None:
    """Make the records of the demo; a second time changes nothing."""
    if current_app.config["PRODUCTION"]:
        give_up("production", _("There is no demo in production."), as_json=False)
    planter = import_module(DEMO)
    planter.plant(db.session(), _day(day), **({} if orders is None else {"orders": orders}), tell=lambda words: click.echo(words, err=True))
    db.session.commit()
    _let_in(planter)


seed.add_command(reference)
seed.add_command(demo)


def in_order(chosen: list[Plan]) -> Iterator[Plan]:
    """The plans so that each comes after those it links to."""
    done: set[str] = set()

    def visit(plan: Plan) -> Iterator[Plan]:
        if plan.name in done:
            return
        done.add(plan.name)
        for one in plan.fields.values():
            if one.target is not None and plan_of(one.target).name in plans():
                yield from visit(plan_of(one.target))
        yield plan

    names = {plan.name for plan in chosen}
    for plan in chosen:
        yield from (one for one in visit(plan) if one.name in names)


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        return Calendar().parse(text)
    except Invalid as problem:
        raise Unreadable(problem.code, problem.why) from None


def _let_in(planter: ModuleType) -> None:
    """Give the people of the demo a password, once, and say it."""
    new = [one for one in granting.people() if one.login in planter.accounts() and one.password_hash is None]
    if not new:
        return
    password = current_app.config["DEMO_PASSWORD"] or passwords.generated()
    for person in new:
        granting.reset(person.login, password)
    click.echo(f"Demo accounts: {', '.join(one.login for one in new)}")
    click.echo(f"Password (shown only now): {password}")
