"""django-import-export on tables like ours: ``python benchmarks/django_peer.py URL FILE STORED MOST``, in the peers' own environment."""

from __future__ import annotations

import csv
import json
import sys
import time
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.db import connection, models

url, file, stored, most = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
parts = urlsplit(url)
PLACE = (
    {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:] if parts.path.startswith("//") else parts.path}
    if parts.scheme == "sqlite"
    else {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "HOST": parts.hostname, "PORT": parts.port, "USER": parts.username}
)
sys.modules["peer"] = sys.modules[__name__]  # the app is this file
settings.configure(DATABASES={"default": PLACE}, INSTALLED_APPS=["import_export", "peer"], USE_TZ=True, TIME_ZONE="Asia/Shanghai")
django.setup()

import tablib  # noqa: E402  # after the settings, as Django wants it
from import_export import fields, resources, widgets  # noqa: E402  # as above


class Vehicle(models.Model):
    """A car."""

    vin = models.CharField(max_length=40, unique=True)

    class Meta:
        app_label = "peer"

    def __str__(self) -> str:
        return self.vin


class Order(models.Model):
    """An order with the same fourteen columns."""

    order_no = models.CharField(max_length=40, unique=True)
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT)
    plate = models.CharField(max_length=200, blank=True)
    customer = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    mileage = models.IntegerField(null=True, blank=True)
    service = models.CharField(max_length=32, choices=[("upkeep", "Upkeep"), ("repair", "Repair"), ("recall", "Recall")])
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    is_paid = models.BooleanField(default=False)
    complaint = models.TextField(blank=True)
    remark = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "peer"

    def __str__(self) -> str:
        return self.order_no


class OrderResource(resources.ModelResource):
    """Matched by number, linked by VIN, checked as models are."""

    vehicle = fields.Field(column_name="vin", attribute="vehicle", widget=widgets.ForeignKeyWidget(Vehicle, "vin"))

    class Meta:
        model = Order
        import_id_fields = ("order_no",)
        exclude = ("id",)
        skip_unchanged = True
        clean_model_instances = True
        use_transactions = True


def fill(rows: list[dict[str, str]]) -> None:
    """Tables with the cars of the file, its known orders, and others up to the size that is asked for."""
    with connection.schema_editor() as editor:
        editor.create_model(Vehicle)
        editor.create_model(Order)
    Vehicle.objects.bulk_create([Vehicle(vin=vin) for vin in dict.fromkeys(row["vin"] for row in rows)], batch_size=500)
    cars = dict(Vehicle.objects.values_list("vin", "id"))
    known = [Order(order_no=row["order_no"], vehicle_id=cars[row["vin"]], service=row["service"], remark="", source="dms") for row in rows[::2]]
    others = (Order(order_no=f"XX{number:010d}", vehicle_id=1, service="upkeep") for number in range(stored - len(known)))
    Order.objects.bulk_create(known, batch_size=500)
    while some := list(islice(others, 5_000)):
        Order.objects.bulk_create(some, batch_size=500)


def memory() -> int:
    """The most memory that this process has held so far, in MB."""
    return int(Path("/proc/self/status").read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) // 1024


with open(file, encoding="utf-8-sig", newline="") as lines:  # noqa: PTH123  # one file
    sample = list(islice(csv.DictReader(lines), most))
for row in sample:
    row["is_paid"] = "1" if row["is_paid"] == "yes" else "0"
fill(sample)
names = list(sample[0])
before, start = memory(), time.perf_counter()
table = tablib.Dataset(*[[row[name] for name in names] for row in sample], headers=names)
result = OrderResource().import_data(table, dry_run="dry" in sys.argv, raise_errors=True)
seconds = time.perf_counter() - start
assert result.totals["new"] + result.totals["update"] == len(sample), result.totals
print(json.dumps({"rows": len(sample), "seconds": seconds, "before": before, "peak": memory()}))
