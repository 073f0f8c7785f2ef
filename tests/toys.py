"""A second, unrelated domain: a lending library. The generator is tested with it, without the dealership."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import (
    Account,
    Alert,
    Alike,
    Begin,
    By,
    Choice,
    Count,
    Day,
    Email,
    Handover,
    Layout,
    LongText,
    Mean,
    Merge,
    Meter,
    Mobile,
    Model,
    Moment,
    Money,
    Name,
    Number,
    Occasion,
    Offer,
    Page,
    Part,
    Per,
    Personal,
    Queue,
    Refused,
    Report,
    Resource,
    Right,
    Share,
    Tally,
    Timeline,
    Twin,
    Verb,
    _,
    action,
    actor,
    children,
    clock,
    concerns,
    field,
    link,
    seconds_between,
    transition,
)

ALL = ~Verb(0) & ~Verb.HISTORY


class Role(Choice):
    """Who works in the library."""

    CLERK = "clerk", _("Clerk", "馆员")
    HEAD = "head", _("Head librarian", "馆长")


class Branch(Model):
    """A house with shelves."""

    __tablename__ = "toy_branches"
    __resource__ = Resource(
        _("Branch", "分馆"), _("Branches", "分馆"), name="branches", small=True, key=("code",), title=("name",), columns=("code", "name"),
        search=("code", "name"), rights={Role.CLERK: Right(Verb.READ), Role.HEAD: Right(ALL | Verb.HISTORY)},
    )

    code: Mapped[Number] = field(_("Code", "代码"), unique=True)
    name: Mapped[Name] = field(_("Branch name", "分馆名称"))


class Librarian(Account, Model):
    """A person behind the desk."""

    __tablename__ = "toy_librarians"
    __resource__ = Resource(
        _("Librarian", "馆员"), _("Librarians", "馆员"), name="librarians", small=True, key=("badge",), title=("name",), accounts=True,
        columns=("badge", "name", "role", "branch"), search=("badge", "name"),
        rights={Role.CLERK: Right(Verb.READ), Role.HEAD: Right(ALL)},
    )

    badge: Mapped[Number] = field(_("Badge", "工牌"), unique=True)
    name: Mapped[Name] = field(_("Name", "姓名"))
    role: Mapped[Role] = field(_("Role", "角色"), default=Role.CLERK)
    branch_id: Mapped[int] = mapped_column(ForeignKey(Branch.id), index=True)
    branch: Mapped[Branch] = link(_("Branch", "分馆"))


def own_branch(person: Librarian) -> object:
    """Readers of the person's branch."""
    return Reader.branch_id == person.branch_id


def own_loans(person: Librarian) -> object:
    """Loans of readers of the person's branch."""
    return Loan.reader.has(Reader.branch_id == person.branch_id)


READERS = Report(
    _("Reader report", "读者报表"), at="member_since", figures=(),
    by=(Per("loans.state", _("What they have", "借阅情况"), figures=(
        Share(
            name="lucky", label=_("Often", "常客"), of=lambda reader, _state: reader.mobile.is_not(None), met=lambda _reader, state: state == State.BACK,
            words=(_("often", "是"), _("seldom", "否")),
        ),
    )), By("name")),
)


class Reader(Model):
    """A person who borrows."""

    __tablename__ = "toy_readers"
    __resource__ = Resource(
        _("Reader", "读者"), _("Readers", "读者"), name="readers", small=True, key=("card",), title=("card", "name"),
        columns=("card", "name", "mobile", "branch"), search=("card", "name", "mobile"), filters=("branch", "member_since"),
        rights={
            Role.CLERK: Right(Verb.READ | Verb.CREATE | Verb.UPDATE, rows=own_branch, personal=Personal.REVEALED),
            Role.HEAD: Right(ALL | Verb.HISTORY, personal=Personal.LOGGED),
        },
        page=Page(facts=("mobile", "branch"), first=("loans",), begin=(Begin("loans"),)), report=READERS,
        doubts=(Twin("mobile", unlike="name", code="same_mobile_other_name", why=_("{other} has this mobile too.", "{other} 的手机号相同。")),),
        merge=Merge(
            by=(Role.HEAD,), least=("member_since",),
            alike=(
                Alike("mobile", code="same_mobile", why=_("The same mobile", "手机号相同")),
                Alike("name", "mobile", last={"mobile": 4}, code="same_name", why=_("The same name and last digits", "姓名和尾号相同")),
            ),
        ),
    )

    card: Mapped[Number] = field(_("Card", "借书证"), unique=True, aliases=("读者证号",))
    name: Mapped[Name] = field(_("Name", "姓名"))
    mobile: Mapped[Mobile | None] = field(_("Mobile", "手机"))
    email: Mapped[Email | None] = field(_("E-mail", "邮箱"))
    member_since: Mapped[Day | None] = field(_("Member since", "办证日期"))
    branch_id: Mapped[int] = mapped_column(ForeignKey(Branch.id), index=True)
    branch: Mapped[Branch] = link(_("Branch", "分馆"))
    remark: Mapped[LongText | None] = field(_("Remark", "说明"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("toy_readers.id"), index=True)
    merged_into: Mapped[Reader | None] = link(_("Merged into", "已合并至"), locked=True, remote_side="Reader.id", post_update=True)
    loans: Mapped[list[Loan]] = children(_("Loans", "借阅"), back="reader")


class State(Choice):
    """Where the book is."""

    OUT = "out", _("Lent", "借出"), "warn"
    BACK = "back", _("Returned", "已还"), "good", ("home",)
    LOST = "lost", _("Lost", "丢失"), "bad"


def overdue(person: Librarian) -> object:
    """Books that should be back by now."""
    return (Loan.state == State.OUT) & (Loan.due_on < clock.today())


def used_up(loan: Loan) -> Iterator[Meter]:
    """How often it was renewed, of three times; and how much of a fine of 50 has come together."""
    times = loan.renewals * 100 // 3
    says, why = _("Renewed {times} of 3 times.", "已续借{times}次，最多3次。", times=loan.renewals), _("Since <{no}>.", "自<{no}>。", no=loan.loan_no)
    yield Meter(_("Renewals", "续借"), times, says, "bad" if times > 100 else "info", (why,), (33.3,) * loan.renewals, (50, 100))
    if loan.fine:
        yield Meter(_("Fine", "罚款"), int(loan.fine * 2), _("Owed: {fine}.", "欠款{fine}。", fine=loan.fine), field="fine")


LOANS = Report(
    _("Loan report", "借阅报表"), at="due_on", filters=("reader", "state"), notes=(_("Books of other houses are left out.", "不含馆际互借。"),),
    figures=(
        Share(
            name="back", label=_("Came back", "归还率"), of=lambda loan: ~loan.from_history, met=lambda loan: loan.state == State.BACK,
            words=(_("back", "已还"), _("still away", "未还")), tells=("state",), help=_("Of all new ones.", "占新借出的比例。"),
        ),
        Share(
            name="fined", label=_("Fined", "罚款率"), of=lambda loan: loan.state == State.BACK, met=lambda loan: loan.fine > 0,
            words=(_("fined", "罚款"), _("not fined", "未罚款")), tells=("fine",),
        ),
        Mean(
            name="away", label=_("Away for", "借出时长"), of=lambda loan: loan.returned_at.is_not(None),
            seconds=lambda loan: seconds_between(loan.created_at, loan.returned_at), tells=("returned_at",),
        ),
        Tally(name="old", label=_("Old ones", "旧记录"), where=lambda loan: loan.from_history),
    ),
    by=(By("state"), By("reader.branch"), By("loan_no")),
)


class Loan(Model):
    """A book in somebody's hands; it must come back."""

    __tablename__ = "toy_loans"
    __table_args__ = (
        CheckConstraint("(state = 'back') = (returned_at IS NOT NULL) OR from_history", name="returned_has_time"),
        CheckConstraint("title IS NOT NULL OR from_history", name="new_has_title"),
    )
    __resource__ = Resource(
        _("Loan", "借阅"), _("Loans", "借阅"), name="loans", small=True, key=("loan_no",),
        columns=("loan_no", "reader", "title", "state", "due_on", "fine"), search=("loan_no", "title", "reader.name"),
        filters=("state", "due_on", "reader"), order=("-due_on",), contact=("reader.mobile",),
        queues=(Queue("overdue", _("Overdue", "逾期"), overdue, "bad", order=("due_on",)),),
        alerts=(Alert(_("Overdue book", "逾期图书"), overdue, of=("reader",), tone="bad", says=("title", "due_on", "fine")),),
        timeline=Timeline(of=("reader",), at=("due_on", "created_at"), shows=("state", "title", "fine")), meters=used_up, report=LOANS,
        doubts=(Handover("reader", code="other_reader", why=_("The book is lent to {other}.", "该书借给了 {other}。")),),
        rights={
            Role.CLERK: Right(Verb.READ | Verb.CREATE | Verb.UPDATE | Verb.ACT, rows=own_loans, hidden=frozenset({"fine"})),
            Role.HEAD: Right(ALL | Verb.HISTORY),
        },
    )

    loan_no: Mapped[Number] = field(_("Loan no.", "借阅号"), unique=True, numbered="JY")
    reader_id: Mapped[int] = mapped_column(ForeignKey(Reader.id), index=True)
    reader: Mapped[Reader] = link(_("Reader", "读者"), aliases=("借书人",))
    title: Mapped[LongText | None] = field(_("Title", "书名"), needed=True)
    state: Mapped[State] = field(_("State", "状态"), default=State.OUT, locked=True, index=True, waiting=(State.OUT,))
    due_on: Mapped[Day | None] = field(_("Due", "应还日期"), index=True)
    returned_at: Mapped[Moment | None] = field(_("Returned", "归还时间"), locked=True)
    renewals: Mapped[Count] = field(_("Renewals", "续借次数"), default=0, locked=True)
    fine: Mapped[Money | None] = field(_("Fine", "罚款"))

    @concerns(history=False)
    def before_save(self, *, is_new: bool) -> None:
        """A new loan runs four weeks."""
        if is_new and self.due_on is None and not self.from_history:
            self.due_on = clock.today() + timedelta(days=28)

    @transition(_("Give back", "还书"), State.OUT, to=State.BACK, by=(Role.CLERK, Role.HEAD), field="state", bulk=True)
    def give_back(self) -> None:
        """The book is on the desk again."""
        self.returned_at = clock.now()

    @action(_("Renew", "续借"), by=(Role.CLERK, Role.HEAD), bulk=True, confirm=_("Renew {count} loans?", "续借 {count} 条？"),
            labels={"until": _("Until", "续借到"), "reason": _("Reason", "原因")}, begins=lambda loan: {"reason": f"Asked for {loan.loan_no}"},
            offers={"reason": lambda loan: (Offer(f"<{loan.renewals}> & more", _("Often", "常用")), Offer("So it is.", _("Often", "常用")))})
    def renew(self, *, until: Day, reason: LongText | None = None) -> None:
        """More time; the new day must be later."""
        if self.due_on is not None and until <= self.due_on:
            raise Refused(_("The new day must be later.", "新的日期必须更晚。"), field="until")
        self.due_on, self.renewals = until, self.renewals + 1

    @action(_("Waive the fine", "免除罚款"), by=Role.HEAD, when=lambda loan: bool(loan.fine), tone="warn",
            labels={"to_reader": _("In favor of", "受益人")})
    def waive(self, *, to_reader: Reader | None = None) -> None:
        """Nobody waives a fine while nobody is signed in."""
        if actor() is None:
            raise Refused(_("Sign in first.", "请先登录。"))
        self.fine = None


class Note(Model):
    """A remark on a loan, numbered within it; it may answer another one."""

    __tablename__ = "toy_notes"
    __table_args__ = (UniqueConstraint("loan_id", "line_no"),)
    __resource__ = Resource(
        _("Note", "备注"), _("Notes", "备注"), name="notes", key=("loan", "line_no"), columns=("loan", "line_no", "text"),
        timeline=Timeline(of=("loan.reader",), at=("created_at",)),
        rights={Role.CLERK: Right(Verb.READ, frozen=frozenset({"text"})), Role.HEAD: Right(ALL)},
    )

    loan_id: Mapped[int] = mapped_column(ForeignKey(Loan.id), index=True)
    loan: Mapped[Loan] = link(_("Loan", "借阅"))
    line_no: Mapped[Count] = field(_("Line", "行号"))
    text: Mapped[LongText | None] = field(_("Text", "内容"))
    answers_id: Mapped[int | None] = mapped_column(ForeignKey("toy_notes.id"), index=True)
    answers: Mapped[Note | None] = link(_("Answers", "回复"), remote_side="Note.id")


MODELS = (Branch, Librarian, Reader, Loan, Note)

DUE = Occasion("due", _("A book is due", "图书到期"), "loans", still=lambda loan, _key: loan.state is State.OUT)
ALARM = Occasion("alarm", _("A book is in danger", "图书遇险"), "loans", urgent=True)

DESK = Layout(
    "desk-sheets", _("Sheets of the desk", "柜台登记表"),
    parts=(
        Part(Reader, ("card", "name", "mobile", "email", "branch"), match=("mobile", "name"), fills=("email",)),
        Part(Loan, ("loan_no", "title", "due_on", "fine"), links={"reader": Reader}),
        Part(Note, ("line_no", "text"), links={"loan": Loan}),
    ),
)
"""One line a loan, with its reader and a note."""

LAYOUTS = (DESK,)
