"""The closed lists of a service order: why the car comes, who pays, how far it is (domain.md 3.3)."""

from __future__ import annotations

from backoffice.declare import Choice, _


class ServiceType(Choice):
    """Why the car comes in."""

    FIRST = "first_service", _("First service", "首保"), "good"
    REGULAR = "regular_service", _("Regular service", "定保"), "good", ("定期保养",)
    MAINTENANCE = "maintenance", _("Maintenance, unspecified", "保养"), "good"
    GENERAL = "general", _("General repair", "一般维修"), "neutral", ("一般", "小修")
    ACCIDENT = "accident", _("Accident", "事故"), "warn", ("事故维修", "事故车")
    REWORK = "rework", _("Rework", "返修"), "bad"
    RECALL = "recall", _("Recall", "召回"), "warn"
    WARRANTY = "warranty", _("Warranty", "索赔"), "info", ("索赔维修", "保修")


class Payer(Choice):
    """Who pays."""

    CUSTOMER = "customer", _("Customer", "自费"), "neutral", ("客户付费", "收费")
    WARRANTY = "warranty", _("Warranty", "索赔"), "info", ("厂家",)
    INSURANCE = "insurance", _("Insurance", "保险"), "info", ("保险公司",)
    INTERNAL = "internal", _("Internal", "内部"), "neutral", ("内部结算",)


class OrderStatus(Choice):
    """Where the car is in the process."""

    DRAFT = "draft", _("Draft", "草稿"), "neutral"
    RECEIVED = "received", _("Received", "已接车"), "info", ("维修接待", "接车")
    DIAGNOSING = "diagnosing", _("Diagnosing", "诊断中"), "info"
    ESTIMATED = "estimated", _("Estimated", "已估价"), "warn"
    AUTHORIZED = "authorized", _("Authorized", "客户已授权"), "info"
    SCHEDULED = "scheduled", _("Scheduled", "已派工"), "info", ("维修派工", "派工")
    IN_REPAIR = "in_repair", _("In repair", "维修中"), "info", ("在修", "领取物料")
    WAITING_PARTS = "waiting_parts", _("Waiting for parts", "等待配件"), "warn", ("待料",)
    WAITING_APPROVAL = "waiting_approval", _("Waiting for approval", "等待客户确认"), "warn"
    SELF_CHECK = "self_check", _("Self check", "自检"), "info"
    TEAM_CHECK = "team_check", _("Team check", "班组检"), "info"
    FINAL_CHECK = "final_check", _("Final check", "终检"), "info", ("维修完检", "完检")
    WASHING = "washing", _("Washing", "洗车"), "info"
    READY = "ready", _("Ready", "待交车"), "good", ("竣工",)
    SETTLED = "settled", _("Settled", "已结算"), "good", ("费用结算", "结算")
    DELIVERED = "delivered", _("Delivered", "已交车"), "good", ("交车", "已出厂")
    CLOSED = "closed", _("Closed", "已关闭"), "neutral", ("已完成",)
    CANCELLED = "cancelled", _("Cancelled", "已取消"), "bad", ("作废",)


NOT_AUTHORIZED = (OrderStatus.DRAFT, OrderStatus.RECEIVED, OrderStatus.DIAGNOSING, OrderStatus.ESTIMATED)
NOT_STARTED = (*NOT_AUTHORIZED, OrderStatus.AUTHORIZED, OrderStatus.SCHEDULED)
IN_THE_WORKSHOP = (OrderStatus.IN_REPAIR, OrderStatus.WAITING_PARTS, OrderStatus.WAITING_APPROVAL)
IN_CHECK = (OrderStatus.SELF_CHECK, OrderStatus.TEAM_CHECK, OrderStatus.FINAL_CHECK)
MAY_ADD_WORK = (OrderStatus.AUTHORIZED, OrderStatus.SCHEDULED, *IN_THE_WORKSHOP, *IN_CHECK)
UNDELIVERED = (*NOT_STARTED, *IN_THE_WORKSHOP, *IN_CHECK, OrderStatus.WASHING, OrderStatus.READY, OrderStatus.SETTLED)
"""The states in which the customer still waits for the car."""
