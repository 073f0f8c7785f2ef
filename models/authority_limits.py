"""Authority limits: which kind of compensation a level may grant, up to which amount, and whether two people sign (S2, domain.md 3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from backoffice.declare import Choice, Flag, Model, Money, Refused, Resource, _, field, link
from backoffice.declare.kinds import Amount
from models.changes import settle_links
from models.claims import claim
from models.escalation_levels import EscalationLevel
from models.roles import CRU, RU, E, I, R, rights

if TYPE_CHECKING:
    from backoffice.declare import Text


class CompensationKind(Choice):
    """What a customer may be given (S2)."""

    ADJUSTMENT = "service_adjustment", _("Service adjustment", "标准服务调整")
    VOUCHER = "wash_voucher", _("Wash voucher", "洗车券")
    REDUCTION = "fee_reduction", _("Fee reduction", "服务费减免")
    PRIORITY = "priority_slot", _("Priority slot", "优先安排")
    SPECIAL = "special_service", _("Special service", "特殊服务")
    REFUND = "full_refund", _("Full refund", "全额退款")
    MAJOR = "major_compensation", _("Major compensation", "重大赔偿")
    EXCEPTION = "policy_exception", _("Policy exception", "政策例外")


class AuthorityLimit(Model):
    """One cell of the matrix of levels and kinds; without a row the level does not grant the kind. A higher level grants no less than a lower one."""

    __tablename__ = "authority_limits"
    __table_args__ = (
        UniqueConstraint("level_id", "kind"),
        claim("a_limit_is_no_debt", "max_amount >= 0", _("An amount is not below zero.", "金额不能为负数。")),
    )
    __resource__ = Resource(
        _("Authority limit", "审批权限"), _("Authority limits", "审批权限"), name="authority-limits", small=True, key=("level", "kind"), icon="cash-stack",
        group=_("Reference data", "基础数据"), order=("kind", "level"), search=("level.code",), filters=("level", "kind", "second_signature", "to_be_set"),
        columns=("kind", "level", "max_amount", "second_signature", "to_be_set"),
        hint=_("Who may grant a customer what, and up to how much.", "各级别可给予哪些补偿、金额上限为多少。"),
        rights=rights(agent=R, advisor=R, workshop=R, supervisor=R, manager=RU, admin=CRU | I | E, auditor=R | E),
    )

    level_id: Mapped[int] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel] = link(_("Level", "级别"), back_populates="limits", active_history=True)
    kind: Mapped[CompensationKind] = field(_("Kind", "补偿类型"))
    max_amount: Mapped[Money | None] = field(_("Up to (CNY, empty: any)", "金额上限（元，空为不限）"), help=_("Empty: without limit.", "不填表示不设上限。"))
    second_signature: Mapped[Flag] = field(_("Needs a second signature", "需第二人签字"), default=False)
    to_be_set: Mapped[Flag] = field(
        _("Proposed amount", "建议金额"), default=False, help=_("The dealer has not set it yet.", "经销商尚未设定。"),
    )

    def before_save(self, *, is_new: bool) -> None:
        """Whoever stands higher may grant at least as much."""
        settle_links(self, "level")
        if self.archived_at is not None:
            return
        for other in self._others():
            if other.level.authority < self.level.authority and not self.covers(other.max_amount):
                why = _("Level {level} may already grant {amount} of this; a higher level may not grant less.",
                        "{level}已可给予{amount}，更高级别的上限不得更低。", level=other.level, amount=upto(other.max_amount))
                raise Refused(why, field="max_amount", code="below_a_lower_level")
            if other.level.authority > self.level.authority and not other.covers(self.max_amount):
                why = _("Level {level} may grant only {amount} of this; raise that first.", "{level}的上限仅为{amount}，请先提高该级别的上限。",
                        level=other.level, amount=upto(other.max_amount))
                raise Refused(why, field="max_amount", code="above_a_higher_level")

    def _others(self) -> Iterator[AuthorityLimit]:
        """The other rows of the kind, as they are going to be."""
        session = self.session
        stored = session.scalars(select(AuthorityLimit)).all()
        for one in (*stored, *(new for new in session.new if isinstance(new, AuthorityLimit))):
            settle_links(one, "level")
            if one is not self and one.kind is self.kind and one.archived_at is None and one not in session.deleted:
                yield one

    def covers(self, amount: Decimal | None) -> bool:
        """Whether the amount lies within this limit; None is any amount."""
        return self.max_amount is None or (amount is not None and amount <= self.max_amount)


def upto(amount: Decimal | None) -> Text | str:
    """A limit in words."""
    return _("any amount", "任意金额") if amount is None else yuan(amount)


def yuan(amount: Decimal) -> str:
    """An amount of money as pages show it."""
    return Amount().show(amount)


def limit_of(session: Session, level: EscalationLevel, kind: CompensationKind) -> AuthorityLimit | None:
    """What the level may grant of the kind, or None where it may not."""
    mine = select(AuthorityLimit).where(AuthorityLimit.level == level, AuthorityLimit.kind == kind, AuthorityLimit.archived_at.is_(None))
    return session.scalars(mine).first()


def able_to_grant(session: Session, kind: CompensationKind, amount: Decimal) -> list[AuthorityLimit]:
    """The limits under which the kind and the amount may be granted, the lowest level first, each of more authority than the one before."""
    rows = session.scalars(
        select(AuthorityLimit).join(AuthorityLimit.level)
        .where(AuthorityLimit.kind == kind, AuthorityLimit.archived_at.is_(None), EscalationLevel.archived_at.is_(None)).order_by(EscalationLevel.rank),
    ).all()
    found: list[AuthorityLimit] = []
    for one in rows:
        if one.covers(amount) and (not found or one.level.authority > found[-1].level.authority):
            found.append(one)
    if not found:
        raise Refused(_("No level may grant this. Check the authority limits.", "没有级别可以给予该补偿，请检查审批权限设置。"), field="amount")
    return found
