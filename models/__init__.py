"""The dealership: one file per noun. ``load_models`` names them in menu order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backoffice.declare import Model


def load_models() -> tuple[type[Model], ...]:
    """Import the nouns; a new noun is one import and one line here."""
    from models.authorizations import Authorization  # noqa: PLC0415  # a noun's module imports this package
    from models.contact_preferences import ContactPreference  # noqa: PLC0415  # as above
    from models.customers import Customer  # noqa: PLC0415  # as above
    from models.extra_work import ExtraWorkRequest  # noqa: PLC0415  # as above
    from models.extra_work_lines import ExtraWorkLine  # noqa: PLC0415  # as above
    from models.order_lines import OrderLine  # noqa: PLC0415  # as above
    from models.orders import ServiceOrder  # noqa: PLC0415  # as above
    from models.ownerships import Ownership  # noqa: PLC0415  # as above
    from models.staff import Staff  # noqa: PLC0415  # as above
    from models.stores import Store  # noqa: PLC0415  # as above
    from models.vehicles import Vehicle  # noqa: PLC0415  # as above

    return (
        Customer,
        Vehicle,
        Ownership,
        ContactPreference,
        ServiceOrder,
        OrderLine,
        ExtraWorkRequest,
        ExtraWorkLine,
        Authorization,
        Store,
        Staff,
    )
