"""Icons, drawn into the page from the installed Bootstrap Icons, so that nothing is fetched for them."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup, escape

from backoffice.views.drawing import drawn

SPRITE = Path(flask_bootstrap.__file__).parent / "static/bootstrap5/icons/bootstrap-icons.svg"
_SYMBOL = re.compile(r'<symbol[^>]*? id="([^"]+)">(.*?)</symbol>', re.DOTALL)


def icon(name: str | None, label: object = None) -> Markup:
    """One icon by its Bootstrap name. Without a ``label`` it is decoration and not read aloud."""
    drawing = _drawings().get(name or "") or _drawings()["circle"]
    said = drawn('role="img" aria-label="%s"', label) if label else Markup('aria-hidden="true"')
    return drawn('<svg class="icon" viewBox="0 0 16 16" fill="currentColor" %s>%s</svg>', said, drawing)


def is_known(name: str) -> bool:
    """Whether there is such an icon."""
    return str(escape(name)) in _drawings()


@functools.cache
def _drawings() -> dict[str, Markup]:
    """The inside of each symbol of the sprite, which is part of the wheel and thus ours to trust."""
    return {name: Markup(inside) for name, inside in _SYMBOL.findall(SPRITE.read_text(encoding="utf-8"))}  # noqa: S704  # see above
