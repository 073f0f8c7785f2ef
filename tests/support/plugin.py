"""Hooks of the suite: the shared folder of a run begins and ends here, and in CI nothing may be skipped."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import postgres, run

PREFIX = "aftercare-tests-"


def _sweep() -> None:
    """Remove what killed runs have left behind."""
    for old in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        try:
            os.kill(int(old.name.removeprefix(PREFIX).split("-")[0]), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(old, ignore_errors=True)
        except PermissionError:
            continue  # another person's run


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def pytest_configure(config: pytest.Config) -> None:
    """The first process makes the folder; workers inherit it. Thousands of short tests leave little to collect: it is looked for less often."""
    gc.set_threshold(50_000, 20, 50)
    settings.register_profile("suite", deadline=None)  # how long an example takes is not what a test is about
    settings.load_profile("suite")
    if not hasattr(config, "workerinput"):
        _sweep()
        path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
        path.chmod(0o755)  # the database server may run as somebody else
        os.environ[run.FOLDER], os.environ[run.OWNER] = str(path), str(os.getpid())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever ends last should not be at a long one then."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> int:
    mark = item.get_closest_marker("long")
    return mark.args[0] if mark else 0


def pytest_collection_finish() -> None:
    """What has been imported stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """And the first process cleans up."""
    if not hasattr(config, "workerinput") and os.environ.get(run.OWNER) == str(os.getpid()):
        path = run.folder()
        postgres.stop(path / "postgres")
        shutil.rmtree(path, ignore_errors=True)
        del os.environ[run.FOLDER], os.environ[run.OWNER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a test that did not run has failed."""
    report = yield
    return _insist(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """In CI a file that was skipped has failed."""
    report = yield
    return _insist(report)


def _insist(report):
    if is_ci() and (report.skipped or hasattr(report, "wasxfail")):
        reason = getattr(report, "wasxfail", None) or report.longrepr
        report.outcome, report.longrepr = "failed", f"Nothing may be skipped or expected to fail in CI: {reason}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report
