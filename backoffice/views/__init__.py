"""The generated pages, on Flask-Admin: its registration, menu, blueprints and form conversion."""

from __future__ import annotations

from flask import Flask
from flask_admin import Admin
from flask_bootstrap import Bootstrap5

from backoffice.views import inbox, jobs, pinned, shell
from backoffice.views.exports import exports
from backoffice.views.home import HomeView
from backoffice.views.importing_layouts import flat_files
from backoffice.views.imports import receipts
from backoffice.views.imports.batches import run_title
from backoffice.views.mapping import mapping
from backoffice.views.merging_words import may_merge, past_of, watched
from backoffice.views.reporting import ReportLink
from backoffice.views.resource import ResourceView
from backoffice.views.search import search
from backoffice.views.writing import next_address


def register(app: Flask) -> None:
    """Register one view for each plan, in menu order, behind ``/<resource>/``."""
    Bootstrap5(app)
    shell.register(app)
    app.register_blueprint(search)
    app.register_blueprint(receipts)  # before the plan of imports, whose page it takes the place of
    app.register_blueprint(mapping)
    app.register_blueprint(flat_files)
    app.register_blueprint(exports)
    jobs.register(app)
    pinned.register(app)
    inbox.register(app)
    app.jinja_env.globals.update(may_merge=may_merge, past_of=past_of, watched=watched, run_title=run_title, next_address=next_address)
    admin = Admin(app, name="Aftercare", index_view=HomeView())
    for plan in app.extensions["plans"].values():
        view = ResourceView(plan)
        admin.add_view(view)
        view.blueprint.deferred_functions.clear()  # what it would do on another app: a closure for each of a thousand addresses
        if plan.resource.report is not None:
            admin.add_menu_item(ReportLink(plan, plan.resource.report), plan.resource.group)
