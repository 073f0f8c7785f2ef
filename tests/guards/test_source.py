"""What holds for every Python file."""

from __future__ import annotations

import ast
import re
import tokenize

import pytest

from tests.guards.sources import PROGRAM, ROOT, files, name, tree

CLOCKS = {
    "datetime": {"now", "utcnow", "today"}, "date": {"today"}, "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
    "func": {"now", "current_timestamp", "current_date", "localtimestamp"},
}
ENGINES = {"create_engine", "create_async_engine", "engine_from_config", "SQLAlchemy"}
LONGEST_FILE, LONGEST_TEST_FILE, LONGEST_FUNCTION = 300, 500, 50
LONG_FILES = {
    "backoffice/declare/kinds.py": "one small class for each kind of value, all alike",
    "models/extra_work_lines.py": "a line's answers and what follows from each; what it is made of is in other files",
    "models/orders.py": "the noun with the most fields and steps; its rules are in order_rules.py",
}
EXCUSED = re.compile(r"#\s*(?:type:\s*ignore\[[\w, -]+\]|noqa: [A-Z]+\d+(?:, [A-Z]+\d+)*|pragma: no cover)\s+#\s*\w+.*")
EXCUSE = re.compile(r"#\s*(?:type:\s*ignore|noqa|pragma: no|fmt: (?:off|skip)|ruff: noqa|mypy:)")


def test_only_the_clock_asks_for_the_time():
    """A stopped clock stops the whole program: everybody else asks ``clock.now()`` or ``clock.today()``."""
    found = [
        f"{name(path)}:{node.lineno} asks for the time"
        for path in files(*PROGRAM) if name(path) != "backoffice/declare/clock.py"
        for node in ast.walk(tree(path)) if _asks_for_the_time(node)
    ]

    assert not found


def _asks_for_the_time(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", None)
        return node.attr in CLOCKS.get(owner, ())
    return isinstance(node, ast.ImportFrom) and node.module == "time" and any(alias.name in CLOCKS["time"] for alias in node.names)


@pytest.mark.parametrize("line", [
    "datetime.now(UTC)", "dt.date.today()", "datetime.datetime.utcnow()", "from time import time", "func.now()",
])
def test_the_guard_of_the_clock_sees_every_spelling(line):
    """Each way to ask for the time is noticed."""
    assert any(_asks_for_the_time(node) for node in ast.walk(ast.parse(line)))


def test_only_one_room_makes_an_engine():
    """Transactions, pragmas and the read-only mode are set in one place; an engine made elsewhere has none of them."""
    found = [
        f"{name(path)}:{node.lineno} makes an engine"
        for path in files(*PROGRAM, "migrations") if name(path) != "backoffice/db.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and (getattr(node.func, "attr", None) or getattr(node.func, "id", None)) in ENGINES
    ]

    assert not found


def test_only_the_configuration_reads_the_environment():
    """A setting that is read elsewhere is in no table and in no document."""
    found = [
        f"{name(path)}:{node.lineno} reads the environment"
        for path in files(*PROGRAM) if name(path) != "config.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "environb"} and getattr(node.value, "id", None) == "os"
    ]

    assert not found


def test_a_silenced_check_gives_its_reason():
    """``# noqa: XYZ  # reason`` and ``# type: ignore[code]  # reason``: never a blank cheque."""
    found = [
        f"{name(path)}:{token.start[0]} {token.string}"
        for path in files(*PROGRAM, "tests", "migrations", "benchmarks")
        for token in _comments(path) if EXCUSE.match(token.string) and not EXCUSED.match(token.string)
    ]

    assert not found


def _comments(path):
    with tokenize.open(path) as file:
        return [token for token in tokenize.generate_tokens(file.readline) if token.type == tokenize.COMMENT]


def test_a_file_is_short_enough_to_be_read():
    """Past 300 lines a room is missing, past 500 a test is about two things, unless the list above says why not."""
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(*PROGRAM, "tests")}
    too_long = {
        path: lines for path, lines in lengths.items()
        if lines > (LONGEST_TEST_FILE if path.startswith("tests/") else LONGEST_FILE)
    }

    assert {path: lines for path, lines in too_long.items() if path not in LONG_FILES} == {}, "split the file or list it with a reason"
    assert LONG_FILES.keys() <= too_long.keys(), "it is short again: take it off the list"


def test_a_function_is_short_enough_to_be_read():
    """Past 50 lines a function does two things."""
    found = [
        f"{name(path)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in files(*PROGRAM) for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]

    assert not found


def test_no_requirement_names_an_index():
    """The same pins install from whatever index a machine uses."""
    found = [
        f"{path.name}: {line}"
        for path in sorted(ROOT.glob("requirements*"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "://" in line or line.lstrip().startswith(("--index", "--extra-index", "-i ", "--find-links", "-f ", "--trusted"))
    ]

    assert not found
