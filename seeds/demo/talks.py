"""What customers say in callbacks, and what was done about it; one pair for each code A to G."""

from __future__ import annotations

from typing import NamedTuple

from seeds.demo.both import Both


class Talk(NamedTuple):
    """Something a customer brought up under a code."""

    code: str
    words: Both
    measure: Both
    result: Both


TALKS = (
    Talk(
        "A", Both("预约电话打了三次才有人接。", "I rang three times before anybody took my booking."),
        Both("预约专线增加一名值班员，午间也有人接听。", "A second person now answers the booking line, at noon as well."),
        Both("已回电说明，客户表示理解。", "Called back and explained; the customer understands."),
    ),
    Talk(
        "B", Both("到店等了二十分钟才有人接待，单子又填了两遍。", "I waited twenty minutes, and filled in the form twice."),
        Both("预约客户到店前先打印接车单，高峰时段增开一个接待位。", "Forms are printed before booked customers arrive; one more desk at peak hours."),
        Both("客户下次进店由专属顾问接待。", "The customer's own advisor will be there next time."),
    ),
    Talk(
        "C", Both("事先说八百多，结账时一千一，没人提前告诉我。", "I was told 800 and paid 1,100; nobody rang me before."),
        Both("与顾问复盘增项流程，金额变化须先致电再施工。", "Went through the extra-work rules with the advisor: call first, then work."),
        Both("已向客户逐项解释并赠送下次机滤。", "Explained line by line; the next oil filter is free."),
    ),
    Talk(
        "D", Both("异响第二天又出现了。", "The noise was back on the next day."),
        Both("请客户返店，由技术总监试车并紧固下摆臂。", "Asked the customer back; the technical director drove the car and tightened the arm."),
        Both("连续三天试用，异响消除。", "Three days of driving without the noise."),
    ),
    Talk(
        "E", Both("说好下午四点，六点半才拿到车。", "Promised for four, handed over at half past six."),
        Both("终检与洗车分两班，延误三十分钟以上由顾问电话通知。", "Check and wash now run in two shifts; the advisor rings when it gets late."),
        Both("客户接受道歉。", "The customer accepts the apology."),
    ),
    Talk(
        "F", Both("结算单上的缩写看不懂，也没人解释。", "I could not read the abbreviations on the bill, and nobody explained them."),
        Both("结算单改用全称，交车时逐项说明。", "The bill is spelled out now, and explained at hand-over."),
        Both("已补发明细，客户满意。", "Sent the details again; the customer is content."),
    ),
    Talk(
        "G", Both("休息区空调太冷，咖啡机坏着。", "The lounge was too cold, and the coffee machine was broken."),
        Both("更换咖啡机，休息区温度统一设为二十五度。", "A new coffee machine; the lounge is kept at 25 degrees."),
        Both("已回复客户并邀请体验。", "Told the customer and invited them to see."),
    ),
)
CONTENT = (
    Both("一切正常，服务很周到。", "All is well, and I was looked after."),
    Both("车况不错，没有问题。", "The car runs fine; nothing to add."),
    Both("比上次快，挺满意。", "Faster than last time; good."),
)
PRAISE = (
    Both("陈顾问解释得非常清楚，还主动送我到地铁站。", "My advisor explained everything and even drove me to the station."),
    Both("洗车洗得特别干净，连后备箱都吸了尘。", "The car came back spotless, even the trunk was cleaned."),
)
NOTES = {
    "LATER": Both("正在开会，请明天再打。", "In a meeting; call tomorrow."),
    "THIRD": Both("家属接听，车主晚上在家。", "A relative answered; the owner is in at night."),
    "REFUSE": Both("客户表示不需要回访。", "The customer wants no callback."),
    "WRONG": Both("接听者称不是车主，号码已换人。", "Whoever answered is not the owner; the number has changed hands."),
    "COMPL": Both("同一个故障修了两次还没好，我要投诉！", "The same fault twice, and still not repaired: I want to complain!"),
}
QUESTIONS = (Both("您对本次维修质量打几分？", "How do you rate the quality of the repair?"), Both("您会向朋友推荐我们吗？", "Would you recommend us?"))
