"""The generator knows no word of the dealership."""

from __future__ import annotations

from models import load_models
from tests.guards.sources import files, name, words

# Parts of names of models that mean something in any program.
GENERIC = set("""
    answer attempt authorization budget calendar call callback clock code contact day decision draft extra issue level limit line notice order ownership plan
    preference request service segment standard store task todo trigger work
""".split())
# Words of the trade that are in no model's name.
TRADE = set("""
    advisor advisors dealer dealers dealership garage kilometres license mileage odometer plate plates repair sla technician vin
    vins workshop
""".split())
CHINESE = ("客户", "车辆", "车架号", "车牌", "投诉", "工单", "回访", "门店", "维修", "顾问", "车主")


def trade_words() -> set[str]:
    """The words of the dealership: from the names of its models, and those listed above."""
    named = {word for model in load_models() for word in (*words(model.__name__), *words(model.__resource__.name))}
    return {spelled for word in named - GENERIC if word.removesuffix("s") not in GENERIC for spelled in (word, f"{word}s")} | TRADE


def test_the_generator_knows_no_word_of_the_trade():
    """``backoffice/`` runs any domain: a word of this one belongs into ``models/``."""
    forbidden = trade_words()
    found = [
        f"{name(path)}:{number} {word}"
        for path in files("backoffice", endings=(".py", ".html", ".txt", ".js", ".css", ".svg"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for word in [*forbidden.intersection(words(line)), *(word for word in CHINESE if word in line)]
    ]

    assert not found


def test_the_list_of_words_grows_with_the_models():
    """A new model's name is forbidden in the generator by itself."""
    assert {"customer", "customers", "vehicle", "vehicles", "staff"} <= trade_words()
