"""Files sent to the page of the readers, as a browser sends them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from backoffice.db import db
from backoffice.declare.journal import ImportRun

GOOD = "card,name,branch\nC1,Anna,B1\nC8,Zoe,B1\n"


def upload(client: Any, text: str | bytes, resource: str = "readers", name: str = "readers.csv", **form: str) -> Any:
    """Send a file, as a body made by hand: of a large one the client would leave an open file behind."""
    data = text if isinstance(text, bytes) else text.encode()
    parts = [f'--B\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode() for field, value in form.items()]
    head = f'--B\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
    body = b"".join([*parts, head, data, b"\r\n--B--\r\n"])
    return client.post(f"/{resource}/import", data=body, content_type="multipart/form-data; boundary=B")


def page_of(client: Any, text: str | bytes, **form: Any) -> tuple[str, str]:
    """The address of the page about the columns of a file, and what it says."""
    answer = upload(client, text, **form)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    address = answer.headers["Location"]
    return address, client.get(address).get_data(as_text=True)


def fields(page: str) -> dict[str, str]:
    """What the form of the page would send."""
    form: dict[str, str] = {}
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        form[name] = chosen[1]
    return form


def run_of(address: str) -> ImportRun:
    """The run behind an address, as it is now."""
    db.session.rollback()
    return db.session.get(ImportRun, int(re.search(r"/imports/(\d+)", address)[1]), populate_existing=True)


def kept() -> list[str]:
    """What lies in the folder of imports."""
    folder = Path(current_app.instance_path) / "imports"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def count(model: Any) -> int:
    """How many records there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))
