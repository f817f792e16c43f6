import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Customer, User
from reporting.models import Export
from reporting.timeframes import TITLES
from tests.reporting import texts
from textengage.lib.ids import new_id
from textengage.lib.scoping import across_customers

PATHS = ("/reports/", "/reports/messages/", "/reports/downloads/")


def get(browser: Client, query: str = texts.IN_MARCH, status: int = 200) -> str:
    response = browser.get(f"/reports/messages/{query}")
    assert response.status_code == status
    return response.content.decode()


def body_rows(page: str) -> list[str]:
    """The first cells' candidates of the table of rows."""
    table = page.rpartition("<tbody>")[2]
    return re.findall(r"<tr>.*?</tr>", table, re.DOTALL) if "</thead>" in page else []


@pytest.mark.parametrize("path", PATHS)
def test_page_asks_strangers_to_sign_in(path: str, client: Client) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


@pytest.mark.parametrize("path", [*PATHS, "/reports/nothing/"])
def test_page_is_absent_for_a_user(path: str, client: Client, rita: User) -> None:
    client.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_page_is_there_for_a_manager(path: str, client: Client, mona: User) -> None:
    client.force_login(mona, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(path).status_code == 200


def test_generate_is_absent_for_a_user(client: Client, rita: User) -> None:
    client.force_login(rita, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/reports/messages/generate/", {"id": new_id()}).status_code == 404
    assert Export.objects.count() == 0


def test_unknown_report_is_absent(browser: Client) -> None:
    assert browser.get("/reports/nothing/").status_code == 404


def test_reports_lists_every_report(browser: Client) -> None:
    assert 'href="/reports/messages/"' in browser.get("/reports/").content.decode()


@pytest.mark.usefixtures("stranger")
def test_report_shows_own_rows_only(browser: Client, dana: Any) -> None:
    texts.text(dana)
    page = get(browser)
    assert len(body_rows(page)) == 1
    assert f'<a href="/candidates/{dana.id}/">Dana Kim</a>' in page
    assert "Mar 10, 2025, 2:30 PM" in page
    assert "Days and times in Eastern Time." in page
    assert "Canary" not in page
    assert "+15105550201" not in page


def test_figure_opens_its_rows(browser: Client, dana: Any) -> None:
    for state in ("delivered", "delivered", "canceled", "received"):
        texts.text(dana, state=state)
    page = get(browser)
    found = re.search(r'Delivered</th><td class="number"><a href="([^"]+)">(\d+)<', page)
    assert found is not None
    assert found[2] == "2"
    opened = get(browser, found[1].replace("&amp;", "&"))
    assert len(body_rows(opened)) == 2
    assert "2 texts, Mar 1, 2025 to Mar 31, 2025" in opened


@pytest.mark.parametrize(
    ("earlier", "sentence"),
    [
        (0, "1 more than in the 31 days before"),
        (1, "As many as in the 31 days before"),
        (3, "2 fewer than in the 31 days before"),
    ],
)
def test_card_says_how_it_moved(browser: Client, dana: Any, earlier: int, sentence: str) -> None:
    texts.text(dana, state="received")
    assert texts.MARCH.since is not None
    for day in range(1, earlier + 1):
        texts.text(dana, state="received", at=texts.MARCH.since.replace(month=2, day=day))
    assert sentence in get(browser)


def test_report_without_rows_says_so(browser: Client) -> None:
    page = get(browser)
    assert "Nothing happened between Mar 1, 2025 and Mar 31, 2025 (Eastern Time)." in page
    assert 'href="?timeframe=last-90-days">Last 90 Days</a>' in page
    assert "Generate Report" not in page
    assert "Nothing has happened yet." in get(browser, "?timeframe=all-time")


def test_filters_without_rows_say_so(browser: Client, dana: Any) -> None:
    texts.text(dana, state="received")
    page = get(browser, f"{texts.IN_MARCH}&direction=out")
    assert "No texts match between Mar 1, 2025 and Mar 31, 2025 (Eastern Time)." in page


@pytest.mark.parametrize("code", [*TITLES][:3])
def test_standing_timeframe_is_shown(code: str, browser: Client) -> None:
    assert f'<option value="{code}" selected>' in get(browser, f"?timeframe={code}")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?timeframe=custom", "A custom timeframe needs both days."),
        ("?timeframe=custom&first=2025-03-02&last=2025-03-01", "The last day is before the first."),
        ("?timeframe=custom&first=0001-01-01&last=9999-1-1", "Choose a day between 2000 and 2199."),
        ("?timeframe=custom&first=2190-01-01&last=2190-01-02", "This day is still to come."),
        ("?timeframe=custom&first=soon&last=2025-03-01", "Enter a valid date."),
        ("?timeframe=never", "Select a valid choice."),
        ("?state=nonsense", "Select a valid choice."),
        ("?after=%00", "Null characters are not allowed."),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(query: str, sentence: str, browser: Client) -> None:
    assert sentence in get(browser, query, status=400)


def test_name_is_text_and_nothing_else(browser: Client, customer: Customer) -> None:
    texts.text(texts.candidate(customer, "<script>alert(1)</script>", "&"), state="received")
    page = get(browser)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("after", ["1-2", f"{'9' * 40}-{'0' * 32}", "", "\U0001f469"])
def test_nonsense_of_a_page_is_the_first_page(after: str, browser: Client, dana: Any) -> None:
    texts.text(dana, state="received")
    assert len(body_rows(get(browser, f"{texts.IN_MARCH}&after={after}"))) == 1


def test_pages_follow_each_other(browser: Client, dana: Any) -> None:
    for _ in range(51):
        texts.text(dana, state="received")
    first = get(browser)
    assert len(body_rows(first)) == 50
    found = re.search(r'rel="next" href="([^"]+)"', first)
    assert found is not None
    second = get(browser, found[1].replace("&amp;", "&"))
    assert len(body_rows(second)) == 1
    assert 'rel="prev"' in second


def test_page_costs_the_same_for_1_and_30_rows(browser: Client, dana: Any) -> None:
    costs = []
    for number_of_texts in (1, 29):
        for _ in range(number_of_texts):
            texts.text(dana, state="received")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            get(browser)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_generate_asks_once_for_a_double_click(browser: Client, rex: User, dana: Any) -> None:
    texts.text(dana, state="received")
    page = get(browser, f"{texts.IN_MARCH}&direction=in")
    address = re.search(r'action="(/reports/messages/generate/[^"]+)"', page)
    id = re.search(r'name="id" value="([^"]+)"', page)
    assert address is not None
    assert id is not None
    for _ in range(2):
        response = browser.post(address[1].replace("&amp;", "&"), {"id": id[1]})
        assert (response.status_code, response["Location"]) == (302, "/reports/downloads/")
    export = Export.objects.get()
    assert (str(export.id), export.requested_by, export.filters) == (
        id[1],
        rex,
        {"direction": "in"},
    )
    assert (export.since, export.until) == (texts.MARCH.since, texts.MARCH.until)
    with across_customers():
        entries = AuditEntry.objects.filter(action="export.requested")
        assert [(entry.actor_id, entry.object_id) for entry in entries] == [(rex.id, export.id)]


def test_generate_refuses_nonsense(browser: Client) -> None:
    assert browser.post("/reports/messages/generate/", {"id": "x"}).status_code == 400
    query = "?timeframe=never"
    assert browser.post(f"/reports/messages/generate/{query}", {"id": new_id()}).status_code == 400
    assert browser.get("/reports/messages/generate/").status_code == 405
    assert Export.objects.count() == 0
