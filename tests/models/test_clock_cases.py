"""``flask clock``: cases in, answers out, by the calendar in the database."""

from __future__ import annotations

import json

import pytest

from backoffice.declare import Invalid
from models.clock_cases import answer
from tests.factories import make_calendars

ANSWERS = ("due", "span_days")


def test_every_known_case_is_answered_right(app, data, tmp_path):
    """All 154, by the reference data as it is shipped, from a file without the answers."""
    file = json.loads((data / "sla_cases.json").read_text(encoding="utf-8"))
    right = [one["due"] if one["kind"] == "due" else one["business_minutes"] for one in file["cases"]]
    bare = [{name: value for name, value in one.items() if name not in ANSWERS} for one in file["cases"]]
    for one in bare:
        if one["kind"] == "elapsed":
            del one["business_minutes"]
    (tmp_path / "cases.json").write_text(json.dumps(file | {"cases": bare}), encoding="utf-8")
    runner = app.test_cli_runner()
    seeded = runner.invoke(args=["seed", "reference"])
    told = runner.invoke(args=["clock", str(tmp_path / "cases.json"), "--json"])

    assert seeded.exit_code == told.exit_code == 0, seeded.output + told.output
    assert [one["result"] for one in json.loads(told.output)["cases"]] == right
    assert len(right) == 154


HOURS = {"A": [["09:00", "18:00"]]}
CASE = {"kind": "due", "start": "2026-03-02 09:00", "business_minutes": 60, "hours": "A"}


@pytest.mark.parametrize(("told", "code"), [
    ("no json", "not_json"), ([], "invalid_cases"), ({"hours": HOURS}, "invalid_cases"), ({"cases": []}, "invalid_cases"),
    ({"hours": HOURS, "cases": [CASE], "timezone": "Moon/Crater"}, "invalid_cases"), ({"hours": {"A": [["09:00"]]}, "cases": [CASE]}, "invalid_cases"),
    ({"hours": {"A": [["18:00", "09:00"]]}, "cases": [CASE]}, "invalid_hours"), ({"hours": {"A": []}, "cases": [CASE]}, "never_open"),
    *(({"hours": HOURS, "cases": [CASE, CASE | wrong]}, "invalid_cases") for wrong in (
        {"hours": "B"}, {"start": "soon"}, {"start": 7}, {"business_minutes": -1}, {"business_minutes": "60"}, {"kind": "elapsed"}, {"kind": "x"},
    )),
    ({"hours": HOURS, "cases": ["case"]}, "invalid_cases"),
])
def test_a_file_of_another_shape_is_refused_with_a_sentence(session, tmp_path, told, code):
    """Never half answered."""
    make_calendars(session)
    file = tmp_path / "cases.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")

    with pytest.raises(Invalid) as no:
        answer(session, str(file))
    assert no.value.code == code


def test_a_calendar_that_is_not_there_is_named(session, tmp_path):
    """Before the reference data is loaded, say."""
    (tmp_path / "cases.json").write_text(json.dumps({"hours": HOURS, "cases": [CASE]}), encoding="utf-8")

    with pytest.raises(Invalid, match="CN-WORKDAYS"):
        answer(session, str(tmp_path / "cases.json"))
