"""The base of every model: identity, version, times, archive and origin."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Enum, Index, MetaData, Table, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, object_session

from backoffice.declare import clock
from backoffice.declare.choice import Choice
from backoffice.declare.fields import FieldSpec, field
from backoffice.declare.resource import Resource
from backoffice.declare.rules import concerns, refuses
from backoffice.declare.text import _
from backoffice.declare.types import Flag, Moment

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table shares: names of constraints, and how closed lists are stored."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar = {
        Choice: Enum(
            Choice, native_enum=False, length=32, create_constraint=False,
            values_callable=lambda members: [member.value for member in members],
        ),
    }


class Model(Base):
    """A noun. Its page comes from ``__resource__``; its rules are its methods.

    ``before_save`` runs on every channel before a new or changed record is written; it may fill
    in what follows from the rest, and raise :class:`Refused`. With ``@concerns`` it says which
    records it looks at, so that imports may write the others set by set; with ``@refuses`` when
    it may refuse, so that their plans need not try out the others.
    """

    __abstract__ = True
    __resource__: ClassVar[Resource]

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(default=1, sort_order=90)
    created_at: Mapped[Moment] = field(_("Created", "创建时间"), default=clock.now, locked=True, sort_order=91)
    updated_at: Mapped[Moment] = field(_("Changed", "修改时间"), default=clock.now, onupdate=clock.now, locked=True, sort_order=92)
    archived_at: Mapped[Moment | None] = field(_("Archived", "归档时间"), locked=True, sort_order=93)
    from_history: Mapped[Flag] = field(
        _("From an old system", "来自旧系统"), locked=True, default=False, sort_order=94,
        help=_("Loaded as history: it may lack facts that are asked of new records.", "作为历史数据导入，可以缺少新记录必填的内容。"),
    )

    @classmethod
    def __table_cls__(cls, name: str, metadata: MetaData, *columns: Any, **more: Any) -> Table:
        """Archived records are few: the index that finds them costs the others nothing."""
        where = text("archived_at IS NOT NULL")
        return Table(name, metadata, *columns, Index(f"ix_{name}_archived_at", "archived_at", sqlite_where=where, postgresql_where=where), **more)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a declared_attr gets the class
        return {"version_id_col": cls.version}

    @refuses()
    @concerns(new=False, history=False)
    def before_save(self, *, is_new: bool) -> None:
        """Fill in what follows from the rest, or refuse."""

    def absorb(self, other: Any) -> None:
        """Two records were merged, and of ``other`` and this one only one can belong to what stays: take in what it said.

        ``other`` is archived afterwards and stays with the record that went.
        """

    def settle_merge(self, gone: Any) -> None:
        """``gone`` was merged into this record, and all that pointed there points here: put in order what contradicts itself, or refuse."""

    @property
    def session(self) -> Session:
        """The session that the record lives in; a rule may look up its neighbors there."""
        session = object_session(self)
        if session is None:
            raise LookupError(f"{type(self).__name__} is in no session")
        return session

    def __str__(self) -> str:
        names = self.__resource__.title or self.__resource__.key
        return " ".join(str(value) for name in names if (value := getattr(self, name)) is not None)


SYSTEM_FIELDS = ("created_at", "updated_at", "archived_at", "from_history")

__all__ = ["SYSTEM_FIELDS", "Base", "FieldSpec", "Model"]
