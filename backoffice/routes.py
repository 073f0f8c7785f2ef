"""Routes: there is one for each page of each noun, more than a thousand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Build = Callable[..., tuple[str, str]]


class Route(Rule):
    """A rule that compiles what builds its address when one is first built: for most nobody ever asks, and it would take half of the start."""

    def _compile_builder(self, append_unknown: bool = True) -> Build:
        return _with_rest if append_unknown else _alone

    def made(self, name: str, append_unknown: bool) -> Build:
        """What builds its addresses, in its place from now on."""
        setattr(self, name, super()._compile_builder(append_unknown).__get__(self, None))
        return getattr(self, name)  # type: ignore[no-any-return]  # made right above


def _with_rest(route: Route, **values: Any) -> tuple[str, str]:
    """An address; values that have no place in it stand behind a question mark."""
    return route.made("_build_unknown", append_unknown=True)(**values)


def _alone(route: Route, **values: Any) -> tuple[str, str]:
    """An address without them."""
    return route.made("_build", append_unknown=False)(**values)
