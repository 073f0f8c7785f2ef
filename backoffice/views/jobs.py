"""The page of a job at ``/jobs/<id>``: how far it is, for people and for the script that looks again and again; and its end by hand."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, jsonify, redirect, render_template, request

from backoffice.access import can
from backoffice.accounts import redirects
from backoffice.db import db
from backoffice.declare import Verb
from backoffice.declare.journal import ImportRun
from backoffice.errors import Denied, NotFound
from backoffice.jobs import cancel
from backoffice.jobs.progress import Progress, progress_of
from backoffice.jobs.tables import Job
from backoffice.views.common import person, record_id
from backoffice.views.imports.looking import look_at

pages = Blueprint("jobs", __name__)
ABOUT_IMPORTS = "import."
"""Tasks of this kind are about an import run: who sees that sees them."""


def register(app: Flask) -> None:
    """Add the pages, and what the macro of ``jobs/progress.html`` asks for."""
    app.register_blueprint(pages)
    app.jinja_env.globals.update(progress_of=look, may_cancel=may_cancel)


@pages.get("/jobs/<number>")
def show(number: str) -> Any:
    """How far a job is: a page for a browser's address bar, JSON for everybody else."""
    job = _found(number)
    progress = look(job)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return render_template("jobs/job.html", job=job, progress=progress)
    return jsonify(progress.as_json())


@pages.post("/jobs/<number>/cancel")
def stop(number: str) -> Any:
    """Want no more of it, and go back to where the button was."""
    job = _found(number)
    if not may_cancel(job):
        raise Denied
    cancel(db.session, job)
    db.session.commit()
    return redirect(redirects.back(request.form.get("next")))


def look(job: Job) -> Progress:
    """How far a job is."""
    return progress_of(db.session, job)


def may_cancel(job: Job) -> bool:
    """Whether the person may end the job: an own one, or an import of a noun that the person may import, too."""
    if _is_own(job):
        return True
    run = db.session.get(ImportRun, job.subject_id) if job.task.startswith(ABOUT_IMPORTS) and job.subject_id else None
    plan = current_app.extensions["plans"].get(run.resource) if run is not None else None
    return plan is not None and can(person(), Verb.IMPORT, plan)


def _found(number: str) -> Job:
    """A job that the person may look at; others do not exist."""
    job = db.session.get(Job, record_id(number))
    if job is None:
        raise NotFound
    if not _is_own(job):
        if not job.task.startswith(ABOUT_IMPORTS) or job.subject_id is None:
            raise NotFound
        look_at(str(job.subject_id))
    return job


def _is_own(job: Job) -> bool:
    return job.user_id is not None and job.user_id == person().id
