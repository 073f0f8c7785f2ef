"""What a person wants to be told by mail, and when."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backoffice.messages import MessageChoice, MessageTimes
from tests.backoffice.views.reading import texts


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """A form; the database makes no difference."""
    return request.param


FORM = {"email": "Cleo@library.test", "quiet_from": "21:30", "quiet_until": "06:00", "digest_at": "09:15", "due": "digest", "alarm": "never", "breaks": "never"}


def test_choices_are_kept_and_shown_again(clerk, library, toy_session):
    """Occasions of nouns that one reads, the own address, quiet hours and the hour of the digest; a second time they replace the first."""
    answers = [clerk.post("/account/messages", data={**FORM, **more}) for more in ({"due": "never"}, {})]
    page = clerk.get("/account/messages").get_data(as_text=True)
    toy_session.refresh(library.clerk)
    chosen = {one.occasion: one.by_mail for one in toy_session.scalars(select(MessageChoice))}
    times = toy_session.get_one(MessageTimes, library.clerk.id)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (library.clerk.email, chosen["due"], chosen["alarm"]) == ("Cleo@library.test", "digest", "never")
    assert (times.quiet_from, times.quiet_until, times.digest_at) == (21 * 60 + 30, 6 * 60, 9 * 60 + 15)
    assert '<option value="digest" selected' in page
    assert 'value="21:30"' in page


@pytest.mark.parametrize(("wrong", "sentence"), [
    ({"email": "nowhere"}, "This is not an e-mail address."), ({"quiet_from": "25:00"}, "This is no time. Write it like 07:30."),
    ({"digest_at": ""}, "This is no time. Write it like 07:30."), ({"due": "hourly"}, "Choose one of"),
])
def test_each_mistake_has_its_sentence(clerk, library, toy_session, wrong, sentence):
    """What was typed stays, and nothing is kept."""
    answer = clerk.post("/account/messages", data={**FORM, **wrong})

    assert answer.status_code == 422
    assert sentence in " ".join([*texts(answer, "error"), *texts(answer, "note-text")])
    assert 'value="06:00"' in answer.get_data(as_text=True)
    assert toy_session.scalars(select(MessageChoice)).all() == []
