"""The one place where the parts meet: from a configuration and models to a running app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from backoffice import accounts, checks, cli, db, errors, health, i18n, jobs, messages, saving, search, security, spools, views
from backoffice.audit import record as trail
from backoffice.declare import Choice, Layout, Model, Right
from backoffice.declare.journal import JOURNAL_RIGHTS, AuditEntry, ImportRun
from backoffice.declare.views import SavedView
from backoffice.exchange import layouts as flat
from backoffice.exchange import tasks as _exchange_tasks  # noqa: F401  # so that workers know them
from backoffice.plan import Plans
from backoffice.routes import Route

if TYPE_CHECKING:
    from config import Config

ROOT = Path(__file__).parent.parent
saving.register(db.db.session)
trail.register(db.db.session)
search.watch(db.db.session)
JOURNAL: tuple[type[Model], ...] = (SavedView, ImportRun, messages.Outgoing, AuditEntry)


def create_app(
    config: Config, models: Iterable[type[Model]], journal: Mapping[str, Mapping[Choice, Right]] | None = None, layouts: Sequence[Layout] = (),
) -> Flask:
    """Make the app of a domain.

    ``models`` are its nouns in menu order. ``journal`` gives the rights on the records that the
    house keeps by itself: ``{"audit": {role: Right}, "imports": …, "views": …, "outbox": …}``; without it nobody sees them.
    Whoever may change ``views`` saves them for a team or for everybody; personal ones need no right.
    ``layouts`` are the flat files that are taken apart into several nouns.
    Raises :class:`~backoffice.declare.BadDeclaration` with every wrong declaration.
    """
    app = Flask("backoffice", root_path=str(ROOT / "backoffice"), instance_path=str(config.instance_path))
    app.url_rule_class = Route
    app.config.update(settings(config))
    plans = Plans((*models, *_journal(journal or {})))
    checks.insist(plans, flat.check(layouts, plans))
    app.extensions["plans"] = plans
    app.extensions["layouts"] = {one.name: one for one in flat.frozen(layouts)}
    for room in (spools, db, search, jobs, security, accounts, i18n, health, errors, views, cli):
        room.register(app)
    csrf = CSRFProtect(app)  # last: by then it is known who asks, and in which language to say no
    for view in app.view_functions.values():
        if getattr(view, "reads_its_own_form", False):
            csrf.exempt(view)
    return app


def settings(config: Config) -> dict[str, Any]:
    """Flask's settings, from ours."""
    return {
        "SECRET_KEY": config.secret_key, "SQLALCHEMY_DATABASE_URI": config.database_url, "MIGRATIONS": ROOT / "migrations",
        "TIMEZONE": config.timezone, "LOCALE": config.locale, "PRODUCTION": config.is_production, "DEMO_PASSWORD": config.demo_password,
        "TRUSTED_PROXIES": config.trusted_proxies, "QUEUE_URL": config.queue_url, "IMPORT_APPROVAL_ROWS": config.import_approval_rows,
        "PUBLIC_URL": config.public_url, "SMTP_HOST": config.smtp_host, "SMTP_PORT": config.smtp_port, "SMTP_TLS": config.smtp_tls,
        "SMTP_USER": config.smtp_user, "SMTP_PASSWORD": config.smtp_password, "MAIL_FROM": config.mail_from,
        "WEBHOOK_URL": config.webhook_url, "WEBHOOK_SECRET": config.webhook_secret,
        "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax", "SESSION_COOKIE_SECURE": config.is_production,
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024, "WTF_CSRF_TIME_LIMIT": 12 * 3600, "BOOTSTRAP_SERVE_LOCAL": True,
    }


def _journal(rights: Mapping[str, Mapping[Choice, Right]]) -> Iterator[type[Model]]:
    """The models of the journal that the domain lets somebody see."""
    for model in JOURNAL:
        if given := rights.get(model.__resource__.name):
            JOURNAL_RIGHTS[model.__resource__.name].update(given)
            yield model
