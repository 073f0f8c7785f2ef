"""Runs from file to receipt: planned on a stage, then written; by a worker for the pages, at once for commands and seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backoffice.declare import _
from backoffice.exchange import preparing, staging
from backoffice.exchange import stage as stages
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Finding, Receipt, Verdict
from backoffice.exchange.preparing import Target
from backoffice.exchange.reading import open_file
from backoffice.exchange.sources.base import Table
from backoffice.exchange.stage import DECIDE, Stage
from backoffice.exchange.staging import VERDICTS, Say, silent
from backoffice.exchange.staging.noting import findings

KEPT_FINDINGS = 500


def opened(target: Target, file: Path, options: Options) -> Table:
    """The file, with its header found."""
    return open_file(file, preparing.knows(target, options), options.encoding, sheet=options.sheet, name=options.file_name)


def plan_on(stage: Stage, person: Any, target: Target, table: Table, options: Options, say: Say = silent) -> Receipt:
    """Stage a file and judge its rows; answers what a receipt says of them. Nothing is written to the database."""
    stage.clear()
    receipt = Receipt(target.name, options.dry_run, table.encoding, table.delimiter, table.header_line)
    with preparing.prepared(person, target, table, options) as prepared:
        receipt.notices.extend(prepared.notices)
        preparing.plan_all(stage, person, prepared, say)
        parts = [ready.plan.name for ready in prepared.parts] if isinstance(target, preparing.LayoutPlan) else []
    count(stage, receipt)
    if not receipt.rows:
        why = _("The file has a header and no rows.")
        receipt.notices.append(Finding(table.header_line, 0, None, None, None, "no_rows", str(why)))
    tell(stage, receipt)
    return receipt


def count(stage: Stage, receipt: Receipt) -> None:
    """Fill in the counts."""
    found = staging.counts(stage)
    for staged, verdict in VERDICTS.items():
        receipt.counts[verdict] = found[staged]
    receipt.rows = sum(found.values())


def tell(stage: Stage, receipt: Receipt, most: int | None = None) -> None:
    """Fill in what is said of rows."""
    receipt.errors = findings(stage, notices=False, most=most)
    receipt.notices.extend(findings(stage, notices=True, most=most))


def take(person: Any, target: Target, file: Path, options: Options, say: Say = silent) -> Receipt:
    """Run a file through: plan it, and write it unless something is refused.

    Raises :class:`Unreadable` where the file as a whole cannot be used, and
    :class:`~backoffice.errors.Denied` where the person imports nothing here.
    """
    preparing.require(person, target)
    table = opened(target, file, options)
    with stages.opened(None) as stage:
        return plan_on(stage, person, target, table, options, say)
