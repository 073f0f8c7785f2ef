"""Invariants as CHECK constraints: a claim, its condition, and the sentence for the person who breaks it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint

from backoffice.declare import Text


def claim(name: str, condition: str, why: Text) -> CheckConstraint:
    """The condition holds for every record made here; records of an old system may lack what it asks."""
    return CheckConstraint(f"({condition}) OR from_history", name=name, info={"why": why})
