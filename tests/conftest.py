"""The cast: Acme's Rita, Rex, Mona and Carla; Globex's Gus, the stranger; Dana and Omar."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from accounts.models import User
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation
from textengage import cast
from textengage.cast import Company
from textengage.lib.scoping import within

TOKEN = "the carrier's secret in tests"


@pytest.fixture
def acme(db: None) -> Company:
    return cast.acme(TOKEN)


@pytest.fixture
def globex(db: None) -> Company:
    return cast.globex(TOKEN)


@pytest.fixture
def in_acme(acme: Company) -> Iterator[Company]:
    """Acme in scope for the whole test, as in a request of one of its people."""
    with within(acme.customer):
        yield acme


@pytest.fixture
def rita(acme: Company) -> User:
    """A licensed recruiter with a number."""
    return acme.people["Rita"]


@pytest.fixture
def rex(acme: Company) -> User:
    return acme.people["Rex"]


@pytest.fixture
def mona(acme: Company) -> User:
    return acme.people["Mona"]


@pytest.fixture
def carla(acme: Company) -> User:
    return acme.people["Carla"]


@pytest.fixture
def gus(globex: Company) -> User:
    return globex.people["Gus"]


@pytest.fixture
def dana(acme: Company) -> Candidate:
    return cast.dana(acme)


@pytest.fixture
def omar(acme: Company) -> Candidate:
    return cast.omar(acme)


@pytest.fixture
def thread(acme: Company, dana: Candidate) -> Conversation:
    """Rita's thread with Dana, empty."""
    with within(acme.customer):
        return threads.open_with(dana, by=acme.people["Rita"])


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in
