"""A browser without a window: signs in, asks for pages one after the other or many at once, and says how long they took."""

from __future__ import annotations

import http.client
import re
import statistics
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

WARM, TIMES, PATIENCE_S = 2, 15, 120
SLOW_S, SLOW_TIMES = 2.0, 3
"""A page that takes longer is asked for a few times only."""


@dataclass
class Browser:
    """One connection that is kept, and its cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    line: http.client.HTTPConnection | None = None

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """The status and the whole body of an answer."""
        self.line = self.line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), "Accept": "text/html"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request("GET" if form is None else "POST", quote(path, safe="/?=&%:+-_.~"), urlencode(form) if form is not None else None, headers)
        answer = self.line.getresponse()
        for one in answer.headers.get_all("Set-Cookie") or ():
            name, _same, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        body = answer.read()
        if answer.will_close:
            self.line.close()
            self.line = None
        return answer.status, body

    def sign_in(self, login: str, password: str) -> None:
        """At our own door."""
        _status, page = self.ask("/login")
        found = re.search(rb'name="csrf_token" value="([^"]+)"', page)
        status, _page = self.ask("/login", {"login": login, "password": password, "csrf_token": found[1].decode() if found else ""})
        if status != 302:
            raise SystemExit(f"{login} was not let in: {status}")

    def time(self, path: str) -> float:
        """How long a page took, in seconds; the answer must be one."""
        start = time.perf_counter()
        status, body = self.ask(path)
        seconds = time.perf_counter() - start
        if status != 200 or not body:
            raise SystemExit(f"{path}: {status} {body[:300]!r}")
        return seconds


def race(runners: dict[str, tuple[Browser, str]]) -> dict[str, float]:
    """The median time of a page for each, in milliseconds: they are asked by turns, so that a slow minute of the machine is one for all."""
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for turn in range(WARM + TIMES):
        for name, (browser, path) in runners.items():
            if sum(one > SLOW_S for one in taken[name]) < SLOW_TIMES:
                seconds = browser.time(path)
                if turn >= WARM or seconds > SLOW_S:
                    taken[name].append(seconds)
    return {name: statistics.median(times) * 1000 for name, times in taken.items()}


@dataclass
class Crowd:
    """What came of many clients at once: the seconds each page took, over how many in all, and what went wrong."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Pages a second."""
        return len(self.taken) / self.seconds

    @property
    def slowest_ms(self) -> float:
        """Within what 99 in 100 came."""
        ordered = sorted(self.taken) or [0.0]
        return ordered[int(len(ordered) * 0.99)] * 1000

    def rush(self, browser: Browser, path: str, clients: int, seconds: float) -> None:
        """So many clients ask for one page for a while, each as fast as it is answered."""
        end = time.perf_counter() + seconds
        threads = [threading.Thread(target=self._go_on, args=(Browser(browser.port, dict(browser.cookies)), path, end)) for _client in range(clients)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.seconds += seconds

    def _go_on(self, browser: Browser, path: str, end: float) -> None:
        while time.perf_counter() < end:
            start = time.perf_counter()
            try:
                status, _body = browser.ask(path)
            except OSError as problem:
                self.errors.append(repr(problem))
                return
            self.taken.append(time.perf_counter() - start)
            if status != 200:
                self.errors.append(str(status))
