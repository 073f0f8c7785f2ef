"""What a model of people needs so that they can sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from backoffice.declare.choice import Choice
from backoffice.declare.fields import field
from backoffice.declare.text import _
from backoffice.declare.types import Email, Moment


class Language(Choice):
    """The languages of the pages."""

    CHINESE = "zh_Hans_CN", _("Chinese", "中文"), "neutral", ("zh",)
    ENGLISH = "en", _("English", "英文")


class Account:
    """A mixin: the person signs in with ``login`` and acts in ``role`` (declared by the model).

    Only people with a login sign in; ``disabled_at`` and the archive shut one out at once. A
    domain may add reasons of its own by overriding ``may_sign_in``.
    """

    if TYPE_CHECKING:
        id: Mapped[int]
        role: Mapped[Choice]
        archived_at: Mapped[Moment | None]

    # What Flask-Login asks of a person who has signed in; the token is the session's, never stored here.
    is_authenticated = is_active = True
    is_anonymous = False
    session_token = ""

    login: Mapped[str | None] = field(_("Login", "登录名"), String(64), unique=True, locked=True)
    password_hash: Mapped[str | None] = field(_("Password", "密码"), String(200), locked=True, secret=True)
    language: Mapped[Language | None] = field(_("Language", "界面语言"), locked=True)
    email: Mapped[Email | None] = field(_("E-mail", "电子邮箱"), help=_("Where messages are sent to.", "用于接收系统消息。"))
    disabled_at: Mapped[Moment | None] = field(_("Disabled", "停用时间"), locked=True)

    @property
    def may_sign_in(self) -> bool:
        """Whether the person may sign in, and stay."""
        return self.login is not None and self.disabled_at is None and self.archived_at is None

    def get_id(self) -> str:
        """What the cookie holds: the token of the session, not the person's number."""
        return self.session_token
