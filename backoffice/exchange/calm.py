"""Long work over many rows without searching all of memory for garbage again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 20)
"""A chunk of rows makes thousands of lists that live as long as the chunk: the usual 700 would search them ten times over."""


@contextmanager
def calm() -> Iterator[None]:
    """Search for garbage seldom, and never among what is there already: that would hold up a slice, and its lock, for a fifth of a second."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@contextmanager
def quiet() -> Iterator[None]:
    """Do not search at all, for the length of a slice: what it leaves is found between slices, when nobody waits."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
