"""A flat layout that is declared wrongly is refused when the app starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backoffice.declare import Handover, Layout, Part, Twin, _
from backoffice.exchange.layouts import check, frozen
from backoffice.plan import Plans, plan_of
from models import load_models
from models.layouts import LAYOUTS
from tests import toys
from tests.backoffice.test_checks import ids, with_resource

READERS = Part(toys.Reader, ("card", "name", "mobile", "branch"))
LOANS = Part(toys.Loan, ("loan_no", "title"), links={"reader": toys.Reader})


def found(*parts: Part, name: str = "desk") -> set[str]:
    return {finding.id for finding in check([Layout(name, _("Desk", "柜台"), parts)], Plans(toys.MODELS))}


def test_the_layouts_of_the_tests_and_of_the_house_are_declared_well():
    """The checks find nothing where nothing is wrong."""
    assert found(READERS, LOANS) == set()
    assert check(toys.LAYOUTS, Plans(toys.MODELS)) == []
    assert check(LAYOUTS, Plans(load_models())) == []


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((READERS, READERS), "B022"),
        ((Part(toys.Reader, ("card", "shoe")),), "B023"),
        ((Part(toys.Reader, ("card",), fills=("name",)),), "B023"),
        ((Part(toys.Reader, ("card", "archived_at")),), "B023"),
        ((Part(toys.Reader, ("name",)),), "B024"),
        ((LOANS, READERS), "B025"),
        ((READERS, replace(LOANS, links={"branch": toys.Reader})), "B025"),
        ((READERS, replace(LOANS, headers={"title": ("姓名",)})), "B026"),
    ],
)
def test_a_wrong_layout_is_found(parts: tuple[Part, ...], expected: str):
    """Each way to be wrong has its own number."""
    assert expected in found(*parts)


def test_a_layout_is_no_noun():
    """One word on the command line means one thing."""
    assert found(READERS, name="readers") == {"B021"}


@pytest.mark.parametrize(
    "doubt",
    [
        Twin("mobile", unlike="nickname", code="twin", why=_("Twin", "孪生")),
        Twin("branch", unlike="name", code="twin", why=_("Twin", "孪生")),
        Handover("mobile", code="other", why=_("Other", "其他")),
    ],
)
def test_a_doubt_about_nothing_is_found(doubt: Any):
    """Doubts are about fields that exist, and of the right sort."""
    assert "B020" in ids(with_resource(plan_of(toys.Reader), doubts=(doubt,)))


def test_a_link_to_one_noun_may_feed_several_parts():
    """A branch in the file is the branch of the reader and of the librarian alike."""
    people = Part(toys.Librarian, ("badge", "branch"))
    (layout,) = frozen([Layout("desk", _("Desk", "柜台"), (READERS, people))])

    assert [(part.plan.name, one.name) for part, one in layout.of("分馆")] == [("readers", "branch"), ("librarians", "branch")]
