"""Every noun of a full house goes out and comes back in unchanged."""

from __future__ import annotations

from datetime import date

import pytest

from backoffice.db import db
from seeds import demo
from tests.journeys.test_real_files import dump, load, verdicts


@pytest.mark.acceptance
def test_every_noun_of_the_demo_comes_back_unchanged(app):
    """Composite keys, links to them, states, personal data, both kinds of headers: nothing new, changed or refused."""
    runner = app.test_cli_runner()
    assert runner.invoke(args=["seed", "reference"]).exit_code == 0
    with app.app_context():
        demo.plant(db.session(), date(2026, 11, 21), 40)
        db.session.commit()
        changed, seen = {}, 0
        for name, plan in app.extensions["plans"].items():
            for headers in ("names", "labels") if plan.resource.importable else ():
                receipt = load(app, name, dump(app, name, headers))
                created, updated, unchanged, refused = verdicts(receipt)
                seen += unchanged
                if created or updated or refused:
                    changed[name, headers] = receipt.errors[:3]

        assert changed == {}
        assert seen > 1000
