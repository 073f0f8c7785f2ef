"""Staff: the people of the dealership; those with a login sign in."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Account, Count, Day, Flag, Mobile, Model, Name, Number, Refused, Resource, _, clock, concerns, field, link
from models.claims import claim
from models.roles import AUTHORITY, CRU, E, I, R, Role, rights
from models.stores import Store

ACCOUNT_FIELDS = ("login", "language", "disabled_at")
NOT_THE_OFFICE = (Role.AGENT, Role.ADVISOR, Role.WORKSHOP, Role.SUPERVISOR, Role.MANAGER)


class Staff(Account, Model):
    """A colleague. Everybody may look up colleagues of every store, because advisors work across stores."""

    __tablename__ = "staff"
    __table_args__ = (
        claim("nobody_is_the_own_deputy", "deputy_id <> id", _("The deputy is another person.", "代理人不能是本人。")),
        claim("authority_is_a_level", "level_authority BETWEEN 1 AND 3", _("A level lies between 1 and 3.", "级别为 1 到 3。")),
    )
    __resource__ = Resource(
        _("Colleague", "员工"), _("Staff", "员工"), name="staff", key=("staff_no",), title=("staff_no", "name"), small=True, accounts=True,
        icon="person-badge",
        group=_("Dealership", "门店与人员"), columns=("staff_no", "name", "role", "store", "active"), search=("staff_no", "name", "phone"),
        filters=("role", "store", "active"), order=("staff_no",),
        rights=rights(
            agent=R, advisor=R, workshop=R, supervisor=R, manager=R, admin=CRU | I | E, auditor=R | E,
            hidden=dict.fromkeys(NOT_THE_OFFICE, ACCOUNT_FIELDS),
        ),
    )

    staff_no: Mapped[Number] = field(_("Staff no.", "工号"), unique=True)
    name: Mapped[Name] = field(_("Name", "姓名"))
    role: Mapped[Role] = field(_("Role", "岗位"), index=True)
    store_id: Mapped[int | None] = mapped_column(ForeignKey(Store.id), index=True)
    store: Mapped[Store | None] = link(_("Store", "门店"), aliases=("dealer_code", "经销商代码"), back_populates="staff")
    phone: Mapped[Mobile | None] = field(_("Phone", "电话"), aliases=("手机",))
    deputy_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    deputy: Mapped[Staff | None] = link(
        _("Deputy", "代理人"), remote_side="Staff.id", post_update=True, help=_("Takes over what is not accepted in time.", "未按时接手的工作由代理人处理。"),
    )
    absent_from: Mapped[Day | None] = field(_("Away from", "缺勤开始"), help=_("Work that waits goes to the deputy meanwhile.", "缺勤期间待接手的工作交代理人。"))
    absent_until: Mapped[Day | None] = field(_("Away until", "缺勤结束"))
    level_authority: Mapped[Count | None] = field(
        _("Authority level", "权限级别"), help=_("1 to 3; empty: as the role has it.", "1–3 级；不填则按岗位。"),
    )
    active: Mapped[Flag] = field(_("Works here", "在职"), default=True)

    @property
    def may_sign_in(self) -> bool:
        """Whoever no longer works here is out at once."""
        return bool(self.active) and super().may_sign_in

    @concerns("deputy", "absent_from", "absent_until", new=("deputy", "absent_until"), history=("deputy",))
    def before_save(self, *, is_new: bool) -> None:
        """Deputies never lead back to the person they stand in for; that nobody is the own one, a claim says."""
        if self.absent_until is not None and (self.absent_from is None or self.absent_until < self.absent_from) and not self.from_history:
            raise Refused(_("Say from which day on, not after the last.", "请填写缺勤开始日期，且不晚于结束日期。"), field="absent_from")
        seen, one = [self], self.stands_in()
        while one is not None and one not in seen:
            seen, one = [*seen, one], one.stands_in()
        if one is not None and len(seen) > 1:
            names = " → ".join(person.name for person in (*seen, one))
            raise Refused(_("Deputies in a circle: {names}.", "代理人形成循环：{names}。", names=names), field="deputy", code="deputies_in_a_circle")

    def stands_in(self) -> Staff | None:
        """The deputy, also while only the id is known."""
        return self.deputy or (self.session.get(Staff, self.deputy_id) if self.deputy_id is not None else None)

    @property
    def is_absent(self) -> bool:
        """Whether the person is away today."""
        return self.absent_from is not None and self.absent_from <= clock.today() and (self.absent_until is None or clock.today() <= self.absent_until)

    @property
    def is_there(self) -> bool:
        """Whether work may be given to the person now."""
        return bool(self.active) and not self.is_absent

    @property
    def level(self) -> int:
        """Up to which level of complaints the person decides (domain.md 3.5); 0 for those who decide none."""
        return self.level_authority or AUTHORITY.get(self.role, 0)
