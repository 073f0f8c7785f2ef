"""Who lives in the demo: stores, colleagues, names of customers, cars. All invented."""

from __future__ import annotations

from typing import NamedTuple

from models.roles import Role
from models.vehicles import Energy


class House(NamedTuple):
    """A store of the demo."""

    code: str
    name: str
    city: str
    region: str
    address: str
    phone: str
    plates: str


class Person(NamedTuple):
    """A colleague of the demo; only those with a login sign in."""

    number: str
    name: str
    role: Role
    store: str | None
    login: str | None = None
    phone: str | None = None
    deputy: str | None = None


class CarType(NamedTuple):
    """A kind of car: the first eight signs of its VIN, and its price class by brand and series."""

    wmi: str
    brand: str
    series: str
    trim: str
    energy: Energy


HOUSES = (
    House("DM-NJ", "南京河西旗舰店", "南京", "江苏", "建邺区梧桐大道 88 号", "025-5550-1188", "苏L"),
    House("DM-SZ", "苏州湖东店", "苏州", "江苏", "工业园区白鹭街 16 号", "0512-5550-2266", "苏N"),
    House("DM-HZ", "杭州城西店", "杭州", "浙江", "西湖区青芝路 205 号", "0571-5550-3399", "浙L"),
)
PEOPLE = (
    Person("DM001", "林晓雨", Role.AGENT, "DM-NJ", "agent", "19900007001"),
    Person("DM002", "陈立诚", Role.ADVISOR, "DM-NJ", "advisor", "19900007002"),
    Person("DM003", "高建国", Role.WORKSHOP, "DM-NJ", "workshop", "19900007003"),
    Person("DM004", "周敏", Role.SUPERVISOR, "DM-NJ", "supervisor", "19900007004", "DM014"),
    Person("DM005", "顾明远", Role.MANAGER, "DM-NJ", "manager", "19900007005", "DM024"),
    Person("DM006", "系统管理员", Role.ADMIN, None, "admin"),
    Person("DM007", "钱守正", Role.AUDITOR, None, "auditor"),
    Person("DM011", "苏婉清", Role.AGENT, "DM-NJ", None, "19900007011"),
    Person("DM012", "何俊峰", Role.ADVISOR, "DM-NJ", None, "19900007012"),
    Person("DM013", "沈佳怡", Role.ADVISOR, "DM-NJ", None, "19900007013"),
    Person("DM014", "许文博", Role.SUPERVISOR, "DM-NJ", None, "19900007014"),
    Person("DM015", "丁大力", Role.WORKSHOP, "DM-NJ", None, "19900007015"),
    Person("DM016", "马志刚", Role.WORKSHOP, "DM-NJ", None, "19900007016"),
    Person("DM021", "陆思琪", Role.AGENT, "DM-SZ", None, "19900007021"),
    Person("DM022", "吴浩然", Role.ADVISOR, "DM-SZ", None, "19900007022"),
    Person("DM023", "唐铁军", Role.WORKSHOP, "DM-SZ", None, "19900007023"),
    Person("DM024", "叶知秋", Role.MANAGER, "DM-SZ", None, "19900007024"),
    Person("DM031", "蒋雪梅", Role.AGENT, "DM-HZ", None, "19900007031"),
    Person("DM032", "Daniel Brooks", Role.ADVISOR, "DM-HZ", None, "19900007032"),
    Person("DM033", "郑国栋", Role.WORKSHOP, "DM-HZ", None, "19900007033"),
    Person("DM034", "方静", Role.SUPERVISOR, "DM-HZ", None, "19900007034"),
)
CARS = (
    CarType("LSVA2AB1", "大众", "帕萨特", "330TSI 精英版", Energy.ICE),
    CarType("LSVT4CD2", "大众", "途观L", "380TSI 两驱智享版", Energy.ICE),
    CarType("LSVE6EF3", "大众", "ID.4 X", "纯净长续航版", Energy.BEV),
    CarType("LFVA8GH4", "奥迪", "A4L", "40 TFSI 时尚动感型", Energy.ICE),
    CarType("LFVR1JK5", "奥迪", "Q5L", "45 TFSI 豪华型", Energy.ICE),
    CarType("LFVM3LM6", "大众", "迈腾 GTE", "插电混动豪华型", Energy.PHEV),
    CarType("LHLX5NP7", "理想", "L7", "Pro", Energy.EREV),
)
COLORS = ("极地白", "石墨灰", "曜石黑", "星河蓝", "晨曦银", "胭脂红")
INSURERS = ("安泰财险", "东方车险", "诚信产险")
SOURCES = ("自然到店", "老客户介绍", "车展", "官网预约", "保险公司推荐")

SURNAMES = "赵孙李吴郑王冯蒋沈韩杨朱秦尤许何吕张孔曹严华金魏陶姜谢邹喻柏章云葛范彭鲁韦马方俞任袁柳史唐薛雷贺倪汤"
GIVEN = (
    "子轩", "雨桐", "浩宇", "思源", "欣怡", "建华", "丽娟", "志远", "晓燕", "国庆", "秀英", "海涛", "梦洁", "俊杰", "婷婷", "永康",
    "佳宁", "文静", "立群", "春梅", "宏伟", "雅琴", "天佑", "若曦", "家豪", "诗涵", "长青", "玉兰", "启明", "书瑶",
)
ENGLISH = (
    "Emma Hartley", "Oliver Grant", "Sophie Lindqvist", "James Okafor", "Priya Raman", "Lucas Weber", "Hannah Cole", "Marco Bianchi",
    "Grace Whitfield", "Tom Ashdown", "Nadia Petrova", "Samuel Reyes",
)
COMPANIES = ("南京云帆物流有限公司", "苏州锦程汽车租赁有限公司", "杭州青禾科技有限公司", "南京和众出租汽车有限公司", "江苏博远建设有限公司")
STREETS = ("梅园路", "望江街", "翠竹巷", "科创大道", "湖滨西路", "金桂路")
