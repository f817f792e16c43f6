from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Customer, User
from tests.reporting import texts
from textengage.lib.scoping import within


@pytest.fixture(autouse=True)
def _ground(settings: Any, tmp_path: Path, db: None) -> None:
    settings.ROOT_URLCONF = "tests.reporting.urls"
    settings.MEDIA_ROOT = str(tmp_path)
    settings.STATIC_ROOT = str(tmp_path)


@pytest.fixture
def acme() -> Iterator[Customer]:
    customer = texts.customer("Acme")
    with within(customer):
        yield customer


@pytest.fixture
def globex() -> Customer:
    return texts.customer("Globex", time_zone="Europe/London")


@pytest.fixture
def rita(acme: Customer) -> User:
    return texts.person(acme, "Rita", "user")


@pytest.fixture
def rex(acme: Customer) -> User:
    return texts.person(acme, "Rex", "reporter")


@pytest.fixture
def mona(acme: Customer) -> User:
    return texts.person(acme, "Mona", "manager")


@pytest.fixture
def gus(globex: Customer) -> User:
    return texts.person(globex, "Gus", "reporter")


@pytest.fixture
def dana(acme: Customer) -> Any:
    return texts.candidate(acme)


@pytest.fixture
def stranger(globex: Customer) -> Any:
    """A candidate of Globex with a text in March, which could leak."""
    with within(globex):
        found = texts.candidate(globex, "Zelda", "Canary")
        texts.text(found, sender=texts.sender(globex, "+15105550199"))
    return found


@pytest.fixture
def browser(client: Client, rex: User) -> Client:
    """Rex's."""
    client.force_login(rex, backend="django.contrib.auth.backends.ModelBackend")
    return client
