"""What cars come in for, and what the workshop finds on the way."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from models.extra_work_lines import Urgency
from models.order_lines import LineKind
from models.order_states import ServiceType
from seeds.demo.both import Both

LABOR, PART = LineKind.LABOR, LineKind.PART


class Item(NamedTuple):
    """A line of an order."""

    kind: LineKind
    code: str
    name: Both
    qty: Decimal
    price: Decimal


class Job(NamedTuple):
    """Why a car comes in: the customer's words, what is charged."""

    service: ServiceType
    words: Both
    items: tuple[Item, ...]


class Piece(NamedTuple):
    """A piece of extra work."""

    urgency: Urgency
    name: Both
    labor: Decimal | None
    parts: Decimal | None


class Find(NamedTuple):
    """Something the workshop found, and what should be done about it."""

    cause: Both
    pieces: tuple[Piece, ...]


def _item(kind: LineKind, code: str, zh: str, en: str, qty: str, price: str) -> Item:
    return Item(kind, code, Both(zh, en), Decimal(qty), Decimal(price))


def _piece(urgency: Urgency, zh: str, en: str, labor: str | None, parts: str | None) -> Piece:
    return Piece(urgency, Both(zh, en), Decimal(labor) if labor else None, Decimal(parts) if parts else None)


OIL = (
    _item(LABOR, "GS-0101", "更换机油机滤工时", "Labor: oil and filter", "0.80", "160.00"),
    _item(PART, "BJ-5W30", "全合成机油 5W-30", "Synthetic oil 5W-30", "4.50", "98.00"),
    _item(PART, "BJ-1120", "机油滤清器", "Oil filter", "1.00", "68.50"),
)
JOBS = (
    Job(ServiceType.FIRST, Both("第一次来保养，请顺便看看胎压。", "First service; please look at the tire pressure, too."), (
        _item(LABOR, "GS-0100", "首次保养检查", "First service check", "1.00", "0.00"), OIL[1], OIL[2],
    )),
    Job(ServiceType.REGULAR, Both("到两万公里了，常规保养。", "It has done 20,000 km; the regular service, please."), (
        *OIL, _item(PART, "BJ-2310", "空调滤清器", "Cabin filter", "1.00", "126.00"),
        _item(LABOR, "GS-0210", "更换空调滤清器", "Fit the cabin filter", "0.30", "160.00"),
    )),
    Job(ServiceType.MAINTENANCE, Both("电车年检保养，想查一下电池健康度。", "Yearly check of the electric car; how healthy is the battery?"), (
        _item(LABOR, "GS-0901", "高压系统检查", "Check of the high-voltage system", "1.50", "180.00"),
        _item(PART, "BJ-9001", "减速器油", "Gear oil of the reducer", "1.00", "210.00"),
    )),
    Job(ServiceType.GENERAL, Both("早上冷启动时前轮有吱吱声，踩刹车更明显。", "Squeaking at the front in the morning, louder when I brake."), (
        _item(LABOR, "GS-0420", "更换前刹车片", "Replace the front brake pads", "1.50", "180.00"),
        _item(PART, "BJ-4201", "前刹车片一套", "Set of front brake pads", "1.00", "680.00"),
    )),
    Job(ServiceType.GENERAL, Both("空调不够凉，停车时还有霉味。", "The air conditioning is weak and smells musty when parked."), (
        _item(LABOR, "GS-0610", "空调系统检漏加注", "Leak test and refill of the air conditioning", "1.20", "180.00"),
        _item(PART, "BJ-6101", "制冷剂", "Refrigerant", "0.60", "240.00"),
        _item(LABOR, "GS-0612", "蒸发箱清洗", "Clean the evaporator", "1.00", "198.00"),
    )),
    Job(ServiceType.ACCIDENT, Both("停车场被刮，右后门和后杠需要喷漆。", "Scraped in a car park; right rear door and bumper need paint."), (
        _item(LABOR, "GS-0801", "右后门钣金喷漆", "Panel work and paint, right rear door", "1.00", "900.00"),
        _item(LABOR, "GS-0802", "后保险杠喷漆", "Paint the rear bumper", "1.00", "700.00"),
        _item(PART, "BJ-8011", "后杠饰条", "Trim of the rear bumper", "1.00", "265.00"),
    )),
    Job(ServiceType.RECALL, Both("收到短信说要更换安全气囊线束。", "A message says the airbag harness must be replaced."), (
        _item(LABOR, "GS-0701", "更换安全气囊线束", "Replace the airbag harness", "2.00", "160.00"),
        _item(PART, "BJ-7010", "安全气囊线束", "Airbag harness", "1.00", "420.00"),
    )),
    Job(ServiceType.WARRANTY, Both("中控屏偶尔黑屏，重启后才好。", "The center screen goes black now and then until I restart."), (
        _item(LABOR, "GS-0710", "主机诊断与更换", "Diagnose and replace the head unit", "1.80", "160.00"),
        _item(PART, "BJ-7105", "多媒体主机", "Head unit", "1.00", "3850.00"),
    )),
)
REWORK = Job(ServiceType.REWORK, Both("上次修完异响还在，请再检查。", "The noise is still there after the last repair; please check again."), (
    _item(LABOR, "GS-0009", "异响复查与紧固", "Check the noise again and tighten", "1.00", "160.00"),
))
FINDS = (
    Find(Both("拆轮检查时发现前制动盘偏磨，厚度低于极限。", "With the wheels off, the front discs are worn unevenly, below their limit."), (
        _piece(Urgency.SAFETY, "更换前制动盘一对", "Replace both front discs", "240.00", "1180.00"),
        _piece(Urgency.RECOMMENDED, "更换制动液", "Change the brake fluid", "120.00", "98.00"),
    )),
    Find(Both("右前减震器漏油，底盘有轻微渗油。", "The right front damper leaks; there is a little oil under the car."), (
        _piece(Urgency.SAFETY, "更换前减震器一对", "Replace both front dampers", "360.00", "1560.00"),
        _piece(Urgency.RECOMMENDED, "更换油底壳垫片", "Replace the gasket of the oil pan", "280.00", "75.00"),
        _piece(Urgency.OPTIONAL, "四轮定位", "Wheel alignment", "220.00", None),
    )),
    Find(Both("火花塞已用六万公里，电极间隙过大。", "The spark plugs have run 60,000 km; their gap is too wide."), (
        _piece(Urgency.RECOMMENDED, "更换火花塞四支", "Replace four spark plugs", "140.00", "360.00"),
        _piece(Urgency.OPTIONAL, "清洗节气门", "Clean the throttle", "180.00", None),
    )),
    Find(Both("两条后轮花纹深度只剩 1.8 毫米。", "The tread of both rear tires is down to 1.8 mm."), (
        _piece(Urgency.SAFETY, "更换后轮胎两条", "Replace both rear tires", "80.00", "1360.00"),
        _piece(Urgency.OPTIONAL, "轮胎氮气充气", "Fill the tires with nitrogen", "40.00", None),
    )),
    Find(Both("蓄电池启动电压偏低，雨刮胶条老化。", "The starter battery is weak, and the wiper blades are worn."), (
        _piece(Urgency.RECOMMENDED, "更换蓄电池", "Replace the battery", "60.00", "890.00"),
        _piece(Urgency.OPTIONAL, "更换雨刮胶条", "Replace the wiper blades", None, "168.00"),
    )),
)
WALKROUND = (
    Both("左前门一处细划痕，其余完好；三件套已铺。", "A thin scratch on the left front door, otherwise sound; covers are on."),
    Both("外观完好，右后轮毂有旧擦痕，已拍照。", "Outside sound; an old scuff on the right rear rim, photographed."),
    Both("后备箱有行李，客户自行带走；油量约三分之一。", "Luggage in the trunk, taken by the customer; a third of a tank."),
)
BELONGINGS = (Both("行车记录仪、雨伞", "Dash cam, umbrella"), Both("儿童座椅", "Child seat"), Both("无贵重物品", "Nothing of value"))
DEFECT = Both("试车时仍有轻微异响，右前下摆臂螺栓力矩不足，退回班组。", "A faint noise on the test drive; a bolt of the right lower arm is loose. Back to the team.")
CANCELLED = (
    Both("客户临时出差，改日再来。", "The customer had to travel and will come another day."),
    Both("配件需订货两周，客户先取车。", "The part takes two weeks; the customer took the car."),
)
REFUSED_SAFETY = Both("已书面告知制动盘低于极限的风险，客户签字自行承担。", "Told in writing of the risk of worn discs; signed by the customer.")
