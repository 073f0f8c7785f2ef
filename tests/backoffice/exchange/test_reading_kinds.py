"""Workbooks, JSON and tables in HTML: cells as a person reads them, whatever the file is called."""

from __future__ import annotations

import datetime as dt
import gc
import json
import time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from backoffice.declare.kinds import Calendar, Instant, Truth
from backoffice.exchange.guard import unguarded
from backoffice.exchange.reading import open_file
from tests.backoffice.exchange.reads import code, read, whole

DAY, MOMENT = dt.date(2026, 11, 21), dt.datetime(2026, 11, 21, 14, 30)
LONG = "20261121000000000001"


def knows(header):
    return header if header in {"card", "name"} else None


@pytest.fixture
def book(tmp_path):
    """Write a workbook; its sheets are filled by name."""

    def write(*, token=None, hidden=(), **sheets):
        path = tmp_path / "orders.csv"  # the name says nothing
        with xlsxwriter.Workbook(path) as made:
            made.add_format()
            looks = {kind: made.add_format({"num_format": look}) for kind, look in (("day", "yyyy/m/d"), ("moment", "yyyy-mm-dd hh:mm:ss"), ("hours", "[h]:mm"))}
            for name, fill in sheets.items():
                sheet = made.add_worksheet(name)
                fill(sheet, looks)
                if name in hidden:
                    sheet.hide()
            if token:
                made.set_custom_property("aftercare-export", token)
        return path

    return write


def rows(*lines, at=0):
    def fill(sheet, looks):
        for number, line in enumerate(lines, at):
            sheet.write_row(number, 0, line)

    return fill


def test_values_of_a_sheet_are_written_as_people_write_them(book):
    """Whole numbers without .0, digits as text untouched, days and moments year first; what has lost its digits says so."""

    def fill(sheet, looks):
        sheet.write_row(0, 0, ["card", "name"])
        sheet.write_row(1, 0, [5, 0.1 + 0.2, 1234567890123, -2.50, 1e-7, 2.0240411200000000000e19, True, False])
        sheet.write_string(2, 0, LONG)
        sheet.write_string(2, 1, "007")
        sheet.write_datetime(3, 0, DAY, looks["day"])
        sheet.write_datetime(3, 1, MOMENT, looks["moment"])
        sheet.write_datetime(3, 2, dt.time(8, 5), looks["moment"])
        sheet.write_datetime(3, 3, dt.timedelta(hours=42, minutes=5), looks["hours"])
        sheet.write_formula(4, 0, "=1+1", None, 2)
        sheet.write_formula(4, 1, "=1/0", None, "#DIV/0!")

    assert read(book(Sheet=fill), knows).cells == [
        ["5", "0.3", "1234567890123", "-2.5", "0.0000001", "2.02404E+19", "yes", "no"],
        [LONG, "007"], ["2026-11-21", "2026-11-21 14:30", "08:05", "42:05:00"], ["2", "#DIV/0!"],
    ]


def test_days_moments_and_truth_are_understood_by_their_kinds(book):
    """What a sheet holds becomes the value that it shows."""

    def fill(sheet, looks):
        sheet.write_row(0, 0, ["card", "name"])
        sheet.write_datetime(1, 0, DAY, looks["day"])
        sheet.write_datetime(1, 1, MOMENT, looks["moment"])
        sheet.write_boolean(1, 2, boolean=True)

    day, moment, truth = read(book(Sheet=fill), knows).cells[0]

    assert Calendar().parse(day) == DAY
    assert Instant().parse(moment) == MOMENT.replace(tzinfo=dt.UTC) - dt.timedelta(hours=8)
    assert Truth().parse(truth) is True


def test_the_sheet_is_the_first_whose_header_is_known(book):
    """Notes before it, hidden sheets, titles and blank rows are passed over; the line is the row in the sheet."""
    readers = rows(["Readers"], [], ["card", "name"], [], ["1", "Ann"], at=1)
    path = book(Notes=rows(["Read me"]), Old=rows(["card", "name"], ["9", "Old"]), Data=readers, hidden=["Old"])
    sheet = read(path, knows)

    assert (sheet.sheets, sheet.sheet, sheet.format) == (["Notes", "Data"], "Data", "xlsx")
    assert (sheet.header_line, sheet.rows[0].line, sheet.cells) == (4, 6, [["1", "Ann"]])


def test_a_sheet_may_be_named(book):
    """A name that is none is refused with the names that are."""
    path = book(A=rows(["card", "name"], ["1", "Ann"]), B=rows(["card", "name"], ["2", "Bob"]))

    assert read(path, knows, sheet="B").cells == [["2", "Bob"]]
    assert code(path, knows, sheet="C") == "no_such_sheet"


def test_an_export_of_ours_is_known_by_its_property(book):
    """Whatever the workbook is called by now."""
    assert open_file(book(A=rows(["card", "name"]), token="x1a2b3c4d"), knows).export_token == "x1a2b3c4d"


def test_a_workbook_is_read_in_chunks_and_again(book):
    """The second reading is like the first, and a table that nobody reads leaves no process behind."""
    table = open_file(book(A=rows(["card", "name"], *([n, "Ann"] for n in range(250)))), knows)
    first, second = whole(table, 100), whole(table, 7)

    assert [row.cells for row in first.rows] == [row.cells for row in second.rows] == [[str(n), "Ann"] for n in range(250)]
    assert (table.rows_hint, first.rows[-1].line, table.progress) == (250, 251, table.size)


def test_nobody_is_left_behind_a_workbook(book):
    """Whether it was read to its end, half, or never: the process that read it has gone."""
    path = book(A=rows(["card", "name"], *([n, "Ann"] for n in range(250))))
    never, half = open_file(path, knows), open_file(path, knows)
    helpers = [never._helper, half._helper]
    next(half.chunks(10))
    del never, half
    gc.collect()
    deadline = time.monotonic() + 10
    while any(helper.process.poll() is None for helper in helpers) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert all(helper.process.poll() is not None for helper in helpers)


def test_objects_are_rows():
    """Names are headers, wherever they stand first; a list, or one object after another; any encoding."""
    objects = [{"card": LONG, "name": "=Ann"}, {"name": None, "card": 7, "since": True}, {"card": 1.50, "name": "'x"}]
    expected = [[LONG, "=Ann", ""], ["7", "", "yes"], ["1.5", "'x", ""]]
    texts = [json.dumps(objects), json.dumps(objects, indent=2), "\n".join(map(json.dumps, objects))]
    for data in [*(text.encode() for text in texts), texts[0].encode("utf-8-sig"), texts[0].encode("utf-16")]:
        sheet = read(data, knows)

        assert [[unguarded(cell) for cell in row.cells] for row in sheet.rows] == expected
        assert (sheet.headers, [row.line for row in sheet.rows]) == (["card", "name", "since"], [1, 2, 3])


@given(st.lists(st.text(max_size=8) | st.text("'=+-@ \t\n\"x|", max_size=5), min_size=1, max_size=8))
def test_any_text_in_json_comes_back(texts):
    """JSON has no guard, and loses no apostrophe to one."""
    texts = [text.replace("\x00", "") for text in texts]
    sheet = read(json.dumps([{"card": "1", "name": text} for text in texts]), knows, size=3)

    assert [unguarded(row[1]) for row in sheet.cells] == texts


PAGE = """
<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=gb2312><style>td {mso-number-format:"@"}</style></head>
<body><table><tr><td>Menu</td></tr></table>
<table border=1><tr><th colspan=3>Readers &amp; friends</th></tr>
<tr><th>card<th>name<th>town</tr>
<tr><td>00123</td><td>王娟<br>李雷</td><td>&nbsp;</td></tr>
<tr><td></td><td></td><td></td></tr>
<tr><td rowspan=2>2<td>A
  B<td>X
<tr><td>C<td>Y
</table></body></html>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_table_in_html_is_read(encoding):
    """The one whose header is known, with open tags, line breaks and cells that span others, as a spreadsheet shows it."""
    sheet = read(PAGE.encode(encoding), knows)

    assert (sheet.format, sheet.sheets, sheet.sheet, sheet.header_line) == ("html", ["1", "2"], "2", 2)
    assert sheet.headers == ["card", "name", "town"]
    assert [(row.line, row.cells) for row in sheet.rows] == [(3, ["00123", "王娟\n李雷", ""]), (5, ["2", "A B", "X"]), (6, ["", "C", "Y"])]


OLD_XML = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Notes"><Table><Row><Cell><Data ss:Type="String">Read me</Data></Cell></Row></Table></Worksheet>
 <Worksheet ss:Name="Readers"><Table>
  <Row><Cell><Data ss:Type="String">card</Data></Cell><Cell><Data ss:Type="String">name</Data></Cell></Row>
  <Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="String"> Ann &lt;3&#10;Bob</Data></Cell>
   <Cell><Data ss:Type="DateTime">2026-11-21T00:00:00.000</Data></Cell><Cell><Data ss:Type="DateTime">2026-11-21T14:30:05.000</Data></Cell></Row>
 </Table></Worksheet>
</Workbook>
"""


def test_the_xml_of_older_excel_is_read():
    """Sheets have names, rows and cells may be left out, days are days."""
    sheet = read(OLD_XML, knows)

    assert (sheet.sheets, sheet.sheet) == (["Notes", "Readers"], "Readers")
    assert [(row.line, row.cells) for row in sheet.rows] == [(4, ["", " Ann <3\nBob", "2026-11-21", "2026-11-21 14:30:05"])]


def test_an_old_workbook_is_read(data):
    """A bank's .xls: the title is passed over, amounts are what they show."""
    sheet = read(data / "csv/cn_bank_exports/example-citic-records.xls", lambda header: header if header in {"交易日期", "交易金额"} else None)

    assert (sheet.format, sheet.header_line, len(sheet.rows)) == ("xls", 2, 13)
    assert sheet.cells[1][:4] == ["2024-11-09", "2024-11-09", "0.2元现金奖励-笔笔返0.2元", "6688"]
    assert sheet.cells[1][6] == "-0.20"


def test_a_new_workbook_is_read(data):
    """A payment service's .xlsx: seventeen lines of title."""
    sheet = read(data / "csv/cn_bank_exports/example-wechat-records.xlsx", lambda header: header if header in {"交易时间", "商品", "支付方式"} else None)

    assert (sheet.format, sheet.headers[:3]) == ("xlsx", ["交易时间", "交易类型", "交易对方"])
    assert len(sheet.rows) > 5
    assert all(Instant().parse(row.cells[0]) for row in sheet.rows)


def test_every_bank_is_read(data):
    """Not one of the files is refused once its columns are known, and none loses its last row."""
    for path in sorted((Path(data) / "csv/cn_bank_exports").iterdir()):
        sheet = read(path)

        assert sheet.rows, path.name
