"""The table of rights, written out once more from the document, against what the models declare (domain.md 3.9)."""

from __future__ import annotations

import pytest

from backoffice.plan import plan_of
from models import load_models
from models.journal import JOURNAL
from models.roles import Role

ROLES = ("agent", "advisor", "workshop", "supervisor", "manager", "admin", "auditor")
# C create, R read, U change, A act, E export, I import; D archive and P, H follow from docs/decisions/0006.
REFERENCE = ("R", "R", "R", "R", "RU", "CRUIE", "RE")
TABLE = {
    ("stores", "staff"): ("R", "R", "R", "R", "R", "CRUIE", "RE"),
    ("customers", "vehicles", "ownerships", "contact-preferences"): ("CRUE", "CRU", "R", "CRUIE", "CRUIE", "RIE", "RE"),
    ("orders", "order-lines"): ("R", "CRUA", "RUA", "CRUAIE", "CRUAIE", "RIE", "RE"),
    ("extra-work", "extra-work-lines"): ("R", "CRUA", "CRU", "CRUAE", "CRUAE", "RIE", "RE"),
    ("callbacks", "callback-attempts", "callback-issues"): ("CRUAE", "R", "", "CRUAIE", "CRUAIE", "RIE", "RE"),
    ("complaints",): ("CRUA", "CRUA", "R", "CRUAIE", "CRUAIE", "RIE", "RE"),
    ("customer-notices",): ("CRUA", "CRUA", "R", "CRUAIE", "CRUAIE", "RIE", "RE"),  # as complaints
    ("escalations",): ("CRUA", "CRUA", "R", "CRUAIE", "CRUAIE", "RIE", "RE"),
    ("clock-segments",): ("R", "R", "R", "RE", "RE", "RE", "RE"),  # as escalations; made by the system alone
    ("compensations",): ("C", "C", "", "CA", "CA", "R", "RE"),
    ("compensation-decisions",): ("", "", "", "R", "R", "R", "RE"),  # as compensations; made by them alone
    ("budgets",): ("R", "R", "", "R", "CRUAIE", "CRUAIE", "RE"),  # set by whoever answers for the money
    ("callback-codes", "callback-plans", "escalation-levels", "authority-limits", "standard-phrases", "calendars", "calendar-days"): REFERENCE,
    ("escalation-drafts",): ("", "", "", "R", "CRUAE", "CRUAE", "RE"),  # written by those who change levels
    ("escalation-draft-lines",): ("", "", "", "R", "CRUE", "CRUE", "RE"),
    ("escalation-triggers",): ("R", "R", "R", "R", "RUA", "CRUAIE", "RE"),  # reference data that is tried out
}
MAY_LACK = {
    # Rows of these nouns are made by actions alone, or have no action: nobody creates, changes or acts on them by hand.
    "escalations": "CUA", "callback-attempts": "CUA", "callback-answers": "A", "order-lines": "A", "contact-preferences": "", "compensations": "",
    "authorizations": "CUA", "customer-notices": "CU",
}
CASES = [(noun, role, given[at]) for nouns, given in TABLE.items() for noun in nouns for at, role in enumerate(ROLES)]
PLANS = {plan.name: plan for plan in map(plan_of, load_models())}


def letters(noun: str, role: str) -> set[str]:
    right = PLANS[noun].resource.rights.get(Role(role))
    return set(right.verbs.letters) - set("DPH") if right else set()


@pytest.mark.parametrize(("noun", "role", "given"), CASES)
def test_a_role_has_what_the_table_gives_and_no_more(noun: str, role: str, given: str) -> None:
    """No letter beyond the table; a letter less only where the noun has no use for it."""
    has = letters(noun, role)
    reading = {"R"} if noun == "compensations" and "A" in given else set()  # who decides must see what is decided

    assert has <= set(given) | reading
    assert set(given) - has <= set(MAY_LACK.get(noun, ""))


@pytest.mark.parametrize("noun", sorted(PLANS))
def test_only_those_who_answer_for_it_archive_remove_or_load_history(noun: str) -> None:
    """Archiving is for heads who may change; removing for good and old records are for administrators."""
    for role, right in PLANS[noun].resource.rights.items():
        given = set(right.verbs.letters)

        assert "D" not in given or (role in {Role.SUPERVISOR, Role.MANAGER, Role.ADMIN} and "U" in given)
        assert not given & set("PH") or role is Role.ADMIN


def test_every_noun_is_in_the_table() -> None:
    """A new noun names its rights here as well."""
    beside = {"authorizations", "callback-answers", "todos"}  # follow extra work, callbacks and the person

    assert {noun for nouns in TABLE for noun in nouns} | beside == set(PLANS)


def test_the_journal_is_read_by_those_who_oversee() -> None:
    """Audit: supervisors their store, managers, administrators and auditors all; agents see their own imports alone."""
    assert {role.value: right.verbs.letters for role, right in JOURNAL["audit"].items()} == {
        "supervisor": "R", "manager": "RE", "admin": "RE", "auditor": "RE",
    }
    assert JOURNAL["imports"][Role.AGENT].rows is not None
