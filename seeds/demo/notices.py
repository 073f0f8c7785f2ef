"""What customers of the demo were told at each step of a complaint, and by which means."""

from __future__ import annotations

from models.complaint_states import Channel
from models.customer_notices import Means
from seeds.demo.both import Both

MEANS = {
    Channel.PHONE: Means.PHONE, Channel.VISIT: Means.IN_PERSON, Channel.CALLBACK: Means.SMS, Channel.WECHAT: Means.WECHAT, Channel.SOCIAL: Means.WECHAT,
    Channel.HOTLINE: Means.LETTER, Channel.OEM: Means.EMAIL,
}
"""Customers are told on the way that they came."""
ACKNOWLEDGED = Both(
    "您的投诉已经登记，编号是{number}，由我{name}跟进，最晚明天中午前给您回电。",
    "Your complaint is registered under {number}. I am {name}, I take care of it and call you by tomorrow noon at the latest.",
)
WAITING = Both(
    "处理需要再等一等，到时我第一时间联系您，期间如需用车我来协调。",
    "It takes a little longer; I call you the moment it goes on, and arrange a car if you need one.",
)
RAISED = Both("这件事我已请主管一起处理，他会亲自与您联系。", "I have asked my superior to decide; you hear from them in person.")
DECISION = Both("处理方案是：{decision}您看这样可以吗？", "This is what we propose: {decision} Is that all right with you?")
AGREED = Both("可以，就按这个办。", "Yes, please do that.")
FOLLOW_UP = Both("问题已经处理完毕，想向您确认一下现在使用是否正常。", "The work is done; may I ask whether everything is as it should be?")
CLOSED = Both(
    "感谢您把问题告诉我们，您的投诉已经办结，今后有任何需要请直接找我。",
    "Thank you for telling us. Your complaint is settled; whenever you need something, ask for me.",
)
