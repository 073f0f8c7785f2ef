"""The real files, in both encodings and on both databases: in, in again, out, and in once more."""

from __future__ import annotations

import csv
import functools
import io
import tempfile
from pathlib import Path

import pytest
from flask import Flask

from backoffice.access import SYSTEM
from backoffice.audit.context import circumstances
from backoffice.db import db
from backoffice.declare.journal import Source
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Receipt
from backoffice.exchange.running import take
from tests.support import apps, databases

ROWS = {"stores": 15, "staff": 59, "customers": 7291, "vehicles": 7291, "orders": 7552, "complaints": 7485}
ENCODINGS = ("utf8", "gb18030")
LINKS = {"vehicles": ("customer_code",), "orders": ("customer_code", "vin"), "complaints": ("customer_code", "vin", "order_no")}
KEYS = {"customers": "customer_code", "vehicles": "vin", "orders": "order_no"}
FEW = 200


def load(app: Flask, resource: str, data: bytes) -> Receipt:
    with circumstances(source=Source.COMMAND), tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return take(SYSTEM, app.extensions["plans"][resource], Path(file.name), Options(file_name=f"{resource}.csv"))


def dump(app: Flask, resource: str, headers: str = "names") -> bytes:
    plan = app.extensions["plans"][resource]
    export = Export(SYSTEM, plan, everything(db.session(), SYSTEM, plan), choose(SYSTEM, plan), headers)
    return b"".join(export.stream(db.session(), FORMATS["csv"]))


def verdicts(receipt: Receipt) -> tuple[int, ...]:
    return tuple(receipt.counts.values())


def insist(app: Flask, files: dict[str, bytes], rows: dict[str, int]) -> dict[str, bytes]:
    """Everything in, nothing new the second time, nothing new from the own export; answers the exports."""
    with app.app_context():
        first = {name: verdicts(load(app, name, files[name])) for name in ROWS}
        second = {name: verdicts(load(app, name, files[name])) for name in ROWS}
        exports = {name: dump(app, name) for name in ROWS}
        third = {name: verdicts(load(app, name, exports[name])) for name in ROWS}
        labeled = {name: verdicts(load(app, name, dump(app, name, "labels"))) for name in ROWS}

        assert first == {name: (count, 0, 0, 0) for name, count in rows.items()}
        assert second == third == labeled == {name: (0, 0, count, 0) for name, count in rows.items()}
        return exports


@functools.cache
def few(folder: Path, encoding: str) -> dict[str, bytes]:
    """The first customers and what belongs to them, as files of the same encoding and headers."""
    known: dict[str, set[str]] = {}
    return {name: _few(folder / encoding / f"{name}.csv", folder / f"utf8/{name}.csv", name, encoding, known) for name in ROWS}


def _few(path: Path, plain: Path, name: str, encoding: str, known: dict[str, set[str]]) -> bytes:
    codec = {"utf8": "utf-8-sig", "gb18030": "gb18030"}[encoding]
    names = next(csv.reader(io.StringIO(plain.read_text(encoding="utf-8-sig"))))
    headers, *rows = csv.reader(io.StringIO(path.read_text(encoding=codec), newline=""))
    places = [(names.index(link), link) for link in LINKS.get(name, ())]
    kept = [row for row in rows if all(row[place] in known[link] or not row[place] for place, link in places)]
    kept = kept[:FEW] if name == "customers" else kept
    if name in KEYS:
        known[KEYS[name]] = {row[names.index(KEYS[name])] for row in kept}
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headers, *kept])
    return text.getvalue().encode(codec)


@pytest.mark.long(15)
def test_the_first_customers_of_the_real_files(database_kind, data):
    """Two hundred of them with their cars, orders and complaints; both encodings make the same records."""
    exports = {}
    for encoding in ENCODINGS:
        files = few(data / "real", encoding)
        rows = {name: len(list(csv.reader(io.StringIO(few(data / "real", "utf8")[name].decode("utf-8-sig"), newline="")))) - 1 for name in ROWS}
        with apps.running("models", database_kind) as app:
            exports[encoding] = insist(app, files, rows)

    assert rows["customers"] == FEW
    assert min(rows.values()) > 10
    assert exports["utf8"] == exports["gb18030"]


@pytest.mark.long(140)
@pytest.mark.acceptance
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_real_files(data, encoding):
    """All rows created, none refused; again and re-imported unchanged; both databases hold the same records."""
    files = {name: (data / f"real/{encoding}/{name}.csv").read_bytes() for name in ROWS}
    exports = {}
    for kind in databases.KINDS:
        with apps.running("models", kind) as app:
            exports[kind] = insist(app, files, ROWS)

    assert exports["sqlite"] == exports["postgresql"]
