"""A wrong declaration never reaches a request."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import Mapped, mapped_column, registry

from backoffice import checks, list_checks
from backoffice.declare import (
    Alike,
    BadDeclaration,
    Board,
    By,
    Merge,
    Model,
    Number,
    Per,
    Report,
    Right,
    Tally,
    Trial,
    Tried,
    Verb,
    _,
    action,
    field,
)
from backoffice.plan import Plan, Plans, plan_of
from backoffice.views import links
from tests import toys


class Kept(Model):
    """Wrong declarations stand on a registry of their own, so that no other test sees their tables."""

    __abstract__ = True
    registry = registry(metadata=MetaData(), type_annotation_map=Model.registry.type_annotation_map)
    metadata = registry.metadata


def with_resource(plan: Plan, **changed: Any) -> Plan:
    return replace(plan, resource=replace(plan.resource, **changed))


def ids(plan: Plan) -> set[str]:
    plans = Plans(toys.MODELS)
    return {finding.id for one in checks._CHECKS for finding in one(plan, plans)}


def test_the_toys_are_declared_well() -> None:
    """The checks find nothing where nothing is wrong."""
    assert checks.check(Plans(toys.MODELS)) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"key": ("nothing",)}, "B002"),
        ({"columns": ("card", "colour")}, "B003"),
        ({"search": ("branch.color",)}, "B003"),
        ({"order": ("-age",)}, "B003"),
        ({"key": ("name",)}, "B004"),
        ({"rights": {toys.Role.CLERK: Right(Verb.READ, hidden=frozenset({"wage"}))}}, "B016"),
        ({"rights": {}}, "B017"),
        ({"rights": {toys.Role.HEAD: Right(Verb.READ)}}, "B037"),
        ({"title": ("name", "mobile")}, "B018"),
        ({"contact": ("branch.mobile",)}, "B003"),
        ({"contact": ("branch.name",)}, "B019"),
        ({"contact": ("mobile",)}, "B019"),
        ({"report": Report(_("R"), at="branch", figures=())}, "B050"),
        ({"report": Report(_("R"), at="member_since", figures=(), by=(By("mobile"),))}, "B051"),
        ({"report": Report(_("R"), at="member_since", figures=(), by=(Per("books.state", _("S")),))}, "B051"),
        ({"report": Report(_("R"), at="member_since", figures=(Tally(name="a.b", label=_("A"), where=lambda reader: reader.id > 0),))}, "B052"),
        ({"report": Report(_("R"), at="member_since", figures=(), filters=("age",))}, "B052"),
        ({"board": Board(_("B"), columns="branch", state="age", due="member_since", since="created_at")}, "B055"),
        ({"board": Board(_("B"), columns="name", state="name", due="created_at", since="created_at")}, "B056"),
        ({"trial": Trial(_("T"), of="loans", at="title", run=lambda _one, _rows: Tried(0), changes=lambda _one: ())}, "B059"),
        ({"merge": Merge(by=(toys.Role.HEAD,), into="branch")}, "B035"),
        ({"merge": Merge(by=(toys.Role.HEAD,), most=("age",))}, "B036"),
        ({"merge": Merge(by=(toys.Role.HEAD,), alike=(Alike("age", code="same_age", why=_("The same age")),))}, "B036"),
    ],
)
def test_an_option_that_names_nothing_is_found(changed: dict[str, Any], expected: str) -> None:
    """Each option of a page is checked against the fields that exist."""
    assert expected in ids(with_resource(plan_of(toys.Reader), **changed))


@pytest.mark.parametrize(
    ("model", "changed", "expected"),
    [
        (toys.Loan, {"filters": ("fine",)}, "B031 Loan.fine"),
        (toys.Loan, {"filters": ("reader.name",)}, "B031 Loan.reader.name"),
        (toys.Loan, {"order": ("-renewals",)}, "B032 Loan.renewals"),
        (toys.Loan, {"order": ("reader",)}, "B032 Loan.reader"),
        (toys.Loan, {"search": ("loan_no", "reader.email")}, "B033 Loan.reader.email"),
        (toys.Note, {"search": ("text",)}, "B033 Note.text"),
        (toys.Note, {"columns": ("loan.reader",)}, "B034 Note.loan.reader"),
        (toys.Note, {"title": ("answers", "line_no")}, None),
    ],
)
def test_a_list_that_grows_asks_nothing_that_no_index_answers(model: type[Model], changed: dict[str, Any], expected: str | None) -> None:
    """Filters, orders, searches and columns that would read every row are named; small nouns may have them all."""
    plan = plan_of(model)

    def found(*, small: bool) -> list[str]:
        return [str(one) for check in list_checks.CHECKS for one in check(with_resource(plan, small=small, **changed), Plans(toys.MODELS))]

    assert [one.split(":")[0] for one in found(small=False)] == ([expected] if expected else [])
    assert found(small=True) == []


def test_a_name_made_by_a_method_or_over_many_links_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row of a list would ask again what it is called."""

    class Spine(Kept):
        __tablename__ = "spines"
        __resource__ = replace(toys.Branch.__resource__, name="spines", small=False, columns=(), search=(), title=())
        code: Mapped[str] = field(_("Code"), unique=True)

        def __str__(self) -> str:
            return self.code

    plans = Plans(toys.MODELS)
    noted = with_resource(plan_of(toys.Note), columns=("answers",))

    assert list_checks.LOADED == links.DEEPEST
    assert [one.id for one in list_checks.growing(plan_of(Spine), plans)] == ["B034"]
    assert list(list_checks.growing(noted, plans)) == []

    monkeypatch.setattr(list_checks, "LOADED", 0)
    assert "Loan is too many links away" in str(next(list_checks.growing(noted, plans)))


def test_a_finding_names_the_class_the_field_and_the_remedy() -> None:
    """The developer reads where it is wrong and what to do."""
    finding = next(iter(checks._named_fields(with_resource(plan_of(toys.Reader), columns=("colour",)), Plans(toys.MODELS))))

    assert str(finding) == "B003 Reader: columns names 'colour', which is no field. Name a field, over links with a dot."


def test_an_action_for_a_role_that_may_not_act_is_found() -> None:
    """A button that nobody could press is a mistake."""
    rights = {toys.Role.CLERK: Right(Verb.READ), toys.Role.HEAD: Right(Verb.READ)}

    assert "B008" in ids(with_resource(plan_of(toys.Loan), rights=rights))


def test_two_fields_may_not_share_a_header() -> None:
    """An import must know which field a header means."""
    plan = plan_of(toys.Reader)
    fields = {**plan.fields, "email": replace(plan.fields["email"], aliases=("手机",))}

    assert "B009" in ids(replace(plan, fields=fields))


def test_a_link_to_a_model_that_is_not_loaded_is_found() -> None:
    """load_models() must hold every noun that another one points to."""
    plans = Plans([one for one in toys.MODELS if one is not toys.Branch])

    assert {finding.id for finding in checks.check(plans)} == {"B010"}


def test_more_fields_than_a_file_can_bring_are_found() -> None:
    """63 are as many as a row can say of what it changes."""
    plan = plan_of(toys.Reader)
    many = {f"f{number}": replace(plan.fields["name"], name=f"f{number}") for number in range(64)}

    assert "B057" in ids(replace(plan, fields={**plan.fields, **many}))
    assert "B057" not in ids(with_resource(replace(plan, fields={**plan.fields, **many}), importable=False))


def test_exactly_one_model_signs_in() -> None:
    """Without people nobody could sign in; with two it is not said who."""
    plans = Plans([toys.Branch])

    assert {finding.id for finding in checks.check(plans)} == {"B014"}


def test_a_foreign_key_without_a_link_is_found() -> None:
    """A bare foreign key would show as a number that means nothing."""

    class Shelf(Kept):
        __tablename__ = "shelves"
        __resource__ = replace(toys.Branch.__resource__, name="shelves", columns=(), search=(), title=())
        code: Mapped[str] = field(_("Code"), unique=True)
        next_id: Mapped[int | None] = mapped_column(ForeignKey("shelves.id"))

    assert "B005" in ids(plan_of(Shelf))


def test_a_parameter_without_a_label_or_type_stops_the_start() -> None:
    """A dialog is never shown with a field that nobody can name."""

    class Desk(Kept):
        __tablename__ = "desks"
        __resource__ = replace(toys.Branch.__resource__, name="desks", columns=(), search=(), title=())
        code: Mapped[str] = field(_("Code"), unique=True)

        @action(_("Move"), by=toys.Role.HEAD)
        def move(self, *, where: int) -> None:
            """Carry it somewhere."""

    with pytest.raises(BadDeclaration, match=r"B007 Desk\.move: the parameter 'where' has no label"):
        plan_of(Desk)


def test_texts_are_offered_for_a_field_that_is_there() -> None:
    """A misspelled field would leave them out in silence."""

    class Lamp(Kept):
        __tablename__ = "lamps"
        __resource__ = replace(toys.Branch.__resource__, name="lamps", columns=(), search=(), title=())
        code: Mapped[str] = field(_("Code"), unique=True)

        @action(_("Light"), by=toys.Role.HEAD, offers={"why": lambda _lamp: ()}, labels={"reason": _("Reason")})
        def light(self, *, reason: str) -> None:
            """Light it."""

    assert "B058" in ids(plan_of(Lamp))


def test_each_noun_has_letters_of_its_own_for_its_numbers() -> None:
    """With the same letters two nouns would take numbers from each other, and each list would have gaps."""

    class Sale(Kept):
        __tablename__ = "sales"
        __resource__ = replace(toys.Branch.__resource__, name="sales", key=("sale_no",), columns=(), search=(), title=())
        sale_no: Mapped[Number] = field(_("Sale no."), unique=True, numbered="JY")

    found = {finding.where for finding in checks.check(Plans([toys.Branch, toys.Reader, toys.Loan, Sale])) if finding.id == "B060"}

    assert found == {"Loan.loan_no", "Sale.sale_no"}


def test_all_findings_come_at_once() -> None:
    """A developer mends a new model in one go."""
    plans = Plans([toys.Reader, toys.Loan])

    with pytest.raises(BadDeclaration) as stopped:
        checks.insist(plans)

    assert "B010" in str(stopped.value)
    assert "B014" in str(stopped.value)


def test_every_check_is_written_down() -> None:
    """The page of checks lists exactly the ids that the code can give."""
    root = Path(__file__).parents[2]
    given = {found for file in (root / "backoffice").rglob("*.py") for found in re.findall(r"\bB0\d\d\b", file.read_text())}

    assert set(re.findall(r"^\| (B\d+)", (root / "docs/checks.md").read_text(), re.MULTILINE)) == given
