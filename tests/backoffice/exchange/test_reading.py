"""What texts look like: encodings, dialects, titles, and what other systems write."""

from __future__ import annotations

import codecs
import csv
import io
import json
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.exchange.reading import open_file
from backoffice.exchange.sources import text as reader
from tests.backoffice.exchange.reads import read, whole

KNOWN = {"card": "card", "name": "name", "branch": "branch"}


def knows(header):
    return KNOWN.get(header.strip().lower())


@pytest.mark.parametrize(("encoding", "mark"), [
    ("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("gb18030", b""), ("gb18030", "\ufeff".encode("gb18030")),
    ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-32-le", codecs.BOM_UTF32_LE),
    ("utf-16-le", b""), ("utf-16-be", b""),
])
def test_encodings(encoding, mark):
    """A byte-order mark, strict UTF-8, strict GB18030: the same rows, even where one name is all there is."""
    sheet = read(mark + "card,name\r\n1,王娟\r\n".encode(encoding), knows)

    assert sheet.cells == [["1", "王娟"]]
    assert sheet.encoding == encoding


def test_big5_is_read_when_it_is_named():
    """What cannot be told apart is asked for."""
    assert read("card,name\n1,測試\n".encode("big5"), knows, "big5").rows[0].cells == ["1", "測試"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, ending):
    """Every usual delimiter and line end, old Macintosh included."""
    text = ending.join((delimiter.join(("card", "name")), delimiter.join(("1", '"A, b; c"')), delimiter.join(("2", "Bob")), ""))
    sheet = read(text.encode(), knows)

    assert sheet.cells == [["1", "A, b; c"], ["2", "Bob"]]
    assert [row.line for row in sheet.rows] == [2, 3]


def test_a_sep_line_names_the_delimiter():
    """Excel's first line is obeyed and is no data."""
    sheet = read(b"sep=;\r\ncard;name\r\n1;A,B\r\n", knows)

    assert (sheet.delimiter, sheet.header_line, sheet.rows[0].line, sheet.rows[0].cells) == (";", 2, 3, ["1", "A,B"])


def test_titles_before_the_header_are_passed_over():
    """The header is the line that names most known columns; lines are counted as in the file."""
    sheet = read(b"Readers of the library\n\nmade, today, by name\ncard,name\n\n1,Ann\n,,\n2,Bob\n", knows)

    assert (sheet.header_line, [(row.line, row.number) for row in sheet.rows]) == (4, [(6, 1), (8, 2)])


def test_a_record_is_found_on_the_line_where_it_starts():
    """Line breaks inside quotes do not shift the lines that follow."""
    sheet = read(b'card,name\n1,"Ann\nof\nGreen Gables"\n2,Bob\n', knows)

    assert [(row.line, row.cells[1]) for row in sheet.rows] == [(2, "Ann\nof\nGreen Gables"), (5, "Bob")]


def test_padding_around_quoted_cells_is_no_stray_quote():
    """Banks pad quoted cells with tabs and blanks; the quotes are still quotes."""
    sheet = read(b'card,name\n"1"\t\t, "A, ""b"" ,c" \n"2","x"\n', knows)

    assert sheet.cells == [["1", 'A, "b" ,c'], ["2", "x"]]


SPECTRUM = "comma_in_quotes empty empty_crlf escaped_quotes json newlines newlines_crlf quotes_and_newlines simple simple_crlf utf8".split()


@pytest.mark.parametrize("name", SPECTRUM)
def test_odd_but_well_formed_files(data, name):
    """Each of these files reads as its JSON says."""
    folder = data / "csv/csv-spectrum"
    sheet = read(folder / f"csvs/{name}.csv")
    expected = json.loads((folder / f"json/{name}.json").read_text(encoding="utf-8"))

    assert [dict(zip(sheet.headers, row.cells, strict=True)) for row in sheet.rows] == expected


BANKS = {
    "abc_debit": ("utf-8", ",", 1, 9, "交易日期 交易金额", 5), "alipay": ("gb18030", ",", 25, 13, "交易时间 收/支 金额", None),
    "bmo": ("utf-8", ",", 4, 5, "First Bank Card,Transaction Type", None), "boc": ("utf-8", ",", 2, 13, "记账日期 金额 余额", None),
    "hsbchk-credit": ("utf-8", ",", 1, 10, "Transaction date,Description,Billing amount", None),
    "icbc-credit": ("utf-8", ",", 7, 14, "交易日期 余额", None), "jd": ("utf-8", ",", None, 11, "交易时间 商户名称 金额", None),
    "wechat": ("utf-8", ",", 17, 11, "交易时间 商品 备注", None), "huobi": ("utf-8", ",", 1, 8, "时间 数量", 3),
    "cmb": ("utf-8", ",", 1, 7, "记账日期 联机余额", 5),
}


@pytest.mark.parametrize("bank", BANKS)
def test_what_chinese_systems_export(data, bank):
    """Title lines, GBK, padding: the header and the rows are found as a person would find them."""
    encoding, delimiter, line, width, words, rows = BANKS[bank]
    named = {"".join(word.split()) for word in (words.split(",") if "," in words else words.split())}
    sheet = read((data / f"csv/cn_bank_exports/example-{bank}-records.csv"), lambda header: header if "".join(header.split()) in named else None)
    filled = [header for header in sheet.headers if header]

    assert (sheet.encoding, sheet.delimiter) == (encoding, delimiter)
    assert len(filled) in {width, width - 1}
    assert line is None or sheet.header_line == line
    assert len(sheet.rows) == (rows or len(sheet.rows)) > 0


def test_a_text_file_that_is_called_xls(data):
    """Tab-separated GBK with cells like ="…" under the name .xls."""
    sheet = read((data / "csv/cn_bank_exports/example-hxsec-records.xls"), lambda header: header if "成交" in header else None)

    assert (sheet.encoding, sheet.delimiter) == ("gb18030", "\t")
    assert sheet.headers[0] == "发生日期" or "日期" in sheet.headers[0]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_chunks_follow_one_another(tmp_path, size):
    """However many rows are asked for at a time, numbers and lines are the same; and the file may be read again."""
    file = tmp_path / "file"
    file.write_text('title\n\ncard,name\n\n1,"a\r\nb"\n\n2,"c\n\n\nd"\n,\n3,\n4,x\n5,y', newline="")
    table = open_file(file, knows)

    for _time in range(2):
        assert [(row.number, row.line) for row in whole(table, size).rows] == [(1, 5), (2, 8), (3, 13), (4, 14), (5, 15)]


@pytest.mark.parametrize(("end", "cut"), [("", [False, False, True]), ("\n", [False, False, False])])
def test_only_the_last_row_of_a_file_without_an_end_is_cut(tmp_path, end, cut):
    """A file that was cut off in the middle of its last line says so, once."""
    file = tmp_path / "file"
    file.write_text("card,name\n1,A\n2,B\n3,C" + end)

    assert [chunk.is_cut for chunk in open_file(file, knows).chunks(1)] == cut


def test_how_far_a_file_is_read_can_be_told(tmp_path):
    """Bytes for the bar, and about how many rows to expect."""
    file = tmp_path / "file"
    file.write_text("card,name\n" + "1,A\n" * 50_000)
    table = open_file(file, knows)
    told = [table.progress for _chunk in table.chunks()]

    assert table.rows_hint == 50_000
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == table.size


@pytest.mark.parametrize(("name", "token"), [
    ("orders-2026-11-21-x1a2b3c4d.csv", "x1a2b3c4d"), ("orders-2026-11-21-x1a2b3c4d (1).csv", "x1a2b3c4d"), ("orders.csv", None),
    ("orders-2026-11-21.csv", None), ("x1a2b3c4d.csv", None),
])
def test_a_file_of_ours_is_known_by_its_name(tmp_path, name, token):
    """Whatever a browser adds to the name."""
    file = tmp_path / "upload"
    file.write_text("card,name\n1,A\n")

    assert open_file(file, knows, name=name).export_token == token


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12) | st.text('"\'=, \t\r\n;|a', max_size=6)
TABLES = st.integers(1, 5).flatmap(lambda width: st.tuples(st.just(width), st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=12)))


def holding(rows):
    return [row for row in rows if any(cell and not cell.isspace() for cell in row)]


def is_column(header):
    return header if header in {f"列{n}" for n in range(5)} else None


@given(TABLES, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_any_table_of_texts_comes_back(table, delimiter, ending, encoding):
    """What a CSV writer writes is read again, cell by cell: line breaks, quotes, blanks and all."""
    width, rows = table
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows([[f"列{n}" for n in range(width)], *rows])
    named = encoding if encoding == "gb18030" else None
    sheet = read(buffer.getvalue().encode(encoding), is_column, named, size=4)

    assert sheet.cells == holding(rows)


@given(TABLES, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from([1, 7, 1 << 20]), st.data())
def test_padding_changes_nothing_wherever_the_file_is_cut_into_blocks(table, delimiter, block, some):
    """Blanks around quoted cells are no part of them, and what looks like padding inside a cell stays."""
    width, rows = table
    pads = st.text(" " if delimiter == "\t" else " \t", max_size=2)
    lines = [[f"列{n}" for n in range(width)], *rows]
    text = "\r\n".join(
        delimiter.join(some.draw(pads) + '"' + cell.replace('"', '""') + '"' + some.draw(pads) for cell in row) for row in lines) + "\r\n"
    with mock.patch.object(reader, "_BLOCK", block):
        sheet = read(text, is_column)

    assert sheet.cells == holding(rows)
