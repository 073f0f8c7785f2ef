"""What a text must be to become a value, and that it comes back from paper unchanged."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.declare import Invalid, Kind, LongText, Mobile, Moment, Money, fold
from backoffice.declare.contact import Mailbox, Telephone
from backoffice.declare.kinds import Amount, Calendar, Code, Instant, Line, Selection, Truth, Verbatim, Whole
from backoffice.plan import _hinted_kind
from tests.toys import State

GOOD = [
    (Line(), " 王 娟\u200b ", "王 娟"),
    (Code(), " ｌｊy－2026·01 ", "LJY-2026·01".replace("·", "")),
    (Whole(), "１２,０００", 12000),
    (Whole(), "11968.0", 11968),
    (Amount(), "￥1,050.69元", Decimal("1050.69")),
    (Amount(), "0", Decimal("0.00")),
    (Calendar(), "2026年1月2日", date(2026, 1, 2)),
    (Calendar(), "20260102", date(2026, 1, 2)),
    (Calendar(), "2026/1/2", date(2026, 1, 2)),
    (Instant(), "2026-11-21 14:30", datetime(2026, 11, 21, 6, 30, tzinfo=UTC)),
    (Instant(), "2026-11-21T14:30:05Z", datetime(2026, 11, 21, 14, 30, 5, tzinfo=UTC)),
    (Instant(), "2026年11月21日14时30分", datetime(2026, 11, 21, 6, 30, tzinfo=UTC)),
    (Truth(), "是", True),
    (Truth(), "no", False),
    (Selection(members=State), "借出", State.OUT),
    (Selection(members=State), "RETURNED", State.BACK),
    (Selection(members=State), "home", State.BACK),
    (Telephone(width=32), "+86 139-2258-0489", "13922580489"),
    (Telephone(width=32), "010-62345678-12", "01062345678-12"),
    (Telephone(width=32), "400-810-1234", "4008101234"),
    (Telephone(width=32), "+1 201 555 0123", "+12015550123"),
    (Mailbox(width=120), " ann@example.com ", "ann@example.com"),
]
BAD = [
    (Line(width=3), "four", "too_long"),
    (Line(), "two\nlines", "invalid_text"),
    (Verbatim(), "nul\x00", "invalid_text"),
    (Verbatim(), "no character\ufffe", "invalid_text"),
    (Verbatim(), "\uffff", "invalid_text"),
    (Line(), "no\uffffcharacter", "invalid_text"),
    (Code(), "A-\ufffe1", "invalid_code"),
    (Code(), "2.02404E+19", "scientific_number"),
    (Whole(), "12.5", "invalid_number"),
    (Whole(), "99999999999", "out_of_range"),
    (Whole(), "-1", "out_of_range"),
    (Amount(), "1.005", "too_precise"),
    (Amount(), "NaN", "out_of_range"),
    (Amount(), "-1", "out_of_range"),
    (Amount(), "twelve", "invalid_number"),
    (Calendar(), "2026-02-30", "invalid_date"),
    (Calendar(), "11/21/2026", "invalid_date"),
    (Calendar(), "9999-12-31", "out_of_range"),
    (Instant(), "9999-12-31 23:59Z", "out_of_range"),
    (Instant(), "0001-01-01 00:00Z", "out_of_range"),
    (Instant(), "2026-11-21 25:00", "invalid_datetime"),
    (Truth(), "maybe", "invalid_boolean"),
    (Selection(members=State), "gone", "invalid_choice"),
    (Telephone(width=32), "12012345678", "invalid_phone"),
    (Telephone(width=32), "1381234567", "invalid_phone"),
    (Telephone(width=32), "+999 1", "invalid_phone"),
    (Mailbox(width=120), "ann@", "invalid_email"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD)
def test_spellings_that_people_use_become_the_value(kind: Kind, text: str, value: object) -> None:
    """What a person or another system writes is understood, and the canonical text leads back to the same value."""
    assert kind.parse(text) == value
    assert kind.parse(kind.write(value)) == value


@pytest.mark.parametrize(("kind", "text", "code"), BAD)
def test_what_is_no_value_is_refused_with_a_stable_code(kind: Kind, text: str, code: str) -> None:
    """A wrong text never becomes a value; the code is for machines, the sentence for people."""
    with pytest.raises(Invalid) as refused:
        kind.parse(text)

    assert refused.value.code == code
    assert str(refused.value)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff"), min_size=1, max_size=300))
def test_verbatim_text_is_kept_to_the_letter(text: str) -> None:
    """A customer's words keep every blank, line end and sign."""
    assert Verbatim(width=1000).parse(text) == text


@given(st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2))
def test_amounts_survive_paper_and_the_audit_trail(amount: Decimal) -> None:
    """No cent is lost on the way through CSV or JSON."""
    kind = Amount()

    assert kind.parse(kind.write(amount)) == amount
    assert kind.load(json.loads(json.dumps(kind.dump(amount)))) == amount


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_survive_paper_to_the_second(moment: datetime) -> None:
    """A moment written in the zone of the house is the same moment when read."""
    whole = moment.replace(microsecond=0)

    assert Instant().load(Instant().dump(whole)) == whole


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded code compares equal to itself folded again."""
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("kind", [Whole(), Amount(), Calendar(), Instant(), Truth(), Telephone(width=32), Mailbox(width=120), Code(), Line()])
@given(text=st.text(max_size=40))
def test_no_text_breaks_a_type(kind: Kind, text: str) -> None:
    """Any text at all either becomes a value or is refused in words."""
    try:
        value = kind.parse(text)
    except Invalid:
        return

    assert kind.parse(kind.write(value)) == value


def test_masks_hide_the_middle() -> None:
    """A masked number can be told apart, not called."""
    assert Telephone(width=32).mask("13922580489") == "139****0489"
    assert Mailbox().mask("ann@example.com") == "a***@example.com"


def test_a_foreign_number_its_country_does_not_know_is_noticed_not_refused() -> None:
    """Possible but unknown numbers are accepted with a notice."""
    notice = Telephone(width=32).notice("+12005550123")

    assert notice is not None
    assert notice[0] == "unknown_phone"


def test_one_type_serves_columns_and_dialogs() -> None:
    """The same annotation names the same kind on a field and on an action's parameter."""
    kinds = [type(_hinted_kind(hint)) for hint in (Mobile, Money, Moment, LongText)]

    assert kinds == [Telephone, Amount, Instant, Verbatim]
