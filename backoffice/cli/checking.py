"""``flask check``: the start-up checks, and the states of each noun as a diagram."""

from __future__ import annotations

from collections.abc import Iterator

import click

from backoffice import checks
from backoffice.cli.house import command, plans
from backoffice.plan import Plan


@command("check", click.Option(["--graph"], is_flag=True, help="Draw the states and transitions (Mermaid)."))
def check(graph: bool) -> None:
    """Check the declarations; exit code 1 where one is wrong."""
    if graph:
        for plan in plans().values():
            for line in diagrams(plan):
                click.echo(line)
        return
    found = checks.check(plans())
    for finding in found:
        click.echo(str(finding), err=True)
    click.echo(f"{len(plans())} resources, {len(found)} findings")
    raise SystemExit(1 if found else 0)


def diagrams(plan: Plan) -> Iterator[str]:
    """The state diagrams of a noun, one for each field that transitions move."""
    moved = dict.fromkeys(action.spec.field for action in plan.actions.values() if action.spec.targets)
    for name in moved:
        yield f"---\ntitle: {plan.name}.{name}\n---\nstateDiagram-v2"
        start = plan.fields[name].default
        if start is not None:
            yield f"    [*] --> {start.value}"
        for action in plan.actions.values():
            if action.spec.field == name:
                for source in action.spec.sources:
                    yield from (f"    {source.value} --> {target.value}: {action.name}" for target in action.spec.targets)
        yield ""
