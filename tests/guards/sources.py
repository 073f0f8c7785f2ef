"""The files that the guards read."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = ("backoffice", "models", "seeds", "config.py", "wsgi.py", "serve.py")
LEFT_OUT = {"__pycache__", ".venv"}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def files(*places: str, endings: tuple[str, ...] = (".py",)) -> list[Path]:
    """The files in folders or of that name, in order."""
    found = [ROOT / place for place in places if (ROOT / place).is_file()]
    for place in places:
        found += sorted(path for path in (ROOT / place).rglob("*") if path.suffix in endings and not LEFT_OUT.intersection(path.parts))
    return found


def name(path: Path) -> str:
    """The path as it is written in this project."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def words(text: str) -> list[str]:
    """The words that a text or an identifier is made of, in lower case: ``CallTask`` is call, task."""
    return [word.lower() for word in WORD.findall(text)]
