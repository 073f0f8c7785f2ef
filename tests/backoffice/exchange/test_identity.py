"""Who is meant: spellings of keys, mobiles and the like are one; two that may be one, and hands that change, are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from backoffice.access import SYSTEM
from backoffice.exchange import stage as staging
from backoffice.exchange.layouts import frozen
from backoffice.exchange.mapping import Column, Mapped
from backoffice.exchange.options import Options
from backoffice.exchange.preparing import plan_all, prepared
from backoffice.exchange.stage import Part, Stage
from backoffice.exchange.staging import Planning
from backoffice.plan import plan_of
from models.vehicles import Vehicle
from tests import toys
from tests.backoffice.exchange.test_splitting import table
from tests.factories import make_vehicle

(DESK,) = frozen([toys.DESK])


class Chunks:
    """A file of cells divided by bars, as the planning reads it."""

    def __init__(self, text: str) -> None:
        self.whole = table(text)
        self.headers = self.whole.headers

    def chunks(self) -> Iterator[Any]:
        for chunk in self.whole.chunks():
            chunk.numbers = list(range(chunk.first, chunk.first + len(chunk.lines)))
            yield chunk


@contextmanager
def planned(plan: Any, text: str, person: Any = SYSTEM, **options: Any) -> Iterator[tuple[Stage, Part]]:
    """The staged rows of a file of one noun."""
    source = Chunks(text)
    columns = tuple(Column(at, header, plan.by_word[header], header) for at, header in enumerate(source.headers))
    with staging.opened(None) as stage:
        stage.clear()
        part = Planning(stage, person, plan, Mapped(columns, ()), Options(**options)).run(source)
        yield stage, part


@contextmanager
def split_up(text: str, **options: Any) -> Iterator[Stage]:
    """The staged rows of a flat file."""
    with prepared(SYSTEM, DESK, table(text), Options(**options)) as ready, staging.opened(None) as stage:
        stage.clear()
        plan_all(stage, SYSTEM, ready)
        yield stage


def verdicts(stage: Stage, part: Part) -> list[str]:
    return list(stage.connection.scalars(sa.select(part.rows.c.verdict).order_by(part.rows.c.row)))


def said(stage: Stage, part: Part | None = None) -> list[tuple[int, str, bool]]:
    found = stage.findings
    query = sa.select(found.c.row, found.c.code, found.c.is_notice).order_by(found.c.row, found.c.id)
    if part is not None:
        query = query.where(found.c.part == part.plan.name)
    return [tuple(one) for one in stage.connection.execute(query)]


@pytest.mark.parametrize("card", ["C1", " c1 ", "Ｃ１", "c 1", "C\u200b1"])
def test_spellings_of_a_key_are_one_record(library, plans, card):
    """Case, width, blanks and invisible signs do not make another reader."""
    with planned(plans["readers"], f"card|name\n{card}|Ann") as (stage, part):
        assert verdicts(stage, part) == ["u"]


def test_two_spellings_of_a_key_in_one_file_are_duplicates(library, plans):
    """Neither the first nor the last is taken: nobody knows which one is meant."""
    with planned(plans["readers"], "card|name|branch\nC-9|Ann|B1\nc-9 |Bea|B1\nＣ-9|Cleo|B1\nC-8|Dora|B1") as (stage, part):
        assert verdicts(stage, part) == ["r", "r", "r", "c"]
        assert said(stage) == [(row, "duplicate_in_file", False) for row in (1, 2, 3)]


@pytest.mark.parametrize("mobile", ["139 0000 0001", "+86-139-0000-0001", "１３９０００００００１", "008613900000001"])
def test_spellings_of_a_mobile_are_one_number(library, plans, mobile):
    """Written as it may be, the number is the one that is stored."""
    with planned(plans["readers"], f"card|mobile\nC1|{mobile}") as (stage, part):
        assert verdicts(stage, part) == ["u"]


def test_the_same_mobile_with_another_name_is_told(library, plans):
    """A new reader with the number of another: the card of the other one is named; the same name is no doubt."""
    with planned(plans["readers"], "card|name|mobile|branch\nC8|ａｎｎ|13900000001|B1\nC7|Eve|139-0000-0001|B1") as (stage, part):
        (message,) = stage.connection.scalars(sa.select(stage.findings.c.message))

        assert verdicts(stage, part) == ["c", "c"]
        assert said(stage) == [(2, "same_mobile_other_name", True)]
        assert "C1" in message


def test_two_new_readers_with_one_mobile_are_told(library, plans):
    """Also where both stand in the file; the later one is asked about."""
    with planned(plans["readers"], "card|name|mobile|branch\nC7|Eve|13911112222|B1\nC8|Mo|13911112222|B1\nC9|eve|13911112222|B1") as (stage, _part):
        (message,) = stage.connection.scalars(sa.select(stage.findings.c.message))

        assert said(stage) == [(2, "same_mobile_other_name", True)]
        assert "2" in message


def test_what_was_so_before_is_not_told_again(library, plans, toy_session):
    """A reader who shares a mobile, and of whom the file changes something else."""
    toy_session.add(toys.Reader(card="C5", name="Eve", mobile="13900000001", branch=library.main))
    toy_session.commit()
    with planned(plans["readers"], "card|name|mobile|branch\nC5|Eve|13900000001|B2") as (stage, part):
        assert verdicts(stage, part) == ["m"]
        assert said(stage) == []


def test_a_record_found_by_its_mobile_is_not_renamed_in_silence(library, plans):
    """Matched by the number alone, another name is asked about."""
    with planned(plans["readers"], "mobile|name\n13900000001|Eve", match=("mobile",)) as (stage, part):
        assert verdicts(stage, part) == ["m"]
        assert said(stage) == [(1, "same_mobile_other_name", True)]


def test_a_record_that_changes_hands_is_told(library, plans):
    """A loan of Ann's that the file gives to Bob: written, and said."""
    with planned(plans["loans"], "loan_no|reader\nL1|C2") as (stage, part):
        (message,) = stage.connection.scalars(sa.select(stage.findings.c.message))

        assert verdicts(stage, part) == ["m"]
        assert said(stage) == [(1, "other_reader", True)]
        assert "C1" in message


def test_a_person_is_asked_before_a_record_changes_hands(library, plans):
    """On the page the row waits until somebody decides; once decided it is written."""
    with planned(plans["loans"], "loan_no|reader\nL1|C2", library.head) as (stage, part):
        assert verdicts(stage, part) == ["x"]
    with planned(plans["loans"], "loan_no|reader\nL1|C2", library.head, take=(1,)) as (stage, part):
        assert verdicts(stage, part) == ["m"]


VIN = "LSVAM418907184847"


@pytest.mark.parametrize(("vin", "plate"), [(VIN.lower(), "京A·12345"), ("LSVAM4189 07184847", "京a12345"), ("ＬＳＶＡＭ４１８９０７１８４８４７", "京Ａ 12345")])
def test_spellings_of_a_car_are_one_car(session, vin, plate):
    """VIN and plate as people and systems write them."""
    make_vehicle(session, vin=VIN, plate="京A12345")
    session.commit()
    with planned(plan_of(Vehicle), f"vin|plate\n{vin}|{plate}") as (stage, part):
        assert verdicts(stage, part) == ["u"]
    with planned(plan_of(Vehicle), f"vin|plate\n{vin}|{plate}\n{VIN}|京A12345") as (stage, part):
        assert verdicts(stage, part) == ["r", "r"]
    with planned(plan_of(Vehicle), f"plate|brand\n{plate}|大众", match=("plate",)) as (stage, part):
        assert (verdicts(stage, part), said(stage)) == (["u"], [])


def test_a_flat_file_is_planned_noun_by_noun(library):
    """Parents of the database and of the file itself are linked; each noun has its own verdicts."""
    text = "card|name|mobile|branch|loan_no|title|line_no|text\nc1|Ann||B1|L1|Emma|1|late\nC9|Zoe|13911110000|B2|L9|It||\nC9|Zoe||B2|L8|Dune|1|torn"
    with split_up(text) as stage:
        parts = {part.plan.name: part for part in stage.parts()}

        assert {name: verdicts(stage, part) for name, part in parts.items()} == {
            "readers": ["u", "c"], "loans": ["u", "c", "c"], "notes": ["c", "c"],
        }
        assert said(stage) == []


def test_parents_without_a_key_are_found_by_their_match_and_linked_by_row(library):
    """Ann is known by mobile and name; a reader without a card cannot be made, and neither can a loan of nobody."""
    with split_up("name|mobile|branch|loan_no|title\nAnn|139 0000 0001|B1|L7|It\nEve|13900000001|B1|L8|Dune\nAnn|13900000001|B1|L9|Emma") as stage:
        readers, loans = stage.parts()
        at = loans.place(loans.plan.fields["reader"])
        links = stage.connection.execute(sa.select(loans.value(at), loans.text(at)).order_by(loans.rows.c.row)).all()

        assert verdicts(stage, readers) == ["u", "r"]
        assert [tuple(one) for one in links] == [(library.ann.id, None), (None, "\x012"), (library.ann.id, None)]
        assert verdicts(stage, loans) == ["c", "r", "c"]
        assert said(stage) == [(2, "required", False), (2, "unknown_link", False)]


def test_a_contradiction_refuses_the_parent_and_what_hangs_on_it(library):
    """Two names for one new card: the reader is refused with both lines, and so are its loans, for want of a reader."""
    with split_up("card|name|branch|loan_no|title\nC9|Zoe|B1|L7|It\nC9|Zoë|B1|L8|Dune\nC1|Ann|B1|L9|Emma") as stage:
        readers, loans = stage.parts()

        assert (verdicts(stage, readers), verdicts(stage, loans)) == (["r", "u"], ["r", "r", "c"])
        assert said(stage, readers) == [(1, "differs_in_file", False)]
        assert said(stage, loans) == [(1, "unknown_link", False), (2, "unknown_link", False)]
