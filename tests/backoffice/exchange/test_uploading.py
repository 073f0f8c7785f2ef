"""Choosing a file: what is kept of it, who may, what is said of a file that cannot be used, and when it goes."""

from __future__ import annotations

import hashlib
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from backoffice.declare import clock
from backoffice.declare.journal import ImportRun, RunState
from backoffice.exchange import runs
from tests import toys
from tests.backoffice.exchange.uploads import GOOD, count, kept, run_of, upload
from tests.support.client import sign_in

JSON = {"Accept": "application/json"}
ESCAPING = BytesIO()
with zipfile.ZipFile(ESCAPING, "w") as archive:
    archive.writestr("../../escape.csv", GOOD)
BAD = {
    "empty": b"", "blank": b" \r\n\r\n", "zip": ESCAPING.getvalue(), "html": b"<html><p>Sign in</p></html>", "picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "unclosed quote": b'card,name\n1,"A\n', "NUL": b"card,name\n1,A\x00\n" * 40, "one word": b"hello", "columns": b"a,card," + b"x," * 10_000,
    "cell": b"card,name\nC1," + b"x" * 2_000_000 + b"\n", "mixed": "card,name\nC1,安娜\nC2,李四\n".encode() + "C3,王五\n".encode("gb18030"),
    "not of this encoding": "card,name\nC1,安娜\n".encode("big5") + b"\xff\xff\n",
}


def test_a_file_becomes_a_run_with_a_folder(head, toy_session):
    """Its name is shown without a path, its checksum is known, nothing is written yet."""
    answer = upload(head, GOOD, name="../lists/read\u202eers\x07.csv")
    run = run_of(answer.headers["Location"])

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/imports/{run.id}/mapping")
    assert (run.state, run.file_name, run.resource, run.who, run.file_size) == (RunState.UPLOADED, "readers.csv", "readers", "Hedda", len(GOOD))
    assert runs.file_of(run).read_text() == GOOD
    assert run.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert (run.expires_at > clock.now(), count(toys.Reader)) == (True, 2)


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_read_leads_back_with_a_sentence(head, toy_session, data):
    """422, the form, a reason, the choices as they were: never a trace, and nothing is kept."""
    before = kept()
    page = upload(head, data, mode="update")
    text = page.get_data(as_text=True)

    assert (page.status_code, 'class="note note-bad"' in text, '<option value="update" selected>' in text) == (422, True, True)
    assert (kept(), count(ImportRun)) == (before, 0)


def test_a_script_gets_the_reason_as_json(head):
    """The bar that fills shows it in place."""
    bad = head.post("/readers/import", data={"file": (BytesIO(b""), "a.csv")}, headers=JSON)
    good = head.post("/readers/import", data={"file": (BytesIO(GOOD.encode()), "a.csv")}, headers=JSON)

    assert (bad.status_code, bad.get_json()["error"]["code"]) == (422, "empty_file")
    assert good.get_json()["next"].endswith("/mapping")


@pytest.mark.parametrize("form", [{}, {"file": ("", "")}])
def test_no_file_at_all(head, form):
    """A form that was sent too early says so."""
    page = head.post("/readers/import", data={name: (BytesIO(), file) for name, (_text, file) in form.items()})

    assert (page.status_code, "Choose a file first." in page.get_data(as_text=True)) == (422, True)


def test_too_large_a_file_is_turned_away_with_its_size(head, toy_session, monkeypatch):
    """The sentence says how much there may be; the choices stay, the disk is as before."""
    monkeypatch.setattr(runs, "LARGEST_UPLOAD", 1024 * 1024)
    before = kept()
    page = upload(head, GOOD + "C9,Yan,B1\n" * 200_000, mode="create", encoding="utf-8")
    text = page.get_data(as_text=True)

    assert (page.status_code, "larger than 1 MB" in text, 'value="utf-8"' in text) == (422, True, True)
    assert '<option value="create" selected>' in text
    assert (kept(), count(ImportRun)) == (before, 0)


def test_more_than_other_pages_take_is_taken_here(head, toy_app, toy_session, monkeypatch):
    """Beyond the limit of a usual form, the file still arrives whole."""
    monkeypatch.setitem(toy_app.config, "MAX_CONTENT_LENGTH", 1024 * 1024)
    text = GOOD + "".join(f"D{number},{'x' * 180},B1\n" for number in range(10_000))
    answer = upload(head, text)

    assert answer.status_code == 302
    assert run_of(answer.headers["Location"]).file_size == len(text) > 1024 * 1024


def test_a_form_of_somebody_else_is_refused_before_its_file_is_read(head, toy_session):
    """Without the token, or without the right, nothing reaches the disk."""
    before = kept()
    head.is_forging = True

    assert upload(head, GOOD).status_code == 400
    assert kept() == before


def test_who_may_not_import_cannot_send_a_file(head, toy_app, toy_session):
    """The clerk gets no page and leaves no file; nouns of the journal take none from anybody."""
    clerk, before = sign_in(toy_app.test_client(), "clara"), kept()

    assert (clerk.get("/readers/import").status_code, upload(clerk, GOOD).status_code) == (403, 403)
    assert (upload(toy_app.test_client(), GOOD).status_code, kept()) == (302, before)


@pytest.mark.parametrize("body", [b"--x\r\nabc", b"--x\r\nContent-Disposition: form-data; name=file; filename=a.csv\r\n\r\ncard,na", b"\xff\xfe"])
def test_a_form_that_was_cut_off(head, toy_session, body):
    """400, and nothing is kept of it."""
    before = kept()

    assert head.post("/readers/import", data=body, content_type="multipart/form-data; boundary=x").status_code == 400
    assert kept() == before


def test_what_is_not_finished_waits_on_the_page(head, toy_app, toy_session):
    """With what to do next, for the person alone; given up, it is gone."""
    address = upload(head, GOOD).headers["Location"].removesuffix("/mapping")
    deputy = sign_in(toy_app.test_client(), "dora")

    assert f'href="{address}">Match its columns' in head.get("/readers/import").get_data(as_text=True)
    assert address not in deputy.get("/readers/import").get_data(as_text=True)
    assert (head.post(f"{address}/cancel").status_code, address in head.get("/readers/import").get_data(as_text=True)) == (302, False)


def test_files_expire(head, toy_app, toy_session):
    """After a week an unfinished run is cancelled and its file removed; leftovers of killed processes go after a day."""
    run = run_of(upload(head, GOOD).headers["Location"])
    waiting = run_of(upload(head, GOOD).headers["Location"])
    waiting.expires_at = clock.now() + timedelta(days=30)
    number, stray = run.id, runs.folder(run.id).parent / "incoming-stray"
    stray.write_bytes(b"x")
    toy_session.commit()
    with clock.stopped_at(clock.now() + runs.KEPT + timedelta(minutes=1)):
        runs.expire()

    assert run_of(f"/imports/{number}").state is RunState.CANCELLED
    assert (runs.folder(number).exists(), stray.exists(), runs.folder(waiting.id).exists()) == (False, False, True)
    assert run_of(f"/imports/{waiting.id}").state is RunState.UPLOADED
