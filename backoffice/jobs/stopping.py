"""The wish that a worker ends. A plain flag: a signal's handler may set it, where a lock could be held by the very thread it interrupts."""

from __future__ import annotations

import time

NAP_S = 0.1


class Stop:
    """Set once, by a signal or another thread, and seen soon after."""

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Wish it."""
        self._is_set = True

    def is_set(self) -> bool:
        """Whether it is wished."""
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Sleep, no longer than until it is wished."""
        end = time.monotonic() + seconds
        while not self._is_set and (rest := end - time.monotonic()) > 0:
            time.sleep(min(NAP_S, rest))
        return self._is_set
