"""Uploaded files between preview and apply: kept for a day under a random name, for the person who sent them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import current_app

from backoffice.declare import clock
from backoffice.exchange.options import Options
from backoffice.plan import Plan

KEPT_SECONDS = 24 * 3600
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Upload:
    """A file that waits to be applied, with the choices that its preview was made with."""

    token: str
    data: bytes
    options: Options


def keep(person: Any, plan: Plan, data: bytes, options: Options) -> str:
    """Keep a file; answers the token that :func:`find` takes."""
    folder = _folder()
    _forget_old(folder)
    token = secrets.token_urlsafe(32)
    facts = {"person": person.id, "resource": plan.name, "options": asdict(options)}
    (folder / token).write_bytes(data)
    (folder / f"{token}.json").write_text(json.dumps(facts), encoding="utf-8")
    return token


def find(person: Any, plan: Plan, token: str) -> Upload | None:
    """The person's own file; None where there is none, or it has expired."""
    folder = _folder()
    if not _TOKEN.fullmatch(token) or not (folder / f"{token}.json").exists():
        return None
    facts = json.loads((folder / f"{token}.json").read_text(encoding="utf-8"))
    if (facts["person"], facts["resource"]) != (person.id, plan.name):
        return None
    options = facts["options"]
    return Upload(token, (folder / token).read_bytes(), Options(**{**options, "match": tuple(options["match"])}))


def forget(token: str) -> None:
    """Remove a file that has been applied."""
    for name in (token, f"{token}.json"):
        (_folder() / name).unlink(missing_ok=True)


def _folder() -> Path:
    folder = Path(current_app.instance_path) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _forget_old(folder: Path) -> None:
    for file in folder.iterdir():
        if file.stat().st_mtime < clock.now().timestamp() - KEPT_SECONDS:
            file.unlink(missing_ok=True)
