"""What a model of people needs so that they can sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from backoffice.declare.choice import Choice
from backoffice.declare.fields import field
from backoffice.declare.text import _
from backoffice.declare.types import Moment


class Language(Choice):
    """The languages of the pages."""

    CHINESE = "zh_Hans_CN", _("Chinese", "中文"), "neutral", ("zh",)
    ENGLISH = "en", _("English", "英文")


class Account:
    """A mixin: the person signs in with ``login`` and acts in ``role`` (declared by the model).

    Only people with a login sign in; ``disabled_at`` shuts one out at once.
    """

    if TYPE_CHECKING:
        role: Mapped[Choice]

    login: Mapped[str | None] = field(_("Login", "登录名"), String(64), unique=True, locked=True)
    password_hash: Mapped[str | None] = field(_("Password", "密码"), String(200), locked=True, secret=True)
    language: Mapped[Language | None] = field(_("Language", "界面语言"), locked=True)
    disabled_at: Mapped[Moment | None] = field(_("Disabled", "停用时间"), locked=True)
