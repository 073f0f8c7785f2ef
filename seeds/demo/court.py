"""The complaints of the demo, one after the other."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle

from models.authority_limits import CompensationKind as Kind
from models.budgets import Budget, month_of
from models.complaint_states import PauseReason
from models.complaint_states import Status as State
from models.escalation_draft_lines import EscalationDraftLine
from models.escalation_drafts import EscalationDraft
from models.escalation_levels import EscalationLevel
from models.orders import ServiceOrder
from models.stores import Store
from models.triggers import Trigger
from seeds.demo.both import Both
from seeds.demo.cases import Case
from seeds.demo.stage import Stage

AGAIN = Both("客户第三次反映同一问题，要求主管处理。", "The third time for the same fault; the customer asks for the head.")
PUBLIC = Both("涉及安全并已在网上传播，须由总经理处理。", "It concerns safety and is on the net; the general manager must decide.")
CALMED = Both("与客户沟通后情绪平稳，退回前线跟进。", "The customer has calmed down; the front line goes on.")
SORRY = Both("为多次往返致歉。", "An apology for the many trips.")
TAXI = Both("补贴客户用车期间的交通费。", "For the taxis while the car was here.")
TOO_MUCH = Both("金额与过错不相称，请改为洗车券。", "Out of proportion; offer a wash instead.")
NOT_OURS = Both("故障由外店加装所致，已当面向客户说明。", "Caused by a part another shop fitted; explained face to face.")
TAKEN_BACK = Both("客户来电表示误会，撤回投诉。", "The customer rang: a misunderstanding, taken back.")
OUTSIDE = Both("市场监管部门已受理，等待调解。", "The consumer office has taken it up; mediation is awaited.")
BACK = Both("异响再次出现，客户要求继续处理。", "The noise is back; the customer asks us to go on.")
FAIR = Both("过错在我方，金额符合惯例。", "The fault is ours, and it is what others got.")
WARNED = Both("已与客户达成书面谅解，同意补偿。", "Settled in writing with the customer; granted.")
AGREED = Both("复核无误，同意。", "Looked at again, agreed.")
NO_NEED = Both("客户表示已满意，无需补偿。", "The customer is content and wants nothing.")
BUDGETS = {"L1": "1500", "L2": "4000", "L3": "10000"}
"""What each level of the first store may grant in a month; the next store's front line has next to nothing."""
MORE = Both("希望更换总成而不是维修。", "Wants a new part, not a repair.")


class Court:
    """Takes visits one by one and makes complaints about them."""

    def __init__(self, stage: Stage, orders: list[ServiceOrder]) -> None:
        home = [one for one in orders if one.store is stage.home]
        self.stage, self.home, self.away = stage, cycle(reversed(home)), cycle([one for one in orders if one.store is not stage.home])
        self.agent, self.head, self.chief = stage.login("agent"), stage.login("supervisor"), stage.login("manager")
        self.other_chief = stage.staff["DM024"]

    def case(self, number: int, days: int, hour: int, minute: int = 0) -> Case:
        """A complaint at the first store, taken by the agent who signs in."""
        return Case(self.stage, next(self.home), number, self.stage.at(days, hour, minute), self.agent)

    def sit(self) -> None:
        """All of them."""
        self._set_budgets()
        self._at_risk()
        self._in_hand()
        self._higher()
        self._very_high()
        self._over()
        self._ended_otherwise()
        self._short_of_money()
        self._think_of_other_rules()

    def _set_budgets(self) -> None:
        """Of the month of the demo and the one before."""
        stage = self.stage
        levels = {one.code: one for one in stage.session.query(EscalationLevel)}
        with stage.scene(self.chief, stage.at(-35)):
            for month in sorted({month_of(stage.at(days)) for days in range(-31, 1)}):
                for code, amount in BUDGETS.items():
                    self._budget(month, levels[code], stage.home, amount)
                self._budget(month, levels["L1"], list(stage.stores.values())[1], "50")

    def _budget(self, month: str, level: EscalationLevel, store: Store, amount: str) -> None:
        self.stage.session.add(Budget(month=month, level=level, store=store, amount=Decimal(amount)))

    def _think_of_other_rules(self) -> None:
        """A draft that is in force, more words of displeasure; and one that is not: less time for the front line, to be tried on what there was."""
        stage = self.stage
        angry = stage.session.query(Trigger).filter_by(code="T13").one()
        with stage.scene(self.chief, stage.at(-30, 10)):
            words = EscalationDraft(name="补充不满用语")
            stage.session.add(EscalationDraftLine(draft=words, trigger=angry, phrases=f"{angry.phrases}，再也不来"))
        with stage.scene(self.chief, stage.at(-30, 11)):
            words.switch_on()
        front = stage.session.query(EscalationLevel).filter_by(code="L1").one()
        with stage.scene(self.chief, stage.at(-1, 17)):
            draft = EscalationDraft(name="一线时限缩短至18小时")
            stage.session.add(EscalationDraftLine(draft=draft, level=front, limit_hours=18, warn_at="50 80"))

    def _at_risk(self) -> None:
        """Level 1, due today, with proposals that wait for the head."""
        self.case(1, -1, 18, 10)
        self.case(2, -1, 16, 20)
        first = self.case(0, -1, 9, 40).go(State.ACKNOWLEDGED)
        first.offer(Kind.REDUCTION, "680", SORRY)
        second = self.case(7, -1, 12, 30).go(State.ASSESSED)
        second.offer(Kind.VOUCHER, "60", SORRY)
        third = self.case(3, -1, 14, 50).go(State.INVESTIGATING)
        third.offer(Kind.SPECIAL, "350", TAXI)
        self.case(4, -3, 10).go(State.INVESTIGATING)

    def _in_hand(self) -> None:
        """On the way at level 1."""
        case = self.case(4, -4, 9).go(State.INVESTIGATING)
        case.wait(PauseReason.PARTS, self.stage.at(2, 12))
        case = Case(self.stage, next(self.away), 7, self.stage.at(-3, 11))
        case.go(State.INVESTIGATING).wait(PauseReason.OEM, self.stage.at(1, 18))
        self.case(1, -3, 13).go(State.INVESTIGATING).wait(PauseReason.CUSTOMER, self.stage.at(1, 10))
        case = self.case(2, -1, 10).go(State.PROPOSAL_MADE)
        case.decide(case.offer(Kind.REDUCTION, "1800", SORRY), "reject", self.head, reason=TOO_MUCH.zh)
        case = self.case(1, -1, 9, 10).go(State.AGREED)
        reduction = case.offer(Kind.REDUCTION, "300", SORRY)
        case.decide(reduction, "approve", self.head, reason=FAIR.zh).decide(reduction, "issue", self.head, voucher_no="DM-Q-0301")
        case = self.case(5, -1, 9, 30).go(State.IMPLEMENTING)
        case.decide(case.offer(Kind.PRIORITY, "0", SORRY), "approve", self.head, reason=FAIR.zh)
        self.case(7, -2, 9).go(State.RESOLVED)
        self.case(2, -3, 9).go(State.FOLLOW_UP)
        self.case(0, -1, 8, 45).go(State.PROPOSAL_MADE).after(1, "decline", reason=MORE.zh)

    def _higher(self) -> None:
        """Level 2: accepted, waiting to be accepted, late before it was raised, and lowered again."""
        self.case(3, -2, 14).go(State.INVESTIGATING).raise_to("L2", AGAIN, 18, accepted_by=self.head)
        self.case(5, -1, 15, 30).go(State.ACKNOWLEDGED).raise_to("L2", AGAIN, 1)
        self.case(4, -3, 9).go(State.INVESTIGATING).raise_to("L2", AGAIN, 22, accepted_by=self.head)
        case = self.case(1, -2, 9).go(State.INVESTIGATING).raise_to("L2", AGAIN, 5, accepted_by=self.head)
        case.after(6, "lower_level", reason=CALMED.zh)

    def _very_high(self) -> None:
        """Level 3 and above: safety in public, with two signatures."""
        case = self.case(6, -2, 10).go(State.PROPOSAL_MADE)
        case.decide(case.offer(Kind.MAJOR, "5000", TAXI, self.head), "approve", self.chief, reason=WARNED.zh)
        case = self.case(4, -2, 11).go(State.INVESTIGATING).raise_to("L2", AGAIN, 2, accepted_by=self.head).raise_to("L3", PUBLIC, 10)
        case.offer(Kind.REFUND, "1280", SORRY, self.head)
        case = self.case(6, -1, 9).go(State.ASSESSED).raise_to("CRISIS", PUBLIC, 1, accepted_by=self.chief)
        refund = case.offer(Kind.EXCEPTION, "2400", SORRY, self.head)
        case.decide(refund, "approve", self.chief, reason=WARNED.zh).decide(refund, "sign_second", self.other_chief, reason=AGREED.zh)

    def _over(self) -> None:
        """Closed in time, closed late, and reopened."""
        for number, days in enumerate((-30, -26, -21, -17, -13)):
            case = self.case(number, days, 9, 20).go(State.AGREED)
            gift = case.offer(Kind.VOUCHER if number % 2 else Kind.ADJUSTMENT, "80", SORRY)
            case.decide(gift, "issue", self.head, voucher_no=f"DM-X-{number + 101:04}").decide(gift, "accept", self.head).go(State.CLOSED)
        for number, days in enumerate((-28, -19)):
            Case(self.stage, next(self.away), number + 3, self.stage.at(days, 10)).go(State.CLOSED)
        late = self.case(7, -16, 9).go(State.INVESTIGATING).raise_to("L2", AGAIN, 30, accepted_by=self.head)
        late.go(State.CLOSED)
        self.case(0, -11, 9).go(State.CLOSED).after(24 * 7, "reopen", reason=BACK.zh)

    def _ended_otherwise(self) -> None:
        self.case(2, -9, 9).go(State.ASSESSED).after(1, "reject", self.head, reason=NOT_OURS.zh)
        self.case(1, -8, 9).go(State.ACKNOWLEDGED).after(2, "withdraw", reason=TAKEN_BACK.zh)
        self.case(5, -6, 9).go(State.INVESTIGATING).after(3, "refer", self.head, reason=OUTSIDE.zh)

    def _short_of_money(self) -> None:
        """What the budget of the front line does not cover waits for the head; what is not needed goes back into it."""
        case = Case(self.stage, self._of_second_store(), 1, self.stage.at(-1, 10)).go(State.ASSESSED)
        case.offer(Kind.VOUCHER, "80", SORRY)
        case = self.case(5, -2, 13).go(State.INVESTIGATING)
        case.decide(case.offer(Kind.VOUCHER, "60", SORRY), "cancel", self.head, reason=NO_NEED.zh)

    def _of_second_store(self) -> ServiceOrder:
        """A visit there."""
        second = list(self.stage.stores.values())[1]
        return next(one for one in self.away if one.store is second)
