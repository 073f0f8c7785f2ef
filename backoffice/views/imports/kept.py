"""Findings that a receipt keeps, grouped by column and kind: for runs whose staged rows are gone."""

from __future__ import annotations

from collections.abc import Iterable

from backoffice.exchange.outcome import Finding
from backoffice.exchange.staged import Trouble, ranges


def grouped(findings: Iterable[Finding]) -> list[Trouble]:
    """Findings by column and code, the most frequent first."""
    kinds: dict[tuple[str | None, str], list[Finding]] = {}
    for one in findings:
        kinds.setdefault((one.column, one.code), []).append(one)
    groups = [
        Trouble(column, some[0].field, code, some[0].message, len(some), ranges(sorted({one.line for one in some})))
        for (column, code), some in kinds.items()
    ]
    return sorted(groups, key=lambda group: -group.count)
