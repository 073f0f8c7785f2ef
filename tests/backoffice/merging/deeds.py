"""What a person does on the pages of a merge."""

from __future__ import annotations

import re
from typing import Any

from backoffice.db import db
from backoffice.merging import Merged


def preview(client: Any, kept: Any, gone: Any) -> Any:
    """Look at both side by side."""
    return client.get(f"/{kept.__resource__.name}/{kept.id}/merge?other={gone.id}")


def sent(client: Any, kept: Any, gone: Any, **stays: str) -> dict[str, Any]:
    """What the form of the preview sends: its hidden fields, and a side for each choice by its name."""
    page = preview(client, kept, gone).get_data(as_text=True)
    hidden = dict(re.findall(r'<input type="hidden" name="(other|version|other_version)" value="(\d+)"', page))
    ticked = dict(re.findall(r'name="(stays-\w+)" value="(\w+)" checked', page))
    return {**hidden, **ticked, **{f"stays-{name}": side for name, side in stays.items()}}


def merge(client: Any, kept: Any, gone: Any, **stays: str) -> Any:
    """Merge by the page; the answer."""
    return client.post(f"/{kept.__resource__.name}/{kept.id}/merge", data=sent(client, kept, gone, **stays))


def last() -> Merged:
    """The latest merge."""
    db.session.rollback()
    return db.session.scalars(db.select(Merged).order_by(Merged.id.desc())).first()


def unmerge(client: Any, kept: Any) -> Any:
    """Take the latest merge back by the page."""
    return client.post(f"/{kept.__resource__.name}/{kept.id}/unmerge/{last().id}")
