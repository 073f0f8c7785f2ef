"""The panel of filters over a list: what asks for each field, and what is set now.

Sending it again keeps all that the address says. What a control cannot hold (``today`` at the end of a range,
a second text, a record named by its key) stands beside it as a ticked word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backoffice.access import can
from backoffice.declare import Verb
from backoffice.declare.kinds import Selection as Closed
from backoffice.declare.kinds import Truth
from backoffice.plan import Plan, plan_of
from backoffice.views.common import target_of
from backoffice.views.filter_words import Tick, is_timed, own_of, ticks
from backoffice.views.filters import FROM, TO, Chip, is_ranged
from backoffice.views.paths import Path, path_to
from backoffice.views.selection import Selection

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Control:
    """What asks for one filter: its field, its parameter, and what is set now."""

    path: Path
    kind: str
    values: Sequence[str] = ()
    first: str = ""
    last: str = ""
    text: str = ""
    ticks: tuple[Tick, ...] = ()

    @property
    def name(self) -> str:
        """The parameter."""
        return self.path.name

    @property
    def options(self) -> str:
        """Where a picker asks."""
        return f"/{plan_of(self.path.field.target).name}/options" if self.path.field.target else ""


def controls(who: Any, plan: Plan, selection: Selection, names: Sequence[str] | None = None) -> list[Control]:
    """The filters that the noun offers, or those of these names, as far as the person sees the fields."""
    paths = [path for name in (plan.resource.filters if names is None else names) if (path := path_to(who, plan, name))]
    return [_control(path, selection) for path in paths if path.field.target is None or can(who, Verb.READ, plan_of(path.field.target))]


def _control(path: Path, selection: Selection) -> Control:
    chips = [chip for one in selection.filters if one.name == path.name for chip in one.chips]
    offered = ticks(path, selection.args)
    ticked = {(tick.name, tick.value) for tick in offered}
    plain = [chip for chip in chips if (chip.name, chip.value) not in ticked]
    held = _ends(path, plain, is_alone=len(chips) == 1) if is_ranged(path) else _values(path, plain)
    beside = [Tick(chip.name, chip.value, chip.text, is_on=True) for chip in plain if chip not in held]
    kind = "picker" if path.field.is_link else "range" if is_ranged(path) else path.field.kind.control
    first, last = (next((one.value for one in held if one.name in (path.name, path.name + end)), "") for end in (FROM, TO))
    return Control(path, kind, [one.value for one in held], first, last, held[0].text if held else "", (*offered, *beside))


def _values(path: Path, chips: list[Chip]) -> list[Chip]:
    """What the control holds: of a choice all, else one."""
    fit = [chip for chip in chips if chip.name == path.name and _fits(path, chip.value)]
    return fit if not path.field.is_link and isinstance(path.field.kind, Closed) else fit[:1]


def _ends(path: Path, chips: list[Chip], *, is_alone: bool) -> list[Chip]:
    """What both ends of a range hold: a value each, or the only one of all, which is both."""
    fit = [chip for chip in chips if _fits(path, chip.value)]
    if is_alone and fit and fit[0].name == path.name:
        return fit
    return [chip for end in (FROM, TO) for chip in [one for one in fit if one.name == path.name + end][:1]]


def _fits(path: Path, text: str) -> bool:
    """Whether the control shows the text, and sends it again: that of a day takes nothing else than ``2026-11-22``."""
    kind = path.field.kind
    if path.field.is_link:
        return text not in own_of(path.person, target_of(path.field))
    if isinstance(kind, Closed):
        return any(text == member.value for member in kind.members)
    if isinstance(kind, Truth):
        return text in {"yes", "no"}
    return not is_timed(kind) or DAY.fullmatch(text) is not None
