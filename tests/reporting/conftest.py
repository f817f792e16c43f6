from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer, User
from tests.reporting import texts
from textengage.cast import Company
from textengage.lib.scoping import within


@pytest.fixture(autouse=True)
def _ground(
    settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, in_acme: Company
) -> None:
    settings.ROOT_URLCONF = "tests.reporting.urls"
    settings.MEDIA_ROOT = str(tmp_path)
    # WhiteNoise warns of a folder that is not there.
    settings.STATIC_ROOT = str(tmp_path_factory.mktemp("static"))


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
