"""What holds for every template, script and style sheet: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from tests.guards.sources import files, name

TEMPLATES = (".html", ".svg", ".jinja", ".j2")
BAD = {
    "an inline handler, which the content policy blocks": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline style, which the content policy blocks": re.compile(r"<[^>{]*\sstyle\s*=", re.IGNORECASE),
    "a script or style without a nonce": re.compile(r"<(?:script|style)\b(?![^>]*\bnonce=)", re.IGNORECASE),
    "an address elsewhere": re.compile(r"""(?:src|href|action|srcset|poster|data)\s*=\s*["']?\s*(?:https?:)?//""", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}


def problems(text: str) -> list[str]:
    """What is wrong with a template, with line numbers."""
    return [
        f"{text.count(chr(10), 0, found.start()) + 1}: {what}"
        for what, pattern in BAD.items() for found in pattern.finditer(text)
    ]


def test_templates_hold_nothing_inline_and_nothing_from_elsewhere():
    """Pages work under a strict content policy and without any other server."""
    found = [
        f"{name(path)}:{problem}"
        for path in files("backoffice", "models", endings=TEMPLATES) for problem in problems(path.read_text(encoding="utf-8"))
    ]

    assert not found


def test_static_files_load_nothing_from_elsewhere():
    """Neither a script nor a style sheet reaches beyond its own server."""
    elsewhere = re.compile(r"""(?:url\(|@import|import|fetch\(|from)\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
    found = [
        f"{name(path)}: {match.group()}"
        for path in files("backoffice", endings=(".js", ".css"))
        for match in elsewhere.finditer(path.read_text(encoding="utf-8"))
    ]

    assert not found


@pytest.mark.parametrize("bad", [
    '<button onclick="go()">', "<b\n  onmouseover = go>", '<p style="color:red">', "<script>go()</script>", "<style>p {}</style>",
    '<img src="https://elsewhere/x.png">', '<link href="//elsewhere/x.css">', '<a href="javascript:go()">',
])
def test_the_guard_of_templates_sees(bad):
    """Each kind of trouble is noticed."""
    assert problems(bad)


@pytest.mark.parametrize("good", [
    '<script nonce="{{ csp_nonce() }}">go()</script>', '<a href="/orders/">', '<svg xmlns="http://www.w3.org/2000/svg">',
    '<input name="online" data-on="yes">', '<p class="{{ style }}">',
])
def test_the_guard_of_templates_lets_pass(good):
    """What is sound is not accused."""
    assert not problems(good)
