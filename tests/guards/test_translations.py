"""Every sentence of the generator has its Chinese, with the same gaps to fill, and none is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
CATALOG = ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po"
IN_TEMPLATE = re.compile(r"""\b_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")


def in_python(source: str) -> Iterator[tuple[str, bool]]:
    """The sentences in Python code, and whether their Chinese stands beside them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "Text"} and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value, len(node.args) > 1


def used() -> set[str]:
    """The sentences of the generator that the catalog must know."""
    found = {text for file in (ROOT / "backoffice").rglob("*.py") for text, is_beside in in_python(file.read_text()) if not is_beside}
    for file in (ROOT / "backoffice/templates").rglob("*.html"):
        found |= {(double or single).replace('\\"', '"') for double, single in IN_TEMPLATE.findall(file.read_text())}
    return found


def catalog() -> dict[str, str]:
    with CATALOG.open("rb") as file:
        return {str(one.id): str(one.string) for one in read_po(file) if one.id}


def gaps(text: str) -> set[str | None]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}


def test_every_sentence_has_its_chinese() -> None:
    """Nobody meets an English sentence on a Chinese page."""
    known = catalog()

    assert sorted(used() - {text for text, chinese in known.items() if chinese}) == []


def test_no_sentence_is_left_over() -> None:
    """The catalog holds what is said, and nothing that was said once."""
    assert sorted(set(catalog()) - used()) == []


def test_a_translation_has_the_same_gaps() -> None:
    """A number or a name that the English mentions is mentioned in Chinese."""
    assert [text for text, chinese in catalog().items() if gaps(text) != gaps(chinese)] == []
