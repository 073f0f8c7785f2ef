"""The short way for cells in the usual form comes to the same value as judging them in full."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from backoffice.declare import Invalid
from backoffice.declare.contact import Telephone
from backoffice.declare.kinds import Amount, Calendar, Code, Instant, Line, Verbatim, Whole
from backoffice.exchange.mapping import Column
from backoffice.exchange.staging.judging import Judge, encoder
from backoffice.exchange.staging.quick import quick

DIALECTS = {"sqlite": sqlite.dialect(), "postgresql": postgresql.psycopg.dialect()}
KINDS = {
    "code": Code(width=12), "patterned code": Code(width=5, pattern=r"(0[1-9]|1[0-2])-\d\d"), "line": Line(width=20), "words": Verbatim(width=30),
    "whole": Whole(most=50_000), "amount": Amount(most=Decimal("9999.99")), "day": Calendar(), "moment": Instant(), "phone": Telephone(width=32),
}
TEXTS = st.one_of(
    st.text(max_size=24), st.text(alphabet="0123456789.-: ABEZ'=\\+", max_size=20), st.integers(-5, 99_999).map(str),
    st.decimals(0, 12_000, places=2).map(str), st.dates(date(1890, 1, 1), date(2210, 1, 1)).map(str),
    st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1)).map(lambda one: one.strftime("%Y-%m-%d %H:%M")),
    st.datetimes(datetime(1986, 1, 1), datetime(1992, 1, 1)).map(lambda one: one.strftime("%Y-%m-%d %H:%M:%S")),  # summer time in Shanghai
    st.integers(10_000_000_000, 19_999_999_999).map(str),
)


def judged(kind, dialect, text):
    """What judging in full makes of a cell; None where it is no value or none of this text alone."""
    try:
        value = kind.parse(text)
    except Invalid:
        return None
    return encoder(sa.Column("one", kind.sql), DIALECTS[dialect])(value)


def as_stored(dialect, value):
    """PostgreSQL reads moments with a letter or a blank between day and time, and with a short or a long offset."""
    if dialect == "postgresql" and isinstance(value, str) and value.endswith("+00:00"):
        return value.removesuffix(":00").replace("T", " ")
    return value


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", KINDS)
@given(text=TEXTS)
def test_the_short_way_comes_to_the_same(name, dialect, text):
    """Whatever it answers is what the kind says; what it does not know it leaves to the kind."""
    kind = KINDS[name]
    found = quick(kind, dialect).one(text)

    assert found is None or found == as_stored(dialect, judged(kind, dialect, text))


@pytest.mark.parametrize(("name", "text"), [
    ("code", "WT2026-0001"), ("line", "张三 路人"), ("words", "刹车异响"), ("whole", "1200"), ("amount", "12.5"), ("day", "2026-11-21"),
    ("moment", "2026-11-21 14:30"), ("phone", "13900000001"),
])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_exports_write_goes_the_short_way(dialect, name, text):
    """Else a million rows would take the long one."""
    assert quick(KINDS[name], dialect).one(text) is not None


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", KINDS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_a_whole_column_comes_to_the_same_as_its_cells(name, dialect, texts):
    """It is taken at one go if each of its cells could be, and only then."""
    way = quick(KINDS[name], dialect)
    cells = [way.one(text) for text in texts]
    found = way.many(texts)

    assert (None if found is None else list(found)) == (None if None in cells else cells)


def test_the_mask_of_a_personal_text_is_no_text():
    """Else a masked address that comes back would take the place of the address."""
    kind = Line(width=20, personal="address")
    column = Column(0, "Address", SimpleNamespace(kind=kind, personal="address"), "address")
    judge = Judge(column, "keep", {}, lambda value: value, quick(kind, "sqlite"))

    assert [list(judge.take(cells).values) for cells in (["••••••"], ["••••••", "a", "b"], ["c", "d"])] == [[None], [None, "a", "b"], ["c", "d"]]
    assert set(judge.masks) == {"••••••"}
