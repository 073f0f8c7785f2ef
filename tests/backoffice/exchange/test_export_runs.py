"""Each export is remembered with what left; one that comes back is recognized, and told what it saw."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from backoffice.access import SYSTEM
from backoffice.db import db
from backoffice.declare import clock
from backoffice.declare.journal import AuditEntry, Deed
from backoffice.exchange import baseline, blanks
from backoffice.exchange import exporting_files as files
from backoffice.exchange.exporting import Export, choose, everything
from backoffice.exchange.exporting_runs import begin, make, seen, snapshot
from backoffice.exchange.formats import FORMATS
from backoffice.exchange.reading import open_file
from backoffice.exchange.tables import ExportRun
from tests import toys
from tests.backoffice.exchange.conftest import counts
from tests.support.client import PASSWORD_HASH, sign_in
from tests.support.jobs import work_off


@pytest.fixture
def head(toy_app, library, toy_session):
    """The head librarian, signed in."""
    for person, login in ((library.head, "hedda"), (library.clerk, "clara")):
        person.login, person.password_hash = login, PASSWORD_HASH
    toy_session.commit()
    return sign_in(toy_app.test_client(), "hedda")


@pytest.fixture
def taken(plans, toy_session):
    """Begin an export of a resource, as the house."""

    def run(resource="readers"):
        plan = plans[resource]
        export = Export(SYSTEM, plan, everything(db.session(), SYSTEM, plan), choose(SYSTEM, plan))
        toy_session.commit()
        with snapshot() as connection:
            found = make(export, FORMATS["csv"], {})
            begin(db.session(), found, export, FORMATS["csv"], connection)
            toy_session.commit()
        return found

    return run


def last(session):
    session.rollback()
    return session.scalars(select(ExportRun).order_by(ExportRun.id.desc())).first()


@pytest.mark.parametrize("kind", list(FORMATS))
def test_a_download_is_remembered_with_its_checksum(head, toy_session, kind):
    """Who, what, how many rows, and the checksum of exactly what left; the name of the file holds the token."""
    answer = head.get(f"/readers/export?q=Bob&format={kind}&columns=card&columns=mobile&headers=labels")
    data = answer.get_data()
    answer.close()
    run = last(toy_session)

    assert (run.who, run.role, run.resource, run.format, run.headers) == ("Hedda", "head", "readers", kind, "labels")
    assert (run.columns, run.filters, run.rows, run.size) == (["card", "mobile"], {"q": ["Bob"]}, 1, len(data))
    assert run.sha256 == hashlib.sha256(data).hexdigest()
    assert run.ended_at is not None
    assert answer.headers["Content-Disposition"].endswith(f'-{run.token}.{kind}"')


def test_a_download_that_breaks_off_is_remembered_as_such(head, toy_session):
    """The end is known, a checksum is not; the connection is given back."""
    toy_session.add_all([toys.Branch(code=f"X{number}", name="n" * 90) for number in range(3000)])
    toy_session.commit()
    answer = head.get("/branches/export?format=csv", buffered=False)
    pieces = answer.iter_encoded()
    next(pieces)
    answer.close()
    run = last(toy_session)

    assert run.ended_at is not None
    assert run.sha256 is None
    assert run.rows < 3000


def test_an_export_by_command_is_remembered_too(toy_app, library, toy_session, tmp_path):
    """With the same facts, and nobody's name."""
    toy_session.commit()
    file = tmp_path / "out.xlsx"
    answer = toy_app.test_cli_runner().invoke(args=["export", "readers", "--format", "xlsx", "--output", str(file)])
    run = last(toy_session)

    assert answer.exit_code == 0
    assert (run.who, run.rows, run.sha256) == (None, 2, hashlib.sha256(file.read_bytes()).hexdigest())
    assert open_file(file).export_token == run.token


def test_what_changed_since_the_export_is_told_as_it_was(library, taken, plans, toy_session):
    """Of changed records the old values, typed and links as ids; what did not change is not mentioned."""
    run = taken()
    library.ann.name, library.ann.mobile = "Anna", "13900000009"
    toy_session.commit()
    library.ann.name, library.ann.branch = "Annabel", library.north
    toy_session.commit()
    found = baseline.at_export(toy_session(), plans["readers"], run, [library.ann.id, library.bob.id])

    assert found == {library.ann.id: {"name": "Ann", "mobile": "13900000001", "branch": library.main.id}}


def test_what_was_changed_before_the_export_counts_for_nothing(library, taken, plans, toy_session):
    """The file holds it already."""
    library.ann.name = "Anna"
    toy_session.commit()
    run = taken()

    assert baseline.at_export(toy_session(), plans["readers"], run, [library.ann.id]) == {}


def test_an_export_is_found_by_its_token_for_its_own_noun(taken, library, plans, toy_session):
    """Not for another one, and not where there is no token."""
    run = taken()

    assert baseline.find(toy_session(), plans["readers"], run.token).id == run.id
    assert baseline.find(toy_session(), plans["loans"], run.token) is None
    assert baseline.find(toy_session(), plans["readers"], None) is None
    assert baseline.find(toy_session(), plans["readers"], "x99999999") is None


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_a_change_that_was_under_way_during_the_export_counts_as_later(library, plans, toy_session):
    """Its entry has a lower number than others which the export saw: the gap is remembered."""
    early = toy_session.connection().execute(select(AuditEntry.id).order_by(AuditEntry.id.desc())).scalars().first()
    toy_session.commit()
    with db.engine.connect() as other:
        other.exec_driver_sql("SELECT nextval(pg_get_serial_sequence('audit_entries', 'id'))")
        library.ann.name = "Anna"
        toy_session.commit()
        with snapshot() as connection:
            mark, gaps = seen(connection)

    assert mark == early + 2
    assert gaps == [[early + 1, early + 1]]
    run = ExportRun(mark=mark, gaps=gaps)
    assert [early + 1 in range(first, end + 1) for first, end in run.gaps] == [True]


def test_a_file_is_made_in_the_background_and_waits_for_its_person(head, toy_app, toy_session):
    """The same rows as the list shows; until its time is over, and for nobody else."""
    asked = head.post("/readers/export", data={"q": "Bob", "format": "csv", "columns": ["name", "card"], "headers": "names", "how": "later"})
    address = asked.headers["Location"]
    before = head.get(address)
    assert work_off(toy_app) >= 1
    page, file = head.get(address), head.get(f"{address}/file")
    run = last(toy_session)
    clerk = sign_in(toy_app.test_client(), "clara")

    assert (before.status_code, page.status_code, f'href="{address}/file"' in page.get_data(as_text=True)) == (200, 200, True)
    assert file.get_data(as_text=True).splitlines() == ["\ufeffname,card", "Bob,C2"]
    assert run.sha256 == hashlib.sha256(file.get_data()).hexdigest()
    assert run.token in file.headers["Content-Disposition"]
    assert {clerk.get(address).status_code, clerk.get(f"{address}/file").status_code} <= {403, 404}
    assert 'href="/exports/' in head.get("/readers/export").get_data(as_text=True)


def test_a_file_goes_when_its_time_is_over(head, toy_app, toy_session):
    """The page says so; the record stays."""
    address = head.post("/readers/export", data={"format": "csv", "how": "later"}).headers["Location"]
    work_off(toy_app)
    run = last(toy_session)
    path = files.path_of(run)
    assert path.exists()
    run.expires_at = clock.now() - timedelta(seconds=1)
    toy_session.commit()
    answers = [head.get(f"{address}/file").status_code, head.get(address).status_code]
    gone = files.expire(toy_session())

    assert answers == [404, 200]
    assert gone >= 1
    assert not path.exists()


def test_the_rights_of_the_moment_decide_what_a_file_gives(head, toy_app, library, toy_session):
    """Who lost the role between asking and downloading gets nothing."""
    asked = head.post("/readers/export", data={"format": "csv", "how": "later"})
    work_off(toy_app)
    toy_session.get(toys.Librarian, library.head.id).role = toys.Role.CLERK
    toy_session.commit()

    assert head.get(f"{asked.headers['Location']}/file").status_code == 403


def test_the_form_leads_to_the_download(head):
    """At once, with the rows of the list or with all of them."""
    shown = head.post("/readers/export", data={"q": "Bob", "rows": "shown", "format": "json", "headers": "names", "columns": ["card"]})
    everyone = head.post("/readers/export", data={"q": "Bob", "rows": "all", "format": "json", "headers": "names", "columns": ["card"]})

    assert head.get(shown.headers["Location"]).get_json() == [{"card": "C2"}]
    assert head.get(everyone.headers["Location"]).get_json() == [{"card": "C2"}, {"card": "C1"}]


def test_an_export_of_links_alone_and_of_what_is_archived(head, library, toy_session):
    """The joined records give the only columns."""
    answer = head.get("/readers/export?format=csv&columns=branch&sort=-branch")

    assert answer.get_data(as_text=True).splitlines() == ["\ufeffbranch", "B2", "B1"]


def test_masks_leave_masked(dump, library):
    """In every format, for a role that sees masks."""
    head = library.head
    text = dump("loans", person=head).decode()

    assert "C1" in text
    assert "13900000001" not in text


def test_every_export_stands_in_the_trail_with_its_token(head, toy_session):
    """So that both records are found from each other."""
    head.get("/readers/export?format=csv").close()
    run = last(toy_session)
    entry = toy_session.scalars(select(AuditEntry).where(AuditEntry.deed == Deed.EXPORT).order_by(AuditEntry.id.desc())).first()

    assert entry.changes["token"] == [None, run.token]


@pytest.mark.parametrize("resource", ["branches", "librarians", "readers", "loans", "notes"])
def test_an_empty_file_to_fill_in_imports_as_nothing(load, plans, library, resource):
    """The explanations above its headers are no rows, and every header is understood."""
    receipt = load(resource, blanks.as_csv(SYSTEM, plans[resource]))

    assert counts(receipt) == (0, 0, 0, 0)
    assert {one.code for one in receipt.notices} <= {"no_rows"}


def test_an_empty_workbook_has_lists_notes_and_text_cells(head, tmp_path):
    """Choices as a list, codes as text, a note on each header; whoever imports nothing gets none."""
    answer = head.get("/loans/template.xlsx")
    (tmp_path / "x.xlsx").write_bytes(answer.get_data())
    table = open_file(tmp_path / "x.xlsx")

    assert answer.status_code == 200
    assert {"读者", "书名"} <= set(table.headers)
    assert sum(len(chunk.cells) for chunk in table.chunks()) == 0
    assert head.get("/loans/template.pdf").status_code == 404


def test_an_example_of_every_column_is_understood(plans, library):
    """What the template shows, the import takes."""
    for plan in plans.values():
        for hint in blanks.hints(SYSTEM, plan):
            if not hint.field.is_link and hint.example:
                hint.field.kind.parse(hint.example)

            assert hint.example or hint.field.is_link


def test_a_csv_template_can_be_filled_in_and_imported(load, plans, library):
    """A row below the headers becomes a record."""
    data = blanks.as_csv(SYSTEM, plans["branches"])
    headers = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[-1]
    receipt = load("branches", data + b"B7,East\r\n")

    assert len(headers) == 2
    assert counts(receipt) == (1, 0, 0, 0)
