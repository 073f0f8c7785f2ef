"""The ready-made texts of a dialog, under their headings, and with which choices each fits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby

from backoffice.declare import Model, Offer, Text
from backoffice.plan import Action


@dataclass(frozen=True)
class Offered:
    """A text, and as JSON the fields of the dialog that must hold one of these values for it to fit."""

    text: str
    when: str


Headed = list[tuple[Text | None, list[Offered]]]


def offers_of(action: Action, record: Model) -> dict[str, Headed]:
    """What is offered beside each field of the dialog."""
    made = {name: list(make(record)) for name, make in (action.spec.offers or {}).items()}
    return {name: [(heading, [_offered(one) for one in some]) for heading, some in groupby(found, lambda one: one.heading)] for name, found in made.items()}


def _offered(one: Offer) -> Offered:
    return Offered(one.text, json.dumps({name: [choice.value for choice in choices] for name, choices in one.when.items()}) if one.when else "")
