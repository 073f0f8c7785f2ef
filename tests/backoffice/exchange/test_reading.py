"""What files look like: encodings, dialects, titles, and files that cannot be read."""

from __future__ import annotations

import codecs
import io
import json
import time
import zipfile

import pytest

from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.reading import read

KNOWN = {"card": "card", "name": "name", "branch": "branch"}


def knows(header):
    return KNOWN.get(header.strip().lower())


def code(data, **how):
    with pytest.raises(Unreadable) as problem:
        read(data, knows, **how)
    assert str(problem.value)  # a sentence
    return problem.value.code


def zipped():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "card\n1\n")
    return buffer.getvalue()


BAD = {
    "empty": (b"", "empty_file"),
    "blank": (b"\r\n \r\n", "empty_file"),
    "binary": (bytes(range(256)) * 8, "binary_file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "binary_file"),
    "zip": (zipped(), "zip_file"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "excel_file"),
    "web page": (b"<html><table><tr><td>card</td></tr></table></html>", "html_file"),
    "unclosed quote": (b'card,name\n1,"Ann\n2,Bob\n', "unclosed_quote"),
    "stray quote": (b'card,name\n1,"Ann" or "Anna"\n', "stray_quote"),
    "NUL": (b"card,name\n1,A\x00nn\n" + b"2,Bob\n" * 50, "nul_character"),
    "no header": (b"1,2,3\n4,5,6\n", "no_header"),
    "many columns": (b"card," + b",".join(b"c%d" % n for n in range(10_000)) + b"\n1\n", "too_many_columns"),
    "huge cell": (b'card,name\n1,"' + b"x" * 2_000_000 + b'"\n', "cell_too_long"),
    "other line": ("card,name\n1,王娟\n2,李雷\n".encode() + "3,韩梅梅\n".encode("gb18030"), "mixed_encoding"),
    "cut character": ("card,name\n1,王娟\n2,李雷".encode()[:-1], "mixed_encoding"),
    "unknown encoding": (b"card,name\n1,\xff\xff\xff\n", "unknown_encoding"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_read_says_why(case):
    """One clear sentence with a stable code, at once."""
    data, expected = BAD[case]
    start = time.perf_counter()

    assert code(data) == expected
    assert time.perf_counter() - start < 5


def test_an_encoding_that_is_named_must_exist_and_fit():
    """Neither a misspelled name nor a wrong one becomes nonsense."""
    assert code(b"card,name\n1,A\n", encoding="klingon") == "unknown_encoding"
    assert code("card,name\n1,王\n".encode("gb18030"), encoding="utf-8") == "wrong_encoding"


@pytest.mark.parametrize(("encoding", "mark"), [
    ("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("gb18030", b""), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE),
])
def test_encodings(encoding, mark):
    """A byte-order mark, strict UTF-8, strict GB18030: the same rows, even where one name is all there is."""
    sheet = read(mark + "card,name\r\n1,王娟\r\n".encode(encoding), knows)

    assert [row.cells for row in sheet.rows] == [["1", "王娟"]]
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

    assert [row.cells for row in sheet.rows] == [["1", "A, b; c"], ["2", "Bob"]]
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

    assert [row.cells for row in sheet.rows] == [["1", 'A, "b" ,c'], ["2", "x"]]


SPECTRUM = "comma_in_quotes empty empty_crlf escaped_quotes json newlines newlines_crlf quotes_and_newlines simple simple_crlf utf8".split()


@pytest.mark.parametrize("name", SPECTRUM)
def test_odd_but_well_formed_files(data, name):
    """Each of these files reads as its JSON says."""
    folder = data / "csv/csv-spectrum"
    sheet = read((folder / f"csvs/{name}.csv").read_bytes())
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
    sheet = read((data / f"csv/cn_bank_exports/example-{bank}-records.csv").read_bytes(), lambda header: header if "".join(header.split()) in named else None)
    filled = [header for header in sheet.headers if header]

    assert (sheet.encoding, sheet.delimiter) == (encoding, delimiter)
    assert len(filled) in {width, width - 1}
    assert line is None or sheet.header_line == line
    assert len(sheet.rows) == (rows or len(sheet.rows)) > 0


def test_a_text_file_that_is_called_xls(data):
    """Tab-separated GBK with cells like ="…" under the name .xls."""
    sheet = read((data / "csv/cn_bank_exports/example-hxsec-records.xls").read_bytes(), lambda header: header if "成交" in header else None)

    assert (sheet.encoding, sheet.delimiter) == ("gb18030", "\t")
    assert sheet.headers[0] == "发生日期" or "日期" in sheet.headers[0]


def test_a_real_workbook_is_named_for_what_it_is(data):
    """Old and new Excel files get a sentence that says what to do."""
    folder = data / "csv/cn_bank_exports"

    assert code((folder / "example-citic-records.xls").read_bytes()) == "excel_file"
    assert code((folder / "example-wechat-records.xlsx").read_bytes()) == "zip_file"
