"""What the house remembers by itself: every change (audit), every imported file, every number given."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import clock
from backoffice.declare.base import Base, Model
from backoffice.declare.choice import Choice
from backoffice.declare.fields import field
from backoffice.declare.resource import Resource, Right
from backoffice.declare.text import _
from backoffice.declare.types import Count, Moment, ShortText

JOURNAL_RIGHTS: dict[str, dict[Any, Right]] = {"audit": {}, "imports": {}, "views": {}, "outbox": {}}
"""Who sees the journal, who keeps the views of lists that others see, and who sees what could not be sent; each domain adds its roles when its app is made."""


class Deed(Choice):
    """What was done to a record."""

    CREATE = "create", _("Created", "新建"), "good"
    UPDATE = "update", _("Changed", "修改"), "info"
    ARCHIVE = "archive", _("Archived", "归档"), "warn"
    RESTORE = "restore", _("Restored", "恢复"), "good"
    DELETE = "delete", _("Removed for good", "彻底删除"), "bad"
    REVEAL = "reveal", _("Personal data shown", "查看个人信息"), "warn"
    EXPORT = "export", _("Exported", "导出"), "warn"
    LOGIN = "login", _("Signed in", "登录"), "neutral"


class Source(Choice):
    """The channel that a change came through."""

    PAGE = "page", _("Page", "页面")
    IMPORT = "import", _("Import", "导入")
    COMMAND = "command", _("Command", "命令行")
    SYSTEM = "system", _("System", "系统")


class AuditEntry(Model):
    """One change of one record, written in the change's own transaction and never changed again.

    ``changes`` maps a field to its value before and after, as the field's type dumps it.
    ``record_version`` is the record's version after the change, ``merge_id`` the merge that it belongs to.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_record", "resource", "record_id", "id"),
        Index("ix_audit_entries_run", "run_id", "id"),
        Index("ix_audit_entries_deed", "deed", "id"),
        Index(
            "ix_audit_entries_merge", "merge_id", "id",
            sqlite_where=text("merge_id IS NOT NULL"), postgresql_where=text("merge_id IS NOT NULL"),
        ),
    )
    __resource__ = Resource(
        _("Audit entry", "审计记录"), _("Audit", "审计记录"), name="audit", key=("id",), rights=JOURNAL_RIGHTS["audit"], importable=False,
        columns=("at", "who", "deed", "resource", "record_name", "action", "source"),
        filters=("at", "deed", "resource"), order=("-id",), group=_("System", "系统"), icon="journal-text",
    )

    at: Mapped[Moment] = field(_("When", "时间"), default=clock.now, index=True, locked=True)
    user_id: Mapped[int | None] = mapped_column()
    who: Mapped[ShortText | None] = field(_("Who", "操作人"), locked=True)
    deed: Mapped[Deed] = field(_("What", "操作"), locked=True)
    resource: Mapped[str] = field(_("Record type", "记录类型"), String(64), locked=True)
    record_id: Mapped[int | None] = mapped_column()
    record_name: Mapped[str | None] = field(_("Record", "记录"), String(400), locked=True)
    record_version: Mapped[int | None] = mapped_column()
    action: Mapped[str | None] = field(_("Action", "动作"), String(64), locked=True)
    source: Mapped[Source] = field(_("Source", "来源"), locked=True)
    run_id: Mapped[int | None] = field(_("Import run", "导入批次"), locked=True)
    merge_id: Mapped[int | None] = mapped_column()
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class RunState(Choice):
    """How far an import has come."""

    UPLOADED = "uploaded", _("Waits for its columns to be matched", "待对应列"), "warn"
    PLANNING = "planning", _("Being checked", "检查中"), "info"
    PLANNED = "planned", _("Waits for review", "待审阅"), "warn"
    WAITING = "waiting", _("Waits for another person's approval", "待他人批准"), "warn"
    APPLYING = "applying", _("Being written", "写入中"), "info"
    APPLIED = "applied", _("Applied", "已写入"), "good"
    REFUSED = "refused", _("Refused, nothing written", "被拒绝，未写入"), "bad"
    CANCELLED = "cancelled", _("Cancelled, nothing written", "已取消，未写入"), "neutral"
    FAILED = "failed", _("Failed", "失败"), "bad"
    UNDOING = "undoing", _("Being taken back", "撤销中"), "info"
    UNDONE = "undone", _("Taken back", "已撤销"), "neutral"


class ImportRun(Model):
    """One file that came in, from upload to receipt; or the taking back of one (``undoes_id``).

    ``options`` are the choices it is planned with, ``receipt`` its outcome as the commands print it.
    Its file and its staged rows are kept until ``expires_at``.
    """

    __tablename__ = "import_runs"
    __resource__ = Resource(
        _("Import", "导入记录"), _("Imports", "导入记录"), name="imports", key=("id",), small=True, rights=JOURNAL_RIGHTS["imports"], importable=False,
        columns=("started_at", "who", "resource", "file_name", "state", "rows", "created", "updated", "unchanged", "refused"),
        search=("file_name", "who"), filters=("resource", "state", "started_at"), order=("-id",),
        group=_("System", "系统"), icon="cloud-upload",
    )

    started_at: Mapped[Moment] = field(_("Started", "开始时间"), default=clock.now, index=True, locked=True)
    user_id: Mapped[int | None] = mapped_column(index=True)
    who: Mapped[ShortText | None] = field(_("Who", "操作人"), locked=True)
    resource: Mapped[str] = field(_("Record type", "记录类型"), String(64), locked=True)
    file_name: Mapped[ShortText] = field(_("File", "文件"), locked=True)
    file_size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = field(_("Checksum", "校验和"), String(64), locked=True)
    encoding: Mapped[str] = field(_("Encoding", "编码"), String(32), locked=True)
    state: Mapped[RunState] = field(_("State", "状态"), locked=True, index=True)
    rows: Mapped[Count] = field(_("Rows", "行数"), default=0, locked=True)
    created: Mapped[Count] = field(_("Created", "新建"), default=0, locked=True)
    updated: Mapped[Count] = field(_("Updated", "更新"), default=0, locked=True)
    unchanged: Mapped[Count] = field(_("Unchanged", "未变"), default=0, locked=True)
    refused: Mapped[Count] = field(_("Refused", "拒绝"), default=0, locked=True)
    conflicts: Mapped[Count] = field(_("To be decided", "待确认"), default=0, locked=True)
    warnings: Mapped[Count] = field(_("Notices", "提示"), default=0, locked=True)
    approver_id: Mapped[int | None] = mapped_column()
    approved_by: Mapped[ShortText | None] = field(_("Approved by", "批准人"), locked=True)
    approved_at: Mapped[Moment | None] = field(_("Approved", "批准时间"), locked=True)
    ended_at: Mapped[Moment | None] = field(_("Ended", "结束时间"), locked=True)
    expires_at: Mapped[Moment | None] = field(_("File kept until", "文件保留至"), index=True, locked=True)
    undoes_id: Mapped[int | None] = field(_("Takes back import", "撤销的导入"), index=True, locked=True)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class NumberSeries(Base):
    """The last number given for a prefix on a day."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]
