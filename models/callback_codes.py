"""Callback codes A to G: the questions of the callback form, under which issues are counted (S4)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from backoffice.declare import Choice, Count, Flag, LongText, Model, Number, Resource, ShortText, _, field
from models.roles import CRU, RU, E, I, R, rights


class IssueClass(Choice):
    """What a callback issue is about (S1)."""

    FACILITY = "facility", _("Facility", "硬件问题")
    ATTITUDE = "attitude", _("Attitude", "服务态度")
    TECHNICAL = "technical", _("Technical", "维修技术")
    PROCESS = "process", _("Core process", "核心流程")


class CallbackCode(Model):
    """A question asked in every callback. Only B is worded by the source; the others are proposals (Part 4 (a))."""

    __tablename__ = "callback_codes"
    __table_args__ = (CheckConstraint("position >= 0", name="position_counts_up"),)
    __resource__ = Resource(
        _("Callback code", "回访问题代码"), _("Callback codes", "回访问题代码"), name="callback-codes", small=True, key=("code",),
        title=("code", "wording_zh"), icon="list-ol", group=_("Reference data", "基础数据"), order=("position", "code"),
        columns=("code", "wording_zh", "wording_en", "issue_class", "proposed", "active"), search=("code", "wording_zh", "wording_en"),
        filters=("issue_class", "proposed", "active"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    code: Mapped[Number] = field(_("Issue code", "问题代码"), unique=True)
    position: Mapped[Count] = field(_("Order of asking", "提问顺序"), default=0)
    wording_zh: Mapped[ShortText] = field(_("Chinese wording", "中文问题"))
    wording_en: Mapped[ShortText] = field(_("English wording", "英文问题"))
    issue_class: Mapped[IssueClass] = field(_("Class of issue", "问题类别"), default=IssueClass.PROCESS)
    help_zh: Mapped[LongText | None] = field(_("Chinese help text", "中文说明"))
    help_en: Mapped[LongText | None] = field(_("English help text", "英文说明"))
    proposed: Mapped[Flag] = field(
        _("Proposed wording", "建议措辞"), default=True, help=_("Not worded by the source; the dealer may change it.", "原始资料未给出措辞，可由经销商修改。"),
    )
    active: Mapped[Flag] = field(_("Asked", "启用"), default=True)

    def __str__(self) -> str:
        return f"{self.code} {_(self.wording_en, self.wording_zh)}"
