"""The lines of an escalation draft: a level or a trigger, and what is to be different about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backoffice.declare import Count, Flag, LongText, Model, Refused, Resource, ShortText, Text, _, field, link
from models.acting import linked
from models.changes import changed
from models.escalation_drafts import DraftStatus, EscalationDraft
from models.escalation_levels import EscalationLevel, percentages
from models.ladder import FULL
from models.phrases import phrases
from models.roles import CRU, E, R, rights
from models.signs import COUNTED, Sign
from models.spans import MOST_DAYS, TOO_LONG_AGO, Hours, Minutes
from models.triggers import Trigger

OF_LEVEL = ("limit_hours", "warn_at", "accept_minutes")
OF_TRIGGER = ("active", "threshold", "phrases", "harmless")
SAME = _("Empty: as it is.", "不填表示不变。")


class EscalationDraftLine(Model):
    """About one level or one trigger; what is empty stays as it is. It remembers what it would replace."""

    __tablename__ = "escalation_draft_lines"
    __table_args__ = (
        UniqueConstraint("draft_id", "sequence"),
        UniqueConstraint("draft_id", "level_id"),
        UniqueConstraint("draft_id", "trigger_id"),
        CheckConstraint("(level_id IS NULL) <> (trigger_id IS NULL)", name="is_about_one_thing"),
    )
    __resource__ = Resource(
        _("Line of a draft", "草案变更"), _("Lines of drafts", "草案变更"), name="escalation-draft-lines", small=True, key=("draft", "sequence"),
        icon="sliders", group=_("Reference data", "基础数据"), order=("-id",), importable=False,
        columns=("sequence", "draft", "level", "trigger", "limit_hours", "warn_at", "accept_minutes", "active", "threshold", "phrases"),
        filters=("draft", "level", "trigger"),
        sections={_("A level", "级别"): ("level", *OF_LEVEL), _("Or a trigger", "或触发条件"): ("trigger", *OF_TRIGGER)},
        rights=rights(supervisor=R, manager=CRU | E, admin=CRU | E, auditor=R | E),
    )

    draft_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationDraft.id), index=True)
    draft: Mapped[EscalationDraft | None] = link(
        _("Draft", "草案"), back_populates="lines", active_history=True, help=_("Empty: a new one.", "不填则新建草案。"),
    )
    sequence: Mapped[Count] = field(_("Sequence", "序号"), locked=True)
    level_id: Mapped[int | None] = mapped_column(ForeignKey(EscalationLevel.id), index=True)
    level: Mapped[EscalationLevel | None] = link(_("Level", "级别"), back_populates="draft_lines", active_history=True)
    limit_hours: Mapped[Hours | None] = field(_("Time limit (hours)", "时限（小时）"), help=SAME)
    warn_at: Mapped[ShortText | None] = field(_("Warns at (percent)", "预警点（%）"), help=SAME)
    accept_minutes: Mapped[Minutes | None] = field(_("Accept within (minutes)", "接手时限（分钟）"), help=SAME)
    trigger_id: Mapped[int | None] = mapped_column(ForeignKey(Trigger.id), index=True)
    trigger: Mapped[Trigger | None] = link(_("Trigger", "触发条件"), back_populates="draft_lines", active_history=True)
    active: Mapped[Flag | None] = field(_("In use", "启用"), help=SAME)
    threshold: Mapped[Count | None] = field(_("Threshold", "阈值"), help=SAME)
    phrases: Mapped[LongText | None] = field(_("Phrases", "关键词"), help=SAME)
    harmless: Mapped[LongText | None] = field(_("Harmless words", "排除词"), help=SAME)
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the level or the trigger said of these when the line was written."""

    def before_save(self, *, is_new: bool) -> None:
        """It says what is to be different, and nothing that the level or the trigger itself would refuse."""
        level, trigger = linked(self, "level", EscalationLevel), linked(self, "trigger", Trigger)
        if (level is None) is (trigger is None):
            raise Refused(_("Name a level or a trigger.", "请选择一个级别或一个触发条件。"), field="level")
        draft = linked(self, "draft", EscalationDraft)
        if not is_new and changed(self, "draft"):
            raise Refused(_("A line stays in its draft; make another one there.", "变更不能移出草案，请在其他草案中另行新建。"), field="draft")
        if draft is not None and draft.status is DraftStatus.ON:
            raise Refused(_("The draft has been switched on; take it back first.", "草案已启用，请先撤回。"))
        self._insist_on_values(level or trigger, OF_LEVEL if level is not None else OF_TRIGGER)
        if trigger is not None:
            self._insist_on_sense(trigger)
        if draft is None:
            self.draft = EscalationDraft(name=str(_("{name}: other values", "{name}：调整", name=level or trigger))[:100])
            self.session.add(self.draft)
        if is_new and self.draft is not None:
            self.sequence = 1 + max(filter(None, (one.sequence for one in self.draft.lines)), default=0)
        if is_new or changed(self, "level", "trigger"):
            self.look()
        elif self.before.keys() != self.values.keys():
            self.look(self.before)

    def _insist_on_values(self, about: Any, own: tuple[str, ...]) -> None:
        for name in (*OF_LEVEL, *OF_TRIGGER):
            if getattr(self, name) is not None and name not in own:
                raise Refused(_("“{name}” has no such value.", "“{name}”没有该项。", name=about), field=name)
        if not self.values:
            raise Refused(_("Say what is to be different.", "请填写要变更的内容。"), field=own[0])
        if self.warn_at is not None:
            self.warn_at = " ".join(map(str, percentages(self.warn_at)))
        for name in ("limit_hours", "accept_minutes", "threshold"):
            if getattr(self, name) == 0:
                raise Refused(_("At least one.", "至少为1。"), field=name)

    def _insist_on_sense(self, trigger: Trigger) -> None:
        is_phrase, has_words = trigger.sign is Sign.PHRASE, self.phrases is not None or self.harmless is not None
        wrong = [
            (has_words and not is_phrase, "phrases", _("This trigger looks for no phrases.", "该触发条件不依据关键词。")),
            (self.phrases is not None and not phrases(self.phrases), "phrases", _("Name the phrases.", "请填写关键词。")),
            (self.threshold is not None and trigger.sign not in COUNTED, "threshold", _("This trigger has no threshold.", "该触发条件没有阈值。")),
            (trigger.sign is Sign.TIME and (self.threshold or 0) > FULL, "threshold", _("At most 100 percent.", "不能超过100%。")),
            (trigger.sign is Sign.REPEAT and (self.threshold or 0) > MOST_DAYS, "threshold", TOO_LONG_AGO),
        ]
        for is_wrong, name, why in wrong:
            if is_wrong:
                raise Refused(why, field=name)

    @property
    def target(self) -> EscalationLevel | Trigger:
        """The level or the trigger."""
        return self.level or self.trigger  # type: ignore[return-value]  # one of them is there, says the constraint

    @property
    def values(self) -> dict[str, Any]:
        """What is to be different: field → value."""
        return {name: value for name in (*OF_LEVEL, *OF_TRIGGER) if (value := getattr(self, name)) is not None}

    @property
    def is_stale(self) -> bool:
        """Whether the level or the trigger says something else than it did when the line was written."""
        return any(getattr(self.target, name) != value for name, value in self.before.items())

    @property
    def holds(self) -> bool:
        """Whether the level or the trigger says what the line wants."""
        return all(getattr(self.target, name) == value for name, value in self.values.items())

    def look(self, known: Mapping[str, Any] | None = None) -> None:
        """Remember what the level or the trigger says now, but for what is known already."""
        about = linked(self, "level", EscalationLevel) or linked(self, "trigger", Trigger)
        self.before = {name: getattr(about, name) for name in self.values} | {name: value for name, value in (known or {}).items() if name in self.values}

    def insist(self, expected: Mapping[str, Any], why: Text) -> None:
        """Refuse where the level or the trigger does not say what is expected of it."""
        others = {name: getattr(self.target, name) for name, value in expected.items() if getattr(self.target, name) != value}
        if others:
            changes = "; ".join(str(self._change(name, expected[name], value)) for name, value in others.items())
            raise Refused(why.format(name=self.target, changes=changes), code="stale")

    def write(self, values: Mapping[str, Any]) -> None:
        """Let the level or the trigger say so."""
        for name, value in values.items():
            setattr(self.target, name, value)

    def in_words(self) -> Iterator[Text]:
        """What is different, one thing a line."""
        for name, value in self.values.items():
            yield _("{name} – {change}", "{name}：{change}", name=self.target, change=self._change(name, self.before.get(name), value))
        if self.draft is not None and self.draft.status is DraftStatus.DRAFT and self.is_stale:
            yield _("{name} has changed since this draft was written.", "草案拟定后{name}已被修改。", name=self.target)

    def _change(self, name: str, old: Any, new: Any) -> Text:
        label = type(self).__table__.c[name].info["field"].label
        return _("{label}: {old} → {new}", "{label}：{old} → {new}", label=label, old=_shown(old), new=_shown(new))


def _shown(value: Any) -> Text | str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes", "是") if value else _("No", "否")
    return " ".join(str(value).split())
