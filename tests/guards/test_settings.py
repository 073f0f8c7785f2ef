"""Every setting is documented, with its default."""

from __future__ import annotations

import re

import pytest

from config import SETTINGS
from tests.guards.sources import ROOT

ROWS = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_is_documented(setting):
    """``docs/settings.md`` has a row for it, with the default that the program uses."""
    shown = ROWS.get(setting.name)

    assert shown is not None, "add a row to docs/settings.md"
    assert setting.default is None or shown == f"`{setting.default}`"


def test_no_setting_is_documented_that_does_not_exist():
    """A row that nothing reads misleads."""
    assert ROWS.keys() == {setting.name for setting in SETTINGS}
