"""Extra work: what the workshop found, asked of customers, and every kind of answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.extra_work import ExtraWorkRequest
from models.extra_work_lines import ExtraWorkLine, Urgency
from models.order_states import OrderStatus as State
from seeds.demo import jobs
from seeds.demo.visits import Visit, begin_work, word_of


def find(visit: Visit, number: int) -> ExtraWorkRequest:
    """The workshop finds something: a draft with its lines, priced by the advisor."""
    finding, customer = jobs.FINDS[number % len(jobs.FINDS)], visit.order.customer

    def write() -> ExtraWorkRequest:
        request = ExtraWorkRequest(order=visit.order, found_by=visit.technician, cause=finding.cause.to(customer))
        visit.stage.session.add(request)
        for line_no, piece in enumerate(finding.pieces, 1):
            visit.stage.session.add(ExtraWorkLine(
                request=request, line_no=line_no, urgency=piece.urgency, description=piece.name.to(customer), labor_amount=piece.labor,
                parts_amount=piece.parts,
            ))
        return request

    visit.do(15, visit.technician, lambda: begin_work(visit))
    return visit.do(10, visit.technician, write)


def ask(visit: Visit, number: int, hours: int = 24, later: int = 5) -> ExtraWorkRequest:
    """Find something and send it to the customer, who may answer for so many hours."""
    request = find(visit, number)

    def send() -> None:
        request.new_promised_at = visit.clock + timedelta(hours=hours + later)
        visit.stage.session.flush()
        request.send(expires_at=visit.clock + timedelta(hours=hours))

    visit.do(10, visit.advisor, send)
    return request


def approve(visit: Visit, line: ExtraWorkLine) -> None:
    """The customer says yes."""
    visit.do(12, visit.advisor, lambda: line.approve(**word_of(visit)))


def decline(visit: Visit, line: ExtraWorkLine) -> None:
    """The customer says no; where it concerns safety, in writing."""
    note = jobs.REFUSED_SAFETY.to(visit.order.customer) if line.urgency is Urgency.SAFETY else None
    visit.do(6, visit.advisor, lambda: line.decline(**word_of(visit), note=note))


def defer(visit: Visit, line: ExtraWorkLine, **until: Any) -> None:
    """Not now."""
    visit.do(4, visit.advisor, lambda: line.defer(**word_of(visit), **until))


# Stories, each for an order in repair; the last two go on until the car is delivered.


def drafted(visit: Visit, number: int) -> None:
    """The advisor has not sent it yet."""
    find(visit, number)


def sent(visit: Visit, number: int) -> None:
    """The customer thinks about it."""
    ask(visit, number, hours=30)


def partly_decided(visit: Visit, number: int) -> None:
    """One line is answered, the others are open."""
    approve(visit, ask(visit, number, hours=36).lines[0])


def revised(visit: Visit, number: int) -> None:
    """The price was wrong: a new revision went out."""
    request = ask(visit, number, hours=20)
    draft = visit.do(25, visit.advisor, request.revise)

    def reprice() -> None:
        for line in draft.lines:
            line.labor_amount = (line.labor_amount or 0) * 9 / 10 if line.labor_amount else None
        visit.stage.session.flush()
        draft.send(expires_at=visit.clock + timedelta(hours=36))

    visit.do(10, visit.advisor, reprice)


def withdrawn(visit: Visit, number: int) -> None:
    """A mistake of the workshop: the question is taken back."""
    visit.do(30, visit.advisor, ask(visit, number).withdraw)


def agreed(visit: Visit, number: int) -> None:
    """All of it is wanted, and the work goes on."""
    for line in ask(visit, number).lines:
        approve(visit, line)


def mixed(visit: Visit, number: int) -> None:
    """Safety is declined in writing, the rest wanted or put off; the car goes home."""
    lines = ask(visit, number, hours=3).lines
    decline(visit, lines[0])
    approve(visit, lines[1])
    for line in lines[2:]:
        defer(visit, line, follow_up_km=(visit.order.mileage_km or 0) + 5000)
    visit.go(State.DELIVERED)


def unanswered(visit: Visit, number: int) -> None:
    """Nobody answered in time; some of it is closed, and the car goes home."""
    request = ask(visit, number, hours=2)
    visit.do(150, visit.advisor, request.expire)
    visit.go(State.DELIVERED)
    visit.do(60 * 30, visit.advisor, lambda: request.lines[-1].close(reason=jobs.CANCELLED[0].to(visit.order.customer)))


def taken_up(before: Visit, visit: Visit) -> None:
    """What was put off on an earlier visit of the car is done on this one."""
    line = next(one for request in before.order.extra_work for one in request.lines if one.status in {"deferred", "declined"})
    visit.do(10, visit.advisor, lambda: line.convert(into=visit.order, **word_of(visit)))
