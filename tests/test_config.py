"""Settings are read from the environment, checked, and safe where nobody chose."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from config import ROOT, BadSetting, Config

KEY = "k" * 32


def read(tmp_path, **environ):
    return Config.from_env(environ, tmp_path / "instance")


def test_without_any_setting_the_program_runs_embedded(tmp_path):
    """A bare checkout needs no decision."""
    config = read(tmp_path)

    assert config.database_url == f"sqlite:///{ROOT}/instance/aftercare.db"
    assert (config.host, config.port, config.timezone, config.locale) == ("127.0.0.1", 8000, "Asia/Shanghai", "zh_Hans_CN")
    assert not config.is_production


def test_the_key_is_made_once_and_is_the_owners(tmp_path):
    """Sessions outlive a restart, and no other account on the machine can read the key."""
    key = read(tmp_path).secret_key
    file = tmp_path / "instance" / "secret_key"

    assert len(key) >= 32
    assert read(tmp_path).secret_key == key
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_could_read_is_closed(tmp_path):
    """A copied instance folder does not stay open."""
    read(tmp_path)
    file = tmp_path / "instance" / "secret_key"
    file.chmod(0o644)
    read(tmp_path)

    assert file.stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    """Web server and worker of one start read each other's sessions."""
    code = "import sys; from pathlib import Path; from config import Config; print(Config.from_env({}, Path(sys.argv[1])).secret_key)"
    command = [sys.executable, "-c", code, str(tmp_path / "instance")]
    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(lambda _n: subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True), range(6)))

    assert len({run.stdout for run in runs}) == 1
    assert [path.name for path in (tmp_path / "instance").iterdir()] == ["secret_key"]


@pytest.mark.parametrize("key", ["", "short"])
def test_production_has_no_friendly_key(tmp_path, key):
    """A forgotten key stops the start; none is made up."""
    with pytest.raises(BadSetting, match="SECRET_KEY is required"):
        read(tmp_path, AFTERCARE_ENV="production", SECRET_KEY=key)

    assert not (tmp_path / "instance" / "secret_key").exists()


def test_production_takes_no_demo_password(tmp_path):
    """A password that was meant for trying opens nothing in production."""
    config = read(tmp_path, AFTERCARE_ENV="production", SECRET_KEY=KEY, AFTERCARE_DEMO_PASSWORD="open sesame")

    assert config.is_production
    assert config.demo_password is None


@pytest.mark.parametrize(("given", "wanted"), [
    ("sqlite:///some/file.db", f"sqlite:///{ROOT}/some/file.db"),
    ("sqlite:////srv/file.db", "sqlite:////srv/file.db"),
    ("postgresql://me:p%40ss@host/name", "postgresql+psycopg://me:p%40ss@host/name"),
    ("postgres://host/name?sslmode=require", "postgresql+psycopg://host/name?sslmode=require"),
    ("postgresql+psycopg://host/name", "postgresql+psycopg://host/name"),
])
def test_the_address_of_the_database_is_completed(tmp_path, given, wanted):
    """Usual spellings mean what people expect, from whatever folder a command is started."""
    assert read(tmp_path, DATABASE_URL=given).database_url == wanted


@pytest.mark.parametrize(("name", "value"), [
    ("DATABASE_URL", "nonsense"), ("DATABASE_URL", "mysql://host/name"), ("DATABASE_URL", "postgresql://host:port/name"),
    ("AFTERCARE_ENV", "staging"), ("PORT", "0"), ("PORT", "65536"), ("PORT", "８０"), ("PORT", "http"),
    ("TIMEZONE", "Mars/Olympus"), ("LOCALE", "zh"), ("SMTP_HOST", "mail"), ("SMTP_TLS", "yes"), ("MAIL_FROM", "desk"),
    ("WEBHOOK_URL", "https://somebody/"), ("WEBHOOK_SECRET", "short"), ("PUBLIC_URL", "desk.example.com"),
])
def test_a_setting_that_cannot_be_used_is_named(tmp_path, name, value):
    """The sentence says which setting is wrong."""
    with pytest.raises(BadSetting, match=name):
        read(tmp_path, **{name: value})


def test_a_wrong_address_does_not_repeat_its_password(tmp_path):
    """The sentence may stand in a log."""
    with pytest.raises(BadSetting) as caught:
        read(tmp_path, DATABASE_URL="postgresql://me:hush@host:port/name")

    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_printed_configuration_keeps_its_secrets(tmp_path):
    """Nor does a trace show them."""
    config = read(tmp_path, SECRET_KEY="hush" * 8, AFTERCARE_DEMO_PASSWORD="hush", DATABASE_URL="postgresql://me:hush@host/name", SMTP_PASSWORD="hush",
                  WEBHOOK_URL="https://host/hush", WEBHOOK_SECRET="hush" * 8)

    assert "hush" not in repr(config)


def test_a_wrong_setting_ends_a_command_with_a_sentence():
    """``flask`` and the web server say what is wrong instead of showing a trace."""
    run = subprocess.run(
        [sys.executable, "-c", "import wsgi"], cwd=ROOT, env={**os.environ, "PORT": "http"}, capture_output=True, text=True, check=False,
    )

    assert run.returncode == 2
    assert run.stderr.strip() == "aftercare: PORT is 'http'; it must be a number from 1 to 65535."
