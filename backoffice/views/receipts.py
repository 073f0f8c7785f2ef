"""Findings of a file for people: grouped by column and kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backoffice.exchange.changes import ranges
from backoffice.exchange.outcome import Finding

KEPT_FINDINGS = 500


@dataclass(frozen=True)
class Group:
    """Findings of one kind in one column."""

    column: str | None
    code: str
    message: str
    count: int
    lines: str


def grouped(findings: Iterable[Finding]) -> list[Group]:
    """Findings by column and code, the most frequent first."""
    kinds: dict[tuple[str | None, str], list[Finding]] = {}
    for one in findings:
        kinds.setdefault((one.column, one.code), []).append(one)
    groups = [Group(column, code, some[0].message, len(some), ranges(sorted({one.line for one in some}))) for (column, code), some in kinds.items()]
    return sorted(groups, key=lambda group: -group.count)


def shown(findings: list[Finding]) -> list[Finding]:
    """As many as a page shows."""
    return findings[:KEPT_FINDINGS]
