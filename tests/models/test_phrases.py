"""Phrases in what customers say."""

from __future__ import annotations

import pytest

from models.phrases import found, phrases

WANTED = phrases("安全\n媒体、律师,起诉；12315\nHotline")
HARMLESS = phrases("安全带，安全气囊\n安全气囊灯")


@pytest.mark.parametrize(("words", "hits"), [
    ("刹车失灵，很不安全！", ("安全",)),
    ("安全带卡扣坏了，安全气囊灯常亮", ()),
    ("安全带坏了，开着不安全", ("安全",)),
    ("再不处理我就找律师，打１２３１５", ("律师", "12315")),
    ("I will call the HOTLINE", ("hotline",)),
    ("安 全", ("安全",)),
    ("安\n全带", ()),
    ("", ()),
    (None, ()),
])
def test_a_phrase_counts_outside_of_longer_harmless_words(words, hits):
    """Whatever the width of signs, the case of letters and the spaces between."""
    assert tuple(one.lower() for one in found(words, WANTED, HARMLESS)) == hits
