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
SLOW_S = 2.0
"""A page that takes longer is asked for three times only."""


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
        """The median time of a page, in milliseconds; every answer must be one."""
        taken: list[float] = []
        for turn in range(WARM + TIMES):
            start = time.perf_counter()
            status, body = self.ask(path)
            seconds = time.perf_counter() - start
            if status != 200 or not body:
                raise SystemExit(f"{path}: {status} {body[:300]!r}")
            if turn >= WARM or seconds > SLOW_S:
                taken.append(seconds)
            if seconds > SLOW_S and len(taken) >= 3:
                break
        return statistics.median(taken) * 1000


@dataclass
class Crowd:
    """What came of many clients at once."""

    pages: int
    seconds: float
    slowest_ms: float
    errors: int

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.seconds


def crowd(port: int, cookies: dict[str, str], path: str, clients: int, seconds: float) -> Crowd:
    """Many clients ask for one page, each as fast as it is answered; the slowest is that of 99 in 100."""
    taken: list[float] = []
    errors: list[str] = []
    end = time.perf_counter() + seconds

    def go_on() -> None:
        browser = Browser(port, dict(cookies))
        while time.perf_counter() < end:
            start = time.perf_counter()
            try:
                status, _body = browser.ask(path)
            except OSError as problem:
                errors.append(repr(problem))
                return
            taken.append(time.perf_counter() - start)
            if status != 200:
                errors.append(str(status))

    threads = [threading.Thread(target=go_on) for _client in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    ordered = sorted(taken) or [0.0]
    return Crowd(len(taken), seconds, ordered[int(len(ordered) * 0.99)] * 1000, len(errors))
