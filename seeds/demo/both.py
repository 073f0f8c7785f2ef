"""A sentence in the customer's language: the people of the demo speak Chinese or English."""

from __future__ import annotations

from typing import NamedTuple

from backoffice.declare import Language
from models.customers import Customer


class Both(NamedTuple):
    """The same sentence twice."""

    zh: str
    en: str

    def to(self, customer: Customer) -> str:
        """As this customer says or hears it."""
        return self.en if customer.language is Language.ENGLISH else self.zh
