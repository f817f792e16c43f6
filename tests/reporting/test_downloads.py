import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import AsyncRequestFactory, Client
from django.test.utils import CaptureQueriesContext

from accounts import files, people
from accounts.models import User
from reporting import exports
from reporting.models import Export
from reporting.reports.messages import REPORT
from reporting.web import downloads
from tests.reporting import texts
from textengage.lib import clock
from textengage.lib.ids import new_id

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def ask(by: User) -> Export:
    return exports.request(REPORT, viewer=texts.viewer(by), timeframe=texts.MARCH, chosen={})


@pytest.fixture
def ready(rex: User, dana: Any) -> Export:
    """Rex's file with one text."""
    texts.text(dana, state="received")
    export = ask(rex)
    assert exports.make(export.id)
    export.refresh_from_db()
    return export


def address(export: Export) -> str:
    return f"/reports/downloads/{export.id}/file/"


def test_file_comes_as_an_attachment(browser: Client, ready: Export) -> None:
    assert ready.file is not None
    response = browser.get(address(ready))
    body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert body == files.path_of(ready.file).read_bytes()
    assert {name: response[name] for name in ("Content-Type", "Content-Disposition")} == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="messages-2025-03-01-to-2025-03-31.csv"',
    }
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Length"] == str(len(body))


def test_file_is_streamed_in_pieces_under_asgi(
    ready: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ready.file is not None
    monkeypatch.setattr(downloads, "PIECE", 100)
    path = files.path_of(ready.file)
    answer = downloads.attachment(AsyncRequestFactory().get("/"), path, ready.file)
    assert isinstance(answer, StreamingHttpResponse)

    async def read() -> list[bytes]:
        return [piece async for piece in answer]

    pieces = asyncio.run(read())
    assert {len(piece) for piece in pieces[:-1]} == {100}
    assert b"".join(pieces) == path.read_bytes()


def test_file_of_a_colleague_or_stranger_is_absent(
    client: Client, ready: Export, mona: User, gus: User
) -> None:
    for user in (mona, gus):
        client.force_login(user, backend=MODEL_BACKEND)
        assert client.get(address(ready)).status_code == 404
        assert str(ready.id) not in client.get("/reports/downloads/").content.decode()


def test_file_asks_strangers_to_sign_in(client: Client, ready: Export) -> None:
    assert client.get(address(ready)).status_code == 302


def test_file_is_absent_once_the_role_is_lost(
    client: Client, ready: Export, rex: User, mona: User
) -> None:
    people.set_role(rex, "user", by=mona)
    client.force_login(rex, backend=MODEL_BACKEND)
    assert client.get(address(ready)).status_code == 404


def test_file_is_absent_once_expired(client: Client, ready: Export, rex: User) -> None:
    clock.shift(timedelta(days=30, seconds=1))
    client.force_login(rex, backend=MODEL_BACKEND)
    assert client.get(address(ready)).status_code == 404
    assert "<td>Expired</td>" in client.get("/reports/downloads/").content.decode()


def test_file_that_is_not_ready_or_never_was_is_absent(browser: Client, rex: User) -> None:
    assert browser.get(address(ask(rex))).status_code == 404
    assert browser.get(f"/reports/downloads/{new_id()}/file/").status_code == 404


def test_file_whose_bytes_are_gone_is_absent(browser: Client, ready: Export) -> None:
    assert ready.file is not None
    files.path_of(ready.file).unlink()
    assert browser.get(address(ready)).status_code == 404


def test_list_says_how_far_each_file_is(browser: Client, ready: Export, rex: User) -> None:
    page = browser.get("/reports/downloads/").content.decode()
    assert "Mar 1, 2025 to Mar 31, 2025" in page
    assert f'href="{address(ready)}"' in page
    assert "100 %" in page
    assert "hx-get" not in page
    pending = ask(rex)
    Export.objects.filter(id=pending.id).update(percent=40)
    page = browser.get("/reports/downloads/").content.decode()
    assert "<td>Pending</td>" in page
    assert "40 %" in page
    assert 'hx-get="/reports/downloads/" hx-trigger="every 2s"' in page


def test_list_tells_of_failure(browser: Client, rex: User) -> None:
    ask(rex)
    Export.objects.update(status="failed", error=exports.BROKEN)
    page = browser.get("/reports/downloads/").content.decode()
    assert "Failed: The file could not be made. Generate it again." in page


def test_list_is_a_fragment_for_htmx(browser: Client, ready: Export) -> None:
    page = browser.get("/reports/downloads/", headers={"HX-Request": "true"}).content.decode()
    assert page.strip().startswith('<div id="files"')
    assert "<html" not in page


def test_empty_list_says_what_it_is_for(browser: Client) -> None:
    page = browser.get("/reports/downloads/").content.decode()
    assert "Reports you generate stay here for 30 days." in page


def test_list_costs_the_same_for_1_and_30_files(browser: Client, ready: Export) -> None:
    with CaptureQueriesContext(connection) as one:
        browser.get("/reports/downloads/")
    for _ in range(29):
        Export.objects.bulk_create([Export(**_copy(ready))])
    with CaptureQueriesContext(connection) as thirty:
        browser.get("/reports/downloads/")
    assert len(one) == len(thirty)


def _copy(export: Export) -> dict[str, Any]:
    same = ("customer", "requested_by", "report", "status", "file", "requested_at", "until")
    return {name: getattr(export, name) for name in same}
