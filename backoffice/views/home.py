"""Home: what needs me now."""

from __future__ import annotations

from flask_admin import AdminIndexView, expose


class HomeView(AdminIndexView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
    """The first page after signing in."""

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def index(self) -> str:
        """List what waits for the person."""
        return str(self.render("home.html"))
