"""No upload leaves an open file behind."""

from __future__ import annotations

import gc
import warnings
from typing import Any

import pytest

from tests.backoffice.lending import client_of, stock

HEAD = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + b"x" * 900_000
NOTE = b'\r\n--B\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + b"y" * 600_000


@pytest.mark.parametrize("body", [HEAD + b"\r\n--B--\r\n", HEAD, HEAD + NOTE + b"\r\n--B--\r\n"], ids=["whole", "cut off", "refused half-way"])
def test_every_upload_closes_its_file(toy_app: Any, toy_session: Any, body: bytes) -> None:
    """A large file waits on the disk; its handle goes with the request, whatever becomes of the form."""
    stock(toy_session)
    client = client_of(toy_app, "head")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        answer = client.post("/readers/import", data=body, content_type="multipart/form-data; boundary=B")
        gc.collect()

    assert answer.status_code < 500
    assert [str(one.message) for one in said if one.category is ResourceWarning and "file" in str(one.message).lower()] == []
