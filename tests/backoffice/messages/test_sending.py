"""What leaves the house: to whom, when, in which words, and what becomes of it where a server does not play along."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from backoffice.declare import Occasion, _, clock, tell
from backoffice.messages import MessageChoice, MessageTimes, Outgoing, inbox
from backoffice.messages.claims import BACK_OFF
from tests import toys
from tests.backoffice.messages.conftest import SECRET, free_port

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # in Shanghai
MORNING, EVENING = NOON.replace(hour=1), NOON.replace(hour=15)
TITLE, BODY = _("“{title}” is due.", "《{title}》\n到期。", title="Emma"), _("Since today.", "自今日起。")

BREAKS = Occasion("breaks", _("Breaks", "出错"), "loans", still=lambda _loan, _key: 1 / 0)


def say(session, library, occasion=toys.DUE, *, key="1", people=None, record=None):
    tell(record or library.loan, occasion, people or [library.head, library.clerk], key=key, title=TITLE, body=BODY)
    session.commit()


def states(session) -> list[str]:
    session.rollback()
    return [f"{one.way.value} {one.state.value} {one.why.value if one.why else ''}".strip() for one in session.scalars(select(Outgoing).order_by(Outgoing.id))]


def wish(session, person, by_mail, **times):
    session.merge(MessageChoice(person_id=person.id, occasion="due", by_mail=by_mail))
    session.merge(MessageTimes(person_id=person.id, **{"quiet_from": 0, "quiet_until": 0, "digest_at": 480, **times}))
    session.commit()


def test_each_gets_one_mail_in_the_own_language(toy_app, library, toy_session, post_office, round_of_post, monkeypatch):
    """With the way to the record, under a Message-ID that stays; a second round sends nothing."""
    monkeypatch.setitem(toy_app.config, "PUBLIC_URL", "https://library.test")
    with clock.stopped_at(NOON):
        say(toy_session, library)
        round_of_post()
        round_of_post()
    hers, his = sorted(post_office.letters, key=lambda one: one["To"], reverse=True)

    assert [(one["To"], one["Subject"], one["From"]) for one in (hers, his)] == [
        ("head@library.test", "《Emma》 到期。", "Desk <desk@library.test>"), ("clerk@library.test", "“Emma” is due.", "Desk <desk@library.test>"),
    ]
    assert "自今日起。" in hers.get_content()
    assert "Since today." in his.get_content()
    assert "https://library.test/inbox/" in his.get_content()
    assert hers["Message-ID"] != his["Message-ID"]
    assert his["Message-ID"].endswith("@library.test>")
    assert states(toy_session) == ["mail sent"] * 2


def test_a_mail_says_no_more_than_is_still_so(toy_app, library, toy_session, post_office, round_of_post):
    """Asked again at the moment of sending: the state of the record, whether it was read, the right to read it, the person."""
    with clock.stopped_at(NOON):
        say(toy_session, library, key="given back")
        library.loan.give_back()
        say(toy_session, library, toys.ALARM, key="read", people=[library.clerk])
        inbox.mark_read(toy_session, library.clerk.id)
        say(toy_session, library, toys.ALARM, key="foreign", people=[library.clerk], record=library.foreign)
        round_of_post()

        assert sorted(states(toy_session)) == ["mail dropped not_theirs", "mail dropped overtaken", "mail dropped read", "mail dropped read"]

        say(toy_session, library, toys.ALARM, key="left")
        library.clerk.disabled_at = clock.now()
        toy_session.commit()
        round_of_post()

    assert post_office.texts() == [("head@library.test", "《Emma》 到期。")]


def test_quiet_hours_put_mails_off_unless_they_are_urgent(library, toy_session, post_office, round_of_post):
    """From 22:00 to 07:00 where nobody chose; what waited is asked again in the morning."""
    with clock.stopped_at(EVENING):
        say(toy_session, library, people=[library.clerk])
        say(toy_session, library, people=[library.clerk], record=library.loan, key="2")
        say(toy_session, library, toys.ALARM, people=[library.clerk])
        wish(toy_session, library.head, "at_once")
        say(toy_session, library, people=[library.head])
        round_of_post()

        assert sorted(address for address, _subject in post_office.texts()) == ["clerk@library.test", "head@library.test"]

    with clock.stopped_at(MORNING + timedelta(days=1)):
        round_of_post()

    assert len(post_office.letters) == 4
    assert [one.attempts for one in toy_session.scalars(select(Outgoing))] == [1] * 4


def test_a_digest_tells_once_a_day_what_was_not_read(library, toy_session, post_office, round_of_post):
    """At the chosen hour, of those messages alone that one wants in it; who wants no mail gets none."""
    wish(toy_session, library.clerk, "digest", digest_at=9 * 60)
    wish(toy_session, library.head, "never")
    with clock.stopped_at(NOON):
        for key in ("1", "2", "3"):
            say(toy_session, library, key=key)
        round_of_post()

        assert post_office.texts() == []

    with clock.stopped_at(MORNING + timedelta(days=1)):  # nine o'clock
        round_of_post()
        say(toy_session, library, key="4")
        round_of_post()
    with clock.stopped_at(MORNING + timedelta(days=2, hours=1)):
        round_of_post()
        round_of_post()

    assert post_office.texts() == [("clerk@library.test", "3 unread messages"), ("clerk@library.test", "1 unread messages")]
    assert states(toy_session) == ["digest sent"] * 2


def test_a_server_that_fails_is_tried_again_later_and_then_no_more(toy_app, library, toy_session, post_office, round_of_post, monkeypatch, caplog):
    """After 1, 5, 15, 60 and 240 minutes; nobody but this mail waits for it, and no log names anybody."""
    working, now = post_office.port, NOON
    monkeypatch.setitem(toy_app.config, "SMTP_PORT", free_port())
    with caplog.at_level(logging.DEBUG), clock.stopped_at(now):
        say(toy_session, library)
        round_of_post()
    for pause in BACK_OFF:
        for early in (timedelta(seconds=1), timedelta(0)):
            with clock.stopped_at(now + pause - early):
                round_of_post()
        now += pause
        attempts = toy_session.scalars(select(Outgoing.attempts)).all()

        assert attempts == [BACK_OFF.index(pause) + 2] * 2

    assert states(toy_session) == ["mail failed unreachable"] * 2
    assert "library.test" not in caplog.text

    monkeypatch.setitem(toy_app.config, "SMTP_PORT", working)
    with clock.stopped_at(now):
        for one in toy_session.scalars(select(Outgoing)):
            one.send_again()
        toy_session.commit()
        round_of_post()

    assert states(toy_session) == ["mail sent"] * 2
    assert len(post_office.letters) == 2


def test_what_one_address_does_holds_up_no_other(library, toy_session, post_office, round_of_post):
    """An unknown address has failed at once, a busy server is asked again, and a rule that breaks is kept from the rest."""
    with clock.stopped_at(NOON):
        post_office.refused.add("head@library.test")
        say(toy_session, library, toys.ALARM)
        say(toy_session, library, BREAKS, people=[library.clerk])
        round_of_post()

        assert sorted(states(toy_session)) == ["mail failed refused", "mail sent", "mail waiting broken"]

        post_office.answer = "451 come back later"
        say(toy_session, library, toys.ALARM, key="2", people=[library.clerk])
        round_of_post()

        assert states(toy_session)[-1] == "mail waiting later"

    post_office.answer = "250 OK"
    with clock.stopped_at(NOON + BACK_OFF[0]):
        round_of_post()

    assert states(toy_session)[-1] == "mail sent"
    assert len(post_office.letters) == 2


def test_the_webhook_hears_of_each_event_once_and_of_no_person(library, toy_session, listener, round_of_post):
    """Signed with the time; two who are told are one event. A redirect is no yes, and is not followed."""
    with clock.stopped_at(NOON):
        say(toy_session, library)
        round_of_post()
        listener.status = 302
        say(toy_session, library, key="2")
        round_of_post()
    (path, headers, body), second = listener.posts
    mark = hmac.new(SECRET.encode(), f"{int(NOON.timestamp())}.".encode() + body, hashlib.sha256).hexdigest()
    told = json.loads(body)

    assert path == second[0] == "/events?from=library"
    assert headers["Aftercare-Signature"] == f"t={int(NOON.timestamp())},v1={mark}"
    assert told.pop("id") != json.loads(second[2])["id"]
    assert told == {
        "occasion": "due", "resource": "loans", "record": library.loan.loan_no, "event": "1", "at": NOON.isoformat(), "urgent": False,
        "address": f"/loans/{library.loan.id}",
    }
    assert states(toy_session) == ["webhook sent", "webhook waiting refused"]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_without_a_server_nothing_waits(library, toy_session, round_of_post):
    """A house that sends no mail keeps no heap of it; whoever sets a server up later does not get the mail of years."""
    say(toy_session, library)
    round_of_post()

    assert states(toy_session) == []
    assert toy_session.scalar(select(inbox.unread(library.head.id))) == 1
