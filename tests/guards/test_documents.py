"""What the documents point at is there."""

from __future__ import annotations

import re

import pytest

from tests.guards.sources import ROOT, files, name

PAGES = [*(ROOT / page for page in ("README.md", "CHANGELOG.md")), *files("docs", endings=(".md",))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)")
TARGET = re.compile(r"\bmake ([a-z]+)\b")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_link_leads_nowhere(page):
    """Each relative link names a file or a folder."""
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    broken = [link for link in links if not (page.parent / link).exists()]

    assert not broken


def test_the_readme_names_commands_that_exist():
    """Every ``make …`` of the first page is a target."""
    readme, makefile = ((ROOT / one).read_text(encoding="utf-8") for one in ("README.md", "Makefile"))
    named = set(TARGET.findall("\n".join(re.findall(r"`+(?:sh)?([^`]+)`+", readme))))

    assert {"run", "test"} <= named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)
