from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from rest_framework.test import APIClient

from tests.api import Connected, connected, person

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def test_committed_document_is_the_apis(tmp_path: Path) -> None:
    """After a change: manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"""
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(fresh))
    assert fresh.read_text() == COMMITTED.read_text()


def test_document_names_every_operation_with_its_problems() -> None:
    paths = yaml.safe_load(COMMITTED.read_text())["paths"]
    names = {operation["operationId"] for path in paths.values() for operation in path.values()}
    assert names >= {"list_candidates", "add_candidate", "change_candidate", "get_candidate"}
    assert names >= {"list_messages", "send_message", "get_message", "get_balance"}
    answers = [operation["responses"] for path in paths.values() for operation in path.values()]
    assert all({"401", "403"} <= set(each) for each in answers)


@pytest.fixture
def acme(db: None) -> Connected:
    return connected()


def test_document_is_served_to_callers_of_the_api(acme: Connected) -> None:
    answer = acme.client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi"})
    assert answer.status_code == 200
    assert yaml.safe_load(answer.content) == yaml.safe_load(COMMITTED.read_text())
    assert APIClient().get("/api/schema/").status_code == 401


def test_docs_page_is_for_people_signed_in_and_loosens_styles_alone(acme: Connected) -> None:
    browser = APIClient()
    assert browser.get("/api/docs/").status_code == 302
    browser.force_login(person(acme.customer, "Rita"))
    page = browser.get("/api/docs/")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert b"cdn" not in page.content.lower()
    assert b'src="/static/' in page.content
    script = browser.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    other = browser.get("/api/v1/balance/")["Content-Security-Policy"]
    assert "unsafe-inline" not in other
