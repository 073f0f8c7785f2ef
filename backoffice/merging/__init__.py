"""Two records that are one: which look alike, what a merge would do, the merge itself, and the way back.

A noun says in ``Resource(merge=Merge(…))`` that its records can be merged. :func:`merge` lets everything that pointed at one
record point at the other, in one transaction and on the trail; :func:`undo` puts it back from the trail.
See ``docs/merging.md``.
"""

from __future__ import annotations

from backoffice.merging import tasks as _tasks  # noqa: F401  # so that workers know the task
from backoffice.merging.choosing import Choice, Side, choices, values_of
from backoffice.merging.going import merge
from backoffice.merging.past import final, insist_open, into, merged_here, said, undone_until
from backoffice.merging.rights import insist, may_merge
from backoffice.merging.tables import Merged, Pair, Verdict
from backoffice.merging.undoing import Return, look, undo

__all__ = [
    "Choice", "Merged", "Pair", "Return", "Side", "Verdict", "choices", "final", "insist", "insist_open", "into", "look", "may_merge", "merge", "merged_here",
    "said", "undo", "undone_until", "values_of",
]
