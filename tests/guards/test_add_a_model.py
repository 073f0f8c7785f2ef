"""``docs/how-to/add-a-model.md`` is true: one file, one line, one migration, and everything is there."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys

import pytest

from tests.support.copies import ROOT, copy_project, environment, flask

PAGE = (ROOT / "docs" / "how-to" / "add-a-model.md").read_text(encoding="utf-8")
FILE = "models/courtesy_cars.py"


def blocks(language: str) -> list[str]:
    """The pieces of code on the page."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def project(tmp_path):
    """A copy of the project with the file, the line, and the migration, all taken from the page."""
    copy = copy_project(tmp_path)
    code, line = blocks("python")
    nouns = copy / "models" / "__init__.py"
    (copy / FILE).write_text(code, encoding="utf-8")
    nouns.write_text(nouns.read_text(encoding="utf-8").replace("NOUNS = (\n", f"NOUNS = (\n{line}"), encoding="utf-8")
    flask(copy, "db", "upgrade")  # a database as it was before
    for command in blocks("sh")[0].splitlines():
        words = command.removeprefix(".venv/bin/flask ").replace('"', "").split(maxsplit=3)
        done = flask(copy, *words)

        assert done.returncode == 0, done.stderr
    return copy


@pytest.fixture
def seen(project, tmp_path):
    """What somebody saw who used the noun in a running app."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.guards.use_a_new_noun", str(tmp_path)], cwd=project, env=environment(), capture_output=True, encoding="utf-8", check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_page_names_its_file_and_its_line():
    """What is copied here is what the page says."""
    code, line = blocks("python")

    assert f"`{FILE}`" in PAGE
    assert line.strip() == '"courtesy_cars:CourtesyCar",'
    assert len(re.findall(r"^    \w+: Mapped\[", code, re.MULTILINE)) >= 6


def test_one_file_one_line_and_a_migration_are_enough(project, seen):
    """Menu, list, search, filter, form with its refusals, dialog, action, guard, history; files in and out; the checks."""
    assert tables_of_the_migration(project) == {"courtesy_cars"}
    assert seen["pages"] == {
        "menu": True, "empty_list": 200, "form": 200, "refused": [422, True], "made": [302, True], "found": True, "dialog": True, "lent": 302,
        "detail": [True, True], "wrong_state": 422, "history": [True, True, True], "export_page": True, "import_page": 200,
    }
    assert_files_go_in_and_out(seen["files"])
    assert seen["check"] == 0


def tables_of_the_migration(project) -> set[str]:
    """What the new migration makes and drops: nothing else has changed."""
    (version,) = [file for file in (project / "migrations" / "versions").glob("*.py") if "courtesy" in file.read_text(encoding="utf-8")]
    return set(re.findall(r"op\.\w+_table\(\s*['\"](\w+)", version.read_text(encoding="utf-8")))


def assert_files_go_in_and_out(files) -> None:
    """An export goes back in unchanged; a new row is created, a wrong one refused with its reason."""
    again, strict, lenient = files["again"], files["strict"], files["lenient"]
    (row,) = csv.DictReader(io.StringIO(files["rows"]))

    assert files["export"] == 0
    assert (row["plate"], row["store"], row["state"], row["borrower"]) == ("京A12345", "NEW1", "lent", "Emma Hartley")
    assert (again["unchanged"], again["created"], again["updated"], again["refused"]) == (1, 0, 0, 0)
    assert (strict["applied"], strict["errors"][0]["code"]) == (False, "unknown_link")
    assert (lenient["applied"], lenient["created"], lenient["refused"]) == (True, 1, 1)
