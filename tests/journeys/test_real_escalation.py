"""The real complaints taken over on a given day: the old ones as history, those of the last days as new; what the pass does is counted once more from the file."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare import clock
from backoffice.exchange.options import Options
from backoffice.exchange.running import take
from backoffice.messages.tables import Message
from models.complaints import Complaint
from models.escalating import escalate
from models.escalations import Escalation
from models.roles import Role
from models.todos import Todo
from tests.factories import make_staff
from tests.journeys.test_real_files import ROWS, load, verdicts
from tests.support import planted

NOW = datetime(2024, 4, 29, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)
SINCE = NOW - 3 * DAY
WORKED_ON = {"新建", "已受理", "处理中"}
OPEN = {*WORKED_ON, "已回访"}
Row = dict[str, str]
Done = set[tuple[str, ...]]


def received(row: Row) -> datetime:
    return datetime.fromisoformat(row["received_at"]).replace(tzinfo=NOW.tzinfo)


def is_new(row: Row) -> bool:
    return received(row) >= SINCE


def file_of(rows: list[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture
def database_kind() -> str:
    """A file of this size takes its time, and the rules are the same on both."""
    return "sqlite"


@pytest.fixture
def rows(data: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO((data / "real/utf8/complaints.csv").read_text(encoding="utf-8-sig"), newline="")))


@pytest.fixture
def session(app, data: Path, rows: list[Row], tmp_path: Path) -> Iterator[Any]:
    """All that the files name, a head of department and a manager for all stores; of the new complaints a person leaves the column of the state aside."""
    old, new = ([row for row in rows if is_new(row) is kind] for kind in (False, True))
    with app.app_context(), clock.stopped_at(NOW):
        planted.load_reference(app)
        for role in (Role.SUPERVISOR, Role.MANAGER):
            make_staff(db.session, role=role, store=None)
        db.session.commit()
        for name in ROWS:
            if name != "complaints":
                load(app, name, (data / f"real/utf8/{name}.csv").read_bytes())
        (tmp_path / "new.csv").write_bytes(file_of(new))
        assert verdicts(load(app, "complaints", file_of(old))) == (len(old), 0, 0, 0)
        receipt = take(SYSTEM, app.extensions["plans"]["complaints"], tmp_path / "new.csv", Options(columns={"status": ""}, file_name="new.csv"))
        assert verdicts(receipt) == (len(new), 0, 0, 0)
        yield db.session


def plain(text: str) -> str:
    """As phrases are looked for: width, case and blanks make no difference."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


class Signs:
    """What sends a new complaint up, by the rows that are shipped and the file alone."""

    def __init__(self, old: list[Row]) -> None:
        rows = csv.DictReader(io.StringIO((planted.REFERENCE / "escalation-triggers.csv").read_text(encoding="utf-8-sig")))
        words = [(row["level"], *([plain(one) for one in re.split("[，,]", row[name]) if one] for name in ("harmless", "phrases"))) for row in rows]
        self.words = [one for one in words if one[2]]
        self.cars: dict[tuple[str, str], list[datetime]] = {}
        for row in old:
            self.cars.setdefault((row["vin"], row["category"]), []).append(received(row))

    def level(self, row: Row) -> str:
        """The level that it begins on."""
        found = {level for level, harmless, wanted in self.words if self.holds(plain(f"{row['category']}\n{row['description']}"), harmless, wanted)}
        again = any(received(row) - 90 * DAY <= one <= received(row) for one in self.cars.get((row["vin"], row["category"]), ()))
        return max({*found, *(["L2"] if again else []), "L1"})

    @staticmethod
    def holds(text: str, harmless: list[str], wanted: list[str]) -> bool:
        for one in sorted(harmless, key=len, reverse=True):
            text = text.replace(one, "|")
        return any(one in text for one in wanted)


def of_history(row: Row) -> Done:
    """An old one that is late is remembered, by both clocks, and that is all."""
    is_late = row["status"] in WORKED_ON and received(row) + DAY < NOW
    return {("breached", row["complaint_no"], "L1", by, "100") for by in ("level", "overall")} if is_late else set()


def of_new(row: Row, level: str) -> Done:
    """A new one is warned of, or late, on the whole; on the first level it is warned of too, and from nine tenths on raised, for nobody has acknowledged it."""
    number, used = row["complaint_no"], (NOW - received(row)) / DAY * 100
    mark = max((one for one in (50, 75, 90, 100) if used > one or used == one < 100), default=0)
    if not mark:
        return set()
    what = "breached" if mark == 100 else "warned"
    done = {(what, number, level, "overall", str(mark))}
    if level != "L1":
        return done
    if mark == 100:
        done.add(("breached", number, "L1", "level", "100"))
    raised = {(what, number, "L2", "level", str(mark)) for what in ("raised", "reassigned")}
    return done | (raised if mark >= 90 else {("warned", number, "L1", "level", str(mark))})


def count(session: Any, what: Any, *where: Any) -> int:
    return session.scalar(select(func.count()).select_from(what).where(*where))


@pytest.mark.acceptance
@pytest.mark.long(60)
def test_the_real_complaints_escalate_as_the_file_says(session, rows):
    """Every open one has the clock of its level; the pass does to each what a plain count expects, a second one nothing; of old ones nobody hears."""
    old, new = ([row for row in rows if is_new(row) is kind] for kind in (False, True))
    signs = Signs(old)
    born = {row["complaint_no"]: signs.level(row) for row in new}
    due = dict(tuple(one) for one in session.execute(select(Complaint.complaint_no, Complaint.overall_due_at)))
    on = {case.complaint_no: (case.level.code, case.level_due_at) for case in session.scalars(select(Complaint))}
    limits = {"L1": 1, "L2": 2, "L3": 3}

    assert due == {row["complaint_no"]: received(row) + DAY for row in rows}
    assert on == {
        row["complaint_no"]: (level, (received(row) if level == "L1" else NOW) + limits[level] * DAY)
        for row in rows for level in (born.get(row["complaint_no"], "L1"),)
    }

    done = escalate(session, now=NOW)
    expected = set().union(*map(of_history, old), *(of_new(row, born[row["complaint_no"]]) for row in new))
    told = [(what, *map(str, (one["complaint_no"], one["level"], one["clock"], one["mark"]))) for what in done if what != "now" for one in done[what]]

    assert len(told) == len(set(told))
    assert set(told) == expected
    assert {one[0] for one in told} == {"warned", "breached", "raised", "reassigned"}

    raised = sum(level != "L1" for level in born.values()) + len(done["raised"])
    before = [count(session, noun) for noun in (Escalation, Todo, Message)]
    again = escalate(session, now=NOW)

    assert [again[what] for what in ("warned", "breached", "raised", "reassigned")] == [[], [], [], []]
    assert [count(session, noun) for noun in (Escalation, Todo, Message)] == before
    assert before[:2] == [raised, raised]
    assert count(session, Message, Message.resource == "complaints", Message.record_id.in_(select(Complaint.id).where(Complaint.from_history))) == 0
    assert count(session, Complaint, Complaint.from_history) == len(old)
