"""Django's admin on the tables of the demo: ``gunicorn benchmarks.peer_django:app``, in the peers' own environment."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings

parts = urlsplit(os.environ["PEER_URL"])
PLACE = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:]}
    if parts.scheme == "sqlite"
    else {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "HOST": parts.hostname, "PORT": parts.port, "USER": parts.username,
        "CONN_MAX_AGE": None,
    }
)
sys.modules["peer"] = sys.modules[__name__]  # the app is this file
settings.configure(
    SECRET_KEY="only to measure", DATABASES={"default": PLACE}, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, STATIC_URL="/static/",
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages", "peer"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages",
        ]},
    }],
)
django.setup()

from django.contrib import admin  # noqa: E402  # after the settings, as Django wants it
from django.contrib.auth import get_user_model, login  # noqa: E402  # as above
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402  # as above
from django.core.management import call_command  # noqa: E402  # as above
from django.db import models  # noqa: E402  # as above
from django.http import HttpResponse  # noqa: E402  # as above
from django.urls import path  # noqa: E402  # as above


class Staff(models.Model):
    """A colleague."""

    staff_no = models.CharField(max_length=40)
    name = models.CharField(max_length=100)

    class Meta:
        app_label, managed, db_table = "peer", False, "staff"

    def __str__(self) -> str:
        return f"{self.staff_no} {self.name}"


class Customer(models.Model):
    """A customer."""

    customer_no = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=32)

    class Meta:
        app_label, managed, db_table = "peer", False, "customers"

    def __str__(self) -> str:
        return f"{self.customer_no} {self.name}"


class Vehicle(models.Model):
    """A car."""

    vin = models.CharField(max_length=17)
    plate = models.CharField(max_length=8)

    class Meta:
        app_label, managed, db_table = "peer", False, "vehicles"

    def __str__(self) -> str:
        return f"{self.plate} {self.vin}"


class Order(models.Model):
    """An order."""

    order_no = models.CharField(max_length=40)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    advisor = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)
    service_type = models.CharField(max_length=32)
    status = models.CharField(max_length=32)
    checked_in_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    amount = models.IntegerField(null=True)
    customer_words = models.TextField()
    mileage_km = models.IntegerField(null=True)
    payer = models.CharField(max_length=32)

    class Meta:
        app_label, managed, db_table = "peer", False, "orders"

    def __str__(self) -> str:
        return self.order_no


@admin.register(Order)
class Orders(admin.ModelAdmin):
    """Set up as its makers advise for a large table: links joined, pickers by Ajax, no second count."""

    list_display = ("order_no", "vehicle", "customer", "service_type", "advisor", "status", "checked_in_at", "promised_at", "amount")
    list_select_related = ("vehicle", "customer", "advisor")
    list_per_page, ordering, show_full_result_count = 50, ("-checked_in_at",), False
    autocomplete_fields = ("vehicle", "customer", "advisor")
    list_filter = ("service_type",)
    search_fields = ("order_no",)


@admin.register(Customer)
class Customers(admin.ModelAdmin):
    """Found by their name."""

    search_fields, list_per_page, show_full_result_count = ("name",), 50, False
    list_display = ("customer_no", "name", "phone")


@admin.register(Vehicle)
class Vehicles(admin.ModelAdmin):
    """Found by their VIN."""

    search_fields, list_per_page, show_full_result_count = ("vin",), 50, False
    list_display = ("vin", "plate")


@admin.register(Staff)
class Colleagues(admin.ModelAdmin):
    """Only so that they can be picked."""

    search_fields = ("name",)


def enter(request):  # noqa: ANN001, ANN201  # a script
    """Sign in."""
    people = get_user_model().objects
    login(request, people.filter(username="bench").first() or people.create_superuser("bench", password="only to measure"))
    return HttpResponse("in")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
urlpatterns = [path("enter", enter), path("admin/", admin.site.urls)]
app = WSGIHandler()
