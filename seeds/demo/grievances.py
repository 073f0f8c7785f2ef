"""What customers complain about, and how it was put right."""

from __future__ import annotations

from typing import NamedTuple

from models.complaint_states import Channel, Severity, Subject
from seeds.demo.both import Both


class Grievance(NamedTuple):
    """A complaint in the customer's words, with what was found and done."""

    channel: Channel
    subject: Subject
    category: str
    problem: str
    severity: Severity
    words: Both
    remedy: Both
    cause: Both
    decision: Both
    result: Both


GRIEVANCES = (
    Grievance(
        Channel.PHONE, Subject.REPAIR, "制动系统", "异响", Severity.CONSIDERABLE,
        Both("刹车片换了不到一周，踩刹车又开始尖叫，倒车时整条街都听得见。", "A week after new pads the brakes squeal again; the whole street hears me reverse."),
        Both("免费检查并彻底解决异响。", "Check it for free and end the noise."),
        Both("新刹车片未做倒角，且导向销缺少润滑。", "The new pads were not chamfered, and the guide pins lacked grease."),
        Both("重新处理刹车片并更换导向销，工时免费，两天内完成。", "Rework the pads and replace the pins within two days, free of charge."),
        Both("试车三十公里无异响，客户在场确认。", "Thirty kilometers without a sound, the customer on board."),
    ),
    Grievance(
        Channel.VISIT, Subject.SERVICE, "接待流程", "等待时间长", Severity.ORDINARY,
        Both("预约九点，十点二十才轮到我，期间没有一个人过来解释。", "Booked for nine, seen at twenty past ten, and nobody explained."),
        Both("道歉，并给出改进办法。", "An apology, and a plan."),
        Both("当天两位顾问请假，未调整预约容量。", "Two advisors were away and the bookings were not reduced."),
        Both("致歉并赠送洗车券，预约容量与排班联动。", "Apology and a wash voucher; bookings now follow the roster."),
        Both("客户接受道歉，洗车券已使用。", "Apology accepted, voucher used."),
    ),
    Grievance(
        Channel.WECHAT, Subject.PRICE, "收费", "价格争议", Severity.ORDINARY,
        Both("蓄电池在你们店比官网贵两百多，结账前没人告诉我价格。", "The battery cost 200 more than on your website, and nobody told me the price."),
        Both("退还差价。", "Pay back the difference."),
        Both("官网活动价未同步到门店系统。", "The website's offer had not reached the store's system."),
        Both("退还差价，门店价目表每日与官网核对。", "Pay back the difference; prices are compared every day."),
        Both("差价已原路退回。", "The difference was paid back."),
    ),
    Grievance(
        Channel.CALLBACK, Subject.REPAIR, "车身附件", "返修", Severity.SERIOUS,
        Both("后门喷漆有色差，阳光下一看就是两个颜色，已经返工一次了。", "The door is a different color in the sun, and you have already redone it once."),
        Both("重新喷漆，直到没有色差。", "Paint it again until it matches."),
        Both("配色时未按车身老化漆面比对。", "The paint was mixed without comparing it with the aged surface."),
        Both("整侧重新喷涂，提供代步车。", "Paint the whole side again and lend a car meanwhile."),
        Both("色差仪检测合格，客户现场验收。", "Measured within tolerance and accepted on the spot."),
    ),
    Grievance(
        Channel.PHONE, Subject.PRODUCT, "动力电池", "续航下降", Severity.SERIOUS,
        Both("充满电只能跑不到三百公里，买的时候说五百多。", "A full charge lasts 300 km; I was promised more than 500."),
        Both("检测电池，如有问题按质保处理。", "Test the battery and honor the warranty."),
        Both("低温行驶加上一组电芯压差偏大。", "Cold weather, and one group of cells out of balance."),
        Both("做均衡并升级软件，一个月后复测。", "Balance the cells, update the software, test again in a month."),
        Both("均衡后容量恢复到标称的百分之九十五。", "Capacity is back at 95 percent."),
    ),
    Grievance(
        Channel.HOTLINE, Subject.SERVICE, "交车", "未按时交车", Severity.CONSIDERABLE,
        Both("承诺当天交车，拖了三天，每次打电话都说明天。", "Promised for the same day, it took three; each call said tomorrow."),
        Both("赔偿三天的交通费用。", "Pay for three days of taxis."),
        Both("配件到货延误，顾问没有主动告知。", "A part came late, and the advisor told nobody."),
        Both("承担三天交通费，延误信息改为系统自动提醒顾问。", "Pay the taxis; the advisor is now reminded of every delay."),
        Both("费用已支付，客户确认。", "Paid and confirmed."),
    ),
    Grievance(
        Channel.SOCIAL, Subject.REPAIR, "转向系统", "行驶跑偏", Severity.URGENT,
        Both("四轮定位之后高速上车子自己往右跑，我发了视频，大家都看到了。", "After the alignment it pulls right at speed; my video is online."),
        Both("立刻解决安全问题并公开回应。", "Make it safe at once and answer in public."),
        Both("定位后未做转向角传感器标定。", "The steering sensor was not calibrated after the alignment."),
        Both("上门取车，重新定位并标定，总经理当面致歉。", "Fetch the car, align and calibrate, and the manager apologizes in person."),
        Both("路试合格，客户删除视频并发布说明。", "Passed the road test; the customer took the video down."),
    ),
    Grievance(
        Channel.OEM, Subject.PRODUCT, "信息娱乐系统", "黑屏", Severity.ORDINARY,
        Both("导航开着开着就黑屏，已经向厂家客服反映。", "The screen dies while I navigate; I told the manufacturer as well."),
        Both("更换主机。", "Replace the unit."),
        Both("主机固件版本有已知缺陷。", "A known fault of the firmware."),
        Both("升级固件，如再发生则更换主机。", "Update it; if it happens again, replace the unit."),
        Both("升级后两周未再发生。", "Two weeks without a black screen."),
    ),
)
BREACH = Both("等待厂家技术回复超过一天，已向客户说明并致歉。", "The manufacturer's answer took more than a day; the customer was told and accepted it.")
ASSESSED = Both("影响用车体验，不涉及人身伤害；先由服务部牵头。", "Annoying but harmless; the service desk takes the lead.")
DANGER = Both("涉及行车安全，建议客户停驶，安排拖车。", "It concerns safety: the customer should not drive, a tow truck is on its way.")
