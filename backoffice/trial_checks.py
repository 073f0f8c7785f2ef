"""Start-up checks of trials: the noun that is tried on, and what places its records in a period."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.declare.kinds import Calendar, Instant
from backoffice.findings import Finding, at
from backoffice.plan import Plan, Plans


def trials(plan: Plan, plans: Plans) -> Iterator[Finding]:
    """A trial needs records of a noun, and a day or moment by which they belong to a period."""
    trial = plan.resource.trial
    if trial is None:
        return
    tried = plans.get(trial.of)
    one = tried.fields.get(trial.at) if tried is not None else None
    if one is None or not isinstance(one.kind, Instant | Calendar):
        yield Finding("B059", at(plan), f"the trial names {trial.of}.{trial.at}, which is no day or moment.", "Name a noun in of= and such a field of it in at=.")


CHECKS = (trials,)
