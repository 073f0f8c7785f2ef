"""Files that cannot be read: each gives one clear sentence, at once, in little memory."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from backoffice.exchange.reading import LARGEST_CELL
from tests.backoffice.exchange.reads import code, read

KNOWN = {"card": "card", "name": "name", "branch": "branch"}
MEGA = 1_000_000


def knows(header):
    return KNOWN.get(header.strip().lower())


def workbook(fill=lambda sheet: sheet.write_row(0, 0, ["card", "name"]), **options):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options) as book:
        fill(book.add_worksheet())
    return buffer.getvalue()


def archive(*members):
    """A workbook with further members."""
    buffer = io.BytesIO(workbook())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as parts:
        for name, content in members:
            parts.writestr(name, content)
    return buffer.getvalue()


def zipped(name="a.csv", content="card\n1\n"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return buffer.getvalue()


def locked():
    """A workbook whose parts say that they are encrypted."""
    return workbook().replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")


def compound(stream=""):
    """The beginning of an old workbook, with the name of a stream in it."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600 + stream.encode("utf-16-le") + b"\x00" * 600


def claiming(size):
    """A workbook with a part that says it is larger than it is."""
    data = archive(("xl/media/a.bin", b"x" * 40))
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        part = parts.getinfo("xl/media/a.bin")
    old, new = part.file_size.to_bytes(4, "little"), size.to_bytes(4, "little")
    head, tail = data[: parts.start_dir], data[parts.start_dir:]
    at = tail.index(b"xl/media/a.bin") - 46
    return head + tail[: at + 24] + tail[at + 24: at + 28].replace(old, new) + tail[at + 28:]


BAD = {
    "empty": (b"", "empty_file"),
    "blank": (b"\r\n \r\n", "empty_file"),
    "only a mark": (b"\xef\xbb\xbf", "empty_file"),
    "binary": (bytes(range(256)) * 8, "binary_file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "binary_file"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "binary_file"),
    "zip": (zipped(), "zip_file"),
    "empty zip": (b"PK\x05\x06" + b"\x00" * 18, "zip_file"),
    "zip bomb": (archive(("xl/media/a.bin", b"\x00" * 64 * MEGA)), "too_large"),
    "zip that claims gigabytes": (claiming(3_000_000_000), "too_large"),
    "escaping member": (archive(("../../etc/cron.d/a", "x")), "unsafe_archive"),
    "absolute member": (archive(("/etc/passwd", "x")), "unsafe_archive"),
    "macros": (archive(("xl/vbaProject.bin", "x")), "macro_file"),
    "locked workbook": (locked(), "encrypted_file"),
    "cut workbook": (workbook()[:-400], "damaged_file"),
    "cut in the middle": (workbook()[:900], "damaged_file"),
    "workbook without a sheet to read": (zipped("xl/workbook.xml", "<workbook>"), "damaged_file"),
    "stray cell far away": (workbook(lambda sheet: [sheet.write(0, 0, "card"), sheet.write(1_048_575, 16_383, "x")]), "too_large"),
    "long cell in a workbook": (workbook(lambda sheet: sheet.write_row(0, 0, [f"c{n}" for n in range(600)] + ["card"])), "too_many_columns"),
    "empty workbook": (workbook(lambda sheet: None), "empty_file"),
    "unknown sheet": (workbook(lambda sheet: sheet.write(0, 0, "colour")), "no_header"),
    "old workbook, damaged": (compound(), "damaged_file"),
    "old workbook, locked": (compound("EncryptedPackage"), "encrypted_file"),
    "old workbook, macros": (compound("_VBA_PROJECT_CUR"), "macro_file"),
    "letter": (compound("WordDocument"), "damaged_file"),
    "web page": (b"<html><body><p>Sign in</p></body></html>", "html_file"),
    "web page with another table": (b"<table><tr><td>colour</td></tr></table>", "no_header"),
    "web page without an end": (b"<table><tr><td>card</td></tr><!-- " + b"x" * 3 * MEGA, "damaged_file"),
    "huge cell in a web page": (b"<table><tr><td>card<tr><td>" + b"x" * 2 * MEGA, "cell_too_long"),
    "wide web page": (b"<table><tr><td>card<tr>" + b"<td>x" * 10_000, "too_many_columns"),
    "XML": (b'<?xml version="1.0"?><a>card</a>', "html_file"),
    "JSON cut off": (b'[{"card": "1"}, {"card": "2', "damaged_file"),
    "JSON of numbers": (b"[1, 2]", "not_a_table"),
    "JSON of lists": (b'[["card"], ["1"]]', "not_a_table"),
    "JSON with values in values": (b'[{"card": "1", "name": {"first": "Ann"}}]', "nested_value"),
    "JSON with a name twice": (b'[{"card": "1", "card": "2"}]', "duplicate_header"),
    "JSON without anything": (b"[]", "empty_file"),
    "JSON without known names": (b'[{"colour": "red"}]', "no_header"),
    "JSON with a huge text": (json.dumps([{"card": "x" * 2 * MEGA}]).encode(), "cell_too_long"),
    "JSON in brackets": (b"[" * MEGA, "not_a_table"),
    "JSON with many names": (json.dumps([{f"c{n}": n for n in range(10_000)} | {"card": 1}]).encode(), "too_many_columns"),
    "unclosed quote": (b'card,name\n1,"Ann\n2,Bob\n', "unclosed_quote"),
    "unclosed quote in a long file": (b'card,name\n1,"Ann\n' + b"2,Bob\n" * MEGA, "cell_too_long"),
    "stray quote": (b'card,name\n1,"Ann" or "Anna"\n', "stray_quote"),
    "NUL": (b"card,name\n1,A\x00nn\n" + b"2,Bob\n" * 50, "nul_character"),
    "no header": (b"1,2,3\n4,5,6\n", "no_header"),
    "many columns": (b"card," + b",".join(b"c%d" % n for n in range(10_000)) + b"\n1\n", "too_many_columns"),
    "many cells": (b"card,name\n1,A\n" + b"," * 10_000 + b"x\n", "too_many_columns"),
    "huge cell": (b'card,name\n1,"' + b"x" * 2 * MEGA + b'"\n', "cell_too_long"),
    "no line ends": (b"card,name\n" + b"1,Ann," * 4 * MEGA, "row_too_long"),
    "no line ends at all": (b"card," * 4 * MEGA, "row_too_long"),
    "other line": ("card,name\n1,王娟\n2,李雷\n".encode() + "3,韩梅梅\n".encode("gb18030"), "mixed_encoding"),
    "other line, far down": (b"card,name\n" + "1,王娟\n".encode() * 200_000 + "3,韩梅梅\n".encode("gb18030"), "mixed_encoding"),
    "UTF-8 in GB18030": ("card,name\n1,王娟\n".encode("gb18030") * 20 + "3,韩\n".encode() + "4,测".encode("gb18030")[:-1], "mixed_encoding"),
    "cut character": ("card,name\n1,王娟\n2,李雷".encode()[:-1], "mixed_encoding"),
    "cut UTF-16": ("card,name\n1,王娟".encode("utf-16")[:-1], "wrong_encoding"),
    "unknown encoding": (b"card,name\n1,\xff\xff\xff\n", "unknown_encoding"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_read_says_why(case):
    """One clear sentence with a stable code, at once; the name of the file has no say."""
    data, expected = BAD[case]
    start = time.perf_counter()

    assert code(data, knows) == expected
    assert time.perf_counter() - start < 10


def test_an_encoding_that_is_named_must_exist_and_fit():
    """Neither a misspelled name nor a wrong one becomes nonsense."""
    assert code(b"card,name\n1,A\n", knows, encoding="klingon") == "unknown_encoding"
    assert code(b"card,name\n1,A\n", knows, encoding="rot13") == "unknown_encoding"
    assert code("card,name\n1,王\n".encode("gb18030"), knows, encoding="utf-8") == "wrong_encoding"


def test_the_sentence_names_the_line():
    """Where a person has to look."""
    for data, line in [(b'card\n1\n"2\n', 3), (b"card\n1\n2\x00 and some more text\n", 3), (b'card\n"1\n2"\n3\n"4"x\n', 5), (b'card\n1\n"' + b"x" * 200_000, 3)]:
        with pytest.raises(Exception, match=rf"(?:[Ll]ine|第) {line}\b"):
            read(data, knows)


def test_a_cell_may_be_as_long_as_is_said():
    """Not one character less."""
    assert read(f'card,name\n1,"{"x" * LARGEST_CELL}"\n', knows).cells[0][1] == "x" * LARGEST_CELL
    assert code(f'card,name\n1,"{"x" * (LARGEST_CELL + 1)}"\n', knows) == "cell_too_long"


MEASURED = """
import sys
from pathlib import Path
from backoffice.exchange.outcome import Unreadable
from backoffice.exchange.reading import open_file
def peak():  # getrusage would count what the parent held
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
before = peak()
try:
    print(sum(len(chunk.cells) for chunk in open_file(Path(sys.argv[1])).chunks()))
except Unreadable as problem:
    print(problem.code)
print((peak() - before) // 1024)
"""
ROW = b'WO20261121-0001,LSVAA000000000001,C000001,\xe6\xb2\xaaA00001,2026-11-21,12345,"a, ""b"" ,c\r\nd",2980.00\r\n'
LARGE = {
    "rows": (ROW * 120_000, "119999"),
    "unclosed quote": (b"card,name\n" + b"1,Ann\n" * 400_000 + b'"' + b"2,Bob\n" * 3_000_000, "cell_too_long"),
    "one line": (b"card,name\n" + b"1,A," * 5_000_000, "row_too_long"),
    "long rows": ((b"x" * 60 + b",") * 1_000 * 320, "row_too_long"),
    "wide rows": (b"card,name\n" + (b"ab," * 1_900 + b"\n") * 2_500, "2500"),
    "JSON": (b"[" + b'{"card": "1", "name": "Ann and her friends"},' * 300_000 + b'{"card": "2"}]', "300001"),
    "JSON that is one text": (b'[{"card": "' + b"x" * 20_000_000, "row_too_long"),
}


@pytest.mark.parametrize("case", LARGE)
def test_memory_does_not_grow_with_the_file(tmp_path, case):
    """Ten or twenty megabytes, ten times as much as cells, are read, or refused, in a fraction of that."""
    data, expected = LARGE[case]
    file = tmp_path / "file"
    file.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", MEASURED, str(file)], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True, timeout=120)
    answer, grown = done.stdout.split()

    assert answer == expected
    assert int(grown) <= 50
