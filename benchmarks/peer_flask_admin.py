"""Flask-Admin on the tables of the demo, signed in by a cookie: ``gunicorn benchmarks.peer_flask_admin:app``, in the peers' own environment."""

from __future__ import annotations

import os

from flask import Flask, redirect, session
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from sqlalchemy import ForeignKey, Numeric, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker


class Base(DeclarativeBase):
    """The columns that a list of orders shows and searches, and a form edits."""


class Staff(Base):
    """A colleague."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_no: Mapped[str]
    name: Mapped[str]

    def __str__(self) -> str:
        return f"{self.staff_no} {self.name}"


class Customer(Base):
    """A customer."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_no: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]

    def __str__(self) -> str:
        return f"{self.customer_no} {self.name}"


class Vehicle(Base):
    """A car."""

    __tablename__ = "vehicles"
    id: Mapped[int] = mapped_column(primary_key=True)
    vin: Mapped[str]
    plate: Mapped[str | None]

    def __str__(self) -> str:
        return f"{self.plate} {self.vin}"


class Order(Base):
    """An order."""

    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str]
    vehicle_id: Mapped[int] = mapped_column(ForeignKey(Vehicle.id))
    vehicle: Mapped[Vehicle] = relationship()
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    customer: Mapped[Customer] = relationship()
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey(Staff.id))
    advisor: Mapped[Staff | None] = relationship()
    service_type: Mapped[str]
    status: Mapped[str]
    checked_in_at: Mapped[str | None]
    promised_at: Mapped[str | None]
    amount: Mapped[float | None] = mapped_column(Numeric())
    customer_words: Mapped[str | None]
    mileage_km: Mapped[int | None]
    payer: Mapped[str | None]


class Guarded(ModelView):
    """Only for who has signed in."""

    page_size, can_set_page_size = 50, False

    def is_accessible(self) -> bool:
        return session.get("who") == "admin"


class Orders(Guarded):
    """Set up as its makers advise for a large table: links loaded with the rows, pickers by Ajax."""

    column_list = ("order_no", "vehicle", "customer", "service_type", "advisor", "status", "checked_in_at", "promised_at", "amount")
    column_default_sort = ("checked_in_at", True)
    column_sortable_list = ("order_no", "checked_in_at", "promised_at")
    column_filters = ("service_type", "status")
    column_searchable_list = ("order_no",)
    form_ajax_refs = {
        "vehicle": {"fields": ("vin", "plate"), "page_size": 10}, "customer": {"fields": ("name", "phone"), "page_size": 10},
        "advisor": {"fields": ("name",), "page_size": 10},
    }


class Customers(Guarded):
    """Found by their name."""

    column_searchable_list = ("name",)


class Vehicles(Guarded):
    """Found by their VIN."""

    column_searchable_list = ("vin",)


url = os.environ["PEER_URL"]
engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
Session = scoped_session(sessionmaker(engine))
app = Flask("peer")
app.secret_key = "only to measure"
admin = Admin(app)
admin.add_view(Orders(Order, Session, endpoint="orders"))
admin.add_view(Customers(Customer, Session, endpoint="customers"))
admin.add_view(Vehicles(Vehicle, Session, endpoint="vehicles"))


@app.get("/enter")
def enter():  # noqa: ANN201  # a script
    """Sign in."""
    session["who"] = "admin"
    return redirect("/admin/orders/")


@app.teardown_request
def give_back(_error: object) -> None:
    """Return the connection."""
    Session.remove()
