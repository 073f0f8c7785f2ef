"""Work on many rows of a list: what was chosen, what is to be done to each, and what became of each.

A batch holds the rows as they stood when they were chosen (:mod:`choosing`); an order says what is done
to them (:mod:`orders`); :mod:`working` does it, at once or as a job (:mod:`tasks`), as a run like an
import's: with its number in the trail, its page, and its way back. See ``docs/rows.md``.
"""
