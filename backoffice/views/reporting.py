"""The report of a noun at ``/<resource>/report``: what is counted, week by week and by what it is told apart.

It understands the filters of the list, ``from`` and ``to`` (days), and ``by`` (one table with all its lines). Every number leads to
the list of the records behind it: the same filters, the days as a range, the value as ``part``, the figure as ``figure``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_admin import expose
from flask_admin.menu import MenuLink
from sqlalchemy import String, cast
from werkzeug.datastructures import MultiDict

from backoffice.access import Access, can, field_access
from backoffice.db import db
from backoffice.declare import Mean, Per, Report, Share, Tally, Text, Verb, _
from backoffice.errors import BadRequest, NotFound
from backoffice.plan import Field, Plan
from backoffice.views import figures, periods
from backoffice.views.charts import Chart, Step, chart
from backoffice.views.common import clipped, person
from backoffice.views.figures import FIGURE, NOT, OF, PART, AnyFigure
from backoffice.views.filter_panel import controls
from backoffice.views.matching import cleaned
from backoffice.views.periods import Bucket, Period
from backoffice.views.reckoning import Question, Reckoned, Sum, per_value, reckon, rounded
from backoffice.views.selection import Selection
from backoffice.views.splits import Below, Own, splits

BY = "by"
OF_REPORT = (periods.FROM, periods.TO, BY)
FEW, MANY = 6, 500
"""Lines of a table among others, and of a table alone."""


@dataclass(frozen=True)
class Cell:
    """A figure of one line, and where each of its numbers leads."""

    sum: Sum
    of: str
    met: str
    rest: str

    @property
    def kind(self) -> str:
        """How it is drawn."""
        return {Share: "share", Mean: "mean", Tally: "tally"}[type(self.sum.figure)]


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    label: str
    hint: str
    count: int
    percent: int | None
    width: int
    address: str
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    """What is told of the records by one thing; ``further`` leads to the lines that are not shown."""

    id: str
    label: Text
    figures: Sequence[AnyFigure]
    rows: list[Row]
    further: str | None = None
    is_cut: bool = False
    has_total: bool = False
    chart: Chart | None = None


class Asked:
    """What an address asks of a report. Raises :class:`BadRequest` for what cannot be meant."""

    def __init__(self, who: Any, plan: Plan, report: Report, args: MultiDict[str, str]) -> None:
        self.plan, self.report = plan, report
        self.period = periods.read(args, report.weeks)
        self.selection = Selection(who, plan, MultiDict([pair for pair in args.items(multi=True) if pair[0] not in OF_REPORT]))
        for one in self.selection.filters:
            if one.name in (FIGURE, PART):
                raise BadRequest(_("There is no filter “{name}” here.", name=one.name))
            if one.name == report.at:
                raise BadRequest(_("The days of a report are said by “from” and “to”."))
        self.figures = [one for one in report.figures if figures.sees(who, plan, one)]
        self.splits = splits(who, plan)
        self.by = cleaned(args.get(BY), figures.LONGEST)
        if self.by and self.by not in self.splits:
            raise BadRequest(_("The report does not tell records apart by “{name}”.", name=clipped(self.by)))

    @property
    def at(self) -> Field:
        """The field that places a record in a period."""
        return self.plan.fields[self.report.at]

    @property
    def shown(self) -> list[Own | Below]:
        """The ways to tell records apart that have a table."""
        return [self.splits[self.by]] if self.by else list(self.splits.values())

    @property
    def rows(self) -> Any:
        """The rows of the period."""
        return self.selection.rows().where(self.period.within(getattr(self.plan.model, self.at.column), self.at.kind))

    def list_of(self, days: Period | Bucket | None = None, **more: str) -> str:
        """The list of the records of some days, or of the whole period."""
        first, last = (days or self.period).first.isoformat(), (days or self.period).last.isoformat()
        said: dict[str, Any] = {f"{self.at.name}_from": first, f"{self.at.name}_to": last, **more}
        return self.selection.address(**said)

    def page(self, *, by: str | None = None, period: Period | None = None, without: tuple[str, str] | None = None) -> str:
        """The address of this report about another period, without a filter, or of one table alone (``by=""``: of all of them)."""
        days, by = period or self.period, self.by if by is None else by
        pairs = [*self.selection.kept(), (periods.FROM, days.first.isoformat()), (periods.TO, days.last.isoformat()), *([(BY, by)] if by else [])]
        return f"/{self.plan.name}/report?{urlencode([pair for pair in pairs if pair != without])}"

    def cells(self, one: Reckoned, days: Bucket | None = None, **more: str) -> list[Cell]:
        """The figures of a line."""
        return [self._cell(sum_, days, **more) for sum_ in one.sums]

    def _cell(self, one: Sum, days: Bucket | None, **more: str) -> Cell:
        endings = (OF, "", NOT) if isinstance(one.figure, Share) else ("", "", "")
        return Cell(one, *(self.list_of(days, **more, figure=one.figure.name + ending) for ending in endings))

    @property
    def spans(self) -> list[tuple[Text, str, bool]]:
        """Periods that people ask for, each with its address, and whether it is the one that is shown."""
        return [(label, self.page(period=one), one == self.period) for label, one in periods.usual(self.report.weeks)]

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """The active filters: label, text, and the report without it."""
        args, given = self.selection, [(one.label, one.text, one.name, one.value) for one in self.selection.chips]
        if args.queue:
            given.append((str(_("Queue")), str(args.queue.label), "queue", args.queue.name))
        if args.words:
            given.append((str(_("Search")), args.words, "q", args.args["q"]))
        if args.is_archived:
            given.append((str(_("Show")), str(_("Archived records")), "archived", "1"))
        return [(label, text, self.page(without=(name, value))) for label, text, name, value in given]

    def beside(self, names: Sequence[str]) -> list[tuple[str, str]]:
        """What the form has no control for: filters of other fields, the search, the table that is shown."""
        chips = [(chip.name, chip.value) for one in self.selection.filters if one.name not in names for chip in one.chips]
        others = [(name, value) for name, value in self.selection.kept() if name in ("q", "queue", "archived")]
        return [*chips, *others, *([(BY, self.by)] if self.by else [])]


class ReportPages:
    """The report of the plan's noun, where it has one."""

    needs = "report"
    plan: Plan
    render: Any

    @expose("/report")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def report_page(self) -> str:
        """Tell what the records of a period come to."""
        who, report = person(), self.plan.resource.report
        if report is None or field_access(who, self.plan, self.plan.fields[report.at]) < Access.MASKED:
            raise NotFound
        asked = Asked(who, self.plan, report, request.args)
        total, tables = _told(asked)
        offered = controls(who, self.plan, asked.selection, report.filters)
        return str(self.render(
            "report/report.html", plan=self.plan, report=report, asked=asked, selection=asked.selection, total=total, cells=asked.cells(total),
            tables=tables, controls=offered, notes=_notes(asked, tables),
        ))


def _columns(total: Reckoned) -> list[AnyFigure]:
    """The figures of each line: those of which there is a case at all."""
    return [one.figure for one in total.sums if one.of and not isinstance(one.figure, Tally)]


def _told(asked: Asked) -> tuple[Reckoned, list[Table]]:
    """All records together, and the tables."""
    own = [split for split in asked.shown if isinstance(split, Own)]
    most = MANY if asked.by else FEW
    buckets = [] if asked.by else asked.period.buckets()
    number = [Question(cast(periods.bucket_of(buckets, getattr(asked.plan.model, asked.at.column), asked.at.kind), String))] if buckets else []
    questions = [*number, *(Question(split.text(split.value), most) for split in own)]
    total, answers = reckon(db.session(), asked.plan.model, asked.rows, asked.figures, questions)
    if not total.count:
        return total, []
    columns, found = _columns(total), dict(zip((one.name for one in own), answers[len(number) :], strict=True))
    tables = [_by_time(asked, buckets, columns, answers[0], total)] if buckets else []
    for split in asked.shown:
        if isinstance(split, Own):
            tables.append(_told_apart(asked, split, columns, found[split.name], total))
        else:
            inside = [one for one in split.said.figures if figures.sees(split.person, asked.plan, one)] if isinstance(split.said, Per) else []
            tables.append(_told_apart(asked, split, inside, per_value(db.session(), split, asked.rows, inside, most), total))
    return total, tables


def _by_time(asked: Asked, buckets: list[Bucket], columns: Sequence[AnyFigure], found: list[Reckoned], total: Reckoned) -> Table:
    numbered = {one.value: one for one in found}
    nothing = Reckoned(None, 0, tuple(Sum(one, 0, 0) for one in asked.figures))
    most = max((one.count for one in found), default=1)
    rows = [_row(asked, one.label, one.days, columns, numbered.get(str(at), nothing), total, most, days=one) for at, one in enumerate(buckets)]
    label = _("Week by week") if asked.period.is_weekly else _("Month by month")
    return Table("time", label, columns, rows, has_total=True, chart=chart([_step(one, row) for one, row in zip(buckets, rows, strict=True)]))


def _step(one: Bucket, row: Row) -> Step:
    share = next((cell for cell in row.cells if cell.kind == "share"), None)
    rate = (share.sum.percent, share.sum.of, share.of) if share else (None, 0, None)
    return Step(one.tick, one.mark, f"{one.label} ({one.days})", row.count, row.address, *rate)


def _told_apart(asked: Asked, split: Own | Below, columns: Sequence[AnyFigure], found: list[Reckoned], total: Reckoned) -> Table:
    shown = found[: MANY if asked.by else FEW]
    names = split.shown(db.session(), (split.value_of(one.value or "") for one in shown))
    largest = max((one.count for one in shown), default=1)
    rows = [
        _row(asked, names.get(split.value_of(one.value or "")) or str(_("not given")), "", columns, one, total, largest, part=f"{split.name}:{one.value or ''}")
        for one in shown
    ]
    is_cut = len(found) > len(shown)
    further = asked.page(by=split.name) if is_cut and not asked.by else None
    has_total = bool(asked.by) and isinstance(split, Own)  # below, a record may stand in several lines
    return Table(split.name.replace(".", "-"), split.label, columns, rows, further, is_cut, has_total)


def _row(
    asked: Asked, label: str, hint: str, columns: Sequence[AnyFigure], one: Reckoned, total: Reckoned, most: int, days: Bucket | None = None, **more: str,
) -> Row:
    cells = [cell for cell in asked.cells(one, days, **more) if cell.sum.figure in columns]
    return Row(label, hint, one.count, rounded(one.count * 100, total.count), rounded(one.count * 1000, most), asked.list_of(days, **more), cells)


def _notes(asked: Asked, tables: list[Table]) -> list[tuple[Text, Text]]:
    """How each figure on the page is counted."""
    shown = dict.fromkeys([*asked.figures, *(one for table in tables for one in table.figures)])
    return [(one.label, one.help) for one in shown if one.help is not None]


class ReportLink(MenuLink):  # type: ignore[misc]  # Flask-Admin's classes are untyped for subclasses
    """The report in the menu, for those who read its noun."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self.plan = plan
        super().__init__(report.title, url=f"/{plan.name}/report", icon_value=report.icon)

    def is_accessible(self) -> bool:
        """Whether the person may open it."""
        somebody = person()
        return bool(somebody.is_authenticated and can(somebody, Verb.READ, self.plan))

    def is_active(self, _view: Any) -> bool:
        """Whether it is the page that is shown."""
        return bool(request.path == self.url)
