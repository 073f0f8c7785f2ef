"""Evidence of a customer's word: who gave it, when and how (domain.md 2.3)."""

from __future__ import annotations

from datetime import datetime

from backoffice.declare import Choice, Refused, _, clock


class Method(Choice):
    """How the customer answered."""

    IN_PERSON = "in_person", _("In person", "当面")
    PHONE = "phone", _("By phone", "电话")
    SMS = "sms", _("By text message", "短信")
    WECHAT = "wechat", _("By WeChat", "微信")
    SIGNATURE = "signature", _("By signature", "签字")


class Relation(Choice):
    """Who the person is to the customer."""

    SELF = "self", _("The customer", "本人")
    FAMILY = "family", _("Family", "家属")
    COLLEAGUE = "colleague", _("Colleague", "同事")
    DRIVER = "driver", _("Driver", "司机")
    OTHER = "other", _("Other", "其他")


class Decision(Choice):
    """What the customer said."""

    APPROVED = "approved", _("Approved", "同意"), "good"
    DECLINED = "declined", _("Declined", "拒绝"), "bad"
    DEFERRED = "deferred", _("Deferred", "暂缓"), "neutral"


DIALOG = {
    "person": _("Who", "确认人"), "relation": _("Relation to the customer", "与客户关系"), "method": _("How", "确认方式"),
    "phone_called": _("Number called", "拨打号码"), "at": _("When (empty: now)", "确认时间（不填为现在）"), "note": _("Note", "说明"),
}
"""The labels of every dialog that records a customer's word."""


def check_word(method: Method, phone_called: str | None, at: datetime | None) -> datetime:
    """The moment of the word; refused without the number of a phone call, or from the future."""
    if method is Method.PHONE and not phone_called:
        raise Refused(_("Write down the number that was called.", "请填写拨打的电话号码。"), field="phone_called")
    moment = at or clock.now()
    if moment > clock.now():
        raise Refused(_("This moment has not come yet.", "该时间尚未到来。"), field="at")
    return moment
