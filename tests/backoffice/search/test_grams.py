from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from backoffice.search import grams
from backoffice.search.initials import initials_of

SIGNS = st.sampled_from("abzAZ09王欣丽京 ·-_%éÉß–ＡK\u3000😀")
TEXTS = st.text(SIGNS, max_size=12)


def fits(way, pieces):
    return all(any(piece in pieces for piece in clause) for clause in way)


@given(before=TEXTS, word=TEXTS, after=TEXTS)
@example("京", "A1", "2345")
@example("", "LSVAM4187C2184847", "")
def test_every_text_that_holds_a_word_holds_its_pieces(before, word, after):
    """The index leaves nothing out, whatever stands around the word and in whatever case its Latin letters are."""
    pieces = set(grams.of_text(before + word + after))

    assert fits(grams.way_of(word), pieces)
    assert fits(grams.way_of(word.translate({letter: letter + 32 for letter in range(65, 91)})), pieces)


@given(name=st.text(st.sampled_from("王欣单丽解长A1 "), max_size=5), first=st.integers(0, 4), size=st.integers(2, 5))
def test_every_name_holds_the_pieces_of_its_first_letters(name, first, size):
    word = initials_of(name)[first : first + size]

    assert not word.isalpha() or fits(grams.way_of_initials(word), set(grams.of_initials(name)))


def test_a_name_is_read_by_its_first_letters_and_a_surname_both_ways():
    assert [initials_of(name) for name in ("王欣", "欧阳娜娜", "单丽", "重庆", "张A", "Ann", "")] == ["wx", "oynn", "sl dl", "cq zq", "za", "", ""]


def test_a_long_code_is_looked_up_by_few_pieces():
    """Each piece costs a look; five leave almost nothing of a million."""
    assert len(grams.way_of("LSVAM4187C2184847")) == grams.MOST_CLAUSES


def test_what_says_nothing_asks_for_nothing():
    assert [grams.way_of(word) for word in ("a", "-", "%", "É", "")] == [(), (), (), (), ()]
