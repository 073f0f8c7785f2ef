"""``docs/how-to/add-a-layout.md`` is true: the layout on the page takes the file on the page."""

from __future__ import annotations

import re

import sqlalchemy as sa

from backoffice.access import SYSTEM
from backoffice.exchange import layouts
from backoffice.exchange import stage as staging
from backoffice.exchange.options import Options
from backoffice.exchange.preparing import knows, plan_all, prepared
from backoffice.exchange.reading import open_file
from models import layouts as declared
from tests.factories import make_store
from tests.support.copies import ROOT

PAGE = (ROOT / "docs" / "how-to" / "add-a-layout.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """A piece of the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_layout_on_the_page_takes_the_file_on_the_page(app, session, tmp_path):
    """Written as the page says, it passes the checks and makes one customer with two cars."""
    names = dict(vars(declared))
    exec(block("python"), names)
    layout, file = names["CAR_LIST"], tmp_path / "cars.csv"
    file.write_text(block("csv"), encoding="utf-8")
    make_store(session, code="S1")
    session.commit()
    (target,) = layouts.frozen([layout])
    table = open_file(file, knows(target, Options()))
    with prepared(SYSTEM, target, table, Options()) as ready, staging.opened(None) as stage:
        stage.clear()
        plan_all(stage, SYSTEM, ready)
        verdicts = {part.plan.name: stage.connection.scalars(sa.select(part.rows.c.verdict)).all() for part in stage.parts()}

    assert layouts.check([*declared.LAYOUTS, layout], app.extensions["plans"]) == []
    assert (len(PAGE.splitlines()) < 40, verdicts) == (True, {"customers": ["c"], "vehicles": ["c", "c"]})
