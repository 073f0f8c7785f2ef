"""``flask import`` and ``flask export``."""

from __future__ import annotations

import functools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from backoffice import access
from backoffice.cli.house import AS_JSON, command, plan_named, say_json
from backoffice.db import db, reading
from backoffice.declare import _
from backoffice.exchange import preparing
from backoffice.exchange.changes import ChangeSet
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.exporting_runs import Tally, begin, end, make, snapshot
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.leftovers import refused_rows
from backoffice.exchange.options import MODES, Options
from backoffice.exchange.outcome import Finding, Receipt, Unreadable, Verdict
from backoffice.exchange.running import take
from backoffice.exchange.sources.base import Table
from backoffice.exchange.stage import Stage

SHOWN = 20


@command(
    "import",
    click.Argument(["resource"]),
    click.Argument(["file"]),
    click.Option(["--dry-run"], is_flag=True, help="Say what would happen; write nothing."),
    AS_JSON,
    click.Option(["--mode"], type=click.Choice(MODES), default="upsert", show_default=True, help="Which rows may be new, which known."),
    click.Option(["--skip-invalid"], is_flag=True, help="Write the good rows even if others are refused."),
    click.Option(["--errors"], metavar="OUT.csv", help="Write the refused rows there, with the reason, to be corrected and imported again."),
    click.Option(["--encoding"], metavar="NAME", help="The file's encoding, where it is neither UTF-8 nor GB18030."),
    click.Option(["--map", "mapped"], multiple=True, metavar="HEADER=field", help="What a column means; HEADER= leaves it out. May be repeated."),
    click.Option(["--blank"], type=click.Choice(["keep", "clear"]), default="keep", show_default=True, help="What a blank cell does."),
    click.Option(["--match"], metavar="a,b", help="Find known records by these fields instead of the key."),
    click.Option(["--sheet"], metavar="NAME", help="The sheet of a workbook."),
    click.Option(["--parents"], metavar="a,b", help="Links whose missing records are made, with nothing but their key."),
    click.Option(["--set", "given"], multiple=True, metavar="field=text", help="Of a layout: what holds for all lines where the file has no such column."),
)
def load(
    resource: str, file: str, as_json: bool, errors: str | None, mapped: tuple[str, ...], blank: str, match: str | None, parents: str | None,
    given: tuple[str, ...], **rest: object,
) -> None:
    """Import a FILE (CSV, XLSX, XLS, JSON) into RESOURCE, or a flat file into a layout. Everything is written, or nothing (see --skip-invalid)."""
    target = preparing.target_named(resource) or plan_named(resource)
    options = Options(
        columns=dict(_pair(text) for text in mapped), clear_blank=blank == "clear", match=_names(match), file_name=Path(file).name,
        parents=_names(parents), given=dict(_pair(text) for text in given),
        **rest,  # type: ignore[arg-type]  # click has checked them
    )
    with _file(file) as path:
        receipt = take(access.SYSTEM, target, path, options, at_end=functools.partial(_keep_refused, errors) if errors is not None else None)
    if as_json:
        say_json(receipt.as_json())
    else:
        _tell(receipt)
    raise SystemExit(1 if receipt.refused else 0)


@command(
    "export",
    click.Argument(["resource"]),
    click.Option(["--output"], default="-", metavar="FILE", help="Where to; - is standard output."),
    click.Option(["--format", "kind"], type=click.Choice(list(FORMATS)), default="csv", show_default=True),
    click.Option(["--filter", "filters"], multiple=True, metavar="field=value", help="Only these records; links by their key. May be repeated."),
    click.Option(["--columns"], metavar="a,b", help="Only these fields, in this order."),
    click.Option(["--headers"], type=click.Choice(["names", "labels"]), default="names", show_default=True, help="How columns and choices are written."),
)
def save(resource: str, output: str, kind: str, filters: tuple[str, ...], columns: str | None, headers: str) -> None:
    """Export RESOURCE. What comes out goes back in unchanged by flask import."""
    plan, pairs, shape, tally = plan_named(resource), [_pair(text) for text in filters], FORMATS[kind], Tally()
    with reading():
        fields = choose(access.SYSTEM, plan, _names(columns))
        query = everything(db.session(), access.SYSTEM, plan, pairs)
        db.session.rollback()
    export = Export(access.SYSTEM, plan, query, fields, headers)  # type: ignore[arg-type]  # click has checked it
    with _target(output) as target, snapshot() as connection:
        run = make(export, shape, dict(pairs))
        begin(db.session(), run, export, shape, connection)
        db.session.commit()
        try:
            for piece in tally.weigh(export.stream(connection, shape, run.token, tally.count)):
                target.write(piece)
        finally:
            end(db.session(), run.id, tally)
            db.session.commit()


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.rpartition("=") if text.count("=") == 1 else text.partition("=")
    if not equals:
        raise Unreadable("usage", _("Write it with an equals sign: {text}=…", text=text[:60]))
    return name, value


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else ()


@contextmanager
def _file(name: str) -> Iterator[Path]:
    """The file; standard input is put into one."""
    try:
        if name != "-":
            with Path(name).open("rb"):
                pass
            yield Path(name)
            return
        with tempfile.NamedTemporaryFile(prefix="import-") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
            yield Path(file.name)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as problem:
        raise Unreadable("no_such_file", _("The file {file} cannot be read: {why}.", file=name, why=problem.strerror)) from None


def _keep_refused(errors: str, stage: Stage, table: Table) -> None:
    _write(errors, refused_rows(ChangeSet(stage), table))


@contextmanager
def _target(output: str) -> Iterator[BinaryIO]:
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        stream = Path(output).open("wb")  # noqa: SIM115  # opened apart, so that only opening is explained here
    except OSError as problem:
        raise Unreadable("no_such_file", _("The file {file} cannot be written: {why}.", file=output, why=problem.strerror)) from None
    with stream:
        yield stream


def _write(output: str, pieces: Iterator[bytes]) -> None:
    with _target(output) as target:
        for piece in pieces:
            target.write(piece)


def _tell(receipt: Receipt) -> None:
    """The receipt for people."""
    counts = [(Verdict.CREATED, _("created")), (Verdict.UPDATED, _("updated")), (Verdict.UNCHANGED, _("unchanged")), (Verdict.REFUSED, _("refused"))]
    parts = ", ".join(f"{label} {receipt.counts[verdict]}" for verdict, label in counts)
    click.echo(f"{receipt.resource}: {receipt.rows} ({parts})")
    for title, findings in ((_("Refused"), receipt.errors), (_("Notices"), receipt.notices)):
        if findings:
            click.echo(f"{title}:")
            _list(findings)
    if receipt.dry_run:
        click.echo(str(_("Dry run: nothing was written.")))
    elif receipt.refused and not receipt.applied:
        click.echo(str(_("Nothing was written.")))


def _list(findings: list[Finding]) -> None:
    for one in findings[:SHOWN]:
        where = str(_("line {line}", line=one.line)) + (f", {one.column}" if one.column else "") + (f" “{one.value}”" if one.value else "")
        click.echo(f"  {where}: {one.message} [{one.code}]")
    if len(findings) > SHOWN:
        click.echo("  " + str(_("and {count} more", count=len(findings) - SHOWN)))
