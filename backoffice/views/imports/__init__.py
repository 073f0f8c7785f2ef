"""The pages of one import at ``/imports/<id>``: what it would do, what is to be decided, what became of it, and the way back."""

from __future__ import annotations

from flask import Blueprint

receipts = Blueprint("exchange", __name__)

from backoffice.views.imports import batches, deciding, files, looking, pages, steps, undoing  # noqa: E402, F401  # they register their pages
