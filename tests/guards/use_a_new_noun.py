"""Uses the noun of ``docs/how-to/add-a-model.md`` as people would; run in a copy of the project that has it.

Prints one line of JSON: what each page and each command answered. Files are written to the folder that is named.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from backoffice.db import db
from backoffice.declare import Language
from models.roles import Role
from models.staff import Staff
from models.stores import Store
from tests.support.client import PASSWORD_HASH, Client, sign_in
from wsgi import app


def main() -> None:
    """In the pages as the supervisor of a store, then on the command line."""
    json.dump({"pages": pages(), "files": files(Path(sys.argv[1])), "check": run("check")[0]}, sys.stdout)


def pages() -> dict[str, Any]:
    """List, form, detail, action, history, export and import."""
    app.test_client_class = Client
    with app.app_context():
        home = Store(code="NEW1", name="Harbor store")
        db.session.add_all([home, Staff(
            staff_no="NEW9", name="Ruth Adler", role=Role.SUPERVISOR, store=home, login="ruth", password_hash=PASSWORD_HASH, language=Language.ENGLISH,
        )])
        db.session.commit()
    client = sign_in(app.test_client(), "ruth")
    seen = {"menu": "/courtesy-cars/" in text(client.get("/")), "empty_list": client.get("/courtesy-cars/").status_code}
    seen["form"] = client.get("/courtesy-cars/new").status_code
    wrong = client.post("/courtesy-cars/new", data={"plate": "nonsense", "name": "Polo", "store_key": "NEW1"})
    seen["refused"] = [wrong.status_code, "nonsense" in text(wrong)]
    made = client.post("/courtesy-cars/new", data={"plate": "京a12345", "name": "Polo", "store_key": "NEW1", "odometer_km": "1200"})
    path = made.headers.get("Location", "/none")
    seen["made"] = [made.status_code, bool(re.fullmatch(r"/courtesy-cars/\d+", path))]
    seen["found"] = "京A12345" in text(client.get("/courtesy-cars/?q=Polo&state=free"))
    seen["dialog"] = 'name="borrower"' in text(client.get(f"{path}/do/lend"))
    seen["lent"] = client.post(f"{path}/do/lend", data={"borrower": "Emma Hartley"}).status_code
    detail = text(client.get(path))
    seen["detail"] = ["Emma Hartley" in detail, "Lent" in detail]
    seen["wrong_state"] = client.post(f"{path}/do/lend", data={"borrower": "Tom"}).status_code
    history = text(client.get(f"{path}/history"))
    seen["history"] = [word in history for word in ("Ruth Adler", "Lend", "Emma Hartley")]
    seen["export_page"] = "京A12345" in client.get("/courtesy-cars/export?format=csv&columns=plate").get_data().decode("utf-8-sig")
    seen["import_page"] = client.get("/courtesy-cars/import").status_code
    return seen


def files(folder: Path) -> dict[str, Any]:
    """Export, import of the same, and of a file with one row that is good and one that is not."""
    out, more = folder / "cars.csv", folder / "more.csv"
    more.write_text("车牌号,车辆名称,门店\n京A54321,Golf,NEW1\n京A54322,Golf,NOWHERE\n", encoding="utf-8")
    return {
        "export": run("export", "courtesy-cars", "--output", str(out))[0], "rows": out.read_text(encoding="utf-8-sig"),
        "again": json.loads(run("import", "courtesy-cars", str(out), "--json")[1]),
        "strict": json.loads(run("import", "courtesy-cars", str(more), "--json")[1]),
        "lenient": json.loads(run("import", "courtesy-cars", str(more), "--skip-invalid", "--json")[1]),
    }


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and the output of ``flask …``."""
    done = app.test_cli_runner().invoke(args=arguments)
    return done.exit_code, done.output


def text(answer: Any) -> str:
    return answer.get_data(as_text=True)


if __name__ == "__main__":
    main()
