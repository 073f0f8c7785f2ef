"""Standard phrases: what to say to a customer who complains, by the four steps: listen, apologize, propose, follow up (S2)."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from backoffice.declare import Choice, Flag, LongText, Model, Number, Resource, _, field
from models.roles import CRU, RU, E, I, R, rights


class Situation(Choice):
    """When a phrase is said."""

    ACKNOWLEDGE = "acknowledge", _("Listen and acknowledge", "倾听与受理"), "info"
    APOLOGIZE = "apologize", _("Apologize without admission", "致歉（不等于承认责任）"), "warn"
    DELAY = "delay", _("Explain a delay", "说明延误"), "warn"
    PROPOSE = "propose", _("Propose a solution", "提出方案"), "info"
    RAISE = "raise", _("Ask a higher authority", "请示上级"), "neutral"
    CLOSE = "close", _("Follow up and close", "回访与结束"), "good"


class StandardPhrase(Model):
    """A sentence that may be said as it stands; an apology is no admission (S2). What stands in angle brackets is filled in."""

    __tablename__ = "standard_phrases"
    __resource__ = Resource(
        _("Standard phrase", "标准话术"), _("Standard phrases", "标准话术"), name="standard-phrases", small=True, key=("code",), icon="chat-quote",
        group=_("Reference data", "基础数据"), order=("code",), columns=("code", "situation", "wording_zh", "wording_en", "active"),
        filters=("situation", "active"), search=("code", "wording_zh", "wording_en"), copies=("wording_zh", "wording_en"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Phrase code", "话术编号"), unique=True)
    situation: Mapped[Situation] = field(_("Situation", "使用场合"))
    wording_zh: Mapped[LongText] = field(_("In Chinese", "中文话术"))
    wording_en: Mapped[LongText] = field(_("In English", "英文话术"))
    active: Mapped[Flag] = field(_("In use", "启用"), default=True)
