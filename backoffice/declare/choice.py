"""Closed lists of values: each with a stored code, a label and a tone."""

from __future__ import annotations

import enum
from typing import Literal, Self

from backoffice.declare.text import Text

Tone = Literal["neutral", "info", "good", "warn", "bad"]


class Choice(str, enum.Enum):
    """A value of a closed list: ``OPEN = "open", _("Open", "未处理"), "warn", ("new",)``.

    The code is stored and exported, the label shown, the tone colors the badge, and the aliases
    are further spellings that an import takes.
    """

    label: Text
    tone: Tone
    aliases: tuple[str, ...]

    def __new__(cls, code: str, label: Text, tone: Tone = "neutral", aliases: tuple[str, ...] = ()) -> Self:
        """Make a member; enum calls this with the tuple on the right of the equals sign."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label, member.tone, member.aliases = label, tone, aliases
        return member

    def __str__(self) -> str:
        return str(self.label)
