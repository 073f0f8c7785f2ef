"""The application object that a web server and the ``flask`` command load."""

from __future__ import annotations

import gc
import sys

from backoffice.app import create_app
from config import BadSetting, Config
from models import load_models
from models.journal import JOURNAL
from models.layouts import LAYOUTS

try:
    config = Config.from_env()
except BadSetting as problem:
    print(f"aftercare: {problem}", file=sys.stderr)  # noqa: T201  # a sentence, not a traceback
    raise SystemExit(2) from None

app = create_app(config, load_models(), JOURNAL, LAYOUTS)

gc.set_threshold(10_000, 10, 10)  # a page makes some ten thousand objects, and nearly all of them go without being looked for
gc.collect()
gc.freeze()  # what is loaded by now stays: nobody has to look through it for garbage again
gc.collect()
