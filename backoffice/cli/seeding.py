"""``flask seed reference`` and ``flask seed demo``. The seeds stand beside the models; only their folder is known here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import click
from flask import current_app
from sqlalchemy import select

from backoffice import access, keys
from backoffice.accounts import granting, passwords
from backoffice.cli.house import command, give_up, plan_named, plans
from backoffice.db import db
from backoffice.declare import Invalid, _, clock
from backoffice.declare.journal import AuditEntry, ImportRun
from backoffice.declare.kinds import Calendar
from backoffice.exchange.baseline import CHANGES
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt, Unreadable
from backoffice.exchange.running import take
from backoffice.plan import Plan, plan_of

SEEDS = Path(__file__).parent.parent.parent / "seeds"
DEMO = "seeds.demo"

seed = click.Group("seed", help="Load the reference data, or the records of the demo.")


@command("reference")
def reference() -> None:
    """Load seeds/reference/*.csv by our own importer; a second time changes nothing. What somebody has changed stays as it is."""
    files = {file.stem: file for file in (SEEDS / "reference").glob("*.csv")}
    for plan in in_order([plan_named(name) for name in sorted(files)]):
        receipt, kept = load(plan, files[plan.name])
        counts = [f"{verdict.value} {count}" for verdict, count in receipt.counts.items() if count] + [f"kept {kept}"] * bool(kept)
        click.echo(f"{plan.name}: {', '.join(counts) or 0}")
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


def load(plan: Plan, file: Path) -> tuple[Receipt, int]:
    """Take the rows of a file that are still as it brought them; what came of it, and how many were left to whoever changed them."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        head, *rows = (row for row in csv.reader(lines) if row)
    places = {plan.by_word[word].name: place for place, word in enumerate(head)}
    ours = [row for row in rows if not _is_somebodys(plan, "/".join(row[places[one.name]] for one in plan.key), file.name)]
    with TemporaryDirectory() as folder:
        left = Path(folder) / file.name
        with left.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([head, *ours])
        return take(access.SYSTEM, plan, left, Options(file_name=file.name)), len(rows) - len(ours)


def _is_somebodys(plan: Plan, key: str, file_name: str) -> bool:
    """Whether a person, or another file, has made or changed the record."""
    record = keys.find(db.session(), select(plan.model), plan, key)
    if record is None:
        return False
    other_files = select(ImportRun.id).where(ImportRun.file_name != file_name)
    mine = AuditEntry.user_id.is_not(None) | AuditEntry.run_id.in_(other_files)
    entries = select(AuditEntry.id).where(AuditEntry.resource == plan.name, AuditEntry.record_id == record.id, AuditEntry.deed.in_(CHANGES), mine)
    return db.session.scalars(entries).first() is not None


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
