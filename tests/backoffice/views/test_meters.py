"""Meters at the top of a record's page: a sentence, and a bar for the eye and the ear."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=False)


def bars(client, loan, more=""):
    """What each bar says to a screen reader, and how many pieces it has."""
    page = client.get(f"/loans/{loan.id}{more}").text
    return [
        (*re.search(r'aria-label="([^"]*)".*?aria-valuenow="(\d+)" aria-valuetext="([^"]*)"', bar).groups(), bar.count("meter-used"), bar.count("meter-mark"))
        for bar in page.split('role="meter"')[1:]
    ]


def test_a_meter_is_read_out_as_it_is_drawn(head, library, toy_session):
    """Its sentence, its value up to the end, a piece for each part, a mark where one is wanted; on the page and in a quick look."""
    library.loan.renewals = 2
    toy_session.commit()

    assert bars(head, library.loan) == bars(head, library.loan, "/look") == [("Renewals", "66", "Renewed 2 of 3 times.", 2, 1)]


def test_more_than_the_whole_is_told_and_the_bar_is_full(head, library, toy_session):
    """A fifth renewal of three; what counted stands below, as text."""
    library.loan.renewals = 5
    toy_session.commit()
    page = head.get(f"/loans/{library.loan.id}").text

    assert bars(head, library.loan)[0][:3] == ("Renewals", "100", "Renewed 5 of 3 times.")
    assert "meter-end" in page
    assert f"Since &lt;{library.loan.loan_no}&gt;." in page


def test_a_meter_of_a_field_is_for_those_who_see_the_field(head, clerk, library, toy_session):
    """Fines do not exist for a clerk, nor does the bar."""
    library.loan.fine = 7
    toy_session.commit()

    assert [one[0] for one in bars(head, library.loan)] == ["Renewals", "Fine"]
    assert [one[0] for one in bars(clerk, library.loan)] == ["Renewals"]
