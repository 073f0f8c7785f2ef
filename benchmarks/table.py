"""From what was measured to the table in the README: medians, ratios, and whether the figure is reached."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

Found = dict[str, dict[str, Any]]
LEAST = {"SQLite": (15_000, 60, 70), "PostgreSQL": (8_000, 45, 120)}


def rate(facts: dict[str, Any]) -> float:
    """Rows a second."""
    return float(facts["rows"] / facts["seconds"])


def mark(is_reached: bool) -> str:
    """Whether it is."""
    return "yes" if is_reached else "**no**"


def of(found: dict[str, Found], rows: int, machine: str) -> str:
    """The table of one size."""
    lines = [f"{rows:,} rows into {rows:,}: {machine}.", "", "| what | others here | ours | must reach | reached |", "|---|---|---|---|---|"]
    for place, facts in found.items():
        lines += [f"| {' | '.join(line)} |" for line in _imports(place, facts, rows)]
    for place, facts in found.items():
        lines += [f"| {' | '.join(line)} |" for line in _exports(place, facts)]
    return "\n".join(lines)


def _imports(place: str, facts: Found, rows: int) -> list[list[str]]:
    least, times, seconds = LEAST[place]
    ours, django = rate(facts["import"]), rate(facts["django"])
    others = f"django-import-export {django:,.0f} rows/s; a loop {rate(facts['loop']):,.0f}, with caches {rate(facts['cached']):,.0f}"
    lines = [[f"import, {place}: checks, plan, audit, apply", others, f"**{ours:,.0f} rows/s**, {ours / django:.0f} ×, {facts['import']['seconds']:.1f} s",
              f"{least:,} rows/s, {times} ×", mark(ours >= least and ours >= times * django)]]
    if rows >= 1_000_000:
        lines.append([f"a million rows, {place}", f"django-import-export would take {rows / django / 60:.0f} minutes", f"{facts['import']['seconds']:.1f} s",
                      f"{seconds} s", mark(facts["import"]["seconds"] <= seconds)])
    lines.append([f"dry run, {place}", f"django-import-export {rate(facts['django dry']):,.0f} rows/s", f"{rate(facts['dry']):,.0f} rows/s", "30,000 rows/s",
                  mark(rate(facts["dry"]) >= 30_000)])
    peak = facts["import"]["peak"]
    lines.append([f"peak memory of the import, {place}", f"{facts['django']['peak']} MB for {facts['django']['rows']:,} rows",
                  f"{peak:.0f} MB ({facts['import']['before']:.0f} before the first row)", "400 MB, flat", mark(peak <= 400)])
    if "watched" in facts:
        longest = facts["watched"]["longest"]
        lines.append([f"longest save of somebody else meanwhile, {place}", "the whole run",
                      f"{longest * 1000:.0f} ms of {facts['watched']['saves']} (usual: {facts['watched']['usual'] * 1000:.0f} ms)", "250 ms", mark(longest <= 0.25)])
    return lines


def _exports(place: str, facts: Found) -> list[list[str]]:
    ours, bare = facts["csv"], facts["bare csv"]
    ratio, grown = bare["seconds"] / ours["seconds"], ours["peak"] - ours["before"]
    others = f"a bare join to csv.writer {bare['seconds']:.1f} s"
    if "flask-admin" in facts:
        admin = facts["flask-admin"]
        others += f"; Flask-Admin {admin['seconds']:.1f} s, first byte after {admin['first']:.1f} s, {admin['peak']} MB"
    lines = [[f"CSV export with three links, {place}", others,
              f"{ours['seconds']:.1f} s, {ratio:.2f} × the bare join; first byte after {ours['first']:.2f} s; +{grown:.0f} MB",
              "0.7 ×, 0.5 s, +30 MB", mark(ratio >= 0.7 and ours["first"] <= 0.5 and grown <= 30)]]
    if "xlsx" in facts:
        ours, bare = facts["xlsx"], facts["bare xlsx"]
        ratio = ours["seconds"] / bare["seconds"]
        lines.append([f"XLSX export, {place}", f"bare XlsxWriter {bare['seconds']:.1f} s", f"{ours['seconds']:.1f} s, {ratio:.2f} ×", "1.5 ×", mark(ratio <= 1.5)])
    return lines


def keep(page: Path, rows: int | str, text: str) -> None:
    """Put the table of this size in its place on the page."""
    start, end = f"<!-- {rows} -->", f"<!-- /{rows} -->"
    whole = page.read_text(encoding="utf-8")
    block = f"{start}\n{text}\n{end}"
    if start in whole:
        whole = re.sub(re.escape(start) + ".*?" + re.escape(end), lambda _found: block, whole, flags=re.DOTALL)
        page.write_text(whole, encoding="utf-8")
