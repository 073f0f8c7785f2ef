"""Uploads wait in spool files while they are read; each is closed with its request, also where it was cut off or refused.

A form with a file of any size is read piece by piece by :class:`BigForm`: whoever asks for its fields has them before the first
byte of the file is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any, TypeVar

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio import multipart

View = TypeVar("View", bound=Callable[..., Any])
MOST_PARTS = 200
MOST_IN_FIELDS = 512 * 1024
MOST_IN_ALL = 2 * 1024 * 1024 * 1024
"""The web server takes less; what is too large for the page is read over, so that the page can say so."""
_PIECE = 256 * 1024


class SpoolingRequest(Request):
    """Werkzeug closes the files of a form that it could read; of a broken one it leaves them to the garbage collector."""

    def _get_file_stream(self, *args: Any, **kwargs: Any) -> IO[bytes]:
        spool = super()._get_file_stream(*args, **kwargs)
        self.__dict__.setdefault("spools", []).append(spool)
        return spool

    def close(self) -> None:
        """Close what the request opened; Flask calls this at its end."""
        super().close()
        for spool in self.__dict__.pop("spools", ()):
            spool.close()


class BigForm:
    """A form whose file is not kept in memory, nor read before :meth:`pieces` is asked for it.

    ``fields`` holds the fields so far. Raises ValueError where the form was cut off.
    """

    def __init__(self, request: Request) -> None:
        request.max_content_length = MOST_IN_ALL
        self._stream = request.stream
        self._decoder = multipart.MultipartDecoder(request.mimetype_params.get("boundary", "").encode(), max_parts=MOST_PARTS)
        self._events = self._decoded()
        self._size = 0
        self.fields: list[tuple[str, str]] = []

    def form(self) -> ImmutableMultiDict[str, str]:
        """The fields, as a request has them."""
        return ImmutableMultiDict(self.fields)

    def file(self) -> str | None:
        """Go on to the next file that has a name; None where there is none."""
        name = None
        text = bytearray()
        for event in self._events:
            if isinstance(event, multipart.File) and event.filename:
                return event.filename
            if isinstance(event, multipart.Field | multipart.File):
                name, text = event.name if isinstance(event, multipart.Field) else None, bytearray()
            elif isinstance(event, multipart.Data) and name is not None:
                self._count(event.data)
                text += event.data
                if not event.more_data:
                    self.fields.append((name, text.decode("utf-8", "replace")))
        return None

    def pieces(self) -> Iterator[bytes]:
        """The file that :meth:`file` has found."""
        for event in self._events:
            if isinstance(event, multipart.Data):
                yield event.data
                if not event.more_data:
                    return

    def finish(self) -> None:
        """Read over the rest, for the fields after the file."""
        while self.file() is not None:
            for _piece in self.pieces():
                pass

    def _count(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > MOST_IN_FIELDS:
            raise RequestEntityTooLarge

    def _decoded(self) -> Iterator[multipart.Event]:
        while True:
            data = self._stream.read(_PIECE)
            self._decoder.receive_data(data or None)
            while not isinstance(event := self._decoder.next_event(), multipart.NeedData):
                yield event
                if isinstance(event, multipart.Epilogue):
                    return


def reads_its_own_form(view: View) -> View:
    """Mark a view that reads its form by :class:`BigForm`, and checks the token against forgery by itself as soon as it has it."""
    view.reads_its_own_form = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def register(app: Flask) -> None:
    """Let every request of the app close its spools."""
    app.request_class = SpoolingRequest
