"""Every value survives the way through every format; numbers stay numbers, digits stay text."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.declare import clock
from backoffice.declare.kinds import Amount, Calendar, Instant, Whole
from backoffice.exchange.exporting_cells import Hours, Irregular, cents
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.formats.csv import lines
from backoffice.exchange.formats.shape import Outgoing, Shape
from backoffice.exchange.guard import guarded, unguarded
from backoffice.exchange.reading import open_file

TEXTS = st.text(st.characters(exclude_characters="\x00\ufffe\uffff", exclude_categories=("Cs",)), min_size=1, max_size=40) | st.sampled_from(
    ["=1+1", "'=1", "''=1", '="007"', "  ", "\t", "_x0041_", "_x005F_x0041_", "<r>x</r>", "<r><t>&", "0012345678901234567", "1E5", "TRUE", "a\r\nb", "\x01"]
)
AMOUNTS = st.decimals(0, Decimal("9999999999.99"), places=2)
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 12, 30), timezones=st.just(UTC)).map(lambda moment: moment.replace(microsecond=0))
WHOLES = st.integers(-(2**62), 2**62)
ROWS = st.lists(st.tuples(TEXTS | st.none(), TEXTS, WHOLES, AMOUNTS, DAYS, MOMENTS), min_size=1, max_size=8)
SHAPES = (Shape.TEXT, Shape.LONG, Shape.WHOLE, Shape.AMOUNT, Shape.DAY, Shape.MOMENT)
HEADERS = ("one", "two", "three", "four", "five", "six")


def sent(kind, rows, token="x00000000"):
    cells = [(one, two, three, f"{four:.2f}", Calendar().write(five), Instant().write(six)) for one, two, three, four, five, six in rows]
    return b"".join(FORMATS[kind].stream(Outgoing(HEADERS, SHAPES, [list(zip(*cells, strict=True))], token, "a/b")))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_value_comes_back(kind, tmp_path_factory):
    """Whatever a cell holds, the import reads the same value out of it, in the old and in the new century."""
    file = tmp_path_factory.mktemp("out") / "file"

    @settings(max_examples=60, deadline=None)
    @given(ROWS)
    def check(rows):
        file.write_bytes(sent(kind, rows))
        found = [cells for chunk in open_file(file, lambda header: header in HEADERS).chunks() for cells in chunk.cells]

        assert [(unguarded(one) or None, unguarded(two)) for one, two, *_ in found] == [(one, two) for one, two, *_ in rows]
        assert [int(three) for _, _, three, *_ in found] == [three for _, _, three, *_ in rows]
        assert [Amount().parse(four) for _, _, _, four, *_ in found] == [four for _, _, _, four, *_ in rows]
        assert [Calendar().parse(five) for *_, five, _ in found] == [five for *_, five, _ in rows]
        assert [Instant().write(Instant().parse(six)) for *_, six in found] == [Instant().write(six) for *_, six in rows]

    check()


def test_a_workbook_holds_numbers_and_dates_as_such_and_digits_as_text(tmp_path):
    """Nothing in it is a formula; the token is a property of the file."""
    data = sent("xlsx", [("=1+1", "0012345678901234567", 5, Decimal("12.50"), date(2026, 11, 21), datetime(2026, 11, 21, 6, 30, tzinfo=UTC))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet, custom = (archive.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "docProps/custom.xml"))
    row = sheet[sheet.index('<row r="2"'):]

    assert "<f>" not in sheet
    assert row.count('t="inlineStr"') == 2
    assert "<v>5</v>" in row
    assert "<v>12.5</v>" in row
    assert "<v>46347</v>" in row
    assert "<v>46347.60416666666</v>" in row or "<v>46347.60416666667</v>" in row
    assert 'name="aftercare-export"' in custom
    assert "x00000000" in custom
    (tmp_path / "x").write_bytes(data)
    assert open_file(tmp_path / "x").export_token == "x00000000"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/London", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"])
@settings(max_examples=60, deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=5))
def test_moments_are_written_as_their_kind_writes_them(zone, moments):
    """In zones of whole hours and of others, in summer and in winter."""
    clock.set_zone(zone)
    try:
        stamps = [f"{moment:%Y-%m-%d %H:%M:%S}.000000" for moment in moments]

        assert Hours(ZoneInfo(zone)).local([*stamps, None]) == [*(Instant().write(moment) for moment in moments), None]
    finally:
        clock.set_zone("Asia/Shanghai")


def test_an_hour_of_another_length_is_not_guessed():
    """Where a zone is off by half an hour each moment is worked out alone."""
    with pytest.raises(Irregular):
        Hours(ZoneInfo("Asia/Kolkata"))["2026-11-21 06"]


@given(st.lists(st.integers(-10**9, 10**12) | st.none()))
def test_counts_of_cents_become_amounts(counts):
    """To the cent, below nothing too."""
    assert cents(counts) == [None if count is None else str((Decimal(count) / 100).quantize(Decimal("0.01"))) for count in counts]


@given(st.integers(1, 3).flatmap(lambda width: st.lists(st.tuples(*[TEXTS | st.none() | st.just("")] * width), min_size=1)))
def test_lines_are_those_of_the_standard_library(rows):
    """Quoted where it quotes, and nowhere else."""
    expected = io.StringIO(newline="")
    csv.writer(expected).writerows([[cell and guarded(cell) for cell in row] for row in rows])

    assert lines(list(zip(*rows, strict=True)), [Shape.TEXT] * len(rows[0])) == expected.getvalue()


def test_long_numbers_stand_as_text_in_a_workbook():
    """Sixteen digits would lose the last one."""
    data = sent("xlsx", [(None, "x", 10**15 + 1, Decimal(1), date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()

    assert "<t>1000000000000001</t>" in sheet
    assert Whole(most=10**18).parse("1000000000000001") == 10**15 + 1
