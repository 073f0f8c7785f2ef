"""The closed lists of complaints: states, channels, severities, reasons of a pause (domain.md 3.2, 3.3)."""

from __future__ import annotations

from backoffice.declare import Choice, _


class Status(Choice):
    """Where a complaint stands, with the words of old systems as aliases."""

    RECEIVED = "received", _("Received", "已接收"), "bad", ("新建", "信息审核")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged", "已受理"), "warn", ("厂家受理",)
    ASSESSED = "assessed", _("Assessed", "已评估"), "warn"
    INVESTIGATING = "investigating", _("Investigating", "调查中"), "info", ("处理中", "处理反馈")
    PAUSED = "paused", _("Paused", "暂停"), "neutral"
    PROPOSAL_MADE = "proposal_made", _("Proposal made", "已提出方案"), "info"
    AGREED = "agreed", _("Agreed", "客户已同意"), "info"
    IMPLEMENTING = "implementing", _("Implementing", "执行中"), "info"
    RESOLVED = "resolved", _("Resolved", "已解决"), "good"
    FOLLOW_UP = "follow_up", _("Followed up", "回访确认"), "good", ("已回访", "用户评分")
    CLOSED = "closed", _("Closed", "已关闭"), "neutral", ("关闭",)
    REJECTED = "rejected", _("Rejected", "不予受理"), "neutral"
    WITHDRAWN = "withdrawn", _("Withdrawn", "客户撤回"), "neutral"
    EXTERNAL = "external", _("With an outside body", "外部机构处理"), "warn"


WORKING = (
    Status.RECEIVED, Status.ACKNOWLEDGED, Status.ASSESSED, Status.INVESTIGATING, Status.PROPOSAL_MADE, Status.AGREED, Status.IMPLEMENTING,
)
"""The states in which the clocks run."""
OPEN = (*WORKING, Status.PAUSED, Status.RESOLVED, Status.FOLLOW_UP)
"""The states in which the complaint still needs somebody."""
ENDED = (Status.CLOSED, Status.REJECTED, Status.WITHDRAWN)
"""The states from which it may be reopened."""


class Severity(Choice):
    """How grave it is, 1 to 5; the words of the old system stand for 2, 4 and 5."""

    MINOR = "1", _("1 minor", "1 轻微"), "neutral", ("轻微",)
    ORDINARY = "2", _("2 ordinary", "2 一般"), "neutral", ("一般",)
    CONSIDERABLE = "3", _("3 considerable", "3 较重"), "warn", ("较重",)
    SERIOUS = "4", _("4 serious", "4 严重"), "bad", ("严重",)
    URGENT = "5", _("5 urgent", "5 紧急"), "bad", ("紧急",)


class Channel(Choice):
    """The way a complaint came in."""

    PHONE = "phone", _("Phone", "电话")
    VISIT = "visit", _("Visit", "到店")
    CALLBACK = "callback", _("Callback", "回访")
    WECHAT = "wechat", _("WeChat", "微信")
    SOCIAL = "social", _("Social media", "社媒")
    HOTLINE = "12315", _("Consumer hotline 12315", "12315热线")
    OEM = "oem", _("Manufacturer", "厂家"), "neutral", ("OEM",)


class Subject(Choice):
    """The four classes of complaints (S3)."""

    PRODUCT = "product", _("Product quality", "产品质量")
    REPAIR = "repair", _("Repair quality", "维修质量")
    SERVICE = "service", _("Service quality", "服务质量")
    PRICE = "price", _("Price", "价格")


class PauseReason(Choice):
    """What a complaint may wait for while its clocks stand still; nothing else stops them."""

    CUSTOMER = "waiting_customer", _("Waiting for the customer", "等待客户")
    OEM = "waiting_oem", _("Waiting for the manufacturer", "等待厂家")
    PARTS = "waiting_parts", _("Waiting for parts", "等待配件")


class EscalationStatus(Choice):
    """What became of a change of level."""

    RAISED = "raised", _("Raised", "已升级"), "bad"
    ACKNOWLEDGED = "acknowledged", _("Accepted", "已接手"), "info"
    HANDLING = "handling", _("Handling", "处理中"), "info"
    RESOLVED = "resolved", _("Resolved", "已解决"), "good"
    RAISED_NEXT = "raised_next", _("Raised further", "再次升级"), "warn"
    LOWERED = "lowered", _("Lowered", "已降级"), "neutral"


class RaisedBy(Choice):
    """Whether a person or a rule changed the level."""

    MANUAL = "manual", _("By hand", "人工"), "neutral"
    AUTO = "auto", _("By a rule", "自动"), "info"
