"""Standard phrases: one for each situation, to be copied by a click."""

from __future__ import annotations

from backoffice.db import db
from models.standard_phrases import Situation
from tests import factories as make
from tests.support.client import sign_in
from tests.support.world import make_people


def test_there_is_a_phrase_for_each_situation_and_its_page_copies_it(app):
    """Whoever talks to customers may read them; nothing in them admits a fault."""
    with app.app_context():
        make_people(db.session)
        shipped = make.make_phrases(db.session)
        db.session.commit()
        one = shipped["H04"]
        page = sign_in(app.test_client(), "agent").get(f"/standard-phrases/{one.id}").get_data(as_text=True)

        assert {phrase.situation for phrase in shipped.values()} == set(Situation)
        assert f'data-copy="{one.wording_zh}"' in page
        assert [phrase.code for phrase in shipped.values() if "我们的错" in phrase.wording_zh or "our fault" in phrase.wording_en] == []
