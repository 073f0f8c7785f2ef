import pytest

from backoffice.declare import Invalid
from backoffice.declare.text import CHINESE
from models.types import BIRTHDAY_KIND, CREDIT_CODE_KIND, PLATE_KIND, VIN_KIND, Measure, new_energy_letter, vin_check_digit

GOOD_VINS = ("LFV2A21K8A3000001", "LSVAM418907184847", "1M8GDM9AXKP042788")
BAD_VINS = ("LFV2A21K8A300000", "LFV2A21K8A30000011", "LFV2A21K8A300000I", "LFV2A21K8A30000O1", "LFV2A21K8Q3000001", "底盘号未知", "LFV2A21K8A3-00001")
PLATES = (
    "京A12345", "沪AD12345", "粤B12345F", "粤BFA1234", "苏A1234学", "苏A1234警", "苏A1234挂", "苏A1234领", "粤Z1234港", "粤ZAB12澳",
    "使123456", "123456使",
    "黑AF50751", "云A03ZRX", "新A00001",
)
NOT_PLATES = ("A12345", "京112345", "京AI2345", "京A1234", "京A123456", "京AO2345", "粤Z1234学学", "国A12345", "使12345", "京A1234港", "京AL12345")


@pytest.mark.parametrize("vin", GOOD_VINS)
def test_a_sound_vin_raises_no_doubt(vin):
    """The samples of domain.md 3.1 pass with their check digit"""
    assert VIN_KIND.parse(vin) == vin
    assert VIN_KIND.notice(vin) is None


@pytest.mark.parametrize("vin", BAD_VINS)
def test_what_is_no_vin_is_refused(vin):
    """Wrong length, I, O, Q and other signs are refused as invalid_vin, too long texts as too_long"""
    with pytest.raises(Invalid) as refused:
        VIN_KIND.parse(vin)

    assert refused.value.code == ("too_long" if len(vin) > 17 else "invalid_vin")


def test_a_vin_is_folded():
    """Full width, lower case, blanks and invisible signs are spellings of the same VIN"""
    assert VIN_KIND.parse(" lsvam418 907184847\u200b") == "LSVAM418907184847"
    assert VIN_KIND.parse("ＬＳＶＡＭ４１８９０７１８４８４７") == "LSVAM418907184847"


def test_a_wrong_check_digit_is_doubted_not_refused():
    """European cars carry a filler in position 9: accepted, with a notice that names the digit"""
    vin = VIN_KIND.parse("WVWZZZ1KZ6W000001")
    code, why = VIN_KIND.notice(vin)

    assert code == "vin_check_digit"
    assert vin_check_digit(vin) in why.in_locale(CHINESE)


@pytest.mark.parametrize("plate", PLATES)
def test_every_sort_of_plate_is_known(plate):
    """Blue, new-energy, trailer, police, consulate, cross-border and embassy plates"""
    assert PLATE_KIND.parse(plate) == plate


@pytest.mark.parametrize("plate", NOT_PLATES)
def test_what_is_no_plate_is_refused(plate):
    """Unknown provinces, I and O, and wrong lengths are refused as invalid_plate, too long texts as too_long"""
    with pytest.raises(Invalid) as refused:
        PLATE_KIND.parse(plate)

    assert refused.value.code == ("too_long" if len(plate) > 8 else "invalid_plate")


def test_a_plate_is_folded():
    """The dot of the printed plate, blanks and lower case do not matter"""
    assert PLATE_KIND.parse("京a·12 345") == "京A12345"


@pytest.mark.parametrize(("plate", "letter", "doubted"), [
    ("沪AD12345", "D", False), ("沪AF12345", "F", False), ("沪AA12345", "A", True), ("沪AK12345", "K", True),
    ("沪A12345D", "D", False), ("沪A12345H", "H", True), ("沪A12345", None, False), ("123456使", None, False),
])
def test_newer_letters_of_new_energy_plates_are_doubted(plate, letter, doubted):
    """D and F are the letters of the first standard; newer ones are accepted with a notice"""
    assert new_energy_letter(PLATE_KIND.parse(plate)) == letter
    assert (PLATE_KIND.notice(plate) is not None) is doubted


@pytest.mark.parametrize(("kind", "good", "bad"), [
    (CREDIT_CODE_KIND, "91350100M000100Y43", "91350100M000100Y4"), (BIRTHDAY_KIND, "08-15", "13-01"), (Measure(), "1.5", "¥1.5"),
    (Measure(), "0.25", "0.255"),
])
def test_other_types_take_the_good_and_refuse_the_bad(kind, good, bad):
    """Credit codes, birthdays and quantities"""
    with pytest.raises(Invalid):
        kind.parse(bad)

    assert kind.parse(kind.write(kind.parse(good))) == kind.parse(good)


def test_a_quantity_is_shown_without_needless_zeros():
    """1.50 hours read 1.5, 10.00 pieces 10"""
    assert [Measure().show(Measure().parse(text)) for text in ("1.50", "10", "0.25")] == ["1.5", "10", "0.25"]
