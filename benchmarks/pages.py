"""Measures pages over HTTP, ours and others', on the data of a large demo: ``make bench-pages``.

``BENCH_ROWS`` (1000000) is how many orders, customers and cars there are, ``BENCH_FEW`` (10000) the small demo that growth is
counted from, ``BENCH_KINDS`` (``SQLite,PostgreSQL``) on which databases. Prints the table and writes it into ``benchmarks/README.md``.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import pages_table
from benchmarks.__main__ import machine, peers, say
from benchmarks.browsing import Browser
from benchmarks.contenders import Contender, compare
from benchmarks.serving import ROOT
from tests.support import postgres

ROWS, FEW = (int(os.environ.get(name) or usual) for name, usual in (("BENCH_ROWS", 1_000_000), ("BENCH_FEW", 10_000)))
KINDS = (os.environ.get("BENCH_KINDS") or "SQLite,PostgreSQL").split(",")
PASSWORD = "only to measure"
TOOLS = ROOT / "benchmarks/.venv/tools"
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "shared_buffers=1GB", "max_wal_size=8GB")
PER_PAGE = 50
Found = dict[str, Any]


def planted(url: str, rows: int) -> tuple[float, float]:
    """Make the demo at an address; how many seconds ``flask seed demo`` took, and ``flask search rebuild`` after it instead of a worker."""
    environment = ours(url)

    def flask(*words: str) -> None:
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", *words], cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)

    flask("db", "upgrade")
    flask("seed", "reference")
    begin = time.perf_counter()
    flask("seed", "demo", "--orders", str(rows))
    there = time.perf_counter()
    flask("search", "rebuild")
    return there - begin, time.perf_counter() - there


def ours(url: str) -> dict[str, str]:
    """The settings of our server, as docs/how-to/run-in-production.md has them."""
    paths = os.pathsep.join((str(TOOLS), str(ROOT)))
    settings = {"DATABASE_URL": url, "AFTERCARE_DEMO_PASSWORD": PASSWORD, "PYTHONPATH": paths, "SECRET_KEY": PASSWORD * 3}
    return {**settings, "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "1048576", "PYTHONOPTIMIZE": "2"}


class Facts:
    """What is asked for: it follows from the data, the same for all."""

    def __init__(self, url: str, rows: int) -> None:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            def one(sql: str, **values: int) -> Any:
                return connection.execute(sa.text(sql), values).scalar_one()

            self.order = one("SELECT max(id) - 700 FROM orders")
            self.vin = one("SELECT vin FROM vehicles WHERE id = (SELECT max(id) / 2 FROM vehicles)")
            self.total = one("SELECT count(*) FROM orders")
            self.thousand = min(1_000, self.total // PER_PAGE)
            before = (self.thousand - 1) * PER_PAGE
            self.at = str(one("SELECT checked_in_at FROM orders ORDER BY checked_in_at DESC LIMIT 1 OFFSET :before", before=before))[:16]
            at_home = "SELECT max(o.id) FROM orders o JOIN stores s ON s.id = o.store_id WHERE s.code = 'DM-NJ' AND o.status = 'in_repair'"
            self.own = one(at_home)
        engine.dispose()
        self.name, self.piece = "欣", self.vin[11:17]  # fills a page of either demo; names one car
        self.last = -(-self.total // PER_PAGE)


def ours_at(url: str, facts: Facts) -> Contender:
    """Our pages."""
    head = {"edit": f"/orders/{facts.own}/edit", "detail": f"/orders/{facts.own}"}
    lists = {
        "first": "/orders/", "thousand": f"/orders/?at={facts.at}", "last": "/orders/?page=last",
        "filter": "/orders/?service_type=general&sort=-promised_at", "name": f"/customers/?q={facts.name}", "vin": f"/vehicles/?q={facts.piece}",
        "picker": f"/customers/options?q={facts.name}",
    }
    pages = {name: ("admin", path) for name, path in lists.items()} | {name: ("supervisor", path) for name, path in head.items()}
    return Contender("wsgi:app", sys.executable, ours(url), lambda browser, login: browser.sign_in(login, PASSWORD), pages)


def flask_admin_at(url: str, python: Path, facts: Facts) -> Contender:
    """Flask-Admin's pages."""
    return peer("benchmarks.peer_flask_admin:app", url, python, {
        "first": "/admin/orders/", "thousand": f"/admin/orders/?page={facts.thousand - 1}", "last": f"/admin/orders/?page={facts.last - 1}",
        "filter": "/admin/orders/?flt0_0=general&sort=2&desc=1", "name": f"/admin/customers/?search={facts.name}",
        "vin": f"/admin/vehicles/?search={facts.piece}", "picker": f"/admin/orders/ajax/lookup/?name=customer&query={facts.name}",
        "edit": f"/admin/orders/edit/?id={facts.order}",
    })


def django_at(url: str, python: Path, facts: Facts) -> Contender:
    """The pages of Django's admin."""
    subprocess.run([python, "-m", "benchmarks.peer_django"], cwd=ROOT, env={**os.environ, "PEER_URL": plain(url)}, check=True)
    orders = "/admin/peer/order/"
    return peer("benchmarks.peer_django:app", url, python, {
        "first": orders, "thousand": f"{orders}?p={facts.thousand}", "last": f"{orders}?p={facts.last}", "filter": f"{orders}?service_type__exact=general&o=-8",
        "name": f"/admin/peer/customer/?q={facts.name}", "vin": f"/admin/peer/vehicle/?q={facts.piece}",
        "picker": f"/admin/autocomplete/?term={facts.name}&app_label=peer&model_name=order&field_name=customer", "edit": f"{orders}{facts.order}/change/",
    })


def peer(app: str, url: str, python: Path, pages: dict[str, str]) -> Contender:
    """Somebody else's pages, behind a door that lets everybody in."""
    return Contender(app, python, {"PEER_URL": plain(url)}, let_in, {name: ("", path) for name, path in pages.items()})


def let_in(browser: Browser, _login: str) -> None:
    """By the cookie that a peer gives to whoever asks."""
    browser.ask("/enter")


def plain(url: str) -> str:
    """The address without the name of our driver."""
    return url.replace("+psycopg", "")


def compared(few: str, rows: str, python: Path) -> tuple[Found, Found]:
    """What was measured at the address of the small demo, ours alone, and at that of the large one, ours and the peers; all of them by turns."""
    facts = Facts(rows, ROWS)
    others = {"Flask-Admin": flask_admin_at(rows, python, facts), "Django": django_at(rows, python, facts)}
    came = compare({"few": ours_at(few, Facts(few, FEW)), "ours": ours_at(rows, facts), **others})
    return {"ours": came.pop("few")}, came


def run(name: str, address: Callable[[int], str], python: Path) -> Found:
    """Everything on one kind of database."""
    found: Found = {}
    for size in (FEW, ROWS):
        seconds, indexed = planted(address(size), size)
        say(name, f"{size:,} orders in {seconds:.0f} s, search index in {indexed:.0f} s")
        found[str(size)] = {"seed": seconds, "index": indexed}
    for size, came in zip((FEW, ROWS), compared(address(FEW), address(ROWS), python), strict=True):
        found[str(size)] |= came
        say(name, size, came)
    return found


def tools() -> None:
    """The server for ours, beside the packages of the product."""
    if not (TOOLS / "gunicorn").exists():
        command = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", TOOLS, "gunicorn==27.0.1")
        subprocess.run(command, check=True, stdout=sys.stderr)


def main() -> None:
    """Measure and report."""
    folder = Path(tempfile.mkdtemp(prefix="bench-pages-"))
    folder.chmod(0o755)
    where, python, found = machine(), peers(), {}
    tools()
    try:
        if "SQLite" in KINDS:
            found["SQLite"] = run("SQLite", lambda size: f"sqlite:///{folder / f'pages-{size}.db'}", python)
        if "PostgreSQL" in KINDS:
            postgres.SPEED = SETTINGS
            server = postgres.start(folder / "postgres", os.getpid())
            try:
                found["PostgreSQL"] = run("PostgreSQL", lambda size: created(server, f"pages_{size}"), python)
            finally:
                postgres.stop(folder / "postgres")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = pages_table.of(found, min(FEW, ROWS), ROWS, where)
    print(text)
    pages_table.keep(ROOT / "benchmarks/README.md", ROWS, text)


@functools.cache
def created(server: str, name: str) -> str:
    """The address of a database, made when it is first asked for."""
    engine = sa.create_engine(server + "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server + name


if __name__ == "__main__":
    main()
