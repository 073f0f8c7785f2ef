"""The way of a complaint, for tests that begin somewhere along it."""

from datetime import timedelta

from backoffice.declare import clock
from models.complaint_states import PauseReason, Severity, Status
from tests.factories import make_staff

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def later(**span):
    """The clock stands that much further on for the length of a block."""
    return clock.stopped_at(clock.now() + timedelta(**span))


def staff(session, role):
    return make_staff(session, role=role)


STEPS = {
    Status.ACKNOWLEDGED: lambda case: case.acknowledge(),
    Status.ASSESSED: lambda case: case.assess(severity=Severity.CONSIDERABLE, assessment="影响行车，先约车检查"),
    Status.INVESTIGATING: lambda case: case.investigate(),
    Status.PROPOSAL_MADE: lambda case: case.propose(
        decision="免费更换刹车片", promised_at=clock.now() + 5 * HOUR, responsible=make_staff(case.session), cause="装配时漏涂润滑脂",
    ),
    Status.AGREED: lambda case: case.agree(),
    Status.IMPLEMENTING: lambda case: case.implement(),
    Status.RESOLVED: lambda case: case.resolve(result="已更换并试车"),
    Status.FOLLOW_UP: lambda case: case.confirm(satisfied=True, satisfaction=9),
    Status.CLOSED: lambda case: case.close(),
}


def bring(case, goal):
    """Take a received complaint the whole way to a state."""
    sidesteps = {
        Status.PAUSED: (Status.INVESTIGATING, lambda one: one.pause(waits_for=PauseReason.PARTS, until=clock.now() + DAY)),
        Status.REJECTED: (Status.RECEIVED, lambda one: one.reject(reason="车辆不属本店服务范围")),
        Status.WITHDRAWN: (Status.RECEIVED, lambda one: one.withdraw(reason="客户来电撤回")),
        Status.EXTERNAL: (Status.RECEIVED, lambda one: one.refer(reason="12315已受理")),
    }
    road, last = sidesteps.get(goal, (goal, None))
    for state, step in STEPS.items():
        if case.status == road:
            break
        step(case)
        case.session.flush()
        assert case.status is state
    if last:
        last(case)
    case.session.flush()
    return case
