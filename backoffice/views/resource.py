"""The only Flask-Admin model view: all pages of one noun, made from its plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_admin.contrib.sqla import ModelView

from backoffice.access import can
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.plan import Plan
from backoffice.views.actions import ActionPages
from backoffice.views.boards import BoardPages
from backoffice.views.building import BuilderPages
from backoffice.views.cell_editing import CellPages
from backoffice.views.columns import ColumnPages
from backoffice.views.common import person
from backoffice.views.dossiers import DossierPages
from backoffice.views.exporting import ExportPages
from backoffice.views.forms import FormPages
from backoffice.views.history import HistoryPages
from backoffice.views.importing import ImportPages
from backoffice.views.lists import ListPages
from backoffice.views.looking import LookPages
from backoffice.views.merging import MergePages
from backoffice.views.merging_pairs import PairPages
from backoffice.views.pickers import PickerPages
from backoffice.views.records import RecordPages
from backoffice.views.reporting import ReportPages
from backoffice.views.saving_views import ViewPages
from backoffice.views.trials import TrialPages

PAGES = (
    CellPages, LookPages, ListPages, PickerPages, RecordPages, FormPages, ActionPages, HistoryPages, ImportPages, ExportPages, MergePages,
    PairPages, ViewPages, ColumnPages, BuilderPages, ReportPages, BoardPages, DossierPages, TrialPages,
)


class ResourceView(*PAGES, ModelView):  # type: ignore[misc]  # Flask-Admin's views are untyped for subclasses
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
        self._urls: list[tuple[str, str, Any]] = [one for one in vars(type(self))["_urls"] if self._is_served(one[1])]

    def _is_served(self, page: str) -> bool:
        """Whether the noun declares what its page kind ``needs``; a page that no noun has takes memory in each process."""
        kind = next(one for one in type(self).__mro__[1:] if page in vars(one))  # Flask-Admin wraps each page in a copy of our own
        return "needs" not in vars(kind) or bool(getattr(self.plan.resource, vars(kind)["needs"]))

    def _refresh_cache(self) -> None:
        """Scaffold nothing: lists, filters and forms come from the plan."""

    def scaffold_auto_joins(self) -> list[str]:
        """Join nothing by itself: each page says which links it shows."""
        return []

    def is_accessible(self) -> bool:
        """Whether the person may open any page of the noun."""
        somebody = person()
        return bool(somebody.is_authenticated and can(somebody, Verb.READ, self.plan))

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        """Turn away whoever may not read the noun; only its form is open to those who may just create."""
        if name == "new_page" and can(person(), Verb.CREATE, self.plan):
            return None
        return super()._handle_view(name, **kwargs)

    def _run_view(self, page: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a page once. Flask-Admin's own way runs it a second time after a TypeError inside it."""
        return page(self, *args, **kwargs)
