"""Customers of the years before, their cars, and that they own them."""

from __future__ import annotations

from datetime import timedelta

from backoffice.declare import Language
from models.customers import CallSlot, Channel, CustomerType, Grade, UseType
from models.ownerships import Part
from models.roles import Role
from models.types import vin_check_digit
from models.vehicles import Energy
from seeds.demo import names
from seeds.demo.numbers import FIRST_YEAR, LETTERS, YEARS
from seeds.demo.past.era import Era
from seeds.demo.past.press import Columns, Memo

SECOND = "子雨浩思欣建丽志晓国秀海梦俊婷永佳文立春宏雅天若家诗长玉启书明"
THIRD = "轩桐宇源怡华娟远燕庆英涛洁杰康宁静群梅伟琴佑曦豪涵青兰瑶峰"
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
MANY = 7_919_993
"""A prime: multiplied by it, serial numbers look like telephone numbers and stay different."""
PLATES, GREEN = 34 * 24 * 1_000, 24 * 10_000
"""How many plates a city has, of either kind, whose second sign is a letter: no car of the lived demo has one there."""
TURN = {0: 0, 1: 1, 3: 2}
"""Of five customers these are of the first store."""
REST = "0123456789X"
"""The check digits of a VIN, by the rest that they stand for."""
ROUND = 5 * len(names.CARS)
"""After so many customers every store has had every kind of car."""


def _is_company(serial: int) -> bool:
    return serial % 23 == 13


def _is_foreign(serial: int) -> bool:
    return serial % 31 == 11


def _name(serial: int, chance: float) -> str:
    if _is_company(serial):
        return names.COMPANIES[serial % len(names.COMPANIES)].replace("有限公司", f"第{serial // 23 % 89 + 2}分公司")
    if _is_foreign(serial):
        return names.ENGLISH[serial // 31 % len(names.ENGLISH)]
    at = int(chance * len(names.SURNAMES) * len(SECOND) * len(THIRD) * 2)
    at, short = divmod(at, 2)
    at, third = divmod(at, len(THIRD))
    last, second = divmod(at, len(SECOND))
    return names.SURNAMES[last] + SECOND[second] + ("" if short and third % 3 == 0 else THIRD[third])


def customers(era: Era, serials: range) -> Columns:
    """One customer for each serial number."""
    dice, count = era.dice("customers", serials), len(serials)
    advisors = era.staff(Role.ADVISOR)
    houses = [era.house(serial) for serial in serials]
    streets, doors = dice.choices(names.STREETS, k=count), dice.choices(range(1, 300), k=count)
    months, days = dice.choices(range(1, 13), k=count), dice.choices(range(1, 29), k=count)
    grades = dice.choices((None, None, None, *Grade), k=count)
    return {
        "customer_no": [f"DMC{serial + 1:08}" for serial in serials],
        "name": [_name(serial, chance) for serial, chance in zip(serials, (dice.random() for _one in serials), strict=True)],
        "phone": [f"1991{serial * MANY % 10_000_000:07}" for serial in serials],
        "city": [house.city for house in houses], "region": [house.region for house in houses],
        "address": [f"{street} {door} 号" for street, door in zip(streets, doors, strict=True)],
        "customer_type": [CustomerType.COMPANY if _is_company(serial) else CustomerType.PERSON for serial in serials],
        "credit_code": [f"913201{serial % 90 + 10:02}MA{serial:08}" if _is_company(serial) else None for serial in serials],
        "language": [Language.ENGLISH if _is_foreign(serial) else Language.CHINESE for serial in serials],
        "birthday": [
            None if _is_company(serial) else f"{month:02}-{day:02}" for serial, month, day in zip(serials, months, days, strict=True)
        ],
        "store_id": [era.stores[era.shop(serial)] for serial in serials], "since": [era.bought(serial) for serial in serials],
        "use_type": [UseType.OFFICIAL if _is_company(serial) else UseType.PRIVATE for serial in serials], "grade": grades,
        "preferred_slot": dice.choices(tuple(CallSlot), k=count), "preferred_channel": dice.choices(tuple(Channel), k=count),
        "dedicated_advisor_id": [
            advisors[era.shop(serial)][serial % len(advisors[era.shop(serial)])] if serial % 6 == 0 else None for serial in serials
        ],
        "source": dice.choices(names.SOURCES, k=count),
    }


def _rest(vin: str) -> int:
    return REST.index(vin_check_digit(vin))


HEADS = Memo(lambda head: _rest(f"{head}000000"))
TAILS = Memo(lambda tail: _rest(f"{tail:017}"))
"""A check digit is the rest of a sum: of a head's, of the thousands of a serial number, and of what is below a thousand."""


def _vin(start: str, year: int, serial: int) -> str:
    letter, below = YEARS[(year - FIRST_YEAR) % len(YEARS)], serial % 1_000
    rest = HEADS[f"{start}0{letter}H"] + TAILS[serial - below] + TAILS[below]
    return f"{start}{REST[rest % 11]}{letter}H{serial:06}"


def _plate(city: str, kind: int, serial: int) -> str:
    """Of the cars of one city and kind each has a rank of its own, and the rank a plate."""
    energy = names.CARS[kind].energy
    rank = ((serial // ROUND * len(TURN) + TURN.get(serial % 5, 0)) * len(names.CARS) + kind) * MANY
    if energy is Energy.ICE:
        letter, number = divmod(rank % PLATES, 1_000)
        return f"{city}{SIGNS[letter // 24]}{LETTERS[letter % 24]}{number:03}"
    letter, number = divmod(rank % GREEN, 10_000)
    return f"{city}{'D' if energy is Energy.BEV else 'F'}{LETTERS[letter]}{number:04}"


def cars(era: Era, serials: range) -> Columns:
    """One car for each customer."""
    dice, count = era.dice("cars", serials), len(serials)
    places, bought = [serial // 5 % len(names.CARS) for serial in serials], [era.bought(serial) for serial in serials]
    kinds = [names.CARS[place] for place in places]
    ages = [(era.day - day).days for day in bought]
    distances, insured = dice.choices(range(18, 45), k=count), dice.choices(range(-40, 320), k=count)
    next_ones = dice.choices(range(5, 360), k=count)
    return {
        "vin": [_vin(kind.wmi, day.year, serial) for kind, day, serial in zip(kinds, bought, serials, strict=True)],
        "plate": [_plate(era.house(serial).plates, place, serial) for place, serial in zip(places, serials, strict=True)],
        "brand": [kind.brand for kind in kinds], "series": [kind.series for kind in kinds],
        "trim": [f"{day.year}款 {kind.trim}" for kind, day in zip(kinds, bought, strict=True)], "model_year": [day.year for day in bought],
        "owner_id": [era.customers + serial for serial in serials], "purchase_date": bought,
        "mileage_km": [age * distance for age, distance in zip(ages, distances, strict=True)],
        "energy": [kind.energy for kind in kinds], "color": dice.choices(names.COLORS, k=count),
        "first_registered_on": [day + timedelta(days=9) for day in bought], "insurer": dice.choices(names.INSURERS, k=count),
        "policy_end_on": [era.day + timedelta(days=days) for days in insured],
        "next_service_on": [era.day + timedelta(days=days) for days in next_ones], "service_interval_days": 365,
        "service_interval_km": [20_000 if kind.energy is Energy.BEV else 10_000 for kind in kinds],
        "warranty_end_on": [day + timedelta(days=3 * 365) for day in bought], "warranty_end_km": 100_000,
    }


def ownerships(era: Era, serials: range, bought: Columns) -> Columns:
    """Each has owned the car since it was bought."""
    return {
        "vehicle_id": [era.cars + serial for serial in serials], "customer_id": [era.customers + serial for serial in serials],
        "role": Part.OWNER, "from_on": bought["purchase_date"],
    }

