"""The list of a noun."""

from __future__ import annotations

from typing import Any

from flask_admin import expose

from backoffice.plan import Plan


class ListPages:
    """The list at ``/<resource>/``."""

    plan: Plan
    render: Any

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def list_page(self) -> str:
        """Show the rows that the person reaches."""
        return str(self.render("list/list.html", plan=self.plan))
