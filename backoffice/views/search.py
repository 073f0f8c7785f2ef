"""One box over everything that the person may read."""

from __future__ import annotations

from flask import Blueprint, render_template

search = Blueprint("search", __name__)


@search.get("/search")
def results() -> str:
    """What was found, grouped by noun."""
    return render_template("search.html")
