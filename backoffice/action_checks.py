"""Start-up checks of dialogs: what ready-made texts are offered beside."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.declare.kinds import Verbatim
from backoffice.findings import Finding, at
from backoffice.plan import Plan, Plans


def offers(plan: Plan, _plans: Plans) -> Iterator[Finding]:
    """A text is put into a field that takes texts of any length."""
    for action in plan.actions.values():
        asked = {one.name: one for one in action.fields}
        for name in action.spec.offers or ():
            if name not in asked or asked[name].is_link or not isinstance(asked[name].kind, Verbatim):
                yield Finding("B058", at(plan, action.name), f"offers texts for {name!r}, which is no long text of its dialog.", "Name a LongText parameter.")


CHECKS = (offers,)
