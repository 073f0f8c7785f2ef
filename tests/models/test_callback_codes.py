from backoffice.declare.text import use_locale
from tests.factories import make_codes


def test_the_codes_run_from_a_to_g_in_the_order_of_asking(session):
    codes = sorted(make_codes(session).values(), key=lambda one: one.position)

    assert "".join(one.code for one in codes) == "ABCDEFG"


def test_only_b_is_worded_by_the_source(session):
    """Part 4 (a): the others are marked as proposed, in words as well"""
    codes = make_codes(session)

    assert codes["B"].wording_zh == "接待手续是否简单并无须等待?"
    assert [code for code, one in codes.items() if not one.proposed] == ["B"]
    assert all("建议" in one.help_zh and "Proposed" in one.help_en for code, one in codes.items() if code != "B")


def test_a_code_is_named_in_the_readers_language(session):
    code = make_codes(session)["D"]
    with use_locale("en"):
        english = str(code)

    assert (english, str(code)) == ("D Was the problem put right the first time?", "D 问题是否一次修好？")
