"""Escalation drafts: other limits and triggers, tried on complaints of the past before they are switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select
from sqlalchemy.orm import Mapped

from backoffice.declare import (
    Choice,
    LongText,
    Model,
    Moment,
    Name,
    Number,
    Refused,
    Resource,
    Text,
    Trial,
    Tried,
    _,
    action,
    children,
    clock,
    concerns,
    field,
    transition,
)
from models.roles import CRU, A, E, R, Role, rights

if TYPE_CHECKING:
    from models.escalation_draft_lines import EscalationDraftLine

KEEPERS = (Role.MANAGER, Role.ADMIN)


class DraftStatus(Choice):
    """Whether the rules of a draft are in force."""

    DRAFT = "draft", _("Draft", "草案"), "info"
    ON = "on", _("Switched on", "已启用"), "good"


def try_out(draft: EscalationDraft, wanted: Select[Any]) -> Tried:
    """What would have become of these complaints."""
    from models.simulation import compare  # noqa: PLC0415  # complaints import levels, and levels their drafts

    return compare(draft.session, wanted, {line.target: line.values for line in draft.live_lines})


def in_words(draft: EscalationDraft) -> list[Text]:
    """What a draft changes, line by line; of one in force only what others have changed since."""
    if draft.status is DraftStatus.DRAFT:
        return [text for line in draft.live_lines for text in line.in_words()]
    since = [line.target for line in draft.live_lines if not line.holds]
    if not since:
        return [_("The draft is in force; both sides are the same.", "草案已启用，两侧相同。")]
    return [_("{name} has changed since this draft was switched on.", "草案启用后{name}又被修改。", name=one) for one in since]


TRIAL = Trial(
    _("Try on past complaints", "用历史投诉试算"), of="complaints", at="received_at", run=try_out, changes=in_words,
    assumes=(
        _("People did what they really did, and when they did it: recorded, acknowledged, paused, resumed, accepted, raised, lowered, resolved, closed, reopened.",
          "人员的操作按实际发生的内容和时间重放：登记、受理、暂停、恢复、接手、人工升降级、解决、关闭、重开。"),
        _("What the rules do is worked out anew on both sides: “now” is what the rules of today would have done, whatever rules held then.",
          "规则的作用在两侧都重新计算：“现行”指按今天的规则会怎样，而非当时的规则。"),
        _("The calendars, and the grade of the customer, are those of today; the marks and words of a complaint are those of each moment.",
          "日历和客户等级以今天为准；投诉的标记和文字以当时为准。"),
        _("Rules act at each full minute, up to now. Complaints of an old system are left out: no rule acts on them.",
          "规则按整分钟执行，直到现在。旧系统的投诉不参与试算，规则对其不起作用。"),
    ),
)


class EscalationDraft(Model):
    """Changes nothing until it is switched on, and nothing that somebody else has changed meanwhile; it can be taken back."""

    __tablename__ = "escalation_drafts"
    __resource__ = Resource(
        _("Escalation draft", "升级规则草案"), _("Escalation drafts", "升级规则草案"), name="escalation-drafts", small=True, key=("draft_no",),
        title=("draft_no", "name"), icon="sliders", group=_("Reference data", "基础数据"), order=("-id",), columns=("draft_no", "name", "status", "switched_on_at"),
        search=("draft_no", "name"), filters=("status",), importable=False, trial=TRIAL,
        hint=_("Other limits and triggers, tried on past complaints before they hold.", "先用历史投诉试算新的时限和触发条件，再决定是否启用。"),
        rights=rights(supervisor=R, manager=CRU | A | E, admin=CRU | A | E, auditor=R | E),
    )

    draft_no: Mapped[Number] = field(_("Draft no.", "草案编号"), unique=True, numbered="CA")
    name: Mapped[Name] = field(_("What it is about", "草案名称"))
    note: Mapped[LongText | None] = field(_("Note", "说明"))
    status: Mapped[DraftStatus] = field(_("State", "状态"), default=DraftStatus.DRAFT, locked=True, waiting=(DraftStatus.DRAFT,))
    switched_on_at: Mapped[Moment | None] = field(_("Switched on at", "启用时间"), locked=True)
    lines: Mapped[list[EscalationDraftLine]] = children(_("What is different", "变更内容"), back="draft", order_by="EscalationDraftLine.id")

    @property
    def live_lines(self) -> list[EscalationDraftLine]:
        """The lines that were not taken away."""
        return [one for one in self.lines if one.archived_at is None]

    @property
    def is_stale(self) -> bool:
        """Whether somebody has changed meanwhile what it is about to change."""
        return self.status is DraftStatus.DRAFT and any(one.is_stale for one in self.live_lines)

    @concerns("archived_at", new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """What is in force is taken back before it is put away."""
        if not is_new and self.archived_at is not None and self.status is DraftStatus.ON:
            raise Refused(_("Its rules are in force; take them back first.", "其规则正在生效，请先撤回。"))

    @transition(
        _("Switch on", "启用"), DraftStatus.DRAFT, to=DraftStatus.ON, by=KEEPERS, tone="good", icon="toggle-on",
        confirm=_("From now on these rules hold, for open complaints too. It can be taken back.", "启用后立即生效，未关闭的投诉也按新规则计时；可以撤回。"),
    )
    def switch_on(self) -> None:
        """The levels and triggers are written; each change stands in their history."""
        if not self.live_lines:
            raise Refused(_("The draft changes nothing yet; add a line.", "草案尚无变更内容，请先添加。"))
        for line in self.live_lines:
            line.insist(line.before, _("“{name}” has changed since this draft was written: {changes}. Begin from the rules of today, and try it again.",
                                       "草案拟定后“{name}”已被修改：{changes}。请以现行规则为准，重新试算。"))
        for line in self.live_lines:
            line.write(line.values)
        self.switched_on_at = clock.now()

    @transition(
        _("Take back", "撤回"), DraftStatus.ON, to=DraftStatus.DRAFT, by=KEEPERS, tone="warn", icon="arrow-counterclockwise",
        confirm=_("The rules from before hold again.", "恢复启用前的规则。"),
    )
    def take_back(self) -> None:
        """The levels and triggers are as they were; what somebody has changed since is not overwritten."""
        for line in self.live_lines:
            line.insist(line.values, _("“{name}” has changed since this draft was switched on: {changes}. Change it by hand.",
                                       "草案启用后“{name}”又被修改：{changes}。请手工修改。"))
        for line in self.live_lines:
            line.write(line.before)
        self.switched_on_at = None

    @action(_("Begin from the rules of today", "以现行规则为准"), by=KEEPERS, icon="arrow-repeat", when=lambda draft: draft.is_stale)
    def renew(self) -> None:
        """What others have changed meanwhile is known now; the draft replaces it when it is switched on."""
        for line in self.live_lines:
            line.look()
