"""What people may do with a record beyond editing it: decorated methods of the model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from backoffice.declare.choice import Choice, Tone
from backoffice.declare.offers import Offer
from backoffice.declare.outcome import Refused
from backoffice.declare.text import Text, _

_WRONG_STATE = _("“{action}” is not possible while the state is “{state}”.", "状态为“{state}”时不能“{action}”。")

Method = TypeVar("Method", bound=Callable[..., Any])
Offers = Mapping[str, Callable[[Any], Iterable[Offer]]]
"""For a parameter, the texts that are offered beside it, made for a record."""


@dataclass(frozen=True)
class ActionSpec:
    """An action: its button, its dialog (the method's keyword-only parameters), who sees it.

    ``when`` decides per record whether the button shows; the method itself still refuses.
    ``labels`` names parameters; a parameter without one is named after the field it is called as.
    ``meters`` shows the record's meters in the dialog: what is left, where it is decided.
    ``begins`` gives, for a record, what parameters begin with; ``offers`` texts that a click puts into one.
    """

    name: str
    label: Text
    by: tuple[Choice, ...]
    bulk: bool = False
    confirm: Text | None = None
    tone: Tone = "neutral"
    icon: str | None = None
    when: Callable[[Any], bool] | None = None
    labels: dict[str, Text] | None = None
    meters: bool = False
    begins: Callable[[Any], Mapping[str, Any]] | None = None
    offers: Offers | None = None
    sources: tuple[Choice, ...] = ()
    targets: tuple[Choice, ...] = ()
    field: str = "status"

    def fits(self, record: Any) -> bool:
        """Whether the record's state lets the action be offered."""
        if self.sources and getattr(record, self.field) not in self.sources:
            return False
        return self.when is None or bool(self.when(record))


class _Whoever(tuple[Choice, ...]):
    """All roles, of whatever domain: the right to act decides alone."""

    __slots__ = ()

    def __contains__(self, role: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True


WHOEVER = _Whoever()
"""``by=WHOEVER``: offered to everybody who may act on the record; for nouns of the house itself, which knows no roles."""


def _roles(by: Choice | Iterable[Choice]) -> tuple[Choice, ...]:
    if isinstance(by, tuple):
        return by
    return (by,) if isinstance(by, Choice) else tuple(by)


def action(
    label: Text, *, by: Choice | Iterable[Choice], bulk: bool = False, confirm: Text | None = None,
    tone: Tone = "neutral", icon: str | None = None, when: Callable[[Any], bool] | None = None,
    labels: dict[str, Text] | None = None, meters: bool = False, begins: Callable[[Any], Mapping[str, Any]] | None = None, offers: Offers | None = None,
) -> Callable[[Method], Method]:
    """Offer the method as a button; its keyword-only parameters are the dialog's fields. A Text that it answers is told instead of the usual sentence."""

    def mark(method: Method) -> Method:
        method.__action__ = ActionSpec(  # type: ignore[attr-defined]  # a mark on a function
            method.__name__, label, _roles(by), bulk, confirm, tone, icon, when, labels, meters, begins, offers
        )
        return method

    return mark


def transition(
    label: Text, *sources: Choice, to: Choice | tuple[Choice, ...], by: Choice | Iterable[Choice], field: str = "status",
    bulk: bool = False, confirm: Text | None = None, tone: Tone = "neutral", icon: str | None = None,
    when: Callable[[Any], bool] | None = None, labels: dict[str, Text] | None = None, meters: bool = False,
    begins: Callable[[Any], Mapping[str, Any]] | None = None, offers: Offers | None = None,
) -> Callable[[Method], Method]:
    """An action that leads from one of the ``sources`` to ``to``.

    From any other state it is refused. With one target the state is set after the method ends;
    with several the method sets it to one of them.
    """
    targets = (to,) if isinstance(to, Choice) else to

    def mark(method: Method) -> Method:
        @functools.wraps(method)
        def step(self: Any, **details: Any) -> Any:
            state = getattr(self, field)
            if state not in sources:
                raise Refused(_WRONG_STATE.format(action=label, state=state.label), code="wrong_state")
            result = method(self, **details)
            if len(targets) == 1:
                setattr(self, field, targets[0])
            elif getattr(self, field) not in targets:
                raise AssertionError(f"{method.__qualname__} left the state {getattr(self, field)!r}")
            return result

        step.__action__ = ActionSpec(  # type: ignore[attr-defined]  # a mark on a function
            method.__name__, label, _roles(by), bulk, confirm, tone, icon, when, labels, meters, begins, offers, sources, targets, field
        )
        return step  # type: ignore[return-value]  # same parameters, by functools.wraps

    return mark
