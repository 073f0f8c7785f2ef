"""The dealership's own column types: VIN, plate, kilometres and the like (domain.md 3.1)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any

from backoffice.declare import Code, Invalid, Line, Text, Whole, _, column_of, fold
from backoffice.declare.kinds import Amount
from models.opening import Hours
from models.sla_words import written

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE = (
    rf"[{PROVINCES}][A-HJ-NP-Z](?:[A-HJ-NP-Z0-9]{{5}}|[A-HJ-NP-Z0-9]{{4}}[学挂警领]"
    r"|[A-HJK][A-HJ-NP-Z0-9]\d{4}|\d{5}[A-HJK])|粤Z[A-HJ-NP-Z0-9]{4}[港澳]|使\d{6}|\d{6}使"
)


def vin_check_digit(vin: str) -> str:
    """The character that position 9 should hold (ISO 3779)."""
    total = sum(weight * (_VALUES[sign] if sign in _VALUES else int(sign)) for sign, weight in zip(vin, _WEIGHTS, strict=True))
    return "X" if total % 11 == 10 else str(total % 11)


def new_energy_letter(plate: str) -> str | None:
    """The letter of a new-energy plate (8 signs) that names its drive; None for any other plate."""
    if len(plate) != 8 or "使" in plate:
        return None
    return plate[2] if plate[2].isalpha() else plate[-1]


@dataclass(frozen=True, eq=False)
class VinCode(Code):
    """17 signs without I, O and Q. A wrong check digit is doubtful only: European cars have none."""

    def notice(self, value: Any) -> tuple[str, Text] | None:
        expected = vin_check_digit(value)
        if value[8] == expected:
            return None
        why = _(
            "The check digit of this VIN should be {digit}; compare it with the car.",
            "该车架号校验位应为 {digit}，请核对车辆。", digit=expected,
        )
        return "vin_check_digit", why


@dataclass(frozen=True, eq=False)
class PlateCode(Code):
    """A number plate of the mainland. New-energy letters other than D and F are newer: accepted, with a notice."""

    def notice(self, value: Any) -> tuple[str, Text] | None:
        letter = new_energy_letter(value)
        if letter is None or letter in "DF":
            return None
        why = _(
            "“{letter}” is one of the newer letters of new-energy plates; compare it with the car.",
            "“{letter}”是较新的新能源号牌字母，请核对车辆。", letter=letter,
        )
        return "plate_new_letter", why


@dataclass(frozen=True, eq=False)
class Measure(Amount):
    """A quantity with at most two decimals: hours of labor, litres, pieces."""

    code = "decimal"

    def parse(self, text: str) -> Decimal:
        if re.search("[¥￥元]", text):
            raise Invalid("invalid_number", _("Write a quantity here, not an amount of money.", "请填写数量，而不是金额。"))
        return super().parse(text)

    def show(self, value: Any) -> str:
        return f"{value:f}".rstrip("0").rstrip(".")


_SPAN = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)", re.ASCII)
_MIDNIGHT = 24 * 60


def hours_of(text: str) -> Hours:
    """The opening hours that ``09:00-12:00 13:00-18:00`` names; raises :class:`Invalid` with what is wrong with them."""
    plain = re.sub(r"\s*[-–—~]\s*", "-", unicodedata.normalize("NFKC", text))
    spans = []
    for piece in re.split(r"[\s,;、]+", plain.strip()) if plain.strip() else ():
        found = _SPAN.fullmatch(piece)
        numbers = [int(one) for one in found.groups()] if found else []
        start, end = (numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]) if numbers else (0, _MIDNIGHT + 1)
        if end > _MIDNIGHT or start > _MIDNIGHT:
            why = _("“{text}” are no times of a day. Write them like this: 09:00-12:00 13:00-18:00.",
                    "“{text}”不是时段，请按此格式填写：09:00-12:00 13:00-18:00。", text=piece)
            raise Invalid("invalid_hours", why)
        if start >= end:
            raise Invalid("invalid_hours", _("“{text}” ends before it begins.", "“{text}”的结束时间早于开始时间。", text=piece))
        spans.append((start, end))
    for before, one in pairwise(spans):
        if one[0] < before[1]:
            why = _("“{one}” and “{other}” overlap, or stand in the wrong order.", "“{one}”与“{other}”重叠或顺序颠倒。",
                    one=written((before,)), other=written((one,)))
            raise Invalid("invalid_hours", why)
    return tuple(spans)


_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?(?:[-/.]0?1日?)?", re.ASCII)


class MonthCode(Code):
    """A month of a year; of a date that a spreadsheet has made of it, the first day is left out."""

    def parse(self, text: str) -> str:
        found = _MONTH.fullmatch(fold(text))
        return super().parse(f"{found[1]}-{int(found[2]):02}" if found else text)


class HoursKind(Line):
    """Opening hours of a day, in its order: ``09:00-12:00 13:00-18:00``."""

    code = "hours"

    def parse(self, text: str) -> str:
        return super().parse(written(hours_of(text)))


VIN_KIND = VinCode(
    width=17, pattern="[A-HJ-NPR-Z0-9]{17}", error="invalid_vin", example="LSVAM4187C2184847",
    why=_("A VIN has 17 signs: digits, and letters without I, O and Q.", "车架号为17位，由数字和除 I、O、Q 以外的字母组成。"),
)
PLATE_KIND = PlateCode(
    width=8, pattern=PLATE, error="invalid_plate", example="京A12345",
    why=_("This is not a number plate, such as 京A12345.", "车牌号格式不正确，例如：京A12345。"),
)
CREDIT_CODE_KIND = Code(
    width=18, pattern="[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", error="invalid_credit_code", example="91110000MA00000000",
    why=_("A credit code has 18 signs.", "统一社会信用代码为18位。"),
)
BIRTHDAY_KIND = Code(
    width=5, personal="birthday", pattern=r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", error="invalid_birthday", example="08-15",
    why=_("Write month and day: 08-15.", "请填写月和日，例如：08-15。"),
)

MONTH_KIND = MonthCode(
    width=7, pattern=r"(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])", error="invalid_month", example="2026-11",
    why=_("Write year and month: 2026-11.", "请填写年和月，例如：2026-11。"),
)

Vin = Annotated[str, column_of(VIN_KIND)]
Plate = Annotated[str, column_of(PLATE_KIND)]
CreditCode = Annotated[str, column_of(CREDIT_CODE_KIND)]
Birthday = Annotated[str, column_of(BIRTHDAY_KIND)]
Month = Annotated[str, column_of(MONTH_KIND)]
Kilometres = Annotated[int, column_of(Whole(most=5_000_000, unit=_("km", "公里")))]
Year = Annotated[int, column_of(Whole(least=1900, most=2100))]
OpeningHours = Annotated[str, column_of(HoursKind(width=120))]
Quantity = Annotated[Decimal, column_of(Measure(most=Decimal("99999.99")))]
Address = Annotated[str, column_of(Line(width=200, personal="address"))]
Handle = Annotated[str, column_of(Line(width=60, personal="account"))]
"""A name in another service, such as WeChat."""
