"""Every setting of the program: name, default, meaning; read from the environment and from ``.env``."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
EMBEDDED, PRODUCTION = "embedded", "production"
LOCALES = ("zh_Hans_CN", "en")
SHORTEST_KEY = 32
TLS = ("starttls", "tls", "none")


@dataclass(frozen=True)
class Setting:
    """One line of the table; ``default`` is None where the value is made, required or absent."""

    name: str
    default: str | None
    help: str


SETTINGS = (
    Setting("DATABASE_URL", "sqlite:///instance/aftercare.db", "SQLite file (relative: from the repository root) or postgresql+psycopg://…"),
    Setting("SECRET_KEY", None, "Signs sessions and tokens. Embedded: made once and kept in instance/. Production: required."),
    Setting("AFTERCARE_ENV", EMBEDDED, "embedded or production: secure cookies, HSTS, no demo data, no default passwords."),
    Setting("AFTERCARE_DEMO_PASSWORD", None, "Password of every demo account; absent: random, printed once. Unused in production."),
    Setting("HOST", "127.0.0.1", "Address that the web server listens on."),
    Setting("PORT", "8000", "Port that the web server listens on."),
    Setting("TRUSTED_PROXIES", "0", "How many reverse proxies stand in front; their word on the caller's address and on HTTPS is taken."),
    Setting("QUEUE_URL", None, "Where work waits for a worker: absent, the embedded queue; or redis://… or postgresql://… for many machines."),
    Setting("IMPORT_APPROVAL_ROWS", "5000", "An import on the page with more rows than this needs another person's approval; the command line never does."),
    Setting("PUBLIC_URL", None, "Address that people reach the pages at, as links in mails begin: https://…; absent: mails hold no link."),
    Setting("SMTP_HOST", None, "Mail server that messages are handed to; absent: nobody gets mail."),
    Setting("SMTP_PORT", "587", "Port of the mail server."),
    Setting("SMTP_TLS", "starttls", "starttls, tls (from the first byte) or none (a server on this machine)."),
    Setting("SMTP_USER", None, "Name that the program signs in with at the mail server; absent: it does not sign in."),
    Setting("SMTP_PASSWORD", None, "Password of SMTP_USER."),
    Setting("MAIL_FROM", None, "Sender of mails; required where SMTP_HOST is set."),
    Setting("WEBHOOK_URL", None, "Address that every event is posted to, without personal data; absent: none is."),
    Setting("WEBHOOK_SECRET", None, "Signs what is posted; required where WEBHOOK_URL is set."),
    Setting("TIMEZONE", "Asia/Shanghai", "Zone that moments without an offset are read and shown in."),
    Setting("LOCALE", "zh_Hans_CN", "Language of the pages, zh_Hans_CN or en; a person may choose another."),
)


class BadSetting(ValueError):
    """A setting is missing or cannot be used; the message names it and says what is wanted."""


@dataclass(frozen=True)
class Config:
    """The settings of one run. Secrets stay out of its printed form."""

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    environment: str = EMBEDDED
    demo_password: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0
    queue_url: str | None = field(default=None, repr=False)
    import_approval_rows: int = 5000
    public_url: str | None = None
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_tls: str = "starttls"
    smtp_user: str | None = field(default=None, repr=False)
    smtp_password: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    timezone: str = "Asia/Shanghai"
    locale: str = "zh_Hans_CN"
    instance_path: Path = ROOT / "instance"

    @property
    def is_production(self) -> bool:
        return self.environment == PRODUCTION

    @classmethod
    def from_env(cls, environ: Mapping[str, str | None] | None = None, instance_path: Path = ROOT / "instance") -> Config:
        """Read the settings; the environment wins over ``.env``, and an empty value counts as absent.

        Raises :class:`BadSetting` for a value that cannot be used.
        """
        given = {**dotenv_values(ROOT / ".env"), **os.environ} if environ is None else environ
        values = {setting.name: given.get(setting.name) or setting.default for setting in SETTINGS}
        environment = _one_of("AFTERCARE_ENV", values, (EMBEDDED, PRODUCTION))
        is_production = environment == PRODUCTION
        database_url = _database_url(str(values["DATABASE_URL"]))
        if not is_production or database_url.startswith("sqlite"):
            instance_path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(
            database_url=database_url,
            secret_key=_secret_key(values["SECRET_KEY"], instance_path, is_production=is_production),
            environment=environment,
            demo_password=None if is_production else values["AFTERCARE_DEMO_PASSWORD"],
            host=str(values["HOST"]),
            port=_port(str(values["PORT"])),
            trusted_proxies=_few("TRUSTED_PROXIES", str(values["TRUSTED_PROXIES"])),
            queue_url=_queue_url(values["QUEUE_URL"]),
            import_approval_rows=_count("IMPORT_APPROVAL_ROWS", str(values["IMPORT_APPROVAL_ROWS"])),
            public_url=_web("PUBLIC_URL", values["PUBLIC_URL"], None),
            smtp_host=_with("SMTP_HOST", values, "MAIL_FROM"),
            smtp_port=_port(str(values["SMTP_PORT"]), "SMTP_PORT"),
            smtp_tls=_one_of("SMTP_TLS", values, TLS),
            smtp_user=_with("SMTP_USER", values, "SMTP_PASSWORD"),
            smtp_password=values["SMTP_PASSWORD"],
            mail_from=_sender(values["MAIL_FROM"]),
            webhook_url=_web("WEBHOOK_URL", _with("WEBHOOK_URL", values, "WEBHOOK_SECRET"), ""),
            webhook_secret=_secret("WEBHOOK_SECRET", values["WEBHOOK_SECRET"]),
            timezone=_one_of("TIMEZONE", values, available_timezones()),
            locale=_one_of("LOCALE", values, LOCALES),
            instance_path=instance_path,
        )


def _one_of(name: str, values: Mapping[str, str | None], choices: tuple[str, ...] | set[str]) -> str:
    value = values[name]
    if value is None or value not in choices:
        wanted = " or ".join(choices) if isinstance(choices, tuple) else "a name such as Asia/Shanghai"
        raise BadSetting(f"{name} is {value!r}; it must be {wanted}.")
    return value


def _port(text: str, name: str = "PORT") -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise BadSetting(f"{name} is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def _with(name: str, values: Mapping[str, str | None], other: str) -> str | None:
    """A setting that is of no use without another one."""
    if values[name] is not None and values[other] is None:
        raise BadSetting(f"{name} is set, so {other} is needed too.")
    return values[name]


def _web(name: str, text: str | None, query: str | None) -> str | None:
    """An address of the web; what may hold a secret is not repeated. ``query`` is None where none makes sense."""
    if text is None:
        return None
    try:
        parts = urlsplit(text)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_fine = False
    if not is_fine or not text.isascii() or not text.isprintable() or " " in text or "@" in parts.netloc or (query is None and parts.query):
        raise BadSetting(f"{name} cannot be read; it looks like https://host/path, without a name or password in it.")
    return text.rstrip("/") if query is None else text


def _sender(text: str | None) -> str | None:
    """An address, or a name with an address behind it."""
    if text is None:
        return None
    _name, address = parseaddr(text)
    if not address.isascii() or not text.isprintable() or not all(address.partition("@")) or any(letter.isspace() for letter in address):
        raise BadSetting(f"MAIL_FROM is {text!r}; it looks like desk@example.com or Desk <desk@example.com>.")
    return text


def _secret(name: str, text: str | None) -> str | None:
    if text is not None and len(text) < SHORTEST_KEY:
        raise BadSetting(f"{name} needs at least {SHORTEST_KEY} characters.")
    return text


def _few(name: str, text: str) -> int:
    if text not in set("0123456789"):
        raise BadSetting(f"{name} is {text!r}; it must be a number from 0 to 9.")
    return int(text)


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadSetting(f"{name} is {text!r}; it must be a whole number from 0 up.")
    return int(text)


def _database_url(text: str) -> str:
    """Name the driver of PostgreSQL, and count a relative SQLite path from the repository root."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the address may hold a password: it is not repeated, nor chained
        raise BadSetting("DATABASE_URL cannot be read; it looks like sqlite:///file.db or postgresql+psycopg://user@host/name.") from None
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise BadSetting(f"DATABASE_URL names {url.drivername!r}; it must be sqlite or postgresql+psycopg.")
    file = url.database
    if url.get_backend_name() == "sqlite" and file and file != ":memory:" and not file.startswith("file:"):
        url = url.set(database=str(ROOT / file))
    return url.render_as_string(hide_password=False)


def _queue_url(text: str | None) -> str | None:
    """The address may hold a password: it is not repeated."""
    if text is not None and not text.startswith(("redis://", "rediss://", "postgres://", "postgresql://", "postgresql+psycopg://")):
        raise BadSetting("QUEUE_URL cannot be read; it looks like redis://host:6379/0 or postgresql://user@host/name, or is absent.")
    return text


def _secret_key(given: str | None, instance_path: Path, *, is_production: bool) -> str:
    if is_production and (given is None or len(given) < SHORTEST_KEY):
        raise BadSetting(
            f"SECRET_KEY is required in production, with at least {SHORTEST_KEY} characters. "
            "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return given or _kept_key(instance_path)


def _kept_key(instance_path: Path) -> str:
    """Answer the key in ``instance_path``; make it first if need be.

    Of several processes that start at once, the first to link its file wins and all read that one.
    """
    kept = instance_path / "secret_key"
    if not kept.exists():
        mine = instance_path / f".secret_key.{os.getpid()}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(mine, kept)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    kept.chmod(0o600)
    return kept.read_text(encoding="ascii").strip()
