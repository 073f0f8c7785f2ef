"""How the files of one source are to be taken: saved under a name, and offered when a file with such headers comes again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backoffice.declare import Refused, _, clock, fold
from backoffice.errors import NotFound
from backoffice.exchange.options import Options
from backoffice.exchange.tables import ImportProfile

KEPT = ("columns", "policies", "values", "match", "mode", "parents", "clear_blank")
"""The choices that hold for every file of a source."""
LEAST_FIT = 0.6
LONGEST_NAME = 100


@dataclass(frozen=True)
class Fit:
    """A profile, and how much of its headers and of the file's they share."""

    profile: ImportProfile
    share: float

    @property
    def is_good(self) -> bool:
        """Whether it is taken without asking."""
        return self.share >= LEAST_FIT


def fits(session: Session, resource: str, headings: Iterable[str]) -> list[Fit]:
    """The profiles of a noun, the best fit for these headers first, then the one used last."""
    here = {fold(one) for one in headings}
    known = session.scalars(select(ImportProfile).where(ImportProfile.resource == resource).order_by(ImportProfile.used_at.desc()))
    return sorted((Fit(one, _share(here, {fold(name) for name in one.headers})) for one in known), key=lambda fit: -fit.share)


def _share(here: set[str], there: set[str]) -> float:
    return len(here & there) / len(here | there) if here | there else 0.0


def headers(session: Session, resource: str) -> set[str]:
    """All headers that the profiles of a noun know."""
    return {header for some in session.scalars(select(ImportProfile.headers).where(ImportProfile.resource == resource)) for header in some}


def find(session: Session, resource: str, number: int) -> ImportProfile:
    """A profile of the noun; raises :class:`NotFound`."""
    profile = session.get(ImportProfile, number)
    if profile is None or profile.resource != resource:
        raise NotFound
    return profile


def save(session: Session, person: Any, resource: str, name: str, headings: Sequence[str], options: Options) -> ImportProfile:
    """Remember these choices under a name; what had the name before is replaced. The caller commits."""
    plain = plain_name(name)
    profile = session.scalars(select(ImportProfile).where(ImportProfile.resource == resource, ImportProfile.name == plain)).first()
    if profile is None:
        profile = ImportProfile(resource=resource, name=plain, user_id=person.id)
        session.add(profile)
    chosen = options.as_json()
    profile.headers, profile.options, profile.used_at = list(headings), {one: chosen[one] for one in KEPT}, clock.now()
    session.flush()
    return profile


def rename(session: Session, profile: ImportProfile, name: str) -> None:
    """Call a profile otherwise; raises :class:`Refused` for a name that is taken. The caller commits."""
    plain = plain_name(name)
    taken = select(ImportProfile.id).where(ImportProfile.resource == profile.resource, ImportProfile.name == plain, ImportProfile.id != profile.id)
    if session.scalars(taken).first() is not None:
        raise Refused(_("There is a matching of this name already."), field="name")
    profile.name = plain


def plain_name(name: str) -> str:
    """The name as it is kept; raises :class:`Refused` for an empty one."""
    plain = " ".join(name.split())[:LONGEST_NAME]
    if not plain:
        raise Refused(_("Give it a name first."), field="name")
    return plain


def applied(profile: ImportProfile, options: Options) -> Options:
    """The choices with those of a profile in their place."""
    kept: Mapping[str, Any] = profile.options
    return Options.from_json({**options.as_json(), **{one: kept[one] for one in KEPT if one in kept}})


def touch(session: Session, number: int) -> None:
    """Note that a profile has served. The caller commits."""
    session.execute(update(ImportProfile).where(ImportProfile.id == number).values(used_at=clock.now()))
