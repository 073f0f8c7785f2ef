"""What an import asks about instead of doing it in silence: two records that may be one, and a record that changes hands."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.declare.text import Text


@dataclass(frozen=True)
class Twin:
    """Another record has the same ``same`` and a different ``unlike``: ``Twin("mobile", unlike="name", …)``.

    ``why`` may name the other record as ``{other}``.
    """

    same: str
    unlike: str
    code: str
    why: Text

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it compares."""
        return (self.same, self.unlike)


@dataclass(frozen=True)
class Handover:
    """A link that is filled would lead to another record. ``why`` may name the present one as ``{other}``."""

    link: str
    code: str
    why: Text

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that it compares."""
        return (self.link,)


Doubt = Twin | Handover
