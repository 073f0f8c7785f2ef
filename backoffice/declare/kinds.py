"""Semantic types: what a text must be to become a value, how a value is written, shown and masked.

One kind serves the form, the import and the API alike, so a value is judged once and everywhere
the same. A kind knows neither page nor database session.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeVar

from sqlalchemy import BigInteger, Boolean, Date, Integer, String
from sqlalchemy import Text as TextColumn
from sqlalchemy.types import TypeEngine

from backoffice.declare import clock
from backoffice.declare.choice import Choice
from backoffice.declare.columns import Cents, Utc
from backoffice.declare.outcome import Invalid
from backoffice.declare.text import CHINESE, ENGLISH, Text, _

INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff\ufffe\uffff]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d+")
_WHOLE = re.compile(r"[+-]?\d{1,19}(\.0+)?")
_MINUTE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", re.ASCII)


EARLIEST, LATEST = 1900, 2200
Day = TypeVar("Day", bound=date)


def usual(day: Day) -> Day:
    """The day or moment; refuses years near the ends of the calendar, where zones and sums have no answer."""
    if not EARLIEST <= day.year <= LATEST:
        raise Invalid("out_of_range", _("The year must lie between {least} and {most}.", least=EARLIEST, most=LATEST))
    return day


def fold(text: str) -> str:
    """The text as a code is compared: half width, upper case, no blanks, nothing invisible."""
    if text.isascii():
        return "".join(text.split()).upper()
    before, folded = None, text
    while folded != before:  # one pass may make a letter that the next one folds; three are enough for any text
        before = folded
        half = unicodedata.normalize("NFKC", INVISIBLE.sub("", folded))
        folded = "".join(half.split()).replace("·", "").upper()
    return folded


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of value. ``width`` is in characters; ``personal`` names the sort of personal data."""

    width: int = 200
    unit: Text | None = None
    personal: str | None = None

    code: ClassVar[str] = "text"
    control: ClassVar[str] = "text"
    numeric: ClassVar[bool] = False

    @property
    def sql(self) -> TypeEngine[Any]:
        """The column type that stores it."""
        return String(self.width)

    def parse(self, text: str) -> Any:
        """The value that a non-blank text stands for; raises :class:`Invalid`."""
        raise NotImplementedError

    def notice(self, value: Any) -> tuple[str, Text] | None:
        """A code and a sentence where a value is accepted but doubtful."""
        return None

    def write(self, value: Any) -> str:
        """The text that ``parse`` takes back to the same value."""
        return str(value)

    def show(self, value: Any) -> str:
        """The value for reading, in the reader's language and zone."""
        return self.write(value)

    def dump(self, value: Any) -> Any:
        """The value for JSON, typed as far as JSON can."""
        return None if value is None else self.write(value)

    def load(self, stored: Any) -> Any:
        """The value that ``dump`` made."""
        return None if stored is None else self.parse(str(stored))

    def mask(self, value: Any) -> str:
        """What stands for the value where a person may know only that it is there."""
        return "•" * 6


class Line(Kind):
    """One line of text, without blanks around it."""

    def parse(self, text: str) -> str:
        line = text.strip() if text.isprintable() else INVISIBLE.sub("", text).strip()
        if not text.isprintable() and (_CONTROL.search(line) or _UNSTORABLE.search(line) or "\n" in line or "\r" in line):
            raise Invalid("invalid_text", _("Only one line of text without control characters fits here."))
        if len(line) > self.width:
            raise Invalid("too_long", _("At most {most} characters fit here.", most=self.width))
        return line


class Verbatim(Kind):
    """A person's own words, kept to the letter."""

    code = "longtext"
    control = "textarea"

    @property
    def sql(self) -> TypeEngine[Any]:
        return TextColumn()

    def parse(self, text: str) -> str:
        if _UNSTORABLE.search(text):
            raise Invalid("invalid_text", _("The text holds a character that cannot be stored."))
        if len(text) > self.width:
            raise Invalid("too_long", _("At most {most} characters fit here.", most=self.width))
        return text

    def load(self, stored: Any) -> Any:
        return stored


@dataclass(frozen=True, eq=False)
class Code(Kind):
    """A code such as a serial number: compared and stored folded.

    ``pattern`` is matched against the folded text; ``why`` says what is expected, ``example`` shows it.
    """

    pattern: str = ".+"
    why: Text = _("This is not a valid code.")
    error: str = "invalid_code"
    example: str = ""

    code = "code"

    def parse(self, text: str) -> str:
        folded = fold(text)
        if "E+" in folded and _SCIENTIFIC.fullmatch(folded):
            raise Invalid("scientific_number", _("A spreadsheet has shortened this number; its digits are lost. Export it again as text."))
        if len(folded) > self.width:
            raise Invalid("too_long", _("At most {most} characters fit here.", most=self.width))
        if not self._form.fullmatch(folded) or (not folded.isprintable() and (_CONTROL.search(folded) or _UNSTORABLE.search(folded))):
            raise Invalid(self.error, self.why)
        return folded

    @functools.cached_property
    def _form(self) -> re.Pattern[str]:
        return re.compile(self.pattern)


@dataclass(frozen=True, eq=False)
class Whole(Kind):
    """A whole number between ``least`` and ``most``."""

    least: int = 0
    most: int = 2_147_483_647

    code = "integer"
    control = "number"
    numeric = True

    @property
    def sql(self) -> TypeEngine[Any]:
        return Integer() if -(2**31) <= self.least and self.most < 2**31 else BigInteger()

    def parse(self, text: str) -> int:
        plain = fold(text).replace(",", "")
        if not (plain.isascii() and plain.isdigit() and len(plain) < 19) and not _WHOLE.fullmatch(plain):
            raise Invalid("invalid_number", _("This is not a whole number."))
        number = int(plain.split(".")[0])
        if not self.least <= number <= self.most:
            raise Invalid("out_of_range", _("The number must lie between {least} and {most}.", least=self.least, most=self.most))
        return number

    def show(self, value: Any) -> str:
        return f"{value:,}" if self.unit else str(value)

    def dump(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, eq=False)
class Amount(Kind):
    """An amount of money in yuan with at most two decimals, from 0 to ``most``."""

    most: Decimal = Decimal("9999999999.99")

    code = "money"
    control = "decimal"
    numeric = True

    @property
    def sql(self) -> TypeEngine[Any]:
        return Cents()

    def parse(self, text: str) -> Decimal:
        plain = fold(text).replace(",", "").lstrip("¥￥").removesuffix("元")
        try:
            amount = Decimal(plain)
        except InvalidOperation:
            raise Invalid("invalid_number", _("This is not an amount of money.")) from None
        if not amount.is_finite() or not 0 <= amount <= self.most:
            raise Invalid("out_of_range", _("The amount must lie between 0 and {most}.", most=self.most))
        if amount != round(amount, 2):
            raise Invalid("too_precise", _("An amount has at most two decimals."))
        return abs(amount.quantize(Decimal("0.01")))

    def show(self, value: Any) -> str:
        return f"¥{value:,.2f}"


class Calendar(Kind):
    """A day, written year first: 2026-11-21, 2026/11/21, 2026年11月21日 or 20261121."""

    code = "date"
    control = "date"
    _form = re.compile(r"(\d{4})(?:-|/|\.|年)?(\d{1,2})(?:-|/|\.|月)?(\d{1,2})日?")

    @property
    def sql(self) -> TypeEngine[Any]:
        return Date()

    def parse(self, text: str) -> date:
        if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
            return self._usual_form(text)
        found = self._form.fullmatch(fold(text))
        try:
            day = date(*map(int, found.groups())) if found else self._fail()
        except ValueError as error:
            raise self._not_a_day() from error
        return usual(day)

    def _usual_form(self, text: str) -> date:
        """What exports write; most cells are written like this."""
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise self._not_a_day() from error
        return usual(day)

    def _fail(self) -> date:
        raise self._not_a_day()

    def _not_a_day(self) -> Invalid:
        return Invalid("invalid_date", _("This is not a date. Write it year first: 2026-11-21."))

    def write(self, value: Any) -> str:
        return str(value.isoformat())


class Instant(Kind):
    """A moment to the second; without an offset it is read in the zone of the house."""

    code = "datetime"
    control = "datetime-local"
    _form = re.compile(
        r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?"
        r"(?:[T\s]*(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.\d+)?)?秒?分?)?\s*(Z|[+-]\d{2}:?\d{2})?"
    )

    @property
    def sql(self) -> TypeEngine[Any]:
        return Utc()

    def parse(self, text: str) -> datetime:
        if _MINUTE.fullmatch(text):
            return self._usual_form(text)
        found = self._form.fullmatch(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip().upper())
        try:
            if found is None:
                raise ValueError
            *numbers, offset = found.groups()
            local = datetime(*(int(n or 0) for n in numbers), tzinfo=clock.zone())  # type: ignore[misc,arg-type]  # six numbers
            if offset:
                local = datetime.fromisoformat(local.replace(tzinfo=None).isoformat() + offset)
        except ValueError:
            raise self._not_a_moment() from None
        return usual(local).astimezone(UTC)

    def _usual_form(self, text: str) -> datetime:
        """What exports write; most cells are written like this."""
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            raise self._not_a_moment() from None
        return usual(local).replace(tzinfo=clock.zone()).astimezone(UTC)

    def _not_a_moment(self) -> Invalid:
        return Invalid("invalid_datetime", _("This is not a date and time. Write it year first: 2026-11-21 14:30."))

    def write(self, value: Any) -> str:
        local = value.astimezone(clock.zone())
        return str(local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M"))

    def dump(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat()


class Truth(Kind):
    """Yes or no."""

    code = "boolean"
    control = "checkbox"
    YES: ClassVar = frozenset({"1", "Y", "YES", "TRUE", "T", "是", "有", "√", "ON"})
    NO: ClassVar = frozenset({"0", "N", "NO", "FALSE", "F", "否", "无", "×", "OFF"})

    @property
    def sql(self) -> TypeEngine[Any]:
        return Boolean()

    def parse(self, text: str) -> bool:
        word = fold(text)
        if word not in self.YES | self.NO:
            raise Invalid("invalid_boolean", _("Write yes or no here."))
        return word in self.YES

    def write(self, value: Any) -> str:
        return "yes" if value else "no"

    def show(self, value: Any) -> str:
        return str(_("Yes") if value else _("No"))

    def dump(self, value: Any) -> Any:
        return value

    def load(self, stored: Any) -> Any:
        return stored


@dataclass(frozen=True, eq=False)
class Selection(Kind):
    """One member of a closed list; a text may be its code, its label in either language or an alias."""

    members: type[Choice] = Choice

    code = "choice"
    control = "select"

    def parse(self, text: str) -> Choice:
        member = self._spellings.get(fold(text))
        if member is None:
            known = ", ".join(str(one.label) for one in self.members)
            raise Invalid("invalid_choice", _("Choose one of: {known}.", known=known))
        return member

    @functools.cached_property
    def _spellings(self) -> dict[str, Choice]:
        words: dict[str, Choice] = {}
        for member in self.members:
            labels = (member.label.in_locale(CHINESE), member.label.in_locale(ENGLISH))
            for word in (member.value, *labels, *member.aliases):
                words.setdefault(fold(word), member)
        return words

    def write(self, value: Any) -> str:
        return str(value.value)

    def show(self, value: Any) -> str:
        return str(value.label)
