"""Who is measured: a server of its own, a way in, and the addresses of the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.browsing import Browser, Crowd, race
from benchmarks.serving import memory, serving

CLIENTS, WORKERS, ROUNDS, ROUND_S, WARM_S = 16, 2, 4, 5, 2


@dataclass(frozen=True)
class Contender:
    """An app; ``enter`` signs a browser in under a name, ``pages`` are the name and the address of each."""

    app: str
    python: Path | str
    environment: Mapping[str, str]
    enter: Callable[[Browser, str], None]
    pages: Mapping[str, tuple[str, str]]

    @contextmanager
    def doors(self, workers: int = 1) -> Iterator[tuple[dict[str, Browser], int]]:
        """Serve it; gives a browser for each name, signed in, and the number of the master process."""
        with serving(self.app, self.python, self.environment, workers) as (port, master):
            browsers = {login: Browser(port) for login, _path in self.pages.values()}
            for login, browser in browsers.items():
                self.enter(browser, login)
            yield browsers, master


def compare(contenders: dict[str, Contender]) -> dict[str, dict[str, Any]]:
    """What each takes for each page, in milliseconds, by turns; its memory after that; then what a crowd gets, by turns."""
    found: dict[str, dict[str, Any]] = {name: {} for name in contenders}
    with ExitStack() as stack:
        doors = {name: stack.enter_context(one.doors()) for name, one in contenders.items()}
        for page in dict.fromkeys(page for one in contenders.values() for page in one.pages):
            there = {name: one.pages[page] for name, one in contenders.items() if page in one.pages}
            for name, ms in race({name: (doors[name][0][login], path) for name, (login, path) in there.items()}).items():
                found[name][page] = ms
        for name, (_browsers, master) in doors.items():
            found[name]["memory"] = memory(master)
    for name, came in _crowds(contenders).items():
        found[name]["crowd"] = {"rate": came.rate, "slowest": came.slowest_ms, "errors": len(came.errors)}
    return found


def _crowds(contenders: dict[str, Contender]) -> dict[str, Crowd]:
    """Many clients at the first page of each, a few seconds at a time, until all had their time."""
    came = {name: Crowd() for name in contenders}
    with ExitStack() as stack:
        doors = {name: stack.enter_context(one.doors(WORKERS))[0] for name, one in contenders.items()}
        for turn in range(1 + ROUNDS):
            for name, one in contenders.items():
                login, path = one.pages["first"]
                one_turn = came[name] if turn else Crowd()  # the first turn warms up
                one_turn.rush(doors[name][login], path, CLIENTS, ROUND_S if turn else WARM_S)
    return came
