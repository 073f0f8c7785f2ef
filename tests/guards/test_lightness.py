"""What a process that shows pages does not carry about."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.copies import ROOT

HEAVY = {"alembic", "flask_migrate", "huey", "mako", "psycopg", "pygments", "xlsxwriter"}


def test_pages_are_served_without_what_only_commands_and_files_need(tmp_path):
    """Together it is a fifth of the memory of a process; each is imported where it is used."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}", "SECRET_KEY": "for tests only " * 3}
    loaded = subprocess.run([sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert "sqlalchemy" in loaded.stdout.split()
    assert not HEAVY & set(loaded.stdout.split())


def test_pages_are_served_without_docstrings(tmp_path):
    """``PYTHONOPTIMIZE=2`` spares 5 MB: nothing that a page needs stands in a docstring or an assertion."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}", "SECRET_KEY": "for tests only " * 3, "PYTHONOPTIMIZE": "2"}
    script = "import wsgi; c = wsgi.app.test_client(); print(wsgi.__doc__, *(c.get(path).status_code for path in ('/healthz', '/login', '/orders/', '/readyz')))"
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, env=environment, capture_output=True, check=True)
    shown = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert shown.stdout.split() == ["None", "200", "200", "302", "200"]
