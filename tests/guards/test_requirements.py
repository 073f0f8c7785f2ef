"""The pinned lists agree."""

from __future__ import annotations

import re

from tests.guards.sources import ROOT


def pins(name: str) -> dict[str, str]:
    """The version of each package in a pinned list."""
    return dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))


def test_tests_run_with_what_the_product_runs_with():
    """Every package of ``requirements.txt`` is in ``requirements-dev.txt``, in the same version."""
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
