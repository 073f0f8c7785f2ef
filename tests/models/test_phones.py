"""Telephone numbers as the dealership's files carry them: samples of many countries, and of what is no number."""

import json

import pytest

from backoffice.declare import Invalid
from backoffice.plan import plan_of
from models.customers import Customer


@pytest.fixture
def kind(models):
    return plan_of(Customer).fields["phone"].kind


@pytest.fixture
def samples(data):
    return json.loads((data / "csv" / "phones.json").read_text(encoding="utf-8"))


def test_sound_numbers_of_every_country_are_taken_without_doubt(kind, samples):
    """However they are written, they are stored once: Chinese ones as dialled, others as +country and digits"""
    for one in samples["examples"]:
        stored = kind.parse(one["international"])

        assert kind.parse(one["e164"]) == stored
        assert kind.notice(stored) is None
        assert stored == one["e164"] or one["region"] == "CN"


def test_numbers_from_the_complaints_meet_their_verdict(kind, samples):
    """What the Chinese numbering plan does not know is refused where it has no country code"""
    def is_taken(number: str) -> bool:
        try:
            kind.parse(number)
        except Invalid:
            return False
        return True

    assert {one["raw"]: is_taken(one["raw"]) for one in samples["verdicts_cn"]} == {one["raw"]: one["valid"] for one in samples["verdicts_cn"]}


@pytest.mark.parametrize(("written", "stored"), [
    ("139 2258 0489", "13922580489"), ("+86 139-2258-0489", "13922580489"), ("0086 13922580489", "13922580489"),
    ("８６１３９２２５８０４８９", "13922580489"),
    ("025-8471-2345", None), ("025-84712345", "02584712345"), ("0512-84712345-801", "051284712345-801"), ("400-820-8820", "4008208820"),
    ("+1 201-555-0940", "+12015550940"),
])
def test_a_number_is_stored_as_it_is_dialled(kind, written, stored):
    """Mobiles with 11 digits, landlines without their first dash, extensions kept (domain.md 3.1)"""
    if stored is None:
        with pytest.raises(Invalid):
            kind.parse(written)
    else:
        assert kind.parse(written) == stored
