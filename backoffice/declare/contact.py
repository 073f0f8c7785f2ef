"""Ways to reach a person: telephone numbers and e-mail addresses."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers

from backoffice.declare.kinds import Kind, fold
from backoffice.declare.outcome import Invalid
from backoffice.declare.text import Text, _

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})-?(\d{7,8}(?:-\d{1,6})?)")
_SERVICE = re.compile(r"[48]00-?\d{3}-?\d{4}")
_EMAIL = re.compile(r"[^@\s\"'<>(),:;\\]{1,64}@(?:[^@\s.\"'<>(),:;\\]{1,63}\.)+[^@\s.\"'<>(),:;\\]{2,63}")


class Telephone(Kind):
    """A telephone number, stored as it is dialled: 11 digits, area code first, or +country.

    Chinese mobiles, landlines and service numbers; any other needs its country code. A foreign
    number of possible length that its numbering plan does not know is accepted with a notice.
    """

    code = "phone"
    control = "tel"

    def parse(self, text: str) -> str:
        number = re.sub(r"[()/.]", "", fold(text)).replace("－", "-").replace("—", "-")
        home = re.sub(r"^(?:\+86|0086|86)-?(?=(?:-?\d){8})", "", number)
        digits = home.replace("-", "")
        if _MOBILE.fullmatch(digits):
            return digits
        if _SERVICE.fullmatch(home):
            return digits
        if landline := _LANDLINE.fullmatch(home if home.startswith("0") or home == number else "0" + home):
            return landline[1] + landline[2]
        if number.startswith(("+", "00")):
            return self._foreign("+" + number.lstrip("+0"))
        raise Invalid("invalid_phone", _("This is not a telephone number. Foreign numbers start with + and the country code."))

    def _foreign(self, number: str) -> str:
        try:
            parsed = phonenumbers.parse(number.split("EXT", maxsplit=1)[0])
        except phonenumbers.NumberParseException:
            parsed = None
        if parsed is None or not phonenumbers.is_possible_number(parsed):
            raise Invalid("invalid_phone", _("This number cannot exist in its country."))
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))

    def notice(self, value: Any) -> tuple[str, Text] | None:
        if not value.startswith("+") or phonenumbers.is_valid_number(phonenumbers.parse(value)):
            return None
        return "unknown_phone", _("The numbering plan of its country does not know this number.")

    def mask(self, value: Any) -> str:
        """First three and last four, as 139****0489."""
        return f"{value[:3]}****{value[-4:]}" if len(value) > 7 else "****"


class Mailbox(Kind):
    """An e-mail address."""

    code = "email"
    control = "email"

    def parse(self, text: str) -> str:
        address = re.sub(r"\s", "", text)
        if len(address) > self.width or not address.isprintable() or not _EMAIL.fullmatch(address):
            raise Invalid("invalid_email", _("This is not an e-mail address."))
        return address

    def mask(self, value: Any) -> str:
        name, _at, host = value.partition("@")
        return f"{name[:1]}***@{host}"
