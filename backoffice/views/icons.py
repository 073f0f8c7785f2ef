"""Icons, drawn into the page from the installed Bootstrap Icons, so that nothing is fetched for them."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup

from backoffice.views.drawing import drawn

SPRITE = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"


def icon(name: str | None, label: object = None) -> Markup:
    """One icon by its Bootstrap name. Without a ``label`` it is decoration and not read aloud."""
    drawing = _drawing(name or "") or _drawing("circle")
    said = drawn('role="img" aria-label="%s"', label) if label else Markup('aria-hidden="true"')
    return drawn('<svg class="icon" viewBox="0 0 16 16" fill="currentColor" %s>%s</svg>', said, drawing)


def is_known(name: str) -> bool:
    """Whether there is such an icon."""
    return _drawing(name) is not None


@functools.cache
def _drawing(name: str) -> Markup | None:
    """The inside of a symbol of the sprite, which is part of the wheel and thus ours to trust.

    It is read when it is first drawn: all two thousand would take a megabyte of each process, and pages draw a hundred.
    """
    symbol = re.search(rf' id="{re.escape(name)}">(.*?)</symbol>'.encode(), SPRITE.read_bytes(), re.DOTALL)
    return Markup(symbol[1].decode()) if symbol else None  # noqa: S704  # see above
