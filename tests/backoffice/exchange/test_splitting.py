"""A flat file is taken apart: each record once, every cell with its line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from backoffice.access import SYSTEM
from backoffice.exchange.layouts import frozen
from backoffice.exchange.mapping import REASON
from backoffice.exchange.options import Options
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.splitting import ROW, PartTable, Split
from tests import toys

(DESK,) = frozen([toys.DESK])


def table(text: str, size: int = 2, *, is_cut: bool = False) -> Any:
    """A file of cells divided by bars; its header is line 1."""
    header, *rows = [line.split("|") for line in text.strip().splitlines()]

    def chunks() -> Any:
        for start in range(0, len(rows), size):
            cells = rows[start:start + size]
            lines = list(range(start + 2, start + 2 + len(cells)))
            yield SimpleNamespace(first=start + 1, lines=lines, cells=cells, is_cut=is_cut and start + size >= len(rows))

    return SimpleNamespace(headers=header, chunks=chunks, header_line=1)


def split(text: str, options: Options | None = None, **more: Any) -> dict[str, PartTable]:
    """The parts of a file, each read once."""
    whole = Split(SYSTEM, DESK, table(text, **more), options or Options())
    return {part.plan.name: part for part in whole.parts}


def records(part: PartTable) -> list[tuple[int, int, dict[str, str]]]:
    """Row, line and cells of each record."""
    return [
        (row, line, dict(zip((one.field.name for one in part.sources), cells, strict=True)))
        for piece in part.chunks(3) for row, line, cells in zip(piece.numbers, piece.lines, piece.cells, strict=True)
    ]


SHEET = """
card|name|mobile|branch|loan_no|title|line_no|text|Mood
C-1|Ann|139 0000 0001|B1|L1|Emma|1|late|good
c-1 |Ann|13900000001|B1|L2|Ulysses|||bad
C-2|Bob||B1|L3|Dune|||
Ｃ-１|Ann||B1|L4|It|1|torn|
"""


def test_a_parent_stands_once_where_it_is_first_named():
    """Three spellings of a card are one reader; a book's line is the book's own."""
    parts = split(SHEET)

    assert [(row, line, one["card"], one["name"]) for row, line, one in records(parts["readers"])] == [(1, 2, "C-1", "Ann"), (3, 4, "C-2", "Bob")]
    assert [(row, line, one["loan_no"], one["reader"]) for row, line, one in records(parts["loans"])] == [
        (1, 2, "L1", "C-1"), (2, 3, "L2", "c-1"), (3, 4, "L3", "C-2"), (4, 5, "L4", "Ｃ-１"),
    ]


def test_a_line_that_says_nothing_of_a_noun_makes_no_record_of_it():
    """Two of four lines have a note; each hangs on the loan of its own line."""
    notes = split(SHEET)["notes"]

    assert [(row, line, one["loan"], one["text"]) for row, line, one in records(notes)] == [(1, 2, "L1", "late"), (4, 5, "L4", "torn")]


def test_a_column_that_nobody_knows_is_said_once():
    """And not once for each noun."""
    whole = Split(SYSTEM, DESK, table(SHEET), Options())

    assert [(one.code, one.column) for one in whole.notices] == [("unknown_column", "Mood")]


def test_what_a_later_line_adds_is_not_lost():
    """A blank is filled from the first line that has something, and that line is remembered."""
    readers = split("card|name|mobile|loan_no\nC1|Ann||L1\nC1||13900000001|L2\nC1|Ann|13900000001|L3")["readers"]

    assert [one["mobile"] for _row, _line, one in records(readers)] == ["13900000001"]
    assert list(readers.findings()) == []
    assert readers.line_of(1, "mobile") == 3


def test_two_lines_that_contradict_each_other_refuse_the_record():
    """Two names for one card: nobody knows which is right; both lines are named."""
    readers = split("card|name|loan_no\nC1|Ann|L1\nC2|Bob|L2\nc1|Anna|L3")["readers"]
    found = records(readers)
    ((finding, is_notice),) = readers.findings()

    assert [one["name"] for _row, _line, one in found] == ["Ann", "Bob"]
    assert (finding.code, finding.row, finding.line, finding.column, finding.value, is_notice) == ("differs_in_file", 1, 4, "name", "Anna", False)
    assert "2" in finding.message
    assert "4" in finding.message


def test_what_only_fills_gaps_is_no_contradiction():
    """The first address is taken, and the other one told."""
    readers = split("card|name|email|loan_no\nC1|Ann|a@x.org|L1\nC1|Ann|b@x.org|L2")["readers"]
    found = records(readers)

    assert [one["email"] for _row, _line, one in found] == ["a@x.org"]
    assert [(one.code, one.value, is_notice) for one, is_notice in readers.findings()] == [("differs_in_file", "b@x.org", True)]
    assert readers.options.policies == {"email": "fill"}


def test_without_a_key_a_parent_is_known_by_its_match():
    """Mobile and name together say who it is; links then point to the row."""
    parts = split("name|mobile|loan_no\nAnn|139-0000-0001|L1\nAnn|+86 13900000001|L2\nEve|13900000001|L3")

    assert [(row, one["name"]) for row, _line, one in records(parts["readers"])] == [(1, "Ann"), (3, "Eve")]
    assert [one["reader"] for _row, _line, one in records(parts["loans"])] == [f"{ROW}1", f"{ROW}1", f"{ROW}3"]
    assert parts["readers"].options.match == ("mobile", "name")


def test_a_noun_that_the_file_does_not_mention_is_left_out():
    """No column of readers: loans have no reader to link to."""
    parts = split("loan_no|title\nL1|Emma")

    assert list(parts) == ["loans"]
    assert parts["loans"].headers == ["loan_no", "title"]


def test_lines_of_a_wrong_shape_refuse_every_record_on_them():
    """A line with too many cells, and one where the file breaks off."""
    parts = split("card|name|loan_no|title\nC1|Ann|L1|Emma|more\nC2|Bob|L2", is_cut=True)
    for part in parts.values():
        records(part)

    assert {name: [one.code for one, _notice in part.findings()] for name, part in parts.items()} == {
        "readers": ["too_many_cells", "cut_off"], "loans": ["too_many_cells", "cut_off"],
    }


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("name|loan_no\nAnn|L1", Options(), "missing_key_column"),
        ("card|读者证号|loan_no\n1|2|3", Options(), "duplicate_header"),
        ("card|loan_no\n1|2", Options(columns={"shoe": "card"}), "unknown_header"),
        ("card|loan_no\n1|2", Options(columns={"card": "shoe"}), "unknown_field"),
        ("card|loan_no\n1|2", Options(mode="create"), "usage"),
        ("card|loan_no\n1|2", Options(match=("name",)), "usage"),
    ],
)
def test_a_file_that_cannot_mean_one_thing_is_refused(text: str, options: Options, code: str):
    """Each in a sentence, before anything is looked at."""
    with pytest.raises(Unreadable) as problem:
        split(text, options)

    assert problem.value.code == code


def test_columns_may_be_matched_by_hand():
    """A header goes to a field of one noun, or to none."""
    parts = split("Ausweis|name|loan_no|title\nC1|Ann|L1|Emma", Options(columns={"Ausweis": "readers.card", "title": ""}))

    assert [one["card"] for _row, _line, one in records(parts["readers"])] == ["C1"]
    assert parts["loans"].headers == ["loan_no", "Ausweis"]


def test_what_stands_for_texts_is_said_of_all_nouns_or_of_one():
    """Said of the plain field first, and of the reader's alone later: neither word is forgotten."""
    said = {"branch": {"Main": "B1", "Hill": "B1"}, "readers.branch": {"Hill": "B2"}, "loans.title": {"It": "IT"}}
    parts = split(SHEET, Options(values=said))

    assert parts["readers"].options.values == {"branch": {"Main": "B1", "Hill": "B2"}}
    assert parts["loans"].options.values == {"title": {"It": "IT"}}


def test_the_reasons_of_an_earlier_refusal_are_passed_over():
    """The column that a file of refused rows has more is no stranger."""
    whole = Split(SYSTEM, DESK, table(SHEET.replace("Mood", str(REASON))), Options())

    assert whole.notices == []
