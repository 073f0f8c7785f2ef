"""Ready-made texts beside a field of a dialog: a click puts one in, and it may be changed afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from backoffice.declare.choice import Choice
from backoffice.declare.text import Text

_ALWAYS: Mapping[str, Collection[Choice]] = MappingProxyType({})


@dataclass(frozen=True)
class Offer:
    """One text. What stands in it as ``<name>`` is left for the person to fill in.

    Offers in a row with the same ``heading`` stand below it. ``when`` names fields of the dialog, and the choices with which it fits.
    """

    text: str
    heading: Text | None = None
    when: Mapping[str, Collection[Choice]] = field(default_factory=lambda: _ALWAYS)
