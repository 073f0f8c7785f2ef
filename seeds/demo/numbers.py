"""Numbers of the demo that nobody else has: VINs with a right check digit, plates, telephone numbers."""

from __future__ import annotations

from random import Random

from models.types import vin_check_digit
from models.vehicles import Energy

YEARS = "ABCDEFGHJKLMNPRSTVWXY123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_YEAR = 2010


def vin(start: str, year: int, serial: int) -> str:
    """The VIN of the car with this serial number; ``start`` are its first eight signs."""
    draft = f"{start}0{YEARS[(year - FIRST_YEAR) % len(YEARS)]}D{serial:06}"
    return f"{start}{vin_check_digit(draft)}{draft[9:]}"


def plate(city: str, energy: Energy, serial: int) -> str:
    """A plate of a city; ``serial`` below 10,000 makes it the only one of its kind there."""
    if energy is Energy.ICE:
        return f"{city}{LETTERS[serial % 7]}{serial:04}"
    return f"{city}{'D' if energy is Energy.BEV else 'F'}{serial:05}"


def phones(dice: Random, count: int) -> list[str]:
    """Mobile numbers that differ in their last four digits."""
    return [f"1990000{last:04}" for last in dice.sample(range(1000, 7000), count)]
