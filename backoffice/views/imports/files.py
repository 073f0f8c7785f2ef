"""The refused rows of a run as a file, to be corrected elsewhere and loaded again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from flask import Response, stream_with_context

from backoffice.errors import BadRequest, Denied, NotFound
from backoffice.exchange import leftovers, preparing, running, runs
from backoffice.exchange import stage as staging
from backoffice.exchange.changes import ChangeSet, is_staged
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.views.imports import receipts
from backoffice.views.imports.looking import Look, look_at


@receipts.get("/imports/<number>/errors.csv")
def errors(number: str) -> Any:
    """Stream the refused rows with a column that says why. They are the uploader's own words: nobody else carries them away."""
    look = look_at(number)
    if not look.is_own:
        raise Denied
    if not is_staged(look.run.id):
        raise NotFound
    pieces = _pieces(look)
    try:
        first = next(pieces, b"")  # what goes wrong at once still gets an error page
    except Unreadable as problem:
        raise BadRequest(problem.why) from None
    answer = Response(stream_with_context(itertools.chain([first], pieces)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{look.run.id}-refused.csv"'
    return answer


def _pieces(look: Look) -> Iterator[bytes]:
    options, target = Options.from_json(look.run.options), preparing.target_named(look.run.resource)
    if target is None:
        raise NotFound
    table = running.opened(target, runs.file_of(look.run), options)
    with staging.opened(look.run.id) as stage:
        yield from leftovers.refused_rows(ChangeSet(stage, options.cells), table)
