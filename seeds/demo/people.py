"""Stores, colleagues, customers and their cars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from backoffice.declare import Language
from models.contact_preferences import ContactPreference, Purpose
from models.customers import CallSlot, Channel, Customer, CustomerType, Grade, Temper, UseType
from models.ownerships import Ownership, Part
from models.roles import Role
from models.staff import Staff
from models.stores import Store
from models.vehicles import Energy, Vehicle
from seeds.demo import names, numbers
from seeds.demo.stage import Stage

FOREIGN = 11
"""Every so many customers one speaks English."""
ROUTE = "地铁二号线到站后步行约五分钟；自驾请走辅路，门口有三十个免费车位。"


def open_stores(stage: Stage) -> None:
    """The three stores and the people who work there."""
    for house in names.HOUSES:
        store = Store(code=house.code, name=house.name, city=house.city, address=house.address, phone=house.phone.replace("-", ""), route=ROUTE)
        stage.stores[house.code] = store
        stage.session.add(store)
    for one in names.PEOPLE:
        person = Staff(staff_no=one.number, name=one.name, role=one.role, login=one.login, phone=one.phone, store=stage.stores.get(one.store or ""))
        stage.staff[one.number] = person
        stage.session.add(person)
    stage.session.flush()
    for one in names.PEOPLE:
        stage.staff[one.number].deputy = stage.staff.get(one.deputy or "")
    stage.session.flush()


def welcome(stage: Stage, count: int) -> list[Vehicle]:
    """So many customers with a car each; some companies have a second one."""
    phones = numbers.phones(stage.random, count)
    cars: list[Vehicle] = []
    for serial, phone in enumerate(phones, 1):
        store = list(stage.stores.values())[(0, 0, 1, 0, 2)[serial % 5]]
        with stage.scene(stage.one_of(store, Role.ADVISOR), stage.at(-stage.random.randint(70, 900), stage.random.randint(9, 17))):
            customer = _customer(stage, store, serial, phone)
            cars.append(_car(stage, customer, serial))
            if customer.customer_type is CustomerType.COMPANY:
                cars.append(_car(stage, customer, serial + 5000))
    return cars


def _customer(stage: Stage, store: Store, serial: int, phone: str) -> Customer:
    house = next(one for one in names.HOUSES if one.code == store.code)
    customer = Customer(
        store=store, phone=phone, city=house.city, region=house.region, source=stage.pick(names.SOURCES), use_type=UseType.PRIVATE,
        address=f"{stage.pick(names.STREETS)} {stage.random.randint(1, 300)} 号", preferred_slot=stage.pick([*CallSlot]),
        preferred_channel=stage.pick([*Channel]), birthday=f"{stage.random.randint(1, 12):02}-{stage.random.randint(1, 28):02}",
    )
    if serial % FOREIGN == 0:
        name = names.ENGLISH[(serial // FOREIGN) % len(names.ENGLISH)]
        customer.name, customer.language = name, Language.ENGLISH
        customer.email = f"{name.lower().replace(' ', '.')}@example.com"
    elif serial % 13 == 0:
        number = serial // 13
        customer.name, customer.customer_type, customer.birthday = names.COMPANIES[number % len(names.COMPANIES)], CustomerType.COMPANY, None
        customer.credit_code, customer.use_type = f"913201{number:02}MA1DEM{number:04}", stage.pick([UseType.OFFICIAL, UseType.TAXI])
    else:
        customer.name = stage.pick(names.SURNAMES) + stage.pick(names.GIVEN)
    _judge(stage, customer, serial)
    stage.session.add(customer)
    return customer


def _judge(stage: Stage, customer: Customer, serial: int) -> None:
    """Some have a grade, a temper, an advisor of their own."""
    if serial % 4 == 0:
        customer.grade = stage.pick([*Grade])
    if serial % 40 == 0:
        customer.grade, customer.grade_reason, customer.grade_until = Grade.GOLD, "连续六年在店保养", stage.day + timedelta(days=180)
    if serial % 9 == 0:
        customer.temper = stage.pick([*Temper])
    if serial % 6 == 0:
        customer.dedicated_advisor = stage.one_of(customer.store, Role.ADVISOR)
    if serial % 17 == 0:
        customer.use_type = UseType.ACCIDENT


def _car(stage: Stage, owner: Customer, serial: int) -> Vehicle:
    kind, house = stage.pick(names.CARS), next(one for one in names.HOUSES if one.code == owner.store.code)
    year = stage.day.year - stage.random.randint(1, 7)
    bought = min(date(year, stage.random.randint(1, 12), stage.random.randint(1, 28)), stage.day - timedelta(days=120))
    age = (stage.day - bought).days
    car = Vehicle(
        vin=numbers.vin(kind.wmi, year, serial), plate=numbers.plate(house.plates, kind.energy, serial), brand=kind.brand, series=kind.series,
        trim=f"{year}款 {kind.trim}", model_year=year, owner=owner, purchase_date=bought, mileage_km=age * stage.random.randint(18, 55),
        energy=kind.energy, color=stage.pick(names.COLORS), first_registered_on=bought + timedelta(days=9), insurer=stage.pick(names.INSURERS),
        policy_end_on=stage.day + timedelta(days=stage.random.randint(-40, 320)), service_interval_days=365,
        service_interval_km=20_000 if kind.energy is Energy.BEV else 10_000, warranty_end_on=bought + timedelta(days=3 * 365), warranty_end_km=100_000,
    )
    stage.session.add(car)
    return car


def tell_apart(stage: Stage, cars: list[Vehicle]) -> None:
    """Who else drives or pays, who bought a car from whom, and who does not want to be called."""
    for one, other in _pairs(cars, 4, 30):
        with stage.scene(stage.login("advisor"), stage.at(-60, 10)):
            stage.session.add(Ownership(vehicle=one, customer=other.owner, role=Part.DRIVER, from_on=stage.day - timedelta(days=60)))
    for one, other in _pairs(cars, 7, 45):
        with stage.scene(stage.login("advisor"), stage.at(-50, 11)):
            stage.session.add(Ownership(vehicle=one, customer=other.owner, role=Part.PAYER, from_on=stage.day - timedelta(days=50)))
    wishes = (
        (Purpose.CAMPAIGN, "只接受保养提醒"), (Purpose.SURVEY, "不参加问卷"), (Purpose.REMINDER, "自己记得保养时间"),
        (Purpose.RENEWAL, "保险由单位统一购买"),
    )
    for (purpose, reason), car in zip(wishes, cars[9::11], strict=False):
        with stage.scene(stage.login("agent"), stage.at(-40, 15)):
            stage.session.add(ContactPreference(customer=car.owner, purpose=purpose, allowed=False, reason=reason))


def _pairs(cars: list[Vehicle], first: int, step: int) -> Iterator[tuple[Vehicle, Vehicle]]:
    """Cars with another car whose owner lends a hand."""
    for at in range(first, len(cars) - 1, step):
        if cars[at].owner is not cars[at + 1].owner:
            yield cars[at], cars[at + 1]
