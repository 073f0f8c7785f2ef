"""The commands of ``flask``: import, export, seed, resources, check, and the people who sign in."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands."""
