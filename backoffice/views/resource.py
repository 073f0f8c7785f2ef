"""The only Flask-Admin model view: all pages of one noun, made from its plan."""

from __future__ import annotations

from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_login import current_user

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.plan import Plan

class ResourceView(ModelView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
    """The pages of one noun at ``/<resource>/``; each page kind is a mix-in in a file of its own."""

    # Flask-Admin's own pages guard neither rows nor fields; with None none of them is registered.
    index_view = create_view = edit_view = details_view = delete_view = None
    action_view = export = ajax_lookup = ajax_update = None

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            plan.model, db, name=plan.resource.plural, category=plan.resource.group, endpoint=plan.name, url=f"/{plan.name}",
            menu_icon_value=plan.resource.icon,
        )

    def _refresh_cache(self) -> None:
        """Scaffold nothing: lists, filters and forms come from the plan."""

    def scaffold_auto_joins(self) -> list[str]:
        """Join nothing by itself: each page says which links it shows."""
        return []

    def is_accessible(self) -> bool:
        """Whether the person may open any page of the noun."""
        return bool(current_user.is_authenticated and can(current_user, Verb.READ, self.plan))

    @expose("/")  # type: ignore[untyped-decorator]  # Flask-Admin's decorator
    def list_page(self) -> str:
        """The list."""
        return ""
