"""The checks that are made in a browser do see trouble."""

from __future__ import annotations

import pytest

from tests.support.browser import assert_accessible

SOUND = "<html lang='en'><title>Page</title><body><main><h1>Page</h1>{}</main>"


@pytest.mark.parametrize(("content", "trouble"), [
    ("<img src='data:,'>", "image-alt"),
    ("<p style='color:#ddd'>pale</p>", "color-contrast"),
    ("<button style='width:9px;height:9px;padding:0'></button>", "button-name"),
    ("<div style='width:3000px'>wide</div>", "pixels wider"),
])
def test_a_page_with_trouble_is_noticed(page, content, trouble):
    """What a person with weak eyes, without a mouse or with a small screen would miss."""
    page.set_content(SOUND.format(content))

    with pytest.raises(AssertionError, match=trouble):
        assert_accessible(page)


def test_a_sound_page_passes(page):
    """Nobody is accused wrongly."""
    page.set_content(SOUND.format("<p>Text</p>"))

    assert_accessible(page)
