"""Home: what needs me now."""

from __future__ import annotations

from flask_admin import AdminIndexView, expose

from backoffice.declare import _
from backoffice.views.common import person


class HomeView(AdminIndexView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
    """The first page after signing in."""

    def __init__(self) -> None:
        super().__init__(name=_("Home"), url="/", menu_icon_value="house")

    def is_accessible(self) -> bool:
        """Everybody who is signed in has a home."""
        return bool(person().is_authenticated)

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def index(self) -> str:
        """List what waits for the person."""
        return str(self.render("home.html"))
