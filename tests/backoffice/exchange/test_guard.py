"""Cells that a spreadsheet would run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.exchange.guard import guarded, unguarded

signs = st.text(alphabet="'=+-@\t\r\n a一｜＝", max_size=8)


@given(st.one_of(signs, st.text()))
def test_what_is_guarded_comes_back_exactly(text):
    """Whatever a person wrote, the way out and in again changes no character."""
    assert unguarded(guarded(text)) == text


@given(st.one_of(signs, st.text()))
def test_nothing_that_is_guarded_starts_a_formula(text):
    """No cell of our files begins with a sign that a spreadsheet evaluates."""
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(("cell", "text"), [('="00123"', "00123"), ('="a ""b"""', 'a "b"'), ('="1"&A1', '="1"&A1'), ("'tis", "'tis"), ("''=x", "'=x")])
def test_foreign_cells(cell, text):
    """A text that another program wrapped as a formula is unwrapped; an innocent apostrophe stays."""
    assert unguarded(cell) == text
