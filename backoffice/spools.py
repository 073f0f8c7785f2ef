"""Uploads wait in spool files while they are read; each is closed with its request, also where it was cut off or refused."""

from __future__ import annotations

from typing import IO, Any

from flask import Flask, Request


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


def register(app: Flask) -> None:
    """Let every request of the app close its spools."""
    app.request_class = SpoolingRequest
