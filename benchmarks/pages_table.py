"""From what pages took to the table in the README: beside the others, beside what must be reached, and how it grows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.table import keep as keep_block
from benchmarks.table import mark

Found = dict[str, Any]
PEERS = ("Flask-Admin", "Django")
GROWTH = 1.3
SEED_S = 600
LABELS = {
    "first": "list, first page", "thousand": "list, page 1,000", "last": "list, last page", "filter": "filter + sort", "name": "search by part of a name",
    "vin": "search by part of a VIN", "picker": "picker answer", "edit": "edit page", "detail": "page of a record",
}
MOST_MS = {"first": 35, "filter": 35, "name": 60, "vin": 60, "picker": 40, "edit": 20}
DEEP = ("thousand", "last")
SHARE = 0.6
REFERENCE_MS = {"SQLite": 68, "PostgreSQL": 65}
"""What the first page of Flask-Admin's list took on the machine for which the limits are meant: what it takes here says how fast this one is."""


def of(found: dict[str, Found], few: int, rows: int, machine: str) -> str:
    """The table of one size."""
    lines = [
        f"{rows:,} orders, customers and cars: {machine}. In brackets: at the speed at which Flask-Admin's first page takes {_references()} ms.", "",
        f"| what | {' | '.join(PEERS)} | ours with {few:,} | ours | must reach | reached |", "|---|" + "---|" * (len(PEERS) + 4),
    ]
    for kind, sizes in found.items():
        lines += [f"| {' | '.join(line)} |" for line in _of(kind, sizes, few, rows)]
    return "\n".join(lines)


def _references() -> str:
    return " and ".join(f"{ms} ({kind})" for kind, ms in REFERENCE_MS.items())


def _of(kind: str, sizes: Found, few: int, rows: int) -> list[list[str]]:
    large, small = sizes[str(rows)], sizes[str(few)]
    lines = [_page(kind, name, large, small) for name in LABELS]
    slower, ours, crowds = _slower(kind, large), large["ours"], [large[peer]["crowd"] for peer in PEERS]
    rate, slowest, errors = (ours["crowd"][one] for one in ("rate", "slowest", "errors"))
    lines.append([
        f"list pages a second, 2 workers, 16 clients, {kind}", *(f"{one['rate']:.0f}" for one in crowds), f"{small['ours']['crowd']['rate']:.0f}",
        f"**{rate:.0f}** ({rate * slower:.0f}), 99 in 100 within {slowest:.0f} ms ({slowest / slower:.0f}), {errors} errors", "50, 600 ms, none",
        mark(rate >= 50 and slowest <= 600 and not errors),
    ])
    lines.append([
        f"memory of a worker, {kind}", *(f"{large[peer]['memory']} MB" for peer in PEERS), f"{small['ours']['memory']} MB", f"**{ours['memory']} MB**", "110 MB",
        mark(ours["memory"] <= 110),
    ])
    lines.append([
        f"`flask seed demo`, and the search index after it, {kind}", *("–" for _peer in PEERS), f"{small['seed']:.0f} s, {small['index']:.0f} s",
        f"**{large['seed']:.0f} s**, {large['index']:.0f} s", f"{SEED_S} s", mark(large["seed"] < SEED_S),
    ])
    return lines


def _slower(kind: str, large: Found) -> float:
    """How many times slower than the machine of the limits this one was just then; less than once where it was faster."""
    return float(large["Flask-Admin"]["first"]) / REFERENCE_MS[kind]


def _page(kind: str, name: str, large: Found, small: Found) -> list[str]:
    ours, before = large["ours"][name], small["ours"][name]
    wants, reached, there = [], ours <= GROWTH * before, ours / _slower(kind, large)
    if name in MOST_MS:
        wants.append(f"{MOST_MS[name]} ms")
        reached = reached and ours <= MOST_MS[name]
    if name == "first":
        wants.append(f"{SHARE} × Flask-Admin")
        reached = reached and ours <= SHARE * large["Flask-Admin"][name]
    if name in DEEP:
        wants.append(f"{GROWTH} × the first")
        reached = reached and ours <= GROWTH * large["ours"]["first"]
    peers = (f"{large[peer][name]:,.0f} ms" if name in large[peer] else "–" for peer in PEERS)
    wants.append(f"growth {GROWTH} ×")
    return [f"{LABELS[name]}, {kind}", *peers, f"{before:.0f} ms", f"**{ours:.0f} ms** ({there:.0f})", ", ".join(wants), mark(reached)]


def keep(page: Path, rows: int, text: str) -> None:
    """Put the table in its place on the page."""
    keep_block(page, f"pages {rows}", text)
