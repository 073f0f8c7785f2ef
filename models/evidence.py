"""Evidence of a customer's word: who gave it, and how (domain.md 2.3)."""

from __future__ import annotations

from backoffice.declare import Choice, _


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
