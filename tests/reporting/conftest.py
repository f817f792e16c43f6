from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer, User
from tests.reporting import texts
from textengage.cast import Company
from textengage.lib.scoping import within


@pytest.fixture(autouse=True)
def _ground(settings: Any, tmp_path: Path, in_acme: Company) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def customer(acme: Company) -> Customer:
    return acme.customer


@pytest.fixture
def stranger(globex: Company) -> Any:
    """A candidate of Globex with a text in March, which could leak."""
    with within(globex.customer):
        found = texts.candidate(globex.customer, "Zelda", "Canary")
        texts.text(found, sender=globex.sender)
    return found


@pytest.fixture
def browser(client: Client, rex: User) -> Client:
    """Rex's."""
    client.force_login(rex, backend="django.contrib.auth.backends.ModelBackend")
    return client
